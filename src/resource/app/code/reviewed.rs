//! The steps about a review that is under way: it is given up, or done sooner.

use serde_json::{Value, json};

use super::Code;
use super::memory::done;
use super::steps::Of;
use crate::plan::{Change, Costly, Step};
use crate::resource::Resource as _;
use crate::wechat::code::{self, AuditState};

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

    pub(super) fn speed_up(&self) -> Option<Step> {
        let wanted = self.spec.audit.as_ref().is_some_and(|audit| audit.speed_up);
        let id = self.slots.audit_id().filter(|_| wanted)?;
        let asked =
            done(self.view, &code::SPEED_UP).is_some_and(|done| done.before.audit == Some(id));
        if asked {
            return None;
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
        Some(step)
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
