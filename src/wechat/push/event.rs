//! Platform notices (授权事件): what the decrypted body on the authorization-event URL says.
//!
//! A notice is stored and wakes a tenant; it never acts. Ids are kept as they were sent and are parsed where they
//! are used: a notice with an odd id must not be lost. WeChat sends XML, and documents some in JSON: both are read.
//! WeChat's page: developers.weixin.qq.com, `Before_Develop/authorize_event`.

use std::fmt;

use super::leaves::{leaves, leaves_of};
use super::xml::Malformed;
use crate::wechat::id::RawAppid;
use crate::wechat::secret::Secret;

/// One notice.
#[derive(Debug, Clone)]
pub struct Notice {
    /// `AppId`: the platform's appid.
    pub platform: RawAppid,
    /// `CreateTime` in unix seconds; `None` where it is missing or no number.
    pub created: Option<i64>,
    /// What happened.
    pub kind: NoticeKind,
}

/// What a notice is about (`InfoType`).
#[derive(Debug, Clone)]
pub enum NoticeKind {
    /// `component_verify_ticket`: the ticket, every 10 minutes, valid for 12 hours. The newest one replaces the others.
    Ticket(Secret),
    /// `authorized`: an owner authorized the platform, or we registered the account.
    Authorized(Grant),
    /// `updateauthorized`: the permission sets changed. Not sent when they stayed the same.
    UpdateAuthorized(Grant),
    /// `unauthorized`: the owner cancelled; the refresh token is dead.
    Unauthorized {
        /// `AuthorizerAppid`, as sent.
        authorizer: RawAppid,
    },
    /// `notify_third_fasteregister`: a mini-program was registered for somebody, or could not be.
    Registered(NewAccount),
    /// A notice that is not read here yet.
    Unknown {
        /// `InfoType`, as sent.
        info_type: String,
    },
}

/// What comes with `notify_third_fasteregister`. Its `info` has another shape for a company and a person: of it only that
/// is read by which the request is found again, and nothing is kept.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// `appid`, as sent: the new mini-program, not the platform (`AppId`). A failure names none.
    pub account: Option<RawAppid>,
    /// `auth_code`: works once, for a short time.
    pub code: Option<Secret>,
    /// `status`: 0 is done.
    pub status: Option<i64>,
    /// `msg`: why it failed.
    pub message: String,
    /// `info.wxuser`: the WeChat id of the person it was registered for; of a company there is none.
    pub person: Option<String>,
}

/// What comes with `authorized` and `updateauthorized`.
#[derive(Debug, Clone)]
pub struct Grant {
    /// `AuthorizerAppid`, as sent.
    pub authorizer: RawAppid,
    /// `AuthorizationCode`: works once, for a short time.
    pub code: Secret,
    /// `AuthorizationCodeExpiredTime`: seconds or a point in time (see [`Grant::code_expires_at`]); `None` where
    /// it is missing or no number.
    pub code_expires: Option<i64>,
    /// `PreAuthCode`: which attempt this ends; empty for accounts that we registered.
    pub pre_auth_code: Option<Secret>,
}

impl Grant {
    /// When the code dies, in unix seconds, given when the notice was made.
    ///
    /// WeChat's page only says "seconds": more than a billion is a point in time, anything else a duration.
    #[must_use]
    pub fn code_expires_at(&self, created: i64) -> Option<i64> {
        self.code_expires.map(|expires| {
            if expires > 1_000_000_000 {
                expires
            } else {
                created.saturating_add(expires)
            }
        })
    }
}

/// Why a decrypted body is no notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Not UTF-8, neither XML nor a JSON object, or with a document type.
    #[error("the notice is neither well-formed XML nor JSON")]
    Malformed,
    /// A field is missing, empty or there twice.
    #[error("the notice has no usable `{0}`")]
    Field(&'static str),
}

/// The fields read here, each at most once.
#[derive(Default)]
struct Fields {
    platform: Option<String>,
    created: Option<i64>,
    info_type: Option<String>,
    ticket: Option<Secret>,
    authorizer: Option<String>,
    code: Option<Secret>,
    code_expires: Option<i64>,
    pre_auth_code: Option<Secret>,
    account: Option<String>,
    auth_code: Option<Secret>,
    status: Option<i64>,
    message: Option<String>,
    person: Option<String>,
}

impl Notice {
    /// Reads a decrypted body.
    ///
    /// # Errors
    /// [`NoticeError`]; an `InfoType` that is not known is no error.
    pub fn parse(plaintext: &[u8]) -> Result<Self, NoticeError> {
        let mut fields = Fields::default();
        let mut doubled = None;
        leaves(plaintext, |name, value| {
            doubled = doubled.or(fields.take(name, &value));
            Ok(())
        })
        .map_err(|Malformed| NoticeError::Malformed)?;
        leaves_of("info", plaintext, |name, value| {
            if name == "wxuser" {
                fields.person = Some(value.into_owned());
            }
            Ok(())
        })
        .map_err(|Malformed| NoticeError::Malformed)?;
        match doubled {
            Some(name) => Err(NoticeError::Field(name)),
            None => fields.notice(),
        }
    }
}

impl Fields {
    /// Keeps a field that is read here; answers its name if it was there before.
    fn take(&mut self, name: &str, value: &str) -> Option<&'static str> {
        let secret = || Secret::new(value);
        let (name, before) = match name {
            "AppId" => ("AppId", self.platform.replace(value.to_owned()).is_some()),
            "CreateTime" => ("CreateTime", put(&mut self.created, value)),
            "InfoType" => (
                "InfoType",
                self.info_type.replace(value.to_owned()).is_some(),
            ),
            "ComponentVerifyTicket" => (
                "ComponentVerifyTicket",
                self.ticket.replace(secret()).is_some(),
            ),
            "AuthorizerAppid" => (
                "AuthorizerAppid",
                self.authorizer.replace(value.to_owned()).is_some(),
            ),
            "AuthorizationCode" => ("AuthorizationCode", self.code.replace(secret()).is_some()),
            "AuthorizationCodeExpiredTime" => (
                "AuthorizationCodeExpiredTime",
                put(&mut self.code_expires, value),
            ),
            "PreAuthCode" => (
                "PreAuthCode",
                self.pre_auth_code.replace(secret()).is_some(),
            ),
            "appid" => ("appid", self.account.replace(value.to_owned()).is_some()),
            "auth_code" => ("auth_code", self.auth_code.replace(secret()).is_some()),
            "status" => ("status", put(&mut self.status, value)),
            "msg" => ("msg", self.message.replace(value.to_owned()).is_some()),
            _ => return None,
        };
        before.then_some(name)
    }

    fn notice(self) -> Result<Notice, NoticeError> {
        let Self {
            platform,
            created,
            info_type,
            ticket,
            authorizer,
            code,
            code_expires,
            pre_auth_code,
            account,
            auth_code,
            status,
            message,
            person,
        } = self;
        let info_type = present(info_type, "InfoType")?;
        let grant = || -> Result<Grant, NoticeError> {
            Ok(Grant {
                authorizer: RawAppid::new(present(authorizer.clone(), "AuthorizerAppid")?),
                code: present_secret(code, "AuthorizationCode")?,
                code_expires,
                pre_auth_code: pre_auth_code.filter(|code| !is_blank(code)),
            })
        };
        let kind = match info_type.as_str() {
            "component_verify_ticket" => {
                NoticeKind::Ticket(present_secret(ticket, "ComponentVerifyTicket")?)
            }
            "authorized" => NoticeKind::Authorized(grant()?),
            "updateauthorized" => NoticeKind::UpdateAuthorized(grant()?),
            "unauthorized" => NoticeKind::Unauthorized {
                authorizer: RawAppid::new(present(authorizer, "AuthorizerAppid")?),
            },
            "notify_third_fasteregister" => NoticeKind::Registered(NewAccount {
                account: account.filter(|id| !id.is_empty()).map(RawAppid::new),
                code: auth_code.filter(|code| !is_blank(code)),
                status,
                message: message.unwrap_or_default(),
                person: person.filter(|id| !id.is_empty()),
            }),
            _ => NoticeKind::Unknown { info_type },
        };
        Ok(Notice {
            platform: RawAppid::new(present(platform, "AppId")?),
            created,
            kind,
        })
    }
}

/// A number that is kept if it is one; answers whether there was one before.
fn put(slot: &mut Option<i64>, value: &str) -> bool {
    match value.parse() {
        Ok(number) => slot.replace(number).is_some(),
        Err(_) => false,
    }
}

fn present(text: Option<String>, name: &'static str) -> Result<String, NoticeError> {
    text.filter(|text| !text.is_empty())
        .ok_or(NoticeError::Field(name))
}

fn present_secret(secret: Option<Secret>, name: &'static str) -> Result<Secret, NoticeError> {
    secret
        .filter(|secret| !is_blank(secret))
        .ok_or(NoticeError::Field(name))
}

fn is_blank(secret: &Secret) -> bool {
    secret.expose().is_empty()
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ticket(_) => "component_verify_ticket",
            Self::Authorized(_) => "authorized",
            Self::UpdateAuthorized(_) => "updateauthorized",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Registered(_) => "notify_third_fasteregister",
            Self::Unknown { info_type } => info_type,
        })
    }
}
