//! Texts that cannot be meant: with a character that nobody sees, over several lines, or with a blank at an end. They
//! come along with what is copied, and what is made of them looks right and is not: a key that no event has, an
//! address that nothing opens, a name that two people read differently.

use serde_json::Value;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::{Segment, SpecPath};
use crate::wechat::raw::is_raw;

/// Below these fields a text is somebody else's and stands as it is: what a `console` button holds was written in
/// WeChat's console, notes of yours are not read.
const AS_IT_IS: [&str; 2] = ["console", "annotations"];

/// Texts that users read in several lines. A block (`|`) ends in a line break of its own.
const SEVERAL_LINES: [&str; 1] = ["signature"];

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A line break, at this character.
    LineBreak(usize),
    /// A character that does something instead of being seen, at this character.
    Unseen(char, usize),
    /// A blank at an end.
    OuterBlank,
}

impl Flaw {
    /// The first thing that is wrong with a text, if anything is.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if let Some((n, c)) = (1..).zip(text.chars()).find(|(_, c)| is_raw(*c)) {
            return Some(match c {
                '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Self::LineBreak(n),
                _ => Self::Unseen(c, n),
            });
        }
        // One of blanks alone is empty, which is said by whoever wants a text there.
        let trimmed = text.trim();
        (!trimmed.is_empty() && trimmed.len() < text.len()).then_some(Self::OuterBlank)
    }

    /// The first thing that is wrong with the text of a field, if anything is.
    #[must_use]
    pub fn of_field(field: &str, text: &str) -> Option<Self> {
        if !SEVERAL_LINES.contains(&field) {
            return Self::of(text);
        }
        // Places are told in the whole text, so what is allowed becomes what nobody minds.
        Self::of(&text.trim_end_matches('\n').replace('\n', "."))
    }

    /// The code of the mistake.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::LineBreak(_) | Self::Unseen(..) => "WX1114",
            Self::OuterBlank => "WX1115",
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::LineBreak(_) => "this text goes over several lines",
            Self::Unseen(..) => "this text holds a character that nobody sees",
            Self::OuterBlank => "this text begins or ends with a blank",
        }
    }

    /// Where.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::LineBreak(at) => format!("its character {at} is a line break"),
            Self::Unseen(c, at) => format!("its character {at} is U+{:04X}", u32::from(c)),
            Self::OuterBlank => String::new(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::LineBreak(_) => "write it on one line, without `|` or `\\n`",
            Self::Unseen(..) => {
                "type the text anew: such characters come along with what is copied"
            }
            Self::OuterBlank => "take the blank away; WeChat compares texts letter by letter",
        }
    }
}

/// Whether what stands below a field is somebody else's text.
#[must_use]
pub fn stands_as_it_is(field: &str) -> bool {
    AS_IT_IS.contains(&field)
}

/// Looks at every text of a value that is to become a manifest's.
pub fn check(value: &Value, path: &SpecPath, found: &mut Diagnostics) {
    match value {
        Value::String(text) => {
            let field = match path.segments().last() {
                Some(Segment::Field(name)) => name,
                Some(Segment::Index(_)) | None => "",
            };
            if let Some(flaw) = Flaw::of_field(field, text) {
                let (message, label) = (flaw.message(), flaw.label());
                found.error(flaw.code(), path.clone(), message, label, Some(flaw.help()));
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                check(item, &path.index(n), found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| !stands_as_it_is(name)) {
                check(value, &path.field(name), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_fine() {
        for text in [
            "",
            " ",
            "课程",
            "👩‍👩‍👧 家庭",
            "e\u{301}",
            "a b",
            "https://wx.example.com/?a=1#b",
        ] {
            assert_eq!(Flaw::of(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_named_with_its_place() {
        assert_eq!(Flaw::of("课\u{202e}x"), Some(Flaw::Unseen('\u{202e}', 2)));
        assert_eq!(
            Flaw::of("a\u{1b}[31m").unwrap().label(),
            "its character 2 is U+001B"
        );
        for text in ["a\nb", "a\r\n", "a\u{85}b", "a\u{2028}b"] {
            assert_eq!(Flaw::of(text), Some(Flaw::LineBreak(2)), "{text:?}");
        }
        for text in [" a", "a ", "课\u{3000}", "\u{a0}a"] {
            assert_eq!(Flaw::of(text), Some(Flaw::OuterBlank), "{text:?}");
        }
        assert!(matches!(Flaw::of("\ta"), Some(Flaw::Unseen('\t', 1))));
    }

    #[test]
    fn an_introduction_may_have_several_lines() {
        let of = |text| Flaw::of_field("signature", text);
        for text in ["一\n二", "一\n\n二\n", "一"] {
            assert_eq!(of(text), None, "{text:?}");
        }
        assert_eq!(Flaw::of_field("name", "一\n二"), Some(Flaw::LineBreak(2)));
        assert_eq!(of("一\r\n二"), Some(Flaw::LineBreak(2)));
        assert_eq!(of("一\n\u{202e}"), Some(Flaw::Unseen('\u{202e}', 3)));
        assert_eq!(of("一\n二 \n"), Some(Flaw::OuterBlank));
    }

    #[test]
    fn what_the_console_holds_is_left_as_it_is() {
        let mut found = Diagnostics::default();
        let menu = serde_json::json!({"buttons": [
            {"name": "x ", "console": {"type": "text", "value": "一\n二 "}},
        ]});
        check(&menu, &SpecPath::root().field("menu"), &mut found);
        let found: Vec<String> = found
            .into_vec()
            .iter()
            .map(|one| format!("{} {}", one.code, one.path))
            .collect();
        assert_eq!(found, ["WX1115 menu.buttons[0].name"]);
    }
}
