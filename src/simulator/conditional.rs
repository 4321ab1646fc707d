//! Conditional menus (个性化菜单): `menu/addconditional`, `menu/delconditional`, `menu/trymatch`.
//!
//! developers.weixin.qq.com: 公众号 / 个性化菜单. There is no update: delete and add. The newest that matches
//! wins. Ids leave as text here (or as numbers: a switch) and as numbers in `menu/get`; either comes in.

use serde_json::{Map, Value, json};

use super::account::{Menu, User};
use super::answer::{Outcome, Refusal, fields, ok, refuse};
use super::endpoint::Call;
use super::menu::{account, checked_buttons, menus};
use super::menu_rules;
use super::switches::Switches;

/// Rules WeChat withdrew for privacy.
const REFUSED_RULES: &[&str] = &["sex", "country", "province", "city"];
const RULES: &[&str] = &["tag_id", "group_id", "client_platform_type", "language"];

/// `menu/addconditional`
pub(super) fn add(call: &mut Call<'_>) -> Outcome {
    let matchrule = rule(&call.body, &call.state.switches)?;
    let button = checked_buttons(call)?;
    let menu = &account(call)?.menu;
    if menu.default.is_none() {
        return refuse(65303);
    }
    let buttons = menu.conditional.iter().flat_map(|menu| &menu.button);
    let together: Vec<Value> = buttons.chain(&button).cloned().collect();
    if menu_rules::domains(&together).len() > menu_rules::CONDITIONAL_DOMAINS {
        return refuse(65316);
    }
    let most = call.state.switches.max_conditional_menus;
    if most.is_some_and(|most| menu.conditional.len() >= most) {
        return refuse(65305);
    }
    let menuid = call.state.take_menu_id();
    menus(call)?.conditional.push(Menu {
        button,
        menuid,
        matchrule,
    });
    call.effect = true;
    let menuid = if call.state.switches.numeric_menuid {
        Value::from(menuid)
    } else {
        Value::from(menuid.to_string())
    };
    Ok(fields([("menuid", menuid)]))
}

/// `menu/delconditional`
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let menuid = match call.body.get("menuid") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    let conditional = &mut menus(call)?.conditional;
    let before = conditional.len();
    conditional.retain(|menu| Some(menu.menuid) != menuid);
    if conditional.len() == before {
        return refuse(65301);
    }
    call.effect = true;
    Ok(ok())
}

/// `menu/trymatch`: which menu one user sees. Users are part of the state.
pub(super) fn try_match(call: &mut Call<'_>) -> Outcome {
    let account = account(call)?;
    let user = call
        .text("user_id")
        .and_then(|openid| account.users.get(openid));
    let Some(user) = user else {
        return refuse(65302);
    };
    if !user.subscribed {
        return refuse(65315);
    }
    let matching = account
        .menu
        .conditional
        .iter()
        .rev()
        .find(|menu| matches(&menu.matchrule, user));
    let Some(menu) = matching.or(account.menu.default.as_ref()) else {
        return refuse(46003);
    };
    let button = json!(menu.button);
    if call.state.switches.trymatch_wraps_menu {
        return Ok(fields([("menu", json!({"button": button}))]));
    }
    Ok(fields([("button", button)]))
}

/// The match rule, emptied of what is empty or means nothing.
fn rule(body: &Map<String, Value>, switches: &Switches) -> Result<Map<String, Value>, Refusal> {
    let given = body
        .get("matchrule")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let mut filled: Map<String, Value> = given
        .into_iter()
        .filter(|(_, value)| !text(value).is_empty())
        .collect();
    let refused = filled.keys().any(|key| {
        REFUSED_RULES.contains(&key.as_str())
            || (switches.refuse_language_rule && key == "language")
    });
    if refused {
        return refuse(65320);
    }
    filled.retain(|key, _| RULES.contains(&key.as_str()));
    if filled.is_empty() {
        return refuse(65304);
    }
    Ok(filled)
}

fn matches(rule: &Map<String, Value>, user: &User) -> bool {
    rule.iter().all(|(key, value)| match key.as_str() {
        "client_platform_type" => text(value) == user.client_platform_type,
        "language" => text(value) == user.language,
        "tag_id" | "group_id" => user
            .tag_ids
            .iter()
            .any(|tag| tag.to_string() == text(value)),
        _ => true,
    })
}

/// A value that may come as text or as a number.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    }
}
