//! The default menu: what it takes to get from the live one to the declared one.

use serde_json::json;

use super::state::{MenuState, Shown};
use super::write::{as_spec, conditional_as_spec, does_as_spec};
use super::{Menu, MenuSpec, Observation, Resource as _, check_value, link};
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Costly, Lang, Person, Reason, Step, Text, Verdict, Waiting};
use crate::resource::At;
use crate::wechat::menu::{Button, Does};
use crate::wechat::{Appid, Call, menu};

/// Compares the default menus. `None`: in sync.
pub(super) fn verdict(
    spec: &MenuSpec,
    desired: &MenuState,
    observed: &Observation<MenuState>,
    account: &Appid,
) -> Option<Verdict> {
    let live = match observed {
        Observation::Unknown(why) => return Some(Verdict::Unknown(why.clone())),
        Observation::Absent => &MenuState::default(),
        Observation::Present(live) if live.made_by_owner => {
            return owners_own(desired, live, account);
        }
        Observation::Present(live) => live,
    };
    if desired.buttons == live.buttons {
        return None;
    }
    if desired.buttons.is_empty() {
        return Some(delete(spec, live, account));
    }
    if let Some(waiting) = not_through_api(&desired.buttons) {
        return Some(Verdict::Waiting(waiting));
    }
    Some(Verdict::Step(put(desired, live, account)))
}

fn put(desired: &MenuState, live: &MenuState, account: &Appid) -> Step {
    let action = if live.buttons.is_empty() {
        Action::Create
    } else {
        Action::Update
    };
    Step::new(
        action,
        account.clone(),
        changes(desired, live),
        vec![menu::create_request(account, &desired.buttons)],
    )
}

/// `menu/delete` takes the conditional menus along, so it is only called where the manifest says there are none.
fn delete(spec: &MenuSpec, live: &MenuState, account: &Appid) -> Verdict {
    let mut changes = changes(&MenuState::default(), live);
    if !live.conditional().is_empty() && spec.conditional.is_none() {
        let count = live.conditional().len();
        return Verdict::Suppressed {
            why: Text::new(
                format!(
                    "删除默认菜单会连同 {count} 个个性化菜单一起删除；确认请写 `conditional: []`"
                ),
                format!(
                    "deleting the default menu would also delete {count} conditional ones; write `conditional: []` to confirm"
                ),
            ),
            changes,
        };
    }
    changes.extend(live.conditional().iter().map(|menu| Change {
        path: Menu::path(&At::OFFICIAL).field("conditional"),
        from: Some(conditional_as_spec(menu)),
        to: None,
    }));
    Verdict::Step(Step::new(
        Action::Delete,
        account.clone(),
        changes,
        vec![Call::bare(&menu::DELETE, account.clone())],
    ))
}

/// The owner's own menu is as good as any while it is the declared one. Replacing it costs what nobody gives back.
fn owners_own(desired: &MenuState, live: &MenuState, account: &Appid) -> Option<Verdict> {
    let wants_conditional = !desired.conditional().is_empty();
    if desired.buttons == live.buttons && !wants_conditional {
        return None;
    }
    if desired.buttons.is_empty() {
        return Some(Verdict::Waiting(only_the_owner(live)));
    }
    if let Some(waiting) = not_through_api(&desired.buttons) {
        return Some(Verdict::Waiting(waiting));
    }
    let mut step = put(desired, live, account);
    step.costly = Some(Costly::ReplaceOwnerMenu);
    step.notes.push(lost(&live.buttons));
    if desired.buttons == live.buttons {
        step.notes.push(Text::new(
            "按钮相同，但个性化菜单需要通过接口创建的默认菜单",
            "the buttons are the same, but conditional menus need a default menu made through the API",
        ));
    }
    Some(Verdict::Step(step))
}

/// What is said of a menu that followers do not see. No call switches a menu on: what `menu/create` does to one that is
/// switched off, WeChat's pages do not say, so it is not put again in the hope that it helps.
pub(super) fn not_shown(live: &MenuState) -> Option<Verdict> {
    Some(match &live.shown {
        Shown::Yes => return None,
        Shown::Unknown(why) => Verdict::Unknown(why.clone()),
        Shown::SwitchedOff => Verdict::Waiting(Waiting::new(
            Reason::NotThroughApi,
            Person::Owner,
            Text::new(
                "自定义菜单已在公众平台停用，用户看不到菜单，接口无法启用：请公众号管理员在公众平台「自定义菜单」中启用",
                "the menu is switched off in WeChat's console, so followers see none, and the API cannot switch it on: \
                 the account's administrator does, in the console (自定义菜单)",
            ),
        )),
    })
}

/// The API deletes what the API made; the owner's own menu is none of that.
fn only_the_owner(live: &MenuState) -> Waiting {
    let names = names(&live.buttons);
    Waiting::new(
        Reason::NotThroughApi,
        Person::Owner,
        Text::new(
            format!(
                "账号管理员在公众平台自行设置了菜单（{names}），接口无法删除：请管理员在公众平台停用，或在配置中写上这些按钮"
            ),
            format!(
                "the owner made a menu in WeChat's console ({names}), and the API cannot delete it: its administrator \
                 switches it off there, or the manifest declares it"
            ),
        ),
    )
}

/// Why buttons cannot be put through the API, if so.
pub(super) fn not_through_api(buttons: &[Button]) -> Option<Waiting> {
    let odd: Vec<&str> = odd(buttons)
        .iter()
        .map(|button| button.name.as_str())
        .collect();
    if odd.is_empty() {
        return None;
    }
    let names = Text::list(odd);
    Some(Waiting::new(
        Reason::NotThroughApi,
        Person::Operator,
        Text::new(
            format!(
                "按钮 {} 只能在公众平台设置，接口无法创建，因此菜单未改动：请改成接口支持的按钮，或请账号管理员在公众平台修改菜单",
                names.zh
            ),
            format!(
                "only WeChat's console makes the button {}, so the menu is left as it is: declare buttons that the \
                 API takes, or have the account's administrator change the menu in the console",
                names.en
            ),
        ),
    ))
}

/// The buttons that the API does not make.
fn odd(buttons: &[Button]) -> Vec<&Button> {
    let containers = buttons
        .iter()
        .filter(|button| !check_value::plainly(&button.does));
    let mut found: Vec<&Button> = containers.collect();
    for button in buttons {
        if let Does::Container(below) = &button.does {
            found.extend(odd(below));
        }
    }
    found
}

/// What goes with the owner's own menu.
fn lost(buttons: &[Button]) -> Text {
    let one = |button: &Button, lang: Lang| {
        let name = &button.name;
        let colon = if lang == Lang::Zh { "：" } else { ": " };
        if let Does::Website { kind, value, .. } = &button.does
            && !value.is_empty()
        {
            let answer = format!("{}{colon}{}", kind.as_str(), shortened(value));
            return format!("{name}{}", lang.aside(answer));
        }
        match button.does.kind() {
            Some(kind) => format!("{name}{}", lang.aside(kind)),
            None => name.clone(),
        }
    };
    let all = |lang: Lang| {
        let said: Vec<String> = link::flat(buttons)
            .into_iter()
            .map(|button| one(button, lang))
            .collect();
        Text::list(said)
    };
    let (zh, en) = (all(Lang::Zh).zh, all(Lang::En).en);
    Text::new(
        format!("将失去管理员自建的按钮及自动回复：{zh}"),
        format!("lost with it, automatic answers included: {en}"),
    )
}

/// Enough of an answer to know it again.
fn shortened(text: &str) -> String {
    const KEPT: usize = 24;
    let short: String = text.chars().take(KEPT).collect();
    if short.len() < text.len() {
        format!("{short}…")
    } else {
        short
    }
}

fn names(buttons: &[Button]) -> String {
    let names: Vec<&str> = buttons.iter().map(|button| button.name.as_str()).collect();
    names.join(", ")
}

/// The differences, button by button, named by spec path.
fn changes(desired: &MenuState, live: &MenuState) -> Vec<Change> {
    let path = Menu::path(&At::OFFICIAL).field("buttons");
    differences(&path, &desired.buttons, &live.buttons)
}

/// The differences of two lists of buttons.
pub(super) fn differences(path: &SpecPath, desired: &[Button], live: &[Button]) -> Vec<Change> {
    let mut found = Vec::new();
    compare_lists(path, desired, live, &mut found);
    found
}

fn compare_lists(path: &SpecPath, desired: &[Button], live: &[Button], found: &mut Vec<Change>) {
    for index in 0..desired.len().max(live.len()) {
        let path = path.index(index);
        match (desired.get(index), live.get(index)) {
            (Some(desired), Some(live)) => compare(&path, desired, live, found),
            (desired, live) => found.push(Change {
                path,
                from: live.map(as_spec),
                to: desired.map(as_spec),
            }),
        }
    }
}

fn compare(path: &SpecPath, desired: &Button, live: &Button, found: &mut Vec<Change>) {
    if desired.does.kind() != live.does.kind() {
        found.push(Change {
            path: path.clone(),
            from: Some(as_spec(live)),
            to: Some(as_spec(desired)),
        });
        return;
    }
    if desired.name != live.name {
        found.push(Change {
            path: path.field("name"),
            from: Some(json!(live.name)),
            to: Some(json!(desired.name)),
        });
    }
    if let (Does::Container(desired), Does::Container(live)) = (&desired.does, &live.does) {
        compare_lists(&path.field("subButtons"), desired, live, found);
    } else if desired.does != live.does {
        let (field, to) = does_as_spec(&desired.does);
        found.push(Change {
            path: path.field(field),
            from: Some(does_as_spec(&live.does).1),
            to: Some(to),
        });
    }
}
