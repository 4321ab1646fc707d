//! Confirm files of webview domains: what the hosts of mini-programs must serve.

use serde::{Deserialize, Serialize};

use crate::store::doc::Doc;
use crate::wechat::Appid;

/// `confirm/<file name>`: a confirm file (校验文件) as WeChat gave it. Losing it costs another question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmDoc {
    /// Whose webview domains it is for.
    pub account: Appid,
    /// What the file holds, to the byte.
    pub content: String,
}

impl Doc for ConfirmDoc {}
