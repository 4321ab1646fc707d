//! Conditional menus: which are kept, added and deleted, and in which order.
//!
//! WeChat has no update and no order but age: of the menus that match a follower the newest wins. So the list is read
//! as a chain in which the first that matches wins, and is built from its end: whatever is added becomes the newest,
//! and every menu above it that some follower could match too is added again after it. A menu that takes another's
//! place is added before the other is deleted, so nobody falls back to the default menu in between.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::default::{differences, not_through_api};
use super::spelled::in_place;
use super::state::{Conditional, LIST, keys};
use super::tag::Tags;
use super::write::conditional_as_spec;
use super::{Menu, Resource as _};
use crate::plan::{Action, Address, Change, Digest, Person, Reason, Step, Text, Verdict, Waiting};
use crate::resource::At;
use crate::wechat::{Appid, Call, menu};

/// Whether there is a default menu to add others to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Default {
    /// There is.
    There,
    /// A step of this plan makes it.
    Made,
    /// There is none, and none is made now.
    Missing,
}

/// Digests by key, for the records.
pub(super) fn digests(menus: &[Conditional]) -> BTreeMap<String, Digest> {
    let keys = keys(menus);
    let list = (LIST.to_owned(), Digest::of(&keys));
    let each = keys
        .into_iter()
        .zip(menus)
        .map(|(key, menu)| (key, Digest::of(menu)));
    each.chain([list]).collect()
}

/// Compares two lists, both with the menu that wins first.
pub(super) fn verdicts(
    desired: &[Conditional],
    live: &[Conditional],
    default: Default,
    account: &Appid,
    tags: &Tags<'_>,
) -> BTreeMap<String, Verdict> {
    let kept = kept(desired, live);
    let list = List {
        desired,
        live,
        leftover: leftover(desired, live, &kept),
        default,
        account,
        tags,
    };
    let mut found: BTreeMap<String, Verdict> = keys(desired)
        .into_iter()
        .zip(&kept)
        .enumerate()
        .filter_map(|(index, (key, kept))| Some((key, list.one(index, *kept)?)))
        .collect();
    found.extend(list.foreign().map(|step| (LIST.to_owned(), step)));
    found
}

/// Which of the live menus each desired one is, by index; `None`: it has to be added. From the end of the list on,
/// since whatever is added is newer than everything that is kept.
fn kept(desired: &[Conditional], live: &[Conditional]) -> Vec<Option<usize>> {
    let mut kept = vec![None; desired.len()];
    let mut taken = BTreeSet::new();
    // What stands below, as it will be: its rule, and its id if it is kept.
    let mut below: Vec<(&Conditional, Option<i64>)> = Vec::new();
    for (wanted, slot) in desired.iter().zip(&mut kept).rev() {
        let overlapping: Vec<Option<i64>> = below
            .iter()
            .filter(|(menu, _)| menu.rule.overlaps(&wanted.rule))
            .map(|(_, id)| *id)
            .collect();
        let floor = overlapping.iter().copied().max().flatten();
        let blocked = overlapping.contains(&None);
        // The oldest that will do leaves the most room to those above.
        let oldest = live
            .iter()
            .enumerate()
            .filter(|(index, menu)| !taken.contains(index) && menu.same(wanted))
            .filter(|(_, menu)| !blocked && menu.menuid > floor)
            .min_by_key(|(_, menu)| menu.menuid);
        if let Some((index, menu)) = oldest {
            taken.insert(index);
            *slot = Some(index);
            below.push((wanted, menu.menuid));
        } else if wanted.rule.named().is_none() && cannot_be_made(wanted).is_none() {
            below.push((wanted, None));
        }
    }
    kept
}

/// The live menus that go, by the desired menu whose place they had; under `None` those of no desired rule. Where a
/// rule is there several times they go with the one that is added last, so that there is always one.
fn leftover<'a>(
    desired: &[Conditional],
    live: &'a [Conditional],
    kept: &[Option<usize>],
) -> BTreeMap<Option<usize>, Vec<&'a Conditional>> {
    let mut found: BTreeMap<Option<usize>, Vec<&Conditional>> = BTreeMap::new();
    for (_, menu) in live
        .iter()
        .enumerate()
        .filter(|(index, _)| !kept.contains(&Some(*index)))
    {
        let of_rule = || {
            let all = desired.iter().zip(kept).enumerate();
            all.filter(|(_, (wanted, _))| wanted.rule == menu.rule)
        };
        let added = of_rule().find(|(_, (_, kept))| kept.is_none());
        let owner = added.or_else(|| of_rule().next()).map(|(index, _)| index);
        found.entry(owner).or_default().push(menu);
    }
    found
}

/// Why WeChat would not take a new menu, if so.
fn cannot_be_made(menu: &Conditional) -> Option<Waiting> {
    if !menu.rule.is_withdrawn() {
        return not_through_api(&menu.buttons);
    }
    let name = menu.rule.name();
    Some(Waiting::new(
        Reason::NotThroughApi,
        Person::Operator,
        Text::new(
            format!(
                "微信不再接受按性别、地区匹配的新个性化菜单（{name}）：请从配置中去掉，或改用标签"
            ),
            format!(
                "WeChat takes no new menu by sex or region ({name}): take it out of the manifest, or match by tag"
            ),
        ),
    ))
}

/// Two lists being compared.
struct List<'a> {
    desired: &'a [Conditional],
    live: &'a [Conditional],
    leftover: BTreeMap<Option<usize>, Vec<&'a Conditional>>,
    default: Default,
    account: &'a Appid,
    tags: &'a Tags<'a>,
}

impl List<'_> {
    /// What becomes of one desired menu.
    fn one(&self, index: usize, kept: Option<usize>) -> Option<Verdict> {
        let wanted = self.desired.get(index)?;
        let old = self.leftover.get(&Some(index));
        let old = old.map(Vec::as_slice).unwrap_or_default();
        if kept.is_some() {
            return (!old.is_empty()).then(|| Verdict::Step(self.rid(old)));
        }
        if let Some(name) = wanted.rule.named() {
            return Some(self.tags.missing(name));
        }
        // What cannot be made again is not given up either.
        if let Some(waiting) = cannot_be_made(wanted) {
            return Some(Verdict::Waiting(waiting));
        }
        if self.default == Default::Missing {
            return Some(Verdict::Waiting(Waiting::new(
                Reason::AfterAnotherStep,
                Person::Nobody,
                Text::new(
                    "个性化菜单须在默认菜单之后创建",
                    "comes after the default menu",
                ),
            )));
        }
        Some(Verdict::Step(self.add(index, wanted, old)))
    }

    fn add(&self, index: usize, wanted: &Conditional, old: &[&Conditional]) -> Step {
        let path = Menu::path(&At::OFFICIAL).field("conditional").index(index);
        let (action, changes) = match old.first().copied().or_else(|| self.otherwise(index)) {
            None => (
                Action::Create,
                vec![Change {
                    path,
                    from: None,
                    to: Some(conditional_as_spec(wanted)),
                }],
            ),
            Some(old) => {
                let rules = (old.rule != wanted.rule).then(|| Change {
                    path: path.field("match"),
                    from: conditional_as_spec(old).get("match").cloned(),
                    to: conditional_as_spec(wanted).get("match").cloned(),
                });
                let buttons = differences(&path.field("buttons"), &wanted.buttons, &old.buttons);
                (Action::Update, rules.into_iter().chain(buttons).collect())
            }
        };
        let rule = wanted.rule.to_wire();
        let mut calls = vec![menu::add_conditional_request(
            self.account,
            &wanted.buttons,
            &rule,
        )];
        calls.extend(self.deletes(old));
        let again = changes.is_empty();
        let mut step = Step::new(action, self.account.clone(), changes, calls);
        if again {
            step.notes.push(Text::new(
                "内容不变，重新添加以保证先后顺序（同时匹配时，最新添加的生效）",
                "the same again, to come after those it wins over (of those that match the newest is shown)",
            ));
        }
        if self.default == Default::Made {
            step.after = vec![Address::of(Menu::NAME)];
        }
        let known: Vec<i64> = self.live.iter().filter_map(|menu| menu.menuid).collect();
        step.evidence = json!({"known": known});
        let from_end = self.desired.len().saturating_sub(index);
        step.rank = u32::try_from(from_end).unwrap_or(Step::LAST);
        step
    }

    /// The menu in its place whose rule is another spelling of the wanted one: what WeChat made of it, maybe.
    fn otherwise(&self, index: usize) -> Option<&Conditional> {
        let key = keys(self.desired).into_iter().nth(index)?;
        in_place(self.desired, self.live).get(&key).copied()
    }

    /// Copies of a menu that is there, left over from a replacement that was broken off.
    fn rid(&self, old: &[&Conditional]) -> Step {
        let mut step = Step::new(
            Action::Delete,
            self.account.clone(),
            gone(old),
            self.deletes(old).collect(),
        );
        step.rank = Step::LAST;
        step
    }

    /// What is at WeChat though no rule of it is declared. While a declared one is for a tag whose id is not known, it
    /// may be just that.
    fn foreign(&self) -> Option<Verdict> {
        if self.desired.iter().any(|menu| menu.rule.named().is_some()) {
            return None;
        }
        let foreign = self.leftover.get(&None)?;
        Some(Verdict::Step(self.rid(foreign)))
    }

    fn deletes(&self, menus: &[&Conditional]) -> impl Iterator<Item = Call> {
        menus
            .iter()
            .filter_map(|menu| menu.menuid)
            .map(|id| menu::delete_conditional_request(self.account, id))
    }
}

fn gone(menus: &[&Conditional]) -> Vec<Change> {
    menus
        .iter()
        .map(|menu| Change {
            path: Menu::path(&At::OFFICIAL).field("conditional"),
            from: Some(conditional_as_spec(menu)),
            to: None,
        })
        .collect()
}
