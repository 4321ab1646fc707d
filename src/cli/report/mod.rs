//! What came of an apply, for a person: tenant by tenant, what went the same way for many said once, the sum last.

mod advice;
mod section;
mod sum;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use super::words;
use crate::plan::render::{Places, Sheet, pad, trouble};
use crate::plan::{Lang, Text, Troubled};
use crate::reconcile::Applied;

use section::{Line, Section};

/// From this many tenants on, what came the same way is said once; as in a plan.
const MANY: usize = 3;

/// How many names such a block says.
const NAMES: usize = 5;

/// What came of one tenant.
pub(super) struct Came {
    pub(super) tenant: String,
    /// The pass, or why there was none.
    pub(super) result: Result<Applied, Text>,
}

/// What reporting needs beside the outcomes.
pub(super) struct Context<'a> {
    pub(super) places: &'a dyn Places,
    pub(super) lang: Lang,
    pub(super) now: Timestamp,
    /// How the manifests are named on a command line: ` -f tenants/`, or nothing.
    pub(super) manifests: String,
    pub(super) width: usize,
    pub(super) ascii: bool,
}

/// The report of a whole apply.
pub(super) fn applied(all: &[Came], context: &Context<'_>) -> String {
    let mut sheet = Sheet::new(context.width, context.ascii);
    for (troubled, tenants) in troubles(all) {
        trouble(&mut sheet, troubled, &tenants, false, context.lang);
        sheet.blank();
    }
    let mut groups: Vec<(Section, Vec<&Came>)> = Vec::new();
    let mut by_key: HashMap<String, usize> = HashMap::new();
    for came in all {
        let section = Section::of(came, context);
        if section.lines.is_empty() {
            continue;
        }
        let known = by_key.get(&section.key()).copied();
        match known.and_then(|at| groups.get_mut(at)) {
            Some((first, members)) => {
                first.add_times(&section);
                members.push(came);
            }
            None => {
                by_key.insert(section.key(), groups.len());
                groups.push((section, vec![came]));
            }
        }
    }
    // What stands alone first, as in a plan.
    let (many, few): (Vec<_>, Vec<_>) = groups
        .into_iter()
        .partition(|(_, members)| members.len() >= MANY);
    let mut alone: Vec<&Came> = few.into_iter().flat_map(|(_, members)| members).collect();
    alone.sort_by(|a, b| a.tenant.cmp(&b.tenant));
    for came in alone {
        sheet.head(words::BOLD, &came.tenant, "");
        write(&mut sheet, &Section::of(came, context), 1, context);
    }
    for (section, members) in many {
        sheet.head(words::BOLD, &title(&members, context.lang), "");
        write(&mut sheet, &section, members.len(), context);
    }
    sheet.prose(words::PLAIN, 0, &sum::of(all, context.lang));
    sheet.finish()
}

/// What keeps platforms from WeChat, once for each, with the tenants behind it.
fn troubles(all: &[Came]) -> impl Iterator<Item = (&Troubled, Vec<&str>)> {
    let mut troubles: BTreeMap<&str, (&Troubled, Vec<&str>)> = BTreeMap::new();
    for came in all {
        let applied = came.result.as_ref().ok();
        if let Some(troubled) = applied.and_then(|applied| applied.plan.trouble.as_ref()) {
            let (_, tenants) = troubles
                .entry(&troubled.platform)
                .or_insert_with(|| (troubled, Vec::new()));
            tenants.push(&came.tenant);
        }
    }
    troubles.into_values()
}

/// `27 tenants: blue-chess, moon-yoga, …`
fn title(members: &[&Came], lang: Lang) -> String {
    let names: Vec<&str> = members
        .iter()
        .take(NAMES)
        .map(|came| came.tenant.as_str())
        .collect();
    let more = (members.len() > NAMES).then_some("…");
    let Text { zh, en } = Text::list(names.into_iter().chain(more));
    let count = words::thousands(members.len());
    let text = Text::new(
        format!("{count} 个租户：{zh}"),
        format!("{count} tenants: {en}"),
    );
    text.in_lang(lang).to_owned()
}

fn write(sheet: &mut Sheet, section: &Section, tenants: usize, context: &Context<'_>) {
    // Two columns that are still apart on a narrow terminal.
    let column = (context.width * 3 / 10).clamp(12, 31);
    for line in &section.lines {
        match line {
            Line::Step {
                sign,
                style,
                name,
                detail,
                took,
            } => {
                let name = format!("  {sign} {name}");
                let took = took.map(|took| time(took, tenants, context.lang));
                let detail = match &took {
                    Some(_) => pad(detail, 28),
                    None => detail.clone(),
                };
                let line = format!("{}{detail}{}", pad(&name, column), took.unwrap_or_default());
                sheet.head(*style, &line, "");
            }
            Line::Prose(text) => sheet.prose(words::PLAIN, 6, text),
            Line::Command { before, command } => sheet.to_copy(6, before, command),
        }
    }
}

/// `0.2 s`, `5.9 s together`
fn time(took: Duration, tenants: usize, lang: Lang) -> String {
    let seconds = words::seconds(took);
    if tenants == 1 {
        return seconds;
    }
    let text = Text::new(format!("共 {seconds}"), format!("{seconds} together"));
    text.in_lang(lang).to_owned()
}
