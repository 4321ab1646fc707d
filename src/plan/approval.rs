//! Approvals: somebody's yes to exactly some steps of one tenant, or to one revision of a platform's manifests.
//!
//! The unattended loop and the person at a terminal go through this one gate. A yes names a step by its digest, which
//! covers tenant, action, what is there now and the exact calls, so another tenant's drift never voids it and nothing
//! else is ever covered by it. It is good once: the operation that spends it lists it for good.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::costly::Costly;
use super::plan::Entry;
use super::step::{Hold, Step};
use super::text::Text;
use super::waiting::Reason;
use crate::wechat::calendar::minute;

/// What is written in front of a step's digest, so that nobody takes it for anything else.
pub const STEP_PREFIX: char = 's';

/// How much of a digest is shown to be typed.
const SHOWN: usize = 8;

/// A yes to some steps of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its name; with the step it names what is spent.
    pub name: String,
    /// Full digests of steps, in lower hex, without their prefix.
    pub steps: BTreeSet<String>,
    /// After this it is worth nothing.
    pub expires: Option<Timestamp>,
}

/// When approvals were spent, by approval and step digest.
pub type Spent = BTreeMap<(String, String), Timestamp>;

/// What counts as a yes for one tenant.
#[derive(Debug, Clone, Copy)]
pub struct Consents<'a> {
    /// Costly actions that its policy approves in advance.
    pub preapproved: &'a [Costly],
    /// Approvals of single steps.
    pub approvals: &'a [Approval],
    /// What was spent of them.
    pub spent: &'a Spent,
    /// The time.
    pub now: Timestamp,
}

/// Decides whether a costly step may be made: sets its approval, or its hold. A step that costs nothing is left alone.
pub fn decide_costly(tenant: &str, entry: &Entry, step: &mut Step, consents: &Consents<'_>) {
    let Some(costly) = step.costly else { return };
    if consents.preapproved.contains(&costly) {
        return;
    }
    let digest = entry.digest(tenant, step);
    let mut objection = None;
    for approval in consents
        .approvals
        .iter()
        .filter(|approval| approval.steps.contains(digest.as_str()))
    {
        match approval.objection(digest.as_str(), consents) {
            None => {
                step.approval = Some(approval.name.clone());
                step.hold = None;
                return;
            }
            Some(text) => objection = Some(text),
        }
    }
    let shown = format!("{STEP_PREFIX}{}", digest.short(SHOWN));
    let Text { zh, en } = objection.unwrap_or_else(|| Text::new("需要审批", "needs approval"));
    step.hold = Some(Hold {
        reason: Reason::NeedsApproval,
        text: Text::new(format!("{zh}（{shown}）"), format!("{en} ({shown})")),
        command: Some(format!("wxops approve {shown} --tenant {tenant}")),
    });
}

impl Approval {
    /// Why it is worth nothing any more, if so.
    fn objection(&self, step: &str, consents: &Consents<'_>) -> Option<Text> {
        let Self { name, expires, .. } = self;
        if let Some(at) = consents.spent.get(&(name.clone(), step.to_owned())) {
            let at = minute(*at);
            return Some(Text::new(
                format!("审批 {name} 已于 {at} 用过一次；需要新的审批"),
                format!("approval {name} was spent at {at}; needs another approval"),
            ));
        }
        let expired = expires.filter(|expires| *expires <= consents.now)?;
        let at = minute(expired);
        Some(Text::new(
            format!("审批 {name} 已于 {at} 过期；需要新的审批"),
            format!("approval {name} expired at {at}; needs another approval"),
        ))
    }
}

/// Reads a step's digest as it is written in a document: `s` and 64 hex digits. `None`: it is none.
#[must_use]
pub fn parse_step(text: &str) -> Option<String> {
    let hex = text.strip_prefix(STEP_PREFIX)?;
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (hex.len() == 64 && hex.bytes().all(is_hex)).then(|| hex.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::Address;
    use crate::plan::{Action, Verdict};
    use crate::wechat::{Appid, Call, menu};

    fn step() -> (Entry, Step) {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let call = Call::new(&menu::CREATE, account.clone(), &json!({"button": []}));
        let mut step = Step::new(Action::Update, account, Vec::new(), vec![call]);
        step.costly = Some(Costly::ReplaceOwnerMenu);
        let entry = Entry {
            address: Address::of("menu"),
            verdict: Verdict::Step(step.clone()),
        };
        (entry, step)
    }

    fn approval(steps: &[&str], expires: Option<&str>) -> Approval {
        Approval {
            name: "sunrise-menu".to_owned(),
            steps: steps.iter().map(|step| (*step).to_owned()).collect(),
            expires: expires.map(|at| at.parse().unwrap()),
        }
    }

    fn decided(preapproved: &[Costly], approvals: &[Approval], spent: &Spent) -> Step {
        let (entry, mut step) = step();
        let consents = Consents {
            preapproved,
            approvals,
            spent,
            now: "2026-11-28T00:00:00Z".parse().unwrap(),
        };
        decide_costly("sunrise", &entry, &mut step, &consents);
        step
    }

    fn reason(step: &Step) -> Option<Reason> {
        step.hold.as_ref().map(|hold| hold.reason)
    }

    #[test]
    fn a_costly_step_is_held_and_says_how_to_say_yes() {
        let step = decided(&[], &[], &Spent::new());
        let hold = step.hold.unwrap();
        assert_eq!(hold.reason, Reason::NeedsApproval);
        let command = hold.command.unwrap();
        assert!(command.starts_with("wxops approve s"), "{command}");
        assert!(command.ends_with("--tenant sunrise"), "{command}");
    }

    #[test]
    fn a_standing_approval_covers_its_action_and_no_other() {
        assert!(
            decided(&[Costly::ReplaceOwnerMenu], &[], &Spent::new())
                .hold
                .is_none()
        );
        let other = decided(&[Costly::SetIndustry], &[], &Spent::new());
        assert_eq!(reason(&other), Some(Reason::NeedsApproval));
    }

    #[test]
    fn an_approval_covers_exactly_the_step_it_names_until_it_expires() {
        let (entry, step) = step();
        let digest = entry.digest("sunrise", &step);
        let good = decided(
            &[],
            &[approval(&[digest.as_str()], Some("2026-11-28T00:00:01Z"))],
            &Spent::new(),
        );
        assert_eq!(good.approval.as_deref(), Some("sunrise-menu"));
        assert!(good.hold.is_none());
        let late = decided(
            &[],
            &[approval(&[digest.as_str()], Some("2026-11-28T00:00:00Z"))],
            &Spent::new(),
        );
        assert!(late.hold.unwrap().text.en.contains("expired"));
        let other = decided(&[], &[approval(&["00"], None)], &Spent::new());
        assert_eq!(reason(&other), Some(Reason::NeedsApproval));
        // The same change of another tenant has another digest.
        assert_ne!(entry.digest("moon", &step), digest);
    }

    #[test]
    fn a_spent_approval_is_worth_nothing_and_a_second_one_is() {
        let (entry, step) = step();
        let digest = entry.digest("sunrise", &step).to_string();
        let first = approval(&[digest.as_str()], None);
        let spent = Spent::from([(
            (first.name.clone(), digest.clone()),
            "2026-11-27T10:00:00Z".parse().unwrap(),
        )]);
        let held = decided(&[], std::slice::from_ref(&first), &spent);
        assert!(held.hold.unwrap().text.en.contains("was spent"));
        let second = Approval {
            name: "again".to_owned(),
            ..first.clone()
        };
        let step = decided(&[], &[first, second], &spent);
        assert_eq!(step.approval.as_deref(), Some("again"));
    }

    #[test]
    fn an_approval_of_several_steps_is_spent_one_by_one() {
        let (entry, step) = step();
        let digest = entry.digest("sunrise", &step).to_string();
        let of_both = approval(&[digest.as_str(), "another"], None);
        let other = (of_both.name.clone(), "another".to_owned());
        let spent = Spent::from([(other, "2026-11-27T10:00:00Z".parse().unwrap())]);
        let step = decided(&[], &[of_both], &spent);
        assert_eq!(step.approval.as_deref(), Some("sunrise-menu"));
    }

    #[test]
    fn only_a_whole_digest_is_taken_from_a_document() {
        assert_eq!(
            parse_step(&format!("s{}", "a".repeat(64))).unwrap().len(),
            64
        );
        for bad in [
            "s9c41d0",
            "9c41d0",
            &"a".repeat(64),
            &"a".repeat(65),
            &format!("s{}", "a".repeat(65)),
            &format!("ss{}", "a".repeat(64)),
            &format!("s{}", "A".repeat(64)),
        ] {
            assert_eq!(parse_step(bad), None, "{bad}");
        }
    }
}
