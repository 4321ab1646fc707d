//! Accounts that are already authorized but unknown here, or known with a dead refresh token: WeChat's own list and
//! info still hold what is needed, without a new scan.

use jiff::Timestamp;
use serde::Deserialize as _;

use super::TokenError;
use super::store_tokens::{StoreTokens, read};
use crate::store::documents::CredDoc;
use crate::store::{Key, StoreError};
use crate::wechat::authorization::granted_sets;
use crate::wechat::authorizer::{INFO, Info, LIST, List, Listed, info_request, list_request};
use crate::wechat::secret::Secret;
use crate::wechat::{Answer, Appid};

/// The list may grow while it is paged through; a platform has thousands of accounts, not millions.
const PAGES: usize = 2_000;

/// Stores an account that WeChat says has authorized us. The list is read once for all accounts not yet known.
pub(super) async fn adopt(tokens: &StoreTokens, account: &Appid) -> Result<(), TokenError> {
    // WeChat's word on this one account comes first: it also says 61003.
    let info = info(tokens, account).await?;
    let listed = list(tokens).await?;
    for one in &listed {
        let Ok(appid) = one.authorizer_appid.parse() else {
            continue;
        };
        if appid != *account {
            create(tokens, &appid, cred(tokens, one)).await?;
        }
    }
    let this = listed
        .iter()
        .find(|one| one.authorizer_appid.as_str() == account.as_str());
    let mut doc = match this {
        Some(one) => cred(tokens, one),
        None => empty(tokens),
    };
    doc.func_info = granted_sets(&info.authorization_info.func_info)
        .into_iter()
        .collect();
    if doc.refresh_token.is_none() {
        doc.refresh_token = refresh_token(&info).map(|token| token.expose().into());
    }
    create(tokens, account, doc).await
}

/// An account that left: is it back? Stores that it is, and that nobody has looked at it since.
pub(super) async fn welcome_back(tokens: &StoreTokens, account: &Appid) -> Result<(), TokenError> {
    let info = info(tokens, account).await?;
    let newest = match refresh_token(&info) {
        Some(token) => Some(token),
        None => from_list(tokens, account).await?,
    };
    tokens
        .store
        .amend::<CredDoc, ()>(&Key::cred(account), |doc| {
            doc.revoked_at = None;
            doc.reauthorized = true;
            doc.access_token = None;
            doc.refresh_token = newest.as_ref().map(|token| token.expose().into());
            doc.func_info = granted_sets(&info.authorization_info.func_info)
                .into_iter()
                .collect();
        })
        .await
        .map(drop)
        .map_err(TokenError::Store)
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
    Ok(list(tokens)
        .await?
        .into_iter()
        .find(|one| one.authorizer_appid.as_str() == account.as_str())
        .and_then(|one| one.refresh_token)
        .filter(|token| !token.expose().is_empty()))
}

async fn info(tokens: &StoreTokens, account: &Appid) -> Result<Info, TokenError> {
    let call = info_request(account);
    let body = crate::client::core::with_component(call.body(), &tokens.platform.appid);
    let answer = tokens.component_call(&INFO, &body).await?;
    read(&INFO, answer)
}

fn refresh_token(info: &Info) -> Option<Secret> {
    info.authorization_info
        .authorizer_refresh_token
        .clone()
        .filter(|token| !token.expose().is_empty())
}

/// All pages, each account once.
async fn list(tokens: &StoreTokens) -> Result<Vec<Listed>, TokenError> {
    let mut all: Vec<Listed> = Vec::new();
    let mut offset: u64 = 0;
    for _ in 0..PAGES {
        let call = list_request(&tokens.platform.appid, offset);
        let body = crate::client::core::with_component(call.body(), &tokens.platform.appid);
        let answer = tokens.component_call(&LIST, &body).await?;
        let page = match answer {
            Answer::Done(body) => List::deserialize(body).map_err(|_| unreadable())?,
            other @ (Answer::Refused(_) | Answer::Lost(_)) => {
                return read::<List>(&LIST, other).map(|_| all);
            }
        };
        let got = page.list.len();
        offset += got as u64;
        for one in page.list {
            if !all
                .iter()
                .any(|known| known.authorizer_appid == one.authorizer_appid)
            {
                all.push(one);
            }
        }
        if got == 0 || i64::try_from(offset).is_ok_and(|offset| offset >= page.total_count) {
            break;
        }
    }
    Ok(all)
}

fn unreadable() -> TokenError {
    TokenError::Lost(crate::wechat::Lost {
        endpoint: LIST.name.to_owned(),
        why: "the answer lacks what it should hold".to_owned(),
        sent: true,
    })
}

fn empty(tokens: &StoreTokens) -> CredDoc {
    CredDoc {
        platform: tokens.platform.appid.clone(),
        refresh_token: None,
        access_token: None,
        claim: None,
        func_info: Vec::new(),
        authorized_at: None,
        revoked_at: None,
        reauthorized: false,
    }
}

fn cred(tokens: &StoreTokens, listed: &Listed) -> CredDoc {
    CredDoc {
        refresh_token: listed
            .refresh_token
            .as_ref()
            .filter(|token| !token.expose().is_empty())
            .map(|token| token.expose().into()),
        authorized_at: listed
            .auth_time
            .and_then(|at| Timestamp::from_second(at).ok()),
        ..empty(tokens)
    }
}

/// Somebody may have stored the account meanwhile; then theirs is as good.
async fn create(tokens: &StoreTokens, account: &Appid, doc: CredDoc) -> Result<(), TokenError> {
    match tokens.store.create(&Key::cred(account), &doc).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { .. }) => Ok(()),
        Err(error) => Err(TokenError::Store(error)),
    }
}
