//! Columns that line up with Chinese text in them, and values on one line.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// Where the right-hand column starts, in terminal cells.
pub(super) const RIGHT: usize = 77;

/// Pads a text with spaces to a width in terminal cells; at least one space always follows.
#[must_use]
pub fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width()).max(1);
    format!("{text}{}", " ".repeat(missing))
}

/// A line with something in the right-hand column.
pub(super) fn line(left: &str, right: &str) -> String {
    if right.is_empty() {
        left.to_owned()
    } else {
        format!("{}{right}", pad(left, RIGHT))
    }
}

/// `1 step`, `2 steps`.
pub(super) fn count(n: usize, word: &str) -> String {
    if n == 1 {
        format!("1 {word}")
    } else {
        format!("{n} {word}s")
    }
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

/// Text from WeChat without characters that would move a terminal's cursor.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
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
        assert!(!value_text(&Value::String("a\u{1b}[2Jb".to_owned())).contains('\u{1b}'));
    }
}
