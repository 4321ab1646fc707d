//! Exit codes. Frozen: scripts rely on them.

/// How a command ended. When several fit, the first of [`Exit::PRECEDENCE`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: fine.
    Fine,
    /// 1: an error.
    Error,
    /// 2: changes are present (only with `--detailed-exitcode`).
    Changes,
    /// 3: some step took effect and another did not.
    Partly,
    /// 4: refused by a guard or for want of an approval.
    Refused,
    /// 5: out of quota.
    OutOfQuota,
    /// 6: applied, but waiting (only with `--wait`).
    Waiting,
    /// 7: the plan is stale.
    Stale,
    /// 8: an outcome is unknown.
    OutcomeUnknown,
    /// 9: the manifests are invalid.
    InvalidManifests,
}

impl Exit {
    /// Which code wins when several fit.
    pub const PRECEDENCE: [Self; 9] = [
        Self::InvalidManifests,
        Self::OutcomeUnknown,
        Self::Partly,
        Self::Error,
        Self::Stale,
        Self::OutOfQuota,
        Self::Refused,
        Self::Waiting,
        Self::Changes,
    ];

    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Partly => 3,
            Self::Refused => 4,
            Self::OutOfQuota => 5,
            Self::Waiting => 6,
            Self::Stale => 7,
            Self::OutcomeUnknown => 8,
            Self::InvalidManifests => 9,
        }
    }

    /// The one that wins among those that fit; fine when none does.
    #[must_use]
    pub fn first_of(fitting: &[Self]) -> Self {
        Self::PRECEDENCE
            .into_iter()
            .find(|exit| fitting.contains(exit))
            .unwrap_or(Self::Fine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_fits_wins() {
        assert_eq!(Exit::first_of(&[]), Exit::Fine);
        assert_eq!(Exit::first_of(&[Exit::Changes, Exit::Error]), Exit::Error);
        assert_eq!(
            Exit::first_of(&[Exit::Partly, Exit::OutcomeUnknown]),
            Exit::OutcomeUnknown
        );
        assert_eq!(
            Exit::first_of(&[Exit::Refused, Exit::OutOfQuota]),
            Exit::OutOfQuota
        );
    }

    #[test]
    fn every_code_has_its_number() {
        let codes: Vec<u8> = Exit::PRECEDENCE.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [9, 8, 3, 1, 7, 5, 4, 6, 2]);
    }
}
