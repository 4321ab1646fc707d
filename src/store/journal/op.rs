//! The journal's document: one action on one account, through all its generations.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::store::doc::Doc;
use crate::store::ledger::Demand;
use crate::store::op_key::OpKey;
use crate::wechat::errcode::names_scan;
use crate::wechat::{ApiError, Call};

/// How long after arming a request may be sent. Past it the client gives the permission back
/// ([`Journal::disarm`](super::Journal::disarm)), so that whoever probes knows when the last request left.
pub const SEND_WINDOW: Duration = Duration::from_secs(5);
/// How long after the last moment at which a request can have ended its probe may begin. WeChat answers from
/// several machines; what one has done, another may not show at once.
pub const PROBE_MARGIN: Duration = Duration::from_secs(10);
/// After so many probes in a row that found it not done, a person looks before it is tried again.
const TRIES: u32 = 2;
/// How many past events an op remembers.
const TRAIL_KEPT: usize = 40;
/// The longest note in a trail, in characters.
const NOTE_KEPT: usize = 200;

/// One generation of one op. Names its entry in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpRef {
    /// The op.
    pub op: OpKey,
    /// Its generation.
    pub generation: u64,
}

/// How far an op is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Decided upon; nothing taken yet.
    Open,
    /// Its quota is taken.
    Reserved,
    /// A request may be on its way.
    Armed,
    /// A request may have had an effect; a probe decides.
    Doubt,
    /// Its outcome is known.
    Settled,
    /// No probe can tell; a person decides (`wxops op resolve`).
    Stalled,
}

/// What came of one generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It took effect.
    Done {
        /// What it made, as named in the tenant's outputs.
        ids: BTreeMap<String, String>,
    },
    /// WeChat refused it, and the refusal proves that nothing changed.
    Refused(ApiError),
    /// It was sent, or may have been, and had no effect.
    NotDone {
        /// How we know.
        why: String,
    },
    /// It was never sent.
    NotSent {
        /// Why not.
        why: String,
    },
}

/// An approval that was spent, kept for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Which approval.
    pub approval: String,
    /// The digest of the step it approved.
    pub step: String,
    /// The generation that spent it.
    pub generation: u64,
    /// When.
    pub at: Timestamp,
}

/// The last request of an op that took effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastDone {
    /// The request.
    pub call: Call,
    /// What was so before it.
    #[serde(default)]
    pub evidence: Value,
    /// What it made, as named in the tenant's outputs.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
    /// When it was known to be done.
    pub at: Timestamp,
    /// What WeChat showed afterwards, where that is no more than a sign of what was sent.
    #[serde(default)]
    pub shown: Value,
    /// Whether a person has given back the account that it made: nobody takes that again by what is known from here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub given_back: bool,
}

/// One past event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// When.
    pub at: Timestamp,
    /// In which generation.
    pub generation: u64,
    /// The stage it led to.
    pub stage: Stage,
    /// What happened.
    pub note: String,
}

/// What left it open whether a request had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// There was no answer.
    Silence,
    /// There was one that tells nothing (-1): WeChat may have counted the request.
    Answer,
    /// The ticket was refused: what it may have made, an earlier request made with it.
    Ticket,
}

impl Doubt {
    /// That of an answer which leaves open whether the request had an effect.
    pub(super) fn of_refusal(error: &ApiError) -> Self {
        if names_scan(error) {
            Self::Ticket
        } else {
            Self::Answer
        }
    }
}

/// A unit that an earlier generation has taken and that its successor uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The generation under whose name it stands in the ledger.
    pub generation: u64,
    /// When its period ends.
    pub until: Timestamp,
}

/// `op/<action>/<appid>`: one action on one account. Never deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpDoc {
    /// Which action on which account.
    pub op: OpKey,
    /// Counts from 1; a new one begins only from a settled one.
    pub generation: u64,
    /// How far this generation is.
    pub stage: Stage,
    /// The holder who moved it last.
    pub epoch: String,
    /// For whom.
    pub tenant: String,
    /// The digest of the step it belongs to.
    pub step: String,
    /// The request.
    pub call: Call,
    /// What its probe needs beside the request: facts from before it was sent.
    #[serde(default)]
    pub evidence: Value,
    /// The digest of what the tenant's manifest said; see [`OpDoc::held`].
    #[serde(default)]
    pub wanted: String,
    /// How often in a row a probe has found it not done, wanting the same.
    #[serde(default)]
    pub refuted: u32,
    /// The errcode, in no table, that WeChat answered to what is wanted now.
    #[serde(default)]
    pub unknown_code: Option<i64>,
    /// When the observation began that led to it.
    pub observed_at: Timestamp,
    /// What put it in doubt, if anything did.
    #[serde(default)]
    pub doubt: Option<Doubt>,
    /// The unit that it goes on with: a request that got no answer and made nothing is sent once more with the same ticket,
    /// which works once, so that both together spend one.
    #[serde(default)]
    pub carried: Option<Carried>,
    /// What it took from quotas, a unit of each. Set from `Reserved` on, if the call has any.
    #[serde(default, alias = "reservation", deserialize_with = "one_or_several")]
    pub reservations: Vec<Demand>,
    /// When it was last armed. Kept after that, for the probe's sake; cleared when it is known that nothing was sent.
    #[serde(default)]
    pub armed_at: Option<Timestamp>,
    /// How long the request of the last arming may take.
    #[serde(default)]
    pub request_timeout_ms: u64,
    /// How often this generation was armed.
    #[serde(default)]
    pub attempts: u32,
    /// What came of it. Set exactly when settled.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// When that was known. Set exactly when settled.
    #[serde(default)]
    pub settled_at: Option<Timestamp>,
    /// Whether tenant and ledger know the outcome. Never true unless settled.
    #[serde(default)]
    pub closed: bool,
    /// Whether this generation was first thought to have had no effect, and then found to be done: what it took from a
    /// quota may have been given back.
    #[serde(default)]
    pub late: bool,
    /// What the op did last, in whichever generation: what cannot be read back is known from here.
    #[serde(default)]
    pub done: Option<LastDone>,
    /// One-off approvals this op has spent, in any generation.
    #[serde(default)]
    pub spent: Vec<Spent>,
    /// The last events, oldest first.
    #[serde(default)]
    pub trail: Vec<Trail>,
}

impl Doc for OpDoc {
    /// 2: `refuted` and `unknown_code`, without which what is held would be sent again, and `late`. 3: `done`. 4: `doubt`
    /// and `carried`, without which a unit of a scarce quota would be taken twice or given back too early.
    const SCHEMA: u16 = 4;
}

/// Why what is settled is not tried again until a person has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// So many times in a row a probe found it not done.
    Refuted(u32),
    /// WeChat answered with an errcode that is in no table.
    UnknownCode(i64),
}

impl OpDoc {
    /// Whether the same may not be tried again, however a probe settled it: until the manifest says something else, or
    /// a person says that it may (`wxops op resolve`).
    #[must_use]
    pub fn held(&self, wanted: &str) -> Option<Held> {
        if wanted == self.wanted {
            self.holds()
        } else {
            None
        }
    }

    /// The same where nobody wants anything else.
    #[must_use]
    pub fn holds(&self) -> Option<Held> {
        let done = self.outcome.as_ref().is_some_and(Outcome::is_done);
        if self.stage != Stage::Settled || done {
            return None;
        }
        match self.unknown_code {
            Some(code) => Some(Held::UnknownCode(code)),
            None => (self.refuted >= TRIES).then_some(Held::Refuted(self.refuted)),
        }
    }

    /// Whether it was found without effect by looking alone, or answered with what is in no table: nothing proves that it
    /// had none.
    #[must_use]
    pub fn is_unproved(&self) -> bool {
        let done = self.outcome.as_ref().is_some_and(Outcome::is_done);
        let unproved = self.refuted > 0 || self.unknown_code.is_some();
        self.stage == Stage::Settled && !done && unproved
    }

    /// This generation's name.
    #[must_use]
    pub fn op_ref(&self) -> OpRef {
        OpRef {
            op: self.op.clone(),
            generation: self.generation,
        }
    }

    /// The name under which its units stand in the ledger.
    #[must_use]
    pub(in crate::store) fn unit_ref(&self) -> OpRef {
        let carried = self.carried.map(|carried| carried.generation);
        OpRef {
            op: self.op.clone(),
            generation: carried.unwrap_or(self.generation),
        }
    }

    /// Whether a unit stays spent though the request had no effect: WeChat may have counted it.
    pub(super) fn keeps(&self, demand: &Demand) -> bool {
        let without_effect = matches!(self.outcome, Some(Outcome::NotDone { .. }));
        demand.stays && without_effect && self.doubt != Some(Doubt::Ticket)
    }

    /// What its successor goes on with.
    pub(super) fn carries(&self) -> Option<Carried> {
        match &self.outcome {
            Some(Outcome::NotDone { .. }) => {}
            // It used nothing up, so what it would have gone on with is its successor's.
            Some(Outcome::NotSent { .. } | Outcome::Refused(_)) => return self.carried,
            Some(Outcome::Done { .. }) | None => return None,
        }
        let kept = self.reservations.iter().find(|one| self.keeps(one))?;
        (self.doubt == Some(Doubt::Silence)).then(|| Carried {
            generation: self.unit_ref().generation,
            until: kept.ends_at,
        })
    }

    /// From when on a probe counts: a request sent at the last allowed moment has ended, and WeChat shows what it
    /// did. `None` if nothing was armed.
    ///
    /// Assumes that the clock does not jump forward by more than the margin between the two.
    #[must_use]
    pub fn probe_due(&self) -> Option<Timestamp> {
        let wait = SEND_WINDOW + Duration::from_millis(self.request_timeout_ms) + PROBE_MARGIN;
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let armed_at = self.armed_at?;
        Some(armed_at.checked_add(wait).unwrap_or(Timestamp::MAX))
    }

    /// An observation must have begun after this to lead to a new generation. `None` while unsettled.
    ///
    /// After a success that is not before a probe would count either: right after a create, WeChat may still show
    /// the state before it.
    #[must_use]
    pub fn observe_after(&self) -> Option<Timestamp> {
        let settled_at = self.settled_at?;
        match &self.outcome {
            Some(Outcome::Done { .. }) => {
                Some(settled_at.max(self.probe_due().unwrap_or(settled_at)))
            }
            Some(Outcome::Refused(_) | Outcome::NotDone { .. } | Outcome::NotSent { .. }) => {
                Some(settled_at)
            }
            None => None,
        }
    }

    pub(super) fn note(&mut self, at: Timestamp, note: &str) {
        self.trail.push(Trail {
            at,
            generation: self.generation,
            stage: self.stage,
            note: short(note),
        });
        let too_many = self.trail.len().saturating_sub(TRAIL_KEPT);
        self.trail.drain(..too_many);
    }
}

/// What was written when a call took from one quota at most was one, or none.
fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Demand>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Several(Vec<Demand>),
        One(Option<Demand>),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Several(several) => several,
        Written::One(one) => one.into_iter().collect(),
    })
}

/// As much of a text as an op keeps.
pub(super) fn short(text: &str) -> String {
    text.chars().take(NOTE_KEPT).collect()
}

impl Outcome {
    /// Whether it took effect.
    #[must_use]
    pub fn is_done(&self) -> bool {
        match self {
            Self::Done { .. } => true,
            Self::Refused(_) | Self::NotDone { .. } | Self::NotSent { .. } => false,
        }
    }
}

impl Stage {
    /// The stage in one word, as printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reserved => "reserved",
            Self::Armed => "armed",
            Self::Doubt => "doubt",
            Self::Settled => "settled",
            Self::Stalled => "stalled",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for OpRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.op, self.generation)
    }
}
