//! What came of an apply, for a person.

use std::fmt::Write as _;

use super::words;
use crate::plan::render::pad;
use crate::plan::{Lang, Text, Verdict};
use crate::reconcile::{Applied, StepOutcome, StepReport};

/// The report of a whole apply.
pub(super) fn applied(all: &[Applied], lang: Lang) -> String {
    let mut out = String::new();
    for applied in all {
        tenant(&mut out, applied, lang);
    }
    let steps: usize = all.iter().map(|applied| applied.reports.len()).sum();
    let done = all
        .iter()
        .flat_map(|applied| &applied.reports)
        .filter(|report| report.outcome.done())
        .count();
    let waiting: usize = all.iter().map(|applied| applied.plan.waits().count()).sum();
    if steps == 0 {
        out.push_str("Nothing to do.");
    } else {
        let _ = write!(out, "Done: {done} of {}.", words::count(steps, "step"));
    }
    if waiting > 0 {
        let _ = write!(out, " {waiting} waiting.");
    }
    out.push('\n');
    out
}

fn tenant(out: &mut String, applied: &Applied, lang: Lang) {
    let waits = applied.plan.waits().count();
    let unknowns = applied.plan.unknowns().count();
    if applied.reports.is_empty() && applied.notes.is_empty() && waits + unknowns == 0 {
        return;
    }
    let _ = writeln!(out, "{}", applied.plan.tenant);
    for note in &applied.notes {
        let _ = writeln!(out, "  {}", note.in_lang(lang));
    }
    for report in &applied.reports {
        step(out, report, lang);
    }
    for entry in &applied.plan.entries {
        match &entry.verdict {
            Verdict::Waiting(waiting) => {
                let _ = writeln!(
                    out,
                    "  ⧖ {}{}: {}",
                    pad(&thing(entry.resource, &entry.key), 24),
                    waiting.for_whom().in_lang(lang),
                    waiting.text.in_lang(lang)
                );
            }
            Verdict::Unknown(why) => {
                let _ = writeln!(
                    out,
                    "  ? {}{}",
                    pad(&thing(entry.resource, &entry.key), 24),
                    why.text.in_lang(lang)
                );
            }
            Verdict::Step(_) | Verdict::Rejected { .. } | Verdict::Suppressed { .. } => {}
        }
    }
}

/// The name of one thing of a resource, as the plan prints it.
fn thing(resource: &str, key: &str) -> String {
    format!("{resource} {key}").trim_end().to_owned()
}

fn step(out: &mut String, report: &StepReport, lang: Lang) {
    let endpoints = report.endpoints.join(", ");
    let line = |out: &mut String, sign: char, detail: &str| {
        let _ = writeln!(
            out,
            "  {sign} {}{}{detail}",
            pad(&thing(report.resource, &report.key), 24),
            pad(&endpoints, 28)
        );
    };
    match &report.outcome {
        StepOutcome::Done => line(out, '✓', &words::seconds(report.took)),
        StepOutcome::DoneAfterDoubt(text) => {
            line(out, '✓', &words::seconds(report.took));
            let _ = writeln!(out, "      {}", text.in_lang(lang));
        }
        StepOutcome::Refused(error) => {
            line(out, '✗', "");
            let _ = writeln!(out, "      {error}");
            let (zh, en) = error.who.names();
            let who = Text::new(zh, en);
            let _ = writeln!(
                out,
                "      nothing was changed · who must act: {}",
                who.in_lang(lang)
            );
        }
        StepOutcome::NotDone(text)
        | StepOutcome::Held(text)
        | StepOutcome::OutOfQuota(text)
        | StepOutcome::Moved(text)
        | StepOutcome::Guarded(text) => {
            line(out, '✗', "");
            let _ = writeln!(out, "      {}", text.in_lang(lang));
        }
        StepOutcome::Unknown(text) => {
            line(out, '?', "");
            let _ = writeln!(out, "      {}", text.in_lang(lang));
        }
    }
}
