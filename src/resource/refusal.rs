//! What WeChat refused, and whether the same may be sent again. Pure.
//!
//! A refusal that a person must mend is not mended by asking again: the same is sent once, and then the plan says who
//! must act. It is over when the manifest asks for something else, when WeChat shows otherwise what it may have rested on
//! (a permission set was granted, the account was verified, a mini-program was linked), or when a person says so
//! (`wxops op resolve`). One for want of quota is over with its day, or as soon as WeChat says that some is left.

use jiff::Timestamp;

use serde_json::Value;

use super::record::Rejected;
use super::{Facts, Seen, View, authorization};
use crate::plan::text::shell_word;
use crate::plan::{Digest, Person, Reason, Step, Text, Verdict, Waiting};
use crate::wechat::endpoint::{Endpoint, Method, Period, by_name};
use crate::wechat::errcode::{concerns_platform, is_of_the_day, is_of_the_month};
use crate::wechat::{Answer, ApiError, Call, ErrorClass, Who, quota};

/// What is remembered of a step that was refused. `None`: the same may be sent again by itself, or something other than
/// the step's own request was refused (a token), or it is the platform that is refused and not this account. `about` is
/// what the refused call names, where WeChat does not tell which of it is meant; `op` names the operation of a call as
/// `wxops op resolve` takes it.
#[must_use]
pub fn remembered(
    step: &Step,
    (error, about): (&ApiError, Option<&Text>),
    (facts, seen): (&Facts, &Seen),
    rests_on: &[Call],
    op: impl Fn(&Call) -> String,
    now: Timestamp,
) -> Option<Rejected> {
    let own = |call: &&Call| call.endpoint.name == error.endpoint;
    // A file that was not taken keeps the call back that it goes along with.
    let uploads = by_name(&error.endpoint).is_some_and(|one| one.method == Method::Upload);
    let call = step.calls.iter().find(own);
    let call = call.or_else(|| step.calls.first().filter(|_| uploads))?;
    if concerns_platform(error) {
        return None;
    }
    let op = op(call);
    let said = said(error, about);
    let (waiting, until) = match error.class {
        ErrorClass::Invalid => (None, None),
        ErrorClass::Human | ErrorClass::Permission | ErrorClass::NotFound => {
            (Some(until_mended(error, &said, facts, &op)), None)
        }
        ErrorClass::Quota => {
            let until = ends(call.endpoint, error, now);
            (Some(used_up(&said, until, &op)), Some(until))
        }
        ErrorClass::Transient
        | ErrorClass::Throttled
        | ErrorClass::Token
        | ErrorClass::Revoked
        | ErrorClass::AlreadyDone
        | ErrorClass::Unknown => return None,
    };
    let mendable = waiting.is_some() && until.is_none();
    Some(Rejected {
        payload: payload(&step.calls),
        call: waiting.is_some().then(|| Digest::of(call)),
        why: said,
        at: now,
        op: Some(op),
        endpoint: by_the_day(call.endpoint, error).then(|| error.endpoint.clone()),
        facts: facts.digest().filter(|_| mendable),
        saw: saw(seen, rests_on).filter(|_| mendable),
        waiting,
        until,
    })
}

/// The reads that may show that a refusal is over. One for want of quota may end before its day does: others can have it
/// counted anew, or WeChat's own console.
pub(super) fn needs(
    rejected: &Rejected,
    facts: &Facts,
    rests_on: impl FnOnce() -> Vec<Call>,
    now: Timestamp,
) -> Vec<Call> {
    if rejected.waiting.is_some() && rejected.until.is_none() {
        return rests_on();
    }
    left(rejected, facts, now).into_iter().collect()
}

/// The read that shows what is left of a quota.
fn left(rejected: &Rejected, facts: &Facts, now: Timestamp) -> Option<Call> {
    rejected.until.filter(|until| *until > now)?;
    let endpoint = by_name(rejected.endpoint.as_deref()?)?;
    Some(quota::get_request(&facts.account, endpoint))
}

/// Digest of what else a refusal may rest on. What could not be read is no reason to send again.
fn saw(seen: &Seen, rests_on: &[Call]) -> Option<Digest> {
    let answers = rests_on.iter().map(|read| match seen.get(read) {
        Some(Answer::Done(body)) => Some(body),
        // That there is none is something that was read as well.
        Some(Answer::Refused(error)) if error.class == ErrorClass::NotFound => Some(&Value::Null),
        Some(Answer::Refused(_) | Answer::Lost(_)) | None => None,
    });
    let answers: Vec<&Value> = answers.collect::<Option<_>>()?;
    Some(Digest::of(&answers))
}

/// Digest of what a step sends: what WeChat refused is not sent again until it changes.
#[must_use]
pub fn payload(calls: &[Call]) -> Digest {
    Digest::of(&calls)
}

/// What becomes of a step that would send what was refused. `None`: it may be sent.
pub(super) fn held(
    rejected: &Rejected,
    step: &Step,
    view: &View<'_>,
    rests_on: &[Call],
) -> Option<Verdict> {
    let View {
        facts, seen, now, ..
    } = *view;
    let made = |refused: &Digest| step.calls.iter().any(|call| Digest::of(call) == *refused);
    if !rejected.call.as_ref().is_some_and(made) && rejected.payload != payload(&step.calls) {
        return None;
    }
    let left = left(rejected, facts, now).is_some_and(|read| some_is_left(seen.get(&read)));
    let past = rejected.until.is_some_and(|until| until <= now);
    let is_now = rejected.facts.as_ref().zip(facts.digest());
    let is_otherwise = is_now.is_some_and(|(then, is)| *then != is);
    let sees = rejected.saw.as_ref().zip(saw(seen, rests_on));
    let sees_otherwise = sees.is_some_and(|(then, sees)| *then != sees);
    if left || past || is_otherwise || sees_otherwise {
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

fn some_is_left(answer: Option<&Answer>) -> bool {
    match answer {
        Some(Answer::Done(body)) => quota::read(body).is_ok_and(|daily| daily.remain > 0),
        Some(Answer::Refused(_) | Answer::Lost(_)) | None => false,
    }
}

fn until_mended(error: &ApiError, said: &Text, facts: &Facts, op: &str) -> Waiting {
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
    let lacking = authorization::lacking(facts, error);
    let waiting = lacking.unwrap_or_else(|| Waiting::new(reason, who, said.clone()));
    Waiting {
        text: not_by_itself(&waiting.text, op),
        ..waiting
    }
}

/// What is said of what a person must mend, with the command that says that it is.
fn not_by_itself(Text { zh, en }: &Text, op: &str) -> Text {
    let command = resolve(op);
    Text::new(
        format!("{zh}；不再自动重试，处理好之后请执行 {command}"),
        format!("{en}; it is not sent again by itself, so once that is put right: {command}"),
    )
}

/// One thing that WeChat left out of a call that it answered with success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Why.
    pub why: Text,
    /// What it is about, as its operation is called by: things that are mended together have one.
    pub thing: String,
}

/// What is remembered of such a thing, by its key.
#[must_use]
pub fn left_out(call: &Call, key: &str, part: Part, now: Timestamp) -> Rejected {
    let Part { why, thing } = part;
    let op = format!("{}/{}", call.endpoint.action(Some(&thing)), call.subject);
    let text = not_by_itself(&why, &op);
    Rejected {
        waiting: Some(Waiting::new(
            Reason::HeldAfterTrying,
            Person::Operator,
            text,
        )),
        op: Some(op),
        ..Rejected::invalid(Digest::of(&key), why, now)
    }
}

/// What becomes of such a thing until then.
pub(super) fn of_part(rejected: &Rejected, key: &str) -> Option<Verdict> {
    let waiting = rejected.waiting.clone()?;
    (rejected.payload == Digest::of(&key)).then_some(Verdict::Waiting(waiting))
}

/// Whether it is the calls of the day to an API that are used up, which WeChat tells the number of.
fn by_the_day(endpoint: &Endpoint, error: &ApiError) -> bool {
    let scarce = || endpoint.quotas.iter().any(|quota| quota.scarce);
    is_of_the_day(error) || !is_of_the_month(error) && !scarce()
}

/// When a quota that WeChat says is used up starts again. Of some things WeChat has caps by the month beside those by the
/// year that it publishes (avatars): a month at most, so that nobody waits for a year on a guess.
fn ends(endpoint: &Endpoint, error: &ApiError, now: Timestamp) -> Timestamp {
    if is_of_the_month(error) {
        let (_, ends_at) = Period::Month.around(now);
        return ends_at;
    }
    let period = match endpoint.quotas.first().map(|quota| quota.period) {
        Some(Period::Month | Period::Year) if !is_of_the_day(error) => Period::Month,
        Some(Period::Day | Period::Month | Period::Year) | None => Period::Day,
    };
    let (_, ends_at) = period.around(now);
    ends_at
}

fn used_up(said: &Text, until: Timestamp, op: &str) -> Waiting {
    let command = resolve(op);
    let text = Text::new(
        format!("{}；若已恢复，请执行 {command}", said.zh),
        format!("{}; should some be left before: {command}", said.en),
    );
    Waiting {
        until: Some(until),
        ..Waiting::new(Reason::QuotaUsedUp, Person::Nobody, text)
    }
}

/// The command that lets a call be made again.
fn resolve(op: &str) -> String {
    format!("wxops op resolve {} --as not-done", shell_word(op))
}

/// What WeChat said, and what of.
fn said(error: &ApiError, about: Option<&Text>) -> Text {
    let (zh, en) = match about {
        None => Default::default(),
        Some(Text { zh, en }) => (format!("（{zh}）"), format!(" ({en})")),
    };
    Text::new(
        format!("{} {} {}{zh}", error.endpoint, error.errcode, error.zh),
        format!("{} {} {}{en}", error.endpoint, error.errcode, error.en),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::errcode::explain;
    use crate::wechat::link::UNLINK;

    #[test]
    fn operations_of_the_month_return_with_the_next_one_whatever_the_endpoint_counts() {
        let now: Timestamp = "2026-11-10T04:00:00Z".parse().unwrap();
        let of = |code| ends(&UNLINK, &explain(&UNLINK, code, ""), now).to_string();
        assert_eq!(of(89_030), "2026-11-30T16:00:00Z");
        assert_eq!(of(45_009), "2026-11-10T16:00:00Z");
    }
}
