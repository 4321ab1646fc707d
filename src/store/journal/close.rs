//! Telling tenant and ledger what became of an op, after the op itself says so.

use super::error::JournalError;
use super::holder::Journal;
use super::op::{OpDoc, Outcome, Stage};
use super::terms::Op;
use crate::store::documents::TenantDoc;
use crate::store::error::StoreError;
use crate::store::key::Key;
use crate::store::ledger::Demand;
use crate::store::sweep::fold_ledger;

impl Journal {
    /// Tells tenant and ledger what became of a settled op. Harmless to repeat, so a crash in between is repaired
    /// by doing it again.
    pub(super) async fn close(&self, op: &mut Op) -> Result<(), JournalError> {
        let (Stage::Settled, false, Some(outcome)) =
            (op.doc.stage, op.doc.closed, op.doc.outcome.clone())
        else {
            return Ok(());
        };
        if let Outcome::Done { ids } = &outcome
            && !ids.is_empty()
        {
            let add = |tenant: &mut TenantDoc| tenant.outputs.extend(ids.clone());
            self.store()
                .update(&Key::tenant(&op.doc.tenant), add)
                .await?;
        }
        for demand in &op.doc.reservations {
            self.close_ledger(demand, &op.doc, &outcome).await?;
        }
        let mut doc = (*op.doc).clone();
        doc.closed = true;
        self.write(op, doc).await?;
        // Only now: whoever closes it at the same time must still find what it spends by its name.
        for demand in &op.doc.reservations {
            self.ledger()
                .fold_at(&demand.key(), &op.doc.unit_ref())
                .await?;
        }
        Ok(())
    }

    /// Makes numbers of what closed ops have spent of a quota.
    ///
    /// # Errors
    /// [`StoreError`]; the next sweep does it then.
    pub async fn fold(&self, demand: &Demand) -> Result<(), StoreError> {
        fold_ledger(self, &demand.key()).await.map(drop)
    }

    async fn close_ledger(
        &self,
        demand: &Demand,
        doc: &OpDoc,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        let op = doc.unit_ref();
        match outcome {
            // By its name, so that a request with the same ticket goes on with it.
            Outcome::NotDone { .. } if doc.keeps(demand) => {
                return self.ledger().spend_late(demand, &op).await;
            }
            Outcome::Done { .. } if doc.late => {
                return self.ledger().spend_late(demand, &op).await;
            }
            Outcome::Done { .. } => return self.ledger().spend(demand, &op).await,
            Outcome::Refused(_) | Outcome::NotDone { .. } | Outcome::NotSent { .. } => {}
        }
        self.ledger().release(demand, &op).await
    }
}
