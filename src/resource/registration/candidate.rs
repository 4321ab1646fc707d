//! What is about that may be the mini-program which is to be registered: linked to the official account, or authorized to
//! the platform and of the same principal. Pure.
//!
//! A registration whose answer was lost, that a restored store has forgotten, or that somebody made by hand has named
//! itself already: whether it has a name or was released decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::plan::Why;
use crate::resource::{View, payload, same_principal};
use crate::wechat::Appid;
use crate::wechat::link::{self, LinkStatus};

/// A mini-program that the official account is linked to, whichever it is.
const NO_APPID: &str = "a linked mini-program has no appid that can be read";

/// What is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct About {
    /// What the official account is linked to.
    pub linked: Vec<Linked>,
    /// Authorized mini-programs of the same principal that nobody here has, where they were looked for.
    pub authorized: BTreeSet<Appid>,
}

/// A mini-program that the official account is linked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Linked {
    /// Its appid.
    pub appid: Appid,
    /// Its original id, where the list says it.
    pub original_id: Option<String>,
}

/// Folds the answers.
pub(super) fn observe(view: &View<'_>) -> Result<About, Why> {
    let answer = view.seen.get(&link::get_request(view.account()));
    let links = payload::<link::Links>(&link::GET, answer)?.wxopens.items;
    // Whatever its status: that of a link which was undone, or is asked for again, says nothing of how it came to be. One
    // that is only asked for may be listed without an appid.
    let named = |one: &link::Link| one.appid.is_some() || one.status() == LinkStatus::Linked;
    let linked = links.into_iter().filter(named).map(|one| {
        let appid = one.appid.as_deref().map(Appid::parse);
        match appid {
            Some(Ok(appid)) => Ok(Linked {
                appid,
                original_id: one.username,
            }),
            // It is there, and may be the very one.
            Some(Err(_)) | None => Err(Why::unreadable(link::GET.name, NO_APPID)),
        }
    });
    Ok(About {
        linked: linked.collect::<Result<_, _>>()?,
        authorized: authorized(view)?,
    })
}

fn authorized(view: &View<'_>) -> Result<BTreeSet<Appid>, Why> {
    if !same_principal::looked(view) {
        return Ok(BTreeSet::new());
    }
    let own = same_principal::principal(view.seen, view.account())?.and_then(|own| own.1);
    same_principal::observe(view, own.as_deref().as_slice())
}

impl About {
    /// The original ids that the list had.
    pub(super) fn original_ids(&self) -> BTreeSet<String> {
        let ids = self.linked.iter();
        ids.filter_map(|one| one.original_id.clone()).collect()
    }

    /// What may be the mini-program, each with the tenant that has it: linked or once registered through the official
    /// account, and not one of the tenant's other ones; or authorized and nobody's.
    pub(super) fn candidates<'a>(
        &'a self,
        view: &'a View<'_>,
        besides: &[Appid],
    ) -> BTreeMap<&'a Appid, Option<&'a str>> {
        let linked = self.linked.iter().map(|one| &one.appid);
        let all = linked.chain(&self.authorized).chain(&view.backdrop.made);
        let others = view.siblings.iter();
        let others: BTreeSet<&Appid> = others.filter_map(|one| one.appid.as_ref()).collect();
        all.filter(|appid| !others.contains(appid) && !besides.contains(appid))
            .map(|appid| {
                let claim = view.backdrop.claims.get(appid);
                (appid, claim.map(|claim| claim.tenant.as_str()))
            })
            .collect()
    }
}
