//! What WeChat refused, and whether the same may be sent again. Pure.
//!
//! A refusal that a person must mend is not mended by asking again: the same is sent once, and then the plan says who
//! must act. It is over when the manifest asks for something else, when WeChat shows the account otherwise (a permission
//! set was granted, it was verified), when its time has passed, or when a person says so (`wxops op resolve`).

use jiff::Timestamp;

use super::record::Rejected;
use super::{Facts, authorization};
use crate::plan::{Digest, Person, Reason, Step, Text, Verdict, Waiting};
use crate::wechat::endpoint::{Period, by_name};
use crate::wechat::errcode::concerns_platform;
use crate::wechat::{ApiError, Call, ErrorClass, Who};

/// What is remembered of a step that was refused. `None`: the same may be sent again by itself, or something other than
/// the step's own request was refused (a token), or it is the platform that is refused and not this account. `op` names
/// the operation of a call as `wxops op resolve` takes it.
#[must_use]
pub fn remembered(
    step: &Step,
    error: &ApiError,
    facts: &Facts,
    op: impl Fn(&Call) -> String,
    now: Timestamp,
) -> Option<Rejected> {
    let call = step
        .calls
        .iter()
        .find(|call| call.endpoint.name == error.endpoint)?;
    if concerns_platform(error) {
        return None;
    }
    let op = op(call);
    let (waiting, until) = match error.class {
        ErrorClass::Invalid => (None, None),
        ErrorClass::Human | ErrorClass::Permission | ErrorClass::NotFound => {
            (Some(until_mended(error, facts, &op)), None)
        }
        ErrorClass::Quota => {
            let until = ends(error, now)?;
            (Some(used_up(error, until)), Some(until))
        }
        ErrorClass::Transient
        | ErrorClass::Throttled
        | ErrorClass::Token
        | ErrorClass::Revoked
        | ErrorClass::AlreadyDone
        | ErrorClass::Unknown => return None,
    };
    Some(Rejected {
        payload: payload(step),
        why: said(error),
        at: now,
        op: Some(op),
        facts: waiting.is_some().then(|| facts.digest()),
        waiting,
        until,
    })
}

/// Digest of what a step sends: what WeChat refused is not sent again until it changes.
#[must_use]
pub fn payload(step: &Step) -> Digest {
    Digest::of(&step.calls)
}

/// What becomes of a step that would send what was refused. `None`: it may be sent.
pub(super) fn held(
    rejected: &Rejected,
    step: &Step,
    facts: &Facts,
    now: Timestamp,
) -> Option<Verdict> {
    let over = rejected.until.is_some_and(|until| until <= now)
        || rejected
            .facts
            .as_ref()
            .is_some_and(|then| *then != facts.digest());
    if over || rejected.payload != payload(step) {
        return None;
    }
    Some(match &rejected.waiting {
        Some(waiting) => Verdict::Waiting(waiting.clone()),
        None => Verdict::Rejected {
            payload: rejected.payload.clone(),
            why: rejected.why.clone(),
        },
    })
}

fn until_mended(error: &ApiError, facts: &Facts, op: &str) -> Waiting {
    let (who, reason) = match error.who {
        Who::AccountAdmin | Who::LegalPerson => (
            authorization::administrator(facts.kind),
            Reason::AdministratorMustAct,
        ),
        Who::AppAdmin => (Person::AppAdmin, Reason::AdministratorMustAct),
        Who::Wechat => (Person::Wechat, Reason::HeldAfterTrying),
        Who::Wxops | Who::Operator | Who::PlatformAdmin => {
            (Person::Operator, Reason::HeldAfterTrying)
        }
    };
    let said = said(error);
    let waiting =
        authorization::lacking(facts, error).unwrap_or_else(|| Waiting::new(reason, who, said));
    let command = format!("wxops op resolve {op} --as not-done");
    Waiting {
        text: Text::new(
            format!(
                "{}；不再自动重试，处理好之后请执行 {command}",
                waiting.text.zh
            ),
            format!(
                "{}; it is not sent again by itself, so once that is put right: {command}",
                waiting.text.en
            ),
        ),
        ..waiting
    }
}

/// When a quota that WeChat says is used up starts again. `None`: the ledger counts it, and holds the step by itself.
fn ends(error: &ApiError, now: Timestamp) -> Option<Timestamp> {
    let endpoint = by_name(&error.endpoint)?;
    if endpoint.quota.is_some() {
        return None;
    }
    let (_, ends_at) = Period::Day.around(now);
    Some(ends_at)
}

fn used_up(error: &ApiError, until: Timestamp) -> Waiting {
    let said = said(error);
    Waiting {
        until: Some(until),
        ..Waiting::new(Reason::QuotaUsedUp, Person::Nobody, said)
    }
}

fn said(error: &ApiError) -> Text {
    Text::new(
        format!("{} {} {}", error.endpoint, error.errcode, error.zh),
        format!("{} {} {}", error.endpoint, error.errcode, error.en),
    )
}
