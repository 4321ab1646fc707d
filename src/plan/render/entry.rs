//! One entry of a plan on a sheet: its sign and name, what changes, and everything a reader must know of it.

use anstyle::Style;

use super::layout::{count, value_text};
use super::lines::{Line, lines};
use super::sheet::{CYAN, DIM, GREEN, PLAIN, RED, Sheet, YELLOW};
use super::{Context, fold, words};
use crate::plan::{
    Action, Change, Entry, Hold, Step, TenantPlan, Text, Verdict, Waiting, Why, WhyKind,
};

/// Writes the entries of one tenant, or of one that stands for many.
pub(super) struct Writer<'a> {
    /// The tenant.
    pub(super) tenant: &'a TenantPlan,
    /// The file that the heading names: places in it need no name.
    pub(super) own_file: Option<String>,
    /// How many tenants it stands for.
    pub(super) many: usize,
    pub(super) context: &'a Context<'a>,
}

/// `template class-reminder`
pub(super) fn name(entry: &Entry) -> String {
    entry.address.spoken()
}

/// The sign of an entry.
pub(super) fn sign(verdict: &Verdict) -> (char, Style) {
    match verdict {
        Verdict::Step(step) if step.costly.is_some() => ('!', RED),
        Verdict::Step(step) => {
            let style = match step.action {
                Action::Create => GREEN,
                Action::Update => YELLOW,
                Action::Delete => RED,
            };
            (step.action.sign(), style)
        }
        Verdict::Waiting(_) => ('⧖', CYAN),
        Verdict::Rejected { .. } => ('!', RED),
        Verdict::Suppressed { .. } => ('=', DIM),
        Verdict::Unknown(why) => match why.kind {
            WhyKind::ReadFailed | WhyKind::Refused { .. } => ('?', RED),
            WhyKind::NotComparable => ('?', YELLOW),
        },
    }
}

impl Writer<'_> {
    /// Writes an entry.
    pub(super) fn entry(&self, sheet: &mut Sheet, entry: &Entry) {
        let (sign, style) = sign(&entry.verdict);
        let left = format!("  {sign} {}", name(entry));
        match &entry.verdict {
            Verdict::Step(step) => self.step(sheet, style, &left, entry, step),
            Verdict::Waiting(waiting) => {
                sheet.head(style, &left, self.say(&waiting.for_whom()));
                self.waiting(sheet, waiting);
            }
            Verdict::Rejected { payload: _, why } => {
                let right = Text::new("曾被拒绝", "refused before");
                sheet.head(style, &left, self.say(&right));
                sheet.prose(PLAIN, 6, self.say(why));
                let again = Text::new(
                    "配置修改之前不会再次发送",
                    "it is sent again when the manifest changes",
                );
                sheet.prose(PLAIN, 6, self.say(&again));
            }
            Verdict::Suppressed { why, changes } => {
                sheet.head(style, &left, self.say(&Text::new("保持不动", "left alone")));
                sheet.prose(PLAIN, 6, self.say(why));
                self.changes(sheet, entry, changes);
            }
            Verdict::Unknown(Why { kind, text }) => {
                sheet.head(style, &left, self.say(&words::unknown(*kind)));
                sheet.prose(PLAIN, 6, self.say(text));
                sheet.prose(PLAIN, 6, self.say(&words::way_out(*kind)));
            }
        }
    }

    fn step(&self, sheet: &mut Sheet, style: Style, left: &str, entry: &Entry, step: &Step) {
        sheet.head(style, left, &self.right(step));
        if step.drift.is_some() {
            sheet.prose(style, 6, self.say(&self.drifted(step)));
        }
        self.changes(sheet, entry, &step.changes);
        for note in &step.notes {
            sheet.prose(PLAIN, 6, self.say(note));
        }
        if let Some(costly) = step.costly {
            sheet.prose(RED, 6, self.say(&costly.cost()));
        }
        if let Some(hold) = &step.hold {
            self.hold(sheet, hold);
        } else if let Some(approval) = &step.approval {
            let approved = Text::new(
                format!("已审批（{approval}），请求一旦发给微信即用掉，无论成功与否"),
                format!(
                    "approved ({approval}); spent as soon as WeChat has been asked, whatever comes of it"
                ),
            );
            sheet.prose(PLAIN, 6, self.say(&approved));
        }
    }

    /// What is sent, what that costs, or what must come first.
    fn right(&self, step: &Step) -> String {
        let mut parts: Vec<String> = Vec::new();
        for call in &step.calls {
            let scarce = call.endpoint.quota().filter(|quota| quota.scarce);
            let quota = scarce.map(|quota| format!(" · {}", self.say(&words::quota(quota))));
            let part = format!("{}{}", call.endpoint.name, quota.unwrap_or_default());
            // Several calls to one endpoint say no more than one.
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        let after = fold::after(self.tenant, step);
        if !after.is_empty() {
            let Text { zh, en } = Text::list(after);
            let said = Text::new(format!("在 {zh} 之后"), format!("after {en}"));
            parts.push(self.say(&said).to_owned());
        }
        parts.join(", ")
    }

    fn drifted(&self, step: &Step) -> Text {
        let at = step.drift.map(|drift| drift.applied_at);
        match at {
            // Each of many was applied at a time of its own.
            Some(at) if self.many == 1 => {
                let at = words::time(at, &self.context.zone);
                Text::new(
                    format!("上次 apply（{at}）之后在微信一侧被改动"),
                    format!("changed at WeChat since our last apply ({at})"),
                )
            }
            _ => Text::new(
                "上次 apply 之后在微信一侧被改动",
                "changed at WeChat since our last apply",
            ),
        }
    }

    fn hold(&self, sheet: &mut Sheet, hold: &Hold) {
        let Hold {
            reason: _,
            text,
            command,
        } = hold;
        match command {
            Some(command) => sheet.to_copy(
                6,
                &format!("{}{}", self.say(text), self.context.lang.colon().trim_end()),
                command,
            ),
            None => sheet.prose(PLAIN, 6, self.say(text)),
        }
    }

    fn changes(&self, sheet: &mut Sheet, entry: &Entry, changes: &[Change]) {
        for change in changes {
            let Change { path, from, to } = change;
            if let Some(lines) = lines(from.as_ref(), to.as_ref()) {
                self.lines(sheet, entry, change, &lines);
                continue;
            }
            let from = from.as_ref().map(value_text);
            let to = to.as_ref().map(value_text);
            let path = path.to_string();
            sheet.change(
                below(&path, &entry.address.resource),
                from.as_deref(),
                to.as_deref(),
                &self.place(change),
            );
        }
    }

    /// A text of several lines, below its path.
    fn lines(&self, sheet: &mut Sheet, entry: &Entry, change: &Change, lines: &[Line]) {
        let path = change.path.to_string();
        let path = below(&path, &entry.address.resource);
        sheet.head(PLAIN, &format!("      {path}"), &self.place(change));
        for line in lines {
            match line {
                Line::Same(text) => sheet.line(DIM, ' ', text),
                Line::Gone(text) => sheet.line(RED, '-', text),
                Line::New(text) => sheet.line(GREEN, '+', text),
                Line::Unended => {
                    let said = Text::new("（末尾没有换行）", "(no line break at the end)");
                    sheet.line(DIM, ' ', self.say(&said));
                }
                Line::Hidden(hidden) => {
                    let said = Text::new(
                        format!("…（{hidden} 行未变）"),
                        format!("… ({} unchanged)", count(*hidden, "line")),
                    );
                    sheet.line(DIM, ' ', self.say(&said));
                }
            }
        }
    }

    /// `:31:17` in the file that the heading names, else with the file's name. A place of the tenant's own does not
    /// stand for many.
    fn place(&self, change: &Change) -> String {
        let places = self.context.places;
        let Some(place) = places.place(&self.tenant.tenant, &change.path) else {
            return String::new();
        };
        if self.many > 1 && places.class(&self.tenant.tenant, &change.path).is_none() {
            return String::new();
        }
        let file = shortened(&place.file, self.own_file.as_deref().unwrap_or_default());
        format!("{file}:{}:{}", place.line, place.column)
    }

    fn waiting(&self, sheet: &mut Sheet, waiting: &Waiting) {
        let Waiting {
            reason: _,
            who: _,
            text,
            link,
            until,
            then: _,
        } = waiting;
        sheet.prose(PLAIN, 6, self.say(text));
        if let Some(link) = link {
            sheet.to_copy(6, self.say(&words::opens(waiting)), link);
        }
        if let Some(until) = until {
            sheet.prose(PLAIN, 6, self.say(&words::until(*until, self.context)));
        }
        if let Some(then) = words::then(waiting, self.context.lang) {
            sheet.prose(PLAIN, 6, self.say(&then));
        }
    }

    fn say<'t>(&self, text: &'t Text) -> &'t str {
        self.context.say(text)
    }
}

/// A file as the reader of a heading needs it: nothing when the heading names it, its name when it lies beside that.
fn shortened<'p>(file: &'p str, heading: &str) -> &'p str {
    let folder = |path: &str| path.rfind('/').map(|at| path.split_at(at).0.to_owned());
    if file == heading {
        ""
    } else if folder(file) == folder(heading) {
        file.rsplit('/').next().unwrap_or(file)
    } else {
        file
    }
}

/// A path below a resource's own: `buttons[1].name` of `officialAccount.menu.buttons[1].name`. Which one of several
/// it is, the entry's name says.
fn below<'p>(path: &'p str, resource: &str) -> &'p str {
    let mut rest = path;
    while let Some((field, after)) = rest.split_once('.') {
        if field.split('[').next() == Some(resource) {
            return after;
        }
        rest = after;
    }
    path
}
