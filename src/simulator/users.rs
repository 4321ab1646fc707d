//! Followers (用户管理): `user/get`, `user/info`, `user/info/batchget`. Users are part of the state.
//!
//! developers.weixin.qq.com: 公众号 / 用户管理. Since the end of 2021 names, pictures and places come empty or not at
//! all; a unionid is shown only while the account is bound to an open account.

use serde_json::{Value, json};

use super::account::{Account, User};
use super::answer::{Fields, Outcome, Refusal, fields, refuse};
use super::endpoint::Call;

/// Most users of one batch.
const BATCH: usize = 100;

/// `user/get`: no errcode on success. An empty page has no `data`.
pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let account = account(call)?;
    let after = call.parameter("next_openid").unwrap_or_default();
    if !after.is_empty() && account.user(after).is_none() {
        return refuse(40003);
    }
    let switches = &call.state.switches;
    let (page, is_last) = account.followers_after(after, switches.followers_page);
    let next = match page.last() {
        Some(last) if !is_last || switches.last_page_names_openid => last.clone(),
        Some(_) | None => String::new(),
    };
    let mut answer = fields([
        ("total", Value::from(account.count_followers())),
        ("count", Value::from(page.len())),
    ]);
    if !page.is_empty() {
        answer.insert("data".to_owned(), json!({"openid": page}));
    }
    answer.insert("next_openid".to_owned(), Value::from(next));
    Ok(answer)
}

/// `user/info`: no errcode on success.
pub(super) fn info(call: &mut Call<'_>) -> Outcome {
    let Some(openid) = call.parameter("openid") else {
        return refuse(41009);
    };
    shown(call, openid, call.parameter("lang"))
}

/// `user/info/batchget`
pub(super) fn batch(call: &mut Call<'_>) -> Outcome {
    let asked = call.body.get("user_list").and_then(Value::as_array);
    let asked = asked.ok_or(Refusal(40031))?;
    if !(1..=BATCH).contains(&asked.len()) {
        return refuse(40032);
    }
    let text = |one: &Value, key| one.get(key).and_then(Value::as_str).map(str::to_owned);
    let infos: Vec<Value> = asked
        .iter()
        .map(|one| {
            let openid = text(one, "openid").ok_or(Refusal(40031))?;
            shown(call, &openid, text(one, "lang").as_deref()).map(Value::Object)
        })
        .collect::<Result<_, _>>()?;
    Ok(fields([("user_info_list", Value::from(infos))]))
}

fn shown(call: &Call<'_>, openid: &str, language: Option<&str>) -> Result<Fields, Refusal> {
    let account = account(call)?;
    let user = account.user(openid).ok_or(Refusal(40003))?;
    if !user.subscribed {
        return Ok(fields([("subscribe", json!(0)), ("openid", json!(openid))]));
    }
    let mut info = following(openid, &user, language);
    if !call.state.switches.user_info_omits_names {
        for name in ["nickname", "headimgurl", "city", "province", "country"] {
            info.insert(name.to_owned(), json!(""));
        }
        info.insert("sex".to_owned(), json!(0));
    }
    if let Some(open_account) = &account.open_account {
        let unionid = format!("{open_account}-{openid}");
        info.insert("unionid".to_owned(), json!(unionid));
    }
    Ok(info)
}

fn following(openid: &str, user: &User, language: Option<&str>) -> Fields {
    let language = match user.language.as_str() {
        "" => language.unwrap_or("zh_CN"),
        known => known,
    };
    fields([
        ("subscribe", json!(1)),
        ("openid", json!(openid)),
        ("language", json!(language)),
        ("subscribe_time", json!(user.subscribe_time)),
        ("remark", json!(user.remark)),
        ("groupid", json!(user.tag_ids.first().unwrap_or(&0))),
        ("tagid_list", json!(user.tag_ids)),
        ("subscribe_scene", json!(user.subscribe_scene)),
        ("qr_scene", json!(0)),
        ("qr_scene_str", json!("")),
    ])
}

fn account<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    call.state.accounts.get(&call.account).ok_or(Refusal(61003))
}
