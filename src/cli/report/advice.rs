//! What wxops does by itself after a step that did not go well, and the one command to type.

use super::Context;
use crate::plan::text::shell_word;
use crate::plan::{Reason, Text, Verdict};
use crate::reconcile::{Applied, StepOutcome, StepReport};
use crate::wechat::calendar::minute;
use crate::wechat::endpoint::by_name;
use crate::wechat::errcode::own_remedy;
use crate::wechat::{ApiError, ErrorClass, Who};

/// What happens next, and what to type.
pub(super) struct Advice {
    pub(super) will: Text,
    pub(super) command: String,
}

/// A verb for one tenant, as it is typed.
pub(super) fn verb(verb: &str, tenant: &str, context: &Context<'_>) -> String {
    format!("wxops {verb}{} --tenant {tenant}", context.manifests)
}

/// The advice for a step; none where it went well, or where its text says all there is to do.
pub(super) fn of(applied: &Applied, report: &StepReport, context: &Context<'_>) -> Option<Advice> {
    let tenant = &applied.plan.tenant;
    let will = match &report.outcome {
        StepOutcome::Done
        | StepOutcome::DoneAfterDoubt(_)
        | StepOutcome::DoneOtherwise(_)
        | StepOutcome::NotShown(_)
        | StepOutcome::Held(_)
        | StepOutcome::Guarded(_) => return None,
        StepOutcome::Refused(error) => return Some(refused(applied, report, error, context)),
        StepOutcome::Unknown(_) => Text::new(
            "下次运行会先查明，再决定是否发送",
            "the next run finds out first and sends nothing twice",
        ),
        StepOutcome::NotDone(_) => match yes_for_another(applied, report) {
            Some(advice) => return Some(advice),
            None => Text::new("下次运行会再试", "the next run tries again"),
        },
        StepOutcome::Withheld(_) => {
            return Some(Advice {
                will: Text::new(
                    "等待人工处理，计划中写明了如何继续",
                    "it waits for you; the plan says how to go on",
                ),
                command: verb("plan", tenant, context),
            });
        }
        StepOutcome::OutOfQuota(_) => quota(report, context),
        StepOutcome::Moved(_) => {
            return Some(Advice {
                will: Text::new("先看现在的差异", "look at what is different now"),
                command: verb("plan", tenant, context),
            });
        }
    };
    Some(Advice {
        will,
        command: verb("apply", tenant, context),
    })
}

/// An attempt spends its approval: where the step is held for want of another one, that is what to type.
fn yes_for_another(applied: &Applied, report: &StepReport) -> Option<Advice> {
    let mut steps = applied.plan.steps();
    let (_, step) = steps.find(|(entry, _)| entry.address == report.address)?;
    let hold = step.hold.as_ref();
    let hold = hold.filter(|hold| hold.reason == Reason::NeedsApproval)?;
    Some(Advice {
        will: Text::new(
            "这次尝试已用掉批准，再试须重新批准",
            "this attempt has spent its approval; to try again",
        ),
        command: hold.command.clone()?,
    })
}

fn refused(
    applied: &Applied,
    report: &StepReport,
    error: &ApiError,
    context: &Context<'_>,
) -> Advice {
    let tenant = &applied.plan.tenant;
    let rejected = applied.refused.get(&report.address);
    if let Some((rejected, op)) = rejected.and_then(|one| Some((one, one.op.as_ref()?)))
        && rejected.waiting.is_some()
        && rejected.until.is_none()
    {
        let (zh, en) = own_remedy(error).unzip();
        let (zh, en) = (
            zh.map(|zh| format!("{zh}；")),
            en.map(|en| format!("{en}; ")),
        );
        return Advice {
            will: Text::new(
                format!("{}不再自动重试，处理好之后运行", zh.unwrap_or_default()),
                format!(
                    "{}it is not sent again by itself; once that is put right",
                    en.unwrap_or_default()
                ),
            ),
            command: format!("wxops op resolve {} --as not-done", shell_word(op)),
        };
    }
    let (will, command) = match error.class {
        ErrorClass::Invalid => {
            let place = place(applied, report, context);
            let at = place.map(|place| format!(" {place}")).unwrap_or_default();
            let will = Text::new(
                format!("修改之前不会再次发送；改好{at} 后运行"),
                format!("it is not sent again until the manifest changes; fix{at} and run"),
            );
            (will, "plan")
        }
        ErrorClass::Permission | ErrorClass::Revoked if error.who == Who::AccountAdmin => {
            if let Some(will) = first(error) {
                let command = verb("apply", tenant, context);
                return Advice { will, command };
            }
            let will = Text::new(
                "授权之前不会再次发送；管理员的授权链接",
                "it is sent when the account's administrator has authorized it; the link for that",
            );
            let command = format!("wxops authorize{} {tenant}", context.manifests);
            return Advice { will, command };
        }
        ErrorClass::Quota => (quota(report, context), "apply"),
        ErrorClass::Token => (
            Text::new(
                "下次运行会换新令牌",
                "the next run takes a new token and tries again",
            ),
            "apply",
        ),
        ErrorClass::Transient | ErrorClass::Throttled => (
            Text::new("下次运行会再试", "the next run tries again"),
            "apply",
        ),
        ErrorClass::Permission | ErrorClass::Revoked | ErrorClass::Human => {
            let will = first(error).unwrap_or_else(|| {
                Text::new(
                    "处理之后，下次运行会再试",
                    "once that is done, the next run tries again",
                )
            });
            (will, "apply")
        }
        ErrorClass::NotFound | ErrorClass::AlreadyDone | ErrorClass::Unknown => (
            Text::new("先看现在的差异", "look at what is different now"),
            "plan",
        ),
    };
    Advice {
        will,
        command: verb(command, tenant, context),
    }
}

/// What the person who must act does first, where that is known.
fn first(error: &ApiError) -> Option<Text> {
    let (zh, en) = own_remedy(error)?;
    Some(Text::new(
        format!("{zh}；处理之后，下次运行会再试"),
        format!("{en}; once that is done, the next run tries again"),
    ))
}

/// When the quota of a step's calls starts again.
fn quota(report: &StepReport, context: &Context<'_>) -> Text {
    let period = report
        .endpoints
        .iter()
        .filter_map(|name| by_name(name)?.quota())
        .map(|quota| quota.period)
        .max();
    let Some(period) = period else {
        return Text::new(
            "配额恢复之前不会再次发送；恢复后运行",
            "nothing is sent until the quota starts again; then",
        );
    };
    let (_, at) = period.around(context.now);
    let at = minute(at);
    Text::new(
        format!("配额于 {at} 恢复，之前不会再次发送；恢复后运行"),
        format!("nothing is sent until the quota starts again at {at}; then"),
    )
}

/// Where the thing that was refused is written.
fn place(applied: &Applied, report: &StepReport, context: &Context<'_>) -> Option<String> {
    let entry = applied
        .plan
        .entries
        .iter()
        .find(|entry| entry.address == report.address)?;
    let Verdict::Step(step) = &entry.verdict else {
        return None;
    };
    let change = step.changes.first()?;
    let place = context.places.place(&applied.plan.tenant, &change.path)?;
    Some(format!("{}:{}", place.file, place.line))
}
