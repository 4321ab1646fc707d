//! The owner's side of an authorization: confirming, confirming again with other sets, cancelling.
//!
//! The page and the control API both end here. What is to be pushed is returned, not sent.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::account::{Account, Kind};
use super::credential;
use super::push::{Event, Push};
use super::state::{Authorization, Platform, ReplacedToken, State};
use super::token::{issue_authorization_code, issue_pre_auth_code};

/// Sets one account grants to one platform only.
const EXCLUSIVE: &[u32] = &[24, 25, 27];
/// Sets only an official account can grant.
const OFFICIAL_ACCOUNT_ONLY: &[u32] = &[24, 27, 33, 35, 100, 101];
/// Sets only a mini-program can grant.
const MINI_PROGRAM_ONLY: &[u32] = &[17, 18, 19, 20, 21, 25, 30, 31, 36, 40, 81, 156, 198];
/// Every permission set (权限集) a platform can publish.
const KNOWN: &[u32] = &[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 30, 31, 33, 34, 35, 36, 37, 40, 41, 44, 45, 46, 47, 48, 49, 51, 52, 54, 57, 60, 76, 81,
    100, 101, 156, 171, 172, 173, 174, 198,
];

/// Why an owner cannot authorize.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GrantError {
    #[error("there is no platform `{0}`")]
    NoPlatform(String),
    #[error("there is no account `{0}`")]
    NoAccount(String),
    #[error("the platform is not published and `{0}` is not on its test list")]
    NotOnTestList(String),
    #[error("the account's status is {0}")]
    NotInUse(i64),
    #[error("the platform has not published permission set {0}")]
    SetNotPublished(u32),
    #[error("`{account}` has not authorized `{platform}`")]
    NotAuthorized { platform: String, account: String },
}

/// A confirmed authorization.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) code: String,
    /// None when the sets stayed as they were.
    pub(super) push: Option<Push>,
}

/// The owner confirms. `sets` narrows what the platform asks for; `pre_auth_code` is the page's, if there is one.
pub(super) fn authorize(
    state: &mut State,
    now: Timestamp,
    platform: &str,
    account: &str,
    sets: Option<&BTreeSet<u32>>,
    pre_auth_code: Option<&str>,
) -> Result<Grant, GrantError> {
    let granted = grantable(state, platform, account, sets)?;
    let before = state.authorization(platform, account).cloned();
    let event = match &before {
        None => Some(Event::Authorized),
        Some(before) if before.permission_sets != granted => Some(Event::UpdateAuthorized),
        Some(_) => None,
    };
    let keep = !state.switches.reauthorizing_replaces_refresh_token;
    let authorization = renewed(platform, account, granted, before, keep, now);
    state
        .authorizations
        .insert((platform.to_owned(), account.to_owned()), authorization);
    let code = issue_authorization_code(state, now, platform, account);
    let pre_auth_code = match pre_auth_code {
        Some(code) => code.to_owned(),
        None => issue_pre_auth_code(state, now, platform, SignedDuration::ZERO),
    };
    let expiry = if state.switches.absolute_code_expiry {
        credential::after(now, credential::CODE_LIFE).as_second()
    } else {
        credential::CODE_LIFE.as_secs()
    };
    let push = event.map(|event| {
        let fields = [
            ("AuthorizerAppid", Value::from(account)),
            ("AuthorizationCode", Value::from(code.as_str())),
            ("AuthorizationCodeExpiredTime", Value::from(expiry)),
            ("PreAuthCode", Value::from(pre_auth_code)),
        ];
        Push::notice(event, platform, account, now, &fields)
    });
    Ok(Grant { code, push })
}

/// The owner cancels: refresh token and access tokens are dead at once.
pub(super) fn revoke(
    state: &mut State,
    now: Timestamp,
    platform: &str,
    account: &str,
) -> Result<Push, GrantError> {
    let key = (platform.to_owned(), account.to_owned());
    if state.authorizations.remove(&key).is_none() {
        let (platform, account) = key;
        return Err(GrantError::NotAuthorized { platform, account });
    }
    for token in state.credentials.access_tokens.values_mut() {
        if token.platform == platform && token.account.as_deref() == Some(account) {
            token.cancelled = true;
        }
    }
    let fields = [("AuthorizerAppid", Value::from(account))];
    Ok(Push::notice(
        Event::Unauthorized,
        platform,
        account,
        now,
        &fields,
    ))
}

/// What the owner's confirmation would grant now, if it may be given at all.
pub(super) fn grantable(
    state: &State,
    platform: &str,
    account: &str,
    sets: Option<&BTreeSet<u32>>,
) -> Result<BTreeSet<u32>, GrantError> {
    let platform = state
        .platforms
        .get(platform)
        .ok_or_else(|| GrantError::NoPlatform(platform.to_owned()))?;
    let account = state
        .accounts
        .get(account)
        .ok_or_else(|| GrantError::NoAccount(account.to_owned()))?;
    if !platform.published && !platform.test_accounts.contains(&account.app_id) {
        return Err(GrantError::NotOnTestList(account.app_id.clone()));
    }
    if account.is_out_of_use() {
        return Err(GrantError::NotInUse(account.account_status));
    }
    let published = published(platform);
    if let Some(strange) = sets.and_then(|sets| sets.difference(&published).next()) {
        return Err(GrantError::SetNotPublished(*strange));
    }
    let asked = sets.unwrap_or(&published);
    Ok(asked
        .iter()
        .copied()
        .filter(|set| suits(account, *set) && !taken(state, platform, account, *set))
        .collect())
}

/// The sets the platform asks for.
pub(super) fn published(platform: &Platform) -> BTreeSet<u32> {
    platform
        .permission_sets
        .clone()
        .unwrap_or_else(|| KNOWN.iter().copied().collect())
}

/// Whether this kind of account can grant the set at all.
pub(super) fn suits(account: &Account, set: u32) -> bool {
    match account.kind {
        Kind::OfficialAccount => !MINI_PROGRAM_ONLY.contains(&set),
        Kind::MiniProgram => !OFFICIAL_ACCOUNT_ONLY.contains(&set),
    }
}

/// Another platform holds this exclusive set.
fn taken(state: &State, platform: &Platform, account: &Account, set: u32) -> bool {
    EXCLUSIVE.contains(&set)
        && state.authorizations.values().any(|other| {
            other.account == account.app_id
                && other.platform != platform.app_id
                && other.permission_sets.contains(&set)
        })
}

fn renewed(
    platform: &str,
    account: &str,
    granted: BTreeSet<u32>,
    before: Option<Authorization>,
    keep_refresh_token: bool,
    now: Timestamp,
) -> Authorization {
    let (refresh_token, previous) = match before {
        Some(before) if keep_refresh_token => (before.refresh_token, before.previous_refresh_token),
        Some(before) => {
            let old = ReplacedToken {
                value: before.refresh_token,
                replaced_at: now,
            };
            (credential::new_refresh_token(), Some(old))
        }
        None => (credential::new_refresh_token(), None),
    };
    Authorization {
        platform: platform.to_owned(),
        account: account.to_owned(),
        permission_sets: granted,
        refresh_token,
        previous_refresh_token: previous,
        auth_time: now,
        unexchanged: false,
    }
}
