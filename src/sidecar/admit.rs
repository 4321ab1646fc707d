//! Whether the account behind a code becomes the tenant's whose link it came by: it must be what the manifest says,
//! and nobody else's. Decided once, with the owner's browser there or not.

use super::platform::Platform;
use super::shared::Shared;
use super::{Objection, chain};
use crate::client::Addressee;
use crate::client::authorize::{Pinned, pin};
use crate::store::documents::ClaimDoc;
use crate::store::{Key, StoreError};
use crate::wechat::answer::read_payload;
use crate::wechat::authorizer::{INFO, Info, info_request};
use crate::wechat::{Answer, Appid};

/// What was decided.
pub(super) enum Decision {
    /// Tenant and account belong to each other.
    Admitted(Box<Info>),
    /// The manifest names another account.
    WrongAccount(Appid),
    /// The account is not as the manifest says.
    Objected(Objection, Vec<Objection>),
    /// The account is another tenant's.
    ClaimedByAnother,
    /// The account is another one of this tenant's: that item, or the official account.
    OfSibling(Option<String>),
    /// The tenant has another account.
    HasAnother,
    /// The tenant is gone from the manifests, or its manifest cannot be read.
    NoTenant,
}

/// Why nothing could be decided yet.
pub(super) enum Undecided {
    /// WeChat does not tell what the account is.
    NoInfo,
    /// The store could not be used.
    Store(StoreError),
}

/// Decides, and pins where the answer is yes.
pub(super) async fn admit(
    shared: &Shared,
    platform: &Platform,
    to: &Addressee,
    account: &Appid,
) -> Result<Decision, Undecided> {
    let decision = decide(shared, platform, to, account).await?;
    if matches!(decision, Decision::Admitted(_)) {
        (shared.wake)(&to.tenant);
    }
    Ok(decision)
}

async fn decide(
    shared: &Shared,
    platform: &Platform,
    to: &Addressee,
    account: &Appid,
) -> Result<Decision, Undecided> {
    let client = &platform.served.client;
    let Some(expected) = shared.gatekeeper.find(to).await else {
        return Ok(Decision::NoTenant);
    };
    if *expected.platform() != client.platform().appid {
        return Ok(Decision::NoTenant);
    }
    if let Some(declared) = expected.appid().filter(|declared| *declared != account) {
        return Ok(Decision::WrongAccount(declared.clone()));
    }
    if let Some(other) = shared
        .gatekeeper
        .declares(account)
        .filter(|other| other != to)
    {
        return Ok(if other.tenant == to.tenant {
            Decision::OfSibling(other.item)
        } else {
            Decision::ClaimedByAnother
        });
    }
    let info = match client.reader().read(&info_request(account)).await {
        Answer::Done(body) => read_payload::<Info>(&INFO, &body).ok(),
        Answer::Refused(_) | Answer::Lost(_) => None,
    };
    let info = info.ok_or(Undecided::NoInfo)?;
    let objections = expected.objections(&info);
    if let Some(first) = objections.first() {
        return Ok(Decision::Objected(first.clone(), objections));
    }
    match pin(&shared.store, to, account).await {
        Ok(Pinned::Yes) => Ok(Decision::Admitted(Box::new(info))),
        Ok(Pinned::ClaimedByAnother) => claimed(shared, to, account).await,
        Ok(Pinned::HasAnother) => Ok(Decision::HasAnother),
        Err(error) => {
            tracing::error!(error = chain(&error), tenant.name = %to, "an account could not be pinned");
            Err(Undecided::Store(error))
        }
    }
}

/// Who else has the account. Whose customer another one is, is nobody's business.
async fn claimed(shared: &Shared, to: &Addressee, account: &Appid) -> Result<Decision, Undecided> {
    let claim = shared.store.get::<ClaimDoc>(&Key::claim(account)).await;
    let claim = claim.map_err(Undecided::Store)?.map(|stored| stored.value);
    Ok(match claim.filter(|claim| claim.tenant == to.tenant) {
        Some(claim) => Decision::OfSibling(claim.item),
        None => Decision::ClaimedByAnother,
    })
}
