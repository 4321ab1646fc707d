//! The webview domains: through the platform they are added and deleted, directly the whole list is put, and each new host must
//! serve the confirm file first.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;

use super::refused::remembered;
use super::server::{changed, dropped_at_release, not_listed, with_the_next_release};
use super::spec::DomainsSpec;
use super::{Domains, WEBVIEW_ADD, WEBVIEW_REMOVE, WEBVIEW_SET, not_in_force, state};
use crate::plan::text::shell_word;
use crate::plan::{Action, Change, Person, Reason, Step, Text, Verdict, Waiting, Why};
use crate::resource::order::ranks_of_change;
use crate::resource::reach::instead;
use crate::resource::{Resource as _, View, payload};
use crate::wechat::domain::{self, ConfirmFile, MOST_WEBVIEW, Reached, Way, host};
use crate::wechat::platform_domain::List;
use crate::wechat::{Answer, Call};

/// What is due.
#[derive(Default)]
struct Due {
    /// What is declared, may be stored, and is or is to be.
    wanted: BTreeSet<String>,
    stored: BTreeSet<String>,
    add: BTreeSet<String>,
    remove: BTreeSet<String>,
    /// What is said of single domains.
    said: BTreeMap<String, Verdict>,
    /// Why it is not known whether something can be added.
    unknown: Option<Why>,
}

/// The reads that are missing before it is known whether the confirm file is served, where something is to be added directly.
pub(super) fn missing(spec: &DomainsSpec, view: &View<'_>) -> Vec<Call> {
    let direct = spec.via.is_some_and(|via| via.way() == Way::Direct);
    let (Some(declared), true) = (spec.webview(), direct) else {
        return Vec::new();
    };
    let Ok(stored) = state::stored_webview(view, Way::Direct) else {
        return Vec::new();
    };
    let mut new = declared.difference(&stored).peekable();
    if new.peek().is_none() {
        return Vec::new();
    }
    let read = domain::confirm_request(view.account());
    if !view.seen.contains_key(&read) {
        return vec![read];
    }
    let Ok(file) = confirm_file(view) else {
        return Vec::new();
    };
    let asks = new.map(|one| domain::reach_request(view.account(), host(one), &file));
    asks.filter(|read| !view.seen.contains_key(read)).collect()
}

fn confirm_file(view: &View<'_>) -> Result<ConfirmFile, Why> {
    let read = domain::confirm_request(view.account());
    let file: ConfirmFile = payload(&domain::CONFIRM_FILE, view.seen.get(&read))?;
    if file.is_sound() {
        return Ok(file);
    }
    Err(Why::unreadable(
        domain::CONFIRM_FILE.name,
        "its name or its content is none that can be served",
    ))
}

fn due(spec: &DomainsSpec, way: Way, view: &View<'_>) -> Option<Result<Due, Why>> {
    let declared = spec.webview()?;
    let stored = match state::stored_webview(view, way) {
        Ok(stored) => stored,
        Err(why) => return Some(Err(why)),
    };
    let mut due = Due {
        wanted: declared.intersection(&stored).cloned().collect(),
        remove: stored.difference(&declared).cloned().collect(),
        ..Due::default()
    };
    for domain in declared.difference(&stored) {
        let key = key(domain);
        let verdict = remembered(&key, view).map(Ok).or_else(|| match way {
            Way::Platform => unlisted(domain, view),
            Way::Direct => unserved(domain, view),
        });
        match verdict {
            Some(Ok(verdict)) => {
                due.said.insert(key, verdict);
            }
            Some(Err(why)) => due.unknown = Some(why),
            None => {
                due.wanted.insert(domain.clone());
                due.add.insert(domain.clone());
            }
        }
    }
    due.stored = stored;
    Some(Ok(due))
}

/// What one webview domain is called.
fn key(domain: &str) -> String {
    format!("webview {domain}")
}

/// A host that is neither on the platform's list nor below one that is.
fn unlisted(domain: &str, view: &View<'_>) -> Option<Result<Verdict, Why>> {
    let listed = match state::of_platform(view, List::Webview) {
        Ok(listed) => listed,
        Err(why) => return Some(Err(why)),
    };
    let host = host(domain);
    let testing = listed.testing.contains(host);
    (!listed.covers(host)).then(|| Ok(not_listed(host, "webview", testing, view)))
}

/// A host that does not serve the confirm file.
fn unserved(domain: &str, view: &View<'_>) -> Option<Result<Verdict, Why>> {
    let file = match confirm_file(view) {
        Ok(file) => file,
        Err(why) => return Some(Err(why)),
    };
    let host = host(domain);
    let read = domain::reach_request(view.account(), host, &file);
    let came = match view.seen.get(&read) {
        Some(Answer::Done(body)) => Reached::deserialize(body).ok(),
        Some(Answer::Refused(_) | Answer::Lost(_)) | None => None,
    };
    let Some(came) = came else {
        return Some(Err(Why::not_asked(domain::REACH.name)));
    };
    let Text { zh, en } = instead(&came)?;
    let (tenant, item) = (
        shell_word(view.tenant),
        view.at.whose.item().unwrap_or_default(),
    );
    let item = shell_word(item);
    let name = &file.file_name;
    Some(Ok(Verdict::Waiting(Waiting::new(
        Reason::ConfirmFileUnreachable,
        Person::Operator,
        Text::new(
            format!(
                "https://{host}/{name} 应返回校验文件，{zh}。请让 {host} 提供该文件（wxops run 和 wxops sidecar 会在自己的地址上提供；或执行 wxops confirm-file {tenant} --item {item} --out 目录，把它放到网站根目录）；若确认微信可以访问，加 --assume-reachable"
            ),
            format!(
                "https://{host}/{name} should give the confirm file, and {en}: let {host} serve it (`wxops run` and `wxops \
                 sidecar` do at their own address, and `wxops confirm-file {tenant} --item {item} --out DIR` writes it for a web \
                 root); if WeChat can reach it all the same, add --assume-reachable"
            ),
        ),
    ))))
}

/// What is to be stored now.
pub(super) fn wanted(spec: &DomainsSpec, way: Way, view: &View<'_>) -> Option<BTreeSet<String>> {
    due(spec, way, view)?.ok().map(|due| due.wanted)
}

/// Everything that is not as it should be.
pub(super) fn verdicts(spec: &DomainsSpec, way: Way, view: &View<'_>) -> BTreeMap<String, Verdict> {
    let due = match due(spec, way, view) {
        None => return BTreeMap::new(),
        Some(Err(why)) => return BTreeMap::from([("webview".to_owned(), Verdict::Unknown(why))]),
        Some(Ok(due)) => due,
    };
    let mut verdicts = due.said.clone();
    if let Some(why) = &due.unknown {
        verdicts.insert("webview".to_owned(), Verdict::Unknown(why.clone()));
    }
    verdicts.extend(steps(&due, way, view));
    let effective = state::effective_webview(view).unwrap_or_default();
    if let Some(in_force) = &effective.in_force {
        let there = due.wanted.intersection(&due.stored);
        let late: Vec<String> = there
            .filter(|one| !in_force.contains(*one))
            .cloned()
            .collect();
        let ways = [Way::Platform, Way::Direct].map(|way| effective.stored(way));
        let gone: Vec<String> = match (&effective.console, ways) {
            (Some(console), [Some(one), Some(other)]) => {
                let lists = [console, one, other];
                let kept = |domain: &&String| lists.iter().any(|list| list.contains(*domain));
                in_force
                    .iter()
                    .filter(|domain| !kept(domain))
                    .cloned()
                    .collect()
            }
            (_, _) => Vec::new(),
        };
        let release = not_in_force(&late, &gone);
        verdicts.extend(release.map(|wait| ("webview release".to_owned(), wait)));
    }
    if let (Way::Platform, Ok(listed)) = (way, state::of_platform(view, List::Webview)) {
        let stays = due.stored.difference(&due.remove);
        let all = stays.chain(effective.console.iter().flatten());
        let lost = all.filter(|domain| !listed.covers(host(domain)));
        let waiting = dropped_at_release(&lost.cloned().collect());
        verdicts.extend(waiting.map(|waiting| ("webview dropped".to_owned(), waiting)));
    }
    verdicts
}

fn steps(due: &Due, way: Way, view: &View<'_>) -> Vec<(String, Verdict)> {
    let account = view.account();
    let (add, remove) = (
        changes(&due.add, view, true),
        changes(&due.remove, view, false),
    );
    let crowded = due.stored.len().saturating_add(due.add.len()) > MOST_WEBVIEW;
    let (add_rank, remove_rank) = ranks_of_change(crowded);
    let mut steps = Vec::new();
    let mut step = |key: &str, action: Action, changes: Vec<Change>, call: Call| {
        if changes.is_empty() {
            return;
        }
        let mut step = Step::new(action, account.clone(), changes, vec![call]);
        step.rank = match key {
            WEBVIEW_ADD => add_rank,
            WEBVIEW_REMOVE => remove_rank,
            _ => 0,
        };
        step.notes.push(with_the_next_release());
        steps.push((key.to_owned(), Verdict::Step(step)));
    };
    match way {
        Way::Platform => {
            let call = domain::webview_add_request(account, &due.add);
            step(WEBVIEW_ADD, Action::Create, add, call);
            let call = domain::webview_delete_request(account, &due.remove);
            step(WEBVIEW_REMOVE, Action::Delete, remove, call);
        }
        Way::Direct => {
            let action = if due.remove.is_empty() {
                Action::Create
            } else if due.add.is_empty() {
                Action::Delete
            } else {
                Action::Update
            };
            let call = domain::webview_set_request(account, &due.wanted);
            step(
                WEBVIEW_SET,
                action,
                add.into_iter().chain(remove).collect(),
                call,
            );
        }
    }
    steps
}

fn changes(domains: &BTreeSet<String>, view: &View<'_>, added: bool) -> Vec<Change> {
    changed(&Domains::path(view.at).field("webview"), domains, added)
}
