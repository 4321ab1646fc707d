//! What is said while nothing is to be done about code: who must act, and what follows.

use jiff::{SignedDuration, Timestamp};

use super::machine::Again;
use crate::plan::{Person, Reason, Text, Waiting, Why};
use crate::resource::app::odd_status;
use crate::wechat::calendar::minute;
use crate::wechat::code::{Audit, Left};
use crate::wechat::endpoint::Period;

/// WeChat looks at new code for a minute at least, by its own words.
const DETECTION: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn wait(reason: Reason, who: Person, zh: String, en: String) -> Waiting {
    Waiting::new(reason, who, Text::new(zh, en))
}

/// The commit comes first.
pub(super) fn after_commit(version: &str) -> Waiting {
    wait(
        Reason::AfterAnotherStep,
        Person::Nobody,
        format!(
            "{version} 上传后：微信做隐私检测（约 1 分钟），提交审核（占用平台 1 次提审额度，最长 7 个工作日），通过后发布"
        ),
        format!(
            "once {version} is committed: WeChat looks at it (about a minute), it is submitted (one of the platform's audits, \
             up to 7 working days), and released when it has passed"
        ),
    )
}

/// The submission comes first.
pub(super) fn after_submit(version: &str) -> Waiting {
    wait(
        Reason::AfterAnotherStep,
        Person::Nobody,
        format!("{version} 提交审核后：微信审核（最长 7 个工作日），通过后发布"),
        format!(
            "once {version} is submitted: WeChat reviews it (up to 7 working days), and it is released when it has passed"
        ),
    )
}

/// It passed, and cannot go online before the mini-program is filed.
pub(super) fn passed_and_not_filed(version: &str) -> Waiting {
    wait(
        Reason::AfterAnotherStep,
        Person::Nobody,
        format!("{version} 已通过审核，小程序备案完成后发布"),
        format!(
            "{version} has passed its review, and is released once the mini-program is filed (小程序备案)"
        ),
    )
}

/// WeChat looks at the trial version.
pub(super) fn detecting(version: &str, now: Timestamp) -> Waiting {
    let mut waiting = wait(
        Reason::DetectionRunning,
        Person::Wechat,
        format!(
            "微信正在对 {version} 做隐私检测，通常约 1 分钟，也可能数小时；不会重新上传（重新上传会重新检测）"
        ),
        format!(
            "WeChat looks at {version} for privacy APIs: a minute as a rule, hours at times; it is not committed again, which \
             would begin that anew"
        ),
    );
    waiting.until = now.checked_add(DETECTION).ok();
    waiting.then(Text::new("提交审核", "submit it for review"))
}

/// It is reviewed.
pub(super) fn under_review(version: &str, audit: Option<&Audit>, delayed: bool) -> Waiting {
    let (zh, en) = match audit
        .and_then(|audit| audit.reason.as_deref())
        .filter(|_| delayed)
    {
        Some(reason) => {
            let reason = plain(reason);
            (
                format!("；微信表示需要更长时间：{reason}"),
                format!("; WeChat says that it takes longer: {reason}"),
            )
        }
        None if delayed => (
            "；微信表示需要更长时间".to_owned(),
            "; WeChat says that it takes longer".to_owned(),
        ),
        None => (String::new(), String::new()),
    };
    let (since_zh, since_en) = since(audit);
    wait(
        Reason::UnderReview,
        Person::Wechat,
        format!("{version} 正在审核（最长 7 个工作日）{since_zh}{zh}"),
        format!("WeChat reviews {version} (up to 7 working days){since_en}{en}"),
    )
    .then(Text::new("通过后发布", "release it when it has passed"))
}

fn since(audit: Option<&Audit>) -> (String, String) {
    let time = audit.and_then(|audit| audit.submit_audit_time);
    match time.and_then(|time| Timestamp::from_second(time).ok()) {
        Some(time) => {
            let time = minute(time);
            (format!("，提交于 {time}"), format!(", submitted {time}"))
        }
        None => (String::new(), String::new()),
    }
}

/// The manifest wants it left alone.
pub(super) fn on_hold(version: &str) -> Waiting {
    wait(
        Reason::OnHold,
        Person::Operator,
        format!("code.hold 为 true：{version} 不上传、不提审、不发布，直到去掉 hold"),
        format!(
            "`code.hold` is true: {version} is not committed, submitted or released before that is taken out"
        ),
    )
}

/// Something else is reviewed.
pub(super) fn another_audit(version: &str, audit: Option<&Audit>) -> Waiting {
    let (since_zh, since_en) = since(audit);
    wait(
        Reason::AnotherAudit,
        Person::Wechat,
        format!(
            "微信正在审核另一个版本（{version}）{since_zh}，同一时间只能审核一个；等待其结束，或批准撤回（每天 5 次、每月 10 次，不退回提审额度）"
        ),
        format!(
            "WeChat reviews another version ({version}){since_en}, and takes one at a time: it is waited for, unless somebody \
             says yes to withdrawing it (5 a day, 10 a month, and no audit is given back)"
        ),
    )
}

/// It ended without coming online, and is not submitted again by itself.
pub(super) fn again(version: &str, again: Again, audit: Option<&Audit>) -> Waiting {
    let reason = audit.and_then(|audit| audit.reason.as_deref()).map(plain);
    let reason = reason
        .filter(|reason| !reason.is_empty())
        .unwrap_or_else(|| "-".to_owned());
    let shots = audit.map_or(0, |audit| audit.screenshots().len());
    let (shots_zh, shots_en) = if shots > 0 {
        (
            format!("；截图 {shots} 张：wxops audit screenshots 租户名 --out 目录"),
            format!("; {shots} screenshots: wxops audit screenshots TENANT --out DIR"),
        )
    } else {
        (String::new(), String::new())
    };
    match again {
        Again::Refused => wait(
            Reason::AuditRefused,
            Person::Operator,
            format!(
                "{version} 的审核被驳回：{reason}{shots_zh}。不会自动再次提交：请按原因修改代码后换用新模板，或批准再次提交（占用平台 1 次提审额度）"
            ),
            format!(
                "WeChat refused {version}: {reason}{shots_en}. It is not submitted again by itself: mend the code and name its \
                 new template, or say yes to submitting the same once more (one of the platform's audits)"
            ),
        ),
        Again::Withdrawn => wait(
            Reason::TakenBack,
            Person::Operator,
            format!(
                "{version} 的审核已被撤回。不会自动再次提交：请批准再次提交（占用平台 1 次提审额度），或在配置中写另一个版本"
            ),
            format!(
                "the audit of {version} was withdrawn. It is not submitted again by itself: say yes to that (one of the \
                 platform's audits), or name another version in the manifest"
            ),
        ),
        Again::Before => wait(
            Reason::TakenBack,
            Person::Operator,
            format!(
                "{version} 此前提交过审核，结果不明或未通过。不会自动再次提交：请在公众平台核对，再批准再次提交（占用平台 1 次提审额度），或在配置中写另一个版本"
            ),
            format!(
                "{version} was submitted before, and did not pass or nobody knows. It is not submitted again by itself: look in \
                 WeChat's console, then say yes to that (one of the platform's audits), or name another version in the manifest"
            ),
        ),
        Again::RolledBack => wait(
            Reason::TakenBack,
            Person::Operator,
            format!(
                "{version} 已发布过，此后线上回退到了另一个版本。不会自动再次发布：请在配置中写线上的版本，或批准再次提交审核（占用平台 1 次提审额度）"
            ),
            format!(
                "{version} was released, and another version was gone back to since. It is not brought back by \
                 itself: name the version that is online in the manifest, or say yes to submitting this one once more (one of \
                 the platform's audits)"
            ),
        ),
    }
}

/// It was refused, by WeChat's push alone.
pub(super) fn told_refused(reason: Option<&str>) -> Waiting {
    let reason = reason.map(plain).filter(|reason| !reason.is_empty());
    let reason = reason.unwrap_or_else(|| "-".to_owned());
    wait(
        Reason::AuditRefused,
        Person::Operator,
        format!(
            "代码的审核被驳回：{reason}。不会自动再次提交；截图：wxops audit screenshots 租户名 --out 目录"
        ),
        format!(
            "WeChat refused the code: {reason}. It is not submitted again by itself; its screenshots: wxops audit screenshots \
             TENANT --out DIR"
        ),
    )
}

/// The manifest allows it at other times alone.
pub(super) fn closed(version: &str, submits: bool, until: Timestamp) -> Waiting {
    let (zh, en) = if submits {
        (
            format!("{version} 可以提交审核，但现在不在 windows.submit 允许的时间段"),
            format!("{version} is ready to be submitted, outside the times of `windows.submit`"),
        )
    } else {
        (
            format!("{version} 可以发布，但现在不在 windows.release 允许的时间段"),
            format!("{version} is ready to be released, outside the times of `windows.release`"),
        )
    };
    let mut waiting = wait(Reason::OutsideWindow, Person::Nobody, zh, en);
    waiting.until = Some(until);
    waiting
}

/// What is to go online.
pub(super) fn passed(version: &str) -> Text {
    Text::new(
        format!("{version} 已通过审核"),
        format!("{version} has passed its review"),
    )
}

/// What is left of the platform's audits.
pub(super) fn left(left: Option<Left>) -> Option<Text> {
    let Left { used, limit } = left?;
    Some(Text::new(
        format!("平台本月提审额度：已用 {used} 次，共 {limit} 次"),
        format!("{used} of {limit} audits of the platform used this month"),
    ))
}

/// The platform may have no more reviews done sooner this month.
pub(super) fn no_speed_up(limit: u32, now: Timestamp) -> Waiting {
    let mut waiting = wait(
        Reason::QuotaUsedUp,
        Person::Nobody,
        format!("平台本月的 {limit} 次加急额度已用完，审核照常进行"),
        format!(
            "the platform's {limit} sped-up reviews of this month are used; the review goes on as it does"
        ),
    );
    let (_, ends_at) = Period::Month.around(now);
    waiting.until = Some(ends_at);
    waiting
}

/// What is left of the platform's reviews that are done sooner.
pub(super) fn speed_ups(used: u32, limit: u32) -> Text {
    Text::new(
        format!("平台本月加急额度：已用 {used} 次，共 {limit} 次"),
        format!("{used} of {limit} sped-up reviews of the platform used this month"),
    )
}

/// WeChat says what no page explains.
pub(super) fn odd(status: i64) -> Why {
    odd_status("代码审核或灰度计划", "the audit or the gray plan", status)
}

/// A reviewer's reason without its markup.
#[must_use]
pub fn plain(reason: &str) -> String {
    let mut text = String::new();
    let mut rest = reason;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        match tag.split_once('>') {
            Some((_, after)) => {
                text.push(' ');
                rest = after;
            }
            None => {
                rest = "";
            }
        }
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_a_reason_is_left_out() {
        assert_eq!(
            plain("1:不符合<br>(1):缺少内容<br/>"),
            "1:不符合 (1):缺少内容"
        );
        assert_eq!(plain("a < b"), "a");
        assert_eq!(plain("  plain  text "), "plain text");
    }
}
