//! Mini-programs linked to an official account: `/cgi-bin/wxopen/wxamp…`.
//!
//! developers.weixin.qq.com: 第三方平台 / 小程序关联. A request accepted is not a link: both administrators
//! confirm in WeChat (here `PATCH /_sim/accounts`), the official account's first, and no event says so.

use serde_json::{Value, json};

use super::account::{self, Account, Kind, Link};
use super::answer::{Outcome, Refusal, ok, refuse};
use super::endpoint::Call;
use super::quota;

/// New links a month to mini-programs of the same entity, where they are counted, and the answer to one more.
const SAME_ENTITY: (&str, u64, i64) = ("/cgi-bin/wxopen/wxamplink#same", 10, 89016);
/// The same for mini-programs of other entities: thirteen a month in all.
const OTHER_ENTITY: (&str, u64, i64) = ("/cgi-bin/wxopen/wxamplink#other", 3, 89017);
const LINKED: i64 = 1;
const OFFICIAL_ACCOUNT_IS_ASKED: i64 = 12;

/// `wxamplinkget`
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let items: Vec<Value> = account(call)?
        .links
        .iter()
        .map(|link| item(link, call.state.accounts.get(&link.app_id)))
        .collect();
    let mut answer = ok();
    answer.insert("wxopens".to_owned(), json!({"items": items}));
    Ok(answer)
}

/// `wxamplink`: asks the administrators.
pub(super) fn link(call: &mut Call<'_>) -> Outcome {
    let Some(app_id) = call.text("appid").map(str::to_owned) else {
        return refuse(40013);
    };
    let app = call.state.accounts.get(&app_id);
    let Some(app) = app.filter(|app| app.kind == Kind::MiniProgram) else {
        return refuse(40013);
    };
    let own = account(call)?;
    let (pool, limit, code) = if app.principal_name == own.principal_name {
        SAME_ENTITY
    } else {
        OTHER_ENTITY
    };
    let banned = app.is_out_of_use();
    let found = own.links.iter().find(|link| link.app_id == app_id);
    match found.map(|link| link.status) {
        Some(LINKED) => return refuse(89015),
        Some(2 | OFFICIAL_ACCOUNT_IS_ASKED) => return refuse(89010),
        Some(_) | None => {}
    }
    if banned {
        return refuse(89013);
    }
    let (own, shown) = (call.account.clone(), shows_profile(call));
    let pool = quota::counter(call.state, &own, pool, quota::month(call.now));
    if pool.used >= limit {
        return refuse(code);
    }
    pool.used += 1;
    let links = &mut account_mut(call)?.links;
    links.retain(|link| link.app_id != app_id);
    links.push(Link {
        app_id,
        status: OFFICIAL_ACCOUNT_IS_ASKED,
        shown,
    });
    call.effect = true;
    Ok(ok())
}

/// `wxampunlink`
pub(super) fn unlink(call: &mut Call<'_>) -> Outcome {
    let Some(app_id) = call.text("appid").map(str::to_owned) else {
        return refuse(40013);
    };
    let links = &mut account_mut(call)?.links;
    let before = links.len();
    links.retain(|link| link.app_id != app_id);
    if links.len() == before {
        return refuse(85005);
    }
    call.effect = true;
    Ok(ok())
}

/// What is shown of a link: the appid and much else is missing while the app is not linked.
fn item(link: &Link, app: Option<&Account>) -> Value {
    let user_name = match app {
        Some(app) => app.user_name(),
        None => account::user_name_of(&link.app_id),
    };
    let nick_name = app.map(|app| app.nick_name.as_str()).unwrap_or_default();
    let head_img = app.and_then(|app| app.head_img.as_deref());
    let head_img = head_img.unwrap_or_default();
    if link.status != LINKED {
        return json!({
            "status": link.status,
            "username": user_name,
            "source": "SOURCE_NORMAL",
            "headimg_url": head_img,
            "func_infos": [],
            "nickname": nick_name,
        });
    }
    let verified = app.is_none_or(|app| app.verify_type >= 0);
    json!({
        "status": link.status,
        "username": user_name,
        "appid": link.app_id,
        "source": "SOURCE_NORMAL",
        "nickname": nick_name,
        "selected": i64::from(link.shown),
        "nearby_display_status": 0,
        "released": 1,
        "headimg_url": head_img,
        "func_infos": [
            {"status": i64::from(verified), "id": 1, "name": "微信认证"},
            {"status": 0, "id": 2, "name": "微信支付"},
        ],
        "email": "",
    })
}

/// `show_profile`, as text or as a number; absent: yes.
fn shows_profile(call: &Call<'_>) -> bool {
    match call.body.get("show_profile") {
        Some(Value::String(text)) => text != "0",
        Some(Value::Number(number)) => number.as_u64() != Some(0),
        Some(Value::Bool(shown)) => *shown,
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => true,
    }
}

fn account<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    call.state.accounts.get(&call.account).ok_or(Refusal(61003))
}

fn account_mut<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Account, Refusal> {
    call.state
        .accounts
        .get_mut(&call.account)
        .ok_or(Refusal(61003))
}
