//! What WeChat's reviewers are to decide: names, categories, code. Each audit has an outcome from the start, which comes
//! into force when it is due: looked at whenever somebody looks, so nothing has to run for it.
//!
//! The push that tells of it is sent by the loop that sends the tickets, or by the order that decided.

use jiff::{SignedDuration, Timestamp};

use super::addons::location;
use super::budget::Allowance;
use super::code;
use super::review::{Audit, AuditOutcome, Reviewed};
use super::state::CategoryStatus;
use crate::simulator::account::Account;
use crate::simulator::credential::after;
use crate::simulator::push::{Event, Forms, Parties, Push, notice_content};
use crate::simulator::push_content::Content;
use crate::simulator::state::State;
use crate::simulator::switches::{CountsAt, Switches};

/// Where events come from that no user caused.
const SYSTEM: &str = "oSimSystem00000000000000000";

impl Audit {
    /// What the account's platform is told, if anything is. Most events carry no audit id and no appid.
    fn event(&self, account: &Account, platform: &str, switches: &Switches) -> Option<Push> {
        let delayed = code::delayed_at(self);
        let settled = delayed.or(self.settled_at).unwrap_or(self.submitted_at);
        let as_notice = switches.audit_events_as_notices;
        let (code_event, code_fields) = code::event(self, switches);
        let name = match &self.of {
            Reviewed::Code(_) => code_event,
            Reviewed::Name(_) => "wxa_nickname_audit",
            Reviewed::Category { .. } => "wxa_category_audit",
            Reviewed::LocationApi(_) => "wxa_privacy_apply",
            Reviewed::OrderPath => return None,
        };
        let parties = Parties {
            to_user: account.user_name(),
            from_user: SYSTEM.to_owned(),
        };
        let envelope = if as_notice {
            notice_content(platform, settled, name)
        } else {
            Content::default()
        };
        let content = envelope
            .with("ToUserName", parties.to_user.as_str())
            .with("FromUserName", parties.from_user.as_str());
        // A notice has said when already.
        let content = if as_notice {
            content
        } else {
            content.with("CreateTime", settled.as_second())
        };
        let content = content.with("MsgType", "event").with("Event", name);
        let (ret, reason) = (self.outcome.number(), self.reason.as_str());
        let content = match &self.of {
            Reviewed::Name(nickname) => content
                .with("ret", ret)
                .with("nickname", nickname.as_str())
                .with("reason", reason),
            Reviewed::Category { first, second } => content
                .with("ret", ret)
                .with("first", *first)
                .with("second", *second)
                .with("reason", reason),
            Reviewed::LocationApi(name) => {
                let passed = switches.privacy_apply_passed;
                content.with("result_info", location::result_info(name, self, passed))
            }
            Reviewed::OrderPath => content,
            Reviewed::Code(_) => {
                let with = |content: Content, (name, value): (&str, _)| content.with(name, value);
                code_fields.into_iter().fold(content, with)
            }
        };
        Some(Push {
            platform: platform.to_owned(),
            account: account.app_id.clone(),
            event: if as_notice {
                Event::Notice
            } else {
                Event::Message
            },
            content,
            forms: Forms::default(),
            parties: (!as_notice).then_some(parties),
        })
    }
}

impl State {
    /// Hands something in to be reviewed, and answers the audit's id.
    pub(in crate::simulator) fn hand_in(
        &mut self,
        account: &str,
        of: Reviewed,
        now: Timestamp,
    ) -> u64 {
        /// Where the ids start: beyond what 32 bits hold.
        const FIRST: u64 = 4_300_000_001;
        let audit_id = self.next_audit_id.max(FIRST);
        self.next_audit_id = audit_id.saturating_add(1);
        let lasts = SignedDuration::from_secs(self.switches.audit_seconds.into());
        let due_at = after(now, lasts);
        let audit = Audit {
            audit_id,
            account: account.to_owned(),
            of,
            submitted_at: now,
            due_at: self.switches.audits_end_by_themselves.then_some(due_at),
            outcome: AuditOutcome::Passed,
            reason: String::new(),
            settled_at: None,
            told: false,
        };
        self.audits.insert(audit_id, audit);
        audit_id
    }

    /// Whether a name of the account is under review.
    pub(super) fn is_name_under_review(&self, account: &Account) -> bool {
        let of_account = |audit: &&Audit| audit.account == account.app_id && audit.is_running();
        let mut running = self.audits.values().filter(of_account);
        running.any(|audit| matches!(audit.of, Reviewed::Name(_)))
    }

    /// Lets every outcome that is due come into force, and answers the accounts as they were before.
    pub(in crate::simulator) fn settle_audits(
        &mut self,
        now: Timestamp,
    ) -> Vec<(Timestamp, Account)> {
        let due = |audit: &&Audit| audit.is_running() && audit.due_at.is_some_and(|at| at <= now);
        let due: Vec<u64> = self
            .audits
            .values()
            .filter(due)
            .map(|audit| audit.audit_id)
            .collect();
        due.into_iter()
            .filter_map(|audit_id| self.settle(audit_id))
            .collect()
    }

    fn settle(&mut self, audit_id: u64) -> Option<(Timestamp, Account)> {
        let audit = self.audits.get_mut(&audit_id)?;
        let at = audit.due_at?;
        audit.settled_at = Some(at);
        let (switches, passed) = (&self.switches, audit.outcome == AuditOutcome::Passed);
        let account = self.accounts.get_mut(&audit.account)?;
        let before = account.clone();
        match &audit.of {
            Reviewed::Name(name) if passed => {
                account.nick_name.clone_from(name);
                if switches.name_counts_at == CountsAt::Approval {
                    account.spend(Allowance::Name, 1, at, switches);
                }
            }
            Reviewed::Name(_) => {}
            Reviewed::Category { first, second } => {
                let set = account.mini_program.categories.iter_mut();
                for one in set.filter(|one| one.is(*first, *second)) {
                    one.reason.clone_from(&audit.reason);
                    one.status = match audit.outcome {
                        AuditOutcome::Passed => CategoryStatus::Passed,
                        AuditOutcome::Refused => CategoryStatus::Refused,
                    };
                }
            }
            Reviewed::LocationApi(name) => account.mini_program.settle_location(name, audit),
            Reviewed::OrderPath => account.mini_program.settle_order_path(audit),
            Reviewed::Code(_) => account.mini_program.code_under_review = false,
        }
        Some((at, before))
    }

    /// The pushes about outcomes that nobody has been told of; from now on they have been.
    pub(in crate::simulator) fn untold_audits(&mut self) -> Vec<Push> {
        let untold = |audit: &&mut Audit| !audit.is_running() && !audit.told;
        let switches = &self.switches;
        let mut pushes = Vec::new();
        for audit in self.audits.values_mut().filter(untold) {
            audit.told = true;
            let Some(account) = self.accounts.get(&audit.account) else {
                continue;
            };
            let of_account = self.authorizations.values();
            let of_account = of_account.filter(|one| one.account == audit.account);
            let told = of_account.filter_map(|one| audit.event(account, &one.platform, switches));
            pushes.extend(told);
        }
        pushes
    }

    /// The pushes about where a review stands now.
    pub(in crate::simulator) fn events_of(&self, audit_id: u64) -> Vec<Push> {
        let audit = self.audits.get(&audit_id);
        let account = audit.and_then(|audit| self.accounts.get(&audit.account));
        let of_account = self.authorizations.values();
        of_account
            .filter_map(|one| {
                let audit = audit.filter(|audit| one.account == audit.account)?;
                audit.event(account?, &one.platform, &self.switches)
            })
            .collect()
    }
}
