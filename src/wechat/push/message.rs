//! Users' messages and events (消息与事件), as far as passing them on needs: whose they are, and whether two are the
//! same one. What they say is nobody's business here.

use std::fmt;

use sha2::{Digest, Sha256};

use super::leaves::leaves;

/// What can be told of a decrypted message without reading it.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// `ToUserName`: the original id (原始 ID, `gh_…`) of the account it is for.
    pub to_user: Option<String>,
    /// Whether it is a message or an event: it has a `MsgType`.
    pub is_message: bool,
    /// Whether it is a platform notice: it has an `InfoType`.
    pub is_notice: bool,
    identity: [u8; 32],
}

impl fmt::Debug for Head {
    /// Without the identity: it stands for who wrote when.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("to_user", &self.to_user)
            .field("is_message", &self.is_message)
            .field("is_notice", &self.is_notice)
            .finish_non_exhaustive()
    }
}

/// The fields that tell two messages apart.
#[derive(Default)]
struct Fields {
    to_user: Option<String>,
    from_user: String,
    created: String,
    message_type: Option<String>,
    info_type: Option<String>,
    id: Option<String>,
    event: String,
    event_key: String,
}

impl Head {
    /// Reads a decrypted body. One that cannot be read has no owner and is the same as itself alone.
    #[must_use]
    pub fn read(plaintext: &[u8]) -> Self {
        let mut fields = Fields::default();
        let read = leaves(plaintext, |name, value| {
            fields.take(name, &value);
            Ok(())
        });
        if read.is_err() {
            fields = Fields::default();
        }
        let identity = fields.identity(plaintext);
        Self {
            to_user: fields.to_user.filter(|to| !to.is_empty()),
            is_message: fields.message_type.is_some(),
            is_notice: fields.info_type.is_some(),
            identity,
        }
    }

    /// What is the same for a message and WeChat's repetitions of it, which are signed anew. A digest.
    #[must_use]
    pub fn identity(&self) -> &[u8; 32] {
        &self.identity
    }
}

impl Fields {
    fn take(&mut self, name: &str, value: &str) {
        let value = value.to_owned();
        match name {
            "ToUserName" => self.to_user = Some(value),
            "FromUserName" => self.from_user = value,
            "CreateTime" => self.created = value,
            "MsgType" => self.message_type = Some(value),
            "InfoType" => self.info_type = Some(value),
            // Results of sent templates write it so.
            "MsgId" | "MsgID" => self.id = Some(value),
            "Event" => self.event = value,
            "EventKey" => self.event_key = value,
            _ => {}
        }
    }

    /// WeChat's page: a message is told by `MsgId`, an event by `FromUserName` and `CreateTime`.
    fn identity(&self, plaintext: &[u8]) -> [u8; 32] {
        let id = self.id.as_deref().filter(|id| !id.is_empty());
        let to = self.to_user.as_deref().unwrap_or_default();
        let parts = match id {
            Some(id) => vec!["id", to, &self.from_user, id],
            None if !self.from_user.is_empty() && !self.created.is_empty() => {
                let (from, created) = (&self.from_user, &self.created);
                vec!["event", to, from, created, &self.event, &self.event_key]
            }
            None => return Sha256::digest(plaintext).into(),
        };
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        digest.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        Head::read(text.as_bytes())
    }

    fn same(one: &str, other: &str) -> bool {
        head(one).identity() == head(other).identity()
    }

    const TEXT: &str = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>\
        <CreateTime>1</CreateTime><MsgType>text</MsgType><Content>a</Content><MsgId>7</MsgId></xml>";
    const CLICK: &str = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>\
        <CreateTime>1</CreateTime><MsgType>event</MsgType><Event>CLICK</Event><EventKey>k</EventKey></xml>";

    #[test]
    fn whose_it_is_stands_in_xml_and_in_json() {
        let json = r#"{"ToUserName": "gh_1", "MsgType": "text", "MsgId": 7}"#;
        for text in [TEXT, json] {
            let head = head(text);
            assert_eq!(head.to_user.as_deref(), Some("gh_1"));
            assert!(head.is_message && !head.is_notice);
        }
        let notice = head("<xml><InfoType>unauthorized</InfoType></xml>");
        assert!(notice.is_notice && !notice.is_message && notice.to_user.is_none());
        assert_eq!(head("not XML").to_user, None);
    }

    #[test]
    fn a_repetition_is_the_same_and_another_message_is_not() {
        assert!(same(TEXT, &TEXT.replace("><Content>", ">\n<Content>")));
        assert!(!same(TEXT, &TEXT.replace("<MsgId>7", "<MsgId>8")));
        assert!(!same(TEXT, &TEXT.replace("gh_1", "gh_2")));
        assert!(same(CLICK, &CLICK.replace("><Event>", ">\n<Event>")));
        assert!(!same(CLICK, &CLICK.replace(">k<", ">l<")));
        assert!(!same(
            CLICK,
            &CLICK.replace("<CreateTime>1", "<CreateTime>2")
        ));
        assert!(!same(CLICK, TEXT));
        assert!(same("odd", "odd") && !same("odd", "odder"));
    }

    #[test]
    fn nothing_of_the_user_is_printed() {
        assert!(!format!("{:?}", head(TEXT)).contains("o1"));
    }
}
