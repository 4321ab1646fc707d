//! What came of looking for a confirm file (校验文件) where WeChat will, as people are told.

use crate::plan::Text;
use crate::wechat::domain::Reached;

/// What came instead of the file, as the end of a sentence on what should have. `None`: it is there, as far as is known.
pub(super) fn instead(came: &Reached) -> Option<Text> {
    match came {
        Reached::Served | Reached::Assumed => None,
        Reached::OtherContent => Some(Text::new("返回的却是别的内容", "gave something else")),
        Reached::Status(status) => Some(Text::new(
            format!("返回的却是 HTTP {status}"),
            format!("gave HTTP status {status}"),
        )),
        Reached::Failed(why) => Some(Text::new(
            format!("却没有应答（{why}）"),
            format!("gave no answer ({why})"),
        )),
    }
}
