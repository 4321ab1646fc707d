//! Persons who were asked for a tenant's mini-programs otherwise than its manifest says now.

use std::collections::BTreeMap;

use serde::Deserialize as _;

use super::born::wants;
use super::{Desired, recall};
use crate::resource::registration::AskedBefore;
use crate::resource::spec::MiniProgramSpec;
use crate::store::documents::TenantDoc;
use crate::store::journal::actions;
use crate::store::{Store, StoreError};
use crate::wechat::Appid;
use crate::wechat::personal_registration::{AskedFor, CREATE, person};

/// The items without an account for which somebody was asked whom the manifest does not name for them any more, or by
/// another platform: the last of them.
pub(super) async fn before(
    store: &Store,
    platform: &Appid,
    desired: &Desired,
    doc: &TenantDoc,
) -> Result<BTreeMap<String, AskedBefore>, StoreError> {
    let items = desired.spec.mini_programs.iter();
    let wanted = items.filter(|item| wants(item, doc) && item.registration.is_some());
    let wanted: BTreeMap<&str, &MiniProgramSpec> =
        wanted.map(|item| (item.name.as_str(), item)).collect();
    let mut before: BTreeMap<String, AskedBefore> = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(before);
    }
    for by in platforms(store, platform).await? {
        for action in actions(store, &by).await? {
            let Some((name, asked)) = action.split_once('+') else {
                continue;
            };
            if name != CREATE.name {
                continue;
            }
            let is_current = |item: &MiniProgramSpec| {
                let named = item
                    .person()
                    .is_some_and(|of| person(&of.wechat_id) == asked);
                named && by == *platform
            };
            if wanted.values().all(|item| is_current(item)) {
                continue;
            }
            let Some(done) = recall::done(store, (&action, &by)).await? else {
                continue;
            };
            let Ok(AskedFor { r#for: whose, .. }) = AskedFor::deserialize(&done.evidence) else {
                continue;
            };
            let of_us = whose.strip_prefix(&desired.tenant);
            let item = of_us.and_then(|rest| rest.strip_prefix(':'));
            let item = item.and_then(|item| wanted.get(item));
            let Some(item) = item.filter(|item| !is_current(item) && !done.given_back) else {
                continue;
            };
            let is_later = |known: &AskedBefore| known.at >= done.at;
            if !before.get(&item.name).is_some_and(is_later) {
                let one = AskedBefore {
                    platform: by.clone(),
                    person: asked.to_owned(),
                    task: done.ids.into_values().next(),
                    at: done.at,
                };
                before.insert(item.name.clone(), one);
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
