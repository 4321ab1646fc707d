//! A plan for a person: what changes, where it is written, whom we wait for.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::layout::{RIGHT, line, pad, value_text};
use super::{Context, Places, summary};
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Entry, Plan, Step, TenantPlan, Text, Verdict, Waiting, WhyKind};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const RED: Style = AnsiColor::Red.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// The plan as text with ANSI styles; the writer strips them where they do not belong.
#[must_use]
pub fn human(plan: &Plan, context: &Context<'_>) -> String {
    let mut out = String::new();
    for tenant in &plan.tenants {
        if tenant.entries.is_empty() && !context.all {
            continue;
        }
        render_tenant(&mut out, tenant, context);
        out.push('\n');
    }
    push(&mut out, &summary(plan));
    render_budget(&mut out, context);
    out
}

fn push(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

fn render_tenant(out: &mut String, tenant: &TenantPlan, context: &Context<'_>) {
    let mut title = tenant.tenant.clone();
    for part in [
        tenant.nick_name.clone(),
        tenant.account.as_ref().map(ToString::to_string),
    ]
    .into_iter()
    .flatten()
    {
        let _ = write!(title, " · {part}");
    }
    let file = context.places.file(&tenant.tenant).unwrap_or_default();
    push(
        out,
        &format!("{BOLD}{}{BOLD:#}{DIM}{file}{DIM:#}", pad(&title, RIGHT)),
    );
    if tenant.entries.is_empty() {
        push(out, "  = in sync");
    }
    if tenant.observe_only {
        push(out, "  observing only: nothing below is done");
    }
    for entry in &tenant.entries {
        render_entry(out, tenant, entry, context);
    }
}

fn render_entry(out: &mut String, tenant: &TenantPlan, entry: &Entry, context: &Context<'_>) {
    let name = if entry.key.is_empty() {
        entry.resource.to_owned()
    } else {
        format!("{} {}", entry.resource, entry.key)
    };
    let head = |style: Style, sign: char, right: &str| {
        let text = line(&format!("  {sign} {name}"), right);
        styled(style, &text)
    };
    match &entry.verdict {
        Verdict::Step(step) => render_step(out, tenant, entry, step, &name, context),
        Verdict::Waiting(waiting) => render_waiting(out, &head, waiting, context),
        Verdict::Rejected { why, .. } => {
            push(
                out,
                &head(
                    RED,
                    '!',
                    "refused before; sent again when the manifest changes",
                ),
            );
            push(out, &format!("      {}", why.in_lang(context.lang)));
        }
        Verdict::Suppressed { why, changes } => {
            push(out, &head(DIM, '=', "left alone"));
            push(out, &format!("      {}", why.in_lang(context.lang)));
            render_changes(out, tenant, entry, changes, context);
        }
        Verdict::Unknown(why) => {
            let (style, right) = match why.kind {
                WhyKind::ReadFailed => (RED, "could not be read"),
                WhyKind::NotComparable => (YELLOW, "cannot be compared"),
            };
            push(out, &head(style, '?', right));
            push(out, &format!("      {}", why.text.in_lang(context.lang)));
        }
    }
}

fn render_step(
    out: &mut String,
    tenant: &TenantPlan,
    entry: &Entry,
    step: &Step,
    name: &str,
    context: &Context<'_>,
) {
    let style = match step.action {
        Action::Create => GREEN,
        Action::Update => YELLOW,
        Action::Delete => RED,
    };
    let endpoints: Vec<&str> = step.calls.iter().map(|call| call.endpoint.name).collect();
    let mut left = format!("  {} {name}", step.action.sign());
    if let Some(drift) = step.drift {
        let at = drift.applied_at.strftime("%Y-%m-%d %H:%M UTC");
        let _ = write!(left, "   changed at WeChat since our last apply ({at})");
    }
    push(out, &styled(style, &line(&left, &endpoints.join(", "))));
    render_changes(out, tenant, entry, &step.changes, context);
    for note in &step.notes {
        push(out, &format!("      {}", note.in_lang(context.lang)));
    }
    if let Some(hold) = &step.hold {
        push(out, &format!("      {}", hold.text.in_lang(context.lang)));
        if let Some(command) = &hold.command {
            push(out, &format!("      {command}"));
        }
    }
}

fn render_changes(
    out: &mut String,
    tenant: &TenantPlan,
    entry: &Entry,
    changes: &[Change],
    context: &Context<'_>,
) {
    for change in changes {
        let what = match (&change.from, &change.to) {
            (Some(from), Some(to)) => format!("{} → {}", value_text(from), value_text(to)),
            (None, Some(to)) => format!("+ {}", value_text(to)),
            (Some(from), None) => format!("- {}", value_text(from)),
            (None, None) => String::new(),
        };
        let short = change.path.to_string();
        let short = short
            .split_once(&format!("{}.", entry.resource))
            .map_or(short.as_str(), |(_, rest)| rest);
        let left = format!("      {}{what}", pad(short, 28));
        push(
            out,
            &line(&left, &place(context.places, tenant, &change.path)),
        );
    }
}

/// `:31:17` in the tenant's own file, else with the file's name.
fn place(places: &dyn Places, tenant: &TenantPlan, path: &SpecPath) -> String {
    let Some(place) = places.place(&tenant.tenant, path) else {
        return String::new();
    };
    let own = places
        .file(&tenant.tenant)
        .is_some_and(|file| file == place.file);
    let file = if own { "" } else { place.file.as_str() };
    format!("{file}:{}:{}", place.line, place.column)
}

fn render_waiting(
    out: &mut String,
    head: &dyn Fn(Style, char, &str) -> String,
    waiting: &Waiting,
    context: &Context<'_>,
) {
    let say = |text: Text| text.in_lang(context.lang).to_owned();
    let who = waiting.who.text();
    push(out, &head(CYAN, '⧖', &say(waiting.for_whom())));
    push(
        out,
        &format!("      {}", waiting.text.in_lang(context.lang)),
    );
    if let Some(link) = &waiting.link {
        let opens = say(Text::new(
            format!("请{}打开 {link}", who.zh),
            format!("{} opens {link}", who.en),
        ));
        push(out, &format!("      {opens}"));
    }
    if let Some(until) = waiting.until {
        let until = until.strftime("%Y-%m-%d %H:%M:%S UTC");
        let until = say(Text::new(format!("到 {until}"), format!("until {until}")));
        push(out, &format!("      {until}"));
    }
    if !waiting.then.is_empty() {
        let then: Vec<&str> = waiting
            .then
            .iter()
            .map(|text| text.in_lang(context.lang))
            .collect();
        let then = then.join(", ");
        let then = say(Text::new(format!("之后:{then}"), format!("then: {then}")));
        push(out, &format!("      {then}"));
    }
}

fn render_budget(out: &mut String, context: &Context<'_>) {
    if context.budget.is_empty() {
        return;
    }
    out.push('\n');
    push(
        out,
        &line("Scarce quota", "this plan    used   limit   after"),
    );
    for row in context.budget {
        push(
            out,
            &line(
                &format!("{}  {}", row.endpoint.name, row.account),
                &format!(
                    "{:>9}{:>8}{:>8}{:>8}",
                    row.this_plan,
                    row.used,
                    row.limit,
                    row.after()
                ),
            ),
        );
    }
}
