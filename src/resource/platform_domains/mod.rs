//! The platform's own domain lists (第三方平台域名): the servers and the pages that its mini-programs may have through it.
//!
//! They belong to no tenant. The platform is compared like one, by itself: see [`At::PLATFORM`]. Whatever is changed is
//! changed in the testing and the published list at once; where the two differ, that is drift. What leaves the published
//! list is taken from every mini-program at its next release, so that takes a yes.

mod journal;
mod spec;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use spec::PlatformDomainsSpec;
pub use state::PlatformDomainsState;

use self::state::Listed;
use super::order::ranks_of_change;
use super::refusal::{self, Part};
use super::{At, AtMostOnce, Kind, Observation, Resource, TenantSpec, View, only};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Costly, Digest, Step, Text, Verdict, Waiting};
use crate::wechat::platform_domain::{self, Hosts, List};
use crate::wechat::{Call, Endpoint};

/// The resource.
pub struct PlatformDomains;

impl Resource for PlatformDomains {
    const NAME: &'static str = "platformDomains";
    const OF: &'static [Kind] = &[Kind::Platform];
    /// The platform's own token opens them.
    const SETS: &'static [u16] = &[];
    const EXPORTED: bool = false;
    const SHOWN_BY: &'static [&'static Endpoint] =
        &[&platform_domain::GET, &platform_domain::WEBVIEW_GET];
    type Spec = PlatformDomainsSpec;
    type State = PlatformDomainsState;

    fn in_one_list(key: &str, other: &str) -> bool {
        let list = |key: &str| key.split(' ').next().map(str::to_owned);
        list(key) == list(other)
    }

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("domains")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a PlatformDomainsSpec> {
        tenant.platform_domains.as_ref()
    }

    fn asks_nothing(spec: &PlatformDomainsSpec) -> bool {
        spec.lists().is_empty()
    }

    fn check(spec: &PlatformDomainsSpec, at: &At, found: &mut Diagnostics) {
        spec.check(&Self::path(at), found);
    }

    fn needs(spec: Option<&PlatformDomainsSpec>, view: &View<'_>) -> Vec<Call> {
        let Some(spec) = spec else {
            return Vec::new();
        };
        let lists = spec.lists();
        let mut reads: Vec<Call> = lists
            .keys()
            .map(|list| platform_domain::get_request(view.platform, *list))
            .collect();
        if let Some(declared) = lists.get(&List::Webview) {
            reads.extend(state::confirm_reads(declared, view));
        }
        reads.retain(|read| !view.seen.contains_key(read));
        reads
    }

    fn observe(view: &View<'_>) -> Observation<PlatformDomainsState> {
        let declared = view.spec.platform_domains.as_ref();
        let lists = declared.map(PlatformDomainsSpec::lists).unwrap_or_default();
        let mut known = BTreeMap::new();
        let mut why = None;
        for list in lists.keys() {
            match state::listed(view, *list) {
                Ok(hosts) => {
                    known.insert(*list, Listed::of(&hosts));
                }
                Err(unknown) => why = Some(unknown),
            }
        }
        match (known.is_empty(), why) {
            (true, Some(why)) => Observation::Unknown(why),
            _ => Observation::Present(PlatformDomainsState(known)),
        }
    }

    fn desire(
        spec: &PlatformDomainsSpec,
        view: &View<'_>,
    ) -> Result<PlatformDomainsState, Box<Waiting>> {
        let wanted = spec.lists().into_iter().map(|(list, declared)| {
            let hosts = state::listed(view, list).unwrap_or_default();
            let due = Due::of(list, &declared, &hosts, view);
            (list, Listed::both(due.wanted))
        });
        Ok(PlatformDomainsState(wanted.collect()))
    }

    fn diff(
        spec: &PlatformDomainsSpec,
        _desired: &PlatformDomainsState,
        observed: &Observation<PlatformDomainsState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        if let Observation::Unknown(why) = observed {
            return only(Verdict::Unknown(why.clone()));
        }
        let mut verdicts = BTreeMap::new();
        for (list, declared) in spec.lists() {
            match state::listed(view, list) {
                Ok(hosts) => {
                    let due = Due::of(list, &declared, &hosts, view);
                    verdicts.extend(due.verdicts(&hosts, view));
                }
                Err(why) => {
                    verdicts.insert(word(list).to_owned(), Verdict::Unknown(why));
                }
            }
        }
        verdicts
    }

    fn digests(desired: &PlatformDomainsState) -> BTreeMap<String, Digest> {
        let each = desired.0.iter().flat_map(|(list, wanted)| {
            let digest = Digest::of(wanted);
            let both = [
                format!("{} add", word(*list)),
                format!("{} remove", word(*list)),
            ];
            both.map(|key| (key, digest.clone()))
        });
        each.collect()
    }

    /// A host is this one or another, in whatever spelling.
    fn shown(_: &PlatformDomainsState, _: &PlatformDomainsState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn partly(call: &Call, body: &Value) -> BTreeMap<String, Part> {
        let Some(list) = platform_domain::added_to(call) else {
            return BTreeMap::new();
        };
        let left_out = Hosts::invalid_in(body).into_iter().map(|host| {
            let part = Part {
                why: not_taken(&host),
                thing: host.clone(),
            };
            (format!("{} {host}", word(list)), part)
        });
        left_out.collect()
    }

    fn export(_observed: &PlatformDomainsState) -> Option<PlatformDomainsSpec> {
        None
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&PlatformDomains)
    }
}

/// What one of the lists is called in addresses.
fn word(list: List) -> &'static str {
    match list {
        List::Server => "hosts",
        List::Webview => "webview",
    }
}

fn not_taken(host: &str) -> Text {
    Text::new(
        format!(
            "微信没有把 {host} 加入平台的域名列表：没有域名备案（ICP）、不符合域名规则，或校验文件无法访问；请服务商让域名所有者完成备案，或更换域名"
        ),
        format!(
            "WeChat did not take {host} into the platform's list: it has no ICP filing, breaks WeChat's rules, or does \
             not serve the confirm file. The operator has it filed by its owner, or takes another host"
        ),
    )
}

/// What is due of one list.
struct Due {
    list: List,
    /// What is to stand in both lists.
    wanted: BTreeSet<String>,
    add: BTreeSet<String>,
    remove: BTreeSet<String>,
    /// What is said of single hosts.
    said: BTreeMap<String, Verdict>,
}

impl Due {
    fn of(list: List, declared: &BTreeSet<String>, hosts: &Hosts, view: &View<'_>) -> Self {
        let mut due = Self {
            list,
            wanted: BTreeSet::new(),
            add: BTreeSet::new(),
            remove: BTreeSet::new(),
            said: BTreeMap::new(),
        };
        for host in declared {
            if hosts.stands_everywhere(host) {
                due.wanted.insert(host.clone());
                continue;
            }
            let key = format!("{} {host}", word(list));
            let unserved = || match list {
                List::Server => None,
                List::Webview => state::unserved(host, view),
            };
            match remembered(&key, view).or_else(unserved) {
                Some(verdict) => {
                    due.said.insert(key, verdict);
                }
                None => {
                    due.wanted.insert(host.clone());
                    due.add.insert(host.clone());
                }
            }
        }
        due.remove = hosts.all().difference(declared).cloned().collect();
        due
    }

    fn verdicts(self, hosts: &Hosts, view: &View<'_>) -> BTreeMap<String, Verdict> {
        let platform = view.platform;
        let (add, remove) = (
            self.changes(&self.add, hosts, true),
            self.changes(&self.remove, hosts, false),
        );
        let mut verdicts = self.said;
        let there = hosts.testing.len().max(hosts.in_force().len());
        let crowded = there.saturating_add(self.add.len()) > self.list.most();
        let (add_rank, remove_rank) = ranks_of_change(crowded);
        if !self.add.is_empty() {
            let call = platform_domain::add_request(platform, self.list, &self.add);
            let mut step = Step::new(Action::Create, platform.clone(), add, vec![call]);
            step.rank = add_rank;
            let apart = self.add.iter().filter(|host| hosts.all().contains(*host));
            let apart: Vec<&str> = apart.map(String::as_str).collect();
            if !apart.is_empty() && hosts.published.is_some() {
                step.notes.push(apart_text(&apart));
            }
            verdicts.insert(format!("{} add", word(self.list)), Verdict::Step(step));
        }
        if !self.remove.is_empty() {
            let call = platform_domain::delete_request(platform, self.list, &self.remove);
            let mut step = Step::new(Action::Delete, platform.clone(), remove, vec![call]);
            step.rank = remove_rank;
            let counts = |host: &String| hosts.in_force().contains(host);
            if self.remove.iter().any(counts) {
                step.costly = Some(Costly::RemoveHosts);
            }
            verdicts.insert(format!("{} remove", word(self.list)), Verdict::Step(step));
        }
        verdicts
    }

    fn changes(&self, names: &BTreeSet<String>, hosts: &Hosts, added: bool) -> Vec<Change> {
        let path = PlatformDomains::path(&At::PLATFORM).field(word(self.list));
        let one = |host: &String| {
            let there = hosts.all().contains(host).then(|| json!(host));
            Change {
                path: path.clone(),
                from: there,
                to: added.then(|| json!(host)),
            }
        };
        names.iter().map(one).collect()
    }
}

fn apart_text(apart: &[&str]) -> Text {
    let Text { zh, en } = Text::list(apart);
    Text::new(
        format!("测试版与已发布的列表不一致：{zh}"),
        format!("the testing and the published list differ: {en}"),
    )
}

/// What is remembered of a host that was left out before.
fn remembered(key: &str, view: &View<'_>) -> Option<Verdict> {
    let address = view.address(PlatformDomains::NAME).with_key(key);
    let rejected = view.records.get(&address)?.rejected.as_ref()?;
    refusal::of_part(rejected, key)
}

#[cfg(test)]
mod tests;
