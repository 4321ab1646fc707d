//! Limits of a menu, checked offline so that WeChat never has to refuse one
//! (developers.weixin.qq.com, createCustomMenu).

use std::collections::BTreeSet;

use super::check_value::{check_mini_program, check_value, plainly};
use super::spec::{
    ButtonSpec, ConsoleButton, FIRST_LEVEL, MenuSpec, SECOND_LEVEL, SECOND_NAME_BYTES,
};
use super::write::{does_as_spec, read_console};
use crate::plan::diagnostic::{Diagnostic, Diagnostics, On, Severity};
use crate::plan::path::SpecPath;

/// 40018
const FIRST_NAME_BYTES: usize = 16;
/// 65316: what all conditional menus of an account may lead to together. WeChat's page on the default menu names no
/// such limit, and its list of codes says "the account's menu" without saying which: there it is a warning.
pub(super) const DOMAINS: usize = 3;

/// The level a button stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    First,
    Second,
}

/// Checks the default menu.
pub(super) fn check(spec: &MenuSpec, path: &SpecPath, found: &mut Diagnostics) {
    let buttons = path.field("buttons");
    let domains = check_buttons(&spec.buttons, &buttons, found);
    if domains.len() > DOMAINS {
        warn_of_domains(&domains, buttons, found);
    }
}

fn warn_of_domains(domains: &BTreeSet<String>, path: SpecPath, found: &mut Diagnostics) {
    found.push(Diagnostic {
        code: "WX1208",
        severity: Severity::Warning,
        path,
        on: On::Value,
        message: format!(
            "the default menu leads to {} domains: {}",
            domains.len(),
            listed(domains)
        ),
        label: format!("more than {DOMAINS}"),
        help: Some(format!(
            "WeChat names a limit of {DOMAINS} for conditional menus only; should it refuse this one, with 65316, lead to fewer"
        )),
        related: Vec::new(),
    });
}

/// Domains as a person reads them.
pub(super) fn listed(domains: &BTreeSet<String>) -> String {
    let names: Vec<&str> = domains.iter().map(String::as_str).collect();
    names.join(", ")
}

/// Checks one menu; answers the domains it leads to.
pub(super) fn check_buttons(
    list: &[ButtonSpec],
    buttons: &SpecPath,
    found: &mut Diagnostics,
) -> BTreeSet<String> {
    if list.len() > FIRST_LEVEL {
        found.error(
            "WX1201",
            buttons.clone(),
            format!(
                "a menu has at most {FIRST_LEVEL} buttons on the first level, this one has {}",
                list.len()
            ),
            "too many buttons",
            Some("move some into `subButtons`, where up to 5 fit"),
        );
    }
    let mut domains = BTreeSet::new();
    for (index, button) in list.iter().enumerate() {
        check_button(
            button,
            &buttons.index(index),
            Level::First,
            &mut domains,
            found,
        );
    }
    domains
}

fn check_button(
    button: &ButtonSpec,
    path: &SpecPath,
    level: Level,
    domains: &mut BTreeSet<String>,
    found: &mut Diagnostics,
) {
    check_name(&button.name, &path.field("name"), level, found);
    let choices = button.choices();
    if choices.len() != 1 {
        let (message, label) = if choices.is_empty() {
            (
                "a menu button must do something",
                "this one names nothing".to_owned(),
            )
        } else {
            (
                "a menu button does exactly one thing",
                format!("this one names {}", choices.join(" and ")),
            )
        };
        found.error(
            "WX1202",
            path.clone(),
            message,
            label,
            Some("give exactly one of subButtons, view, click, miniProgram, mediaId, articleId, …"),
        );
    }
    for does in button.plain() {
        check_value(&does, path, domains, found);
    }
    if let Some(target) = &button.mini_program {
        check_mini_program(target, &path.field("miniProgram"), domains, found);
    }
    if let Some(console) = &button.console {
        check_console(console, &path.field("console"), found);
    }
    if let Some(sub) = &button.sub_buttons {
        check_second_level(sub, &path.field("subButtons"), level, domains, found);
    }
}

fn check_second_level(
    sub: &[ButtonSpec],
    path: &SpecPath,
    level: Level,
    domains: &mut BTreeSet<String>,
    found: &mut Diagnostics,
) {
    if level == Level::Second {
        found.error(
            "WX1207",
            path.clone(),
            "a menu has two levels",
            "a button of the second level cannot have buttons of its own",
            Some("give it one thing to do: view, click, miniProgram, …"),
        );
        return;
    }
    if sub.is_empty() || sub.len() > SECOND_LEVEL {
        found.error(
            "WX1207",
            path.clone(),
            format!(
                "a second level has 1 to {SECOND_LEVEL} buttons, this one has {}",
                sub.len()
            ),
            "wrong number of buttons",
            Some(
                "a first-level button without a second level does something itself: view, click, …",
            ),
        );
    }
    for (index, button) in sub.iter().enumerate() {
        check_button(button, &path.index(index), Level::Second, domains, found);
    }
}

/// `console` is for what only the console makes: whatever has a field of its own is written there.
fn check_console(console: &ConsoleButton, path: &SpecPath, found: &mut Diagnostics) {
    match read_console(console) {
        Ok(does) if plainly(&does) => found.error(
            "WX1245",
            path.clone(),
            "`console` is for buttons that only WeChat's console makes",
            "the API can make this one",
            Some(format!("write it as `{}`", does_as_spec(&does).0)),
        ),
        Ok(_) => {}
        Err(error) => found.error(
            "WX1245",
            path.clone(),
            "the fields of a `console` button do not fit its type",
            error.to_string(),
            Some("write it as `wxops import` does"),
        ),
    }
}

fn check_name(name: &str, path: &SpecPath, level: Level, found: &mut Diagnostics) {
    let (limit, words, help) = match level {
        Level::First => (
            FIRST_NAME_BYTES,
            "first",
            "shorten it (16 bytes show about 4 汉字), or move it into subButtons, where the limit is 60",
        ),
        Level::Second => (
            SECOND_NAME_BYTES,
            "second",
            "shorten it (60 bytes show about 8 汉字)",
        ),
    };
    if name.trim().is_empty() {
        found.error(
            "WX1204",
            path.clone(),
            "a menu button needs a name",
            "empty",
            Some("give the text that people see on the button"),
        );
    } else if name.len() > limit {
        found.error(
            "WX1203",
            path.clone(),
            "menu button name is too long",
            format!(
                "too long for the {words} level: {} bytes, the limit is {limit}",
                name.len()
            ),
            Some(help),
        );
    }
}
