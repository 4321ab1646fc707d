//! How a tenant stands after a pass, thing by thing: what `status` and `why` tell without asking WeChat again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::planned::Planned;
use super::{StepOutcome, StepReport};
use crate::plan::{
    Address, Entry, Person, Reason, Text, Verdict, Waiting, WhyKind, address_fields,
};
use crate::resource::registry::named;

/// A wait, since when, and of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Awaited {
    /// What waits; `authorization` for the gate.
    #[serde(flatten, with = "address_fields")]
    pub address: Address,
    /// Since when it waits for this. `None`: an older wxops wrote it down.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// The command that ends the wait, if one does.
    #[serde(default)]
    pub command: Option<String>,
    /// The wait.
    #[serde(flatten)]
    pub waiting: Waiting,
}

/// One thing that a tenant declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thing {
    /// Its name.
    #[serde(flatten, with = "address_fields")]
    pub address: Address,
    /// How it stands.
    pub stands: Stands,
    /// What is to be said of it.
    #[serde(default)]
    pub text: Option<Text>,
}

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stands {
    /// As the manifest says.
    InForce,
    /// To be changed by the next pass.
    ToDo,
    /// Held back; the waits say why.
    Waiting,
    /// Refused by WeChat, or not done.
    Failed,
    /// Left alone by policy.
    LeftAlone,
    /// It cannot be compared, or could not be read.
    NotKnown,
}

/// What a plan waits for, with the time at which each wait began: one for the same reason goes on.
#[must_use]
pub fn awaited(planned: &Planned, before: &[Awaited], now: Timestamp) -> Vec<Awaited> {
    let mut found: Vec<Awaited> = planned.plan.entries.iter().filter_map(wait).collect();
    for one in &mut found {
        let same = before
            .iter()
            .find(|old| old.address == one.address && old.waiting.reason == one.waiting.reason);
        // An older wxops did not say since when: from now on it is known.
        one.since = same.and_then(|old| old.since).or(Some(now));
    }
    found
}

fn wait(entry: &Entry) -> Option<Awaited> {
    let (waiting, command) = match &entry.verdict {
        Verdict::Waiting(waiting) => (waiting.clone(), None),
        Verdict::Step(step) => {
            let hold = step.hold.as_ref()?;
            // Whoever is asked for a yes must read here what the plan says of the step.
            let notes = step.notes.iter();
            let text = notes.fold(hold.text.clone(), |text, note| Text {
                zh: format!("{}；{}", text.zh, note.zh),
                en: format!("{}; {}", text.en, note.en),
            });
            // It goes on by itself in the next hour.
            let who = if hold.reason == Reason::HourlyCap {
                Person::Nobody
            } else {
                Person::Operator
            };
            let waiting = Waiting::new(hold.reason, who, text);
            (waiting, hold.command.clone())
        }
        Verdict::Rejected { .. } | Verdict::Suppressed { .. } | Verdict::Unknown(_) => return None,
    };
    Some(Awaited {
        address: entry.address.clone(),
        since: None,
        command,
        waiting,
    })
}

/// How everything that was compared stands, after what came of the plan's steps.
#[must_use]
pub fn things(planned: &Planned, reports: &[StepReport]) -> Vec<Thing> {
    // What WeChat keeps in a spelling of its own is in force and has an entry that says so.
    let entries = &planned.plan.entries;
    let said = |address: &Address| entries.iter().any(|entry| entry.address == *address);
    let in_force = planned.learned.in_force.keys();
    let in_force = in_force
        .filter(|address| !said(address) && !waits_in_its_list(planned, address))
        .map(|address| thing(address, Stands::InForce, None));
    // What must be empty, and is, has no thing of its own.
    let compared = planned.learned.compared.iter();
    let empty = compared.filter(|address| {
        let beside = |other: &Address| other.is_beside(address);
        !planned.learned.in_force.keys().any(beside)
            && !entries.iter().any(|entry| beside(&entry.address))
    });
    let empty = empty.map(|address| thing(address, Stands::InForce, None));
    let others = entries.iter().map(|entry| {
        let (stands, text) = stands(planned, entry, reports);
        thing(&entry.address, stands, text)
    });
    in_force.chain(empty).chain(others).collect()
}

/// Whether something of the list that a thing stands in waits or was refused: the list is not as the manifest says then.
fn waits_in_its_list(planned: &Planned, address: &Address) -> bool {
    let Some(resource) = named(&address.resource) else {
        return false;
    };
    planned.plan.entries.iter().any(|entry| {
        let other = &entry.address;
        other != address
            && other.is_beside(address)
            && resource.in_one_list(&address.key, &other.key)
            && matches!(
                entry.verdict,
                Verdict::Waiting(_) | Verdict::Rejected { .. } | Verdict::Unknown(_)
            )
    })
}

fn thing(address: &Address, stands: Stands, text: Option<Text>) -> Thing {
    Thing {
        address: address.clone(),
        stands,
        text,
    }
}

fn stands(planned: &Planned, entry: &Entry, reports: &[StepReport]) -> (Stands, Option<Text>) {
    match &entry.verdict {
        Verdict::Waiting(_) => (Stands::Waiting, None),
        Verdict::Step(step) if step.hold.is_some() => (Stands::Waiting, None),
        Verdict::Step(_) if planned.came_back.contains(&entry.address.whose) => (
            Stands::ToDo,
            Some(Text::new(
                "与配置不一致；账号重新授权后的第一次运行只查看，下一次执行时更改",
                "differs; the first pass after the account came back only looks, and the next pass changes it",
            )),
        ),
        Verdict::Step(_) if planned.plan.observes(entry) => (
            Stands::LeftAlone,
            Some(Text::new(
                "与配置不一致；策略为只观察，不会更改",
                "differs from the manifest; the policy only observes",
            )),
        ),
        Verdict::Step(_) => match reports
            .iter()
            .find(|report| report.address == entry.address)
        {
            None => (Stands::ToDo, None),
            Some(report) if report.outcome.done() => {
                let waits = report.under_way || waits_in_its_list(planned, &entry.address);
                came(&report.outcome, waits)
            }
            Some(report) => came(&report.outcome, false),
        },
        Verdict::Rejected { why, .. } => (Stands::Failed, Some(why.clone())),
        Verdict::Suppressed { why, .. } => (Stands::LeftAlone, Some(why.clone())),
        Verdict::Unknown(why) => {
            let stands = match why.kind {
                WhyKind::ReadFailed | WhyKind::Refused { .. } => Stands::Failed,
                WhyKind::NotComparable => Stands::NotKnown,
            };
            (stands, Some(why.text.clone()))
        }
    }
}

/// `waits`: what stands beside it, or comes after it, waits.
fn came(outcome: &StepOutcome, waits: bool) -> (Stands, Option<Text>) {
    if waits {
        let Text { zh, en } = if let StepOutcome::DoneOtherwise(text) = outcome {
            text.clone()
        } else {
            Text::new("微信已接受", "accepted by WeChat")
        };
        return (
            Stands::Waiting,
            Some(Text::new(
                format!("{zh}；尚未全部生效，由下一次执行核对"),
                format!("{en}; not all of it is in force yet, the next pass looks"),
            )),
        );
    }
    match outcome {
        StepOutcome::Done | StepOutcome::DoneAfterDoubt(_) => (Stands::InForce, None),
        StepOutcome::DoneOtherwise(text) => (Stands::InForce, Some(text.clone())),
        StepOutcome::Refused(_)
        | StepOutcome::NotShown(_)
        | StepOutcome::NotDone(_)
        | StepOutcome::Withheld(_)
        | StepOutcome::Unknown(_)
        | StepOutcome::Held(_)
        | StepOutcome::OutOfQuota(_)
        | StepOutcome::Guarded(_)
        | StepOutcome::Moved(_) => (Stands::Failed, Some(outcome.said())),
    }
}
