//! Looks a whole platform's manifests up in the store, for the fleet guard.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;

use crate::plan::fleet::{Member, REVISION_PREFIX, Revision, RevisionApproval};
use crate::plan::{Digest, Hold};
use crate::resource::{TenantSpec, authorization};
use crate::store::documents::{ApprovalDoc, TenantDoc};
use crate::store::{Key, Store, StoreError};

/// How many documents are asked for at once: over a socket each is a round trip.
const AT_ONCE: usize = 16;

/// Compares every tenant of a platform with what was applied of it last.
///
/// # Errors
/// [`StoreError`].
pub async fn revision<'a>(
    store: &Store,
    platform: &str,
    tenants: impl Iterator<Item = (&'a str, &'a TenantSpec)>,
) -> Result<Revision, StoreError> {
    let members: BTreeMap<String, Member> = stream::iter(tenants)
        .map(|(name, spec)| member(store, name, spec))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let gone = gone(store, platform, |name| members.contains_key(name)).await?;
    Ok(Revision::of(platform, &members, gone.len()))
}

/// Takes it for applied that tenants have no manifest any more: to be called where their revision is not held. Else
/// every tenant that ever left would count against each later revision, for good.
///
/// # Errors
/// [`StoreError`]; what is left counts once more.
pub async fn let_go(
    store: &Store,
    platform: &str,
    is_there: impl Fn(&str) -> bool,
) -> Result<(), StoreError> {
    for key in gone(store, platform, is_there).await? {
        store
            .amend::<TenantDoc, ()>(&key, |doc| doc.platform = None)
            .await?;
    }
    Ok(())
}

/// Tenants that were applied and have no manifest any more.
async fn gone(
    store: &Store,
    platform: &str,
    is_there: impl Fn(&str) -> bool,
) -> Result<Vec<Key>, StoreError> {
    let mut gone = Vec::new();
    for key in store.list("tenant/").await? {
        if is_there(&key.segments().join("/")) {
            continue;
        }
        let doc = readable(store, &key).await?;
        if doc.is_some_and(|doc| doc.platform.as_deref() == Some(platform)) {
            gone.push(key);
        }
    }
    Ok(gone)
}

async fn member(
    store: &Store,
    name: &str,
    spec: &TenantSpec,
) -> Result<(String, Member), StoreError> {
    let doc = readable(store, &Key::tenant(name))
        .await?
        .unwrap_or_default();
    let member = Member {
        now: Digest::of(spec),
        applied: doc.manifest.map(Digest::from_hex),
        has_account: authorization::account(spec, doc.pin.as_ref()).is_some(),
    };
    Ok((name.to_owned(), member))
}

/// What is remembered of a tenant. A document that cannot be read is as if it were not there: its tenant then counts as
/// changed, its own pass says what is wrong, and no other is kept from its.
async fn readable(store: &Store, key: &Key) -> Result<Option<TenantDoc>, StoreError> {
    match store.get::<TenantDoc>(key).await {
        Ok(doc) => Ok(doc.map(|doc| doc.value)),
        Err(error @ StoreError::Corrupt { .. }) => {
            tracing::warn!(store.key = %key, %error, "a tenant's document cannot be read");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The hold on a revision's changed tenants, if it is held: `yes` and what was approved at the command line count.
///
/// # Errors
/// [`StoreError`].
pub async fn hold_revision(
    store: &Store,
    revision: &Revision,
    share: u8,
    mut yes: Vec<RevisionApproval>,
    now: Timestamp,
) -> Result<Option<Hold>, StoreError> {
    for key in store
        .list(&Key::approvals("platform", &revision.platform))
        .await?
    {
        let Some(doc) = store.get::<ApprovalDoc>(&key).await? else {
            continue;
        };
        let ApprovalDoc {
            revision: approved,
            changed_tenants,
            expires,
            ..
        } = doc.value;
        let Some(digest) = approved
            .as_deref()
            .and_then(|name| name.strip_prefix(REVISION_PREFIX))
        else {
            continue;
        };
        yes.push(RevisionApproval {
            name: key.segments().split_off(1).join("/"),
            revision: digest.to_owned(),
            changed_tenants,
            expires,
        });
    }
    Ok(revision.hold(share, &yes, now))
}
