//! Columns that line up with Chinese text in them, values on one line, and texts cut or wrapped by terminal cells.

use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text from WeChat or a manifest: nothing in it can look like what it is not.
pub(super) use crate::wechat::raw::shown as printable;

/// Pads a text with spaces to a width in terminal cells; at least one space always follows.
#[must_use]
pub fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width()).max(1);
    format!("{text}{}", " ".repeat(missing))
}

/// `1 step`, `2 steps`, `1,200 steps`.
#[must_use]
pub fn count(n: usize, word: &str) -> String {
    if n == 1 {
        format!("1 {word}")
    } else {
        format!("{} {word}s", thousands(n))
    }
}

/// A number for people: `60,000`.
#[must_use]
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A text of at most `width` cells: what is too long loses its middle, since names differ at their ends.
pub(super) fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let tail = kept / 2;
    let head = take(text.chars(), kept - tail);
    let end: String = take(text.chars().rev(), tail).chars().rev().collect();
    format!("{head}…{end}")
}

/// A text of at most `width` cells that keeps its end, as a file's path is known by.
pub(super) fn fit_end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let end = take(text.chars().rev(), width.saturating_sub(1));
    format!("…{}", end.chars().rev().collect::<String>())
}

/// As many characters as fit into `width` cells.
fn take(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += cells(*c);
            used <= width
        })
        .collect()
}

fn cells(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// What no line begins with in Chinese, and what none ends with.
const CLOSING: &str = "，。；：？！、）】》」』”’…";
const OPENING: &str = "（【《「『“‘";

/// Whether a text may be broken between two characters.
fn parts(before: char, after: char) -> bool {
    let is_between = before == ' ' || cells(before) == 2 || cells(after) == 2;
    is_between && !CLOSING.contains(after) && !OPENING.contains(before)
}

/// A text in lines of at most `width` cells: broken after spaces and between Chinese characters, else where it must.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    // A wide character needs two cells whatever is left.
    let width = width.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    // The last place in `line` where it may be broken, in bytes.
    let mut breakable = 0;
    for c in text.chars() {
        if line.chars().next_back().is_some_and(|last| parts(last, c)) {
            breakable = line.len();
        }
        if used + cells(c) > width && c != ' ' {
            let at = if breakable > line.len() / 2 {
                breakable
            } else {
                line.len()
            };
            let rest = line.split_off(at);
            lines.push(line.trim_end().to_owned());
            line = rest.trim_start().to_owned();
            used = line.width();
            breakable = 0;
        }
        line.push(c);
        used += cells(c);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// A value on one line: texts bare, objects and lists in YAML's flow style.
#[must_use]
pub fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(value_text).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            // A thing's name tells most, so it comes first.
            let (names, rest): (Vec<_>, Vec<_>) =
                fields.iter().partition(|(field, _)| *field == "name");
            let fields: Vec<String> = names
                .into_iter()
                .chain(rest)
                .map(|(name, value)| format!("{name}: {}", value_text(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Null => "-".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_with_chinese_text() {
        assert_eq!(pad("菜单", 6).width(), 6);
        assert_eq!(pad("menu", 6).width(), 6);
    }

    #[test]
    fn a_value_from_wechat_cannot_move_the_cursor() {
        for bad in ["a\u{1b}[2Jb", "a\nb", "a\u{202e}b"] {
            assert_eq!(
                value_text(&Value::String(bad.to_owned()))
                    .matches('\u{fffd}')
                    .count(),
                1
            );
        }
    }

    #[test]
    fn a_long_name_loses_its_middle() {
        assert_eq!(fit("sunrise-dance-hangzhou-7", 12), "sunris…hou-7");
        assert_eq!(fit("日出舞蹈艺术培训中心", 9), "日出…中心");
        assert_eq!(fit("short", 12), "short");
        assert_eq!(
            fit_end("/home/a/tenants/sunrise.yaml:3", 16),
            "…/sunrise.yaml:3"
        );
        for width in 1..30 {
            assert!(fit("日出舞蹈 and some 中心 more", width).width() <= width);
        }
    }

    #[test]
    fn a_text_is_wrapped_at_spaces_and_between_chinese_characters() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("日出舞蹈有限公司", 9), ["日出舞蹈", "有限公司"]);
        // No line begins with what closes, and none ends with what opens.
        assert_eq!(wrap("日出舞蹈公司。", 12), ["日出舞蹈公", "司。"]);
        assert_eq!(wrap("日出舞蹈（杭州）", 10), ["日出舞蹈", "（杭州）"]);
        assert_eq!(
            wrap("https://wx.example.com/a", 10),
            ["https://wx", ".example.c", "om/a"]
        );
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn numbers_for_people_have_separators() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_200), "1,200");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(count(1, "step"), "1 step");
        assert_eq!(count(5_000, "step"), "5,000 steps");
    }
}
