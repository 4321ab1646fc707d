//! What the pages must know of tenants: from the revision in force, or from the folder where none is yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::RwLock;

use super::fleet::Fleet;
use crate::client::Addressee;
use crate::manifest::{LoadedTenant, is_platform};
use crate::plan::Whose;
use crate::resource::registry::needed_sets;
use crate::resource::{At, TenantSpec, at, authorization};
use crate::sidecar::{Expected, Gatekeeper, Objection, Registering};
use crate::wechat::Appid;
use crate::wechat::authorizer::Info;

/// Asks a fleet that others change.
pub struct Doors(pub Arc<RwLock<Fleet>>);

impl Gatekeeper for Doors {
    fn find<'a>(&'a self, to: &'a Addressee) -> BoxFuture<'a, Option<Box<dyn Expected>>> {
        Box::pin(async move {
            // A platform has lists, and no account that anybody could authorize.
            if is_platform(&to.tenant) {
                return None;
            }
            let fleet = self.0.read().await;
            let tenant = fleet.newest(&to.tenant).await?;
            let platform = fleet.platform(&tenant.platform)?;
            drop(fleet);
            account(platform, tenant, to)
        })
    }

    fn declares(&self, account: &Appid) -> Option<Addressee> {
        // Admitting holds the fleet for moments; whoever asks then is told by the claim in the store.
        let fleet = self.0.try_read().ok()?;
        let (tenant, item) = fleet.declares(account)?;
        Some(Addressee::of(&tenant, item.as_deref()))
    }
}

/// One of a tenant's accounts.
struct Account {
    platform: Appid,
    spec: TenantSpec,
    at: At,
}

fn account(platform: Appid, tenant: LoadedTenant, to: &Addressee) -> Option<Box<dyn Expected>> {
    let at = at::find(&tenant.spec, &Whose::of_item(to.item.as_deref()))?;
    Some(Box::new(Account {
        platform,
        spec: tenant.spec,
        at,
    }))
}

impl Expected for Account {
    fn platform(&self) -> &Appid {
        &self.platform
    }

    fn appid(&self) -> Option<&Appid> {
        self.at.declared(&self.spec)
    }

    fn nickname(&self) -> Option<String> {
        let nickname = self.at.item(&self.spec)?.nickname.as_ref()?;
        Some(nickname.name().to_owned())
    }

    fn registration(&self) -> Option<Registering> {
        let how = self.at.item(&self.spec)?.registration.as_ref()?;
        let how = how.reuse_official_account.as_ref()?;
        Some(Registering {
            copy_verification: how.copy_verification,
        })
    }

    fn sets(&self) -> BTreeSet<u16> {
        needed_sets(&self.spec, &self.at)
    }

    fn objections(&self, info: &Info) -> Vec<Objection> {
        let objections = authorization::objections(&self.spec, &self.at, &info.authorizer_info);
        let objection = |waiting: crate::plan::Waiting| Objection {
            reason: waiting.reason.as_str(),
            zh: waiting.text.zh,
            en: waiting.text.en,
        };
        objections.into_iter().map(objection).collect()
    }
}
