//! How far a review of WeChat's is: of a name, of a category. Answers and pushes give the same numbers.

/// How far a review is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewStatus {
    /// It is under review.
    InReview,
    /// It was rejected.
    Rejected,
    /// It was approved, and is in force.
    Passed,
    /// A number no page explains.
    Unknown(i64),
}

impl ReviewStatus {
    /// What a number of WeChat's means.
    #[must_use]
    pub fn of(number: i64) -> Self {
        match number {
            1 => Self::InReview,
            2 => Self::Rejected,
            3 => Self::Passed,
            other => Self::Unknown(other),
        }
    }

    /// WeChat's number.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::InReview => 1,
            Self::Rejected => 2,
            Self::Passed => 3,
            Self::Unknown(number) => number,
        }
    }
}
