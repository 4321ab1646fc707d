//! Temporary media (临时素材): what an upload answers.
//!
//! A media id lives for 3 days and works for the account alone whose token uploaded it. Review material
//! (`wxa/uploadmedia`) has ids of its own, spelled `mediaid`, and neither kind works in place of the other.
//! WeChat's page: developers.weixin.qq.com, `api_uploadtempmedia`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Unreadable, read_payload};
use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;
use super::{code, privacy};

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

/// Uploads a file for `account` and no other, in one of the ways there are: their ids are not interchangeable. The file goes
/// beside the call.
#[must_use]
pub fn upload_request(by: &'static Endpoint, account: &Appid) -> Call {
    if by == &UPLOAD {
        Call::new(by, account.clone(), &json!({"type": "image"}))
    } else {
        Call::bare(by, account.clone())
    }
}

/// The part of an upload's form that holds the file. `None`: it is no upload.
#[must_use]
pub fn part(by: &Endpoint) -> Option<&'static str> {
    if [&UPLOAD, &code::UPLOAD].contains(&by) {
        Some("media")
    } else {
        (by == &privacy::UPLOAD).then_some(privacy::PART)
    }
}

/// The id that an upload has answered: spelled otherwise by each, and of the privacy guide a number that some read as one.
///
/// # Errors
/// [`Unreadable`] where there is none.
pub fn id_of(by: &'static Endpoint, body: &Value) -> Result<String, Unreadable> {
    #[derive(Deserialize)]
    struct Answered {
        #[serde(
            alias = "mediaid",
            alias = "ext_file_media_id",
            deserialize_with = "tolerant::string"
        )]
        media_id: String,
    }
    Ok(read_payload::<Answered>(by, body)?.media_id)
}

/// How long a media id lives, in seconds (3 days).
pub const LIVES_SECONDS: i64 = 3 * 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_success_however_it_is_spelled() {
        let id = |by: &'static Endpoint, body: Value| id_of(by, &body).ok();
        let current = json!({"errcode": 0, "errmsg": "ok", "type": "image", "media_id": "m", "created_at": 1_672_500_000});
        let older =
            json!({"type": "image", "media_id": "m", "created_at": "1672500000", "item": []});
        assert_eq!(id(&UPLOAD, current).as_deref(), Some("m"));
        assert_eq!(id(&UPLOAD, older).as_deref(), Some("m"));
        assert_eq!(
            id(&code::UPLOAD, json!({"mediaid": "a"})).as_deref(),
            Some("a")
        );
        let guide = json!({"ext_file_media_id": "2112311471891169280"});
        assert_eq!(
            id(&privacy::UPLOAD, guide).as_deref(),
            Some("2112311471891169280")
        );
        let number = json!({"ext_file_media_id": 2_112_311_471_891_169_280_i64});
        assert_eq!(
            id(&privacy::UPLOAD, number).as_deref(),
            Some("2112311471891169280")
        );
        for odd in [
            json!({"errcode": 0}),
            json!({"media_id": null}),
            json!({"id": "m"}),
        ] {
            assert_eq!(id(&UPLOAD, odd), None);
        }
        assert_eq!(part(&code::LATEST), None);
    }
}
