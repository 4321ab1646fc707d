//! `wxa/uploadmedia`: pictures and films that a reviewer of code is to see. Their ids are of no use elsewhere, nor are
//! others' here.
//!
//! developers.weixin.qq.com: 第三方平台 / 上传提审素材.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::simulator::answer::{Outcome, fields, ok, refuse};
use crate::simulator::credential::new_media_id;
use crate::simulator::endpoint::Call;
use crate::simulator::media::hexadecimal;
use crate::simulator::media_file::Media;

/// Largest picture and largest film.
const LARGEST: (usize, usize) = (2 << 20, 10 << 20);
const PICTURES: [&[u8]; 3] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8"];

/// `wxa/uploadmedia`
pub(in crate::simulator) fn upload(call: &mut Call<'_>) -> Outcome {
    let file = call.parts.iter().find(|part| part.name == "media");
    let Some(file) = file.filter(|part| part.file_name.is_some() && !part.bytes.is_empty()) else {
        return refuse(41005);
    };
    let begins = |beginning: &&[u8]| file.bytes.starts_with(beginning);
    let is_film = file.bytes.get(4..8) == Some(b"ftyp");
    let (kind, largest) = if PICTURES.iter().any(begins) {
        ("image", LARGEST.0)
    } else if is_film {
        ("video", LARGEST.1)
    } else {
        return refuse(40005);
    };
    if file.bytes.len() > largest {
        return refuse(40006);
    }
    let media = Media {
        media_id: new_media_id(),
        account: call.account.clone(),
        kind: kind.to_owned(),
        for_audit: true,
        sha256: hexadecimal(&Sha256::digest(&file.bytes)),
        size: file.bytes.len() as u64,
        uploaded_at: call.now,
    };
    let mut answer = ok();
    answer.extend(fields([
        ("type", Value::from(kind)),
        ("mediaid", json!(media.media_id)),
    ]));
    call.state.remember(media);
    call.effect = true;
    Ok(answer)
}
