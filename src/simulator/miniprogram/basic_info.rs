//! `account/getaccountbasicinfo`: name, avatar, introduction and how often each may still be changed.
//!
//! developers.weixin.qq.com: 第三方平台 / 基础信息管理 / 获取基本信息. The page says POST without a body, published
//! SDKs ask with GET; both are taken, and of official accounts as well.

use serde_json::{Value, json};

use super::budget::Allowance;
use super::own::own;
use crate::simulator::account::{Account, Kind};
use crate::simulator::answer::{Fields, Outcome, fields, ok};
use crate::simulator::endpoint::Call;

/// `getaccountbasicinfo`
pub(in crate::simulator) fn get(call: &mut Call<'_>) -> Outcome {
    let account = own(call)?;
    let info = &account.basic_info;
    let head_image = account.head_img.as_deref().unwrap_or_default();
    let mut answer = ok();
    answer.extend(fields([
        ("appid", json!(account.app_id)),
        ("account_type", json!(account_type(account))),
        ("principal_type", json!(info.principal_type)),
        ("principal_name", json!(account.principal_name)),
        ("credential", json!(info.credential)),
        ("customer_type", json!(info.customer_type)),
        ("realname_status", json!(info.realname_status)),
        ("registered_country", json!(info.registered_country)),
        ("nickname", json!(account.nick_name)),
        ("wx_verify_info", verify_info(account)),
    ]));
    let spent = match call.state.switches.basic_info_says_used_count {
        true => "used_count",
        false => "modify_used_count",
    };
    let parts = [
        ("signature", &*account.signature, Allowance::Signature),
        ("head_image", head_image, Allowance::Avatar),
        ("nickname", &*account.nick_name, Allowance::Name),
    ];
    for (part, value, what) in parts {
        let field = if part == "head_image" {
            "head_image_url"
        } else {
            part
        };
        let quota = account.allowed(what, &call.state.switches).unwrap_or(0);
        let shown = fields([
            (field, json!(value)),
            (spent, json!(used(call, account, what, quota))),
            ("modify_quota", json!(quota)),
        ]);
        answer.insert(format!("{part}_info"), Value::Object(shown));
    }
    Ok(answer)
}

/// Of an organisation that has released, the name reads as used up.
fn used(call: &Call<'_>, account: &Account, what: Allowance, quota: u64) -> u64 {
    let is_organisation = account.basic_info.principal_type != 0;
    let named_for_good = account.mini_program.released && is_organisation;
    if what == Allowance::Name && named_for_good {
        return quota;
    }
    account.spent(what, call.now, &call.state.switches)
}

fn account_type(account: &Account) -> i64 {
    match (account.kind, account.service_type()) {
        (Kind::MiniProgram, _) => 3,
        (Kind::OfficialAccount, 2) => 2,
        (Kind::OfficialAccount, _) => 1,
    }
}

/// `verify_type_info.id` in other words; the yearly review is there only for who is verified.
fn verify_info(account: &Account) -> Value {
    let qualified = account.verify_type >= 0;
    let mut info: Fields = fields([
        ("qualification_verify", json!(qualified)),
        ("naming_verify", json!(matches!(account.verify_type, 0..=2))),
    ]);
    if qualified {
        info.extend(fields([
            ("annual_review", json!(false)),
            ("annual_review_begin_time", json!(1_790_000_000)),
            ("annual_review_end_time", json!(1_797_000_000)),
        ]));
    }
    info.extend(account.basic_info.wx_verify_info.clone());
    Value::Object(info)
}
