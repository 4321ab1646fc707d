//! Accounts that are already authorized but unknown here, or known with a dead refresh token: WeChat's own list and
//! info still hold what is needed, without a new scan.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use super::store_tokens::StoreTokens;
use super::{TokenError, read};
use crate::client::core::with_component;
use crate::store::documents::CredDoc;
use crate::store::{Key, StoreError};
use crate::wechat::authorization::granted_sets;
use crate::wechat::authorizer::{
    INFO, Info, LIST, LIST_ENDS_EARLY, List, Listed, info_request, list_request,
};
use crate::wechat::secret::Secret;
use crate::wechat::{Appid, Call, Lost};

/// One reads the list for all.
const FLIGHT: &str = "adoption";
/// Who is asked about for longer lets the others go on.
const SLOW: Duration = Duration::from_secs(1);
/// The list may grow while it is paged through; a platform has thousands of accounts, not millions.
const PAGES: usize = 2_000;

/// Stores an account that WeChat says has authorized us, and with it every other account on WeChat's list: a first
/// pass over many tenants reads the list once, not once for each of them.
pub(super) async fn adopt(tokens: &StoreTokens, account: &Appid) -> Result<(), TokenError> {
    let (key, asked) = (Key::cred(account), Instant::now());
    // The name is no appid, so this flight is never one that is boarded already.
    let mut seat = tokens.flights.board(FLIGHT).await;
    if tokens.store.get::<CredDoc>(&key).await?.is_some() {
        return Ok(());
    }
    if let Some(lost) = tokens.losses.since(FLIGHT, asked) {
        return Err(TokenError::Lost(lost));
    }
    // WeChat's word on this one account comes first: it also says 61003.
    let mut asking = Box::pin(info(tokens, account));
    let info = match timeout(SLOW, &mut asking).await {
        Ok(info) => info?,
        Err(_) => {
            // One account that is slow must not hold up all that have to be adopted.
            drop(seat);
            let info = asking.await?;
            seat = tokens.flights.board(FLIGHT).await;
            if tokens.store.get::<CredDoc>(&key).await?.is_some() {
                return Ok(());
            }
            info
        }
    };
    let listed = list(tokens).await;
    tokens.losses.note(FLIGHT, &listed);
    let mut listed = listed?;
    let mut doc = match listed.remove(account) {
        Some(one) => cred(tokens, &one),
        None => empty(tokens),
    };
    doc.func_info = granted(&info);
    doc.original_id = Some(info.authorizer_info.user_name.clone());
    if doc.refresh_token.is_none() {
        doc.refresh_token = refresh_token(&info).map(|token| token.expose().into());
    }
    create(tokens, &key, &doc).await?;
    for (appid, one) in &listed {
        create(tokens, &Key::cred(appid), &cred(tokens, one)).await?;
    }
    drop(seat);
    tracing::info!(account = %account, others = listed.len(), "adopted authorized accounts from WeChat's list");
    Ok(())
}

/// An account that left: is it back? Stores that it is, and that nobody has looked at it since.
/// Answers whether WeChat told its refresh token.
pub(super) async fn welcome_back(
    tokens: &StoreTokens,
    account: &Appid,
) -> Result<bool, TokenError> {
    let info = info(tokens, account).await?;
    let newest = match refresh_token(&info) {
        Some(token) => Some(token),
        None => from_list(tokens, account).await?,
    };
    tokens
        .store
        .amend::<CredDoc, ()>(&Key::cred(account), |doc| {
            doc.reauthorized |= doc.revoked_at.is_some();
            doc.revoked_at = None;
            doc.access_token = None;
            if let Some(newest) = &newest {
                doc.refresh_token = Some(newest.expose().into());
            }
            doc.func_info = granted(&info);
            doc.original_id = Some(info.authorizer_info.user_name.clone());
        })
        .await?;
    Ok(newest.is_some())
}

/// An account whose tokens here are another platform's (it authorized both): theirs open nothing for us. WeChat says
/// which are ours, if it authorized us at all.
/// Answers whether WeChat told its refresh token.
pub(super) async fn take_over(tokens: &StoreTokens, account: &Appid) -> Result<bool, TokenError> {
    let info = info(tokens, account).await?;
    let newest = match refresh_token(&info) {
        Some(token) => Some(token),
        None => from_list(tokens, account).await?,
    };
    tokens
        .store
        .amend::<CredDoc, ()>(&Key::cred(account), |doc| {
            *doc = CredDoc {
                refresh_token: newest.as_ref().map(|token| token.expose().into()),
                func_info: granted(&info),
                original_id: Some(info.authorizer_info.user_name.clone()),
                from_backup: false,
                ..empty(tokens)
            };
        })
        .await?;
    tracing::info!(account = %account, "its tokens were another platform's; took ours from WeChat");
    Ok(newest.is_some())
}

/// The refresh token in force, from the account's info, else from the list.
pub(super) async fn newest_refresh_token(
    tokens: &StoreTokens,
    account: &Appid,
) -> Result<Option<Secret>, TokenError> {
    match refresh_token(&info(tokens, account).await?) {
        Some(token) => Ok(Some(token)),
        None => from_list(tokens, account).await,
    }
}

async fn from_list(tokens: &StoreTokens, account: &Appid) -> Result<Option<Secret>, TokenError> {
    let mut listed = list(tokens).await?;
    Ok(listed.remove(account).and_then(|one| one.refresh_token))
}

async fn info(tokens: &StoreTokens, account: &Appid) -> Result<Info, TokenError> {
    let answer = component_read(tokens, &info_request(account)).await?;
    read(&INFO, answer)
}

fn refresh_token(info: &Info) -> Option<Secret> {
    info.authorization_info.authorizer_refresh_token.clone()
}

fn granted(info: &Info) -> Vec<u16> {
    granted_sets(info.authorization_info.func_info.as_ref())
        .into_iter()
        .flatten()
        .collect()
}

/// All pages, each account once. An entry whose appid is none is skipped: it could not be called anyway.
async fn list(tokens: &StoreTokens) -> Result<BTreeMap<Appid, Listed>, TokenError> {
    let mut all = BTreeMap::new();
    let mut offset: u64 = 0;
    for _ in 0..PAGES {
        let answer = component_read(tokens, &list_request(&tokens.platform.appid, offset)).await?;
        let page: List = read(&LIST, answer)?;
        let got = page.list.len();
        offset += got as u64;
        for one in page.list {
            if let Ok(appid) = one.authorizer_appid.parse() {
                all.entry(appid).or_insert(one);
            }
        }
        if i64::try_from(offset).is_ok_and(|offset| offset >= page.total_count) {
            break;
        }
        // Who is not on the list has to scan again, so half a list is none.
        if got == 0 {
            return Err(TokenError::Lost(Lost::unreadable(&LIST, LIST_ENDS_EARLY)));
        }
    }
    Ok(all)
}

async fn component_read(
    tokens: &StoreTokens,
    call: &Call,
) -> Result<crate::wechat::Answer, TokenError> {
    let body = with_component(call.body(), &tokens.platform.appid);
    tokens
        .component_call(call.endpoint, &call.subject, &body)
        .await
}

fn empty(tokens: &StoreTokens) -> CredDoc {
    CredDoc::of(tokens.platform.appid.clone())
}

fn cred(tokens: &StoreTokens, listed: &Listed) -> CredDoc {
    let authorized_at = listed.auth_time.map(Timestamp::from_second);
    CredDoc {
        refresh_token: listed
            .refresh_token
            .as_ref()
            .map(|token| token.expose().into()),
        authorized_at: authorized_at.and_then(Result::ok),
        ..empty(tokens)
    }
}

/// Somebody may have stored the account meanwhile; then theirs is as good.
async fn create(tokens: &StoreTokens, key: &Key, doc: &CredDoc) -> Result<(), StoreError> {
    match tokens.store.create(key, doc).await {
        Err(error) if !error.is_conflict() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
