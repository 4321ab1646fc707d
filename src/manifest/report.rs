//! Problems for people, with the lines they stand in, and for programs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet,
    normalize_untrusted_str as clean,
};
use serde_json::{Value, json};

use super::loaded::Loaded;
use super::problem::Problem;
use super::secrets::{may_hold_secret, may_show};
use super::source::{FileId, Sources, Span};
use crate::plan::diagnostic::Severity;
use crate::plan::render::Place;

/// Longer lines are not manifests a person wrote; only their place is named.
const MAX_LINE: usize = 400;

/// Nobody reads more of them at once; programs get all.
pub const MAX_SHOWN: usize = 2_000;

/// Every problem with its lines, for a person; of very many the first [`MAX_SHOWN`]. With colour codes; a stream that is no terminal strips them.
#[must_use]
pub fn human(loaded: &Loaded) -> String {
    with(&Renderer::styled(), loaded)
}

/// Every problem with its lines, without colour.
#[must_use]
pub fn plain(loaded: &Loaded) -> String {
    with(&Renderer::plain(), loaded)
}

fn with(renderer: &Renderer, loaded: &Loaded) -> String {
    let mut printed = String::new();
    let hidden = hidden_files(loaded);
    let (shown, left_out) = shown(&loaded.problems);
    for problem in shown {
        let show = |span: Span| !hidden.contains(&span.file);
        printed.push_str(&renderer.render(&[group(problem, &loaded.sources, &show)]));
        printed.push_str("\n\n");
    }
    if left_out > 0 {
        let _ = writeln!(
            printed,
            "… and {left_out} more, not shown: mend these first, or see all with `wxops validate --output json`\n"
        );
    }
    printed
}

/// The problems that a person is shown, and how many are left out. Where not all are, errors go before warnings.
fn shown(problems: &[Problem]) -> (Vec<&Problem>, usize) {
    let mut shown: Vec<&Problem> = problems.iter().collect();
    if shown.len() > MAX_SHOWN {
        // Stable, so that they stay in the order of their places.
        shown.sort_by_key(|problem| problem.severity);
    }
    let left_out = shown.len().saturating_sub(MAX_SHOWN);
    shown.truncate(MAX_SHOWN);
    (shown, left_out)
}

/// Files of which no line is shown.
fn hidden_files(loaded: &Loaded) -> BTreeSet<FileId> {
    let files: BTreeSet<FileId> = loaded
        .problems
        .iter()
        .flat_map(spans)
        .map(|span| span.file)
        .collect();
    files
        .into_iter()
        .filter(|file| may_hold_secret(loaded.sources.text(*file)))
        .collect()
}

fn spans(problem: &Problem) -> impl Iterator<Item = Span> {
    let related = problem.related.iter().map(|(span, _)| *span);
    let tenants = problem.tenants.iter().map(|(_, span)| *span);
    std::iter::once(problem.span).chain(related).chain(tenants)
}

fn group<'a>(problem: &'a Problem, sources: &'a Sources, show: &dyn Fn(Span) -> bool) -> Group<'a> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(clean(&problem.message))
        .id(problem.code);
    let mut group = Group::with_title(title);
    group = place(
        group,
        sources,
        problem.span,
        &problem.label,
        AnnotationKind::Primary,
        show,
    );
    for (span, text) in &problem.related {
        group = place(group, sources, *span, text, AnnotationKind::Context, show);
    }
    if let Some((name, span)) = problem.tenants.first() {
        let text = match problem.tenants.len() {
            1 => format!("in tenant `{name}`"),
            n => format!("in tenant `{name}` and {} more", n - 1),
        };
        group = place(group, sources, *span, &text, AnnotationKind::Context, show);
    }
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(clean(help))),
        None => group,
    }
}

fn place<'a>(
    group: Group<'a>,
    sources: &'a Sources,
    span: Span,
    label: &str,
    kind: AnnotationKind,
    show: &dyn Fn(Span) -> bool,
) -> Group<'a> {
    let Place { file, line, column } = sources.place(span);
    let marked = sources.first_line(span);
    let (number, start) = sources.line(span);
    let rest = sources
        .text(span.file)
        .get(start as usize..)
        .unwrap_or_default();
    let text = rest.split('\n').next().unwrap_or_default();
    let text = text.strip_suffix('\r').unwrap_or(text);
    if !show(span) || !may_show(text) || text.len() > MAX_LINE {
        let group = group.element(Origin::path(file).line(line).char_column(column));
        return match label {
            "" => group,
            label => group.element(Level::NOTE.message(clean(label))),
        };
    }
    let within = |at: u32| ((at - start) as usize).min(text.len());
    let range = within(marked.start)..within(marked.end);
    let annotation: Annotation<'a> = kind.span(range);
    let annotation = match label {
        "" => annotation,
        label => annotation.label(clean(label)),
    };
    group.element(
        Snippet::source(text)
            .path(file)
            .line_start(number)
            .annotation(annotation),
    )
}

/// One line that sums up: problems, files, what the files hold, and how long it took where the caller measured.
#[must_use]
pub fn summary(loaded: &Loaded, took: Option<Duration>) -> String {
    let count = |severity| {
        loaded
            .problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let files = loaded.sources.len();
    let counts = loaded.counts;
    let mut holds = vec![
        words(counts.tenants, "tenant", "tenants"),
        words(counts.platforms, "platform", "platforms"),
        words(counts.classes, "class", "classes"),
    ];
    holds.extend(took.map(|took| format!("{} ms", took.as_millis())));
    let holds = holds.join(", ");
    if errors + warnings == 0 {
        return format!("No mistakes in {} ({holds})", words(files, "file", "files"));
    }
    let wrong: BTreeSet<FileId> = loaded
        .problems
        .iter()
        .map(|problem| problem.span.file)
        .collect();
    format!(
        "{}, {} in {} of {} ({holds})",
        words(errors, "error", "errors"),
        words(warnings, "warning", "warnings"),
        wrong.len(),
        words(files, "file", "files"),
    )
}

fn words(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Problems for programs. `formatVersion` grows when a field changes its meaning.
#[must_use]
pub fn json(loaded: &Loaded) -> Value {
    let problems: Vec<Value> = loaded
        .problems
        .iter()
        .map(|problem| one_json(problem, &loaded.sources))
        .collect();
    json!({
        "formatVersion": 1,
        "valid": !loaded.has_errors(),
        "problems": problems,
        "files": loaded.sources.len(),
        "tenants": loaded.counts.tenants,
        "platforms": loaded.counts.platforms,
        "classes": loaded.counts.classes,
        "approvals": loaded.counts.approvals,
    })
}

fn one_json(problem: &Problem, sources: &Sources) -> Value {
    let Place { file, line, column } = sources.place(problem.span);
    let related: Vec<Value> = problem
        .related
        .iter()
        .map(|(span, text)| {
            let Place { file, line, column } = sources.place(*span);
            json!({"file": file, "line": line, "column": column, "message": text})
        })
        .collect();
    let tenants: Vec<&str> = problem
        .tenants
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    json!({
        "code": problem.code,
        "severity": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": problem.message,
        "label": problem.label,
        "help": problem.help,
        "file": file,
        "line": line,
        "column": column,
        "related": related,
        "tenants": tenants,
    })
}
