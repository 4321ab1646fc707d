//! An answer's bytes as JSON, read leniently: what somebody typed into a name must not cost the whole answer.
//!
//! WeChat passes on what people typed: raw control characters inside texts, half of a surrogate pair, bytes that are
//! no UTF-8, a byte order mark in front or in between. All of these are mended, since they stand in texts whose
//! neighbours are sound; where bytes or half of a character were lost, [`LOST`] stands, so that nobody takes what is
//! left for what was typed. Anything else that is no JSON (cut off, doubled, HTML) is refused, never guessed at, and so
//! is an object that has a field twice, with two values.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A byte order mark. Outside of texts it means nothing.
const MARK: char = '\u{feff}';
/// Stands where a text had bytes that are no UTF-8, or half of a surrogate pair: a code point that no text has.
pub const LOST: char = '\u{fdd0}';

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
    /// A field is there twice, with two values.
    #[error("a field is there twice, with two values")]
    Twice,
}

/// Reads an object. Depth is bounded by `serde_json` (128), size by whoever collected the bytes.
///
/// # Errors
/// [`NotRead`].
pub fn read_object(bytes: &[u8]) -> Result<Value, NotRead> {
    let text = decoded(bytes);
    let strict = match serde_json::from_str::<Once>(&text) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::from_str::<Once>(&mended(&text)),
    };
    match strict {
        Ok(Once(value)) if value.is_object() => Ok(value),
        Ok(_) => Err(NotRead::NoObject),
        // Whatever is JSON fits, but for this.
        Err(error) if error.is_data() => Err(NotRead::Twice),
        Err(_) if text.trim_matches([MARK, ' ', '\t', '\r', '\n']).is_empty() => {
            Err(NotRead::Empty)
        }
        Err(error) => Err(NotRead::Syntax(said(&error))),
    }
}

/// Whether something of a text in it was lost.
#[must_use]
pub fn has_lost(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(LOST),
        Value::Array(items) => items.iter().any(has_lost),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains(LOST) || has_lost(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The bytes as text.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    text.push(LOST);
                }
            }
            Cow::Owned(text)
        }
    }
}

/// A value whose objects have each field once, or with one value each time: of two values none can be relied on.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Self)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            found.push(item);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some((name, Once(value))) = fields.next_entry::<String, Once>()? {
            if found.get(&name).is_some_and(|first| *first != value) {
                return Err(A::Error::custom("twice"));
            }
            found.insert(name, value);
        }
        Ok(Value::Object(found))
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
            (Some(0xd800..=0xdfff), _) => (Cow::Borrowed("\\ufdd0"), 6),
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
            (b"\xe6\xb5\x8b\xe8\xaf", "测\u{fdd0}"),
            (b"\xff\xfe", "\u{fdd0}\u{fdd0}"),
            (b"\\ud83d\xe5\x8f\xb7", "\u{fdd0}号"),
            (b"\\ude00x", "\u{fdd0}x"),
            (b"\\ud83d\\u0041", "\u{fdd0}A"),
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
    fn what_was_lost_of_a_text_shows() {
        for (body, lost) in [
            (&b"{\"a\":[{\"b\":\"\xff\"}]}"[..], true),
            (b"{\"\xff\":1}", true),
            (b"{\"a\":\"\\ud83d\"}", true),
            ("{\"a\":\"\u{fffd}\u{1}\"}".as_bytes(), false),
        ] {
            assert_eq!(has_lost(&read_object(body).unwrap()), lost, "{body:?}");
        }
    }

    #[test]
    fn of_two_values_none_can_be_relied_on() {
        for twice in [
            r#"{"errcode":0,"errcode":46003}"#,
            r#"{"template_list":[{"a":1}],"template_list":[]}"#,
            r#"{"a":[{"b":{"c":1,"c":"1"}}]}"#,
            "{\"a\":\"\u{1}\",\"a\":\"\"}",
        ] {
            assert_eq!(
                read_object(twice.as_bytes()),
                Err(NotRead::Twice),
                "{twice}"
            );
        }
        let same = read_object(br#"{"errcode":0,"a":{"b":[]},"errcode":0,"a":{"b":[]}}"#);
        assert_eq!(same, Ok(json!({"errcode": 0, "a": {"b": []}})));
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
