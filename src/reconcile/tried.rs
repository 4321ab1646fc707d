//! What was tried and came to nothing, and is not for wxops to try again: an operation that a probe has refuted twice,
//! and whatever WeChat answered with an errcode that is in no table.
//!
//! Both wait for a person: `wxops op resolve`, or a manifest that says something else.

use super::operation::op_key;
use super::{Desired, Observer};
use crate::plan::text::shell_word;
use crate::plan::{Person, Reason, Text, Waiting};
use crate::store::JournalError;
use crate::store::journal::Held;
use crate::wechat::Call;
use crate::wechat::registration::registered_for;

/// What the tenant's manifest says, as a digest: where that changes, somebody has acted. Whether a mini-program was
/// registered no change of a manifest tells, so of a registration it is whom it is for.
pub(super) fn wanted(desired: &Desired, call: &Call) -> String {
    registered_for(call).unwrap_or_else(|| desired.declared().to_string())
}

/// The wait that stands in place of a step that is not to be tried again.
pub(super) async fn held(
    observer: &Observer,
    desired: &Desired,
    call: &Call,
) -> Result<Option<Waiting>, JournalError> {
    let key = op_key(call);
    let look = observer.journal.look(&key).await?;
    let wanted = wanted(desired, call);
    let Some(held) = look.doc().and_then(|doc| doc.held(&wanted)) else {
        return Ok(None);
    };
    let text = text(call.endpoint.name, held);
    let op = shell_word(&key.to_string());
    let command = format!("wxops op resolve {op} --as not-done");
    let text = match registered_for(call) {
        Some(item) => Text::new(
            format!(
                "{}。它可能已经注册，只是没有关联：请公众号管理员在微信公众平台或主体名下的小程序中查看；如果已注册，请执行 wxops claim take {item} APPID；如果没有，可再试一次：{command}",
                text.zh
            ),
            format!(
                "{}. It may have been registered all the same, and not linked: have the official account's administrator look \
                 at the principal's mini-programs. If it is there: wxops claim take {item} APPID. If not, it may be tried once \
                 more: {command}",
                text.en
            ),
        ),
        None => Text::new(
            format!(
                "{}，请先核实原因；修改配置，或允许再试一次：{command}",
                text.zh
            ),
            format!(
                "{}: find out why, then change the manifest, or let it be tried once more: {command}",
                text.en
            ),
        ),
    };
    Ok(Some(Waiting::new(
        Reason::HeldAfterTrying,
        Person::Operator,
        text,
    )))
}

fn text(name: &str, held: Held) -> Text {
    match held {
        Held::Refuted(times) => Text::new(
            format!("{name} 已连续 {times} 次没有可靠的应答且经查询未生效，不再自动重试"),
            format!(
                "{name} got no reliable answer and had no effect {times} times in a row, so it is not tried again"
            ),
        ),
        Held::UnknownCode(code) => Text::new(
            format!("{name} 返回了未知的错误码 {code}，不再自动重试"),
            format!(
                "{name} was answered with {code}, a code that is not known, so it is not sent again"
            ),
        ),
    }
}
