//! A budget as the state file has it. How it is spent is in `spending.rs`.

use serde::{Deserialize, Serialize};

/// What there is a budget for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Allowance {
    /// Changes of the name, by the year.
    Name,
    /// Changes of the avatar, by the year.
    Avatar,
    /// Changes of the avatar, by the month; there is a cap nobody has published.
    AvatarMonth,
    /// Changes of the introduction, by the month.
    Signature,
    /// Categories added, by the period that a switch says.
    Category,
}

/// One budget of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Budget {
    /// Spent so far.
    pub used: u64,
    /// When it was spent, `2026` or `2026-11`; later it counts no more. Absent: in whatever period it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// In place of the usual limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
}

/// How long a budget lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Period {
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}
