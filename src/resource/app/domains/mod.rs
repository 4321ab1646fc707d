//! The domains (域名) of a mini-program: the servers it may talk to, and the pages it may show.
//!
//! ```text
//!   declared, not stored                     added, all of them in one call
//!   stored, not declared                     deleted, likewise
//!   left out by WeChat before                said with its reason, host by host, and not sent again
//!   via: platform, not on its list           waits; it would be dropped at the next release
//!   via: direct, a page whose host does
//!     not serve the confirm file             waits
//!   stored, not in force                     waits for the next release, which is nobody's to do here
//! ```
//!
//! What is stored already is not sent again: a needless change asks for another release.

mod refused;
mod server;
mod spec;
mod state;
#[cfg(test)]
mod tests;
mod webview;

use std::collections::BTreeMap;

use serde_json::Value;

pub use spec::{DomainsSpec, Via};
pub use state::DomainsState;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Observation, Person, Reason, Text, Verdict, Waiting};
use crate::resource::refusal::Part;
use crate::resource::{At, Kind, Resource, TenantSpec, View, only};
use crate::wechat::domain::{self, Lists, Way};
use crate::wechat::{Call, Endpoint};

/// The resource.
pub struct Domains;

/// What is done at once has one name: the verdict of all that is missing, and of all that is too much.
const ADD: &str = "add";
const REMOVE: &str = "remove";
const WEBVIEW_ADD: &str = "webview add";
const WEBVIEW_REMOVE: &str = "webview remove";
const WEBVIEW_SET: &str = "webview set";

impl Resource for Domains {
    const NAME: &'static str = "domains";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = domain::ADD.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[
        &domain::EFFECTIVE,
        &domain::GET,
        &domain::GET_DIRECTLY,
        &domain::EFFECTIVE_WEBVIEW,
        &domain::WEBVIEW_GET,
        &domain::WEBVIEW_GET_DIRECTLY,
    ];
    type Spec = DomainsSpec;
    type State = DomainsState;

    /// The pages, or the servers.
    fn in_one_list(key: &str, other: &str) -> bool {
        let is_of_pages = |key: &str| key.starts_with("webview");
        is_of_pages(key) == is_of_pages(other)
    }

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a DomainsSpec> {
        at.item(tenant)?.domains.as_ref()
    }

    /// The way alone changes nothing.
    fn asks_nothing(spec: &DomainsSpec) -> bool {
        spec.server().is_empty() && spec.webview().is_none()
    }

    fn check(spec: &DomainsSpec, at: &At, found: &mut Diagnostics) {
        spec.check(&Self::path(at), found);
    }

    fn needs(spec: Option<&DomainsSpec>, view: &View<'_>) -> Vec<Call> {
        let Some(spec) = spec else {
            let account = view.account();
            let both = [
                domain::effective_request(account),
                domain::effective_webview_request(account),
            ];
            return both
                .into_iter()
                .filter(|read| !view.seen.contains_key(read))
                .collect();
        };
        let missing = state::missing(spec, view);
        if missing.is_empty() {
            webview::missing(spec, view)
        } else {
            missing
        }
    }

    fn observe(view: &View<'_>) -> Observation<DomainsState> {
        let declared = Self::spec(view.spec, view.at);
        let Some((spec, via)) = declared.and_then(|spec| Some((spec, spec.via?))) else {
            return match state::there(view) {
                Ok(there) => Observation::Present(there),
                Err(why) => Observation::Unknown(why),
            };
        };
        let (way, declared) = (via.way(), spec.server());
        let mut server = state::stored(view, way);
        server.retain(|class, _| declared.contains_key(class));
        let webview = spec.webview().map(|_| state::stored_webview(view, way));
        match (declared.keys().next(), &webview) {
            (_, Some(Err(why))) if server.is_empty() => Observation::Unknown(why.clone()),
            (Some(class), None) if server.is_empty() => {
                Observation::Unknown(state::not_told(view, way, *class))
            }
            _ => Observation::Present(DomainsState {
                via: Some(via.as_str()),
                server,
                webview: webview.and_then(Result::ok),
            }),
        }
    }

    /// What is to be stored now: without what WeChat does not take, or cannot yet.
    fn desire(spec: &DomainsSpec, view: &View<'_>) -> Result<DomainsState, Box<Waiting>> {
        let Some(via) = spec.via else {
            return Ok(DomainsState::default());
        };
        if let Some(waiting) = other_way(via.way(), view) {
            return Err(Box::new(waiting));
        }
        Ok(DomainsState {
            via: Some(via.as_str()),
            server: server::wanted(spec, via.way(), view),
            webview: webview::wanted(spec, via.way(), view),
        })
    }

    fn diff(
        spec: &DomainsSpec,
        _desired: &DomainsState,
        observed: &Observation<DomainsState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        if let Observation::Unknown(why) = observed {
            return only(Verdict::Unknown(why.clone()));
        }
        let Some(via) = spec.via else {
            return BTreeMap::new();
        };
        let mut verdicts = server::verdicts(spec, via.way(), view);
        verdicts.extend(webview::verdicts(spec, via.way(), view));
        verdicts
    }

    fn digests(desired: &DomainsState) -> BTreeMap<String, Digest> {
        let DomainsState {
            via,
            server,
            webview,
        } = desired;
        let servers = (!server.is_empty()).then(|| Digest::of(&(via, server)));
        let pages = webview.as_ref().map(|pages| Digest::of(&(via, pages)));
        let of_pages: &[&str] = match via {
            Some("direct") => &[WEBVIEW_SET],
            Some(_) | None => &[WEBVIEW_ADD, WEBVIEW_REMOVE],
        };
        let servers = servers
            .into_iter()
            .flat_map(|one| [ADD, REMOVE].map(|key| (key, one.clone())));
        let pages = pages
            .into_iter()
            .flat_map(|one| of_pages.iter().map(move |key| (*key, one.clone())));
        let all = servers.chain(pages);
        all.map(|(key, digest)| (key.to_owned(), digest)).collect()
    }

    /// A domain is this one or another, in whatever spelling.
    fn shown(_: &DomainsState, _: &DomainsState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn partly(call: &Call, body: &Value) -> BTreeMap<String, Part> {
        refused::parts(call, body)
    }

    fn about(call: &Call) -> Option<Text> {
        refused::named(call)
    }

    fn export(observed: &DomainsState) -> Option<DomainsSpec> {
        let via = match observed.via? {
            "platform" => Via::Platform,
            _ => Via::Direct,
        };
        let webview = observed.webview.clone().unwrap_or_default();
        Some(DomainsSpec::of(via, &observed.server, &webview))
    }

    fn is_nothing(observed: &DomainsState) -> bool {
        *observed == DomainsState::default()
    }
}

/// Both ways on one mini-program are never mixed: what was set the other way, and not this way as well, is said, and nothing
/// is changed before.
fn other_way(way: Way, view: &View<'_>) -> Option<Waiting> {
    let other = match way {
        Way::Platform => Way::Direct,
        Way::Direct => Way::Platform,
    };
    // Lists that are not declared are not asked for: what the others tell counts all the same.
    let theirs = state::effective(view).unwrap_or_default();
    let ours = state::stored(view, way);
    let lacks =
        |class, domain: &&String| !ours.get(class).is_some_and(|ours| ours.contains(*domain));
    let lists: &Lists = &theirs.stored(other).0;
    let all = lists.iter();
    let mut alone: Vec<&String> = all
        .flat_map(|(class, domains)| domains.iter().filter(move |domain| lacks(class, domain)))
        .collect();
    let webview = state::effective_webview(view).unwrap_or_default();
    let own_webview = state::stored_webview(view, way).unwrap_or_default();
    let theirs_webview = webview.stored(other).into_iter().flatten();
    alone.extend(theirs_webview.filter(|domain| !own_webview.contains(*domain)));
    alone.sort_unstable();
    alone.dedup();
    if alone.is_empty() {
        return None;
    }
    let named = said(alone.into_iter());
    let (is, was) = match way {
        Way::Platform => ("platform", "direct"),
        Way::Direct => ("direct", "platform"),
    };
    Some(Waiting::new(
        Reason::DomainsMixed,
        Person::Operator,
        Text::new(
            format!(
                "该小程序的 {} 是按 via: {was} 设置的，配置写的是 via: {is}，两种方式不能混用：请改为 via: {was}；若要换方式，请先以 via: {was} 和空列表删除它们",
                named.zh
            ),
            format!(
                "{} was set by `via: {was}` and the manifest says `via: {is}`: the two are not to be mixed. Write \
                 `via: {was}`, or have it removed first by `via: {was}` with empty lists",
                named.en
            ),
        ),
    ))
}

/// Domains in a sentence; many are counted.
fn said<'a>(domains: impl Iterator<Item = &'a String>) -> Text {
    const SAID: usize = 8;
    Text::list_of(domains, SAID)
}

/// The wait of what is stored and not in force, and of what is stored no more and still is, if anything is.
fn not_in_force(late: &[String], gone: &[String]) -> Option<Verdict> {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if !late.is_empty() {
        let named = said(late.iter());
        zh.push(format!("已保存，下一次发布后对用户生效：{}", named.zh));
        en.push(format!(
            "stored, and in force for users after the next release: {}",
            named.en
        ));
    }
    if !gone.is_empty() {
        let named = said(gone.iter());
        zh.push(format!("已移除，下一次发布前用户仍可使用：{}", named.zh));
        en.push(format!(
            "taken away, and users still have it until the next release: {}",
            named.en
        ));
    }
    (!zh.is_empty()).then(|| {
        let text = Text::new(zh.join("；"), en.join("; "));
        Verdict::Waiting(Waiting::new(Reason::NotInForce, Person::Nobody, text))
    })
}
