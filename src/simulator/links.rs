//! Mini-programs linked to an official account: `/cgi-bin/wxopen/wxamp…`.
//!
//! developers.weixin.qq.com: 第三方平台 / 小程序关联. A request accepted is not a link: both administrators
//! confirm in WeChat (here `POST /_sim/links`), the official account's first, and no event says so.

use serde_json::{Value, json};

use super::account::{self, Account, Kind, Link};
use super::answer::{Outcome, Refusal, ok, refuse};
use super::endpoint::Call;
use super::quota;

/// New links of a month.
#[derive(Clone, Copy)]
struct Pool {
    /// Where they are counted.
    path: &'static str,
    limit: u64,
    /// The answer to one more.
    used_up: i64,
}

/// To mini-programs of the same entity.
const SAME_ENTITY: Pool = Pool {
    path: "/cgi-bin/wxopen/wxamplink#same",
    limit: 10,
    used_up: 89016,
};
/// To those of other entities: thirteen a month in all.
const OTHER_ENTITY: Pool = Pool {
    path: "/cgi-bin/wxopen/wxamplink#other",
    limit: 3,
    used_up: 89017,
};
/// Where linking and unlinking are counted together.
const OPERATIONS: &str = "/cgi-bin/wxopen/wxamplink#operations";
/// `registered_country` of China's mainland.
const MAINLAND: i64 = 1017;
const LINKED: i64 = 1;
const MINI_PROGRAM_IS_ASKED: i64 = 2;
const REFUSED: i64 = 3;
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
    let pool = admitted(call, &app_id)?;
    let shown = shows_profile(call);
    spend(call, pool)?;
    let status = if call.state.switches.link_asks_official_account {
        OFFICIAL_ACCOUNT_IS_ASKED
    } else {
        MINI_PROGRAM_IS_ASKED
    };
    let links = &mut account_mut(call)?.links;
    links.retain(|link| link.app_id != app_id);
    links.push(Link {
        app_id,
        status,
        shown,
        unlink_asked: false,
    });
    call.effect = true;
    Ok(ok())
}

/// Which pool a new link comes out of, if there may be one.
fn admitted(call: &Call<'_>, app_id: &str) -> Result<Pool, Refusal> {
    let (state, own) = (&call.state, account(call)?);
    let app = state.accounts.get(app_id);
    let Some(app) = app.filter(|app| app.kind == Kind::MiniProgram) else {
        return refuse(40013);
    };
    let found = own.links.iter().find(|link| link.app_id == app_id);
    match found.map(|link| link.status) {
        Some(LINKED) => return refuse(89015),
        Some(MINI_PROGRAM_IS_ASKED | OFFICIAL_ACCOUNT_IS_ASKED) => return refuse(89010),
        Some(_) | None => {}
    }
    let is_overseas = |one: &Account| one.basic_info.registered_country != MAINLAND;
    if is_overseas(own) || is_overseas(app) {
        return refuse(89008);
    }
    if app.is_out_of_use() {
        return refuse(89013);
    }
    if app.mini_program.link_forbidden {
        return refuse(89245);
    }
    let linked = state.accounts.values();
    let linked = linked.filter(|one| one.is_linked_to(app_id)).count();
    if app.mini_program.max_links.is_some_and(|max| linked >= max) {
        return refuse(89009);
    }
    Ok(if app.principal_name == own.principal_name {
        SAME_ENTITY
    } else {
        let used_up = state.switches.other_entity_links_used_up;
        Pool {
            used_up,
            ..OTHER_ENTITY
        }
    })
}

/// Takes one out of a pool of the month, and one of all operations where these are limited.
fn spend(call: &mut Call<'_>, pool: Pool) -> Result<(), Refusal> {
    let month = quota::rolling_month(call.now, &call.state.switches);
    let own = call.account.clone();
    let counter = quota::counter(call.state, &own, pool.path, month);
    if counter.used >= pool.limit {
        return refuse(pool.used_up);
    }
    spend_operation(call)?;
    let month = quota::rolling_month(call.now, &call.state.switches);
    quota::counter(call.state, &own, pool.path, month).used += 1;
    Ok(())
}

fn spend_operation(call: &mut Call<'_>) -> Result<(), Refusal> {
    let Some(limit) = call.state.switches.link_operations_a_month else {
        return Ok(());
    };
    let month = quota::rolling_month(call.now, &call.state.switches);
    let counter = quota::counter(call.state, &call.account, OPERATIONS, month);
    if counter.used >= limit {
        return refuse(89030);
    }
    counter.used += 1;
    Ok(())
}

/// `wxampunlink`
pub(super) fn unlink(call: &mut Call<'_>) -> Outcome {
    let Some(app_id) = call.text("appid").map(str::to_owned) else {
        return refuse(40013);
    };
    let links = &account(call)?.links;
    let Some(link) = links.iter().find(|link| link.app_id == app_id) else {
        return refuse(85005);
    };
    if link.unlink_asked {
        return refuse(89018);
    }
    if let Some(app) = call.state.accounts.get(&app_id) {
        if app.mini_program.nearby {
            return refuse(89011);
        }
        if matches!(app.service_type(), 2 | 3 | 10) {
            return refuse(89012);
        }
    }
    let is_asked = call.state.switches.unlink_is_confirmed && link.status == LINKED;
    spend_operation(call)?;
    let links = &mut account_mut(call)?.links;
    if is_asked {
        for link in links.iter_mut().filter(|link| link.app_id == app_id) {
            link.unlink_asked = true;
        }
    } else {
        links.retain(|link| link.app_id != app_id);
    }
    call.effect = true;
    Ok(ok())
}

impl Account {
    /// The administrator whose turn it is answers: first the official account's, then the mini-program's. What is
    /// left of the link; none: nothing.
    pub(super) fn answer_link(
        &mut self,
        app_id: &str,
        agree: bool,
    ) -> Result<Option<Link>, &'static str> {
        let links = &mut self.links;
        let place = links.iter().position(|link| link.app_id == app_id);
        let link = place.and_then(|place| links.get_mut(place));
        let (Some(place), Some(link)) = (place, link) else {
            return Err("there is no such link");
        };
        let keeps = match (link.status, link.unlink_asked) {
            (LINKED, true) => !agree,
            (OFFICIAL_ACCOUNT_IS_ASKED, _) => agree,
            (MINI_PROGRAM_IS_ASKED, _) => true,
            _ => return Err("nobody is asked"),
        };
        if !keeps {
            links.remove(place);
            return Ok(None);
        }
        link.unlink_asked = false;
        link.status = match (link.status, agree) {
            (OFFICIAL_ACCOUNT_IS_ASKED, _) => MINI_PROGRAM_IS_ASKED,
            (MINI_PROGRAM_IS_ASKED, false) => REFUSED,
            _ => LINKED,
        };
        Ok(Some(link.clone()))
    }
}

/// What is shown of a link: the appid and much else is missing while the app is not linked.
fn item(link: &Link, app: Option<&Account>) -> Value {
    let user_name = match app {
        Some(app) => app.user_name(),
        None => account::user_name_of(&link.app_id),
    };
    // Who has no name yet goes by the original id.
    let nick_name = match app.map(|app| app.nick_name.as_str()) {
        Some(name) if !name.is_empty() => name,
        _ => &user_name,
    };
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
        "released": i64::from(app.is_none_or(|app| app.mini_program.released)),
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
