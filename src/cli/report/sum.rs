//! The last line of a report: how much was done, and why the rest was not.

use super::section::untried;
use super::{Came, words};
use crate::plan::{Lang, Reason, Text};
use crate::reconcile::{Applied, StepOutcome};

/// How many of what.
#[derive(Default)]
struct Sum {
    /// All steps, held ones too.
    steps: usize,
    done: usize,
    /// Tenants that have steps.
    tenants: usize,
    failed: usize,
    unknown: usize,
    unapproved: usize,
    behind: usize,
    otherwise_held: usize,
    waiting: usize,
    unread: usize,
    troubled: usize,
    broken: usize,
}

/// `Done: 29 of 31 steps in 29 tenants. 1 waits for approval, 1 behind another step.`
pub(super) fn of(all: &[Came], lang: Lang) -> String {
    let mut sum = Sum::default();
    for came in all {
        match &came.result {
            Ok(applied) => sum.add(applied),
            Err(_) => sum.broken += 1,
        }
    }
    let first = if sum.steps == 0 && sum.troubled > 0 {
        Text::new("未作任何更改。", "Nothing was done.")
    } else if sum.steps == 0 {
        Text::new("无需操作。", "Nothing to do.")
    } else {
        Text::new(
            format!(
                "完成：{}/{} 步，{} 个租户。",
                sum.done, sum.steps, sum.tenants
            ),
            format!(
                "Done: {} of {} in {}.",
                words::thousands(sum.done),
                words::count(sum.steps, "step"),
                words::count(sum.tenants, "tenant")
            ),
        )
    };
    let rest = sum.rest(lang);
    let mut said = first.in_lang(lang).to_owned();
    if !rest.is_empty() {
        let (space, end) = match lang {
            Lang::Zh => ("", "。"),
            Lang::En => (" ", "."),
        };
        said.push_str(&format!("{space}{}{end}", rest.join(lang.comma())));
    }
    said
}

impl Sum {
    fn add(&mut self, applied: &Applied) {
        let held: Vec<Reason> = untried(applied).map(|(_, hold)| hold.reason).collect();
        let steps = applied.reports.len() + held.len();
        self.steps += steps;
        self.tenants += usize::from(steps > 0);
        for report in &applied.reports {
            let counter = match &report.outcome {
                StepOutcome::Done
                | StepOutcome::DoneAfterDoubt(_)
                | StepOutcome::DoneOtherwise(_) => &mut self.done,
                StepOutcome::Unknown(_) | StepOutcome::NotShown(_) => &mut self.unknown,
                StepOutcome::Held(_) => &mut self.behind,
                StepOutcome::Guarded(_) => &mut self.otherwise_held,
                StepOutcome::Refused(_)
                | StepOutcome::NotDone(_)
                | StepOutcome::Withheld(_)
                | StepOutcome::OutOfQuota(_)
                | StepOutcome::Moved(_) => &mut self.failed,
            };
            *counter += 1;
        }
        for reason in held {
            if reason == Reason::NeedsApproval {
                self.unapproved += 1;
            } else if reason == Reason::AfterAnotherStep {
                self.behind += 1;
            } else {
                self.otherwise_held += 1;
            }
        }
        self.waiting += applied.plan.waits().count();
        self.unread += applied.plan.unknowns().count();
        self.troubled += usize::from(applied.plan.trouble.is_some());
    }

    fn rest(&self, lang: Lang) -> Vec<String> {
        let s = |n: usize| if n == 1 { "s" } else { "" };
        let rows = [
            (self.failed, "步未成功".to_owned(), "failed".to_owned()),
            (
                self.unknown,
                "步结果不明".to_owned(),
                "with unknown outcome".to_owned(),
            ),
            (
                self.unapproved,
                "步等待审批".to_owned(),
                format!("wait{} for approval", s(self.unapproved)),
            ),
            (
                self.behind,
                "步在其他步骤之后".to_owned(),
                "behind another step".to_owned(),
            ),
            (self.otherwise_held, "步暂缓".to_owned(), "held".to_owned()),
            (self.waiting, "项等待".to_owned(), "waiting".to_owned()),
            (self.unread, "项未知".to_owned(), "not known".to_owned()),
            (
                self.troubled,
                "个租户因平台无法访问微信而未读取".to_owned(),
                "not read: their platform is kept from WeChat".to_owned(),
            ),
            (
                self.broken,
                "个租户未能完成".to_owned(),
                "could not be finished".to_owned(),
            ),
        ];
        rows.into_iter()
            .filter(|(n, _, _)| *n > 0)
            .map(|(n, zh, en)| {
                let n = words::thousands(n);
                let text = Text::new(format!("{n} {zh}"), format!("{n} {en}"));
                text.in_lang(lang).to_owned()
            })
            .collect()
    }
}
