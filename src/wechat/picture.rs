//! Answers that are a picture: QR codes, and screenshots of what reviewers found. WeChat tells them from a refusal, which is
//! JSON, by their content type.

use base64::engine::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::Call;
use super::code;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;

/// `getMaterial` (获取永久素材): one that WeChat made, a screenshot for example.
pub static MATERIAL: Endpoint = Endpoint {
    name: "material/get_material",
    path: "/cgi-bin/material/get_material",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[],
    quotas: &[],
};

/// Behind the mark of its end a picture may have so many bytes more.
const TAIL: usize = 1 << 10;

/// Most bytes of a picture.
pub const LARGEST: usize = 10 << 20;

/// Asks for a material.
#[must_use]
pub fn material_request(account: &Appid, media_id: &str) -> Call {
    Call::new(&MATERIAL, account.clone(), &json!({"media_id": media_id}))
}

/// Asks for the QR code of the trial version: of a page of it, where one is named.
#[must_use]
pub fn qr_code_request(account: &Appid, page: Option<&str>) -> Call {
    match page {
        Some(page) => Call::new(&code::QR_CODE, account.clone(), &json!({"path": page})),
        None => Call::bare(&code::QR_CODE, account.clone()),
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its content type: `image/jpeg`.
    pub kind: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// Whether an endpoint answers so.
    #[must_use]
    pub fn is_answer_of(endpoint: &Endpoint, content_type: &str) -> bool {
        [&MATERIAL, &code::QR_CODE].contains(&endpoint)
            && ["image/", "video/", "application/octet-stream"]
                .iter()
                .any(|kind| content_type.starts_with(kind))
    }

    /// The picture as an answer.
    #[must_use]
    pub fn to_answer(&self) -> Value {
        json!({"contentType": self.kind, "base64": STANDARD.encode(&self.bytes)})
    }

    /// The picture of an answer. `None`: it is none, or its end is missing.
    #[must_use]
    pub fn of_answer(answer: &Value) -> Option<Self> {
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let picture = Self {
            kind: text("contentType")?.to_owned(),
            bytes: STANDARD.decode(text("base64")?).ok()?,
        };
        picture.is_whole().then_some(picture)
    }

    /// Whether a JPEG or a PNG has its end. Of other kinds nothing is known.
    fn is_whole(&self) -> bool {
        let ends = |mark: &[u8]| {
            let last = self.bytes.len().saturating_sub(TAIL);
            let tail = self.bytes.get(last..).unwrap_or_default();
            tail.windows(mark.len()).any(|part| part == mark)
        };
        if self.bytes.starts_with(b"\xff\xd8") {
            ends(b"\xff\xd9")
        } else if self.bytes.starts_with(b"\x89PNG") {
            ends(b"IEND")
        } else {
            !self.bytes.is_empty()
        }
    }

    /// The usual ending of its kind.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        let kind = self.kind.split(';').next().unwrap_or_default().trim();
        match kind {
            "image/png" => "png",
            "image/gif" => "gif",
            "video/mp4" => "mp4",
            _ => "jpg",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_goes_through_an_answer_byte_for_byte() {
        let picture = Picture {
            kind: "image/png; charset=x".to_owned(),
            bytes: vec![0x89, 0, 0xff],
        };
        assert_eq!(
            Picture::of_answer(&picture.to_answer()),
            Some(picture.clone())
        );
        assert_eq!(picture.ending(), "png");
        let cut = Picture {
            kind: "image/jpeg".to_owned(),
            bytes: b"\xff\xd8\xff\xe0\x00\x10JFIF".to_vec(),
        };
        assert_eq!(Picture::of_answer(&cut.to_answer()), None);
        let whole = Picture {
            bytes: [&cut.bytes[..], b"\xff\xd9"].concat(),
            ..cut
        };
        assert_eq!(Picture::of_answer(&whole.to_answer()), Some(whole));
        assert_eq!(Picture::of_answer(&json!({"errcode": 0})), None);
        assert!(Picture::is_answer_of(&code::QR_CODE, "image/jpeg"));
        assert!(!Picture::is_answer_of(&code::QR_CODE, "application/json"));
        assert!(!Picture::is_answer_of(&code::LATEST, "image/jpeg"));
    }
}
