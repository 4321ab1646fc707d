//! Scans that did not make an account the tenant's: remembered, so that the provider is told what the owner was. The last
//! one of each link, until one is admitted.

use jiff::SignedDuration;

use super::admit::{Decision, Undecided, admit};
use super::chain;
use super::platform::Platform;
use super::shared::Shared;
use crate::client::{Addressee, authorize};
use crate::store::documents::ScanDoc;
use crate::store::{Key, StoreError};
use crate::wechat::Appid;

/// The same scan, told again by a push or a reload within this time, is no news.
const SAME: SignedDuration = SignedDuration::from_hours(1);

/// Decides whose an account becomes, and remembers where it becomes nobody's.
pub(super) async fn decide(
    shared: &Shared,
    platform: &Platform,
    to: &Addressee,
    account: &Appid,
) -> Result<Decision, Undecided> {
    let decision = admit(shared, platform, to, account).await?;
    match decision {
        Decision::Admitted(_) => forget(shared, to).await,
        Decision::NoTenant => {
            tracing::warn!(tenant.name = %to, account = %account, "an account authorized us whose tenant has no manifest that can be read");
        }
        Decision::WrongAccount(_)
        | Decision::Objected(..)
        | Decision::ClaimedByAnother
        | Decision::OfSibling(_)
        | Decision::HasAnother => note(shared, to, account, &decision).await,
    }
    Ok(decision)
}

/// Remembers what was decided of a scan, and says it once.
async fn note(shared: &Shared, to: &Addressee, account: &Appid, decision: &Decision) {
    let Some((reason, zh, en)) = why(decision) else {
        return;
    };
    let doc = ScanDoc {
        account: Some(account.clone()),
        reason: reason.to_owned(),
        zh,
        en,
        at: shared.clock.now(),
    };
    let why = doc.en.clone();
    if is_news(keep(shared, to, doc).await) {
        tracing::warn!(tenant.name = %to, account = %account, reason, why, "an account that was authorized by the tenant's link does not become the tenant's");
    }
}

/// The owner came back and had confirmed nothing. A reason that is known says more, and whoever has an account wants none.
pub(super) async fn not_confirmed(shared: &Shared, to: &Addressee) {
    if !matches!(authorize::pinned(&shared.store, to).await, Ok(None)) {
        return;
    }
    let doc = ScanDoc {
        account: None,
        reason: "NotConfirmed".to_owned(),
        zh: "打开了微信的页面，但没有确认；请管理员重新打开链接并确认".to_owned(),
        en: "WeChat's page was left without confirming; the administrator opens the link again and confirms"
            .to_owned(),
        at: shared.clock.now(),
    };
    let key = Key::scan(&to.tenant, to.item.as_deref());
    let first = shared
        .store
        .modify::<ScanDoc, bool>(&key, |held| {
            let is_first = held.is_none();
            held.get_or_insert_with(|| doc.clone());
            is_first
        })
        .await;
    if is_news(first) {
        tracing::warn!(tenant.name = %to, "an owner came back from WeChat and had confirmed nothing");
    }
}

/// Forgets what went wrong before: it is well now.
pub(super) async fn forget(shared: &Shared, to: &Addressee) {
    let key = Key::scan(&to.tenant, to.item.as_deref());
    let gone = async {
        if let Some(held) = shared.store.get::<ScanDoc>(&key).await? {
            shared.store.delete(&key, &held.version).await?;
        }
        Ok::<_, StoreError>(())
    };
    if let Err(error) = gone.await {
        tracing::warn!(error = chain(&error), tenant.name = %to, "an earlier scan cannot be forgotten");
    }
}

async fn keep(shared: &Shared, to: &Addressee, doc: ScanDoc) -> Result<bool, StoreError> {
    let key = Key::scan(&to.tenant, to.item.as_deref());
    let change = |held: &mut Option<ScanDoc>| {
        let same = held.as_ref().is_some_and(|held| {
            let (account, reason) = (&held.account, &held.reason);
            (account, reason) == (&doc.account, &doc.reason)
                && held.at <= doc.at
                && doc.at.duration_since(held.at) < SAME
        });
        if !same {
            *held = Some(doc.clone());
        }
        !same
    };
    shared.store.modify::<ScanDoc, bool>(&key, change).await
}

/// What could not be written is said all the same.
fn is_news(kept: Result<bool, StoreError>) -> bool {
    kept.unwrap_or_else(|error| {
        tracing::warn!(error = chain(&error), "a scan cannot be remembered");
        true
    })
}

/// The reason, and what to do, for the provider. None of what is no fault of the scan.
fn why(decision: &Decision) -> Option<(&'static str, String, String)> {
    let of = |reason, zh: &str, en: &str| Some((reason, zh.to_owned(), en.to_owned()));
    match decision {
        Decision::Admitted(_) | Decision::NoTenant => None,
        Decision::Objected(first, all) => {
            let zh: Vec<&str> = all.iter().map(|one| one.zh.as_str()).collect();
            let en: Vec<&str> = all.iter().map(|one| one.en.as_str()).collect();
            Some((
                first.reason,
                format!("{}；处理后请管理员重新打开授权链接", zh.join("；")),
                format!(
                    "{}; once that is put right, the administrator opens the link again",
                    en.join("; ")
                ),
            ))
        }
        Decision::WrongAccount(declared) => Some((
            "OtherAccount",
            format!("配置中的账号是 {declared}；请管理员重新打开授权链接并选择它，或修改配置"),
            format!(
                "the manifest names {declared}; the administrator opens the link again and chooses it, or change the manifest"
            ),
        )),
        Decision::ClaimedByAnother => of(
            "ClaimedByAnother",
            "该账号属于另一个租户；归属见 wxops claim list",
            "the account is another tenant's; wxops claim list says whose",
        ),
        Decision::OfSibling(item) => {
            let item = item.as_deref().unwrap_or("officialAccount");
            Some((
                "OfSibling",
                format!("该账号已是本租户的 {item}；请管理员重新打开授权链接并选择另一个"),
                format!(
                    "the account is this tenant's {item} already; the administrator opens the link again and chooses the other one"
                ),
            ))
        }
        Decision::HasAnother => of(
            "HasAnother",
            "该租户已绑定另一个账号；如需更换，见 wxops claim release",
            "the tenant has another account; to change it, see wxops claim release",
        ),
    }
}
