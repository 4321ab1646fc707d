//! An answer's bytes as JSON, read leniently: what somebody typed into a name must not cost the whole answer.
//!
//! WeChat passes on what people typed: raw control characters inside texts, half of a surrogate pair, bytes that are
//! no UTF-8, a byte order mark in front or in between. All of these are mended, since they stand in texts whose
//! neighbours are sound. Anything else that is no JSON (cut off, doubled, HTML) is refused, never guessed at.

use std::borrow::Cow;

use serde_json::Value;

/// A byte order mark. Outside of texts it means nothing.
const MARK: char = '\u{feff}';

/// Why bytes are no JSON object that can be relied on. It quotes nothing of them: some hold tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It is no JSON, or too deep.
    #[error("it is no JSON ({0})")]
    Syntax(String),
    /// It is JSON, but no object.
    #[error("it is no JSON object")]
    NoObject,
}

/// Reads an object. Depth is bounded by `serde_json` (128), size by whoever collected the bytes.
///
/// # Errors
/// [`NotRead`].
pub fn read_object(bytes: &[u8]) -> Result<Value, NotRead> {
    let text = String::from_utf8_lossy(bytes);
    let strict = match serde_json::from_str::<Value>(&text) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::from_str::<Value>(&mended(&text)),
    };
    match strict {
        Ok(value) if value.is_object() => Ok(value),
        Ok(_) => Err(NotRead::NoObject),
        Err(_) if text.trim_matches([MARK, ' ', '\t', '\r', '\n']).is_empty() => {
            Err(NotRead::Empty)
        }
        Err(error) => Err(NotRead::Syntax(said(&error))),
    }
}

/// What is wrong, and where, without what stands there.
fn said(error: &serde_json::Error) -> String {
    let what = if error.is_eof() {
        "it ends too early"
    } else {
        "something does not belong there"
    };
    format!("{what}, line {} column {}", error.line(), error.column())
}

/// The same text with what JSON does not allow inside a text escaped, and byte order marks between texts left out.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        rest = rest.get(char.len_utf8()..).unwrap_or_default();
        match char {
            MARK => {}
            '"' => {
                out.push('"');
                rest = mend_text(rest, &mut out);
            }
            other => out.push(other),
        }
    }
    out
}

/// Writes a text to its closing quote; answers what follows it.
fn mend_text<'t>(mut rest: &'t str, out: &mut String) -> &'t str {
    while let Some(char) = rest.chars().next() {
        let after = rest.get(char.len_utf8()..).unwrap_or_default();
        match char {
            '"' => {
                out.push('"');
                return after;
            }
            '\\' => {
                let (escape, len) = escape(rest);
                out.push_str(&escape);
                rest = rest.get(len..).unwrap_or_default();
                continue;
            }
            control if u32::from(control) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
        rest = after;
    }
    rest
}

/// The escape at the start of a text, sound, and its length there. A backslash that begins none stands for itself.
fn escape(text: &str) -> (Cow<'static, str>, usize) {
    const LONE: (Cow<'static, str>, usize) = (Cow::Borrowed("\\\\"), 1);
    match text.as_bytes().get(1) {
        Some(b'u') => match (unit(text), text.get(6..).and_then(unit)) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                (Cow::Owned(format!("\\u{high:04x}\\u{low:04x}")), 12)
            }
            (Some(0xd800..=0xdfff), _) => (Cow::Borrowed("\\ufffd"), 6),
            (Some(unit), _) => (Cow::Owned(format!("\\u{unit:04x}")), 6),
            (None, _) => LONE,
        },
        Some(b'"') => (Cow::Borrowed("\\\""), 2),
        Some(b'\\') => (Cow::Borrowed("\\\\"), 2),
        Some(b'/') => (Cow::Borrowed("/"), 2),
        Some(b'b') => (Cow::Borrowed("\\b"), 2),
        Some(b'f') => (Cow::Borrowed("\\f"), 2),
        Some(b'n') => (Cow::Borrowed("\\n"), 2),
        Some(b'r') => (Cow::Borrowed("\\r"), 2),
        Some(b't') => (Cow::Borrowed("\\t"), 2),
        Some(_) | None => LONE,
    }
}

/// The number in a `\uXXXX` at the start of a text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn name(bytes: &[u8]) -> String {
        let read = read_object(bytes).unwrap();
        read["name"].as_str().unwrap().to_owned()
    }

    #[test]
    fn what_somebody_typed_into_a_name_costs_nothing_else() {
        for (typed, read) in [
            (&b"\x14\xe6\xb5\x8b\x0b"[..], "\u{14}测\u{b}"),
            (b"a\nb\tc", "a\nb\tc"),
            (b"\xe6\xb5\x8b\xe8\xaf", "测\u{fffd}"),
            (b"\xff\xfe", "\u{fffd}\u{fffd}"),
            (b"\\ud83d\xe5\x8f\xb7", "\u{fffd}号"),
            (b"\\ude00x", "\u{fffd}x"),
            (b"\\ud83d\\u0041", "\u{fffd}A"),
            (b"\\ud83d\\ude00\x01", "😀\u{1}"),
            (b"\xef\xbb\xbfa\x02", "\u{feff}a\u{2}"),
            (b"a\\qb", "a\\qb"),
            (b"\\\"\x01\\\\", "\"\u{1}\\"),
            (b"\\u12\x01", "\\u12\u{1}"),
            (b"a\\/b\x01", "a/b\u{1}"),
            (b"\x00", "\u{0}"),
        ] {
            let body = [&b"{\"name\":\""[..], typed, b"\",\"id\":7}"].concat();
            assert_eq!(name(&body), read, "{typed:?}");
            assert_eq!(read_object(&body).unwrap()["id"], 7, "{typed:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_outside_of_texts_means_nothing() {
        for body in [
            "\u{feff}{\"name\":\"a\"}",
            "\u{feff}\u{feff} {\u{feff}\"name\":\u{feff}\"a\"\u{feff}} \u{feff}",
        ] {
            assert_eq!(name(body.as_bytes()), "a");
        }
    }

    #[test]
    fn what_is_no_object_is_refused_and_never_quoted() {
        let good = br#"{"secret":"refreshtoken@@@sentinel","a":{"b":[1]}}"#;
        let deep = [b"{\"a\":".repeat(5_000), b"1".to_vec(), b"}".repeat(5_000)].concat();
        for bad in [
            &b""[..],
            b" \r\n",
            b"\xef\xbb\xbf",
            b"[]",
            b"null",
            b"7",
            b"\"sentinel\"",
            b"<html>sentinel</html>",
            &good[..good.len() / 2],
            &good[..good.len() - 1],
            &[&good[..], &good[..]].concat(),
            &[&good[..], b"sentinel"].concat(),
            b"{\"a\":sentinel}",
            b"{'a':1}",
            &deep,
        ] {
            let error = read_object(bad).unwrap_err();
            assert!(!error.to_string().contains("sentinel"), "{error}");
        }
        assert_eq!(read_object(b" ").unwrap_err(), NotRead::Empty);
        assert_eq!(read_object(b"[1]").unwrap_err(), NotRead::NoObject);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_object(&bytes);
            let _ = read_object(&[b"{\"a\":\"", &bytes[..], b"\"}"].concat());
        }

        #[test]
        fn sound_json_reads_as_it_is(text in any::<String>()) {
            let value = json!({"a": text});
            prop_assert_eq!(&read_object(value.to_string().as_bytes()).unwrap(), &value);
            let mended = mended(&value.to_string());
            prop_assert_eq!(&serde_json::from_str::<Value>(&mended).unwrap()["a"], &value["a"]);
        }
    }
}
