//! The scarce quotas a plan takes from: what is used, what there is, when it starts again.

use unicode_width::UnicodeWidthStr as _;

use super::layout::{fit, pad, thousands};
use super::sheet::{BOLD, PLAIN, RED, Sheet};
use super::{Context, words};
use crate::plan::{BudgetLine, Text};
use crate::wechat::calendar::shanghai;

/// From this many accounts on, equal rows are one.
const MANY: usize = 3;

/// The figures and the time of a row, in cells.
const FIGURES: usize = 9 + 7 * 3 + 2 + 23;

/// A name narrower than this says nothing; the figures then stand below it.
const NAMES: usize = 36;

/// One row: a quota and who pays.
pub(super) struct Row<'a> {
    pub(super) line: &'a BudgetLine,
    /// How many accounts pay the same.
    pub(super) accounts: usize,
}

/// The rows, equal ones folded. One that takes more than is left always stands alone, before the others.
pub(super) fn rows<'a>(budget: &'a [BudgetLine]) -> Vec<Row<'a>> {
    let same = |a: &BudgetLine, b: &BudgetLine| {
        (a.endpoint, a.this_plan, a.used, a.limit) == (b.endpoint, b.this_plan, b.used, b.limit)
    };
    let (over, under): (Vec<_>, Vec<_>) = budget.iter().partition(|line| line.too_much());
    let mut rows: Vec<Row<'a>> = over
        .into_iter()
        .map(|line| Row { line, accounts: 1 })
        .collect();
    // A handful of distinct figures, however many accounts.
    let mut groups: Vec<Vec<&BudgetLine>> = Vec::new();
    for line in under {
        let group = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| same(first, line)));
        match group {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    for group in groups {
        let folded = group.len() >= MANY;
        let shown = if folded { 1 } else { group.len() };
        let accounts = if folded { group.len() } else { 1 };
        rows.extend(
            group
                .into_iter()
                .take(shown)
                .map(|line| Row { line, accounts }),
        );
    }
    rows
}

impl Row<'_> {
    /// `wx1111111111111111`, `27 accounts, each`
    pub(super) fn who(&self) -> Text {
        if self.accounts == 1 {
            let account = self.line.account.to_string();
            return Text::new(account.clone(), account);
        }
        let accounts = thousands(self.accounts);
        Text::new(
            format!("{accounts} 个账号，各"),
            format!("{accounts} accounts, each"),
        )
    }

    /// When it starts again, by WeChat's calendar.
    pub(super) fn resets(&self, context: &Context<'_>) -> String {
        words::time(self.line.resets(context.now), &shanghai())
    }
}

/// What is said of a row that takes more than is left.
pub(super) fn over() -> Text {
    Text::new("超出配额", "more than is left")
}

/// The table, if the plan takes from any scarce quota.
pub(super) fn table(sheet: &mut Sheet, context: &Context<'_>) {
    let rows = rows(context.budget);
    if rows.is_empty() {
        return;
    }
    sheet.blank();
    let names: Vec<String> = rows
        .iter()
        .map(|row| {
            let who = row.who();
            format!("{} {}", row.line.endpoint.name, context.say(&who))
        })
        .collect();
    let title = Text::new("稀缺配额", "Scarce quota");
    let room = sheet.width().saturating_sub(FIGURES);
    if room < NAMES {
        sheet.prose(BOLD, 0, context.say(&title));
        for (row, name) in rows.iter().zip(&names) {
            below(sheet, row, name, context);
        }
        return;
    }
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let column = (widest + 1).clamp(NAMES, room);
    let heads = match context.lang {
        crate::plan::Lang::Zh => ["本次计划", "已用", "上限", "之后", "重置时间"],
        crate::plan::Lang::En => ["this plan", "used", "limit", "after", "resets"],
    };
    sheet.head(BOLD, &figures(&pad(context.say(&title), column), heads), "");
    for (row, name) in rows.iter().zip(&names) {
        let BudgetLine {
            this_plan,
            used,
            limit,
            ..
        } = row.line;
        let after = row.line.after();
        let numbers = [*this_plan, *used, *limit, after].map(|n| thousands(n as usize));
        let [this_plan, used, limit, after] = &numbers;
        let resets = row.resets(context);
        let line = figures(
            &pad(&fit(name, column - 1), column),
            [this_plan, used, limit, after, &resets],
        );
        if row.line.too_much() {
            sheet.head(RED, &line, "");
            sheet.prose(RED, 2, &format!("! {}", context.say(&over())));
        } else {
            sheet.head(PLAIN, &line, "");
        }
    }
}

/// Names at the left, numbers at the right of their columns.
fn figures(name: &str, [this_plan, used, limit, after, resets]: [&str; 5]) -> String {
    let right = |text: &str, width: usize| {
        let missing = width.saturating_sub(text.width());
        format!("{}{text}", " ".repeat(missing))
    };
    format!(
        "{name}{}{}{}{}  {resets}",
        right(this_plan, 9),
        right(used, 7),
        right(limit, 7),
        right(after, 7)
    )
}

/// On a narrow terminal: the name, and its figures below.
fn below(sheet: &mut Sheet, row: &Row<'_>, name: &str, context: &Context<'_>) {
    let BudgetLine {
        this_plan,
        used,
        limit,
        ..
    } = row.line;
    let (after, resets) = (row.line.after(), row.resets(context));
    let style = if row.line.too_much() { RED } else { PLAIN };
    sheet.head(style, name, "");
    let figures = Text::new(
        format!("本次 {this_plan}，已用 {used}/{limit}，之后 {after}，重置于 {resets}"),
        format!("this plan {this_plan}, used {used} of {limit}, after {after}, resets {resets}"),
    );
    sheet.prose(style, 2, context.say(&figures));
    if row.line.too_much() {
        sheet.prose(style, 2, &format!("! {}", context.say(&over())));
    }
}
