//! `component/uploadprivacyextfile`: a text of the owner's own, in place of a guide.
//!
//! developers.weixin.qq.com: 第三方平台 / 上传小程序用户隐私保护指引文件.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::state::PrivacyFile;
use crate::simulator::answer::{Outcome, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::media::hexadecimal;
use crate::simulator::miniprogram::own::own_mut;

/// Largest text.
const LARGEST: usize = 100 << 10;
/// Where ids begin: beyond what a double holds.
const FIRST: u64 = 2_112_311_471_891_169_280;

/// `component/uploadprivacyextfile`
pub(in crate::simulator) fn upload(call: &mut Call<'_>) -> Outcome {
    if call.account.is_empty() {
        return refuse(48001);
    }
    let file = call.parts.iter().find(|part| part.name == "file");
    let name = file.and_then(|file| file.file_name.as_deref());
    let (Some(file), Some(name)) = (file.filter(|file| !file.bytes.is_empty()), name) else {
        return refuse(41005);
    };
    if !name.to_ascii_lowercase().ends_with(".txt") {
        return refuse(40006);
    }
    if file.bytes.len() > LARGEST {
        return refuse(40126);
    }
    let (sha256, size) = (
        hexadecimal(&Sha256::digest(&file.bytes)),
        file.bytes.len() as u64,
    );
    let as_number = call.state.switches.privacy_file_id_is_number;
    let files = &mut own_mut(call)?.mini_program.privacy.files;
    let last = files.iter().map(|file| file.id).max();
    let id = last.map_or(FIRST, |last| last.saturating_add(1));
    files.push(PrivacyFile { id, sha256, size });
    call.effect = true;
    let shown = match as_number {
        true => json!(id),
        false => json!(id.to_string()),
    };
    let mut answer = ok();
    answer.insert("ext_file_media_id".to_owned(), shown);
    Ok(answer)
}
