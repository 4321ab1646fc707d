//! Authorization: the link an owner opens, the page at WeChat it leads to, and the exchange of the code that comes
//! back.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize as _;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use url::Url;

use super::core::Client;
use super::platform::PlatformAccess;
use super::token::TokenError;
use crate::store::documents::{CodeDoc, CredDoc, Token};
use crate::store::{Key, Store, StoreError};
use crate::wechat::authorization::{
    Authorized, QUERY_AUTH, QueryAuth, granted_sets, query_auth_request,
};
use crate::wechat::secret::Secret;
use crate::wechat::token::{CREATE_PREAUTHCODE, PreAuthCode, create_preauthcode_request};
use crate::wechat::{Answer, ApiError, Appid, Lost};

/// An authorization code works for about ten minutes.
const CODE_LIFE: SignedDuration = SignedDuration::from_secs(600);
/// Hex digits of a link's signature: 80 bits.
const SIGNATURE: usize = 20;

/// Why a code was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// WeChat refused it: used, expired or unknown.
    #[error("exchange the authorization code")]
    Refused(#[source] ApiError),
    /// WeChat did not answer.
    #[error("exchange the authorization code")]
    Lost(#[source] Lost),
    /// There is no platform token.
    #[error("exchange the authorization code")]
    Token(#[source] TokenError),
    /// The store could not be used.
    #[error("store what the authorization code was exchanged for")]
    Store(#[source] StoreError),
}

/// How an account is asked for on WeChat's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This account and no other.
    Account(Appid),
    /// Any official account.
    OfficialAccount,
}

/// The link under which a tenant's owner authorizes: `sunrise-dance.3f…`, stable and signed.
#[must_use]
pub fn link(platform: &PlatformAccess, tenant: &str) -> String {
    format!("{tenant}.{}", signature(platform, tenant))
}

/// The tenant a link is for, if we made it.
#[must_use]
pub fn tenant_of<'a>(platform: &PlatformAccess, link: &'a str) -> Option<&'a str> {
    let (tenant, given) = link.rsplit_once('.')?;
    let wanted = signature(platform, tenant);
    bool::from(wanted.as_bytes().ct_eq(given.as_bytes())).then_some(tenant)
}

fn signature(platform: &PlatformAccess, tenant: &str) -> String {
    // HMAC takes keys of any length, so this cannot fail; an empty signature would match no link.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(platform.app_secret.expose().as_bytes())
    else {
        return String::new();
    };
    mac.update(b"wxops authorize link 1\0");
    mac.update(platform.appid.as_str().as_bytes());
    mac.update(b"\0");
    mac.update(tenant.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.chars().take(SIGNATURE).collect()
}

/// The page at WeChat where the owner chooses and confirms: by scanning on a desktop, or inside WeChat on a phone.
#[must_use]
pub fn page(
    platform: &PlatformAccess,
    wanted: &Wanted,
    code: &PreAuthCode,
    back: &Url,
    phone: bool,
) -> Option<Url> {
    let (host, path) = if phone {
        ("https://open.weixin.qq.com", "/wxaopen/safe/bindcomponent")
    } else {
        ("https://mp.weixin.qq.com", "/cgi-bin/componentloginpage")
    };
    let base = if platform.is_loopback() {
        platform.api_base.clone()
    } else {
        Url::parse(host).ok()?
    };
    let mut url = base.join(path).ok()?;
    {
        let mut query = url.query_pairs_mut();
        if phone {
            query
                .append_pair("action", "bindcomponent")
                .append_pair("no_scan", "1");
        }
        query
            .append_pair("component_appid", platform.appid.as_str())
            .append_pair("pre_auth_code", code.pre_auth_code.expose())
            .append_pair("redirect_uri", back.as_str());
        match wanted {
            // WeChat's pages call the two mutually exclusive.
            Wanted::Account(appid) => query.append_pair("biz_appid", appid.as_str()),
            Wanted::OfficialAccount => query.append_pair("auth_type", "1"),
        };
    }
    if phone {
        url.set_fragment(Some("wechat_redirect"));
    }
    Some(url)
}

impl Client {
    /// A code for one authorization attempt; made when the owner clicks, since it lives for minutes.
    ///
    /// # Errors
    /// [`TokenError`] where there is no platform token or WeChat refuses.
    pub async fn pre_auth_code(&self) -> Result<PreAuthCode, TokenError> {
        let body = create_preauthcode_request(&self.platform().appid);
        let answer = self
            .core()
            .send_secret(&CREATE_PREAUTHCODE, body.expose())
            .await?;
        super::token::read(&CREATE_PREAUTHCODE, answer)
    }

    /// Exchanges an authorization code, once: the code is stored before, the tokens before anything else is done.
    /// Called again for the same code (redirect and push both bring it), it answers the same account.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub async fn exchange(
        &self,
        store: &Store,
        code: &Secret,
        now: Timestamp,
    ) -> Result<Appid, ExchangeError> {
        let _guard = self.core().exchanging.lock().await;
        let key = Key::code(&self.platform().appid, code.expose());
        remember(store, &key, &self.platform().appid, code, now)
            .await
            .map_err(ExchangeError::Store)?;
        let known = store
            .get::<CodeDoc>(&key)
            .await
            .map_err(ExchangeError::Store)?;
        if let Some(CodeDoc {
            account: Some(account),
            exchanged: true,
            ..
        }) = known.map(|known| known.value)
        {
            return Ok(account);
        }
        let body = query_auth_request(&self.platform().appid, code);
        let answer = self
            .core()
            .send_secret(&QUERY_AUTH, body.expose())
            .await
            .map_err(ExchangeError::Token)?;
        let got = match answer {
            Answer::Done(body) => {
                QueryAuth::deserialize(body)
                    .map_err(|_| unreadable())?
                    .authorization_info
            }
            Answer::Refused(error) => return Err(ExchangeError::Refused(error)),
            Answer::Lost(lost) => return Err(ExchangeError::Lost(lost)),
        };
        let account = got.authorizer_appid.parse().map_err(|_| unreadable())?;
        keep(store, &self.platform().appid, &account, &got, now)
            .await
            .map_err(ExchangeError::Store)?;
        store
            .amend::<CodeDoc, ()>(&key, |doc| {
                doc.exchanged = true;
                doc.account = Some(account.clone());
            })
            .await
            .map_err(ExchangeError::Store)?;
        Ok(account)
    }
}

/// Stores a code before it is exchanged; a code that is known already is left as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn remember(
    store: &Store,
    key: &Key,
    platform: &Appid,
    code: &Secret,
    now: Timestamp,
) -> Result<(), StoreError> {
    let doc = CodeDoc {
        platform: platform.clone(),
        account: None,
        code: code.expose().into(),
        received_at: now,
        expires_at: now + CODE_LIFE,
        exchanged: false,
    };
    match store.create(key, &doc).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_conflict() => Ok(()),
        Err(error) => Err(error),
    }
}

fn unreadable() -> ExchangeError {
    ExchangeError::Lost(Lost {
        endpoint: QUERY_AUTH.name.to_owned(),
        why: "the answer lacks what it should hold".to_owned(),
        sent: true,
    })
}

async fn keep(
    store: &Store,
    platform: &Appid,
    account: &Appid,
    got: &Authorized,
    now: Timestamp,
) -> Result<(), StoreError> {
    let key = Key::cred(account);
    let access_token = got.authorizer_access_token.as_ref().map(|token| Token {
        value: token.expose().into(),
        expires_at: now + SignedDuration::from_secs(got.expires_in.unwrap_or_default()),
        obtained_at: now,
    });
    let refresh_token = Some(got.authorizer_refresh_token.expose().into());
    let func_info: Vec<u16> = granted_sets(&got.func_info).into_iter().collect();
    let fresh = CredDoc {
        platform: platform.clone(),
        refresh_token: refresh_token.clone(),
        access_token: access_token.clone(),
        claim: None,
        func_info: func_info.clone(),
        authorized_at: Some(now),
        revoked_at: None,
        reauthorized: false,
    };
    match store.create(&key, &fresh).await {
        Err(error) if error.is_conflict() => {}
        other => return other.map(drop),
    }
    store
        .amend::<CredDoc, ()>(&key, |doc| {
            doc.reauthorized |= doc.revoked_at.is_some();
            doc.revoked_at = None;
            doc.authorized_at = Some(now);
            doc.refresh_token.clone_from(&refresh_token);
            doc.access_token.clone_from(&access_token);
            doc.func_info.clone_from(&func_info);
        })
        .await
        .map(drop)
}
