//! Sentences that the outputs for people share: times, sums, what a wait or a hold says.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Context;
use super::layout::{count, thousands};
use crate::plan::{Lang, Plan, Reason, Step, TenantPlan, Text, Waiting, WhyKind};
use crate::wechat::ErrorClass;
use crate::wechat::endpoint::{Period, Quota};

/// A time in a zone, with its offset: `2026-12-01 00:00 +08:00`.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M %:z")
        .to_string()
}

/// How long it is until then: `3 d`, `6 h`, `5 min`.
fn left(at: Timestamp, now: Timestamp) -> Text {
    let minutes = at.as_second().saturating_sub(now.as_second()).max(0) / 60;
    match minutes {
        0..60 => Text::new(format!("{minutes} 分钟"), format!("{minutes} min")),
        60..1_440 => {
            let hours = minutes / 60;
            Text::new(format!("{hours} 小时"), format!("{hours} h"))
        }
        _ => {
            let days = minutes / 1_440;
            Text::new(format!("{days} 天"), format!("{days} d"))
        }
    }
}

/// `until 2026-12-01 00:00 +08:00 (3 d)`.
pub(super) fn until(at: Timestamp, context: &Context<'_>) -> Text {
    let (time, left) = (time(at, &context.zone), left(at, context.now));
    Text::new(
        format!("到 {time} 为止（还有 {}）", left.zh),
        format!("until {time} ({})", left.en),
    )
}

/// `1 a month`.
pub(super) fn quota(quota: Quota) -> Text {
    let period = quota.period.as_str();
    let zh = match quota.period {
        Period::Day => "天",
        Period::Month => "月",
        Period::Year => "年",
    };
    Text::new(
        format!("每{zh} {} 次", quota.limit),
        format!("{} a {period}", quota.limit),
    )
}

/// Who opens a link.
pub(super) fn opens(waiting: &Waiting) -> Text {
    let Text { zh, en } = waiting.who.text();
    Text::new(format!("请{zh}打开"), format!("{en} opens"))
}

/// What follows once a wait is over.
pub(super) fn then(waiting: &Waiting, lang: Lang) -> Option<Text> {
    let then: Vec<&str> = waiting.then.iter().map(|text| text.in_lang(lang)).collect();
    let then = then.join(lang.comma());
    (!then.is_empty()).then(|| Text::new(format!("之后：{then}"), format!("then: {then}")))
}

/// What "unknown" means here.
pub(super) fn unknown(kind: WhyKind) -> Text {
    match kind {
        WhyKind::ReadFailed | WhyKind::Refused { .. } => Text::new("读取失败", "could not be read"),
        WhyKind::NotComparable => Text::new("无法比较", "cannot be compared"),
    }
}

/// What comes of what is unknown.
pub(super) fn way_out(kind: WhyKind) -> Text {
    match kind {
        WhyKind::ReadFailed => Text::new(
            "读到之前不会改动；请重新运行 plan",
            "nothing is done to it until it can be read: run plan again",
        ),
        WhyKind::Refused {
            class: ErrorClass::Quota,
            ..
        } => Text::new(
            "读到之前不会改动；配额恢复后再运行 plan",
            "nothing is done to it until it can be read: run plan again when the quota has started again",
        ),
        WhyKind::Refused {
            class: ErrorClass::Transient | ErrorClass::Throttled | ErrorClass::Token,
            ..
        } => way_out(WhyKind::ReadFailed),
        WhyKind::Refused { .. } => Text::new(
            "读到之前不会改动；处理之后再运行 plan",
            "nothing is done to it until it can be read: once that is settled, run plan again",
        ),
        WhyKind::NotComparable => Text::new(
            "不会改动：无法判断是否与配置一致",
            "nothing is done to it: nobody can tell whether it is what the manifest says",
        ),
    }
}

/// The one-line sum of a plan.
#[must_use]
pub fn summary(plan: &Plan, lang: Lang) -> String {
    let text = sum(plan);
    text.in_lang(lang).to_owned()
}

fn sum(plan: &Plan) -> Text {
    let counts = plan.counts();
    let total = plan.tenants.len();
    if counts.in_sync == total {
        return match total {
            0 => Text::new(
                "没有选中任何租户，无需操作。",
                "No tenant selected. Nothing to do.",
            ),
            1 => Text::new(
                "该租户一致，无需操作。",
                "The tenant matches. Nothing to do.",
            ),
            _ => Text::new(
                format!("全部 {} 个租户一致，无需操作。", thousands(total)),
                format!("All {} tenants match. Nothing to do.", thousands(total)),
            ),
        };
    }
    let mut parts = vec![changing(plan, counts.changing, counts.steps)];
    for (n, zh, en) in [
        (counts.waiting, "项等待", "waiting"),
        (counts.suppressed, "项保持不动", "left alone"),
        (counts.not_comparable, "项无法比较", "not comparable"),
        (counts.failed, "项读取失败", "could not be read"),
        (counts.broken, "个租户无法计划", "could not be planned"),
        (
            counts.troubled,
            "个租户因平台无法访问微信而未读取",
            "not read: their platform is kept from WeChat",
        ),
        (counts.in_sync, "个租户一致", "in sync"),
    ] {
        if n > 0 {
            let n = thousands(n);
            parts.push(Text::new(format!("{n} {zh}"), format!("{n} {en}")));
        }
    }
    let digest = plan.digest();
    let digest = digest.short(8);
    let zh: Vec<&str> = parts.iter().map(|part| part.zh.as_str()).collect();
    let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
    Text::new(
        format!("计划 {digest}：{}。", zh.join("，")),
        format!("Plan {digest}: {}.", en.join(", ")),
    )
}

fn changing(plan: &Plan, tenants: usize, steps: usize) -> Text {
    if tenants == 0 {
        return Text::new("没有要做的更改", "nothing to change");
    }
    let held: Vec<&Step> = plan
        .tenants
        .iter()
        .flat_map(TenantPlan::steps)
        .map(|(_, step)| step)
        .filter(|step| step.hold.is_some())
        .collect();
    let unapproved = held
        .iter()
        .filter(|step| {
            step.hold
                .as_ref()
                .is_some_and(|hold| hold.reason == Reason::NeedsApproval)
        })
        .count();
    let (mut zh, mut en) = (format!("{} 步", thousands(steps)), count(steps, "step"));
    if unapproved > 0 {
        let needs = if unapproved == 1 { "needs" } else { "need" };
        zh.push_str(&format!("，{} 步需审批", thousands(unapproved)));
        en.push_str(&format!(", {} {needs} approval", thousands(unapproved)));
    }
    let others = held.len() - unapproved;
    if others > 0 {
        zh.push_str(&format!("，{} 步暂缓", thousands(others)));
        en.push_str(&format!(", {} held", thousands(others)));
    }
    Text::new(
        format!("{} 个租户有更改（{zh}）", thousands(tenants)),
        format!("{} to change ({en})", count(tenants, "tenant")),
    )
}
