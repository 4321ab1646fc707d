//! The hosts whose names are resolved before a mini-program runs (DNS 预解析域名). The whole list is declared, and put.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{
    Action, Change, Digest, Observation, Person, Reason, Step, Text, Verdict, Waiting,
};
use crate::resource::{At, Kind, Resource, TenantSpec, View, only, payload};
use crate::wechat::dns_prefetch::{self, DnsPrefetch as Listed};
use crate::wechat::domain::{NotAHost, read_host};
use crate::wechat::{Call, Endpoint};

/// So many hosts WeChat takes unless its answer says otherwise (`size_limit`), which only a read can tell.
const USUALLY: usize = 5;

/// The resource.
pub struct DnsPrefetch;

impl Resource for DnsPrefetch {
    const NAME: &'static str = "dnsPrefetch";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = dns_prefetch::SET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&dns_prefetch::GET];
    type Spec = Vec<String>;
    type State = BTreeSet<String>;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a Vec<String>> {
        at.item(tenant)?.dns_prefetch.as_ref()
    }

    fn check(spec: &Vec<String>, at: &At, found: &mut Diagnostics) {
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        for (index, text) in spec.iter().enumerate() {
            let path = Self::path(at).index(index);
            match read(text) {
                Err(why) => refuse(text, why, path, found),
                Ok(host) => {
                    if let Some(before) = first.insert(host, index) {
                        found.error(
                            "WX1351",
                            path,
                            format!("`{text}` is listed twice"),
                            format!("item {} is the same host", before + 1),
                            Some("capitals make no difference; take one of them out"),
                        );
                    }
                }
            }
        }
        if first.len() > USUALLY {
            found.warning(
                "WX1344",
                Self::path(at),
                format!("{} hosts are to be resolved ahead", first.len()),
                format!("WeChat takes {USUALLY} as a rule"),
                Some(
                    "unless WeChat allows this mini-program more, nothing of the list is set: keep the hosts that it calls first",
                ),
            );
        }
    }

    fn needs(_spec: Option<&Vec<String>>, view: &View<'_>) -> Vec<Call> {
        view.unless_seen(dns_prefetch::get_request(view.account()))
    }

    fn observe(view: &View<'_>) -> Observation<BTreeSet<String>> {
        let answer = view.seen.get(&dns_prefetch::get_request(view.account()));
        match payload::<Listed>(&dns_prefetch::GET, answer) {
            Ok(list) => Observation::Present(list.hosts()),
            Err(why) => Observation::Unknown(why),
        }
    }

    fn desire(spec: &Vec<String>, _view: &View<'_>) -> Result<BTreeSet<String>, Box<Waiting>> {
        Ok(spec.iter().filter_map(|text| read(text).ok()).collect())
    }

    fn diff(
        _spec: &Vec<String>,
        desired: &BTreeSet<String>,
        observed: &Observation<BTreeSet<String>>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let none = BTreeSet::new();
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Present(live) => live,
            Observation::Absent => &none,
        };
        if live == desired {
            return BTreeMap::new();
        }
        if let Some(waiting) = too_many(desired, view) {
            return only(Verdict::Waiting(waiting));
        }
        let action = match (live.is_empty(), desired.is_empty()) {
            (true, _) => Action::Create,
            (false, true) => Action::Delete,
            (false, false) => Action::Update,
        };
        let change = |host: &String, added: bool| Change {
            path: Self::path(view.at),
            from: (!added).then(|| json!(host)),
            to: added.then(|| json!(host)),
        };
        let added = desired.difference(live).map(|host| change(host, true));
        let removed = live.difference(desired).map(|host| change(host, false));
        let changes = added.chain(removed).collect();
        let call = dns_prefetch::set_request(view.account(), desired);
        let step = Step::new(action, view.account().clone(), changes, vec![call]);
        only(Verdict::Step(step))
    }

    /// A host is this one or another, in whatever spelling.
    fn shown(_: &BTreeSet<String>, _: &BTreeSet<String>) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn about(call: &Call) -> Option<Text> {
        let hosts: Vec<String> = dns_prefetch::hosts_of(call).into_iter().collect();
        let is_one = call.endpoint == &dns_prefetch::SET && !hosts.is_empty();
        is_one.then(|| Text::list(hosts))
    }

    fn export(observed: &BTreeSet<String>) -> Option<Vec<String>> {
        Some(observed.iter().cloned().collect())
    }

    /// A new mini-program has none.
    fn is_nothing(observed: &BTreeSet<String>) -> bool {
        observed.is_empty()
    }

    fn nothing() -> Option<Vec<String>> {
        Some(Vec::new())
    }
}

/// A host as it is compared. A name is resolved, so there is no port.
fn read(text: &str) -> Result<String, NotAHost> {
    let host = read_host(text, None)?;
    if host.contains(':') {
        return Err(NotAHost::Port);
    }
    Ok(host)
}

/// WeChat says how many there may be (`size_limit`).
fn too_many(desired: &BTreeSet<String>, view: &View<'_>) -> Option<Waiting> {
    let answer = view.seen.get(&dns_prefetch::get_request(view.account()));
    let most = payload::<Listed>(&dns_prefetch::GET, answer).ok()?.most();
    let count = desired.len();
    (count > most).then(|| {
        Waiting::new(
            Reason::LimitReached,
            Person::Operator,
            Text::new(
                format!(
                    "配置中有 {count} 个预解析域名，微信最多允许 {most} 个；请从配置中去掉多余的"
                ),
                format!(
                    "the manifest lists {count} hosts and WeChat takes {most}: take the others out"
                ),
            ),
        )
    })
}

fn refuse(text: &str, why: NotAHost, path: SpecPath, found: &mut Diagnostics) {
    let shown: String = text.chars().take(80).collect();
    let (label, help) = match why {
        NotAHost::Scheme => (
            "no scheme can stand here",
            "write the host alone, as in api.example.com",
        ),
        NotAHost::Path => (
            "more than a host",
            "only a host's name is resolved: no path, no query, no name before an `@`",
        ),
        NotAHost::Address => ("an IP address", "there is no name to resolve: leave it out"),
        NotAHost::Wechats => (
            "WeChat's own API",
            "no mini-program may call it: its token must stay on a server of yours",
        ),
        NotAHost::Name => (
            "no name of a host",
            "letters, digits, `-` and dots, as in api.example.com; other letters in their `xn--` form",
        ),
        NotAHost::Port => (
            "a port",
            "only a host's name is resolved: take the port out",
        ),
    };
    found.error(
        "WX1350",
        path,
        format!("`{shown}` is no host whose name can be resolved ahead"),
        label,
        Some(help),
    );
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::resource::world::World;

    fn world(hosts: &[&str], listed: Value) -> World {
        let mut world = World::of_app(json!({"dnsPrefetch": hosts}));
        world.answers(&dns_prefetch::GET, listed);
        world
    }

    fn list(hosts: &[&str]) -> Value {
        let hosts: Vec<Value> = hosts.iter().map(|host| json!({"url": host})).collect();
        json!({"errcode": 0, "prefetch_dns_domain": hosts, "size_limit": 2})
    }

    fn sent(world: &World) -> Vec<String> {
        let plan = world.plan();
        let calls = plan.steps().flat_map(|(_, step)| step.calls.clone());
        calls.map(|call| call.body().to_owned()).collect()
    }

    #[test]
    fn the_whole_list_is_put_where_it_differs_and_not_where_only_its_spelling_does() {
        let both = world(
            &["B.example.com", "a.example.com"],
            list(&["a.example.com", "b.EXAMPLE.com"]),
        );
        assert!(both.lines().is_empty());
        let other = world(
            &["a.example.com"],
            list(&["a.example.com", "old.example.com"]),
        );
        assert_eq!(
            other.lines(),
            ["main:dnsPrefetch ~ miniPrograms[0].dnsPrefetch"]
        );
        assert_eq!(
            sent(&other),
            [r#"{"prefetch_dns_domain":[{"url":"a.example.com"}]}"#]
        );
        let none = world(&[], list(&["old.example.com"]));
        assert_eq!(
            none.lines(),
            ["main:dnsPrefetch - miniPrograms[0].dnsPrefetch"]
        );
        assert_eq!(sent(&none), [r#"{"prefetch_dns_domain":[]}"#]);
    }

    #[test]
    fn more_than_wechat_takes_wait() {
        let many = world(
            &["a.example.com", "b.example.com", "c.example.com"],
            list(&[]),
        );
        assert_eq!(many.lines(), ["main:dnsPrefetch waits LimitReached"]);
    }

    #[test]
    fn a_list_that_cannot_be_read_is_not_put() {
        for odd in [json!({"errcode": 0}), json!({"prefetch_dns_domain": null})] {
            let odd = world(&["a.example.com"], odd);
            assert_eq!(odd.lines(), ["main:dnsPrefetch unknown ReadFailed"]);
        }
    }

    #[test]
    fn a_host_is_a_name_and_stands_once() {
        let codes = |hosts: &[&str]| -> Vec<&'static str> {
            let spec: Vec<String> = hosts.iter().map(|one| (*one).to_owned()).collect();
            let mut found = Diagnostics::default();
            DnsPrefetch::check(&spec, &At::app("main", 0), &mut found);
            found.as_slice().iter().map(|one| one.code).collect()
        };
        assert!(codes(&["api.example.com"]).is_empty());
        for odd in [
            "https://a.example.com",
            "a.example.com/x",
            "10.0.0.1",
            "a.example.com:80",
            "a",
            "",
        ] {
            assert_eq!(codes(&[odd]), ["WX1350"], "{odd}");
        }
        assert_eq!(codes(&["a.example.com", "A.example.com"]), ["WX1351"]);
        let hosts: Vec<String> = (0..6).map(|n| format!("{n}.example.com")).collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        assert!(codes(&hosts[..5]).is_empty());
        assert_eq!(codes(&hosts), ["WX1344"]);
    }
}
