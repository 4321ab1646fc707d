//! What WeChat accepted and no read has shown: held, and said. Pure.
//!
//! Writing it again would not help, and what is there is no drift: nobody but WeChat is at odds with the manifest. The
//! hold ends when a read shows it, when the manifest or WeChat's value changes, or when a person says how it is.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::registry::Managed;
use super::{ResourceRecord, Unseen};
use crate::plan::text::shell_word;
use crate::plan::{Action, Change, Digest, Hold, Person, Reason, Step, Text, Verdict, Waiting};
use crate::wechat::calendar::second;

/// The write of the same desired state that no read has shown, if there is one.
pub(super) fn of<'a>(record: &'a ResourceRecord, desired: Option<&Digest>) -> Option<&'a Unseen> {
    let unseen = record.unseen.as_ref();
    unseen.filter(|unseen| unseen.sent.as_ref() == desired)
}

/// What becomes of the very step that was accepted and had no effect that shows. `None`: it is another step.
pub(super) fn held(unseen: &Unseen, step: &Step, resource: &dyn Managed) -> Option<Verdict> {
    if unseen.changes != Change::digest(&step.changes) {
        return None;
    }
    if let Some(at) = unseen.resolved_at {
        return Some(Verdict::Suppressed {
            why: resolved(unseen, at),
            changes: step.changes.clone(),
        });
    }
    let Text { mut zh, mut en } = text(unseen);
    if let Some(because) = resource.not_shown_because() {
        zh.push_str(&format!("；{}", because.zh));
        en.push_str(&format!("; {}", because.en));
    }
    Some(Verdict::Waiting(Waiting::new(
        Reason::NotShown,
        Person::Operator,
        Text::new(zh, en),
    )))
}

/// While something that WeChat accepted is not shown, nothing undeclared of the same resource is deleted: it may be just
/// that, under a name nobody knows it by.
pub(super) fn spare(verdicts: &mut BTreeMap<String, Verdict>) {
    let not_shown = |verdict: &Verdict| matches!(verdict, Verdict::Waiting(waiting) if waiting.reason == Reason::NotShown);
    let Some(first) = verdicts.iter().find(|(_, verdict)| not_shown(verdict)) else {
        return;
    };
    let first = first.0.clone();
    for (_, verdict) in verdicts.iter_mut().filter(|(key, _)| !key.is_empty()) {
        let Verdict::Step(step) = verdict else {
            continue;
        };
        if step.action == Action::Delete && step.hold.is_none() {
            step.hold = Some(Hold {
                reason: Reason::AfterAnotherStep,
                text: Text::new(
                    format!("{first} 尚未查询到，未声明的内容可能就是它，因此暂不删除"),
                    format!(
                        "{first} is not shown yet, and this may be it: nothing undeclared is deleted before"
                    ),
                ),
                command: None,
            });
        }
    }
}

/// What is said of it.
fn text(unseen: &Unseen) -> Text {
    let Unseen {
        op,
        answer,
        at,
        read_at,
        sent: _,
        changes: _,
        resolved_at: _,
    } = unseen;
    let at = second(*at);
    let (read_zh, read_en) = match read_at {
        Some(read_at) => (
            format!("{} 查询", second(*read_at)),
            format!("a read at {}", second(*read_at)),
        ),
        None => ("之后查询".to_owned(), "a read since".to_owned()),
    };
    let way_out = format!("wxops op resolve {} --as not-done|done", shell_word(op));
    Text::new(
        format!(
            "微信于 {at} {}；{read_zh}仍未生效，因此不会再次发送。请在公众平台核对，再执行：{way_out}（not-done：再次发送；done：视为已生效）",
            answer.zh
        ),
        format!(
            "WeChat {} at {at}, but {read_en} does not show it, so it is not sent again: look in WeChat's console, then \
             {way_out} (not-done sends it again, done takes it for done)",
            answer.en
        ),
    )
}

fn resolved(unseen: &Unseen, at: Timestamp) -> Text {
    let at = second(at);
    let answer = &unseen.answer;
    Text::new(
        format!("微信{}，查询不到；已由人工于 {at} 确认生效", answer.zh),
        format!(
            "WeChat {} and does not show it; a person said at {at} that it took effect",
            answer.en
        ),
    )
}
