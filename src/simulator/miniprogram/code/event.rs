//! What a platform is told of a review of code: that it is over, or that it takes longer. No event has the audit's id
//! or the version.

use jiff::Timestamp;

use crate::simulator::miniprogram::{Audit, AuditOutcome};
use crate::simulator::switches::{ReasonAt, Switches};

/// Since when a review of code is delayed, while it is.
pub(in crate::simulator::miniprogram) fn delayed_at(audit: &Audit) -> Option<Timestamp> {
    let since = audit.code().and_then(|code| code.delayed_at);
    since.filter(|_| audit.is_running())
}

/// The event's name, and its fields behind the usual ones.
pub(in crate::simulator::miniprogram) fn event(
    audit: &Audit,
    switches: &Switches,
) -> (&'static str, Vec<(&'static str, serde_json::Value)>) {
    let settled = audit.settled_at.unwrap_or(audit.submitted_at).as_second();
    let reason = audit.reason.as_str().into();
    if let Some(since) = delayed_at(audit) {
        let fields = vec![("Reason", reason), ("DelayTime", since.as_second().into())];
        return ("weapp_audit_delay", fields);
    }
    let pictures = audit.code().map(|code| code.screenshots.join("|"));
    match audit.outcome {
        AuditOutcome::Passed => ("weapp_audit_success", vec![("SuccTime", settled.into())]),
        AuditOutcome::Refused => {
            let mut fields = match switches.rejection_reason_at {
                ReasonAt::Reason => vec![("Reason", reason)],
                ReasonAt::SmallReason => vec![("reason", reason)],
                ReasonAt::Nowhere => Vec::new(),
            };
            fields.push(("FailTime", settled.into()));
            fields.push(("ScreenShot", pictures.unwrap_or_default().into()));
            ("weapp_audit_fail", fields)
        }
    }
}
