//! What is known of one of a tenant's accounts.

use std::collections::BTreeSet;

use super::Kind;
use crate::plan::Digest;
use crate::wechat::Appid;

/// What is known of one of a tenant's accounts once its authorization gate is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The account.
    pub account: Appid,
    /// What kind of account it is.
    pub kind: Kind,
    /// Permission sets it granted to the platform. `None`: WeChat did not say, so that each call has to show it.
    pub granted: Option<BTreeSet<u16>>,
    /// Whether it is a 服务号; else a 订阅号 or a mini-program.
    pub service_account: bool,
    /// Whether its legal entity is verified (资质认证), which some APIs want.
    pub verified: bool,
    /// Whether a mini-program was registered through the API (快速注册): only such a one can have its name and categories
    /// changed through it. `None`: WeChat did not say.
    pub through_api: Option<bool>,
    /// Its original id (`gh_…`); `None` where WeChat names none.
    pub original_id: Option<String>,
}

impl Facts {
    /// Those of the platform, which nobody authorizes. It stands for an account of another kind as long as there is none.
    #[must_use]
    pub fn of_platform(appid: &Appid, kind: Kind) -> Self {
        Self {
            account: appid.clone(),
            kind,
            granted: None,
            service_account: false,
            verified: true,
            through_api: None,
            original_id: None,
        }
    }

    /// What a refusal may rest on, so that it can be told whether that has changed. `None` where WeChat did not say what is
    /// granted, which is no change.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        let Self {
            account: _,
            kind: _,
            granted,
            service_account,
            verified,
            through_api,
            original_id: _,
        } = self;
        let granted = granted.as_ref()?;
        Some(Digest::of(&(
            granted,
            service_account,
            verified,
            through_api,
        )))
    }

    /// Whether one of these permission sets is granted, or may be. Of an empty list none is needed.
    #[must_use]
    pub fn grants(&self, sets: &[u16]) -> bool {
        let Some(granted) = &self.granted else {
            return true;
        };
        sets.is_empty() || sets.iter().any(|set| granted.contains(set))
    }
}
