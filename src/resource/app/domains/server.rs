//! The six lists of servers: what is to be added, what deleted, and what is said of the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::refused::{key, remembered};
use super::spec::DomainsSpec;
use super::{ADD, Domains, REMOVE, not_in_force, said, state};
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Person, Reason, Step, Text, Verdict, Waiting, Why};
use crate::resource::order::ranks_of_change;
use crate::resource::{Resource as _, View};
use crate::wechat::domain::{self, Class, Lists, MOST, Way, authority, host};
use crate::wechat::platform_domain::{Hosts, List};

/// What is due.
#[derive(Default)]
struct Due {
    /// What is declared, may be stored, and is or is to be.
    wanted: Lists,
    add: Lists,
    remove: Lists,
    /// What was left out before, by its key.
    refused: BTreeMap<String, Verdict>,
    /// Hosts that the platform's list lacks.
    unlisted: BTreeSet<String>,
    /// Lists that are not known.
    unknown: Vec<Class>,
    /// Why the platform's list is not known, where something hangs on it.
    no_list: Option<Why>,
}

fn due(spec: &DomainsSpec, way: Way, view: &View<'_>) -> Due {
    let stored = state::stored(view, way);
    let listed = (way == Way::Platform).then(|| state::of_platform(view, List::Server));
    let mut due = Due::default();
    for (class, declared) in spec.server() {
        let Some(stored) = stored.get(&class) else {
            due.unknown.push(class);
            continue;
        };
        let wanted = due.wanted.entry(class).or_default();
        wanted.extend(declared.intersection(stored).cloned());
        for domain in declared.difference(stored) {
            let key = key(class, domain);
            if let Some(verdict) = remembered(&key, view) {
                due.refused.insert(key, verdict);
                continue;
            }
            match &listed {
                Some(Err(why)) => due.no_list = Some(why.clone()),
                Some(Ok(hosts)) if !hosts.has(host(domain), authority(domain)) => {
                    due.unlisted.insert(host(domain).to_owned());
                }
                Some(Ok(_)) | None => {
                    wanted.insert(domain.clone());
                    due.add.entry(class).or_default().insert(domain.clone());
                }
            }
        }
        let extra: BTreeSet<String> = stored.difference(&declared).cloned().collect();
        if !extra.is_empty() {
            due.remove.insert(class, extra);
        }
    }
    due
}

/// What is to be stored now.
pub(super) fn wanted(spec: &DomainsSpec, way: Way, view: &View<'_>) -> Lists {
    due(spec, way, view).wanted
}

/// Everything that is not as it should be.
pub(super) fn verdicts(spec: &DomainsSpec, way: Way, view: &View<'_>) -> BTreeMap<String, Verdict> {
    let Due {
        wanted: _,
        add,
        remove,
        refused,
        unlisted,
        unknown,
        no_list,
    } = due(spec, way, view);
    let mut verdicts = refused;
    let unknown = unknown.into_iter();
    verdicts.extend(unknown.map(|class| {
        let why = state::not_told(view, way, class);
        (class.as_str().to_owned(), Verdict::Unknown(why))
    }));
    let (add_rank, remove_rank) = ranks_of_change(is_crowded(&add, way, view));
    if let Some(why) = no_list {
        verdicts.insert(ADD.to_owned(), Verdict::Unknown(why));
    } else if !add.is_empty() {
        let call = domain::add_request(view.account(), way, &add);
        let changes = changes(&add, view, true);
        let mut step = Step::new(Action::Create, view.account().clone(), changes, vec![call]);
        step.rank = add_rank;
        step.notes.push(with_the_next_release());
        verdicts.insert(ADD.to_owned(), Verdict::Step(step));
    }
    // What is taken away now needs nobody's list.
    let leaving = remove.clone();
    if !remove.is_empty() {
        let call = domain::delete_request(view.account(), way, &remove);
        let changes = changes(&remove, view, false);
        let mut step = Step::new(Action::Delete, view.account().clone(), changes, vec![call]);
        step.rank = remove_rank;
        step.notes.push(with_the_next_release());
        verdicts.insert(REMOVE.to_owned(), Verdict::Step(step));
    }
    let listed = state::of_platform(view, List::Server).ok();
    verdicts.extend(unlisted.into_iter().map(|host| {
        let testing = listed
            .as_ref()
            .is_some_and(|list| list.testing.contains(&host));
        let waiting = not_listed(&host, "hosts", testing, view);
        (host, waiting)
    }));
    let stored = state::stored(view, way);
    let late = late(spec, &stored, view);
    verdicts.extend(
        not_in_force(&late, &gone(spec, view)).map(|waiting| ("release".to_owned(), waiting)),
    );
    if way == Way::Platform {
        let mut kept = stored.clone();
        for (class, gone) in &leaving {
            let of_it = kept.entry(*class).or_default();
            of_it.retain(|domain| !gone.contains(domain));
        }
        let dropped = listed.and_then(|listed| dropped(&kept, &listed, view));
        verdicts.extend(dropped.map(|waiting| ("dropped".to_owned(), waiting)));
    }
    verdicts
}

pub(super) fn with_the_next_release() -> Text {
    Text::new(
        "下一次发布后对用户生效",
        "users get it with the next release",
    )
}

fn is_crowded(add: &Lists, way: Way, view: &View<'_>) -> bool {
    let stored = state::stored(view, way);
    add.iter().any(|(class, add)| {
        let there = stored.get(class).map_or(0, BTreeSet::len);
        there.saturating_add(add.len()) > MOST
    })
}

fn changes(lists: &Lists, view: &View<'_>, added: bool) -> Vec<Change> {
    let path = Domains::path(view.at);
    let all = lists.iter();
    let one = |(class, domains): (&Class, &BTreeSet<String>)| {
        let path = path.field(class.as_str());
        changed(&path, domains, added)
    };
    all.flat_map(one).collect()
}

/// The domains of one list that come or go.
pub(super) fn changed(path: &SpecPath, domains: &BTreeSet<String>, added: bool) -> Vec<Change> {
    let one = |domain: &String| {
        let domain = Some(json!(domain));
        let (from, to) = if added {
            (None, domain)
        } else {
            (domain, None)
        };
        Change {
            path: path.clone(),
            from,
            to,
        }
    };
    domains.iter().map(one).collect()
}

/// A host that the platform's list lacks. `list` is what a Platform calls it. What the platform's own pass says of the host is
/// said here too: whoever reads that it is to be declared, and sees it declared, learns nothing.
pub(super) fn not_listed(host: &str, list: &str, testing: bool, view: &View<'_>) -> Verdict {
    if let Some(Waiting { who, text, .. }) = view.lists.get(&format!("{list} {host}")) {
        return Verdict::Waiting(Waiting::new(
            Reason::HostNotOnPlatform,
            *who,
            Text::new(
                format!(
                    "{host} 已写在 Platform 的 domains.{list} 中，还不在平台的列表里。{}",
                    text.zh
                ),
                format!(
                    "{host} stands in the Platform's `domains.{list}` and is not on the platform's list yet. {}",
                    text.en
                ),
            ),
        ));
    }
    let platform = view.platform;
    let (only_zh, only_en) = if testing {
        ("（只在测试版列表中）", " (it is on the testing one alone)")
    } else {
        ("", "")
    };
    Verdict::Waiting(Waiting::new(
        Reason::HostNotOnPlatform,
        Person::Operator,
        Text::new(
            format!(
                "{host} 不在第三方平台 {platform} 已发布的域名列表中{only_zh}：请加入 Platform 的 domains.{list} 并执行；在此之前不添加，以免下次发布时被微信删除"
            ),
            format!(
                "{host} is not on the published list of platform {platform}{only_en}: put it into the Platform's `domains.{list}` and \
                 apply that. It is not added before, since the next release would drop it"
            ),
        ),
    ))
}

/// What is declared and stored, and not in force; of lists that are known.
fn late(spec: &DomainsSpec, stored: &Lists, view: &View<'_>) -> Vec<String> {
    let in_force = state::effective(view)
        .map(|one| one.in_force.0)
        .unwrap_or_default();
    let mut late = BTreeSet::new();
    for (class, declared) in spec.server() {
        if let (Some(stored), Some(in_force)) = (stored.get(&class), in_force.get(&class)) {
            let there = declared.intersection(stored);
            late.extend(there.filter(|domain| !in_force.contains(*domain)).cloned());
        }
    }
    late.into_iter().collect()
}

/// What is stored no more by anybody, and users still have; of lists that are declared and known.
fn gone(spec: &DomainsSpec, view: &View<'_>) -> Vec<String> {
    let Ok(effective) = state::effective(view) else {
        return Vec::new();
    };
    let mut gone = BTreeSet::new();
    for class in spec.server().keys() {
        let console = effective.console.0.get(class);
        let ways = [Way::Platform, Way::Direct].map(|way| effective.stored(way).0.get(class));
        let (Some(in_force), Some(console), [Some(one), Some(other)]) =
            (effective.in_force.0.get(class), console, ways)
        else {
            continue;
        };
        let kept = |domain: &&String| {
            [console, one, other]
                .iter()
                .any(|list| list.contains(*domain))
        };
        gone.extend(in_force.iter().filter(|domain| !kept(domain)).cloned());
    }
    gone.into_iter().collect()
}

/// What the next release takes from the mini-program: whatever it has, by whoever it was set, and the platform's published
/// list lacks.
fn dropped(stored: &Lists, listed: &Hosts, view: &View<'_>) -> Option<Verdict> {
    let console = state::effective(view)
        .map(|one| one.console.0)
        .unwrap_or_default();
    let all = stored.values().chain(console.values()).flatten();
    let lost: BTreeSet<String> = all
        .filter(|domain| !listed.has(host(domain), authority(domain)))
        .cloned()
        .collect();
    dropped_at_release(&lost)
}

/// The wait that names them.
pub(super) fn dropped_at_release(lost: &BTreeSet<String>) -> Option<Verdict> {
    if lost.is_empty() {
        return None;
    }
    let named = said(lost.iter());
    Some(Verdict::Waiting(Waiting::new(
        Reason::HostNotOnPlatform,
        Person::Operator,
        Text::new(
            format!(
                "下一次发布时微信将从该小程序删除这些不在第三方平台列表中的域名（包括商家自己设置的）：{}；若还需要，请先登记到平台",
                named.zh
            ),
            format!(
                "the next release takes these from the mini-program, since the platform's list lacks them, the merchant's own \
                 among them: {}. What is still needed must be on the platform's list before",
                named.en
            ),
        ),
    )))
}
