//! Puts a push into its envelope: the one place where the simulator uses something of the product's.
//!
//! developers.weixin.qq.com: 第三方平台 / 消息加解密. Encryption and signature are WeChat's published algorithm,
//! held by test vectors, so sharing them hides no misreading.

use jiff::Timestamp;

use super::push::Push;
use super::state::Platform;
use crate::wechat::push::{EncodingAesKey, PushCipher, plain_signature};

/// A sealed push, ready to be sent.
pub(super) struct Sealed {
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// Seals a push. The first element tells the two URLs apart and is outside the signature; the appid inside is the
/// platform's, for messages as well.
pub(super) fn seal(platform: &Platform, push: &Push, now: Timestamp) -> Result<Sealed, String> {
    let first = match &push.parties {
        None => format!("<AppId><![CDATA[{}]]></AppId>", platform.app_id),
        Some(parties) => format!("<ToUserName><![CDATA[{}]]></ToUserName>", parties.to_user),
    };
    let key =
        EncodingAesKey::parse(&platform.encoding_aes_key).map_err(|error| error.to_string())?;
    let cipher = PushCipher::new(&platform.token, &platform.app_id, key, None);
    let timestamp = now.as_second().to_string();
    let nonce = rand::random::<u32>().to_string();
    let sealed = cipher.seal(push.xml.as_bytes(), &timestamp, &nonce, rand::random());
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
        body: format!(
            "<xml>{first}<Encrypt><![CDATA[{}]]></Encrypt></xml>",
            sealed.encrypt
        ),
    })
}
