//! How often the parts of a profile may be changed: by the year, by the month, of Asia/Shanghai.
//!
//! Kept in the account and not among the counters, since the owner's hand in the console spends from the same
//! budgets and `getaccountbasicinfo` shows them. When exactly a month or a year begins is a switch.

use jiff::Timestamp;

use super::budget::{Allowance, Budget, Period};
use crate::simulator::account::Account;
use crate::simulator::quota;
use crate::simulator::switches::Switches;

impl Period {
    /// The one it is now.
    fn now(self, now: Timestamp, switches: &Switches) -> String {
        match self {
            Self::Month => quota::rolling_month(now, switches),
            Self::Year => quota::rolling_year(now, switches),
        }
    }
}

impl Allowance {
    fn period(self, switches: &Switches) -> Period {
        match self {
            Self::Name | Self::Avatar => Period::Year,
            Self::AvatarMonth | Self::Signature => Period::Month,
            Self::Category => switches.category_period,
        }
    }

    /// What an account may spend that has no quota of its own; none: as much as it likes.
    fn usual(self, switches: &Switches) -> Option<u64> {
        match self {
            Self::Name => Some(2),
            Self::Avatar | Self::Signature | Self::Category => Some(5),
            Self::AvatarMonth => switches.avatars_a_month,
        }
    }
}

impl Account {
    /// Spent of the budget in this period.
    pub(in crate::simulator) fn spent(
        &self,
        what: Allowance,
        now: Timestamp,
        switches: &Switches,
    ) -> u64 {
        let of_now = |budget: &&Budget| {
            let now = what.period(switches).now(now, switches);
            budget.period.as_ref().is_none_or(|period| *period == now)
        };
        let budget = self.budgets.get(&what).filter(of_now);
        budget.map_or(0, |budget| budget.used)
    }

    /// The limit; none: there is none.
    pub(in crate::simulator) fn allowed(
        &self,
        what: Allowance,
        switches: &Switches,
    ) -> Option<u64> {
        let own = self.budgets.get(&what).and_then(|budget| budget.quota);
        own.or_else(|| what.usual(switches))
    }

    /// Whether so many more may be spent.
    pub(in crate::simulator) fn affords(
        &self,
        what: Allowance,
        more: u64,
        now: Timestamp,
        switches: &Switches,
    ) -> bool {
        let after = self.spent(what, now, switches).saturating_add(more);
        self.allowed(what, switches)
            .is_none_or(|limit| after <= limit)
    }

    /// Spends, whether or not there is room.
    pub(in crate::simulator) fn spend(
        &mut self,
        what: Allowance,
        more: u64,
        now: Timestamp,
        switches: &Switches,
    ) {
        let used = self.spent(what, now, switches).saturating_add(more);
        let budget = self.budgets.entry(what).or_default();
        budget.used = used;
        budget.period = Some(what.period(switches).now(now, switches));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::account::Kind;

    #[test]
    fn what_was_spent_in_another_period_counts_no_more() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let switches = Switches::default();
        let mut account = Account::new("wx1", Kind::MiniProgram);
        let november = at("2026-11-30T23:59:00+08:00");
        let december = at("2026-12-01T00:00:00+08:00");
        for what in [Allowance::Signature, Allowance::Name] {
            account.spend(what, 2, november, &switches);
        }
        assert_eq!(account.spent(Allowance::Signature, november, &switches), 2);
        assert_eq!(account.spent(Allowance::Signature, december, &switches), 0);
        assert!(!account.affords(Allowance::Name, 1, december, &switches));
        let late = Switches {
            month_rolls_after_hours: 8,
            ..Switches::default()
        };
        assert_eq!(account.spent(Allowance::Signature, december, &late), 2);
        let january = at("2027-01-01T00:00:00+08:00");
        assert!(account.affords(Allowance::Name, 2, january, &switches));
        let late = Switches {
            year_rolls_after_hours: 744,
            ..Switches::default()
        };
        assert!(!account.affords(Allowance::Name, 1, january, &late));
    }

    #[test]
    fn a_budget_without_a_period_is_of_now() {
        let mut account = Account::new("wx1", Kind::MiniProgram);
        let given = Budget {
            used: 3,
            quota: Some(4),
            period: None,
        };
        account.budgets.insert(Allowance::Signature, given);
        let (now, switches) = (Timestamp::UNIX_EPOCH, Switches::default());
        assert!(account.affords(Allowance::Signature, 1, now, &switches));
        account.spend(Allowance::Signature, 1, now, &switches);
        assert!(!account.affords(Allowance::Signature, 1, now, &switches));
        assert!(account.affords(Allowance::AvatarMonth, 99, now, &switches));
    }
}
