//! A text of several lines as a line diff: what stays, what goes, what comes.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// Unchanged lines that are shown around those that change.
const AROUND: usize = 3;

/// A line of a diff, as it stands in the text; the line's end is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// It is the same on both sides.
    Same(String),
    /// Only WeChat has it.
    Gone(String),
    /// Only the manifest has it.
    New(String),
    /// The text ends with the line before, without a line's end, and the other side does not.
    Unended,
    /// So many lines that are the same are not shown.
    Hidden(usize),
}

/// The lines of a change, where one of its sides is a text of several lines.
pub(super) fn lines(from: Option<&Value>, to: Option<&Value>) -> Option<Vec<Line>> {
    let (from, to) = (text(from)?, text(to)?);
    if !from.contains('\n') && !to.contains('\n') {
        return None;
    }
    let diff = TextDiff::from_lines(from, to);
    let (mut lines, mut shown) = (Vec::new(), 0);
    for group in diff.grouped_ops(AROUND) {
        let begin = group.first().map_or(shown, |op| op.old_range().start);
        hide(begin - shown, &mut lines);
        for op in &group {
            for change in diff.iter_changes(op) {
                let line = change.value();
                let ended = line.ends_with('\n');
                let line = line.strip_suffix('\n').unwrap_or(line).to_owned();
                lines.push(match change.tag() {
                    ChangeTag::Equal => Line::Same(line),
                    ChangeTag::Delete => Line::Gone(line),
                    ChangeTag::Insert => Line::New(line),
                });
                if !ended && change.tag() != ChangeTag::Equal {
                    lines.push(Line::Unended);
                }
            }
            shown = op.old_range().end;
        }
    }
    hide(diff.old_len() - shown, &mut lines);
    Some(unmarked(lines))
}

/// A side of a change that is a text, or nothing.
fn text(value: Option<&Value>) -> Option<&str> {
    match value {
        None => Some(""),
        Some(Value::String(text)) => Some(text),
        Some(
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_),
        ) => None,
    }
}

fn hide(count: usize, lines: &mut Vec<Line>) {
    if count > 0 {
        lines.push(Line::Hidden(count));
    }
}

/// Where both texts end alike, or only one is there, their ends say nothing.
fn unmarked(mut lines: Vec<Line>) -> Vec<Line> {
    let marks = lines.iter().filter(|line| **line == Line::Unended).count();
    let gone = lines.iter().any(|line| matches!(line, Line::Gone(_)));
    let new = lines.iter().any(|line| matches!(line, Line::New(_)));
    if marks != 1 || !(gone && new) {
        lines.retain(|line| *line != Line::Unended);
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The diff as `diff` would print it.
    fn printed(from: Value, to: Value) -> Option<Vec<String>> {
        let side = |value: Value| Some(value).filter(|value| !value.is_null());
        let (from, to) = (side(from), side(to));
        let lines = lines(from.as_ref(), to.as_ref())?;
        let printed = lines.into_iter().map(|line| match line {
            Line::Same(text) => format!(" {text}"),
            Line::Gone(text) => format!("-{text}"),
            Line::New(text) => format!("+{text}"),
            Line::Unended => "\\".to_owned(),
            Line::Hidden(count) => format!("@{count}"),
        });
        Some(printed.collect())
    }

    #[test]
    fn only_texts_of_several_lines_are_line_diffs() {
        assert_eq!(printed(json!("a"), json!("b")), None);
        assert_eq!(printed(json!(["a\nb"]), json!("a\nb")), None);
        assert_eq!(printed(json!(1), json!("a\nb")), None);
        assert_eq!(printed(Value::Null, json!("a\nb")).unwrap(), ["+a", "+b"]);
        assert_eq!(printed(json!("a\nb\n"), Value::Null).unwrap(), ["-a", "-b"]);
        assert_eq!(printed(json!("b"), json!("a\nb")).unwrap(), ["+a", " b"]);
    }

    #[test]
    fn what_stays_far_from_a_change_is_counted() {
        let from: Vec<String> = (1..=20).map(|n| n.to_string()).collect();
        let mut to = from.clone();
        to[9] = "ten".to_owned();
        assert_eq!(
            printed(json!(from.join("\n")), json!(to.join("\n"))).unwrap(),
            [
                "@6", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13", "@7"
            ]
        );
    }

    #[test]
    fn a_line_end_that_only_one_side_has_is_told() {
        let said = printed(json!("a\nb"), json!("a\nb\n")).unwrap();
        assert_eq!(said, [" a", "-b", "\\", "+b"]);
        let said = printed(json!("a\nb\n"), json!("a\nb")).unwrap();
        assert_eq!(said, [" a", "-b", "+b", "\\"]);
        let said = printed(json!("a\nb"), json!("a\nc")).unwrap();
        assert_eq!(said, [" a", "-b", "+c"]);
    }

    #[test]
    fn every_line_of_both_sides_is_shown_or_counted() {
        let text = |seed: u64, lines: u64| {
            let line = |n: u64| ((n * seed + seed) % 5).to_string();
            (0..lines).map(line).collect::<Vec<_>>().join("\n")
        };
        for seed in 1..40 {
            let (from, to) = (text(seed, 3 + seed % 17), text(seed + 1, 2 + seed % 23));
            let lines = lines(Some(&json!(from)), Some(&json!(to))).unwrap();
            let count = |left: bool| -> usize {
                let one = |line: &Line| match line {
                    Line::Same(_) => 1,
                    Line::Gone(_) => usize::from(left),
                    Line::New(_) => usize::from(!left),
                    Line::Unended => 0,
                    Line::Hidden(count) => *count,
                };
                lines.iter().map(one).sum()
            };
            assert_eq!(count(true), from.lines().count(), "{from} | {to}");
            assert_eq!(count(false), to.lines().count(), "{from} | {to}");
        }
    }
}
