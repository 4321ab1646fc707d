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
