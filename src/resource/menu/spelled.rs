//! Menus in WeChat's spelling: which live menu stands in the place of which desired one.

use std::collections::BTreeMap;

use super::rule::Rule;
use super::state::{Conditional, MenuState, keys};
use crate::plan::Digest;
use crate::resource::spelling::fold;

/// What is shown in the place of each desired menu.
pub(super) fn shown(desired: &MenuState, live: &MenuState) -> BTreeMap<String, Digest> {
    let mut found: BTreeMap<String, Digest> = in_place(desired.conditional(), live.conditional())
        .into_iter()
        .map(|(key, menu)| (key, Digest::of(menu)))
        .collect();
    found.insert(String::new(), Digest::of(&live.buttons));
    found
}

/// Which live menu stands in the place of each desired conditional one that is not there as it should be.
pub(super) fn in_place<'a>(
    wanted: &[Conditional],
    there: &'a [Conditional],
) -> BTreeMap<String, &'a Conditional> {
    // One that is as it should be stands in nobody else's place.
    let exact = |menu: &&Conditional| wanted.iter().any(|wanted| menu.same(wanted));
    let others: Vec<&Conditional> = there.iter().filter(|menu| !exact(menu)).collect();
    let open: Vec<(String, &Conditional)> = keys(wanted)
        .into_iter()
        .zip(wanted)
        .filter(|(_, wanted)| !there.iter().any(|menu| menu.same(wanted)))
        .collect();
    let mut found = BTreeMap::new();
    for (key, wanted) in &open {
        let alike: Vec<&str> = open
            .iter()
            .filter(|(_, other)| alike(&other.rule, &wanted.rule))
            .map(|(key, _)| key.as_str())
            .collect();
        // The newest are what the last writes made; a list is built from its end, so its end is there first.
        let newest = others
            .iter()
            .filter(|menu| self::alike(&menu.rule, &wanted.rule));
        let newest: Vec<&&Conditional> = newest.take(alike.len()).collect();
        let mut pairs = alike.iter().rev().zip(newest.iter().rev());
        if let Some((_, menu)) = pairs.find(|(other, _)| *other == key) {
            found.insert(key.clone(), **menu);
        }
    }
    found
}

/// `zh_CN` and `zh-cn` are one language.
fn alike(one: &Rule, other: &Rule) -> bool {
    let plain = |rule: &Rule| -> String {
        let name = fold(&rule.name());
        name.chars()
            .filter(|char| char.is_alphanumeric() || *char == '=')
            .collect()
    };
    one == other || plain(one) == plain(other)
}

/// The live menus, those in WeChat's spelling put back into ours.
pub(super) fn respelled(
    desired: &MenuState,
    live: &MenuState,
    kept: &BTreeMap<String, Digest>,
) -> MenuState {
    let mut live = live.clone();
    if kept.get("") == Some(&Digest::of(&live.buttons)) {
        live.buttons.clone_from(&desired.buttons);
    }
    let wanted = desired.conditional();
    for menu in live.conditional.iter_mut().flatten() {
        let digest = Digest::of(menu);
        let ours = keys(wanted)
            .into_iter()
            .zip(wanted)
            .find(|(key, _)| kept.get(key) == Some(&digest));
        if let Some((_, ours)) = ours {
            menu.rule = ours.rule.clone();
            menu.buttons.clone_from(&ours.buttons);
        }
    }
    live
}
