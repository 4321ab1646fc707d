//! The outside of a push: where `Encrypt` stands in a body, and the bodies we write.
//!
//! `AppId` or `ToUserName` beside `Encrypt` are outside the signature: they are not even read.

use std::borrow::Cow;

use serde::Deserialize;

use super::PushError;
use super::xml;

/// The largest message taken. WeChat's are a few KiB; a limit is needed before anything is parsed.
pub const MESSAGE_LIMIT: usize = 64 * 1024;

/// The largest body taken: what a message of [`MESSAGE_LIMIT`] becomes.
///
/// 20 bytes stand before the message, an appid of 18 and at most 32 of padding behind it; base64 makes four of every
/// three; the envelope around it is a hundred bytes, and JSON may escape every `/` of the base64 (one in 64).
pub const BODY_LIMIT: usize = (20 + MESSAGE_LIMIT + 18 + 32).div_ceil(3) * 4 + 8 * 1024;

/// `Encrypt` of a body, XML or JSON, borrowed from it where possible.
pub(super) fn encrypt_of(body: &[u8]) -> Result<Cow<'_, str>, PushError> {
    if body.len() > BODY_LIMIT {
        return Err(PushError::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| PushError::Envelope)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let encrypt = if text.trim_start().starts_with('{') {
        from_json(text)?
    } else {
        from_xml(text)?
    };
    encrypt
        .filter(|encrypt| !encrypt.is_empty())
        .ok_or(PushError::NotEncrypted)
}

fn from_xml(text: &str) -> Result<Option<Cow<'_, str>>, PushError> {
    let mut encrypt = None;
    xml::children(text, |name, text| {
        // Two of them would let a reader after us take the other one.
        if name == "Encrypt" && encrypt.replace(text).is_some() {
            return Err(xml::Malformed);
        }
        Ok(())
    })
    .map_err(|xml::Malformed| PushError::Envelope)?;
    Ok(encrypt)
}

/// The envelope of accounts that take their own pushes. A platform is never sent it; reading it costs nothing.
#[derive(Deserialize)]
struct JsonEnvelope<'a> {
    #[serde(rename = "Encrypt", borrow, default)]
    encrypt: Option<Cow<'a, str>>,
}

fn from_json(text: &str) -> Result<Option<Cow<'_, str>>, PushError> {
    let envelope: JsonEnvelope<'_> = serde_json::from_str(text).map_err(|_| PushError::Envelope)?;
    Ok(envelope.encrypt)
}

/// An encrypted and signed message, ready to be put into a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The ciphertext in base64.
    pub encrypt: String,
    /// Signature over token, timestamp, nonce and [`Sealed::encrypt`], 40 lowercase hex digits.
    pub msg_signature: String,
    /// The timestamp that was signed.
    pub timestamp: String,
    /// The nonce that was signed.
    pub nonce: String,
}

impl Sealed {
    /// The body of an encrypted passive reply to a user's message (被动回复).
    #[must_use]
    pub fn reply_xml(&self) -> String {
        let mut out = String::with_capacity(self.encrypt.len() + 220);
        out.push_str("<xml>\n<Encrypt>");
        xml::push_cdata(&mut out, &self.encrypt);
        out.push_str("</Encrypt>\n<MsgSignature>");
        xml::push_cdata(&mut out, &self.msg_signature);
        out.push_str("</MsgSignature>\n<TimeStamp>");
        out.push_str(&quick_xml::escape::escape(self.timestamp.as_str()));
        out.push_str("</TimeStamp>\n<Nonce>");
        xml::push_cdata(&mut out, &self.nonce);
        out.push_str("</Nonce>\n</xml>");
        out
    }

    /// The body WeChat posts to the authorization-event URL (授权事件接收URL).
    #[must_use]
    pub fn notice_xml(&self, platform: &str) -> String {
        self.pushed("AppId", platform)
    }

    /// The body WeChat posts to the message and event URL (消息与事件接收URL).
    #[must_use]
    pub fn message_xml(&self, to_user: &str) -> String {
        self.pushed("ToUserName", to_user)
    }

    fn pushed(&self, name: &str, value: &str) -> String {
        let mut out = String::with_capacity(self.encrypt.len() + value.len() + 100);
        out.push_str("<xml><");
        out.push_str(name);
        out.push('>');
        xml::push_cdata(&mut out, value);
        out.push_str("</");
        out.push_str(name);
        out.push_str("><Encrypt>");
        xml::push_cdata(&mut out, &self.encrypt);
        out.push_str("</Encrypt></xml>");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypt_is_found_in_xml_and_json() {
        for body in [
            "<xml><AppId><![CDATA[wx1]]></AppId><Encrypt><![CDATA[abc=]]></Encrypt></xml>",
            "<xml>\n  <ToUserName>gh_1</ToUserName>\n  <Encrypt>\nabc=\n</Encrypt>\n</xml>",
            "\u{feff}<xml><Encrypt>abc=</Encrypt></xml>",
            r#" {"ToUserName":"gh_1","Encrypt":"abc="}"#,
        ] {
            assert_eq!(encrypt_of(body.as_bytes()).as_deref(), Ok("abc="), "{body}");
        }
    }

    #[test]
    fn a_body_in_clear_is_refused() {
        for body in [
            "<xml><AppId>wx1</AppId><InfoType>component_verify_ticket</InfoType></xml>",
            "<xml><Encrypt></Encrypt></xml>",
            "<xml><Encrypt/></xml>",
            "<xml><encrypt>abc=</encrypt></xml>",
            "<xml><a><Encrypt>abc=</Encrypt></a></xml>",
            r#"{"ToUserName":"gh_1"}"#,
        ] {
            assert_eq!(
                encrypt_of(body.as_bytes()),
                Err(PushError::NotEncrypted),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        for body in [
            "",
            "success",
            "<xml><Encrypt>abc</Encrypt><Encrypt>def</Encrypt></xml>",
            "<!DOCTYPE xml><xml><Encrypt>abc=</Encrypt></xml>",
            r#"{"Encrypt":"a","Encrypt":"b"}"#,
            r#"{"Encrypt":1}"#,
        ] {
            assert_eq!(
                encrypt_of(body.as_bytes()),
                Err(PushError::Envelope),
                "{body}"
            );
        }
        assert_eq!(encrypt_of(b"<xml>\xff</xml>"), Err(PushError::Envelope));
        let large = vec![b' '; BODY_LIMIT + 1];
        assert_eq!(encrypt_of(&large), Err(PushError::TooLarge));
    }
}
