//! Puts a push into its envelope, and opens the envelope of a reply: the one place where the simulator uses something
//! of the product's.
//!
//! developers.weixin.qq.com: 第三方平台 / 消息加解密. Encryption and signature are WeChat's published algorithm,
//! held by test vectors and by an SDK that is not ours (tests/judge), so sharing them hides no misreading.

use jiff::Timestamp;
use serde::Deserialize;

use super::push::Push;
use super::push_content::{Content, Form};
use super::state::Platform;
use crate::wechat::push::{EncodingAesKey, PushCipher, PushQuery, plain_signature};

/// A sealed push, ready to be sent.
pub(super) struct Sealed {
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) content_type: &'static str,
    pub(super) body: String,
}

/// Seals a push. The first element tells the two URLs apart and is outside the signature; the appid inside is the
/// platform's, for messages as well.
pub(super) fn seal(platform: &Platform, push: &Push, now: Timestamp) -> Result<Sealed, String> {
    let first = match &push.parties {
        None => ("AppId", &platform.app_id),
        Some(parties) => ("ToUserName", &parties.to_user),
    };
    let form = push.forms.push_content.unwrap_or(platform.push_content);
    let plain = push.content.written(form);
    let envelope = push.forms.push_envelope.unwrap_or(platform.push_envelope);
    let cipher = cipher(platform)?;
    let timestamp = now.as_second().to_string();
    let nonce = rand::random::<u32>().to_string();
    let sealed = cipher.seal(plain.as_bytes(), &timestamp, &nonce, rand::random());
    let signature = plain_signature(&platform.token, &timestamp, &nonce);
    let sender = push.parties.iter().map(|parties| &parties.from_user);
    let query = [
        ("signature", signature),
        ("timestamp", timestamp),
        ("nonce", nonce),
        ("encrypt_type", "aes".to_owned()),
        ("msg_signature", sealed.msg_signature),
    ];
    Ok(Sealed {
        query: sender
            .map(|openid| ("openid", openid.clone()))
            .chain(query)
            .collect(),
        content_type: match envelope {
            Form::Xml => "text/xml",
            Form::Json => "application/json",
        },
        body: Content::default()
            .with(first.0, first.1.as_str())
            .with("Encrypt", sealed.encrypt)
            .written(envelope),
    })
}

/// What a reply's envelope carries beside `Encrypt`; a push has it in the query.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Seal {
    msg_signature: String,
    time_stamp: String,
    nonce: String,
}

/// Whether an answer to a user's message is a reply (被动回复): platforms have safe mode only, so it is sealed.
pub(super) fn is_reply(platform: &Platform, answer: &str) -> bool {
    let Ok(seal) = quick_xml::de::from_str::<Seal>(answer) else {
        return false;
    };
    let query = PushQuery {
        timestamp: seal.time_stamp,
        nonce: seal.nonce,
        msg_signature: seal.msg_signature,
        encrypt_type: None,
    };
    cipher(platform).is_ok_and(|cipher| cipher.open(&query, answer.as_bytes()).is_ok())
}

fn cipher(platform: &Platform) -> Result<PushCipher, String> {
    let parse = |key: &String| EncodingAesKey::parse(key).map_err(|error| error.to_string());
    let key = parse(&platform.encoding_aes_key)?;
    let previous = platform.previous_encoding_aes_key.as_ref();
    let previous = previous.map(parse).transpose()?;
    Ok(PushCipher::new(
        &platform.token,
        &platform.app_id,
        key,
        previous,
    ))
}
