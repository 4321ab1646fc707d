//! From what a manifest says to the menus that should be there now.

use super::link::{Links, Plain, flat};
use super::rule::Rule;
use super::spec::{ButtonSpec, ConditionalSpec, MenuSpec};
use super::state::{Conditional, MenuState, Shown, normal};
use super::tag::Tags;
use super::write::read_console;
use crate::wechat::menu::{Button, Does};

/// The menus that should be there, and the buttons that cannot be what they should be yet.
pub(super) fn desired(
    spec: &MenuSpec,
    live: Option<&MenuState>,
    links: &Links<'_>,
    tags: &Tags<'_>,
) -> (MenuState, Vec<Plain>) {
    let none = MenuState::default();
    let live = live.unwrap_or(&none);
    let mut all = flat(&live.buttons);
    all.extend(
        live.conditional()
            .iter()
            .flat_map(|menu| flat(&menu.buttons)),
    );
    let mut plain = Vec::new();
    let mut menu = |specs: &[ButtonSpec], own: &[Button]| -> Vec<Button> {
        let mut place = Place {
            links,
            own,
            all: &all,
            plain: &mut plain,
        };
        normal(specs.iter().map(|spec| place.button(spec)).collect())
    };
    let buttons = menu(&spec.buttons, &live.buttons);
    let mut conditional_menu = |spec: &ConditionalSpec| {
        let rule = tags.resolve(Rule::from_spec(&spec.rule));
        let own = live.conditional().iter().find(|menu| menu.rule == rule);
        let own = own.map_or(&[][..], |menu| &menu.buttons);
        Conditional {
            buttons: menu(&spec.buttons, own),
            rule,
            menuid: None,
        }
    };
    let conditional = spec
        .conditional
        .as_ref()
        .map(|menus| menus.iter().map(&mut conditional_menu).collect());
    let state = MenuState {
        buttons,
        conditional,
        made_by_owner: false,
        shown: Shown::Yes,
    };
    (state, plain)
}

/// Where a button stands.
struct Place<'a> {
    links: &'a Links<'a>,
    own: &'a [Button],
    all: &'a [&'a Button],
    plain: &'a mut Vec<Plain>,
}

impl Place<'_> {
    /// The button; of several things it does the first, which `check` refuses.
    fn button(&mut self, spec: &ButtonSpec) -> Button {
        let does = if let Some(sub) = &spec.sub_buttons {
            Does::Container(sub.iter().map(|spec| self.button(spec)).collect())
        } else if let Some(target) = &spec.mini_program {
            self.links
                .form(&spec.name, target, (self.own, self.all), self.plain)
        } else if let Some(console) = &spec.console {
            // One that does not read was refused by `check`.
            read_console(console).unwrap_or(Does::Container(Vec::new()))
        } else {
            spec.plain().next().unwrap_or(Does::Container(Vec::new()))
        };
        Button {
            name: spec.name.clone(),
            does,
        }
    }
}
