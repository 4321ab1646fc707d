//! Buttons and rules as a manifest writes them, for plans and for export.

use serde_json::{Map, Value, json};

use super::check_value::plainly;
use super::rule::Rule;
use super::spec::{ButtonSpec, ConditionalSpec, ConsoleButton, MenuSpec, plain_field};
use super::state::{Conditional, MenuState, normal, without_nulls};
use crate::wechat::menu::{Button, Does, read_partly};

/// The menus as a manifest would write them; `None` where a rule has a word that no manifest knows.
pub(super) fn exported(state: &MenuState) -> Option<MenuSpec> {
    let buttons = |buttons: &[Button]| -> Option<Vec<ButtonSpec>> {
        buttons
            .iter()
            .map(|button| serde_json::from_value(as_spec(button)).ok())
            .collect()
    };
    let conditional: Option<Vec<ConditionalSpec>> = state
        .conditional()
        .iter()
        .map(|menu| {
            Some(ConditionalSpec {
                rule: menu.rule.to_spec()?,
                buttons: buttons(&menu.buttons)?,
            })
        })
        .collect();
    Some(MenuSpec {
        buttons: buttons(&state.buttons)?,
        conditional: Some(conditional?).filter(|menus| !menus.is_empty()),
    })
}

/// A button as a manifest would write it.
pub(super) fn as_spec(button: &Button) -> Value {
    let (field, value) = does_as_spec(&button.does);
    Value::Object(Map::from_iter([
        ("name".to_owned(), json!(button.name)),
        (field.to_owned(), value),
    ]))
}

/// A conditional menu as a manifest would write it.
pub(super) fn conditional_as_spec(menu: &Conditional) -> Value {
    json!({
        "match": rule_as_spec(&menu.rule),
        "buttons": menu.buttons.iter().map(as_spec).collect::<Vec<_>>(),
    })
}

fn rule_as_spec(rule: &Rule) -> Value {
    match rule.to_spec() {
        Some(spec) => json!(spec),
        None => json!(rule.name()),
    }
}

/// What a button does, as a manifest would write it: the field and its value. What cannot be made through the API
/// stands under `console`.
pub(super) fn does_as_spec(does: &Does) -> (&'static str, Value) {
    if !plainly(does) {
        return ("console", json!(console(does)));
    }
    if let Does::Container(sub) = does {
        return ("subButtons", sub.iter().map(as_spec).collect());
    }
    if let Does::MiniProgram {
        url,
        appid,
        pagepath,
    } = does
    {
        let target = json!({"appId": appid, "page": pagepath, "fallbackUrl": url});
        return ("miniProgram", target);
    }
    let (field, text) = plain_field(does);
    (field, json!(text))
}

/// What a button does, in its wire fields.
fn console(does: &Does) -> ConsoleButton {
    let wire = Button {
        name: String::new(),
        does: does.clone(),
    };
    let wire = serde_json::to_value(&wire).ok().and_then(without_nulls);
    let Some(Value::Object(mut fields)) = wire else {
        return ConsoleButton::default();
    };
    fields.remove("name");
    let mut text = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        Some(other) => {
            fields.insert(name.to_owned(), other);
            None
        }
        None => None,
    };
    let (kind, value) = (text("type"), text("value"));
    // Written, a container without buttons is an empty list; in a manifest it is nothing.
    fields.retain(|name, value| name != "sub_button" || *value != json!([]));
    ConsoleButton {
        kind,
        value,
        fields,
    }
}

/// What a `console` button does; an error where its fields do not fit its type.
pub(super) fn read_console(console: &ConsoleButton) -> Result<Does, serde_json::Error> {
    let ConsoleButton {
        kind,
        value,
        fields,
    } = console;
    let mut wire = fields.clone();
    for (name, text) in [("type", kind), ("value", value)] {
        if let Some(text) = text {
            wire.insert(name.to_owned(), json!(text));
        }
    }
    let button = Button {
        name: String::new(),
        does: read_partly(&wire)?,
    };
    let does = normal(vec![button]).pop().map(|button| button.does);
    Ok(does.unwrap_or(Does::Container(Vec::new())))
}
