//! Repairs what a crash left half done, whichever two writes it fell between.
//!
//! ```text
//!   left behind                                    repaired by
//!   op open or reserved, its holder gone           settled as not sent
//!   op armed, its holder gone                      doubt: the next pass probes
//!   op settled, tenant or ledger not told          told
//!   unit taken, op never got to say so             released
//!   unit spent, op closed                          counted, its name forgotten
//!   past periods                                   forgotten, 40 days after they end
//!   ids of uploads that are over                   forgotten
//!   checks of names that are over                  forgotten
//!   a history that is too long                     its oldest entries forgotten
//! ```
//!
//! It needs no order and no lock: each repair is a compare-and-swap and harmless to repeat. Tenants that somebody
//! works on at this moment are left alone, for economy.

use jiff::{SignedDuration, Timestamp};

use super::doc::{Doc, Store};
use super::documents::{CheckedDoc, LedgerDoc, MediaDoc, OpDoc, PassDoc};
use super::error::StoreError;
use super::history::{History, KEPT_OF_ALL};
use super::journal::{Journal, JournalError, OpRef, Outcome, Stage};
use super::key::Key;
use super::ledger::LedgerEntry;

/// How long the ledger of a past period is kept, for people to look at.
const KEEP_PERIODS: SignedDuration = SignedDuration::from_hours(40 * 24);

/// What a sweep repaired.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Ops taken over or closed.
    pub recovered: u32,
    /// Units given back.
    pub released: u32,
    /// Units that are a number from now on.
    pub folded: u32,
    /// Ledgers of past periods removed.
    pub forgotten: u32,
}

/// Repairs ops and ledgers.
///
/// # Errors
/// [`JournalError`]; what was repaired until then stays repaired.
pub async fn sweep(journal: &Journal, now: Timestamp) -> Result<Swept, JournalError> {
    let mut swept = Swept::default();
    // A few hundred at a time: all that ten thousand tenants ever did is hundreds of megabytes.
    let mut last = None;
    loop {
        let page = journal.store().list_page("op/", last.as_ref()).await?;
        for key in &page.keys {
            if let Some(doc) = journal.readable(key).await? {
                sweep_op(journal, &doc, now, &mut swept).await?;
            }
        }
        last = page.keys.into_iter().next_back();
        if !page.more || last.is_none() {
            break;
        }
        // Reads of the disk end on the spot, and others have their turn as well.
        tokio::task::yield_now().await;
    }
    for key in journal.store().list("ledger/").await? {
        sweep_ledger(journal, &key, now, &mut swept).await?;
    }
    let store = journal.store();
    for key in store.list("media/").await? {
        forget(store, &key, now, |media: &MediaDoc| media.expires_at).await?;
    }
    for key in store.list("checked/").await? {
        forget(store, &key, now, |checked: &CheckedDoc| checked.expires_at).await?;
    }
    History::new(journal.store().clone())
        .bound(KEPT_OF_ALL)
        .await?;
    Ok(swept)
}

async fn sweep_op(
    journal: &Journal,
    doc: &OpDoc,
    now: Timestamp,
    swept: &mut Swept,
) -> Result<(), JournalError> {
    if needs_recovery(doc) && !is_worked_on(journal, &doc.tenant, now).await? {
        match journal.recover(&doc.op, now).await {
            Ok(_) => swept.recovered += 1,
            // Somebody else moves it, so it is not left behind.
            Err(JournalError::Fenced { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Forgets what is over: the id of an upload, what WeChat said of a name. What cannot be read stays: it costs another
/// upload, another question.
async fn forget<T: Doc>(
    store: &Store,
    key: &Key,
    now: Timestamp,
    expires_at: impl Fn(&T) -> Timestamp,
) -> Result<(), StoreError> {
    let Ok(Some(stored)) = store.get::<T>(key).await else {
        return Ok(());
    };
    if expires_at(&stored.value) > now {
        return Ok(());
    }
    match store.delete(key, &stored.version).await {
        Err(error) if !error.is_conflict() => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn needs_recovery(doc: &OpDoc) -> bool {
    match doc.stage {
        Stage::Open | Stage::Reserved | Stage::Armed => true,
        Stage::Settled => !doc.closed,
        Stage::Doubt | Stage::Stalled => false,
    }
}

async fn is_worked_on(journal: &Journal, tenant: &str, now: Timestamp) -> Result<bool, StoreError> {
    let pass = journal.store().get::<PassDoc>(&Key::pass(tenant)).await?;
    Ok(pass.is_some_and(|pass| pass.value.counts(now)))
}

async fn sweep_ledger(
    journal: &Journal,
    key: &Key,
    now: Timestamp,
    swept: &mut Swept,
) -> Result<(), StoreError> {
    let store = journal.store();
    let Some(ledger) = store.get::<LedgerDoc>(key).await? else {
        return Ok(());
    };
    swept.folded += fold_ledger(journal, key).await?;
    let mut reserved = 0;
    // The ledger was read first: an op read after it is at least as far as when it took the unit.
    for entry in ledger.value.entries.values().filter(|entry| !entry.spent) {
        if is_orphan(journal, key, entry).await? {
            journal.ledger().release_at(key, &entry.op).await?;
            swept.released += 1;
        } else {
            reserved += 1;
        }
    }
    let ended = ledger.value.ends_at;
    let is_past = ended.is_some_and(|ended| now.duration_since(ended) > KEEP_PERIODS);
    if is_past && reserved == 0 {
        let Some(ledger) = store.get::<LedgerDoc>(key).await? else {
            return Ok(());
        };
        match store.delete(key, &ledger.version).await {
            Ok(()) => swept.forgotten += 1,
            // Somebody still writes to it; the next sweep sees.
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Makes numbers of what closed ops have spent; of how many.
pub(super) async fn fold_ledger(journal: &Journal, key: &Key) -> Result<u32, StoreError> {
    let store = journal.store();
    let Some(ledger) = store.get::<LedgerDoc>(key).await? else {
        return Ok(0);
    };
    let mut folded = 0;
    for entry in ledger.value.entries.values().filter(|one| one.can_fold()) {
        let OpRef { op, generation } = &entry.op;
        let doc = match store.get::<OpDoc>(&Key::op(op)).await {
            Ok(Some(stored)) => stored.value,
            // Nobody can tell, so it keeps its name.
            Ok(None) | Err(StoreError::Corrupt { .. }) => continue,
            Err(error) => return Err(error),
        };
        let gone_on = doc.generation > *generation;
        if gone_on || (doc.generation == *generation && doc.closed) {
            journal.ledger().fold_at(key, &entry.op).await?;
            folded += 1;
        }
    }
    Ok(folded)
}

/// Whether nobody will ever spend or release a unit: its op has gone on without it.
async fn is_orphan(journal: &Journal, key: &Key, entry: &LedgerEntry) -> Result<bool, StoreError> {
    let OpRef { op, generation } = &entry.op;
    let stored = journal.store().get::<OpDoc>(&Key::op(op)).await?;
    let Some(doc) = stored.map(|stored| stored.value) else {
        // Ops are never deleted, so something is wrong with this store: a unit too many is the safe side.
        return Ok(false);
    };
    if doc.generation != *generation {
        return Ok(doc.generation > *generation);
    }
    let taken = &doc.reservations;
    let elsewhere = !taken.is_empty() && taken.iter().all(|demand| demand.key() != *key);
    let without_effect = doc.closed && !doc.outcome.as_ref().is_some_and(Outcome::is_done);
    Ok(elsewhere || without_effect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::documents::{CheckedAnswer, ReviewDoc};
    use crate::wechat::Appid;

    #[tokio::test]
    async fn what_is_over_is_forgotten_and_what_is_not_stays() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let (then, now) = (at("2026-11-24T08:00:00Z"), at("2026-11-25T08:00:00Z"));
        let journal = Journal::new(Store::in_memory(), "test");
        let store = journal.store();
        let checked = |expires_at| CheckedDoc {
            name: "日出舞蹈".to_owned(),
            at: then,
            expires_at,
            answer: CheckedAnswer::Done(serde_json::json!({})),
        };
        let key = |name: &str| Key::checked(&account, "nickname", name);
        let media = |file: &str| Key::media(&account, "media/upload", file);
        let upload = |expires_at| MediaDoc {
            id: "m".into(),
            expires_at,
        };
        let later = at("2026-11-25T08:00:01Z");
        store.create(&key("over"), &checked(now)).await.unwrap();
        store.create(&key("fresh"), &checked(later)).await.unwrap();
        store.create(&media("over"), &upload(now)).await.unwrap();
        store.create(&media("fresh"), &upload(later)).await.unwrap();
        let review = ReviewDoc {
            of: "日出舞蹈".to_owned(),
            status: 2,
            reason: None,
            at: then,
            heard: None,
            screenshots: None,
        };
        let reviewed = Key::review(&account, "nickname");
        store.create(&reviewed, &review).await.unwrap();
        sweep(&journal, now).await.unwrap();
        let mut left = Vec::new();
        for prefix in ["checked/", "media/", "review/"] {
            left.extend(store.list(prefix).await.unwrap());
        }
        assert_eq!(left, [key("fresh"), media("fresh"), reviewed]);
    }
}
