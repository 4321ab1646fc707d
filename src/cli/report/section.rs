//! What is said of one tenant: each of its steps as it ended, then what waits.

use std::collections::BTreeSet;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::advice::{self, Advice};
use super::{Came, Context};
use crate::plan::{Address, Entry, Hold, Reason, Text, Verdict, Waiting};
use crate::reconcile::{Applied, StepOutcome, StepReport};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// The lines of one tenant.
pub(super) struct Section {
    pub(super) lines: Vec<Line>,
}

/// One line.
pub(super) enum Line {
    /// One thing and what came of it.
    Step {
        sign: char,
        style: Style,
        name: String,
        detail: String,
        /// Only of what took effect.
        took: Option<Duration>,
    },
    /// More about it.
    Prose(String),
    /// What to type.
    Command { before: String, command: String },
}

impl Section {
    /// What is said of a tenant; nothing where nothing happened and nothing waits.
    pub(super) fn of(came: &Came, context: &Context<'_>) -> Self {
        let mut lines = Vec::new();
        match &came.result {
            Ok(applied) => of_applied(&mut lines, applied, context),
            Err(error) => {
                let failed = Text::new("未能完成", "could not be finished");
                lines.push(Line::Step {
                    sign: '✗',
                    style: RED,
                    name: failed.in_lang(context.lang).to_owned(),
                    detail: String::new(),
                    took: None,
                });
                lines.push(Line::Prose(error.in_lang(context.lang).to_owned()));
                let again = Text::new(
                    "已发送的都已记录；再次运行会从那里继续：",
                    "whatever was sent is written down; the next run goes on from there:",
                );
                lines.push(Line::Command {
                    before: again.in_lang(context.lang).to_owned(),
                    command: advice::verb("apply", &came.tenant, context),
                });
            }
        }
        Self { lines }
    }

    /// Everything but the times: equal keys went the same way.
    pub(super) fn key(&self) -> String {
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| match line {
                Line::Step {
                    sign,
                    style: _,
                    name,
                    detail,
                    took: _,
                } => format!("{sign} {name}\t{detail}"),
                Line::Prose(text) => text.clone(),
                Line::Command { before, command } => format!("{before}\t{command}"),
            })
            .collect();
        lines.join("\n")
    }

    /// Adds the times of a section that went the same way.
    pub(super) fn add_times(&mut self, other: &Self) {
        for (mine, theirs) in self.lines.iter_mut().zip(&other.lines) {
            if let (
                Line::Step {
                    took: Some(sum), ..
                },
                Line::Step {
                    took: Some(took), ..
                },
            ) = (mine, theirs)
            {
                *sum = sum.saturating_add(*took);
            }
        }
    }
}

fn of_applied(lines: &mut Vec<Line>, applied: &Applied, context: &Context<'_>) {
    for note in &applied.notes {
        lines.push(Line::Prose(note.in_lang(context.lang).to_owned()));
    }
    for report in &applied.reports {
        step(lines, applied, report, context);
    }
    for (entry, hold) in untried(applied) {
        let name = entry.address.spoken();
        held(lines, &name, hold, context);
    }
    for entry in &applied.plan.entries {
        let name = entry.address.spoken();
        match &entry.verdict {
            Verdict::Waiting(waiting) => waits(lines, name, waiting, context),
            Verdict::Unknown(why) => {
                let said = Text::new(
                    "无法读取或比较，未改动",
                    "not known, so nothing was done to it",
                );
                lines.push(Line::Step {
                    sign: '?',
                    style: YELLOW,
                    name,
                    detail: said.in_lang(context.lang).to_owned(),
                    took: None,
                });
                lines.push(Line::Prose(why.text.in_lang(context.lang).to_owned()));
            }
            Verdict::Step(_) | Verdict::Rejected { .. } | Verdict::Suppressed { .. } => {}
        }
    }
}

/// Steps that were held when the plan was made. One that a guard stopped at the last moment has a report, and is told
/// by that.
pub(super) fn untried(applied: &Applied) -> impl Iterator<Item = (&Entry, &Hold)> {
    let reported: BTreeSet<&Address> = applied
        .reports
        .iter()
        .map(|report| &report.address)
        .collect();
    applied
        .plan
        .steps()
        .filter_map(|(entry, step)| Some((entry, step.hold.as_ref()?)))
        .filter(move |(entry, _)| !reported.contains(&entry.address))
}

fn step(lines: &mut Vec<Line>, applied: &Applied, report: &StepReport, context: &Context<'_>) {
    let say = |text: &Text| text.in_lang(context.lang).to_owned();
    let (sign, style) = match &report.outcome {
        StepOutcome::Done | StepOutcome::DoneAfterDoubt(_) | StepOutcome::DoneOtherwise(_) => {
            ('✓', GREEN)
        }
        StepOutcome::Unknown(_) | StepOutcome::NotShown(_) => ('?', RED),
        StepOutcome::Held(_) | StepOutcome::Guarded(_) => ('⧖', CYAN),
        StepOutcome::Refused(_)
        | StepOutcome::NotDone(_)
        | StepOutcome::Withheld(_)
        | StepOutcome::OutOfQuota(_)
        | StepOutcome::Moved(_) => ('✗', RED),
    };
    lines.push(Line::Step {
        sign,
        style,
        name: report.address.spoken(),
        detail: endpoints(report),
        took: report.outcome.done().then_some(report.took),
    });
    match &report.outcome {
        StepOutcome::Done => {}
        StepOutcome::DoneAfterDoubt(text)
        | StepOutcome::DoneOtherwise(text)
        | StepOutcome::NotShown(text)
        | StepOutcome::NotDone(text)
        | StepOutcome::Withheld(text)
        | StepOutcome::Held(text)
        | StepOutcome::OutOfQuota(text)
        | StepOutcome::Moved(text)
        | StepOutcome::Guarded(text)
        | StepOutcome::Unknown(text) => lines.push(Line::Prose(say(text))),
        StepOutcome::Refused(error) => {
            lines.push(Line::Prose(error.to_string()));
            let (zh, en) = error.who.names();
            let who = Text::new(
                format!("未作任何更改 · 需处理的人：{zh}"),
                format!("nothing was changed · who must act: {en}"),
            );
            lines.push(Line::Prose(say(&who)));
        }
    }
    let Some(Advice { will, command }) = advice::of(applied, report, context) else {
        return;
    };
    lines.push(Line::Command {
        before: format!("{}{}", say(&will), context.lang.colon().trim_end()),
        command,
    });
}

fn endpoints(report: &StepReport) -> String {
    let mut names = report.endpoints.clone();
    names.dedup();
    names.join(", ")
}

fn held(lines: &mut Vec<Line>, name: &str, hold: &Hold, context: &Context<'_>) {
    let why = if hold.reason == Reason::NeedsApproval {
        Text::new("未审批", "not approved")
    } else if hold.reason == Reason::AfterAnotherStep {
        Text::new("在其他步骤之后", "after another step")
    } else {
        Text::new("暂缓", "held")
    };
    lines.push(Line::Step {
        sign: '⧖',
        style: CYAN,
        name: name.to_owned(),
        detail: why.in_lang(context.lang).to_owned(),
        took: None,
    });
    let text = hold.text.in_lang(context.lang);
    lines.push(match &hold.command {
        Some(command) => Line::Command {
            before: format!("{text}{}", context.lang.colon().trim_end()),
            command: command.clone(),
        },
        None => Line::Prose(text.to_owned()),
    });
}

fn waits(lines: &mut Vec<Line>, name: String, waiting: &Waiting, context: &Context<'_>) {
    lines.push(Line::Step {
        sign: '⧖',
        style: CYAN,
        name,
        detail: waiting.for_whom().in_lang(context.lang).to_owned(),
        took: None,
    });
    lines.push(Line::Prose(waiting.text.in_lang(context.lang).to_owned()));
    if let Some(link) = &waiting.link {
        let Text { zh, en } = waiting.who.text();
        let opens = Text::new(format!("请{zh}打开"), format!("{en} opens"));
        lines.push(Line::Command {
            before: opens.in_lang(context.lang).to_owned(),
            command: link.clone(),
        });
    }
}
