//! Which authorized mini-programs are of one principal and nobody's here: one of them may be what is to be registered, made
//! by a registration that a lost store has forgotten, or by hand. Pure.

use std::collections::BTreeSet;

use super::{Seen, View, payload};
use crate::plan::Why;
use crate::wechat::authorizer::{self, Info, LIST_ENDS_EARLY, List, list_request};
use crate::wechat::text::{plain_entity, visible};
use crate::wechat::{Answer, Appid, Call, ErrorClass};

/// A platform has thousands of accounts, not millions; a list that goes on for ever is none.
const PAGES: usize = 2_000;

/// An account that has authorized the platform, whichever it is.
const NO_APPID_LISTED: &str = "an authorized account has no appid that can be read";

/// The reads that show what is authorized: the platform's list to its end, and what each account is that nobody here has.
pub(super) fn needs(view: &View<'_>) -> Vec<Call> {
    let reads = match listed(view) {
        Ok(Listed::Next(page)) => vec![page],
        Ok(Listed::All(all)) => unclaimed(view, &all)
            .map(authorizer::info_request)
            .collect(),
        Err(_) => Vec::new(),
    };
    let missing = reads
        .into_iter()
        .filter(|read| !view.seen.contains_key(read));
    missing.collect()
}

/// Whether anybody has looked.
pub(super) fn looked(view: &View<'_>) -> bool {
    view.seen.contains_key(&list_request(view.platform, 0))
}

/// The authorized mini-programs that nobody here has and that are of this principal, under one of its names, or may be: where
/// one is not told, of whatever the other says.
pub(super) fn observe(view: &View<'_>, own: &[&str]) -> Result<BTreeSet<Appid>, Why> {
    let Listed::All(all) = listed(view)? else {
        return Err(Why::not_asked(authorizer::LIST.name));
    };
    let mut found = BTreeSet::new();
    for account in unclaimed(view, &all) {
        let is_it = match principal(view.seen, account)? {
            Some((true, Some(of))) => own.is_empty() || own.contains(&&*of),
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
pub(super) fn principal(
    seen: &Seen,
    account: &Appid,
) -> Result<Option<(bool, Option<String>)>, Why> {
    let answer = seen.get(&authorizer::info_request(account));
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
        for one in page.list {
            // One that nobody can tell may be the very one, as of what is linked.
            let appid = one.authorizer_appid.parse();
            all.insert(appid.map_err(|_| Why::unreadable(authorizer::LIST.name, NO_APPID_LISTED))?);
        }
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
