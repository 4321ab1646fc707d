//! Mini-programs linked to an official account: `/cgi-bin/wxopen/wxamp…`.
//!
//! developers.weixin.qq.com: 第三方平台 / 小程序关联. A request accepted is not a link: both administrators
//! confirm in WeChat (here `PATCH /_sim/accounts`), and no event says so.

use serde_json::{Value, json};

use super::account::{Account, Link};
use super::answer::{Outcome, Refusal, ok, refuse};
use super::endpoint::Call;
use super::quota;

const LINK: &str = "/cgi-bin/wxopen/wxamplink";
const LINKS_A_MONTH: u64 = 13;
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
    let found = account(call)?
        .links
        .iter()
        .find(|link| link.app_id == app_id);
    match found.map(|link| link.status) {
        Some(LINKED) => return refuse(89015),
        Some(2 | OFFICIAL_ACCOUNT_IS_ASKED) => return refuse(89010),
        Some(_) | None => {}
    }
    let own = call.account.clone();
    let pool = quota::counter(call.state, &own, LINK, quota::month(call.now));
    if pool.used >= LINKS_A_MONTH {
        return refuse(89030);
    }
    pool.used += 1;
    let links = &mut account_mut(call)?.links;
    links.retain(|link| link.app_id != app_id);
    links.push(Link {
        app_id,
        status: OFFICIAL_ACCOUNT_IS_ASKED,
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

/// The appid is missing while the app is not linked.
fn item(link: &Link, app: Option<&Account>) -> Value {
    let mut item = json!({
        "status": link.status,
        "username": app.map(Account::user_name).unwrap_or_default(),
        "source": "SOURCE_NORMAL",
        "nickname": app.map(|app| app.nick_name.as_str()).unwrap_or_default(),
        "selected": 1,
        "nearby_display_status": 0,
        "released": 1,
        "headimg_url": app.and_then(|app| app.head_img.as_deref()).unwrap_or_default(),
        "func_infos": [
            {"status": 1, "id": 1, "name": "微信认证"},
            {"status": 0, "id": 2, "name": "微信支付"},
        ],
        "email": "",
    });
    if let (LINKED, Some(fields)) = (link.status, item.as_object_mut()) {
        fields.insert("appid".to_owned(), Value::from(link.app_id.as_str()));
    }
    item
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
