//! What an account says of itself, which several resources compare with and the gate asks for.

use jiff::Timestamp;
use serde::Deserialize as _;

use crate::plan::{Person, Reason, Text, Waiting, Why};
use crate::resource::{Facts, Seen, View, payload};
use crate::wechat::basic_info::{
    self, BasicInfo, Changes, HeadImageInfo, NicknameInfo, Realname, SignatureInfo,
};
use crate::wechat::endpoint::Period;
use crate::wechat::{Answer, Call, avatar, nickname, signature};

/// The read, if it has not been made.
pub(super) fn needs(view: &View<'_>) -> Vec<Call> {
    view.unless_seen(basic_info::get_request(view.account()))
}

/// What the account says of itself.
pub(super) fn of(view: &View<'_>) -> Result<BasicInfo, Why> {
    read(view.facts, view.seen)
}

fn read(facts: &Facts, seen: &Seen) -> Result<BasicInfo, Why> {
    let read = basic_info::get_request(&facts.account);
    let info: BasicInfo = payload(&basic_info::GET, seen.get(&read))?;
    if info.appid.parse().is_ok_and(|said| said == facts.account) {
        Ok(info)
    } else {
        Err(Why::unreadable(
            basic_info::GET.name,
            "it is about another account",
        ))
    }
}

/// Why nothing may be changed of a mini-program whose principal WeChat has not checked: all that it would accept is
/// verification. Where the answer does not say, the calls themselves will.
pub(in crate::resource) fn objection(facts: &Facts, seen: &Seen) -> Option<Waiting> {
    let (zh, en) = match read(facts, seen).ok()?.realname()? {
        Realname::Passed | Realname::Unknown(_) => return None,
        Realname::InProgress => (
            "微信正在核验主体的实名信息，通过之前不能更改设置；请小程序管理员在公众平台查看进度",
            "WeChat is still checking who the principal is, and takes no changes before that: the mini-program's \
             administrator sees in WeChat's console (mp.weixin.qq.com) how far it is",
        ),
        Realname::Failed => (
            "主体的实名信息未通过微信核验，不能更改设置；请小程序管理员在公众平台重新提交",
            "WeChat could not confirm who the principal is and takes no changes: the mini-program's administrator \
             hands the data in again in WeChat's console (mp.weixin.qq.com)",
        ),
    };
    Some(Waiting::new(
        Reason::RealnamePending,
        Person::AppAdmin,
        Text::new(zh, en),
    ))
}

/// What is missing from an answer is not known, and never nothing.
pub(super) fn not_said(part: &str) -> Why {
    Why::unreadable(
        basic_info::GET.name,
        &format!("it does not say what is there (`{part}`)"),
    )
}

/// A wait where WeChat says that no change is left in this period.
pub(super) fn used_up(
    changes: Option<Changes>,
    period: Period,
    now: Timestamp,
    what: &Text,
) -> Option<Waiting> {
    let changes = changes.filter(|changes| changes.left() == 0)?;
    let (_, ends_at) = period.around(now);
    let Changes { used, quota } = changes;
    let mut waiting = Waiting::new(
        Reason::QuotaUsedUp,
        Person::Nobody,
        Text::new(
            format!("{}已改过 {used} 次，微信只允许 {quota} 次", what.zh),
            format!(
                "{} was changed {used} times, and WeChat allows {quota}",
                what.en
            ),
        ),
    );
    waiting.until = Some(ends_at);
    Some(waiting)
}

/// How often something was changed, said before it is changed once more.
pub(super) fn budget(changes: Changes, period: Period) -> Text {
    let Changes { used, quota } = changes;
    let (zh, en) = match period {
        Period::Day => ("今天", "today"),
        Period::Month => ("本月", "this month"),
        Period::Year => ("今年", "this year"),
    };
    Text::new(
        format!("{zh}已改 {used} 次，共 {quota} 次"),
        format!("{used} of {quota} changes made {en}"),
    )
}

/// How often WeChat has counted what a call changes of a profile, where it was read.
#[must_use]
pub fn counted(call: &Call, seen: &Seen) -> Option<Changes> {
    let of = [
        nickname::SET.name,
        avatar::MODIFY.name,
        signature::MODIFY.name,
    ];
    if !of.contains(&call.endpoint.name) {
        return None;
    }
    let Some(Answer::Done(body)) = seen.get(&basic_info::get_request(&call.subject)) else {
        return None;
    };
    let info = BasicInfo::deserialize(body).ok()?;
    if call.endpoint == &nickname::SET {
        info.nickname_info.as_ref().map(NicknameInfo::changes)
    } else if call.endpoint == &avatar::MODIFY {
        info.head_image_info.as_ref().map(HeadImageInfo::changes)
    } else {
        info.signature_info.as_ref().map(SignatureInfo::changes)
    }
}
