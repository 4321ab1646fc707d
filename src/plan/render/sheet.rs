//! A sheet of text lines for a terminal of some width: what every line on it keeps, whatever it says.
//!
//! No line is wider than the sheet, except those that a person copies whole: links and commands. No character can
//! move the cursor. Where the terminal cannot show our signs, they have ASCII forms.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::layout::{fit, fit_end, pad, printable, wrap};

pub(super) const PLAIN: Style = Style::new();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const RED: Style = AnsiColor::Red.on_default();
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default();

/// Narrower terminals are written to as if they were this wide.
const NARROWEST: usize = 40;

/// What the right-hand column has, on a sheet wide enough: a file's name and a line.
const RIGHT: usize = 23;

/// Wider sheets do not move the right-hand column further away from what it belongs to.
const FARTHEST: usize = 110;

/// Width of the column of paths in front of values.
const PATHS: usize = 28;

/// Our signs where a terminal is not UTF-8.
const ASCII: [(char, &str); 9] = [
    ('⧖', "w"),
    ('✓', "v"),
    ('✗', "x"),
    ('→', "->"),
    ('…', "..."),
    ('·', "-"),
    ('≥', ">="),
    ('“', "\""),
    ('”', "\""),
];

/// Lines of text with ANSI styles; the writer strips the styles where they do not belong.
#[derive(Debug, Clone)]
pub struct Sheet {
    out: String,
    width: usize,
    ascii: bool,
}

impl Sheet {
    /// An empty sheet.
    #[must_use]
    pub fn new(width: usize, ascii: bool) -> Self {
        Self {
            out: String::new(),
            width: width.max(NARROWEST),
            ascii,
        }
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> String {
        self.out
    }

    /// How wide it is, in cells.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A line with something in the right-hand column. Names that are too long lose their middle; what stands at the
    /// right (a file, an endpoint) keeps its end.
    pub fn head(&mut self, style: Style, left: &str, right: &str) {
        let (left, right) = (self.clean(left), self.right(right));
        if right.is_empty() {
            let left = self.fitting(&left, self.width);
            return self.push(style, &left);
        }
        let start = self.start_of(&right);
        let left = self.fitting(&left, start - 1);
        self.push(style, &format!("{}{right}", pad(&left, start)));
    }

    /// Prose, wrapped; its further lines are indented like the first.
    pub fn prose(&mut self, style: Style, indent: usize, text: &str) {
        let text = self.clean(text);
        for line in wrap(&text, self.width.saturating_sub(indent)) {
            self.push(style, &format!("{}{line}", " ".repeat(indent)));
        }
    }

    /// What a person copies whole: a link, a command. After its introduction where both fit into one line, else on a
    /// line of its own, however long that is.
    pub fn to_copy(&mut self, indent: usize, before: &str, text: &str) {
        let (before, text) = (self.clean(before), printable(text));
        let space = " ".repeat(indent);
        let both = indent + before.width() + 1 + text.width();
        if before.is_empty() {
            self.push(Style::new(), &format!("{space}{text}"));
        } else if both <= self.width {
            self.push(Style::new(), &format!("{space}{before} {text}"));
        } else {
            self.prose(Style::new(), indent, &before);
            self.push(Style::new(), &format!("{space}{text}"));
        }
    }

    /// A change of one field: on one line where that fits, else what is live and what is desired below each other.
    pub fn change(&mut self, path: &str, from: Option<&str>, to: Option<&str>, place: &str) {
        let what = match (from, to) {
            (Some(from), Some(to)) => format!("{from} → {to}"),
            (None, Some(to)) => format!("+ {to}"),
            (Some(from), None) => format!("- {from}"),
            (None, None) => String::new(),
        };
        let left = self.clean(&format!("      {}{what}", pad(path, PATHS)));
        let place = self.right(place);
        let start = if place.is_empty() {
            self.width + 1
        } else {
            self.start_of(&place)
        };
        if left.width() < start {
            return self.push(Style::new(), &format!("{}{place}", pad(&left, start)));
        }
        // It may still fit beside the place, only not in its column.
        if left.width() + 1 + place.width() <= self.width {
            return self.push(Style::new(), &format!("{left} {place}"));
        }
        self.head(Style::new(), &format!("      {path}"), &place);
        let parts = match (from, to) {
            (Some(from), Some(to)) => vec![(' ', from), ('→', to)],
            (None, Some(to)) => vec![('+', to)],
            (Some(from), None) => vec![('-', from)],
            (None, None) => Vec::new(),
        };
        for (sign, text) in parts {
            self.line(Style::new(), sign, text);
        }
    }

    /// A line of what changes below its path, wrapped, with its sign before it.
    pub fn line(&mut self, style: Style, sign: char, text: &str) {
        let sign = self.clean(&sign.to_string());
        let text = self.clean(text);
        for (n, line) in wrap(&text, self.width - 11).iter().enumerate() {
            let sign = if n == 0 { sign.as_str() } else { "" };
            self.push(style, &format!("        {}{line}", pad(sign, 3)));
        }
    }

    /// Where a text in the right-hand column starts: in its column, or as much further left as it takes to fit.
    fn start_of(&self, right: &str) -> usize {
        let column = self.width.saturating_sub(RIGHT).min(FARTHEST);
        column.min(self.width - right.width())
    }

    /// A text as the right-hand column has room for it.
    fn right(&self, text: &str) -> String {
        let most = RIGHT.min(self.width / 2).max(self.width * 2 / 5);
        let cut = fit_end(&self.clean(text), most);
        // Three dots take two cells more.
        if self.ascii && cut.starts_with('…') {
            return self.clean(&fit_end(&self.clean(text), most - 2));
        }
        cut
    }

    /// [`fit`], with dots that the terminal can show.
    fn fitting(&self, text: &str, width: usize) -> String {
        let cut = fit(text, width);
        if self.ascii && cut != text {
            // Three dots take two cells more.
            return self.clean(&fit(text, width.saturating_sub(2)));
        }
        cut
    }

    /// The text as this terminal can show it.
    fn clean(&self, text: &str) -> String {
        let text = printable(text);
        if !self.ascii {
            return text;
        }
        text.chars()
            .map(|c| {
                let form = ASCII.iter().find(|(sign, _)| *sign == c);
                form.map_or_else(|| c.to_string(), |(_, form)| (*form).to_owned())
            })
            .collect()
    }

    fn push(&mut self, style: Style, line: &str) {
        let line = line.trim_end();
        if style == Style::new() {
            self.out.push_str(line);
        } else {
            self.out.push_str(&format!("{style}{line}{style:#}"));
        }
        self.out.push('\n');
    }
}
