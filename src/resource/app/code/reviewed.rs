//! The steps about a review that is under way: it is given up, or done sooner.

use serde_json::{Value, json};

use super::memory::done;
use super::steps::Of;
use super::{Code, Halt, absent_or, waits};
use crate::plan::{Change, Costly, Step, Verdict};
use crate::resource::Resource as _;
use crate::wechat::code::{self, AuditQuota, AuditState, Left};

impl Of<'_> {
    /// The last audit, as a change shows it.
    pub(super) fn last_audit(&self) -> Option<Value> {
        let audit = self.audit()?;
        Some(json!(said_of(audit, self.slots.audit_id())))
    }

    pub(super) fn withdraw(&self) -> Step {
        let change = Change {
            path: Code::path(self.view.at).field("audit"),
            from: self.last_audit(),
            to: Some(json!("withdrawn (undocodeaudit)")),
        };
        let mut step = self.step(vec![change], code::undo_request(self.view.account()));
        step.evidence = self.before(self.slots.audit_id(), None);
        step.costly = Some(Costly::Withdraw);
        step
    }

    /// The review is to be done sooner: the step, or why there is none though the manifest asks for it.
    pub(super) fn speed_up(&self) -> Result<Option<Verdict>, Halt> {
        let wanted = self.spec.audit.as_ref().is_some_and(|audit| audit.speed_up);
        let Some(id) = self.slots.audit_id().filter(|_| wanted) else {
            return Ok(None);
        };
        let asked =
            done(self.view, &code::SPEED_UP).is_some_and(|done| done.before.audit == Some(id));
        if asked {
            return Ok(None);
        }
        let quota: Option<AuditQuota> =
            absent_or(self.view, code::quota_request(self.view.account()))?;
        let left = quota.and_then(|quota| quota.speed_ups());
        if let Some(Left { used, limit }) = left
            && used >= limit
        {
            let waiting = waits::no_speed_up(limit, self.view.now);
            return Ok(Some(Verdict::Waiting(waiting)));
        }
        let change = Change {
            path: Code::path(self.view.at).field("audit").field("speedUp"),
            from: None,
            to: Some(json!(format!("{} ({id})", self.target.version()))),
        };
        let call = code::speed_up_request(self.view.account(), id);
        let mut step = self.step(vec![change], call);
        step.evidence = self.before(Some(id), None);
        step.costly = Some(Costly::SpeedUp);
        if let Some(Left { used, limit }) = left {
            step.notes.push(waits::speed_ups(used, limit));
        }
        Ok(Some(Verdict::Step(step)))
    }
}

/// An audit, so that a yes to asking again is one to this answer.
fn said_of(audit: &code::Audit, id: Option<u64>) -> String {
    let version = audit.user_version.as_deref().unwrap_or("-");
    let state = match audit.state() {
        AuditState::Passed => "passed",
        AuditState::Refused => "refused",
        AuditState::InReview => "in review",
        AuditState::Withdrawn => "withdrawn",
        AuditState::Delayed => "delayed",
        AuditState::Odd(_) => "?",
    };
    let id = id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    format!("{version} {state} ({id})")
}
