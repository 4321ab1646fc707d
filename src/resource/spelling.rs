//! Whether two values differ by their spelling alone. WeChat rewrites some of what it is sent: it drops the variation
//! selectors of emoji, halves the width of letters, trims blanks, puts hosts in lower case, encodes addresses anew.

use serde_json::Value;

use crate::plan::Change;

/// Whether all that differs is spelling.
pub(super) fn alike(changes: &[Change]) -> bool {
    let one = |change: &Change| match (&change.from, &change.to) {
        (Some(from), Some(to)) => folded(from) == folded(to),
        (None, _) | (_, None) => false,
    };
    !changes.is_empty() && changes.iter().all(one)
}

fn folded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(fold(text)),
        Value::Array(items) => items.iter().map(folded).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), folded(value)))
            .collect(),
        value @ (Value::Null | Value::Bool(_) | Value::Number(_)) => value.clone(),
    }
}

/// A text without what spellings differ in.
pub(super) fn fold(text: &str) -> String {
    decoded(text)
        .chars()
        .map(half_width)
        .filter(|char| !char.is_whitespace() && !char.is_control() && !is_invisible(*char))
        .flat_map(char::to_lowercase)
        .collect()
}

/// `%E4%BD%A0` is another spelling of 你. What decodes to no text stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let byte = part.get(..2).map(|hex| u8::from_str_radix(hex, 16));
        match (byte, part.get(2..)) {
            (Some(Ok(byte)), Some(rest)) => {
                bytes.push(byte);
                bytes.extend(rest.bytes());
            }
            _ => bytes.extend(format!("%{part}").bytes()),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Fullwidth forms (U+FF01 to U+FF5E) lie in the order of ASCII.
fn half_width(char: char) -> char {
    const APART: u32 = 0xFEE0;
    match char {
        '！'..='～' => char::from_u32(u32::from(char) - APART).unwrap_or(char),
        other => other,
    }
}

/// Variation selectors, joiners and marks that show nothing.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{FE00}'..='\u{FE0F}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::path::SpecPath;

    fn change(from: Value, to: Value) -> Change {
        let some = |value: Value| Some(value).filter(|value| !value.is_null());
        Change {
            path: SpecPath::root().field("x"),
            from: some(from),
            to: some(to),
        }
    }

    #[test]
    fn spellings_are_told_from_other_values() {
        for (from, to) in [
            ("❤", "❤\u{FE0F}"),
            ("ABC１", "ＡＢＣ1"),
            ("主页", " 主页 "),
            ("https://wx.example.com/a", "https://WX.Example.com/a"),
            (
                "https://wx.example.com/%E4%BD%A0",
                "https://wx.example.com/你",
            ),
        ] {
            assert!(alike(&[change(json!(from), json!(to))]), "{from} {to}");
            let nested = |text: &str| json!({"name": "A", "subButtons": [{"name": text}]});
            assert!(alike(&[change(nested(from), nested(to))]), "{from} {to}");
        }
        for (from, to) in [
            (json!("主页"), json!("首页")),
            (json!("主页"), json!("主页2")),
            (json!(null), json!("主页")),
            (json!("主页"), json!(null)),
            (json!(1), json!(2)),
        ] {
            assert!(!alike(&[change(from, to)]));
        }
        assert!(!alike(&[]));
        let same = change(json!("❤"), json!("❤\u{FE0F}"));
        assert!(!alike(&[same, change(json!("a"), json!("b"))]));
    }
}
