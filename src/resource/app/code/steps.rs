//! The steps about code, and what is said while there is none.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::machine::{Again, Gray, Is, Next};
use super::memory::{self, Before, Done, done, put_online};
use super::slots::Slots;
use super::spec::CodeSpec;
use super::target::Target;
use super::{Code, Halt, absent_or, ext, grants, missing, shares, submission, waits};
use crate::plan::{Action, Address, Change, Costly, Step, Text, Verdict, Waiting};
use crate::resource::app::privacy::undetected;
use crate::resource::app::{
    Avatar, Categories, Domains, LocationApis, Nickname, OrderPath, Plugins, Privacy, Signature,
};
use crate::resource::windows::opens_at;
use crate::resource::{Resource, View};
use crate::wechat::Call;
use crate::wechat::basic_info::{self, BasicInfo};
use crate::wechat::code::{self, AuditQuota, AuditState, Version};
use crate::wechat::filing::{self, FilingInfo, FilingState};
use crate::wechat::privacy::{self, Setting, Which};

/// What is found, by its key.
pub(super) type Verdicts = BTreeMap<String, Verdict>;

/// What brings the wanted version online, or keeps it from being so.
pub(super) const RELEASE: &str = "release";
const COMMIT: &str = "commit";
const SUBMIT: &str = "submit";
pub(super) const GRAY: &str = "gray";
const STOP_GRAY: &str = "stopGray";
const WITHDRAW: &str = "withdraw";
const SPEED_UP: &str = "speedUp";
const FILING: &str = "filing";

/// Whose code it is, and where it stands.
pub(super) struct Of<'a> {
    pub(super) spec: &'a CodeSpec,
    pub(super) target: &'a Target,
    pub(super) slots: &'a Slots,
    pub(super) view: &'a View<'a>,
}

impl Of<'_> {
    /// What is to be done, and what is waited for.
    pub(super) fn verdicts(&self, next: Next) -> Result<Verdicts, Halt> {
        let mut found = Verdicts::new();
        if let Some((key, waiting)) = self.closed(next) {
            if key != RELEASE {
                let after = waits::after_submit(self.target.version());
                found.insert(RELEASE.to_owned(), Verdict::Waiting(after));
            }
            found.insert(key.to_owned(), Verdict::Waiting(waiting));
            return Ok(found);
        }
        if let Some(verdict) = self.said(next) {
            found.insert(RELEASE.to_owned(), verdict);
        }
        // A first version only: what is online has been filed.
        if !matches!(next, Next::InSync | Next::Held)
            && self.slots.live.is_none()
            && let Some(waiting) = self.filing()?
        {
            found.insert(FILING.to_owned(), Verdict::Waiting(waiting));
            if next == Next::Release {
                let passed = waits::passed_and_not_filed(self.target.version());
                found.insert(RELEASE.to_owned(), Verdict::Waiting(passed));
                return Ok(found);
            }
        }
        if next == Next::Commit
            && let Some(waiting) = grants::lacking(self.view)?
        {
            found.insert(RELEASE.to_owned(), Verdict::Waiting(waiting));
            return Ok(found);
        }
        if let Some(waiting) = self.meanwhile(next) {
            found.insert(GRAY.to_owned(), Verdict::Waiting(waiting));
        }
        if matches!(next, Next::UnderReview { .. })
            && let Some(verdict) = self.speed_up()?
        {
            found.insert(SPEED_UP.to_owned(), verdict);
        }
        if let Some((key, step)) = self.due(next)? {
            found.insert(key.to_owned(), Verdict::Step(step));
        }
        Ok(found)
    }

    /// What a share of the users has until what is wanted goes online.
    fn meanwhile(&self, next: Next) -> Option<Waiting> {
        let on_its_way = matches!(
            next,
            Next::Commit
                | Next::Submit(_)
                | Next::Detecting
                | Next::UnderReview { .. }
                | Next::AnotherAudit
        );
        let (Some(Gray::Running(percent)), true) = (self.slots.situation.gray, on_its_way) else {
            return None;
        };
        Some(shares::gray_meanwhile(&self.in_gray(), percent))
    }

    /// What is released by degrees, as people call it.
    fn in_gray(&self) -> Text {
        memory::gray_of_ours(self.view).map_or_else(
            || Text::new("另一个版本", "another version"),
            |done| Text::new(done.before.version.clone(), done.before.version),
        )
    }

    /// Why it is not done now, where the manifest allows it at other times alone.
    fn closed(&self, next: Next) -> Option<(&'static str, Waiting)> {
        let windows = self.view.spec.windows.as_ref()?;
        let (windows, key) = match next {
            Next::Submit(_) => (&windows.submit, SUBMIT),
            Next::Release | Next::Gray(_) | Next::GrayAgain(_) => (&windows.release, RELEASE),
            Next::InSync
            | Next::Held
            | Next::Ask(_)
            | Next::Commit
            | Next::Revert(_)
            | Next::Detecting
            | Next::UnderReview { .. }
            | Next::AnotherAudit
            | Next::Soaking(_, _)
            | Next::GrayPaused(_)
            | Next::GrayUnnamed(_)
            | Next::GrayInTheWay(_)
            | Next::Odd(_) => return None,
        };
        let until = opens_at(windows, self.view.now)?;
        let waiting = waits::closed(self.target.version(), key == SUBMIT, until);
        Some((key, waiting))
    }

    /// What keeps the wanted version from being online.
    fn said(&self, next: Next) -> Option<Verdict> {
        let version = self.target.version();
        Some(Verdict::Waiting(match next {
            Next::InSync | Next::Ask(_) | Next::Release | Next::Revert(_) => {
                return None;
            }
            Next::Held => waits::on_hold(version),
            Next::Odd(status) => return Some(Verdict::Unknown(waits::odd(status))),
            Next::Detecting => waits::detecting(version, self.view.now),
            Next::UnderReview { delayed } => waits::under_review(version, self.audit(), delayed),
            Next::AnotherAudit => waits::another_audit(self.audited(), self.audit()),
            Next::Soaking(percent, until) => shares::soaking(version, percent, until),
            Next::GrayPaused(percent) => shares::gray_paused(version, percent),
            Next::GrayUnnamed(percent) => shares::gray_unnamed(version, percent),
            Next::GrayInTheWay(percent) if self.slots.situation.live == Some(Is::Wanted) => {
                shares::gray_to_end(version, &self.in_gray(), percent)
            }
            Next::GrayInTheWay(percent) => {
                shares::gray_in_the_way(version, &self.in_gray(), percent)
            }
            Next::Gray(percent) => shares::after_gray(version, percent),
            Next::GrayAgain(percent) => shares::gray_taken_back(version, percent),
            Next::Commit => waits::after_commit(version),
            Next::Submit(None) => waits::after_submit(version),
            Next::Submit(Some(again)) => waits::again(version, again, self.audit()),
        }))
    }

    /// The step that is due, under its key.
    fn due(&self, next: Next) -> Result<Option<(&'static str, Step)>, Halt> {
        let account = self.view.account();
        Ok(Some(match next {
            Next::Commit => (COMMIT, self.commit()),
            Next::Submit(again) => (SUBMIT, self.submit(again)?),
            // Nobody has agreed to follow the newest template yet: that is asked first, when the review has ended.
            Next::AnotherAudit if self.follows_another() => return Ok(None),
            Next::AnotherAudit => (WITHDRAW, self.withdraw()),
            Next::Release => (RELEASE, self.release(code::release_request(account))),
            Next::Gray(percent) => (GRAY, self.gray(percent)),
            Next::GrayAgain(percent) => {
                let mut step = self.gray(percent);
                step.costly = Some(Costly::AskAgain);
                step.basis = step.basis.map(|basis| format!("{basis} again").into());
                (GRAY, step)
            }
            Next::GrayInTheWay(percent) => (STOP_GRAY, self.stop_gray(percent)),
            Next::Revert(to) => (RELEASE, self.revert(to)),
            Next::InSync
            | Next::Held
            | Next::Ask(_)
            | Next::UnderReview { .. }
            | Next::Detecting
            | Next::Soaking(_, _)
            | Next::GrayPaused(_)
            | Next::GrayUnnamed(_)
            | Next::Odd(_) => return Ok(None),
        }))
    }

    pub(super) fn audit(&self) -> Option<&code::Audit> {
        self.slots.audit.as_ref().map(|(audit, _)| audit)
    }

    /// What the last audit is of, as people call it.
    fn audited(&self) -> &str {
        self.audit()
            .and_then(|audit| audit.user_version.as_deref())
            .unwrap_or("-")
    }

    /// Whether the last audit ended without passing.
    fn did_not_pass(&self) -> bool {
        let state = self.audit().map(code::Audit::state);
        matches!(state, Some(AuditState::Refused | AuditState::Withdrawn))
    }

    /// From what is in a slot to what is wanted.
    fn change(&self, from: Option<&Version>) -> Change {
        let path = Code::path(self.view.at).field("template");
        let template = self.target.commit.template_id;
        Change {
            path,
            from: from.map(|version| json!(named(version))),
            to: Some(json!(format!(
                "{} (template {template})",
                self.target.version()
            ))),
        }
    }

    pub(super) fn before(&self, audit: Option<u64>, slot: Option<&Version>) -> Value {
        let before = Before {
            item: self.view.at.whose.item().unwrap_or_default().to_owned(),
            tag: self.target.tag.clone(),
            template: self.target.commit.template_id,
            version: self.target.version().to_owned(),
            audit,
            since: slot.and_then(|slot| slot.since),
            refused: memory::refused(self.view, self.did_not_pass()),
        };
        serde_json::to_value(before).unwrap_or_default()
    }

    pub(super) fn step(&self, changes: Vec<Change>, call: Call) -> Step {
        let account = self.view.account().clone();
        let action = if self.slots.live.is_some() {
            Action::Update
        } else {
            Action::Create
        };
        let mut step = Step::new(action, account, changes, vec![call]);
        // The calls name no version: a yes is to this one, and to what became of this review.
        let (tag, template) = (&self.target.tag, self.target.commit.template_id);
        let audit = self.slots.audit_id().unwrap_or_default();
        step.basis = Some(format!("{tag} {template} {audit}").into());
        step
    }

    /// Every thing of a resource of this mini-program.
    fn all_of<R: Resource>(&self) -> Address {
        R::address(&self.view.at.whose).every()
    }

    fn commit(&self) -> Step {
        let trial = self.slots.trial.as_ref();
        let mut changes = vec![self.change(trial)];
        changes.extend(ext::changes(self.view, &self.target.commit.ext_json));
        let call = code::commit_request(self.view.account(), &self.target.commit);
        let mut step = self.step(changes, call);
        step.evidence = self.before(self.slots.audit_id(), trial);
        step.basis = Some(format!("{} {}", self.target.tag, self.target.commit.template_id).into());
        step.after = vec![self.all_of::<LocationApis>(), self.all_of::<Plugins>()];
        if self.follows_another() {
            step.costly = Some(Costly::FollowLatest);
        }
        step
    }

    /// Whether another template is meant than before though the manifest did not change: somebody added one.
    fn follows_another(&self) -> bool {
        let follows = self.spec.template.as_ref();
        let follows = follows.is_some_and(|one| one.latest.is_some());
        let known = done(self.view, &code::COMMIT).or_else(|| put_online(self.view));
        match known {
            Some(Done { before, .. }) => {
                // Of one name there may be another template than before, which nobody has named.
                let same_name = before.version == self.target.version();
                let is_another = before.template != self.target.commit.template_id;
                is_another && (follows || same_name && self.spec.names_version())
            }
            // By another store, or by hand.
            None => follows && (self.slots.live.is_some() || self.slots.audit.is_some()),
        }
    }

    fn submit(&self, again: Option<Again>) -> Result<Step, Halt> {
        self.declared()?;
        let info: BasicInfo = super::read(self.view, basic_info::get_request(self.view.account()))?;
        if let Some(waiting) = missing::profile_lacks(&info) {
            return Err(Halt::Say(Box::new(Verdict::Waiting(waiting))));
        }
        // Whoever pays for it: what is left is said before.
        let quota: Option<AuditQuota> =
            absent_or(self.view, code::quota_request(self.view.account()))?;
        let body = submission::body(self.spec, again, self.view)?;
        let path = Code::path(self.view.at).field("audit");
        let change = Change {
            path,
            from: self.last_audit(),
            to: Some(json!(format!("{} (submit_audit)", self.target.version()))),
        };
        let call = code::submit_request(self.view.account(), &body);
        let mut step = self.step(vec![change], call);
        step.evidence = self.before(self.slots.audit_id(), None);
        step.costly = Some(match again {
            None => Costly::Submit,
            Some(_) => Costly::AskAgain,
        });
        step.after = vec![
            self.all_of::<Categories>(),
            self.all_of::<Nickname>(),
            self.all_of::<Avatar>(),
            self.all_of::<Signature>(),
            self.all_of::<OrderPath>(),
            self.all_of::<Privacy>(),
        ];
        step.notes
            .extend(quota.and_then(|quota| waits::left(quota.audits())));
        Ok(step)
    }

    /// Whether the manifest declares what WeChat found in the code: else the submission would be refused (61040).
    fn declared(&self) -> Result<(), Halt> {
        let item = self.view.at.item(self.view.spec);
        let guide = item.and_then(|item| item.privacy.as_ref());
        if guide.is_some_and(|guide| guide.declare_unused) {
            return Ok(());
        }
        let say = |waiting| Err(Halt::Say(Box::new(Verdict::Waiting(waiting))));
        if let Some(found) = &self.slots.found
            && let Some(waiting) = missing::undeclared_apis(found)
        {
            return say(waiting);
        }
        if guide.is_none() {
            let read = privacy::get_request(self.view.account(), Which::Development);
            let setting: Setting = super::read(self.view, read)?;
            if let Some(waiting) = undetected(&setting, &setting.guide) {
                return say(waiting);
            }
        }
        Ok(())
    }

    fn release(&self, call: Call) -> Step {
        let mut step = self.step(vec![self.change(self.slots.live.as_ref())], call);
        step.notes.push(waits::passed(self.target.version()));
        step.evidence = self.before(self.slots.audit_id(), self.slots.live.as_ref());
        step.costly = Some(Costly::Release);
        step.after = vec![self.all_of::<Domains>()];
        step
    }

    fn gray(&self, percent: u8) -> Step {
        let mut step = self.release(code::gray_request(self.view.account(), percent));
        let before = match self.slots.situation.gray {
            Some(Gray::Running(percent)) => Some(json!(format!("{percent}%"))),
            Some(Gray::None | Gray::Paused(_) | Gray::Odd(_)) | None => None,
        };
        step.changes.push(Change {
            path: Code::path(self.view.at).field("release").field("gray"),
            from: before,
            to: Some(json!(format!("{percent}%"))),
        });
        step.notes.push(shares::share(percent));
        step
    }

    fn stop_gray(&self, percent: u8) -> Step {
        let change = Change {
            path: Code::path(self.view.at).field("release"),
            from: Some(json!(format!("{percent}%"))),
            to: None,
        };
        let mut step = self.step(vec![change], code::stop_gray_request(self.view.account()));
        step.evidence = self.before(self.slots.audit_id(), None);
        step.costly = Some(Costly::Revert);
        // The one that runs, not the next one that reaches as many.
        let plan = self.slots.gray_since.unwrap_or_default();
        step.basis = step
            .basis
            .map(|basis| format!("{basis} ends {plan}").into());
        step
    }

    fn revert(&self, to: i64) -> Step {
        let call = code::revert_request(self.view.account(), to);
        let mut step = self.step(vec![self.change(self.slots.live.as_ref())], call);
        step.evidence = self.before(self.slots.audit_id(), self.slots.live.as_ref());
        step.costly = Some(Costly::Revert);
        step.notes.push(Text::new(
            "微信保留了该版本，直接回退，不占用提审额度",
            "WeChat still has that version: it is gone back to, which takes no audit",
        ));
        step
    }

    /// Why a first version cannot go online.
    fn filing(&self) -> Result<Option<Waiting>, Halt> {
        let call = filing::get_request(self.view.account());
        let answer = self.view.seen.get(&call);
        if answer.is_none() {
            return Err(Halt::Read(Box::new(call)));
        }
        // Where it may not be asked, the release itself shows it.
        let Ok(FilingInfo { info }) = crate::resource::payload(&filing::GET, answer) else {
            return Ok(None);
        };
        let state = info.state();
        let is_open = matches!(state, FilingState::Filed | FilingState::Odd(_));
        Ok((!is_open).then(|| super::filing::not_filed(state, &info)))
    }
}

/// A version as people call it.
fn named(version: &Version) -> String {
    let Version {
        version,
        description,
        ..
    } = version;
    if version.is_empty() && description.is_empty() {
        return "?".to_owned();
    }
    version.clone()
}
