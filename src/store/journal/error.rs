//! What the journal refuses.

use jiff::Timestamp;

use super::op::Stage;
use crate::store::error::StoreError;
use crate::store::op_key::OpKey;

/// Why an op was not moved. Whatever the reason, nothing may be sent.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another holder has moved it. Look again in the next pass.
    #[error("`{op}` was taken over by another process")]
    Fenced {
        /// The op.
        op: OpKey,
    },
    /// A new generation begins only from a settled one.
    #[error("`{op}` is not settled: it is {stage}")]
    Unsettled {
        /// The op.
        op: OpKey,
        /// Where it is.
        stage: Stage,
    },
    /// The observation is older than the last outcome, so it may not show it.
    #[error("`{op}` was observed before {observe_after}, when its last outcome could be seen")]
    StaleObservation {
        /// The op.
        op: OpKey,
        /// Observe again after this.
        observe_after: Timestamp,
    },
    /// This move does not lead on from where it is.
    #[error("`{op}` is {stage}, which cannot become {wanted}")]
    WrongStage {
        /// The op.
        op: OpKey,
        /// Where it is.
        stage: Stage,
        /// Where it should have gone.
        wanted: Stage,
    },
    /// One approval, one request.
    #[error("`{op}` has spent the approval `{approval}` before")]
    ApprovalSpent {
        /// The op.
        op: OpKey,
        /// The approval.
        approval: String,
    },
    /// The quota's period is over, or nearly: abandon it and reserve in the next one.
    #[error("the quota reserved for `{op}` ends at {ends_at}")]
    ReservationEnds {
        /// The op.
        op: OpKey,
        /// When it ends.
        ends_at: Timestamp,
    },
    /// The probe began while the request could still have been on its way.
    #[error("a probe of `{op}` counts only from {due} on")]
    ProbeTooEarly {
        /// The op.
        op: OpKey,
        /// From when on.
        due: Timestamp,
    },
    /// There is no such op.
    #[error("there is no op `{op}`")]
    NoSuchOp {
        /// The op.
        op: OpKey,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
