//! How a doubtful call about code is settled: by what is online, on trial or under review since.

use std::time::Duration;

use serde::Deserialize as _;
use serde_json::Value;

use super::Code;
use super::memory::{Before, kept_as, went_online};
use super::slots::is_absent;
use super::target::{is_known, is_named};
use crate::resource::{AtMostOnce, Outputs, Resource as _, Seen, Settled, payload};
use crate::wechat::Call;
use crate::wechat::code::{
    self, Audit, AuditState, GrayAnswer, GrayState, Submitted, Version, Versions,
};

/// By how much the latest audit has been seen to lag (getLatestAuditStatus, reports of developers), and some more. A second
/// submission in the meantime would cost one of the platform's audits, and hand in again what the reviewers may have refused.
const LATEST_LAGS: Duration = Duration::from_secs(35 * 60);

impl AtMostOnce for Code {
    fn knows(&self, call: &Call) -> bool {
        Self::RECALLS.contains(&call.endpoint)
    }

    fn ids(&self, call: &Call, evidence: &Value, body: &Value) -> Outputs {
        let Ok(before) = Before::deserialize(evidence) else {
            return Outputs::new();
        };
        if call.endpoint == &code::RELEASE || call.endpoint == &code::REVERT {
            return went_online(&before);
        }
        if call.endpoint != &code::SUBMIT {
            return Outputs::new();
        }
        let answer = Submitted::deserialize(body);
        answer.map_or_else(
            |_| Outputs::new(),
            |answer| kept_as(&before.item, answer.auditid),
        )
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        let account = &call.subject;
        if call.endpoint == &code::REVERT_GRAY {
            return vec![code::plan_request(account)];
        }
        if call.endpoint == &code::GRAY {
            return vec![code::plan_request(account), code::versions_request(account)];
        }
        if [&code::SUBMIT, &code::UNDO, &code::SPEED_UP].contains(&call.endpoint) {
            return vec![code::latest_request(account)];
        }
        vec![code::versions_request(account)]
    }

    fn shown_within(&self, call: &Call) -> Duration {
        if call.endpoint == &code::SUBMIT {
            LATEST_LAGS
        } else {
            Duration::ZERO
        }
    }

    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let Ok(before) = Before::deserialize(evidence) else {
            return Settled::Undecided;
        };
        if call.endpoint == &code::COMMIT {
            return in_slot(call, &before, seen, Versions::trial);
        }
        if call.endpoint == &code::RELEASE || call.endpoint == &code::REVERT {
            return in_slot(call, &before, seen, Versions::online);
        }
        if call.endpoint == &code::GRAY {
            return grown(call, seen);
        }
        if call.endpoint == &code::REVERT_GRAY {
            return ended(call, seen);
        }
        if call.endpoint == &code::SPEED_UP {
            // Nothing shows it, and WeChat does it once for each audit (89404).
            return Settled::NotDone;
        }
        audited(call, &before, seen)
    }
}

/// Whether a slot holds what was sent there.
fn in_slot(
    call: &Call,
    before: &Before,
    seen: &Seen,
    slot: impl Fn(&Versions) -> Option<Version>,
) -> Settled {
    let read = code::versions_request(&call.subject);
    let Ok(versions) = payload::<Versions>(&code::VERSIONS, seen.get(&read)) else {
        return Settled::Undecided;
    };
    let Some(version) = slot(&versions) else {
        // A bare answer says nothing, and where there was something before it is one.
        return if before.since.is_some() || versions == Versions::default() {
            Settled::Ambiguous
        } else {
            Settled::NotDone
        };
    };
    if !version.description.trim().is_empty() {
        let ours = is_known(&version.version, &version.description, before.known());
        return if ours {
            Settled::Done(Outputs::new())
        } else {
            Settled::NotDone
        };
    }
    let same_name = is_named(&version.version, &before.version);
    match (version.since, before.since) {
        (since, then) if since.is_some() && since == then => Settled::NotDone,
        // Of its name, and newer: it may be a colleague's.
        (Some(_), _) if same_name => Settled::Ambiguous,
        (Some(_), _) => Settled::NotDone,
        (None, _) => Settled::Ambiguous,
    }
}

/// Whether there is an audit since, and whose.
fn audited(call: &Call, before: &Before, seen: &Seen) -> Settled {
    let read = code::latest_request(&call.subject);
    let withdraws = call.endpoint == &code::UNDO;
    if is_absent(seen.get(&read)) {
        return Settled::NotDone;
    }
    let Ok(audit) = payload::<Audit>(&code::LATEST, seen.get(&read)) else {
        return Settled::Undecided;
    };
    let Some(id) = audit.auditid else {
        return Settled::Ambiguous;
    };
    if withdraws {
        let gone = audit.state() == AuditState::Withdrawn;
        return if gone && before.audit == Some(id) {
            Settled::Done(Outputs::new())
        } else {
            Settled::NotDone
        };
    }
    if before.audit == Some(id) {
        return Settled::NotDone;
    }
    let said = audit
        .user_desc
        .as_deref()
        .map(str::trim)
        .unwrap_or_default();
    let version = audit.user_version.as_deref().unwrap_or_default();
    if said.is_empty() && is_named(version, &before.version) {
        // It may be a colleague's.
        return Settled::Ambiguous;
    }
    if is_known(version, said, before.known()) {
        Settled::Done(kept_as(&before.item, id))
    } else {
        Settled::NotDone
    }
}

/// Whether as many have it as were to.
fn grown(call: &Call, seen: &Seen) -> Settled {
    let read = code::plan_request(&call.subject);
    if is_absent(seen.get(&read)) {
        return Settled::NotDone;
    }
    let Ok(answer) = payload::<GrayAnswer>(&code::GRAY_PLAN, seen.get(&read)) else {
        return Settled::Undecided;
    };
    let reached = answer.gray_release_plan.is_some_and(|plan| {
        let asked = code::gray_request(&call.subject, plan.percent());
        plan.state() == GrayState::Running && asked == *call
    });
    if reached {
        Settled::Done(Outputs::new())
    } else {
        Settled::NotDone
    }
}

/// Whether nobody has it any more.
fn ended(call: &Call, seen: &Seen) -> Settled {
    let read = code::plan_request(&call.subject);
    if is_absent(seen.get(&read)) {
        return Settled::Done(Outputs::new());
    }
    let Ok(answer) = payload::<GrayAnswer>(&code::GRAY_PLAN, seen.get(&read)) else {
        return Settled::Undecided;
    };
    let plan = answer.gray_release_plan;
    if plan.is_none_or(|plan| {
        [GrayState::Never, GrayState::Over, GrayState::TakenBack].contains(&plan.state())
    }) {
        Settled::Done(Outputs::new())
    } else {
        Settled::NotDone
    }
}
