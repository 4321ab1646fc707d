//! A review as the state file has it. What comes of it, and when, is in `audit.rs`.

use std::fmt::Display;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::code::CodeAudit;
use crate::simulator::keyed::Keyed;

/// One review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Audit {
    /// Its id.
    pub audit_id: u64,
    /// The mini-program.
    pub account: String,
    /// What is reviewed.
    pub of: Reviewed,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// When the outcome comes into force; none: when somebody decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// What comes of it.
    #[serde(default)]
    pub outcome: AuditOutcome,
    /// Why it is refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Since when the outcome is in force; none: under review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
    /// The account's platforms have been told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
}

/// What a review is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Reviewed {
    /// A name.
    Name(String),
    /// A category, with its papers.
    Category {
        /// Of the first level.
        first: u64,
        /// Of the second.
        second: u64,
    },
    /// A location API an app asks for.
    LocationApi(String),
    /// The path of its orders. No event tells.
    OrderPath,
    /// A version of its code.
    Code(Box<CodeAudit>),
}

/// What comes of a review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AuditOutcome {
    /// 3 on the wire, of code 0.
    #[default]
    #[serde(alias = "approved")]
    Passed,
    /// 2 on the wire, of code 1.
    Refused,
}

impl AuditOutcome {
    /// `ret`, and `audit_stat` of one that is over.
    pub(in crate::simulator) fn number(self) -> i64 {
        match self {
            Self::Refused => 2,
            Self::Passed => 3,
        }
    }
}

impl Keyed for Audit {
    type Key = u64;
    fn key(&self) -> u64 {
        self.audit_id
    }
    fn name(&self) -> impl Display {
        self.audit_id
    }
}

impl Audit {
    pub(in crate::simulator) fn is_running(&self) -> bool {
        self.settled_at.is_none()
    }

    /// What is particular to a review of code; none: it is of something else.
    pub(in crate::simulator) fn code(&self) -> Option<&CodeAudit> {
        match &self.of {
            Reviewed::Code(code) => Some(code),
            Reviewed::Name(_)
            | Reviewed::Category { .. }
            | Reviewed::LocationApi(_)
            | Reviewed::OrderPath => None,
        }
    }
}
