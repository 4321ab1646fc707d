//! Puts a push into its envelope: the one place where the simulator uses something of the product's.
//!
//! developers.weixin.qq.com: 第三方平台 / 消息加解密. Encryption and signature are WeChat's published algorithm,
//! held by test vectors, so sharing them hides no misreading.

use jiff::Timestamp;

use super::state::Platform;
use crate::wechat::push::{EncodingAesKey, PushCipher, plain_signature};

/// A sealed push, ready to be sent.
pub(super) struct Sealed {
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// Seals a notice.
pub(super) fn notice(platform: &Platform, xml: &str, now: Timestamp) -> Result<Sealed, String> {
    let first = format!("<AppId><![CDATA[{}]]></AppId>", platform.app_id);
    seal(platform, xml, now, &first)
}

fn seal(platform: &Platform, xml: &str, now: Timestamp, first: &str) -> Result<Sealed, String> {
    let key =
        EncodingAesKey::parse(&platform.encoding_aes_key).map_err(|error| error.to_string())?;
    let cipher = PushCipher::new(&platform.token, &platform.app_id, key, None);
    let timestamp = now.as_second().to_string();
    let nonce = rand::random::<u32>().to_string();
    let sealed = cipher.seal(xml.as_bytes(), &timestamp, &nonce, rand::random());
    let signature = plain_signature(&platform.token, &timestamp, &nonce);
    Ok(Sealed {
        body: format!(
            "<xml>{first}<Encrypt><![CDATA[{}]]></Encrypt></xml>",
            sealed.encrypt
        ),
        query: vec![
            ("signature", signature),
            ("timestamp", timestamp),
            ("nonce", nonce),
            ("encrypt_type", "aes".to_owned()),
            ("msg_signature", sealed.msg_signature),
        ],
    })
}
