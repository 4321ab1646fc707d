//! What came of a request: an answer, a refusal, or nothing we can rely on.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoint::CallClass;

/// What came of one request. Printing it never prints a body: some hold tokens.
#[derive(Clone, PartialEq)]
pub enum Answer {
    /// WeChat answered with success; the whole JSON body.
    Done(Value),
    /// WeChat answered with an errcode.
    Refused(ApiError),
    /// No answer that can be relied on: connection lost, timeout, HTTP 5xx, or one that cannot be read.
    Lost(Lost),
}

/// No answer that can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// The endpoint's name.
    pub endpoint: String,
    /// What happened, without URL or token: "connection reset after 1.2 s".
    pub why: String,
    /// Whether a request may have reached WeChat. False: it never left (no token, no connection).
    pub sent: bool,
    /// Whether WeChat did answer, in a way that cannot be read: never called "no answer".
    #[serde(default)]
    pub answered: bool,
}

/// An errcode, with all a person or the loop needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// The endpoint's name.
    pub endpoint: String,
    /// WeChat's number.
    pub errcode: i64,
    /// WeChat's text without the request id, scrubbed of tokens and bounded.
    pub errmsg: String,
    /// WeChat's request id, which its support asks for.
    pub rid: Option<String>,
    /// What happens next.
    pub class: ErrorClass,
    /// Whether the request may have changed anything.
    pub effect: Effect,
    /// What it means, in Chinese.
    pub zh: String,
    /// What it means, in English.
    pub en: String,
    /// Who must act.
    pub who: Who,
}

/// What a caller does about an errcode. This list and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorClass {
    /// Repeat with backoff, only if the call may be repeated.
    Transient,
    /// Slow down, then repeat.
    Throttled,
    /// Stop until the reset.
    Quota,
    /// Refresh the token, repeat once.
    Token,
    /// Stop; a permission set or a capability is missing.
    Permission,
    /// The authorizer left; stop the tenant, keep its state.
    Revoked,
    /// Our mistake or the manifest's; never repeat unchanged.
    Invalid,
    /// It is so already: success.
    AlreadyDone,
    /// It is not there: an observation, or the success of a delete.
    NotFound,
    /// Somebody must act first.
    Human,
    /// Not in the table: on a read like `Invalid`, on a write the effect is `Maybe`.
    Unknown,
}

/// Whether a refused request may have changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It changed nothing.
    None,
    /// It may have: doubt.
    Maybe,
    /// What was asked for is so.
    Done,
}

/// Who must act on an errcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Nobody: wxops goes on by itself.
    Wxops,
    /// The service provider's operator (服务商).
    Operator,
    /// The account's administrator (公众号/小程序管理员), whichever kind of account it is.
    AccountAdmin,
    /// The mini-program's administrator (小程序管理员), where an official account may be concerned as well.
    AppAdmin,
    /// The legal representative of the principal (法人), who confirms registrations with her face.
    LegalPerson,
    /// The administrator of the platform account on open.weixin.qq.com (开放平台管理员): secrets, IP list, publishing.
    PlatformAdmin,
    /// WeChat's own people or systems.
    Wechat,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(_) => f.write_str("Done([REDACTED])"),
            Self::Refused(error) => f.debug_tuple("Refused").field(error).finish(),
            Self::Lost(lost) => f.debug_tuple("Lost").field(lost).finish(),
        }
    }
}

impl Who {
    /// Who it is, in Chinese and in English.
    #[must_use]
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Wxops => ("wxops 自行处理", "nobody, wxops goes on by itself"),
            Self::Operator => ("服务商运维人员", "the operator"),
            Self::AccountAdmin => ("账号管理员", "the account's administrator"),
            Self::AppAdmin => ("小程序管理员", "the mini-program's administrator"),
            Self::LegalPerson => ("法人", "the principal's legal representative"),
            Self::PlatformAdmin => ("开放平台管理员", "the platform account's administrator"),
            Self::Wechat => ("微信", "WeChat"),
        }
    }
}

impl Effect {
    /// The effect in one word, as printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Maybe => "maybe",
            Self::Done => "done",
        }
    }
}

impl ErrorClass {
    /// The class in one word, as printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Throttled => "throttled",
            Self::Quota => "quota",
            Self::Token => "token",
            Self::Permission => "permission",
            Self::Revoked => "revoked",
            Self::Invalid => "invalid",
            Self::AlreadyDone => "already-done",
            Self::NotFound => "not-found",
            Self::Human => "human",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            endpoint,
            errcode,
            errmsg,
            rid,
            class: _,
            effect: _,
            zh,
            en,
            who: _,
        } = self;
        write!(f, "{endpoint} refused: {errcode} {errmsg} · {zh} · {en}")?;
        match rid {
            Some(rid) => write!(f, " (rid: {rid})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, why, .. } = self;
        if self.answered {
            write!(f, "the answer of {endpoint} cannot be read: {why}")
        } else {
            write!(f, "no answer to {endpoint} ({why})")
        }
    }
}

impl std::error::Error for Lost {}

impl Lost {
    /// An answer that came and cannot be read.
    #[must_use]
    pub fn unreadable(endpoint: &super::endpoint::Endpoint, why: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.name.to_owned(),
            why: why.into(),
            sent: true,
            answered: true,
        }
    }
}

/// A success that does not look like one: the payload is missing or of another shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer of {endpoint} cannot be read: {detail}")]
pub struct Unreadable {
    endpoint: &'static str,
    detail: String,
}

impl Unreadable {
    /// What is wrong with it, without the endpoint.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// Reads the payload of a successful answer.
///
/// Many answers come without errcode, so that only the payload shows that it was one.
///
/// # Errors
/// [`Unreadable`], which quotes nothing of the answer.
pub fn read_payload<T: DeserializeOwned>(
    endpoint: &'static super::endpoint::Endpoint,
    body: &Value,
) -> Result<T, Unreadable> {
    T::deserialize(body).map_err(|error| Unreadable {
        endpoint: endpoint.name,
        detail: without_quotes(&error.to_string()),
    })
}

/// Cuts out what stands in double quotes: serde quotes the text it did not expect, which may be a token.
fn without_quotes(text: &str) -> String {
    match (text.split_once('"'), text.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) => format!("{before}…{after}"),
        _ => text.to_owned(),
    }
}

/// Reads the outcome out of an answer's JSON: errcode missing or 0 is success; one that is no number is no answer
/// that can be relied on.
#[must_use]
pub fn read_answer(endpoint: &'static super::endpoint::Endpoint, body: Value) -> Answer {
    let errcode = match body.get("errcode").map(super::tolerant::integer) {
        // Without one it is a success if it carries what was asked for. Of a read its typed reading tells; a write that
        // carries nothing at all proves nothing.
        None if endpoint.class == CallClass::Read || carries_something(&body) => 0,
        None => return Answer::Lost(Lost::unreadable(endpoint, "it says nothing")),
        Some(Some(errcode)) => errcode,
        Some(None) => {
            return Answer::Lost(Lost::unreadable(endpoint, "its errcode is no number"));
        }
    };
    if errcode == 0 {
        return Answer::Done(body);
    }
    let errmsg = body
        .get("errmsg")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let error = super::errcode::explain(endpoint, errcode, errmsg);
    if error.class == ErrorClass::NotFound && shows_something(&body) {
        let why = "it says that there is none, and shows something";
        return Answer::Lost(Lost::unreadable(endpoint, why));
    }
    Answer::Refused(error)
}

/// Whether an answer carries a list or an object with anything in it. A new field of WeChat's with a plain value does
/// not count.
fn shows_something(body: &Value) -> bool {
    body.as_object()
        .into_iter()
        .flatten()
        .any(|(_, value)| match value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        })
}

fn carries_something(body: &Value) -> bool {
    let mut fields = body.as_object().into_iter().flatten();
    fields.any(|(name, value)| name != "errmsg" && !value.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wechat::{authorizer, menu, token};

    #[test]
    fn what_is_said_to_be_absent_and_shown_is_neither() {
        let shown = json!({"errcode": 46003, "errmsg": "menu no exist", "menu": {"button": []}});
        assert!(matches!(read_answer(&menu::GET, shown), Answer::Lost(_)));
        for absent in [
            json!({"errcode": 46003, "errmsg": "menu no exist"}),
            json!({"errcode": 46003, "errmsg": "", "menu": {}, "other": 1}),
        ] {
            let answer = read_answer(&menu::GET, absent);
            let Answer::Refused(error) = answer else {
                panic!("{answer:?}");
            };
            assert_eq!(error.class, ErrorClass::NotFound);
        }
    }

    #[test]
    fn a_missing_or_zero_errcode_is_success() {
        for body in [
            json!({"component_access_token": "t", "expires_in": 7200}),
            json!({"errcode": 0, "errmsg": "in a normal state"}),
            json!({"errcode": "0", "errmsg": ""}),
        ] {
            assert_eq!(
                read_answer(&token::COMPONENT_TOKEN, body.clone()),
                Answer::Done(body)
            );
        }
    }

    #[test]
    fn an_errcode_is_a_refusal_even_as_text() {
        for body in [json!({"errcode": 46003}), json!({"errcode": "46003"})] {
            let Answer::Refused(error) = read_answer(&menu::GET, body) else {
                panic!("no refusal");
            };
            assert_eq!(error.class, ErrorClass::NotFound);
        }
    }

    #[test]
    fn an_errcode_that_is_no_number_is_neither_success_nor_refusal() {
        for errcode in [
            json!(null),
            json!([]),
            json!({}),
            json!(true),
            json!(""),
            json!("ok"),
            json!(0.5),
            json!(1e30),
        ] {
            let body = json!({"errcode": errcode, "menu": {"button": []}});
            let Answer::Lost(lost) = read_answer(&menu::GET, body) else {
                panic!("{errcode} was believed");
            };
            assert!(lost.sent && lost.answered);
        }
        let whole = json!({"errcode": 0.0, "menu": {"button": []}});
        assert!(matches!(read_answer(&menu::GET, whole), Answer::Done(_)));
    }

    #[test]
    fn a_write_whose_answer_says_nothing_is_in_doubt() {
        for body in [
            json!({}),
            json!({"errmsg": "ok"}),
            json!({"template_id": null}),
        ] {
            let answer = read_answer(&crate::wechat::template::ADD, body.clone());
            assert!(matches!(answer, Answer::Lost(_)), "{body}");
        }
        let id = json!({"menuid": "208379533"});
        let answer = read_answer(&menu::ADDCONDITIONAL, id);
        assert!(matches!(answer, Answer::Done(_)));
    }

    #[test]
    fn what_came_and_cannot_be_read_is_not_called_no_answer() {
        let lost = Lost::unreadable(&menu::GET, "it is empty");
        assert!(!lost.to_string().contains("no answer"), "{lost}");
    }

    #[test]
    fn a_success_without_its_payload_is_unreadable_and_quotes_nothing() {
        let body = json!({"total_count": 1, "list": ["refreshtoken@@@sentinel \\\" sentinel"]});
        let error = read_payload::<authorizer::List>(&authorizer::LIST, &body).unwrap_err();
        assert!(!error.to_string().contains("sentinel"), "{error}");
        let missing = read_payload::<token::ComponentToken>(&token::COMPONENT_TOKEN, &json!({}));
        assert_eq!(
            missing.unwrap_err().to_string(),
            "the answer of api_component_token cannot be read: missing field `component_access_token`"
        );
    }

    #[test]
    fn an_answer_prints_no_body() {
        let answer = Answer::Done(json!({"authorizer_access_token": "62_sentinel"}));
        assert!(!format!("{answer:?}").contains("sentinel"));
    }
}
