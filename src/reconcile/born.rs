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

use super::work::Work;
use super::{Actor, Desired, Observer, StepOutcome, doubt};
use super::{asked, recall};
use crate::client::Addressee;
use crate::client::authorize::{Pinned, pin};
use crate::plan::{Person, Text, Waiting, Whose};
use crate::resource::registration::Backdrop;
use crate::resource::spec::MiniProgramSpec;
use crate::resource::{At, Claimant, at, authorization};
use crate::store::documents::{ClaimDoc, OpKey, RegisterDoc, TenantDoc};
use crate::store::journal::{LastDone, actions};
use crate::store::{JournalError, Key, Store, StoreError};
use crate::wechat::answer::read_payload;
use crate::wechat::errcode::names_scan;
use crate::wechat::registration::{BY_OFFICIAL_ACCOUNT, Registered, registered_for};
use crate::wechat::{Answer, Appid, Call, Fillings, Hole, Secret, authorizer};

/// What a registration must not be made without; empty where the tenant has none to make. Items whose account is found
/// again are pinned in `doc`.
pub(super) async fn backdrop(
    observer: &Observer,
    desired: &Desired,
    doc: &mut TenantDoc,
) -> Result<Backdrop, StoreError> {
    let store = &observer.store;
    let platform = observer.reader.platform();
    let Some(look) = Look::of(store, desired, doc).await? else {
        let asks = |item: &MiniProgramSpec| wants(item, doc) && item.is_for_a_person();
        let claims = if desired.spec.mini_programs.iter().any(asks) {
            claims(store).await?
        } else {
            BTreeMap::new()
        };
        return Ok(Backdrop {
            claims,
            asked: asked::before(store, platform, desired, doc).await?,
            ..Backdrop::default()
        });
    };
    let found = look.found(desired);
    let mut scanned = BTreeMap::new();
    let mut in_doubt = BTreeMap::new();
    let mut unnamed = BTreeSet::new();
    for item in &look.items {
        if let Some(appid) = found.get(*item) {
            doc.set_pin(Some(item), appid.clone());
            continue;
        }
        let reuses = |one: &MiniProgramSpec| one.name == *item && one.reuses_official_account();
        let reuses = desired.spec.mini_programs.iter().any(reuses);
        if let Some(waiting) = look.in_doubt(observer, (item, reuses)).await? {
            in_doubt.insert((*item).to_owned(), waiting);
        }
        if look.is_unnamed(item) {
            unnamed.insert((*item).to_owned());
        }
        let key = Key::register(&look.official, &desired.tenant, item);
        if let Some(stored) = store.get::<RegisterDoc>(&key).await? {
            scanned.insert((*item).to_owned(), stored.value.at);
        }
    }
    Ok(Backdrop {
        scanned,
        made: look.done.values().filter_map(account_of).collect(),
        claims: look.claims,
        in_doubt,
        unnamed,
        asked: asked::before(store, platform, desired, doc).await?,
    })
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
    let Some(look) = Look::of(store, desired, &doc).await? else {
        return Ok(());
    };
    for (item, appid) in look.found(desired) {
        let to = Addressee::of(&desired.tenant, Some(&item));
        take_in(actor, &look.official, &to, &appid).await?;
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
    official: &Appid,
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
    forget_scan(store, official, to).await
}

/// A tenant that has mini-programs to register.
struct Look<'a> {
    official: Appid,
    /// The items without an account.
    items: Vec<&'a str>,
    claims: BTreeMap<Appid, Claimant>,
    /// What its operations did last, by the item that each was for: any item, whatever is declared now.
    done: BTreeMap<String, LastDone>,
}

impl<'a> Look<'a> {
    async fn of(
        store: &Store,
        desired: &'a Desired,
        doc: &TenantDoc,
    ) -> Result<Option<Self>, StoreError> {
        // Also of one that is to be registered otherwise by now.
        let wants = |item: &&MiniProgramSpec| wants(item, doc) && item.registration.is_some();
        let items = desired.spec.mini_programs.iter().filter(wants);
        let items: Vec<&str> = items.map(|item| item.name.as_str()).collect();
        let official = At::OFFICIAL.appid(&desired.spec, doc.pin.as_ref());
        let (false, Some(official)) = (items.is_empty(), official) else {
            return Ok(None);
        };
        Ok(Some(Self {
            official: official.clone(),
            items,
            claims: claims(store).await?,
            done: registrations(store, official).await?,
        }))
    }

    /// The accounts that items have and the tenant's document does not know: by their claim, else by the operation that
    /// registered them. One that is another's by now, or that a person gave back, is nobody's to take back.
    fn found(&self, desired: &Desired) -> BTreeMap<String, Appid> {
        let mut found = BTreeMap::new();
        for item in &self.items {
            let mut claims = self.claims.iter();
            let is_it = |claim: &Claimant| {
                claim.tenant == desired.tenant && claim.whose == Whose::app(item)
            };
            let appid = match claims.find(|(_, claim)| is_it(claim)) {
                Some((appid, _)) => Some(appid.clone()),
                None => self
                    .done
                    .get(*item)
                    .filter(|done| !done.given_back)
                    .and_then(account_of)
                    .filter(|appid| !self.claims.contains_key(appid)),
            };
            if let Some(appid) = appid {
                found.insert((*item).to_owned(), appid);
            }
        }
        found
    }

    /// The wait for what came of its registration, where the next pass finds out by itself.
    async fn in_doubt(
        &self,
        observer: &Observer,
        (item, reuses): (&str, bool),
    ) -> Result<Option<Waiting>, StoreError> {
        let key = OpKey {
            action: BY_OFFICIAL_ACCOUNT.action(Some(item)),
            appid: self.official.clone(),
        };
        let found = if reuses {
            let found = doubt::of(observer, &key, BY_OFFICIAL_ACCOUNT.name).await;
            // Where a person must find out the step itself says so.
            found.map(|waiting| waiting.filter(|waiting| waiting.who == Person::Nobody))
        } else {
            doubt::of_former_registration(observer, &key).await
        };
        match found {
            Ok(waiting) => Ok(waiting),
            Err(JournalError::Store(StoreError::Corrupt { .. })) => Ok(None),
            Err(JournalError::Store(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Whether its registration is done, as somebody said, and nothing tells which account it made.
    fn is_unnamed(&self, item: &str) -> bool {
        let done = self.done.get(item);
        done.is_some_and(|done| account_of(done).is_none())
    }
}

/// Whether an item has no account.
pub(super) fn wants(item: &MiniProgramSpec, doc: &TenantDoc) -> bool {
    item.app_id.is_none() && doc.pin_of(Some(&item.name)).is_none()
}

/// What the registrations through an official account did last, by the item that each was for.
async fn registrations(
    store: &Store,
    official: &Appid,
) -> Result<BTreeMap<String, LastDone>, StoreError> {
    let mut all = BTreeMap::new();
    for action in actions(store, official).await? {
        let Some((name, item)) = action.split_once('+') else {
            continue;
        };
        if name == BY_OFFICIAL_ACCOUNT.name
            && let Some(done) = recall::done(store, (&action, official)).await?
        {
            all.insert(item.to_owned(), done);
        }
    }
    Ok(all)
}

fn account_of(done: &LastDone) -> Option<Appid> {
    let appid = done.ids.values().next()?;
    Appid::parse(appid).ok()
}

async fn claims(store: &Store) -> Result<BTreeMap<Appid, Claimant>, StoreError> {
    let mut all = BTreeMap::new();
    for key in store.list("claim/").await? {
        let appid = key.segments().pop();
        let Some(appid) = appid.and_then(|appid| Appid::parse(&appid).ok()) else {
            continue;
        };
        if let Some(stored) = store.get::<ClaimDoc>(&key).await? {
            let claimant = Claimant {
                whose: Whose::of_item(stored.value.item.as_deref()),
                tenant: stored.value.tenant,
            };
            all.insert(appid, claimant);
        }
    }
    Ok(all)
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
