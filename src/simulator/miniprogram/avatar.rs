//! `account/modifyheadimage`: the avatar (头像), a square cut out of an uploaded picture. In force at once.
//!
//! developers.weixin.qq.com: 第三方平台 / 基础信息管理 / 修改头像. What is kept is re-encoded and lies at a new address
//! each time, so nobody can read back which picture it was.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::budget::Allowance;
use super::own::{own, own_mut};
use super::state::Profile;
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::media::{NoMedia, hexadecimal};

/// Largest picture.
const LARGEST: u64 = 2 << 20;
/// By the year, and where a switch says so by the month.
const BUDGETS: [Allowance; 2] = [Allowance::Avatar, Allowance::AvatarMonth];

/// `modifyheadimage`
pub(in crate::simulator) fn modify(call: &mut Call<'_>) -> Outcome {
    let Some(media_id) = call.text("head_img_media_id") else {
        return refuse(41006);
    };
    let (left, top) = (edge(call, "x1")?, edge(call, "y1")?);
    let (right, bottom) = (edge(call, "x2")?, edge(call, "y2")?);
    let picture = call.state.picture_of(&call.account, media_id, call.now);
    let picture = picture.map_err(|why| match why {
        NoMedia::Invalid => Refusal(40007),
        NoMedia::Gone => Refusal(46001),
    })?;
    if picture.size > LARGEST {
        return refuse(40009);
    }
    if right <= left || bottom <= top {
        return refuse(-1);
    }
    let source = picture.sha256.clone();
    let (now, switches) = (call.now, call.state.switches.clone());
    let account = own(call)?;
    if account.mini_program.locked.contains(&Profile::Avatar) {
        return refuse(53203);
    }
    let affords = |what: &Allowance| account.affords(*what, 1, now, &switches);
    if !BUDGETS.iter().all(affords) {
        return refuse(53202);
    }
    let account = own_mut(call)?;
    let before = account.head_img.as_deref().unwrap_or_default();
    let address = Sha256::digest(format!("{before} {source} {left} {top} {right} {bottom}"));
    let address = hexadecimal(&address);
    account.head_img = Some(format!("http://wx.qlogo.cn/mmhead/{address}/0"));
    account.mini_program.avatar_source = Some(source);
    for what in BUDGETS {
        account.spend(what, 1, now, &switches);
    }
    call.effect = true;
    Ok(ok())
}

/// A side of the box, 0 to 1: text by the page, a number by SDKs.
fn edge(call: &Call<'_>, name: &str) -> Result<f64, Refusal> {
    let given = match call.body.get(name) {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    given
        .filter(|side| (0.0..=1.0).contains(side))
        .ok_or(Refusal(40097))
}
