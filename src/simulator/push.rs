//! What the simulated WeChat pushes to a platform: notices, and users' messages. Sent in `delivery.rs`.

use jiff::Timestamp;
use serde_json::Value;

use super::push_content::{Content, Form};
use super::switches::Switches;

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Ticket,
    Authorized,
    UpdateAuthorized,
    Unauthorized,
    /// Any other notice.
    Notice,
    /// A user's message to the account, or an event of it, on its way to 消息与事件接收URL.
    Message,
}

impl Event {
    /// The `InfoType` of a notice.
    pub(super) fn info_type(self) -> &'static str {
        match self {
            Self::Ticket => "component_verify_ticket",
            Self::Authorized => "authorized",
            Self::UpdateAuthorized => "updateauthorized",
            Self::Unauthorized => "unauthorized",
            Self::Notice | Self::Message => "",
        }
    }

    /// The name faults and counts know it by.
    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::Ticket => "push:ticket",
            Self::Authorized => "push:authorized",
            Self::UpdateAuthorized => "push:updateauthorized",
            Self::Unauthorized => "push:unauthorized",
            Self::Notice => "push:notice",
            Self::Message => "push:message",
        }
    }

    /// How often it is sent until it is answered: of their own only users' messages are sent again.
    pub(super) fn attempts(self, switches: &Switches) -> u32 {
        match self {
            Self::Message => 3,
            Self::Ticket
            | Self::Authorized
            | Self::UpdateAuthorized
            | Self::Unauthorized
            | Self::Notice => switches.notice_attempts.max(1),
        }
    }
}

/// A push that is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Push {
    pub(super) platform: String,
    pub(super) account: String,
    pub(super) event: Event,
    /// Decrypted.
    pub(super) content: Content,
    /// In place of the platform's own forms.
    pub(super) forms: Forms,
    /// The original id and the sender of a user's message.
    pub(super) parties: Option<Parties>,
}

/// Forms that one push is to have.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Forms {
    pub(super) push_envelope: Option<Form>,
    pub(super) push_content: Option<Form>,
}

/// Between whom a message goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parties {
    pub(super) to_user: String,
    pub(super) from_user: String,
}

impl Push {
    /// A notice to 授权事件接收URL.
    pub(super) fn notice(
        event: Event,
        platform: &str,
        account: &str,
        now: Timestamp,
        extra: &[(&str, Value)],
    ) -> Self {
        let content = extra.iter().fold(
            notice_content(platform, now, event.info_type()),
            |content, (name, value)| content.with(name, value.clone()),
        );
        Self {
            platform: platform.to_owned(),
            account: account.to_owned(),
            event,
            content,
            forms: Forms::default(),
            parties: None,
        }
    }
}

/// What every notice begins with.
pub(super) fn notice_content(platform: &str, now: Timestamp, info_type: &str) -> Content {
    Content::default()
        .with("AppId", platform)
        .with("CreateTime", now.as_second())
        .with("InfoType", info_type)
}
