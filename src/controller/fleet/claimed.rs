//! What all tenants of a folder share: accounts that more than one claims, and hosts that serve too many principals.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::declared::Said;
use crate::wechat::Appid;
use crate::wechat::domain::MOST_PRINCIPALS;

/// Accounts that several tenants claim, and which.
pub(super) fn claimed_twice(
    found: &BTreeMap<&str, (Arc<Said>, &Path)>,
) -> BTreeMap<Appid, Vec<String>> {
    let mut first: BTreeMap<&Appid, &str> = BTreeMap::new();
    let mut twice: BTreeMap<Appid, Vec<String>> = BTreeMap::new();
    for (name, (said, _)) in found {
        let Said::Good(one) = said.as_ref() else {
            continue;
        };
        for appid in one.accounts.iter().filter_map(|(_, appid)| appid.as_ref()) {
            match first.get(appid) {
                None => {
                    first.insert(appid, name);
                }
                Some(first) => twice
                    .entry(appid.clone())
                    .or_insert_with(|| vec![(*first).to_owned()])
                    .push((*name).to_owned()),
            }
        }
    }
    twice
}

/// Tenants that set a host directly for one principal more than WeChat takes, each with that host: those whose names come
/// after the ones that fill it.
pub(super) fn served_too_many(
    found: &BTreeMap<&str, (Arc<Said>, &Path)>,
) -> BTreeMap<String, String> {
    let mut served: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut many = BTreeMap::new();
    for (name, (said, _)) in found {
        let Said::Good(one) = said.as_ref() else {
            continue;
        };
        for (host, principal) in &one.direct {
            let known = served.entry(host).or_default();
            if known.contains(principal.as_str()) {
                continue;
            }
            if known.len() < MOST_PRINCIPALS {
                known.insert(principal);
            } else {
                many.insert((*name).to_owned(), host.clone());
            }
        }
    }
    many
}
