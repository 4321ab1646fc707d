//! Both industries, normalised to codes: the same value from a manifest and from `get_industry`.

use serde::Serialize;

use super::never_set;
use crate::plan::{Observation, Why};
use crate::resource::payload;
use crate::wechat::Answer;
use crate::wechat::industry::{self, Industries, Industry, Names};

/// The industries of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndustryState {
    /// 主营行业.
    pub primary: Branch,
    /// 副营行业.
    pub secondary: Option<Branch>,
}

/// One industry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Branch {
    /// By its code.
    Known(u8),
    /// By its name, where WeChat's table has none like it. It can be shown, never set.
    Other(String),
}

impl Branch {
    /// The industry of these two levels.
    pub(super) fn of(first: &str, second: &str) -> Self {
        match industry::by_names(first, second) {
            Some(known) => Self::Known(known.code),
            None => Self::Other(format!("{}/{}", first.trim(), second.trim())),
        }
    }

    /// The industry of this name.
    pub(super) fn named(name: &str) -> Self {
        match industry::by_name(name) {
            Some(known) => Self::Known(known.code),
            None => Self::Other(name.to_owned()),
        }
    }

    /// The industry, if it is one that can be set.
    pub(super) fn known(&self) -> Option<&'static Industry> {
        match self {
            Self::Known(code) => industry::by_code(*code),
            Self::Other(_) => None,
        }
    }

    /// The name, as a manifest would write it.
    pub(super) fn name(&self) -> String {
        match (self, self.known()) {
            (_, Some(known)) => known.name(),
            (Self::Other(name), None) => name.clone(),
            (Self::Known(code), None) => code.to_string(),
        }
    }
}

impl IndustryState {
    /// Whether an industry is one of the two.
    pub(super) fn has(&self, branch: &Branch) -> bool {
        self.primary == *branch || self.secondary.as_ref() == Some(branch)
    }
}

/// Folds the answer of `get_industry`.
pub(super) fn observe(answer: Option<&Answer>) -> Observation<IndustryState> {
    if answer.is_some_and(never_set) {
        return Observation::Absent;
    }
    match payload::<Industries>(&industry::GET, answer) {
        Ok(read) => read_state(&read),
        Err(why) => Observation::Unknown(why),
    }
}

/// Names without content are no industry. That the first is empty is not how WeChat says "never set" (40102), so it
/// is no absence.
fn read_state(read: &Industries) -> Observation<IndustryState> {
    let branch = |names: &Names| Branch::of(&names.first_class, &names.second_class);
    let unreadable = |what| Observation::Unknown(Why::unreadable(industry::GET.name, what));
    if read.primary_industry.is_empty() {
        return unreadable("primary_industry is empty");
    }
    let mut both = [
        Some(&read.primary_industry),
        read.secondary_industry.as_ref(),
    ]
    .into_iter();
    if both.any(|names| names.is_some_and(Names::is_half)) {
        return unreadable("one level of an industry is empty");
    }
    Observation::Present(IndustryState {
        primary: branch(&read.primary_industry),
        secondary: read
            .secondary_industry
            .as_ref()
            .filter(|names| !names.is_empty())
            .map(branch),
    })
}
