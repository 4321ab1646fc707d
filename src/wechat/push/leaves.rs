//! The fields of a decrypted body, in XML or in JSON: WeChat documents some notices in one and sends the other.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::Value;

use super::xml::{self, Malformed};
use crate::wechat::tolerant;

/// Calls `leaf` with name and trimmed text of each field of the first level, in order, doubled ones too. What a
/// field holds in fields of its own is checked for form and skipped.
pub(super) fn leaves(
    plaintext: &[u8],
    mut leaf: impl FnMut(&str, Cow<'_, str>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let text = std::str::from_utf8(plaintext).map_err(|_| Malformed)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') {
        json(text, leaf)
    } else {
        xml::children(text, |name, text| leaf(name, text))
    }
}

/// The same of what one field of the first level holds in fields of its own. None where it holds none.
pub(super) fn leaves_of(
    field: &str,
    plaintext: &[u8],
    leaf: impl FnMut(&str, Cow<'_, str>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let text = std::str::from_utf8(plaintext).map_err(|_| Malformed)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') {
        let whole: Value = serde_json::from_str(text).map_err(|_| Malformed)?;
        match whole.get(field) {
            Some(inner @ Value::Object(_)) => json(&inner.to_string(), leaf),
            Some(_) | None => Ok(()),
        }
    } else {
        match xml::inside(text, field)? {
            Some(inner) => {
                let mut leaf = leaf;
                xml::children(&format!("<xml>{inner}</xml>"), |name, text| {
                    leaf(name, text)
                })
            }
            None => Ok(()),
        }
    }
}

fn json(
    text: &str,
    leaf: impl FnMut(&str, Cow<'_, str>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader
        .deserialize_map(Fields(leaf))
        .and_then(|()| reader.end())
        .map_err(|_| Malformed)
}

/// Reads an object field by field: a map of them would drop the first of two with one name.
struct Fields<F>(F);

impl<'de, F> Visitor<'de> for Fields<F>
where
    F: FnMut(&str, Cow<'_, str>) -> Result<(), Malformed>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        while let Some((name, value)) = fields.next_entry::<String, Value>()? {
            let text = tolerant::text(&value).unwrap_or_default();
            (self.0)(&name, Cow::Borrowed(text.trim()))
                .map_err(|Malformed| A::Error::custom("a field is malformed"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, Malformed> {
        let mut found = Vec::new();
        leaves(text.as_bytes(), |name, text| {
            found.push((name.to_owned(), text.into_owned()));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn xml_and_json_say_the_same() {
        let xml =
            "<xml><AppId>wx1</AppId><appid>wx2</appid><n>3</n><info><a>1</a></info><e/></xml>";
        let json = "\u{feff} {\"AppId\": \" wx1 \", \"appid\": \"wx2\", \"n\": 3, \"info\": {\"a\": [1]}, \"e\": null}\n";
        assert_eq!(read(xml).unwrap(), read(json).unwrap());
        assert_eq!(read(json).unwrap().len(), 5);
    }

    #[test]
    fn what_a_field_holds_is_read_from_both() {
        let read = |text: &str| {
            let mut found = Vec::new();
            leaves_of("info", text.as_bytes(), |name, text| {
                found.push((name.to_owned(), text.into_owned()));
                Ok(())
            })?;
            Ok::<_, Malformed>(found)
        };
        let xml = "<xml><a>0</a><info> <a><![CDATA[ 1 ]]></a><b><a>2</a></b></info><a>3</a></xml>";
        let json = r#"{"a": "0", "info": {"a": " 1 ", "b": {"a": "2"}}, "c": "3"}"#;
        let expected = [("a", "1"), ("b", "")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(read(xml).unwrap(), expected);
        assert_eq!(read(json).unwrap(), expected);
        for none in [
            "<xml><info/></xml>",
            "<xml><a/></xml>",
            r#"{"info": "1"}"#,
            "{}",
        ] {
            assert_eq!(read(none).unwrap(), [], "{none}");
        }
        for bad in [
            "<xml><info><a></info></xml>",
            "<xml><info>",
            r#"{"info": {}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_field_that_is_there_twice_is_seen_twice() {
        assert_eq!(read(r#"{"a": "1", "a": "2"}"#).unwrap().len(), 2);
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in [
            "{",
            "{}{}",
            r#"{"a": 1}x"#,
            "[]",
            "\"text\"",
            "",
            &format!("{{\"a\": {}}}", "[".repeat(2_000)),
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(leaves(b"{\"a\": \"\xff\"}", |_, _| Ok(())), Err(Malformed));
    }
}
