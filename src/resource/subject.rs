//! One tenant, as a pass looks at it: what it declares, and what the store knows of its accounts.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::at::{At, Kind, accounts};
use super::authorization::Past;
use super::registration::Backdrop;
use super::{Files, Ops, Outputs, Sibling, TenantRecords, TenantSpec};
use crate::plan::{Waiting, Whose};
use crate::wechat::Appid;

/// One tenant, as a pass looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its name.
    pub tenant: &'a str,
    /// What it declares.
    pub spec: &'a TenantSpec,
    /// The platform that its accounts authorize.
    pub platform: &'a Appid,
    /// What a registration must not be made without.
    pub backdrop: &'a Backdrop,
    /// What the platform's own lists wait for, by their keys: what a mini-program has through the platform waits along.
    pub lists: &'a PlatformWaits,
    /// When it is looked at: what is waited for ends, and quotas begin anew, by it.
    pub now: Timestamp,
    /// What is known of its accounts.
    pub known: &'a BTreeMap<Whose, Known>,
    /// Pinned mini-programs whose names the manifest has no more.
    pub vanished: &'a BTreeMap<String, Appid>,
    /// The files that it refers to.
    pub files: &'a Files,
    /// What was done last on its accounts.
    pub ops: &'a Ops,
    /// What is remembered of its resources.
    pub records: &'a TenantRecords,
    /// What earlier passes gave to business code.
    pub outputs: &'a Outputs,
}

impl<'a> Subject<'a> {
    /// What is known of one of its accounts.
    pub(super) fn known(&self, whose: &Whose) -> &'a Known {
        static NOTHING: Known = Known {
            pinned: None,
            reauthorized: false,
            past: Past::Never,
            claimed_by: None,
        };
        self.known.get(whose).unwrap_or(&NOTHING)
    }

    /// The appid of one of its accounts: what the manifest names, else what a scan pinned.
    #[must_use]
    pub fn appid(&self, at: &At) -> Option<&'a Appid> {
        if at.kind() == Kind::Platform {
            return Some(self.platform);
        }
        at.appid(self.spec, self.known(&at.whose).pinned.as_ref())
    }

    /// All its accounts.
    pub(super) fn siblings(&self) -> Vec<Sibling> {
        let known = |at: At| Sibling {
            appid: self.appid(&at).cloned(),
            at,
        };
        accounts(self.spec).into_iter().map(known).collect()
    }
}

/// What the platform's own lists wait for, by the keys of their things: `hosts api.example.com`.
pub type PlatformWaits = BTreeMap<String, Waiting>;

/// What the store knows of one of a tenant's accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The account that an earlier scan pinned.
    pub pinned: Option<Appid>,
    /// Whether the account came back after a revocation and no pass has looked at it since.
    pub reauthorized: bool,
    /// What is known of its authorization.
    pub past: Past,
    /// Who else has the account.
    pub claimed_by: Option<Claimant>,
}

/// Whose an account is, by its claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// The tenant.
    pub tenant: String,
    /// Which of its accounts.
    pub whose: Whose,
}

impl Claimant {
    /// Whether it is the mini-program that is called so: `tenant:item`.
    #[must_use]
    pub fn is_called(&self, whose: &str) -> bool {
        let item = self.whose.item().unwrap_or_default();
        whose == format!("{}:{item}", self.tenant)
    }
}
