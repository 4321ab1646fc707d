//! The custom menu (自定义菜单) of an official account.
//!
//! `menu/create` replaces the whole default menu, so the menu is one value: read, normalised, compared button by
//! button, and put back whole. A menu that the owner made in WeChat's console is not visible to `menu/get` (46003)
//! but only to `get_current_selfmenu_info`; it is never replaced without an approval.

mod check;
mod spec;
mod state;

use std::collections::BTreeMap;

use serde_json::json;

pub use spec::{ButtonSpec, MenuSpec, MiniProgramButton};
pub use state::MenuState;

use super::{Observation, Resource, TenantSpec, View, only};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Person, Reason, Step, Text, Verdict, Waiting, Why};
use crate::wechat::menu::{Button, Does};
use crate::wechat::{Answer, Appid, Call, ErrorClass, menu};

use state::{as_spec, does_as_spec};

/// The resource.
pub struct Menu;

impl Resource for Menu {
    const NAME: &'static str = "menu";
    const SETS: &'static [u16] = menu::CREATE.sets;
    type Spec = MenuSpec;
    type State = MenuState;

    fn path() -> SpecPath {
        SpecPath::root().field("officialAccount").field("menu")
    }

    fn spec(tenant: &TenantSpec) -> Option<&MenuSpec> {
        tenant.official_account.as_ref()?.menu.as_ref()
    }

    fn check(spec: &MenuSpec, found: &mut Diagnostics) {
        check::check(spec, &Self::path(), found);
    }

    fn needs(_spec: Option<&MenuSpec>, view: &View<'_>) -> Vec<Call> {
        let get = Call::bare(&menu::GET, view.account().clone());
        let current = Call::bare(&menu::CURRENT_SELFMENU_INFO, view.account().clone());
        match view.seen.get(&get) {
            None => vec![get],
            // No menu of ours: is there one of the owner's?
            Some(Answer::Refused(error))
                if error.class == ErrorClass::NotFound && !view.seen.contains_key(&current) =>
            {
                vec![current]
            }
            Some(_) => Vec::new(),
        }
    }

    fn observe(view: &View<'_>) -> Observation<MenuState> {
        match view
            .seen
            .get(&Call::bare(&menu::GET, view.account().clone()))
        {
            None => Observation::Unknown(Why::not_asked(menu::GET.name)),
            Some(Answer::Done(body)) => match MenuState::from_menu_get(body) {
                Ok(state) => Observation::Present(state),
                Err(detail) => {
                    Observation::Unknown(Why::unreadable(menu::GET.name, &detail.to_string()))
                }
            },
            Some(Answer::Refused(error)) if error.class == ErrorClass::NotFound => {
                observe_current(view.seen.get(&Call::bare(
                    &menu::CURRENT_SELFMENU_INFO,
                    view.account().clone(),
                )))
            }
            Some(Answer::Refused(error)) => Observation::Unknown(Why::refused(error)),
            Some(Answer::Lost(lost)) => Observation::Unknown(Why::lost(lost)),
        }
    }

    fn desire(spec: &MenuSpec, _view: &View<'_>) -> Result<MenuState, Box<Waiting>> {
        Ok(spec.state())
    }

    fn diff(
        spec: &MenuSpec,
        desired: &MenuState,
        observed: &Observation<MenuState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        match observed {
            Observation::Unknown(why) => only(Verdict::Unknown(why.clone())),
            Observation::Absent if desired.buttons.is_empty() => BTreeMap::new(),
            Observation::Absent => only(Verdict::Step(put(
                desired,
                &MenuState::default(),
                view.account(),
            ))),
            Observation::Present(live) if live.made_by_owner => only(owners_own(live)),
            Observation::Present(live) if desired.buttons == live.buttons => BTreeMap::new(),
            Observation::Present(live) if desired.buttons.is_empty() => {
                only(delete(spec, live, view.account()))
            }
            Observation::Present(live) => only(Verdict::Step(put(desired, live, view.account()))),
        }
    }

    fn export(observed: &MenuState) -> Option<MenuSpec> {
        spec::exported(observed)
    }

    fn nothing() -> Option<MenuSpec> {
        Some(MenuSpec {
            buttons: Vec::new(),
            conditional: None,
        })
    }
}

/// What `get_current_selfmenu_info` adds once `menu/get` has said 46003.
fn observe_current(answer: Option<&Answer>) -> Observation<MenuState> {
    let name = menu::CURRENT_SELFMENU_INFO.name;
    match answer {
        None => Observation::Unknown(Why::not_asked(name)),
        Some(Answer::Done(body)) => match MenuState::from_selfmenu_info(body) {
            Ok(state) if state.buttons.is_empty() => Observation::Absent,
            Ok(state) => Observation::Present(state),
            Err(detail) => Observation::Unknown(Why::unreadable(name, &detail.to_string())),
        },
        Some(Answer::Refused(error)) => Observation::Unknown(Why::refused(error)),
        Some(Answer::Lost(lost)) => Observation::Unknown(Why::lost(lost)),
    }
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
    let changes = changes(&MenuState::default(), live);
    if live.conditional > 0 && spec.conditional.is_none() {
        return Verdict::Suppressed {
            why: Text::new(
                format!(
                    "删除默认菜单会连同 {} 个个性化菜单一起删除;确认请写 `conditional: []`",
                    live.conditional
                ),
                format!(
                    "deleting the default menu would also delete {} conditional ones; write `conditional: []` to confirm",
                    live.conditional
                ),
            ),
            changes,
        };
    }
    Verdict::Step(Step::new(
        Action::Delete,
        account.clone(),
        changes,
        vec![Call::bare(&menu::DELETE, account.clone())],
    ))
}

fn owners_own(live: &MenuState) -> Verdict {
    let names = live.names();
    Verdict::Waiting(
        Waiting::new(
            Reason::NeedsApproval,
            Person::Operator,
            Text::new(
                format!("账号管理员在公众平台自行设置了菜单({names}),替换它需要审批,本版本尚不支持审批"),
                format!(
                    "the owner made a menu in WeChat's console ({names}); replacing it needs an approval, \
                     which this version does not know yet"
                ),
            ),
        )
        .then(Text::new("创建菜单", "create the menu")),
    )
}

/// The differences, button by button, named by spec path.
fn changes(desired: &MenuState, live: &MenuState) -> Vec<Change> {
    let mut found = Vec::new();
    compare_lists(
        &Menu::path().field("buttons"),
        &desired.buttons,
        &live.buttons,
        &mut found,
    );
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

#[cfg(test)]
mod tests;
