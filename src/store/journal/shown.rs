//! What an op did last; what WeChat shows of it, where that is all there is to see of it; and a person's word for it, or that
//! what it made is given back.

use jiff::Timestamp;
use serde_json::Value;

use super::error::JournalError;
use super::holder::{Journal, MAX_HEARINGS, fenced};
use super::op::{LastDone, OpDoc};
use super::terms::Intent;
use crate::store::doc::Store;
use crate::store::error::StoreError;
use crate::store::key::Key;
use crate::store::op_key::OpKey;
use crate::wechat::{Appid, Call};

/// What an op did last. One that cannot be read is as if it were not there: what it would tell is then not known.
///
/// # Errors
/// [`StoreError`].
pub async fn last_done(store: &Store, key: &OpKey) -> Result<Option<LastDone>, StoreError> {
    match store.get::<OpDoc>(&Key::op(key)).await {
        Ok(stored) => Ok(stored.and_then(|stored| stored.value.done)),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Journal {
    /// Adds to what an op did last what WeChat shows of it. Nothing, where the op has done something else since.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] if others keep moving it; [`JournalError::Store`].
    pub async fn show(&self, key: &OpKey, call: &Call, shown: &Value) -> Result<(), JournalError> {
        for _ in 0..MAX_HEARINGS {
            let Some(mut op) = self.look(key).await?.op else {
                return Ok(());
            };
            let mut doc = (*op.doc).clone();
            match &mut doc.done {
                Some(done) if done.call == *call && done.shown != *shown => {
                    done.shown = shown.clone();
                }
                Some(_) | None => return Ok(()),
            }
            match self.write(&mut op, doc).await {
                Err(JournalError::Fenced { .. }) => {}
                written => return written,
            }
        }
        Err(JournalError::Fenced { op: key.clone() })
    }

    /// Notes of whichever op made an account that a person gives it back. Whether one did.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] if others keep moving it; [`JournalError::Store`].
    pub async fn give_back(&self, account: &Appid) -> Result<bool, JournalError> {
        let made = |doc: &OpDoc| {
            let done = doc.done.as_ref();
            done.is_some_and(|done| done.ids.values().any(|id| id == account.as_str()))
        };
        let makers: Vec<OpKey> = self
            .all()
            .await?
            .into_iter()
            .filter(made)
            .map(|doc| doc.op)
            .collect();
        for key in &makers {
            self.note_given_back(key, made).await?;
        }
        Ok(!makers.is_empty())
    }

    async fn note_given_back(
        &self,
        key: &OpKey,
        is_it: impl Fn(&OpDoc) -> bool,
    ) -> Result<(), JournalError> {
        for _ in 0..MAX_HEARINGS {
            let Some(mut op) = self.look(key).await?.op else {
                return Ok(());
            };
            let mut doc = (*op.doc).clone();
            match &mut doc.done {
                Some(done) if is_it(&op.doc) && !done.given_back => done.given_back = true,
                Some(_) | None => return Ok(()),
            }
            match self.write(&mut op, doc).await {
                Err(JournalError::Fenced { .. }) => {}
                written => return written,
            }
        }
        Err(JournalError::Fenced { op: key.clone() })
    }

    /// A person says that what is there is what a request would bring about: as if it had been sent and done. `shown` is
    /// what WeChat shows of it.
    ///
    /// # Errors
    /// [`JournalError::Unsettled`] while an earlier request is not settled; [`JournalError::Fenced`],
    /// [`JournalError::Store`].
    pub async fn assume(
        &self,
        key: &OpKey,
        intent: Intent,
        shown: &Value,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let look = self.look(key).await?;
        if let (false, Some(doc)) = (look.is_free(), look.doc()) {
            return Err(JournalError::Unsettled {
                op: key.clone(),
                stage: doc.stage,
            });
        }
        let mut op = look.op;
        if let Some(op) = &mut op {
            self.close(op).await?;
        }
        let before = op.as_ref().map(|op| (*op.doc).clone());
        let mut assumed = OpDoc::of_assumption(key, before, intent, self.owner(), now);
        if let Some(done) = &mut assumed.done {
            done.shown = shown.clone();
        }
        match op {
            None => {
                let created = self.store().create(&Key::op(key), &assumed).await;
                created.map(drop).map_err(|error| fenced(key, error))
            }
            Some(mut op) => self.write(&mut op, assumed).await,
        }
    }
}
