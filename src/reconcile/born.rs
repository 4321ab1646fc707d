//! A mini-program that is registered: the ticket it takes, the code it brings, and how it becomes the tenant's.
//!
//! ```text
//!   scan ─► register/… ─ filled in right before arming ─► account/fastregister
//!                                                            │ its code is stored, then the operation settles
//!                                                            ▼
//!                       op/<official>/account/fastregister+<item> knows the appid, also where the tenant's document is gone
//!                                                            │
//!                                                            ▼
//!                                  code exchanged, account claimed and pinned, ticket forgotten
//! ```
//!
//! Whatever is cut off in between is found again: a claim of this very item, or the operation, names its account. Once a
//! person has given it back (`wxops claim release`), a person says whose it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::asked;
use super::begun::{Begun, wants};
use super::work::Work;
use super::{Actor, Desired, Observer, StepOutcome};
use crate::client::Addressee;
use crate::client::authorize::{Pinned, pin};
use crate::plan::{Text, Whose};
use crate::resource::registration::Backdrop;
use crate::resource::{at, authorization};
use crate::store::documents::{RegisterDoc, TenantDoc};
use crate::store::maintenance::restored_at;
use crate::store::{JournalError, Key, Store, StoreError};
use crate::wechat::answer::read_payload;
use crate::wechat::errcode::names_scan;
use crate::wechat::registration::{BY_OFFICIAL_ACCOUNT, Registered, registered_for};
use crate::wechat::{Answer, Appid, Call, Fillings, Hole, Secret, authorizer};

/// What a registration must not be made without; empty where the tenant has none to make. Items whose account is found
/// again are pinned in `doc`. With it the official accounts that the tenant had before, whose operations tell as well.
pub(super) async fn backdrop(
    observer: &Observer,
    desired: &Desired,
    doc: &mut TenantDoc,
) -> Result<(Backdrop, BTreeSet<Appid>), StoreError> {
    let store = &observer.store;
    let platform = observer.reader.platform();
    let Some(begun) = Begun::of(store, desired, doc).await? else {
        return Ok((Backdrop::default(), BTreeSet::new()));
    };
    let found = begun.found();
    let mut scanned = BTreeMap::new();
    let mut in_doubt = BTreeMap::new();
    let mut unnamed = BTreeSet::new();
    for item in &begun.items {
        let name = item.name.as_str();
        if let Some(appid) = found.get(name) {
            doc.set_pin(Some(name), appid.clone());
            continue;
        }
        if let Some(waiting) = begun.in_doubt(observer, item).await? {
            in_doubt.insert(name.to_owned(), waiting);
        }
        if begun.is_unnamed(name) {
            unnamed.insert(name.to_owned());
        }
        if let Some(official) = &begun.official {
            let key = Key::register(official, &desired.tenant, name);
            if let Some(stored) = store.get::<RegisterDoc>(&key).await? {
                scanned.insert(name.to_owned(), stored.value.at);
            }
        }
    }
    let former = begun.former();
    let backdrop = Backdrop {
        scanned,
        made: begun.made(),
        in_doubt,
        unnamed,
        asked: asked::before(store, platform, &begun).await?,
        claims: begun.claims,
        is_restored: is_restored(observer).await?,
    };
    Ok((backdrop, former))
}

/// So long after it was put back a store is taken for one that has forgotten something: what is registered waits for people.
const FORGETS: SignedDuration = SignedDuration::from_hours(30 * 24);

async fn is_restored(observer: &Observer) -> Result<bool, StoreError> {
    let at = restored_at(&observer.store).await?;
    Ok(at.is_some_and(|at| observer.clock.now() < at + FORGETS))
}

/// Makes what was registered, or has been found again, the tenant's.
pub(super) async fn adopt(actor: &Actor, desired: &Desired) -> Result<(), StoreError> {
    let store = &actor.observer.store;
    let stored = store
        .get::<TenantDoc>(&Key::tenant(&desired.tenant))
        .await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let items = desired.spec.mini_programs.iter();
    for item in items.filter(|item| wants(item, &doc) && item.is_for_a_person()) {
        welcome(actor, desired, &item.name).await?;
    }
    let Some(begun) = Begun::of(store, desired, &doc).await? else {
        return Ok(());
    };
    for (item, appid) in begun.found() {
        let to = Addressee::of(&desired.tenant, Some(&item));
        take_in(actor, begun.official.as_ref(), &to, &appid).await?;
    }
    Ok(())
}

/// Makes a person's mini-program the tenant's, whose code a push has brought: whoever took that may not have come so far.
/// One that is not what the manifest says is left to whoever takes pushes, which says why.
async fn welcome(actor: &Actor, desired: &Desired, item: &str) -> Result<(), StoreError> {
    let writer = &actor.writer;
    let to = &Addressee::of(&desired.tenant, Some(item));
    let Some(code) = writer.code_for(to).await? else {
        return Ok(());
    };
    match writer.exchange(&code).await {
        Ok(appid) => {
            if is_as_declared(actor, desired, item, &appid).await
                && pin(&actor.observer.store, to, &appid).await? == Pinned::Yes
            {
                writer.code_decided(&code, to).await?;
            }
        }
        Err(error) => {
            tracing::warn!(%error, tenant.name = %to, "the code of a new mini-program is not exchanged yet");
        }
    }
    Ok(())
}

/// Whether an account is what the manifest says of an item.
async fn is_as_declared(actor: &Actor, desired: &Desired, item: &str, account: &Appid) -> bool {
    let read = authorizer::info_request(account);
    let Answer::Done(body) = actor.observer.reader.read(&read).await else {
        return false;
    };
    let at = at::find(&desired.spec, &Whose::app(item));
    let info = read_payload::<authorizer::Info>(&authorizer::INFO, &body);
    match (at, info) {
        (Some(at), Ok(info)) => {
            authorization::objections(&desired.spec, &at, &info.authorizer_info).is_empty()
        }
        (_, _) => false,
    }
}

/// Fetches its tokens and makes it the tenant's. A code that is not exchanged now stays stored, and WeChat's list of
/// accounts has the tokens as well.
async fn take_in(
    actor: &Actor,
    official: Option<&Appid>,
    to: &Addressee,
    appid: &Appid,
) -> Result<(), StoreError> {
    let writer = &actor.writer;
    let code = writer.code_for(to).await?;
    if let Some(code) = &code
        && let Err(error) = writer.exchange(code).await
    {
        tracing::warn!(%error, account = %appid, "the code of a new mini-program is not exchanged yet");
    }
    let store = &actor.observer.store;
    match pin(store, to, appid).await? {
        Pinned::Yes => {}
        // The plan says so: nobody's account is taken away.
        Pinned::ClaimedByAnother | Pinned::HasAnother => return Ok(()),
    }
    if let Some(code) = &code {
        writer.code_decided(code, to).await?;
    }
    match official {
        Some(official) => forget_scan(store, official, to).await,
        None => Ok(()),
    }
}

/// The ticket that fills a call.
pub(super) async fn ticket(
    work: &Work<'_>,
    call: &Call,
    scanned_for: &str,
) -> Result<Result<Secret, StepOutcome>, StoreError> {
    let Some(key) = scan_key(call, scanned_for) else {
        return Ok(Err(no_scan()));
    };
    let due = |doc: &mut RegisterDoc| {
        doc.tried |= doc.earlier.is_none();
        Secret::new(doc.due().expose())
    };
    let store = &work.actor.observer.store;
    let ticket = store.amend::<RegisterDoc, Secret>(&key, due).await?;
    Ok(ticket.ok_or_else(no_scan))
}

/// What WeChat answered, before the operation settles: the code of the new account is stored, and a ticket that WeChat
/// takes no more is forgotten.
pub(super) async fn answered(
    work: &Work<'_>,
    call: &Call,
    with: &Fillings,
    answer: &Answer,
) -> Result<(), JournalError> {
    let Some(scanned_for) = registered_for(call) else {
        return Ok(());
    };
    match answer {
        Answer::Done(body) => {
            let code = registered(body).and_then(|one| one.authorization_code);
            if let (Some(code), Ok(to)) = (code, scanned_for.parse()) {
                work.actor.writer.keep_code_for(&code, &to).await?;
            }
        }
        Answer::Refused(error) if names_scan(error) => {
            let sent = with.get(&Hole::Ticket {
                scanned_for: scanned_for.clone(),
            });
            let key = scan_key(call, &scanned_for);
            if let (Some(key), Some(sent)) = (key, sent) {
                let left = |doc: RegisterDoc| doc.without(sent.expose());
                leave(&work.actor.observer.store, &key, left).await?;
            }
        }
        Answer::Refused(_) | Answer::Lost(_) => {}
    }
    Ok(())
}

fn registered(body: &serde_json::Value) -> Option<Registered> {
    read_payload(&BY_OFFICIAL_ACCOUNT, body).ok()
}

fn scan_key(call: &Call, scanned_for: &str) -> Option<Key> {
    let Ok(to) = scanned_for.parse::<Addressee>();
    Some(Key::register(
        &call.subject,
        &to.tenant,
        to.item.as_deref()?,
    ))
}

async fn forget_scan(store: &Store, official: &Appid, to: &Addressee) -> Result<(), StoreError> {
    let Some(item) = to.item.as_deref() else {
        return Ok(());
    };
    let key = Key::register(official, &to.tenant, item);
    leave(store, &key, |_| None).await
}

/// Leaves of a scan what is still of use.
async fn leave(
    store: &Store,
    key: &Key,
    left: impl Fn(RegisterDoc) -> Option<RegisterDoc>,
) -> Result<(), StoreError> {
    let Some(stored) = store.get::<RegisterDoc>(key).await? else {
        return Ok(());
    };
    let written = match left(stored.value) {
        Some(doc) => store.replace(key, &doc, &stored.version).await.map(drop),
        None => store.delete(key, &stored.version).await,
    };
    match written {
        // Another scan has come meanwhile.
        Err(error) if !error.is_conflict() => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn no_scan() -> StepOutcome {
    StepOutcome::Held(Text::new(
        "未发送：没有可用的扫码结果，请公众号管理员重新打开注册链接并扫码",
        "not sent: there is no scan to use; the official account's administrator opens the link again and scans",
    ))
}
