//! Temporary media (临时素材): what an upload answers.
//!
//! A media id lives for 3 days and works for the account alone whose token uploaded it. Review material
//! (`wxa/uploadmedia`) has ids of its own, spelled `mediaid`, and neither kind works in place of the other.
//! WeChat's page: developers.weixin.qq.com, `api_uploadtempmedia`.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// `uploadTempMedia`: an upload changes nothing that anybody sees, and may be repeated.
pub static UPLOAD: Endpoint = Endpoint {
    name: "media/upload",
    path: "/cgi-bin/media/upload",
    method: Method::Upload,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[3, 30],
    quotas: &[],
};

/// The part of the form that holds the file.
pub const PART: &str = "media";

/// Uploads a picture for `account` and no other. The file goes beside the call.
#[must_use]
pub fn upload_image_request(account: &Appid) -> Call {
    Call::new(&UPLOAD, account.clone(), &json!({"type": "image"}))
}

/// How long a media id lives, in seconds (3 days).
pub const LIVES_SECONDS: i64 = 3 * 24 * 60 * 60;

/// The answer of `media/upload`. It may come without errcode: the id is the success.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Uploaded {
    /// The kind of media: `image`.
    #[serde(default, rename = "type", deserialize_with = "tolerant::maybe_text")]
    pub kind: Option<String>,
    /// What it is called in other calls.
    #[serde(deserialize_with = "tolerant::string")]
    pub media_id: String,
    /// When it was uploaded, in unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub created_at: Option<i64>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_id_is_the_success() {
        let read = |body: Value| serde_json::from_value::<Uploaded>(body);
        let current = json!({"errcode": 0, "errmsg": "ok", "type": "image", "media_id": "m", "created_at": 1_672_500_000});
        let older =
            json!({"type": "image", "media_id": "m", "created_at": "1672500000", "item": []});
        assert_eq!(read(current).unwrap(), read(older).unwrap());
        for odd in [
            json!({"errcode": 0}),
            json!({"media_id": null}),
            json!({"mediaid": "m"}),
        ] {
            assert!(read(odd).is_err());
        }
    }
}
