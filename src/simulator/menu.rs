//! Custom menus (自定义菜单) and the menu in force.
//!
//! developers.weixin.qq.com: 公众号 / 自定义菜单. `menu/get` shows only what was made through the API;
//! `get_current_selfmenu_info` shows what users see, whichever way it was made. A menu made through the API
//! takes the place of the owner's own.

use serde_json::{Value, json};

use super::account::{Account, Menu, Menus};
use super::answer::{Outcome, Refusal, fields, ok, refuse};
use super::credential;
use super::endpoint::Call;
use super::menu_rules;

/// `menu/create`: replaces the whole default menu.
pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let button = checked_buttons(call)?;
    let most = call.state.switches.default_menu_domains;
    if most.is_some_and(|most| menu_rules::domains(&button).len() > most) {
        return refuse(65316);
    }
    let menuid = call.state.take_menu_id();
    let opens = call.state.switches.menu_create_opens_menu;
    let menus = menus(call)?;
    menus.website_menu = None;
    menus.is_menu_open |= opens;
    menus.default = Some(Menu {
        button,
        menuid,
        matchrule: serde_json::Map::new(),
    });
    call.effect = true;
    Ok(ok())
}

/// `menu/get`: no errcode on success; menu ids are shown only beside conditional menus, and of those the newest
/// comes first.
pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let numbers = call.state.switches.numeric_matchrule;
    let menus = menus(call)?;
    let Some(default) = &menus.default else {
        return refuse(46003);
    };
    let button = with_empty_sub_buttons(&default.button);
    if menus.conditional.is_empty() {
        return Ok(fields([("menu", json!({"button": button}))]));
    }
    let conditional: Vec<Value> = menus
        .conditional
        .iter()
        .rev()
        .map(|menu| conditional_shape(menu, numbers))
        .collect();
    Ok(fields([
        ("menu", json!({"button": button, "menuid": default.menuid})),
        ("conditionalmenu", Value::from(conditional)),
    ]))
}

/// `menu/delete`: the default menu and every conditional one.
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let menus = menus(call)?;
    let had_one = menus.default.take().is_some();
    menus.conditional.clear();
    call.effect = had_one;
    Ok(ok())
}

/// `get_current_selfmenu_info`: ids of pictures and voices in the owner's own menu are temporary, so each read shows
/// others.
pub(super) fn in_force(call: &mut Call<'_>) -> Outcome {
    let temporary = call.state.switches.temporary_media_ids;
    let menus = menus(call)?;
    let button = match (&menus.website_menu, &menus.default) {
        (Some(own), _) if temporary => own.button.iter().map(with_temporary_ids).collect(),
        (Some(own), _) => own.button.clone(),
        (None, Some(default)) => default.button.iter().map(self_menu_shape).collect(),
        (None, None) => Vec::new(),
    };
    let open = menus.is_menu_open && !button.is_empty();
    Ok(fields([
        ("is_menu_open", Value::from(i64::from(open))),
        ("selfmenu_info", json!({"button": button})),
    ]))
}

/// The buttons of the body, if they keep every rule.
pub(super) fn checked_buttons(call: &Call<'_>) -> Result<Vec<Value>, Refusal> {
    let account = account(call)?;
    menu_rules::check(&call.body, account, &call.state.switches)
}

pub(super) fn account<'a>(call: &'a Call<'_>) -> Result<&'a Account, Refusal> {
    call.state.accounts.get(&call.account).ok_or(Refusal(61003))
}

pub(super) fn menus<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Menus, Refusal> {
    call.state
        .accounts
        .get_mut(&call.account)
        .map(|account| &mut account.menu)
        .ok_or(Refusal(61003))
}

/// `menu/get` puts an empty `sub_button` on every leaf.
fn with_empty_sub_buttons(buttons: &[Value]) -> Vec<Value> {
    buttons
        .iter()
        .map(|button| {
            let mut button = button.as_object().cloned().unwrap_or_default();
            let below = sub_buttons(&Value::Object(button.clone()));
            let below = Value::from(with_empty_sub_buttons(&below));
            button.insert("sub_button".to_owned(), below);
            Value::Object(button)
        })
        .collect()
}

/// A conditional menu as `menu/get` shows it: the tag goes by its old name. WeChat's samples have numbers as text
/// and as numbers.
fn conditional_shape(menu: &Menu, numbers: bool) -> Value {
    let shown = |value: &Value| match value.as_str().and_then(|text| text.parse::<i64>().ok()) {
        Some(number) if numbers => Value::from(number),
        Some(_) | None => value.clone(),
    };
    let rule: serde_json::Map<String, Value> = menu
        .matchrule
        .iter()
        .map(|(key, value)| match key.as_str() {
            "tag_id" => ("group_id".to_owned(), shown(value)),
            _ => (key.clone(), shown(value)),
        })
        .collect();
    json!({
        "button": with_empty_sub_buttons(&menu.button),
        "matchrule": rule,
        "menuid": menu.menuid,
    })
}

/// A button as `get_current_selfmenu_info` shows it: `sub_button` is an object with a list.
fn self_menu_shape(button: &Value) -> Value {
    let mut shaped = button.as_object().cloned().unwrap_or_default();
    shaped.remove("sub_button");
    let below: Vec<Value> = sub_buttons(button).iter().map(self_menu_shape).collect();
    if !below.is_empty() {
        shaped.insert("sub_button".to_owned(), json!({"list": below}));
    }
    Value::Object(shaped)
}

/// A button of the owner's own menu, with an id nobody has seen before where it shows a picture or plays a voice.
fn with_temporary_ids(button: &Value) -> Value {
    let mut shown = button.clone();
    if let Some(below) = shown
        .pointer_mut("/sub_button/list")
        .and_then(Value::as_array_mut)
    {
        for button in below {
            *button = with_temporary_ids(button);
        }
    }
    let kind = button.get("type").and_then(Value::as_str);
    if matches!(kind, Some("img" | "photo" | "voice"))
        && let Some(value) = shown.get_mut("value")
    {
        *value = Value::from(credential::new_media_id());
    }
    shown
}

pub(super) fn sub_buttons(button: &Value) -> Vec<Value> {
    button
        .get("sub_button")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}
