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

/// What the tenant's manifest says, as a digest: where that changes, somebody has acted.
pub(super) fn wanted(desired: &Desired) -> String {
    desired.declared().to_string()
}

/// The wait that stands in place of a step that is not to be tried again.
pub(super) async fn held(
    observer: &Observer,
    call: &Call,
    wanted: &str,
) -> Result<Option<Waiting>, JournalError> {
    let key = op_key(call);
    let look = observer.journal.look(&key).await?;
    let Some(held) = look.doc().and_then(|doc| doc.held(wanted)) else {
        return Ok(None);
    };
    let text = text(call.endpoint.name, held);
    let op = shell_word(&key.to_string());
    let command = format!("wxops op resolve {op} --as not-done");
    Ok(Some(Waiting::new(
        Reason::HeldAfterTrying,
        Person::Operator,
        Text::new(
            format!(
                "{}，请先核实原因；修改配置，或允许再试一次：{command}",
                text.zh
            ),
            format!(
                "{}: find out why, then change the manifest, or let it be tried once more: {command}",
                text.en
            ),
        ),
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
