//! What WeChat passes on of an official account to the platform's 消息与事件接收URL: users' messages and events.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::push::{Event, Forms, Parties, Push, notice_content};
use super::push_content::{Content, Form};
use super::state::State;

/// A user nobody named.
const SOMEBODY: &str = "oSimUser00000000000000000001";
/// Notices that are documented in JSON and come in XML.
const FILING: &[&str] = &[
    "notify_icpfiling_verify_result",
    "notify_apply_icpfiling_result",
];

/// An order for a message or an event: `content` of a text, else `msgType` or `event` and what goes with it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Say {
    platform: String,
    account: String,
    #[serde(default)]
    from_user: Option<String>,
    #[serde(default)]
    to_user: Option<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    msg_type: Option<String>,
    #[serde(default)]
    event: Option<String>,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    push_envelope: Option<Form>,
    #[serde(default)]
    push_content: Option<Form>,
}

/// An order for a notice of any kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Tell {
    platform: String,
    info_type: String,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    push_envelope: Option<Form>,
    #[serde(default)]
    push_content: Option<Form>,
}

/// Why there is nothing to be pushed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SayError {
    #[error("the account has not authorized the platform")]
    NotAuthorized,
    #[error("there is no platform `{0}`")]
    NoPlatform(String),
    #[error("{0}")]
    Order(String),
}

impl Say {
    /// The push. Without an authorization WeChat would not pass anything on.
    pub(super) fn push(&self, state: &State, now: Timestamp) -> Result<Push, SayError> {
        let account = state
            .authorization(&self.platform, &self.account)
            .and_then(|_| state.accounts.get(&self.account))
            .ok_or(SayError::NotAuthorized)?;
        let parties = Parties {
            to_user: self.to_user.clone().unwrap_or_else(|| account.user_name()),
            from_user: self
                .from_user
                .clone()
                .unwrap_or_else(|| SOMEBODY.to_owned()),
        };
        let content = Content::default()
            .with("ToUserName", parties.to_user.as_str())
            .with("FromUserName", parties.from_user.as_str())
            .with("CreateTime", now.as_second());
        Ok(Push {
            platform: self.platform.clone(),
            account: self.account.clone(),
            event: Event::Message,
            content: self.said(content).map_err(SayError::Order)?,
            forms: Forms {
                push_envelope: self.push_envelope,
                push_content: self.push_content,
            },
            parties: Some(parties),
        })
    }

    fn said(&self, content: Content) -> Result<Content, String> {
        let id = new_message_id();
        match (&self.content, &self.msg_type, &self.event) {
            (Some(text), None, None) => content
                .with("MsgType", "text")
                .with("Content", text.as_str())
                .with_all(&self.fields)
                .map(|content| content.with("MsgId", id)),
            (None, Some(kind), None) => content
                .with("MsgType", kind.as_str())
                .with_all(&self.fields)
                .map(|content| content.with("MsgId", id)),
            (None, None, Some(event)) => content
                .with("MsgType", "event")
                .with("Event", event.as_str())
                .with_all(&self.fields),
            _ => Err("a message has one of `content`, `msgType` and `event`".to_owned()),
        }
    }
}

impl Tell {
    /// The push.
    pub(super) fn push(&self, state: &State, now: Timestamp) -> Result<Push, SayError> {
        let Some(platform) = state.platforms.get(&self.platform) else {
            return Err(SayError::NoPlatform(self.platform.clone()));
        };
        let documented = match state.switches.filing_notices_as_documented {
            true => Form::Json,
            false => Form::Xml,
        };
        let own_form = FILING
            .contains(&self.info_type.as_str())
            .then_some(documented);
        let account = self.account.as_ref().unwrap_or(&platform.app_id);
        Ok(Push {
            platform: self.platform.clone(),
            account: account.clone(),
            event: Event::Notice,
            content: notice_content(&self.platform, now, &self.info_type)
                .with_all(&self.fields)
                .map_err(SayError::Order)?,
            forms: Forms {
                push_envelope: self.push_envelope,
                push_content: self.push_content.or(own_form),
            },
            parties: None,
        })
    }
}

/// Beyond what a double holds, as WeChat's are.
fn new_message_id() -> u64 {
    const BEYOND_A_DOUBLE: u64 = 1 << 61;
    BEYOND_A_DOUBLE | (rand::random::<u64>() >> 3)
}
