//! The journal: moves of `moves.rs` and `evidence.rs`, each written by compare-and-swap.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::armed::Armed;
use super::error::JournalError;
use super::evidence::{Evidence, Heard};
use super::op::{Doubt, OpDoc};
use super::terms::{Arming, Intent, Look, Op, Probe, Reserved, Resolution};
use crate::store::doc::Store;
use crate::store::error::StoreError;
use crate::store::key::Key;
use crate::store::ledger::{Demand, Ledger, Taken};
use crate::store::op_key::OpKey;
use crate::wechat::Appid;
use crate::wechat::answer::{ApiError, Effect, ErrorClass};
use crate::wechat::errcode::is_listed;

/// How often evidence is written again when another holder moves the op meanwhile. It can move a few times only.
pub(super) const MAX_HEARINGS: u32 = 20;

/// Every op of one store, as one holder sees them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal {
    store: Store,
    ledger: Ledger,
    owner: Arc<str>,
}

/// The actions that an account has ops of.
///
/// # Errors
/// [`StoreError`].
pub async fn actions(store: &Store, account: &Appid) -> Result<Vec<String>, StoreError> {
    let keys = store.list(&format!("op/{account}/")).await?;
    Ok(keys.iter().filter_map(|key| key.segments().pop()).collect())
}

impl Journal {
    /// The journal of a store, for one holder. `owner` names this process and no other, ever: not the next one of
    /// the same program either.
    #[must_use]
    pub fn new(store: Store, owner: impl Into<Arc<str>>) -> Self {
        Self {
            ledger: Ledger::new(store.clone()),
            store,
            owner: owner.into(),
        }
    }

    /// The ledger its reservations are written in.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Who this holder is.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    pub(in crate::store) fn store(&self) -> &Store {
        &self.store
    }

    /// Looks at an op. Before an observation, so that it can be opened on what the observation shows.
    ///
    /// # Errors
    /// [`JournalError::Store`].
    pub async fn look(&self, key: &OpKey) -> Result<Look, JournalError> {
        let stored = self.store.get::<OpDoc>(&Key::op(key)).await?;
        Ok(Look {
            key: key.clone(),
            op: stored.map(|stored| Op {
                doc: Box::new(stored.value),
                version: stored.version,
            }),
        })
    }

    /// Every op, settled ones too, in order of their names. One that cannot be read (a newer wxops may have written
    /// it) is left out and warned of: it must not keep the others from being repaired.
    ///
    /// # Errors
    /// [`JournalError::Store`].
    pub async fn all(&self) -> Result<Vec<OpDoc>, JournalError> {
        let mut ops = Vec::new();
        for key in self.store.list("op/").await? {
            ops.extend(self.readable(&key).await?);
        }
        Ok(ops)
    }

    /// The op under a key, where one can be read.
    pub(in crate::store) async fn readable(
        &self,
        key: &Key,
    ) -> Result<Option<OpDoc>, JournalError> {
        match self.store.get::<OpDoc>(key).await {
            Ok(stored) => Ok(stored.map(|stored| stored.value)),
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::warn!(op.key = %key, %error, "an op cannot be read");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The ops of one account.
    ///
    /// # Errors
    /// [`JournalError::Store`].
    pub async fn of_account(&self, account: &Appid) -> Result<Vec<OpKey>, JournalError> {
        let actions = actions(&self.store, account).await?;
        Ok(actions
            .into_iter()
            .map(|action| OpKey {
                action,
                appid: account.clone(),
            })
            .collect())
    }

    /// Takes an op over from a holder that is gone, and looks again: what was never sent is settled as not sent,
    /// what may have been is in doubt, what is settled is closed. The old holder's next move fails.
    ///
    /// It is safe, if wasteful, while the old holder lives.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] if others keep moving it; [`JournalError::Store`].
    pub async fn recover(&self, key: &OpKey, now: Timestamp) -> Result<Look, JournalError> {
        for _ in 0..MAX_HEARINGS {
            let mut look = self.look(key).await?;
            let Some(op) = &mut look.op else {
                return Ok(look);
            };
            let mut doc = (*op.doc).clone();
            let recovered = if doc.take_over(&self.owner, now) {
                self.write(op, doc).await
            } else {
                Ok(())
            };
            let recovered = match recovered {
                Ok(()) => self.close(op).await,
                Err(error) => Err(error),
            };
            match recovered {
                Ok(()) => return Ok(look),
                Err(JournalError::Fenced { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(JournalError::Fenced { op: key.clone() })
    }

    /// Begins a new generation, on what was seen before the observation.
    ///
    /// # Errors
    /// [`JournalError::Unsettled`], [`JournalError::StaleObservation`]; [`JournalError::Fenced`] if the op moved
    /// since the look.
    pub async fn open(
        &self,
        look: Look,
        intent: Intent,
        now: Timestamp,
    ) -> Result<Op, JournalError> {
        match look.op {
            None => {
                let doc = OpDoc::first(look.key.clone(), intent, &self.owner, now);
                let created = self.store.create(&Key::op(&look.key), &doc).await;
                let version = created.map_err(|error| fenced(&look.key, error))?;
                let doc = Box::new(doc);
                Ok(Op { doc, version })
            }
            Some(mut op) => {
                self.close(&mut op).await?;
                let doc = op.doc.next(intent, &self.owner, now)?;
                self.write(&mut op, doc).await?;
                Ok(op)
            }
        }
    }

    /// Takes what it costs, a unit of each quota: the ledger first, then the op. Where one has nothing left, nothing is
    /// taken of the others.
    ///
    /// # Errors
    /// [`JournalError::Fenced`], [`JournalError::WrongStage`], [`JournalError::Store`].
    pub async fn reserve(
        &self,
        op: &mut Op,
        demands: Vec<Demand>,
        now: Timestamp,
    ) -> Result<Reserved, JournalError> {
        let mut doc = (*op.doc).clone();
        doc.reserve(demands.clone(), now)?;
        let op_ref = doc.unit_ref();
        for (n, demand) in demands.iter().enumerate() {
            let taken = self.ledger.take(demand, &op_ref).await?;
            if let Taken::Full { used, limit } = taken {
                for other in demands.iter().take(n) {
                    self.ledger.release(other, &op_ref).await?;
                }
                let until = demand.ends_at;
                return Ok(Reserved::Full { used, limit, until });
            }
        }
        self.write(op, doc).await?;
        Ok(Reserved::Yes)
    }

    /// The last write before a request. `now` and `since_boot` are one moment, read before this call, so that the
    /// time this write takes is part of the send window.
    ///
    /// # Errors
    /// [`JournalError::Fenced`], [`JournalError::WrongStage`], [`JournalError::ApprovalSpent`],
    /// [`JournalError::ReservationEnds`]. On any error nothing may be sent; after an uncertain write
    /// [`Journal::recover`] puts the op in doubt.
    pub async fn arm(
        &self,
        op: &mut Op,
        arming: &Arming,
        now: Timestamp,
        since_boot: Duration,
    ) -> Result<Armed, JournalError> {
        let mut doc = (*op.doc).clone();
        doc.arm(arming, now)?;
        self.write(op, doc).await?;
        let (op_ref, call) = (op.doc.op_ref(), op.doc.call.clone());
        let timeout = arming.request_timeout;
        Ok(Armed::new(op_ref, call, now, since_boot, timeout))
    }

    /// It will not be sent: the plan has changed, or no quota is left.
    ///
    /// # Errors
    /// [`JournalError::Fenced`], [`JournalError::WrongStage`].
    pub async fn abandon(
        &self,
        op: &mut Op,
        why: &str,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let mut doc = (*op.doc).clone();
        doc.abandon(why, now)?;
        self.write(op, doc).await?;
        self.close(op).await
    }

    /// It was armed and surely not sent: back to reserved, the approval kept.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] if another holder has settled it; it is not to be sent then.
    pub async fn disarm(&self, op: &mut Op, why: &str, now: Timestamp) -> Result<(), JournalError> {
        let why = why.to_owned();
        self.hear(op, &Evidence::NotSent { why }, now).await
    }

    /// WeChat refused the token, so nothing changed: back to reserved, the approval kept.
    ///
    /// # Errors
    /// As [`Journal::disarm`].
    pub async fn token_error(&self, op: &mut Op, now: Timestamp) -> Result<(), JournalError> {
        self.hear(op, &Evidence::TokenRefused, now).await
    }

    /// It took effect: its ids are written here first, then in the tenant's outputs, then its quota is spent.
    ///
    /// # Errors
    /// [`JournalError::Store`]: if the op itself is written, [`Journal::recover`] writes the rest.
    pub async fn settle_done(
        &self,
        op: &mut Op,
        ids: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.hear(op, &Evidence::Done { ids }, now).await
    }

    /// WeChat refused it. Where go what the refusal proves: no effect settles it and frees its quota, a refused
    /// token leads back to reserved, what is so already is done, and anything else is doubt.
    ///
    /// # Errors
    /// As [`Journal::settle_done`].
    pub async fn settle_refused(
        &self,
        op: &mut Op,
        error: ApiError,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let evidence = match (error.effect, error.class) {
            (Effect::None, ErrorClass::Token) => Evidence::TokenRefused,
            (Effect::None, _) => Evidence::Refused(error),
            (Effect::Done, _) => Evidence::Done {
                ids: BTreeMap::new(),
            },
            (Effect::Maybe, _) => Evidence::Nothing {
                why: format!("{} may have had an effect", error.errcode),
                unknown: Some(error.errcode).filter(|code| !is_listed(*code)),
                doubt: Doubt::of_refusal(&error),
            },
        };
        self.hear(op, &evidence, now).await
    }

    /// No answer that can be relied on: a probe decides.
    ///
    /// # Errors
    /// [`JournalError::Store`]; the op stays armed then, and [`Journal::recover`] puts it in doubt.
    pub async fn doubt(&self, op: &mut Op, why: &str, now: Timestamp) -> Result<(), JournalError> {
        let why = why.to_owned();
        let nothing = Evidence::Nothing {
            why,
            unknown: None,
            doubt: Doubt::Silence,
        };
        self.hear(op, &nothing, now).await
    }

    /// Takes in what a probe found whose first read began at `begun_at`.
    ///
    /// # Errors
    /// [`JournalError::ProbeTooEarly`] before [`OpDoc::probe_due`]; [`JournalError::WrongStage`] unless in doubt or
    /// stalled; [`JournalError::Fenced`].
    pub async fn settle_probe(
        &self,
        op: &mut Op,
        probe: &Probe,
        begun_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let mut doc = (*op.doc).clone();
        doc.hear_probe(probe, begun_at, now)?;
        self.write(op, doc).await?;
        self.close(op).await
    }

    /// A repeatable call, which needs no op, was answered with an errcode that is in no table: the op that holds the
    /// same from being sent again. One that is not settled stays as it is.
    ///
    /// # Errors
    /// [`JournalError::Fenced`], [`JournalError::Store`].
    pub async fn hold(
        &self,
        key: &OpKey,
        intent: Intent,
        error: &ApiError,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let look = self.look(key).await?;
        if !look.is_free() {
            return Ok(());
        }
        let before = look.op.as_ref().map(|op| (*op.doc).clone());
        let held = OpDoc::of_unknown_code(key, before, intent, &self.owner, error, now);
        match look.op {
            None => {
                let created = self.store.create(&Key::op(key), &held).await;
                created.map(drop).map_err(|error| fenced(key, error))
            }
            Some(mut op) => {
                self.close(&mut op).await?;
                self.write(&mut op, held).await
            }
        }
    }

    /// Takes in what a person decided, after the same wait as for a probe. What is held since it was found to have had
    /// no effect may be tried again, or is done after all.
    ///    ///
    /// # Errors
    /// [`JournalError::NoSuchOp`], [`JournalError::WrongStage`], [`JournalError::ProbeTooEarly`],
    /// [`JournalError::Fenced`].
    pub async fn resolve(
        &self,
        key: &OpKey,
        resolution: &Resolution,
        now: Timestamp,
    ) -> Result<OpDoc, JournalError> {
        let look = self.recover(key, now).await?;
        let mut op = look
            .op
            .ok_or_else(|| JournalError::NoSuchOp { op: key.clone() })?;
        let mut doc = (*op.doc).clone();
        doc.hear_person(resolution, now)?;
        self.write(&mut op, doc).await?;
        self.close(&mut op).await?;
        Ok(*op.doc)
    }

    /// Writes what the sender learnt, into whatever the op has become.
    async fn hear(
        &self,
        op: &mut Op,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let generation = op.doc.generation;
        for _ in 0..MAX_HEARINGS {
            let mut doc = (*op.doc).clone();
            let ours = doc.epoch == *self.owner;
            match doc.hear(generation, ours, evidence, now) {
                Heard::TooLate => {
                    tracing::error!(op = %op.doc.op, generation, ?evidence, "an answer came after its request had been given up");
                    return Err(self.fenced(op));
                }
                Heard::Known => return self.close(op).await,
                Heard::Moved => {}
            }
            match self.write(op, doc).await {
                Ok(()) => return self.close(op).await,
                Err(JournalError::Fenced { .. }) => {}
                Err(error) => return Err(error),
            }
            let Some(newer) = self.look(&op.doc.op).await?.op else {
                return Err(self.fenced(op));
            };
            *op = newer;
        }
        Err(self.fenced(op))
    }

    /// Writes an op that is still as it was last seen.
    pub(super) async fn write(&self, op: &mut Op, doc: OpDoc) -> Result<(), JournalError> {
        let key = Key::op(&op.doc.op);
        let replaced = self.store.replace(&key, &doc, &op.version).await;
        op.version = replaced.map_err(|error| fenced(&op.doc.op, error))?;
        *op.doc = doc;
        Ok(())
    }

    fn fenced(&self, op: &Op) -> JournalError {
        JournalError::Fenced {
            op: op.doc.op.clone(),
        }
    }
}

pub(super) fn fenced(op: &OpKey, error: StoreError) -> JournalError {
    if error.is_conflict() {
        return JournalError::Fenced { op: op.clone() };
    }
    error.into()
}
