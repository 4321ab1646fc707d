//! The mini-programs an official account is linked to (公众号关联小程序), which its menu and its articles may then open.
//!
//! wxops asks for a link; two administrators confirm it in WeChat, the official account's first. So asking is a step, and
//! all that comes after it is a wait. What was refused is not asked again by itself: WeChat lists the mini-program's
//! administrator's no, and after the official account's lists nothing more, so what we asked for is known from the
//! operation. What nobody declares is left alone: a link ends only where the manifest says `absent`, and with a yes.

mod due;
mod journal;
mod spec;

use std::collections::BTreeMap;

use serde::Serialize;

pub use spec::LinkSpec;

use super::{
    Assumption, At, AtMostOnce, Kind, Observation, Resource, TenantSpec, View, only, payload,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Text, Verdict, Waiting};
use crate::wechat::link::{self, Link, LinkStatus};
use crate::wechat::{Appid, Call, Endpoint};

/// The links of an account: those that are declared, or those that WeChat lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinksState(Vec<LinkState>);

/// One link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct LinkState {
    /// The key of the item that declares it; of one that WeChat lists it is empty.
    key: String,
    /// The mini-program. Declared: missing while its administrator has not scanned. Listed: while it is not linked.
    app_id: Option<String>,
    /// Its original id (`gh_…`), where it is known.
    original_id: Option<String>,
    /// What the list calls it.
    name: String,
    stands: Stands,
}

/// How far a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Stands {
    Linked,
    AsksOfficialAccount,
    AsksMiniProgram,
    Refused,
    /// A status that no page explains.
    Odd(i64),
    /// Only ever desired.
    Absent,
}

/// The resource.
pub struct Links;

impl Resource for Links {
    const NAME: &'static str = "links";
    const OF: &'static [Kind] = &[Kind::Official];
    const SETS: &'static [u16] = link::GET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&link::GET];
    const RECALLS: &'static [&'static Endpoint] = &[&link::LINK, &link::UNLINK];
    const EXPORTED: bool = false;
    type Spec = Vec<LinkSpec>;
    type State = LinksState;

    fn recalled_things(
        spec: &Vec<LinkSpec>,
        app_id: &dyn Fn(&str) -> Option<Appid>,
    ) -> Option<Vec<String>> {
        let named = spec.iter().filter_map(|item| match &item.mini_program {
            Some(name) => app_id(name),
            None => item.app_id.clone(),
        });
        Some(named.map(|appid| appid.to_string()).collect())
    }

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("officialAccount").field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a Vec<LinkSpec>> {
        tenant.official_account.as_ref()?.links.as_ref()
    }

    fn asks_nothing(spec: &Vec<LinkSpec>) -> bool {
        spec.is_empty()
    }

    fn check(spec: &Vec<LinkSpec>, at: &At, found: &mut Diagnostics) {
        spec::check(spec, &Self::path(at), found);
    }

    fn needs(_spec: Option<&Vec<LinkSpec>>, view: &View<'_>) -> Vec<Call> {
        view.unless_seen(link::get_request(view.account()))
    }

    fn observe(view: &View<'_>) -> Observation<LinksState> {
        let answer = view.seen.get(&link::get_request(view.account()));
        match payload::<link::Links>(&link::GET, answer) {
            Ok(links) => Observation::Present(listed(links)),
            Err(why) => Observation::Unknown(why),
        }
    }

    fn desire(spec: &Vec<LinkSpec>, view: &View<'_>) -> Result<LinksState, Box<Waiting>> {
        let items = spec.iter().map(|item| LinkState {
            key: item.key(),
            app_id: item.app_id(view).map(ToString::to_string),
            original_id: item.original_id(view).map(str::to_owned),
            name: String::new(),
            stands: if item.absent {
                Stands::Absent
            } else {
                Stands::Linked
            },
        });
        Ok(LinksState(items.collect()))
    }

    fn diff(
        spec: &Vec<LinkSpec>,
        desired: &LinksState,
        observed: &Observation<LinksState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let live = match observed {
            Observation::Present(live) => &live.0[..],
            Observation::Absent => &[],
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
        };
        let items = spec.iter().zip(&desired.0).enumerate();
        let verdicts = items.filter_map(|(index, (item, wanted))| {
            let same = |other: &&LinkState| other.app_id.is_some() && other.app_id == wanted.app_id;
            if let Some(first) = desired.0.iter().take(index).find(same) {
                let twice = Verdict::Unknown(due::twice(&wanted.key, &first.key));
                return Some((wanted.key.clone(), twice));
            }
            let due = due::Due {
                item,
                index,
                wanted,
                live,
                view,
            };
            Some((wanted.key.clone(), due.verdict()?))
        });
        verdicts.collect()
    }

    /// How it is asked for is no part of what is there afterwards.
    fn digests(desired: &LinksState) -> BTreeMap<String, Digest> {
        let known = desired.0.iter().filter(|item| item.app_id.is_some());
        known
            .map(|item| (item.key.clone(), Digest::of(&(&item.app_id, item.stands))))
            .collect()
    }

    /// A link is there or not, in whatever spelling.
    fn shown(_: &LinksState, _: &LinksState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(_observed: &LinksState) -> Option<Vec<LinkSpec>> {
        None
    }

    /// That a link that is listed no more may be asked for again is for a person to say.
    fn assume(
        spec: &Vec<LinkSpec>,
        view: &View<'_>,
        key: &str,
        same: bool,
    ) -> Result<Option<Assumption>, Text> {
        let Observation::Present(live) = Self::observe(view) else {
            return Ok(None);
        };
        let desired = Self::desire(spec, view).map_err(|waiting| waiting.text)?;
        let items = spec.iter().zip(&desired.0).enumerate();
        let gone = items.filter_map(|(index, (item, wanted))| {
            let live = &live.0;
            let due = due::Due {
                item,
                index,
                wanted,
                live,
                view,
            };
            let is_it = key.is_empty() || key == wanted.key;
            due.gone().filter(|_| is_it && !same)
        });
        Ok(gone.map(journal::may_be_asked_again).next())
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Links)
    }
}

/// What WeChat lists.
fn listed(links: link::Links) -> LinksState {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let items = links.wxopens.items.into_iter().map(|link: Link| LinkState {
        key: String::new(),
        stands: match link.status() {
            LinkStatus::Linked => Stands::Linked,
            LinkStatus::AsksOfficialAccount => Stands::AsksOfficialAccount,
            LinkStatus::AsksMiniProgram => Stands::AsksMiniProgram,
            LinkStatus::Refused => Stands::Refused,
            LinkStatus::Unknown(status) => Stands::Odd(status),
        },
        // In the spelling that everything else is compared in, where it is one.
        app_id: given(link.appid).map(|text| match Appid::parse(&text) {
            Ok(appid) => appid.to_string(),
            Err(_) => text,
        }),
        name: given(link.nickname)
            .or(given(link.username.clone()))
            .unwrap_or_else(|| "-".to_owned()),
        original_id: given(link.username),
    });
    LinksState(items.collect())
}

#[cfg(test)]
mod tests;
