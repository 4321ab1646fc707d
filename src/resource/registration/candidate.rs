//! What is about that may be the mini-program which is to be registered: linked to the official account, or authorized to
//! the platform and of the same principal. Pure.
//!
//! A registration whose answer was lost, that a restored store has forgotten, or that somebody made by hand has named
//! itself already: whether it has a name or was released decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::info_of;
use crate::plan::Why;
use crate::resource::{Seen, View, payload};
use crate::wechat::authorizer::{self, Info, LIST_ENDS_EARLY, List, list_request};
use crate::wechat::link::{self, LinkStatus};
use crate::wechat::text::{plain_entity, visible};
use crate::wechat::{Answer, Appid, Call, ErrorClass};

/// A platform has thousands of accounts, not millions; a list that goes on for ever is none.
const PAGES: usize = 2_000;

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

/// The reads that show what is authorized: the platform's list to its end, and what each account is that nobody here has.
pub(super) fn needs(view: &View<'_>) -> Vec<Call> {
    match listed(view) {
        Ok(Listed::Next(page)) => vec![page],
        Ok(Listed::All(all)) => unclaimed(view, &all).map(info_of).collect(),
        Err(_) => Vec::new(),
    }
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
    let first = list_request(view.platform, 0);
    if !view.seen.contains_key(&first) {
        return Ok(BTreeSet::new());
    }
    let Listed::All(all) = listed(view)? else {
        return Err(Why::not_asked(authorizer::LIST.name));
    };
    let own = principal(view.seen, view.account())?.and_then(|own| own.1);
    let mut found = BTreeSet::new();
    for account in unclaimed(view, &all) {
        let is_it = match principal(view.seen, account)? {
            Some((true, Some(of))) => own.as_ref().is_none_or(|own| *own == of),
            // Whose it is was not said, so that it may be ours.
            Some((true, None)) => true,
            Some((false, _)) | None => false,
        };
        if is_it {
            found.insert(account.clone());
        }
    }
    Ok(found)
}

/// Whether an account is a mini-program, and whose it is. None: it has not authorized the platform any more.
fn principal(seen: &Seen, account: &Appid) -> Result<Option<(bool, Option<String>)>, Why> {
    let answer = seen.get(&info_of(account));
    if let Some(Answer::Refused(error)) = answer
        && error.class == ErrorClass::Revoked
    {
        return Ok(None);
    }
    let info = payload::<Info>(&authorizer::INFO, answer)?.authorizer_info;
    let name = info.principal_name.as_deref().map(visible);
    let name = name.filter(|name| !name.is_empty());
    Ok(Some((
        info.is_mini_program(),
        name.map(|name| plain_entity(&name)),
    )))
}

enum Listed {
    /// This page is missing.
    Next(Call),
    /// Every account.
    All(BTreeSet<Appid>),
}

fn listed(view: &View<'_>) -> Result<Listed, Why> {
    let mut all = BTreeSet::new();
    let mut offset = 0;
    for _ in 0..PAGES {
        let request = list_request(view.platform, offset);
        let answer = view.seen.get(&request);
        if answer.is_none() {
            return Ok(Listed::Next(request));
        }
        let page: List = payload(&authorizer::LIST, answer)?;
        let got = page.list.len();
        offset += got as u64;
        let named = page.list.into_iter();
        all.extend(named.filter_map(|one| one.authorizer_appid.parse().ok()));
        if i64::try_from(offset).is_ok_and(|offset| offset >= page.total_count) {
            break;
        }
        if got == 0 {
            return Err(Why::unreadable(authorizer::LIST.name, LIST_ENDS_EARLY));
        }
    }
    Ok(Listed::All(all))
}

/// Authorized accounts that no tenant has.
fn unclaimed<'a>(view: &'a View<'_>, all: &'a BTreeSet<Appid>) -> impl Iterator<Item = &'a Appid> {
    all.iter().filter(|account| {
        let ours = view.siblings.iter();
        let is_ours = ours
            .filter_map(|one| one.appid.as_ref())
            .any(|one| one == *account);
        !is_ours && !view.backdrop.claims.contains_key(*account)
    })
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
