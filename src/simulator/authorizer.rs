//! Accounts as their platform sees them: `api_get_authorizer_info` and `api_get_authorizer_list`.
//!
//! developers.weixin.qq.com: 第三方平台 / 授权账号管理. Answers carry no errcode; the list calls a refresh
//! token `refresh_token` where the rest of the family says `authorizer_refresh_token`.

use serde_json::{Value, json};

use super::account::{Account, Kind};
use super::answer::{Outcome, fields, refuse};
use super::endpoint::Call;
use super::miniprogram::category_lists;
use super::state::{Authorization, State};

/// Most entries one page of the list may hold.
const MAX_PAGE: i64 = 500;

/// `api_get_authorizer_info`
pub(super) fn info(call: &mut Call<'_>) -> Outcome {
    call.own_platform()?;
    let Some(app_id) = call.text("authorizer_appid") else {
        return refuse(41002);
    };
    let authorization = call.state.authorization(&call.platform, app_id);
    let (Some(authorization), Some(account)) = (authorization, call.state.accounts.get(app_id))
    else {
        return refuse(61003);
    };
    Ok(fields([
        ("authorizer_info", authorizer_info(call.state, account)),
        (
            "authorization_info",
            json!({
                "authorizer_appid": account.app_id,
                "authorizer_refresh_token": authorization.refresh_token,
                "func_info": func_info(authorization),
            }),
        ),
    ]))
}

/// `api_get_authorizer_list`
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    call.own_platform()?;
    let number = |key| call.body.get(key).and_then(Value::as_i64);
    let (Some(offset), Some(count)) = (number("offset"), number("count")) else {
        return refuse(40097);
    };
    if offset < 0 || !(1..=MAX_PAGE).contains(&count) {
        return refuse(40097);
    }
    let omit_refresh = call.state.switches.list_omits_refresh_token;
    let all = call.state.switches.list_has_unexchanged;
    let mine =
        |found: &&Authorization| found.platform == call.platform && (all || !found.unexchanged);
    let of_platform = || call.state.authorizations.values().filter(mine);
    let page: Vec<Value> = of_platform()
        .skip(usize::try_from(offset).unwrap_or(usize::MAX))
        .take(usize::try_from(count).unwrap_or(0))
        .map(|authorization| list_entry(authorization, omit_refresh))
        .collect();
    Ok(fields([
        ("total_count", Value::from(of_platform().count())),
        ("list", Value::from(page)),
    ]))
}

fn list_entry(authorization: &Authorization, omit_refresh: bool) -> Value {
    let mut entry = fields([
        (
            "authorizer_appid",
            Value::from(authorization.account.as_str()),
        ),
        (
            "auth_time",
            Value::from(authorization.auth_time.as_second()),
        ),
    ]);
    if !omit_refresh {
        let refresh = Value::from(authorization.refresh_token.as_str());
        entry.insert("refresh_token".to_owned(), refresh);
    }
    Value::Object(entry)
}

/// The granted sets in WeChat's nesting.
pub(super) fn func_info(authorization: &Authorization) -> Value {
    authorization
        .permission_sets
        .iter()
        .map(|id| json!({"funcscope_category": {"id": id}}))
        .collect()
}

/// `authorizer_info`. The presence of `MiniProgramInfo` is all that tells the two kinds apart.
fn authorizer_info(state: &State, account: &Account) -> Value {
    let mut info = fields([
        ("nick_name", json!(account.nick_name)),
        ("service_type_info", json!({"id": account.service_type()})),
        ("verify_type_info", json!({"id": account.verify_type})),
        ("user_name", json!(account.user_name())),
        ("alias", json!(account.alias)),
        (
            "qrcode_url",
            json!(format!("http://mmbiz.qpic.cn/mmbiz/{}/0", account.app_id)),
        ),
        ("principal_name", json!(account.principal_name)),
        (
            "business_info",
            json!({"open_pay": 0, "open_shake": 0, "open_scan": 0, "open_card": 0, "open_store": 0}),
        ),
        ("idc", json!(1)),
        ("account_status", json!(account.account_status)),
    ]);
    if let Some(head_img) = &account.head_img {
        info.insert("head_img".to_owned(), json!(head_img));
    }
    if account.kind == Kind::MiniProgram {
        info.insert("signature".to_owned(), json!(account.signature));
        info.insert(
            "register_type".to_owned(),
            json!(account.register_type.unwrap_or(0)),
        );
        info.insert(
            "basic_config".to_owned(),
            json!({"is_phone_configured": true, "is_email_configured": true}),
        );
        info.insert(
            "MiniProgramInfo".to_owned(),
            mini_program_info(state, account),
        );
    }
    Value::Object(info)
}

/// What the state file gives, over empty domain lists.
fn mini_program_info(state: &State, account: &Account) -> Value {
    let mut info = fields([
        (
            "network",
            json!({
                "RequestDomain": [], "WsRequestDomain": [], "UploadDomain": [], "DownloadDomain": [],
                "BizDomain": [], "UDPDomain": [], "TCPDomain": [],
            }),
        ),
        ("categories", json!(category_lists::names(state, account))),
        ("visit_status", json!(0)),
    ]);
    info.extend(account.mini_program_info.clone());
    Value::Object(info)
}
