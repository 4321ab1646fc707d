//! Characters that do something instead of being seen: they move a terminal's cursor, break its line, or turn its
//! direction, so that a text looks like what it is not. Names and answers of others may hold any of them.

use super::json::LOST;

/// What stands for one of them where a person reads.
const SIGN: char = '\u{fffd}';

/// Whether a character does something instead of being seen: controls (C0, DEL, C1), separators of lines and
/// paragraphs, and marks that turn the direction; and where a text lost something. What joins letters and emoji is none of them.
#[must_use]
pub fn is_raw(c: char) -> bool {
    c.is_control()
        || c == LOST
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// A text for one line of a terminal: nothing in it does anything.
#[must_use]
pub fn shown(text: &str) -> String {
    let seen = |c| if is_raw(c) { SIGN } else { c };
    text.chars().map(seen).collect()
}

/// A text of several lines, made by ourselves of what was shown: line ends and tabs are ours, nothing else is.
#[must_use]
pub fn shown_lines(text: &str) -> String {
    let seen = |c| {
        if is_raw(c) && !matches!(c, '\n' | '\t') {
            SIGN
        } else {
            c
        }
    };
    text.chars().map(seen).collect()
}

/// A text of several lines with our own colours in it: of a terminal's commands only those that set a colour are left.
#[must_use]
pub fn painted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let (before, command) = rest.split_at(at);
        out.push_str(&shown_lines(before));
        let length = colour(command);
        match (length, command.get(..length.max(1))) {
            (0, _) | (_, None) => out.push(SIGN),
            (_, Some(colour)) => out.push_str(colour),
        }
        rest = command.get(length.max(1)..).unwrap_or_default();
    }
    out.push_str(&shown_lines(rest));
    out
}

/// The length of the command that a text begins with, if it sets a colour: `ESC [ 1 ; 31 m`.
fn colour(text: &str) -> usize {
    let Some(numbers) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':');
    match end {
        Some(end) if numbers.get(end..).is_some_and(|end| end.starts_with('m')) => end + 3,
        Some(_) | None => 0,
    }
}

/// JSON that a terminal or a log can hold: inside of its texts such characters are written as `\u202e`, so it says the
/// same. Line ends between its values stay.
#[must_use]
pub fn escaped_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_raw(c) && !matches!(c, '\n' | '\t') {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind.
    const RAW: [char; 13] = [
        '\0', '\u{7}', '\u{1b}', '\r', '\u{7f}', '\u{85}', '\u{9b}', '\u{61c}', '\u{200f}',
        '\u{2028}', '\u{2029}', '\u{202e}', '\u{2067}',
    ];

    #[test]
    fn what_does_something_is_replaced_and_what_is_seen_is_not() {
        for c in RAW.into_iter().chain(['\n', '\t']) {
            assert_eq!(shown(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
        }
        let seen = "课程 👩‍👩‍👧 e\u{301} \u{200b}\u{200d}\u{feff} ئۇيغۇر";
        assert_eq!(shown(seen), seen);
        assert_eq!(
            shown_lines("a\tb\nc\rd\u{2028}e"),
            "a\tb\nc\u{fffd}d\u{fffd}e"
        );
    }

    #[test]
    fn only_colours_are_left_of_a_terminals_commands() {
        let colours = "\u{1b}[1m\u{1b}[38;5;9mx\u{1b}[0m\u{1b}[m\n";
        assert_eq!(painted(colours), colours);
        for command in [
            "\u{1b}[2J",
            "\u{1b}]0;t\u{7}",
            "\u{1b}[1",
            "\u{1b}",
            "\u{1b}[?25l",
            "\u{9b}31m",
        ] {
            let text = painted(&format!("a{command}b\u{1b}[0m"));
            assert!(text.starts_with("a\u{fffd}"), "{text:?}");
            assert!(text.ends_with("b\u{1b}[0m"), "{text:?}");
            assert_eq!(text.matches('\u{1b}').count(), 1, "{text:?}");
        }
    }

    #[test]
    fn json_says_the_same_without_any() {
        for c in RAW {
            let value = serde_json::json!({"name": format!("a{c}b"), "list": [1, "课"]});
            let text = escaped_json(&format!("{value:#}"));
            assert!(!text.chars().any(|c| is_raw(c) && c != '\n'), "{text:?}");
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read, value);
        }
    }
}
