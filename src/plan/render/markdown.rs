//! A plan as a comment on a merge request: the sum, a table of tenants, the details folded away.
//!
//! Details are the text for people inside a fence, so whatever a name or a menu says there is never read as markup.
//! What stands outside of fences is escaped. The comment is never longer than GitHub takes; what does not fit is
//! left out tenant by tenant, and counted.

use super::fold::{self, Alone, Block};
use super::layout::{printable, thousands};
use super::sheet::Sheet;
use super::{Context, budget, entry, human, trouble, words};
use crate::plan::{Costly, Entry, Hold, Plan, Step, TenantPlan, Text, Troubled, Verdict, Waiting};

/// GitHub takes comments of 65,536 characters; somebody may want to write something around it.
pub const MOST_CHARACTERS: usize = 60_000;

/// What the words that stand around the tenants, and the note of what was left out, take at most.
const FRAME: usize = 1_000;

/// More rows of scarce quotas than this are counted and not shown.
const BUDGET_ROWS: usize = 60;

/// Cells of a cell of the table; what is longer is in the details.
const CELL: usize = 160;

/// Width of the text in the details.
const WIDTH: usize = 100;

/// One tenant, or many with the same.
struct Unit {
    row: String,
    details: String,
    tenants: usize,
}

/// The plan as one comment of at most [`MOST_CHARACTERS`] characters.
#[must_use]
pub fn markdown(plan: &Plan, context: &Context<'_>) -> String {
    // A comment lists what changes, whoever asked for more on his own screen; and it is read in a browser.
    let context = &Context {
        all: false,
        width: WIDTH,
        ascii: false,
        zone: context.zone.clone(),
        ..*context
    };
    let heading = format!(
        "### wxops · {}\n",
        escaped(&words::summary(plan, context.lang))
    );
    let budget = budget_table(context);
    let mut room = MOST_CHARACTERS
        .saturating_sub(FRAME)
        .saturating_sub(length(&heading))
        .saturating_sub(length(&budget));
    let folded = fold::fold(plan.tenants.iter(), context);
    // What stops a whole platform comes first, then what many have in common: it says most in least room.
    let troubles = plan.troubles();
    let troubles = troubles
        .iter()
        .map(|(troubled, tenants)| of_platform(troubled, tenants, context));
    let blocks = folded.blocks.iter().map(|block| of_block(block, context));
    let alone = folded.alone.iter().map(|alone| of_tenant(alone, context));
    let (mut rows, mut details, mut left_out) = (String::new(), String::new(), 0);
    for unit in troubles.chain(blocks).chain(alone) {
        let needs = length(&unit.row) + length(&unit.details);
        if needs > room {
            left_out += unit.tenants;
            continue;
        }
        room -= needs;
        rows.push_str(&unit.row);
        details.push_str(&unit.details);
    }
    let mut out = heading;
    if !rows.is_empty() {
        out.push_str(&table_head(context));
        out.push_str(&rows);
    }
    if left_out > 0 {
        out.push_str(&note(left_out, context));
    }
    if !details.is_empty() {
        out.push('\n');
        out.push_str(&details);
    }
    out.push_str(&budget);
    out
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn table_head(context: &Context<'_>) -> String {
    let heads = Text::new(
        "| 租户 | 账号 | 更改 | 代价 | 等待 |",
        "| tenant | account | changes | costs | waiting |",
    );
    format!("\n{}\n|---|---|---|---|---|\n", context.say(&heads))
}

fn note(left_out: usize, context: &Context<'_>) -> String {
    let count = thousands(left_out);
    let said = Text::new(
        format!(
            "**另有 {count} 个租户放不下，此处未列出。** 全部内容：`wxops plan`，或 `wxops plan --tenant NAME` 查看其中一个。"
        ),
        format!(
            "**{count} more tenants do not fit here and are not listed.** See all of them with `wxops plan`, one of them with `wxops plan --tenant NAME`."
        ),
    );
    format!("\n{}\n", context.say(&said))
}

fn of_tenant(alone: &Alone<'_>, context: &Context<'_>) -> Unit {
    let tenant = alone.tenant;
    let mut name = escaped(&tenant.tenant);
    let official = tenant.official().cloned().unwrap_or_default();
    if let Some(nick) = &official.nick_name {
        name.push_str(&format!("<br>{}", escaped(nick)));
    }
    let own = official.appid.as_ref().map(ToString::to_string);
    let accounts: Vec<String> = own.into_iter().chain(human::apps(tenant)).collect();
    let accounts: Vec<String> = accounts.iter().map(|one| escaped(one)).collect();
    let mut cells = cells(&alone.entries, context);
    if tenant.error.is_some() {
        let broken = Text::new("无法计划", "could not be planned");
        cells
            .changes
            .insert(0, format!("? {}", context.say(&broken)));
    }
    let mut sheet = Sheet::new(WIDTH, false);
    human::tenant(&mut sheet, alone, context);
    Unit {
        row: row(&name, &accounts.join("<br>"), &cells),
        details: details(&human::title(tenant), sheet),
        tenants: 1,
    }
}

fn of_platform(troubled: &Troubled, tenants: &[&TenantPlan], context: &Context<'_>) -> Unit {
    let names: Vec<&str> = tenants.iter().map(|one| one.tenant.as_str()).collect();
    let mut sheet = Sheet::new(WIDTH, false);
    trouble(&mut sheet, troubled, &names, false, context.lang);
    let (title, headline) = (troubled.title(), troubled.headline());
    let cells = Cells {
        changes: vec![format!("**? {}**", escaped(context.say(&headline)))],
        costs: Vec::new(),
        waiting: vec![escaped(context.say(&troubled.who()))],
    };
    Unit {
        row: row(&escaped(context.say(&title)), "", &cells),
        details: details(context.say(&title), sheet),
        tenants: tenants.len(),
    }
}

fn of_block(block: &Block<'_>, context: &Context<'_>) -> Unit {
    let same = human::same(block);
    let title = context.say(&same);
    let mut sheet = Sheet::new(WIDTH, false);
    human::block(&mut sheet, block, context);
    let names = human::names(block, CELL / 2, context);
    let name = format!("**{}**<br>{}", escaped(title), escaped(&names));
    Unit {
        row: row(&name, "", &cells(&block.entries, context)),
        details: details(title, sheet),
        tenants: block.tenants.len(),
    }
}

/// What a row says of a tenant's entries.
#[derive(Default)]
struct Cells {
    changes: Vec<String>,
    costs: Vec<String>,
    waiting: Vec<String>,
}

fn cells(entries: &[&Entry], context: &Context<'_>) -> Cells {
    let mut cells = Cells::default();
    for entry in entries {
        let (sign, _) = entry::sign(&entry.verdict);
        let name = entry::name(entry);
        let mut change = format!("{sign} {}", escaped(&name));
        match &entry.verdict {
            Verdict::Step(step) => {
                if step.drift.is_some() {
                    let drifted = Text::new("（微信一侧有改动）", " (changed at WeChat)");
                    change.push_str(context.say(&drifted));
                }
                if let Some(cost) = cost(step) {
                    let said = escaped(context.say(&cost));
                    cells
                        .costs
                        .push(format!("{}{}{said}", escaped(&name), context.lang.colon()));
                }
                if let Some(hold) = &step.hold {
                    cells.waiting.push(held(&name, hold, context));
                }
            }
            Verdict::Waiting(waiting) => {
                cells.waiting.push(awaited(&name, waiting, context));
                continue;
            }
            Verdict::Unknown(why) => {
                let said = words::unknown(why.kind);
                change.push_str(&format!("{}{}", context.lang.colon(), context.say(&said)));
                if why.kind.failed() {
                    change = format!("**{change}**");
                }
            }
            Verdict::Rejected { .. } => {
                let said = Text::new("：曾被拒绝", ": refused before");
                change.push_str(context.say(&said));
            }
            Verdict::Suppressed { .. } => {
                let said = Text::new("：保持不动", ": left alone");
                change.push_str(context.say(&said));
            }
        }
        cells.changes.push(change);
    }
    cells
}

/// What a step costs, in one sentence.
fn cost(step: &Step) -> Option<Text> {
    let scarce = || {
        let mut quotas = step.calls.iter().filter_map(|call| call.endpoint.quota());
        quotas.find(|quota| quota.scarce).map(words::quota)
    };
    step.costly.map(Costly::cost).or_else(scarce)
}

fn held(name: &str, hold: &Hold, context: &Context<'_>) -> String {
    let mut said = format!(
        "{}{}{}",
        escaped(name),
        context.lang.colon(),
        escaped(context.say(&hold.text))
    );
    if let Some(command) = &hold.command {
        said.push_str(&format!(" {}", code(command)));
    }
    said
}

fn awaited(name: &str, waiting: &Waiting, context: &Context<'_>) -> String {
    let whom = waiting.for_whom();
    let said = format!(
        "⧖ {}{}{}",
        escaped(name),
        context.lang.colon(),
        escaped(context.say(&whom))
    );
    match waiting.link.as_deref().filter(|link| is_link(link)) {
        Some(link) => format!("[{said}](<{link}>)"),
        None => said,
    }
}

/// A link that cannot end its own markup.
fn is_link(link: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '|' | '`' | '"');
    (link.starts_with("https://") || link.starts_with("http://")) && link.chars().all(plain)
}

fn row(name: &str, account: &str, cells: &Cells) -> String {
    let Cells {
        changes,
        costs,
        waiting,
    } = cells;
    let [changes, costs, waiting] = [changes, costs, waiting].map(|cell| shortened(cell));
    format!("| {name} | {account} | {changes} | {costs} | {waiting} |\n")
}

/// As many of a cell's lines as fit, and how many more there are.
fn shortened(lines: &[String]) -> String {
    let mut said = String::new();
    for (n, line) in lines.iter().enumerate() {
        if n > 0 && length(&said) + length(line) > CELL {
            said.push_str(&format!("<br>… {}", lines.len() - n));
            break;
        }
        if n > 0 {
            said.push_str("<br>");
        }
        said.push_str(line);
    }
    said
}

/// The text for people, folded away, in a fence that nothing inside it can end.
fn details(title: &str, sheet: Sheet) -> String {
    let text = without_styles(&sheet.finish());
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    format!(
        "<details><summary>{}</summary>\n\n{fence}text\n{}\n{fence}\n\n</details>\n",
        in_html(title),
        text.trim_end()
    )
}

fn without_styles(text: &str) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    let written = std::io::Write::write_all(&mut out, text.as_bytes());
    // Writing to memory does not fail; a text with styles would still be a text.
    match written {
        Ok(()) => String::from_utf8_lossy(&out.into_inner()).into_owned(),
        Err(_) => text.to_owned(),
    }
}

fn budget_table(context: &Context<'_>) -> String {
    let rows = budget::rows(context.budget);
    if rows.is_empty() {
        return String::new();
    }
    let heads = Text::new(
        "| 稀缺配额 | 账号 | 本次计划 | 已用 | 上限 | 之后 | 重置时间 |",
        "| scarce quota | account | this plan | used | limit | after | resets |",
    );
    let mut out = format!("\n{}\n|---|---|--:|--:|--:|--:|---|\n", context.say(&heads));
    for row in rows.iter().take(BUDGET_ROWS) {
        let line = row.line;
        let after = thousands(line.after() as usize);
        let after = if line.too_much() {
            format!("**{after}** {}", context.say(&budget::over()))
        } else {
            after
        };
        let who = row.who();
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} | {after} | {} |\n",
            escaped(line.endpoint.name),
            escaped(context.say(&who)),
            thousands(line.this_plan as usize),
            thousands(line.used as usize),
            thousands(line.limit as usize),
            row.resets(context),
        ));
    }
    if rows.len() > BUDGET_ROWS {
        let more = thousands(rows.len() - BUDGET_ROWS);
        let said = Text::new(
            format!("另有 {more} 行，见 `wxops plan`。"),
            format!("{more} more rows: see `wxops plan`."),
        );
        out.push_str(&format!("\n{}\n", context.say(&said)));
    }
    out
}

/// A text that markdown leaves as it is: nothing of it is markup, and nobody is mentioned.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' | '#' | '!' => apart(&mut out, c),
            '*' | '_' | '~' | '|' | '`' | '[' | ']' | '\\' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// A sign that would mention somebody or refer to something. Forges look for these in the text that is left when all
/// escapes are gone, so an escape does not help and a zero-width space behind the sign does.
fn apart(out: &mut String, sign: char) {
    out.push(sign);
    out.push_str("&#8203;");
}

/// A text inside HTML, where markdown's own escapes are none.
fn in_html(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '<' | '>' | '&' | '@' | '#' | '`' | '*' | '_' | '[' | ']' | '~' | '$' | ':' | '!'
            | '\\' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out
}

/// A command inside a table's cell, to be copied.
fn code(text: &str) -> String {
    let text = printable(text).replace('`', "'").replace('|', "\\|");
    format!("`{text}`")
}
