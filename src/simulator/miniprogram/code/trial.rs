//! Reading the trial version (体验版): its pages, and the code by which testers open it.
//!
//! developers.weixin.qq.com: 第三方平台 / 获取已上传的代码页面列表, 获取体验版二维码.

use serde_json::json;

use super::picture;
use super::state::CodeVersion;
use crate::simulator::answer::{File, Outcome, Refusal, fields, ok};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::own;

/// The trial version; where nothing was uploaded there is none.
pub(super) fn trial<'a>(call: &'a Call<'_>) -> Result<&'a CodeVersion, Refusal> {
    let code = &own(call)?.mini_program.code;
    code.trial.as_ref().ok_or(Refusal(86001))
}

/// `wxa/get_page`
pub(in crate::simulator) fn pages(call: &mut Call<'_>) -> Outcome {
    let pages = &trial(call)?.code.pages;
    let mut answer = ok();
    answer.insert("page_list".to_owned(), json!(pages));
    Ok(answer)
}

/// `wxa/get_qrcode`: bytes, another picture for each version and each path.
pub(in crate::simulator) fn qr_code(call: &mut Call<'_>) -> Outcome {
    let version = trial(call)?;
    let path = call.parameter("path").unwrap_or_default();
    let (account, of) = (&call.account, &version.user_version);
    let text = format!("{account} {of} {} {path}", version.committed_at);
    call.file = Some(File {
        content_type: "image/jpeg",
        name: "qrcode.jpg".to_owned(),
        bytes: picture::jpeg(&text),
    });
    Ok(fields([]))
}
