//! What is to be done next about a mini-program's code. Pure: from what is where, one answer.
//!
//! ```text
//!   online as wanted                        nothing; a gray release of ours that runs is ended by a yes
//!   held                                    nothing
//!   in the history of what was online       gone back to
//!   a review runs: of what is wanted        waited for
//!                  of something else        waited for, or withdrawn by a yes
//!   a review passed, of what is wanted      released, whole or by degrees
//!   the trial version is another one        committed
//!   WeChat still looks at the trial version waited for
//!   else                                    submitted; again only by a yes
//! ```

use jiff::Timestamp;

use crate::wechat::code::AuditState;

/// Whether something is the code that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    /// It is.
    Wanted,
    /// It is something else.
    Other,
    /// Nothing tells.
    Unknown,
}

/// What is where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Situation {
    /// Somebody wants nothing to be done.
    pub(super) held: bool,
    /// Online, if anything is.
    pub(super) live: Option<Is>,
    /// The trial version, if there is one.
    pub(super) trial: Option<Is>,
    /// The last review, if there was one.
    pub(super) audit: Option<LastAudit>,
    /// What is wanted was submitted before, and another review came since, or did not let it pass.
    pub(super) submitted_before: bool,
    /// Whether what is wanted can be gone back to, and by which number. `None`: not asked.
    pub(super) history: Option<Option<i64>>,
    /// The plan to go online by degrees. `None`: not asked.
    pub(super) gray: Option<Gray>,
    /// We began one and have not ended it since, as far as we know.
    pub(super) ours_runs: bool,
    /// What we began of it last: whether that was for what passed now.
    pub(super) begun: Begun,
    /// Whether WeChat has looked at the trial version. `None`: not asked.
    pub(super) detected: Option<bool>,
    /// The shares to go online by, with the moment from which on the next may follow, where they are reached.
    pub(super) steps: Vec<u8>,
    /// When the share that is reached has soaked.
    pub(super) soaked_at: Option<Timestamp>,
    /// When it is looked at.
    pub(super) now: Timestamp,
}

/// The last review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LastAudit {
    /// Whether it is of what is wanted.
    pub(super) is: Is,
    /// How far it is.
    pub(super) state: AuditState,
    /// Whether what it passed is known to have been released.
    pub(super) released: bool,
}

/// What we began of a plan to go online by degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begun {
    /// Nothing.
    Nothing,
    /// It, for what passed now.
    This,
    /// One for something else.
    Another,
}

/// A plan to go online by degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gray {
    /// None runs.
    None,
    /// It reaches so many percent.
    Running(u8),
    /// Somebody stopped it for the time being.
    Paused(u8),
    /// Nothing is known of it.
    Odd(i64),
}

/// Something that has to be read first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// What can be gone back to.
    History,
    /// The plan to go online by degrees.
    Gray,
    /// What WeChat found in the trial version.
    Detection,
}

/// Why something was submitted before and is to be again: by a yes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It was refused.
    Refused,
    /// It was withdrawn.
    Withdrawn,
    /// It passed and was released, and is not online any more.
    RolledBack,
    /// It was submitted, or something of its name was, and what came of it is not known.
    Before,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: it is online.
    InSync,
    /// Nothing: somebody holds it.
    Held,
    /// Read this first.
    Ask(Ask),
    /// Commit the template.
    Commit,
    /// Submit the trial version for review.
    Submit(Option<Again>),
    /// Release what passed to everybody.
    Release,
    /// Give what passed to so many percent.
    Gray(u8),
    /// The same, which somebody has taken back.
    GrayAgain(u8),
    /// Go back to this version of the history.
    Revert(i64),
    /// Wait: WeChat looks at the trial version.
    Detecting,
    /// Wait: it is reviewed, and whether that takes longer.
    UnderReview { delayed: bool },
    /// Wait: something else is reviewed.
    AnotherAudit,
    /// Wait: so many percent have it until then.
    Soaking(u8, Timestamp),
    /// Wait: somebody stopped the plan.
    GrayPaused(u8),
    /// Wait: so many percent have it, which is none of the shares to go online by, nor below one of them.
    GrayUnnamed(u8),
    /// A plan runs for something else, or keeps WeChat from going back: it is ended by a yes.
    GrayInTheWay(u8),
    /// WeChat says of the review, or of the plan, what no page explains.
    Odd(i64),
}

/// What is to be done next.
pub(super) fn next(situation: &Situation) -> Next {
    if situation.live == Some(Is::Wanted) {
        return online(situation);
    }
    if situation.held {
        return Next::Held;
    }
    if let Some(back) = going_back(situation) {
        return back;
    }
    let again = match situation.audit {
        None => None,
        Some(audit) => match of_audit(situation, audit) {
            Ok(next) => return next,
            Err(again) => again,
        },
    };
    if situation.trial != Some(Is::Wanted) {
        return Next::Commit;
    }
    match situation.detected {
        None => Next::Ask(Ask::Detection),
        Some(false) => Next::Detecting,
        Some(true) if situation.submitted_before => Next::Submit(again.or(Some(Again::Before))),
        Some(true) => Next::Submit(again),
    }
}

/// What is wanted is online for most. A share of the users may have something else, by a gray release that we began.
fn online(situation: &Situation) -> Next {
    if situation.held || !situation.ours_runs {
        return Next::InSync;
    }
    match situation.gray {
        None => Next::Ask(Ask::Gray),
        Some(Gray::Running(percent) | Gray::Paused(percent)) => Next::GrayInTheWay(percent),
        Some(Gray::None | Gray::Odd(_)) => Next::InSync,
    }
}

/// An older version costs no review, where WeChat still has it.
fn going_back(situation: &Situation) -> Option<Next> {
    situation.live?;
    let Some(history) = situation.history else {
        return Some(Next::Ask(Ask::History));
    };
    let to = history?;
    Some(match situation.gray {
        None => Next::Ask(Ask::Gray),
        Some(Gray::None) => Next::Revert(to),
        Some(Gray::Running(percent) | Gray::Paused(percent)) => Next::GrayInTheWay(percent),
        Some(Gray::Odd(status)) => Next::Odd(status),
    })
}

/// What follows from the last review; else why a new one is one more of the same.
fn of_audit(situation: &Situation, audit: LastAudit) -> Result<Next, Option<Again>> {
    let wanted = audit.is == Is::Wanted;
    match audit.state {
        AuditState::InReview | AuditState::Delayed if wanted => Ok(Next::UnderReview {
            delayed: audit.state == AuditState::Delayed,
        }),
        AuditState::InReview | AuditState::Delayed => Ok(Next::AnotherAudit),
        AuditState::Passed if wanted && audit.released => Err(Some(Again::RolledBack)),
        AuditState::Passed if wanted => Ok(going_online(situation)),
        AuditState::Refused if wanted => Err(Some(Again::Refused)),
        AuditState::Withdrawn if wanted => Err(Some(Again::Withdrawn)),
        // Of the same name, as far as the answer says: it may be what is wanted.
        AuditState::Passed | AuditState::Refused | AuditState::Withdrawn
            if audit.is == Is::Unknown =>
        {
            Err(Some(Again::Before))
        }
        AuditState::Passed | AuditState::Refused | AuditState::Withdrawn => Err(None),
        AuditState::Odd(status) => Ok(Next::Odd(status)),
    }
}

/// It passed and is not online. A first release is whole: WeChat takes no share of it (85079).
fn going_online(situation: &Situation) -> Next {
    if situation.live.is_none() {
        return Next::Release;
    }
    match situation.gray {
        None => Next::Ask(Ask::Gray),
        Some(Gray::None) => match situation.steps.first() {
            Some(percent) if situation.begun == Begun::This => Next::GrayAgain(*percent),
            Some(percent) => Next::Gray(*percent),
            None => Next::Release,
        },
        Some(Gray::Running(percent) | Gray::Paused(percent))
            if situation.begun == Begun::Another =>
        {
            Next::GrayInTheWay(percent)
        }
        Some(Gray::Running(percent)) => {
            if let Some(at) = situation.soaked_at.filter(|at| *at > situation.now) {
                return Next::Soaking(percent, at);
            }
            let higher = situation.steps.iter().find(|step| **step > percent);
            match higher {
                Some(step) => Next::Gray(*step),
                // Everybody has it, or the manifest names the share as its last, or none at all.
                None if percent >= 100
                    || situation.steps.is_empty()
                    || situation.steps.contains(&percent) =>
                {
                    Next::Release
                }
                None => Next::GrayUnnamed(percent),
            }
        }
        Some(Gray::Paused(percent)) => Next::GrayPaused(percent),
        Some(Gray::Odd(status)) => Next::Odd(status),
    }
}
