//! Temporary media (临时素材): `media/upload` and `media/get`, and what other APIs make of an id.
//!
//! developers.weixin.qq.com: 公众号 / 素材管理. Kept are digests, never the bytes: every call looks at the whole
//! state, and a stale read at an older one. So a download is a small picture that stands in for what was uploaded.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::{File, Outcome, Refusal, fields, refuse};
use super::credential::{after, new_media_id};
use super::endpoint::Call;
use super::media_file::Media;
use super::state::State;

/// How long an id lives.
const LIFE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Most ids remembered, dead ones included.
const REMEMBERED: usize = 10_000;

/// Why an id is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoMedia {
    /// Nobody knows it, or it is another account's, or of another kind.
    Invalid,
    /// It was one, more than three days ago.
    Gone,
}

/// A kind of media: the name, the most bytes, and how its files begin.
type KindOf = (&'static str, usize, &'static [&'static [u8]]);

const KINDS: [KindOf; 4] = [
    ("image", 10 << 20, IMAGES),
    (
        "voice",
        2 << 20,
        &[b"#!AMR", b"ID3", b"\xff\xfb", b"\xff\xf3"],
    ),
    ("video", 10 << 20, &[]),
    ("thumb", 64 << 10, &[b"\xff\xd8\xff"]),
];

const IMAGES: &[&[u8]] = &[b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM"];

/// Largest body an upload may have: the largest file, and a form around it.
pub(super) const LARGEST: usize = (10 << 20) + (1 << 20);

/// `media/upload`
pub(super) fn upload(call: &mut Call<'_>) -> Outcome {
    let asked = call.parameter("type").unwrap_or_default();
    let kind = KINDS.iter().find(|(name, _, _)| *name == asked);
    let Some((kind, largest, beginnings)) = kind else {
        return refuse(40004);
    };
    let file = call.parts.iter().find(|part| part.name == "media");
    let Some(file) = file.filter(|part| part.file_name.is_some() && !part.bytes.is_empty()) else {
        return refuse(41005);
    };
    let largest = match *kind {
        "image" => call.state.switches.media_image_bytes,
        _ => *largest,
    };
    if file.bytes.len() > largest {
        return refuse(40006);
    }
    let fits = |beginning: &&[u8]| file.bytes.starts_with(beginning);
    if !beginnings.is_empty() && !beginnings.iter().any(fits) {
        return refuse(40005);
    }
    let media = Media {
        media_id: new_media_id(),
        account: call.account.clone(),
        kind: (*kind).to_owned(),
        for_audit: false,
        sha256: hexadecimal(&Sha256::digest(&file.bytes)),
        size: file.bytes.len() as u64,
        uploaded_at: call.now,
    };
    let mut answer = fields([
        ("type", json!(kind)),
        ("media_id", json!(media.media_id)),
        ("created_at", json!(call.now.as_second())),
        ("item", json!([])),
    ]);
    if call.state.switches.upload_says_errcode {
        answer.insert("errcode".to_owned(), Value::from(0));
        answer.insert("errmsg".to_owned(), Value::from("ok"));
    }
    call.state.remember(media);
    call.effect = true;
    Ok(answer)
}

/// `media/get`: bytes, not JSON.
pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    let Some(media_id) = call.parameter("media_id") else {
        return refuse(41006);
    };
    let media = call.state.media_of(&call.account, media_id, call.now);
    let media = media.map_err(|_| Refusal(40007))?;
    if media.kind == "video" {
        let url = format!("http://mp.weixin.qq.com/mp/mp/video?media_id={media_id}");
        return Ok(fields([("video_url", json!(url))]));
    }
    call.file = Some(File {
        content_type: "image/png",
        name: format!("{media_id}.png"),
        bytes: PICTURE.to_vec(),
    });
    Ok(fields([]))
}

impl State {
    /// The media an account means by an id, while it lives.
    pub(super) fn media_of(
        &self,
        account: &str,
        media_id: &str,
        now: Timestamp,
    ) -> Result<&Media, NoMedia> {
        let found = self.media.get(media_id);
        let own = found.filter(|media| media.account == account && !media.for_audit);
        let media = own.ok_or(NoMedia::Invalid)?;
        if after(media.uploaded_at, LIFE) <= now {
            return Err(NoMedia::Gone);
        }
        Ok(media)
    }

    /// The same for a picture.
    pub(super) fn picture_of(
        &self,
        account: &str,
        media_id: &str,
        now: Timestamp,
    ) -> Result<&Media, NoMedia> {
        let media = self.media_of(account, media_id, now)?;
        match media.kind.as_str() {
            "image" => Ok(media),
            _ => Err(NoMedia::Invalid),
        }
    }

    /// What was uploaded for a review of code, while it lives.
    pub(super) fn audit_media_of(
        &self,
        account: &str,
        media_id: &str,
        now: Timestamp,
    ) -> Option<&Media> {
        let found = self.media.get(media_id);
        let own = found.filter(|media| media.account == account && media.for_audit);
        own.filter(|media| now < after(media.uploaded_at, LIFE))
    }

    pub(super) fn remember(&mut self, media: Media) {
        if self.media.len() >= REMEMBERED {
            let oldest = self.media.values().min_by_key(|media| media.uploaded_at);
            if let Some(oldest) = oldest.map(|media| media.media_id.clone()) {
                self.media.remove(&oldest);
            }
        }
        self.media.insert(media.media_id.clone(), media);
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A grey point.
pub(super) const PICTURE: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9bU\x00\x00\x00\x0aIDATx\xdach\x00\x00\x00\x82\x00\x81\xdaE\x08\x3b\x00\x00\x00\x00IEND\xaeB\x60\x82";
