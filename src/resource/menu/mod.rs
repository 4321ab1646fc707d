//! The menus of an official account: the default one (自定义菜单) and the conditional ones (个性化菜单).
//!
//! `menu/create` replaces the whole default menu, so that one is one value: read, normalised, compared button by
//! button, and put back whole. Conditional menus are several things, each with a key of its own. A menu that the owner
//! made in WeChat's console is not visible to `menu/get` (46003) but only to `get_current_selfmenu_info`; it is as
//! good as any while it is what is declared, and never replaced without an approval.

mod check;
mod check_conditional;
mod check_value;
mod conditional;
mod default;
mod desired;
mod link;
mod matched;
mod probe;
mod rule;
mod spec;
mod spelled;
mod state;
mod tag;
mod write;

use std::collections::BTreeMap;

pub use matched::{Matched, matched};
pub use rule::Rule;
pub use spec::{
    ButtonSpec, ConditionalSpec, ConsoleButton, MatchSpec, MenuSpec, MiniProgramButton,
    PlatformWord,
};
pub use state::{Conditional, MenuState, Shown};

use super::{
    At, AtMostOnce, Kind, Observation, Outputs, Resource, Seen, Settled, TenantSpec, View,
    registration,
};
use tag::Tags;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Verdict, Waiting};
use crate::wechat::{Answer, Appid, Call, Endpoint, ErrorClass, menu};

/// The key of whether followers see the menu.
const SHOWN: &str = "shown";

/// The resource.
pub struct Menu;

impl Resource for Menu {
    const NAME: &'static str = "menu";
    const OF: &'static [Kind] = &[Kind::Official];
    const SETS: &'static [u16] = menu::CREATE.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&menu::GET, &menu::CURRENT_SELFMENU_INFO];

    fn rests_on(account: &Appid) -> Vec<Call> {
        vec![crate::wechat::link::get_request(account)]
    }
    type Spec = MenuSpec;
    type State = MenuState;

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("officialAccount").field("menu")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a MenuSpec> {
        tenant.official_account.as_ref()?.menu.as_ref()
    }

    fn check(spec: &MenuSpec, at: &At, found: &mut Diagnostics) {
        let path = Self::path(at);
        check::check(spec, &path, found);
        check_conditional::check(spec, &path, found);
    }

    fn needs(spec: Option<&MenuSpec>, view: &View<'_>) -> Vec<Call> {
        let get = Call::bare(&menu::GET, view.account().clone());
        let current = Call::bare(&menu::CURRENT_SELFMENU_INFO, view.account().clone());
        let mut missing: Vec<Call> = spec
            .into_iter()
            .flat_map(|spec| [link::needs(spec, view), tag::needs(spec, view)])
            .flatten()
            .collect();
        match view.seen.get(&get) {
            None => missing.push(get),
            // Is the menu that the API made switched off? Where there is none: is there one of the owner's?
            Some(answer) if tells(answer) && !view.seen.contains_key(&current) => {
                missing.push(current);
            }
            Some(_) => {}
        }
        missing
    }

    fn observe(view: &View<'_>) -> Observation<MenuState> {
        let answer = |endpoint| view.seen.get(&Call::bare(endpoint, view.account().clone()));
        let (get, current) = (answer(&menu::GET), answer(&menu::CURRENT_SELFMENU_INFO));
        if let Some(Answer::Refused(error)) = get
            && error.class == ErrorClass::NotFound
        {
            return observe_current(current);
        }
        match MenuState::from_menu_get(get) {
            Ok(state) => Observation::Present(MenuState {
                shown: Shown::read(current),
                ..state
            }),
            Err(why) => Observation::Unknown(why),
        }
    }

    fn desire(spec: &MenuSpec, view: &View<'_>) -> Result<MenuState, Box<Waiting>> {
        // A button whose mini-program may only have been renamed, or may be one that nobody claims, keeps it until that is
        // answered.
        let buttons = spec.mini_programs(&Self::path(view.at));
        let mut refs = buttons
            .iter()
            .filter_map(|(_, button)| button.reference.as_deref());
        let kept = |name: &str| {
            let (appid, waiting) = registration::maybe_it(view, name)?;
            shows(view, &appid).then_some(waiting)
        };
        if let Some(waiting) = refs.find_map(|name| view.maybe_renamed(name).or_else(|| kept(name)))
        {
            return Err(Box::new(waiting));
        }
        let observed = Self::observe(view);
        let (links, tags) = (link::links(view), Tags::of(view));
        Ok(desired::desired(spec, present(&observed), &links, &tags).0)
    }

    fn diff(
        spec: &MenuSpec,
        desired: &MenuState,
        observed: &Observation<MenuState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let account = view.account();
        let tags = Tags::of(view);
        let default = default::verdict(spec, desired, observed, account);
        let mut found = BTreeMap::new();
        if let (Some(menus), false) = (&desired.conditional, desired.buttons.is_empty())
            && !matches!(observed, Observation::Unknown(_))
        {
            let live = present(observed);
            let there = match (live, &default) {
                (Some(live), _) if !live.made_by_owner => conditional::Default::There,
                (_, Some(Verdict::Step(_))) => conditional::Default::Made,
                _ => conditional::Default::Missing,
            };
            let live = live.map(MenuState::conditional).unwrap_or_default();
            found = conditional::verdicts(menus, live, there, account, &tags);
        }
        found.extend(default.map(|verdict| (String::new(), verdict)));
        if let (Some(live), false) = (present(observed), desired.buttons.is_empty()) {
            found.extend(default::not_shown(live).map(|verdict| (SHOWN.to_owned(), verdict)));
        }
        let links = link::links(view);
        let (_, plain) = desired::desired(spec, present(observed), &links, &tags);
        found.extend(links.waits(&plain));
        found
    }

    fn digests(desired: &MenuState) -> BTreeMap<String, Digest> {
        let mut digests = match &desired.conditional {
            Some(menus) => conditional::digests(menus),
            None => BTreeMap::new(),
        };
        digests.insert(String::new(), Digest::of(&desired.buttons));
        digests
    }

    fn shown(desired: &MenuState, observed: &MenuState) -> BTreeMap<String, Digest> {
        spelled::shown(desired, observed)
    }

    fn respelled(
        desired: &MenuState,
        observed: &MenuState,
        kept: &BTreeMap<String, Digest>,
    ) -> MenuState {
        spelled::respelled(desired, observed, kept)
    }

    fn export(observed: &MenuState) -> Option<MenuSpec> {
        write::exported(observed)
    }

    fn nothing() -> Option<MenuSpec> {
        Some(MenuSpec {
            buttons: Vec::new(),
            conditional: None,
        })
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Menu)
    }
}

/// Whether `menu/get` said what there is, or that there is nothing.
fn tells(answer: &Answer) -> bool {
    match answer {
        Answer::Done(_) => true,
        Answer::Refused(error) => error.class == ErrorClass::NotFound,
        Answer::Lost(_) => false,
    }
}

fn present(observed: &Observation<MenuState>) -> Option<&MenuState> {
    match observed {
        Observation::Present(live) => Some(live),
        Observation::Absent | Observation::Unknown(_) => None,
    }
}

/// What `get_current_selfmenu_info` adds once `menu/get` has said 46003.
fn observe_current(answer: Option<&Answer>) -> Observation<MenuState> {
    match MenuState::from_selfmenu_info(answer) {
        Ok(state) if state.buttons.is_empty() => Observation::Absent,
        Ok(state) => Observation::Present(state),
        Err(why) => Observation::Unknown(why),
    }
}

/// Whether a menu that is there now opens a mini-program.
fn shows(view: &View<'_>, appid: &Appid) -> bool {
    let mut read = [&menu::GET, &menu::CURRENT_SELFMENU_INFO].into_iter();
    read.any(|endpoint| {
        let answer = view.seen.get(&Call::bare(endpoint, view.account().clone()));
        matches!(answer, Some(Answer::Done(body)) if body.to_string().contains(appid.as_str()))
    })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_conditional;
#[cfg(test)]
mod tests_export;
#[cfg(test)]
mod tests_link;
#[cfg(test)]
mod tests_tag;
