//! What the sidecar remembers of pushes between two runs: those it could not use, those it passed on, and to which
//! original id an account's messages are addressed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::core::Core;
use super::handle::Client;
use crate::store::documents::{
    CredDoc, PassedDoc, PushTally, PushesDoc, REVIEW_OF_CATEGORY, REVIEW_OF_CODE,
    REVIEW_OF_NICKNAME, ReviewDoc,
};
use crate::store::{Key, Store, StoreError};
use crate::wechat::push::{PushTrouble, ReviewResult, Reviewed};
use crate::wechat::{Appid, Call, authorizer};

/// Signatures in one part: a part is written anew with every message, so it is small.
const PART: usize = 256;
/// Parts kept: about an hour of messages of a busy platform, 1 MB.
const PARTS: usize = 80;

/// The parts of the signatures of passed messages, as one process writes them.
#[derive(Debug, Default)]
pub struct PassedParts {
    /// The part that is written now.
    current: usize,
}

/// What is known of an account's original id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Original {
    /// It.
    Known(String),
    /// The account has authorized us, and WeChat was not asked yet.
    NotTold,
    /// The account has not authorized us, as far as the store knows.
    NotOurs,
}

impl Client {
    /// Adds to what is known of pushes that could not be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_troubles(
        &self,
        news: &BTreeMap<PushTrouble, PushTally>,
    ) -> Result<(), StoreError> {
        let key = Key::pushes(&self.platform().appid);
        self.core
            .store
            .update::<PushesDoc>(&key, |doc| {
                for (trouble, more) in news {
                    add(&mut doc.troubles, trouble.name(), more);
                }
            })
            .await
            .map(drop)
    }

    /// Every signature that is stored of messages passed on, and where the next ones go.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn passed(&self) -> Result<(Vec<String>, PassedParts), StoreError> {
        let mut all = Vec::new();
        let mut next: Option<(Option<Timestamp>, usize)> = None;
        for part in 0..PARTS {
            let key = Key::passed(&self.platform().appid, part);
            let stored = self.core.store.get::<PassedDoc>(&key).await?;
            let doc = stored.map(|stored| stored.value).unwrap_or_default();
            let oldest = next.is_none_or(|(least, _)| doc.last_at < least);
            if oldest {
                next = Some((doc.last_at, part));
            }
            all.extend(doc.signatures);
        }
        let current = next.map_or(0, |(_, part)| part);
        Ok((all, PassedParts { current }))
    }

    /// Stores signatures of messages that are about to be passed on. The oldest are forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_passed(
        &self,
        parts: &mut PassedParts,
        signatures: &[String],
    ) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let key = Key::passed(&self.platform().appid, parts.current);
        let doc = self
            .core
            .store
            .update::<PassedDoc>(&key, |doc| {
                // It was full when it was written last: its turn has come round again.
                if doc.signatures.len() >= PART {
                    doc.signatures.clear();
                }
                doc.signatures.extend_from_slice(signatures);
                doc.last_at = Some(now);
            })
            .await?;
        if doc.signatures.len() >= PART {
            parts.current = (parts.current + 1) % PARTS;
        }
        Ok(())
    }

    /// To which original id an account's messages are addressed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn original_id(&self, account: &Appid) -> Result<Original, StoreError> {
        let stored = self.core.store.get::<CredDoc>(&Key::cred(account)).await?;
        Ok(match stored.map(|stored| stored.value) {
            Some(CredDoc {
                original_id: Some(id),
                from_backup: false,
                ..
            }) => Original::Known(id),
            Some(doc) if doc.revoked_at.is_none() => Original::NotTold,
            Some(_) | None => Original::NotOurs,
        })
    }

    /// The account of this platform whose messages are addressed to an original id, where one is known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account_of(&self, original_id: &str) -> Result<Option<Appid>, StoreError> {
        let ours = &self.platform().appid;
        for key in self.core.store.list("cred/").await? {
            let stored = self.core.store.get::<CredDoc>(&key).await?;
            let ours = stored.filter(|stored| stored.value.platform == *ours);
            let id = ours.and_then(|stored| stored.value.original_id);
            let is_it = id.is_some_and(|id| id.eq_ignore_ascii_case(original_id));
            if is_it {
                return Ok(key.segments().first().and_then(|id| Appid::parse(id).ok()));
            }
        }
        Ok(None)
    }

    /// Stores the end of a review of an account's: the last one of each kind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_review(
        &self,
        account: &Appid,
        result: &ReviewResult,
    ) -> Result<(), StoreError> {
        let (kind, of) = match &result.of {
            Reviewed::Nickname(name) => (REVIEW_OF_NICKNAME, name.clone()),
            Reviewed::Category(id) => (REVIEW_OF_CATEGORY, format!("{}-{}", id.first, id.second)),
            Reviewed::Code => (REVIEW_OF_CODE, String::new()),
        };
        let said_at = result.created.map(Timestamp::from_second);
        let now = self.core.clock.now();
        let told = ReviewDoc {
            of,
            status: result.status.number(),
            reason: result.reason.clone(),
            at: said_at.and_then(Result::ok).unwrap_or(now),
            heard: Some(now),
            screenshots: result.screenshots.clone(),
        };
        let key = Key::review(account, kind);
        self.core
            .store
            .modify::<ReviewDoc, ()>(&key, |doc| {
                // An older one may come late.
                if doc.as_ref().is_none_or(|known| known.at <= told.at) {
                    *doc = Some(told.clone());
                }
            })
            .await
    }
}

impl Core {
    /// Remembers to which original id an account's messages are addressed, where WeChat has just told it.
    pub(super) async fn note_original_id(&self, call: &Call, body: &Value) {
        if call.endpoint != &authorizer::INFO {
            return;
        }
        let told = body.pointer("/authorizer_info/user_name");
        let Some(told) = told.and_then(Value::as_str).filter(|id| !id.is_empty()) else {
            return;
        };
        let noted = self
            .store
            .amend::<CredDoc, ()>(&Key::cred(&call.subject), |doc| {
                doc.original_id = Some(told.to_owned());
            })
            .await;
        if let Err(error) = noted {
            // It is told again by the next read.
            tracing::debug!(account = %call.subject, %error, "an original id could not be stored");
        }
    }
}

/// What is known of pushes of a platform that could not be used.
///
/// # Errors
/// [`StoreError`].
pub async fn troubles(
    store: &Store,
    platform: &Appid,
) -> Result<BTreeMap<PushTrouble, PushTally>, StoreError> {
    let stored = store.get::<PushesDoc>(&Key::pushes(platform)).await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let known = |(name, tally): (String, PushTally)| Some((PushTrouble::of_name(&name)?, tally));
    Ok(doc.troubles.into_iter().filter_map(known).collect())
}

/// Why pushes that came after a moment were refused: the newest reason, if any was.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn refused_since(
    store: &Store,
    platform: &Appid,
    since: Option<Timestamp>,
) -> Result<Option<PushTrouble>, StoreError> {
    let troubles = troubles(store, platform).await?;
    Ok(troubles
        .into_iter()
        .filter(|(trouble, tally)| trouble.is_refusal() && Some(tally.last_at) > since)
        .max_by_key(|(_, tally)| tally.last_at)
        .map(|(trouble, _)| trouble))
}

fn add(troubles: &mut BTreeMap<String, PushTally>, name: &str, more: &PushTally) {
    match troubles.get_mut(name) {
        Some(tally) => {
            tally.count = tally.count.saturating_add(more.count);
            tally.last_at = tally.last_at.max(more.last_at);
            tally.detail = more.detail.clone().or(tally.detail.take());
        }
        None => {
            troubles.insert(name.to_owned(), more.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up_and_keep_the_first_and_the_last() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let tally = |count, first, last| PushTally {
            count,
            first_at: at(first),
            last_at: at(last),
            detail: None,
        };
        let mut all = BTreeMap::new();
        add(&mut all, "signature", &tally(2, 1, 5));
        add(&mut all, "signature", &tally(3, 7, 9));
        add(&mut all, "path", &tally(1, 8, 8));
        assert_eq!(all["signature"], tally(5, 1, 9));
        assert_eq!(all["path"], tally(1, 8, 8));
    }
}
