//! Credentials WeChat gives out: tickets, access tokens, codes. How they look and when they die.
//!
//! They are made up and random; nothing here can be used at WeChat.

use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::keyed::Keyed;

/// A ticket works for twelve hours.
pub(super) const TICKET_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// Access tokens of both kinds live 7200 s.
pub(super) const TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(7200);
/// An authorization code lives 600 s.
pub(super) const CODE_LIFE: SignedDuration = SignedDuration::from_secs(600);
/// Dead credentials are remembered this long, to be told from ones that never were.
const MEMORY: SignedDuration = SignedDuration::from_hours(72);

/// A pushed `component_verify_ticket`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ticket {
    /// `ticket@@@…`
    pub value: String,
    /// Whose it is.
    pub platform: String,
    /// When it was made.
    pub issued_at: Timestamp,
}

/// An access token: of a platform, or of one account authorized to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessToken {
    /// The token.
    pub value: String,
    /// The platform it was given to.
    pub platform: String,
    /// The account it acts for; absent: the platform itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// When it dies by age.
    pub expires_at: Timestamp,
    /// When a newer one took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_at: Option<Timestamp>,
    /// The owner cancelled the authorization it came from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
}

/// A `pre_auth_code`: the ticket into one authorization page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreAuthCode {
    /// `preauthcode@@@…`
    pub value: String,
    /// Whose it is.
    pub platform: String,
    /// When it dies.
    pub expires_at: Timestamp,
    /// An authorization was completed with it.
    #[serde(default)]
    pub used: bool,
}

/// An authorization code, to be exchanged once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthorizationCode {
    /// `queryauthcode@@@…`
    pub value: String,
    /// The platform that may exchange it.
    pub platform: String,
    /// The account that was authorized.
    pub account: String,
    /// When it dies.
    pub expires_at: Timestamp,
    /// It was exchanged.
    #[serde(default)]
    pub used: bool,
}

/// A random secret of `bytes` bytes, as WeChat writes them.
fn secret(bytes: usize) -> String {
    let random: Vec<u8> = (0..bytes).map(|_| rand::random()).collect();
    URL_SAFE_NO_PAD.encode(random)
}

pub(super) fn new_ticket() -> String {
    format!("ticket@@@{}", secret(48))
}

pub(super) fn new_access_token() -> String {
    format!("{PREFIX}{}", secret(72))
}

pub(super) fn new_refresh_token() -> String {
    format!("refreshtoken@@@{}", secret(32))
}

pub(super) fn new_pre_auth_code() -> String {
    format!("preauthcode@@@{}", secret(32))
}

pub(super) fn new_authorization_code() -> String {
    format!("queryauthcode@@@{}", secret(32))
}

/// A ticket of `fastregisterauth`.
pub(super) fn new_registration_ticket() -> String {
    secret(48)
}

/// The id of a registration that waits for a person.
pub(super) fn new_task_id() -> String {
    secret(24)
}

/// A media id as WeChat writes them.
pub(super) fn new_media_id() -> String {
    secret(48)
}

/// A fresh appid.
pub(super) fn new_app_id() -> String {
    format!("wx{:016x}", rand::random::<u64>())
}

/// Access tokens begin with a generation number.
const PREFIX: &str = "62_";

/// Whether the text could be an access token at all: WeChat tells malformed (40014) from unknown (40001).
pub(super) fn looks_like_access_token(text: &str) -> bool {
    let Some((generation, rest)) = text.split_once('_') else {
        return false;
    };
    (1..=3).contains(&generation.len())
        && generation.bytes().all(|byte| byte.is_ascii_digit())
        && rest.len() >= 16
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// `now + span`, saturating at the end of time.
pub(super) fn after(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// Whether something that died at `dead` may be forgotten by now.
pub(super) fn forgettable(dead: Timestamp, now: Timestamp) -> bool {
    after(dead, MEMORY) < now
}

macro_rules! keyed_by_value {
    ($($kind:ty),*) => {$(
        impl Keyed for $kind {
            type Key = String;
            fn key(&self) -> String {
                self.value.clone()
            }
            fn name(&self) -> impl Display {
                &self.value
            }
        }
    )*};
}

keyed_by_value!(Ticket, AccessToken, PreAuthCode, AuthorizationCode);
