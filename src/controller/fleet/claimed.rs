//! Accounts that more than one tenant of a folder claims.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::declared::Said;
use crate::wechat::Appid;

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
