//! Persons who were asked for a tenant's mini-programs otherwise than its manifest says now.

use std::collections::BTreeMap;

use serde::Deserialize as _;

use super::begun::Begun;
use super::recall;
use crate::resource::registration::AskedBefore;
use crate::resource::spec::MiniProgramSpec;
use crate::store::journal::actions;
use crate::store::{Store, StoreError};
use crate::wechat::Appid;
use crate::wechat::personal_registration::{AskedFor, CREATE, person};

/// The items without an account for which somebody was asked whom the manifest does not name for them any more, by another
/// platform, or under a name that the manifest has no more: the last of them.
pub(super) async fn before(
    store: &Store,
    platform: &Appid,
    begun: &Begun<'_>,
) -> Result<BTreeMap<String, AskedBefore>, StoreError> {
    let mut before: BTreeMap<String, AskedBefore> = BTreeMap::new();
    let wanted = || {
        let items = begun.items.iter();
        items.filter(|item| item.registration.is_some())
    };
    if wanted().next().is_none() {
        return Ok(before);
    }
    for by in platforms(store, platform).await? {
        for action in actions(store, &by).await? {
            let Some((name, asked)) = action.split_once('+') else {
                continue;
            };
            // What the person whom the manifest names was asked last is looked at where that is.
            let is_current = |item: &MiniProgramSpec| {
                let named = item
                    .person()
                    .is_some_and(|of| person(&of.wechat_id) == asked);
                named && by == *platform
            };
            if name != CREATE.name || wanted().all(|item| is_current(item)) {
                continue;
            }
            let Some(done) = recall::done(store, (&action, &by)).await? else {
                continue;
            };
            let Ok(AskedFor { r#for: whose, .. }) = AskedFor::deserialize(&done.evidence) else {
                continue;
            };
            let of_us = whose.strip_prefix(&begun.desired.tenant);
            let Some(of) = of_us.and_then(|rest| rest.strip_prefix(':')) else {
                continue;
            };
            // One that has its account by now is asked for no more.
            if begun.claims.values().any(|one| one.is_called(&whose)) {
                continue;
            }
            for item in wanted().filter(|item| begun.names(item, of) && !is_current(item)) {
                let is_later = |known: &AskedBefore| known.at >= done.at;
                if !before.get(&item.name).is_some_and(is_later) {
                    let one = AskedBefore {
                        platform: by.clone(),
                        person: asked.to_owned(),
                        task: done.ids.values().next().cloned(),
                        at: done.at,
                    };
                    before.insert(item.name.clone(), one);
                }
            }
        }
    }
    Ok(before)
}

/// Every platform that the store knows of, this one first.
async fn platforms(store: &Store, own: &Appid) -> Result<Vec<Appid>, StoreError> {
    let known = store.list("platform/").await?;
    let known = known.iter().filter_map(|key| key.segments().pop());
    let others = known.filter_map(|appid| Appid::parse(&appid).ok());
    let mut all = vec![own.clone()];
    all.extend(others.filter(|one| one != own));
    Ok(all)
}
