//! `account/modifysignature`: the introduction (介绍). It is in force at once; nobody reviews it.
//!
//! developers.weixin.qq.com: 第三方平台 / 基础信息管理 / 设置小程序介绍.

use serde_json::Value;

use super::budget::Allowance;
use super::own::{own, own_mut};
use super::state::Profile;
use crate::simulator::answer::{Outcome, ok, refuse};
use crate::simulator::endpoint::Call;

/// What an introduction that is none is answered, escaped and badly encoded ones included.
pub(in crate::simulator) const INVALID: i64 = 53204;

/// `modifysignature`
pub(in crate::simulator) fn modify(call: &mut Call<'_>) -> Outcome {
    let Some(signature) = call.body.get("signature").and_then(Value::as_str) else {
        return refuse(40097);
    };
    let signature = signature.to_owned();
    if !is_valid(&signature) {
        return refuse(INVALID);
    }
    if call.state.has_banned_word(&signature) {
        return refuse(53201);
    }
    let (now, switches) = (call.now, call.state.switches.clone());
    let account = own(call)?;
    if account.mini_program.locked.contains(&Profile::Signature) {
        return refuse(53203);
    }
    if !account.affords(Allowance::Signature, 1, now, &switches) {
        return refuse(53200);
    }
    let account = own_mut(call)?;
    account.signature = signature;
    account.spend(Allowance::Signature, 1, now, &switches);
    call.effect = true;
    Ok(ok())
}

/// 4 to 120 characters, at least 4 of them Chinese.
fn is_valid(signature: &str) -> bool {
    let chinese = signature.chars().filter(|letter| is_chinese(*letter));
    (4..=120).contains(&signature.chars().count()) && chinese.count() >= 4
}

/// A 汉字.
pub(super) fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}
