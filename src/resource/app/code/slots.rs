//! What WeChat says is where: online, on trial, under review, by degrees. Each answer is read once, and may lag, or leave out
//! what it has.

use jiff::{SignedDuration, Timestamp};

use super::machine::{Ask, Begun, Gray, Is, LastAudit, Situation};
use super::memory::{self, Done, SKEW, audit_id, done, is_after, put_online};
use super::spec::{CodeSpec, GraySpec};
use super::target::{Target, is_known, tag_in};
use super::{Halt, absent_or, read};
use crate::resource::View;
use crate::wechat::code::{
    self, Audit, AuditState, Detection, GrayAnswer, GrayPlan, GrayState, History, Version, Versions,
};
use crate::wechat::{Answer, ErrorClass};

/// The longest that a share soaks.
const LONGEST_SOAK: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What is where, as far as it was asked.
pub(super) struct Slots {
    /// Online.
    pub(super) live: Option<Version>,
    /// On trial.
    pub(super) trial: Option<Version>,
    /// The last audit, and the version it is of.
    pub(super) audit: Option<(Audit, Option<u64>)>,
    /// What WeChat found in the trial version, once it has looked.
    pub(super) found: Option<Detection>,
    /// When the plan to go online by degrees began, in Unix seconds.
    pub(super) gray_since: Option<i64>,
    /// What follows from it.
    pub(super) situation: Situation,
}

impl Slots {
    /// Reads what is always needed.
    pub(super) fn of(spec: &CodeSpec, target: &Target, view: &View<'_>) -> Result<Self, Halt> {
        let account = view.account();
        let versions: Versions = read(view, code::versions_request(account))?;
        let committed = done(view, &code::COMMIT);
        let online = put_online(view);
        // A bare answer says nothing of what was seen done.
        let trial = versions.trial().or_else(|| remembered(committed.as_ref()));
        let live = versions.online().or_else(|| remembered(online.as_ref()));
        let live = live.or_else(|| unsaid(&versions, view));
        let is_live = live
            .as_ref()
            .map(|version| memory::is(version, target, online.as_ref()));
        // What is online as wanted needs no more reads: most mini-programs are, most of the time.
        let audit = match is_live {
            Some(Is::Wanted) => None,
            Some(Is::Other | Is::Unknown) | None => last_audit(view)?,
        };
        let audit = audit.map(|audit| with_what_was_told(audit, view));
        let situation = Situation {
            held: spec.hold,
            live: is_live,
            trial: trial
                .as_ref()
                .map(|version| memory::is(version, target, committed.as_ref())),
            audit: audit.as_ref().map(|audit| judged(audit, target, view)),
            submitted_before: memory::submitted(view, target),
            history: None,
            gray: None,
            ours_runs: memory::gray_of_ours(view).is_some(),
            begun: Begun::Nothing,
            detected: None,
            steps: spec.gray().iter().map(|step| step.percent).collect(),
            soaked_at: None,
            now: view.now,
        };
        Ok(Self {
            live,
            trial,
            audit,
            found: None,
            gray_since: None,
            situation,
        })
    }

    /// Reads what an answer depends on.
    pub(super) fn ask(
        &mut self,
        ask: Ask,
        (spec, target): (&CodeSpec, &Target),
        view: &View<'_>,
    ) -> Result<(), Halt> {
        let account = view.account();
        match ask {
            Ask::History => {
                let history: Option<History> = absent_or(view, code::history_request(account))?;
                let all = history
                    .map(|history| history.version_list)
                    .unwrap_or_default();
                let wanted = all.into_iter().find(|one| {
                    let said = one.user_desc.as_deref().unwrap_or_default();
                    tag_in(said) == Some(target.tag.as_str())
                });
                self.situation.history = Some(wanted.map(|one| one.app_version));
            }
            Ask::Gray => {
                let answer: Option<GrayAnswer> = absent_or(view, code::plan_request(account))?;
                let plan = answer.and_then(|answer| answer.gray_release_plan);
                self.situation.gray = Some(gray(plan.as_ref()));
                self.situation.begun = self.begun(plan.as_ref(), view);
                self.gray_since = plan.as_ref().and_then(|plan| plan.create_timestamp);
                self.situation.soaked_at = plan.and_then(|plan| soaked_at(&plan, spec, view));
            }
            Ask::Detection => {
                let found: Option<Detection> = absent_or(view, code::detection_request(account))?;
                self.situation.detected = Some(found.is_some());
                self.found = found;
            }
        }
        Ok(())
    }

    /// Whose a plan is: ours for what passed now, or somebody's for something else. One that began before that was submitted
    /// cannot be for it; one that began since, by whomever, is.
    fn begun(&self, plan: Option<&GrayPlan>, view: &View<'_>) -> Begun {
        let ours = done(view, &code::GRAY);
        if ours.is_some_and(|done| done.before.audit == self.audit_id()) {
            return Begun::This;
        }
        let Some(plan) = plan.filter(|plan| plan.state() != GrayState::Never) else {
            return Begun::Nothing;
        };
        let submitted = self
            .audit
            .as_ref()
            .and_then(|(audit, _)| audit.submit_audit_time);
        let since = |(began, submitted)| began >= submitted;
        if !plan.create_timestamp.zip(submitted).is_some_and(since) {
            return Begun::Another;
        }
        if plan.state() == GrayState::TakenBack {
            Begun::This
        } else {
            Begun::Nothing
        }
    }

    /// The id of the last audit.
    pub(super) fn audit_id(&self) -> Option<u64> {
        let (audit, known) = self.audit.as_ref()?;
        audit.auditid.or(*known)
    }
}

/// Something is online, or may be, where an answer does not say what: one that has an object for it without words, one that says
/// nothing at all of a mini-program that has been worked on, and one beside a gray release, which needs a version online.
fn unsaid(versions: &Versions, view: &View<'_>) -> Option<Version> {
    let worked_on = [&code::COMMIT, &code::SUBMIT]
        .into_iter()
        .any(|endpoint| view.ops.last(view.account(), endpoint).is_some());
    let is_bare = *versions == Versions::default();
    let is_some = versions.release_is_odd()
        || is_bare && worked_on
        || view.ops.last(view.account(), &code::GRAY).is_some();
    is_some.then(nameless)
}

/// What an answer leaves out and was seen done.
fn remembered(done: Option<&Done<'_>>) -> Option<Version> {
    done.map(|_| nameless())
}

fn nameless() -> Version {
    Version {
        version: String::new(),
        description: String::new(),
        since: None,
    }
}

/// The last audit. The answer lags behind a submission: one of ours that it does not show yet is asked for by its id.
fn last_audit(view: &View<'_>) -> Result<Option<(Audit, Option<u64>)>, Halt> {
    let account = view.account();
    let latest: Option<Audit> = absent_or(view, code::latest_request(account))?;
    let ours = view.ops.last(account, &code::SUBMIT);
    let ours = ours.and_then(|last| Some((audit_id(last)?, last.at)));
    let Some((id, at)) = ours else {
        return Ok(latest.map(|audit| (audit, None)));
    };
    if let Some(audit) = &latest {
        let newer = audit
            .submit_audit_time
            .is_some_and(|time| is_after(time, at));
        if audit.auditid == Some(id) || newer {
            return Ok(latest.map(|audit| (audit, None)));
        }
    }
    let own: Option<Audit> = absent_or(view, code::status_request(account, id))?;
    Ok(match (own, latest) {
        // Of two that have ended, without a time, the one that is shown as the last is the last.
        (Some(own), Some(latest))
            if latest.submit_audit_time.is_some() || own.state().is_in_flight() =>
        {
            Some((own, Some(id)))
        }
        (Some(own), None) => Some((own, Some(id))),
        (_, latest) => latest.map(|audit| (audit, None)),
    })
}

/// A refusal with the reason and the pictures that came with WeChat's push, where the answer leaves them out.
fn with_what_was_told(audit: (Audit, Option<u64>), view: &View<'_>) -> (Audit, Option<u64>) {
    let (mut audit, known) = audit;
    let submitted = view.ops.last(view.account(), &code::SUBMIT);
    let told =
        submitted.and_then(|last| last.told.as_ref().filter(|told| told.at >= last.at - SKEW));
    if let (AuditState::Refused, Some(told)) = (audit.state(), told) {
        audit.reason = audit
            .reason
            .filter(|said| !said.is_empty())
            .or(told.reason.clone());
        audit.screenshot = audit
            .screenshot
            .filter(|said| !said.is_empty())
            .or(told.screenshots.clone());
    }
    (audit, known)
}

/// Whose code an audit is of, and what is known of it beside what the answer says.
fn judged((audit, known): &(Audit, Option<u64>), target: &Target, view: &View<'_>) -> LastAudit {
    let id = audit.auditid.or(*known);
    let of_it = |done: &Done<'_>| id.is_some() && done.before.audit == id;
    let withdrawn = done(view, &code::UNDO).is_some_and(|done| of_it(&done));
    // The answer lags behind a withdrawal.
    let state = if withdrawn && audit.state().is_in_flight() {
        AuditState::Withdrawn
    } else {
        audit.state()
    };
    LastAudit {
        is: audited(audit, id, target, view),
        state,
        // What was never seen online has not been there. Whoever released it, our submission remembers that it was.
        released: done(view, &code::RELEASE)
            .is_some_and(|done| of_it(&done) && !done.last.shown.is_null())
            || done(view, &code::SUBMIT).is_some_and(|done| {
                id.is_some() && audit_id(done.last) == id && !done.last.shown.is_null()
            }),
    }
}

fn audited(audit: &Audit, id: Option<u64>, target: &Target, view: &View<'_>) -> Is {
    let said = audit
        .user_desc
        .as_deref()
        .map(str::trim)
        .unwrap_or_default();
    if !said.is_empty() {
        let version = audit.user_version.as_deref().unwrap_or_default();
        let ours = is_known(version, said, (target.version(), &target.tag));
        return if ours { Is::Wanted } else { Is::Other };
    }
    if let Some(submitted) = done(view, &code::SUBMIT)
        && id.is_some()
        && audit_id(submitted.last) == id
    {
        let ours = submitted.before.tag == target.tag;
        return if ours { Is::Wanted } else { Is::Other };
    }
    match audit.user_version.as_deref() {
        Some(version) if !version.is_empty() && version != target.version() => Is::Other,
        Some(_) | None => Is::Unknown,
    }
}

fn gray(plan: Option<&GrayPlan>) -> Gray {
    let Some(plan) = plan else {
        return Gray::None;
    };
    match plan.state() {
        GrayState::Never | GrayState::Over | GrayState::TakenBack => Gray::None,
        GrayState::Running => Gray::Running(plan.percent()),
        GrayState::Paused => Gray::Paused(plan.percent()),
        GrayState::Odd(status) => Gray::Odd(status),
    }
}

/// When the share that is reached has been so for as long as the manifest says. WeChat tells when the plan began, not when
/// it was raised.
fn soaked_at(plan: &GrayPlan, spec: &CodeSpec, view: &View<'_>) -> Option<Timestamp> {
    let percent = plan.percent();
    // One that somebody has set in the console soaks as the share below it.
    let mut named = spec.gray().iter().rev();
    let step = named
        .find(|step| step.percent <= percent)
        .or(spec.gray().first())?;
    let raised = view
        .ops
        .last(view.account(), &code::GRAY)
        .map(|last| last.at);
    let began = plan
        .create_timestamp
        .and_then(|at| Timestamp::from_second(at).ok());
    let since = raised.max(began)?;
    Some(since.checked_add(step.soaks()?).unwrap_or(Timestamp::MAX))
}

impl CodeSpec {
    /// The shares it goes online by.
    pub(super) fn gray(&self) -> &[GraySpec] {
        self.release.as_ref().map_or(&[], |release| &release.gray)
    }
}

impl GraySpec {
    /// How long it soaks. `None`: it is no length of time.
    pub(super) fn soaks(&self) -> Option<SignedDuration> {
        let (number, unit) = self
            .soak
            .split_at_checked(self.soak.len().checked_sub(1)?)?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = number.parse().ok().filter(|number| digits && *number > 0)?;
        let seconds = match unit {
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        let soak = SignedDuration::from_secs(number.checked_mul(seconds)?);
        (soak <= LONGEST_SOAK).then_some(soak)
    }
}

/// Whether an answer says that there is none.
pub(super) fn is_absent(answer: Option<&Answer>) -> bool {
    match answer {
        Some(Answer::Refused(error)) => error.class == ErrorClass::NotFound,
        Some(Answer::Done(_) | Answer::Lost(_)) | None => false,
    }
}
