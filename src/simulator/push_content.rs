//! What a push says, in the order it says it, and the two forms it can be written in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How an envelope or its content is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// As WeChat sends it to platforms.
    #[default]
    Xml,
    /// As some report it, and some pages document it.
    Json,
}

impl Form {
    pub(super) fn is_xml(&self) -> bool {
        *self == Self::Xml
    }
}

/// The fields of a push, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Content(Vec<(String, Value)>);

impl Content {
    /// One field more.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Fields of the caller's own, or the name that is none.
    pub(super) fn with_all(mut self, fields: &Map<String, Value>) -> Result<Self, String> {
        if let Some(strange) = strange_name(fields) {
            return Err(format!("`{strange}` is no name of a field"));
        }
        let fields = fields
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        self.0.extend(fields);
        Ok(self)
    }

    /// The same with this text in capitals wherever it is a whole value.
    pub(super) fn in_capitals(&self, text: &str) -> Self {
        let capitals = |(name, value): &(String, Value)| {
            let value = if value.as_str() == Some(text) {
                Value::from(text.to_uppercase())
            } else {
                value.clone()
            };
            (name.clone(), value)
        };
        Self(self.0.iter().map(capitals).collect())
    }

    pub(super) fn written(&self, form: Form) -> String {
        match form {
            Form::Xml => {
                let mut xml = "<xml>".to_owned();
                for (name, value) in &self.0 {
                    push_element(&mut xml, name, value);
                }
                xml + "</xml>"
            }
            Form::Json => {
                let field = |(name, value): &(String, Value)| {
                    format!("{}:{value}", Value::from(name.as_str()))
                };
                let fields: Vec<String> = self.0.iter().map(field).collect();
                format!("{{{}}}", fields.join(","))
            }
        }
    }
}

/// A name that XML has no element for.
fn strange_name(fields: &Map<String, Value>) -> Option<&str> {
    let fits = |name: &str| {
        let mut letters = name.bytes();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
    };
    fields.iter().find_map(|(name, value)| {
        if !fits(name) {
            return Some(name.as_str());
        }
        let items = value.as_array().into_iter().flatten();
        let mut below = items.chain([value]).filter_map(Value::as_object);
        below.find_map(strange_name)
    })
}

/// Texts stand in CDATA, numbers do not; a list is its element again and again.
fn push_element(xml: &mut String, name: &str, value: &Value) {
    let mut inside = String::new();
    match value {
        Value::Array(items) => {
            for item in items {
                push_element(xml, name, item);
            }
            return;
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                push_element(&mut inside, name, value);
            }
        }
        Value::String(text) => {
            // The end of a section cannot stand in one, so it is split over two.
            let text = text.replace("]]>", "]]]]><![CDATA[>");
            inside = format!("<![CDATA[{text}]]>");
        }
        Value::Number(number) => inside = number.to_string(),
        Value::Bool(is) => inside = is.to_string(),
        Value::Null => {}
    }
    xml.push_str(&format!("<{name}>{inside}</{name}>"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_keep_the_order() {
        let fields =
            json!({"list": [{"appid": "wx1"}, {"appid": "wx2"}], "reason": "]]>", "none": null});
        let content = Content::default()
            .with("InfoType", "x")
            .with("CreateTime", 5)
            .with_all(fields.as_object().unwrap())
            .unwrap();
        assert_eq!(
            content.written(Form::Xml),
            "<xml><InfoType><![CDATA[x]]></InfoType><CreateTime>5</CreateTime>\
             <list><appid><![CDATA[wx1]]></appid></list><list><appid><![CDATA[wx2]]></appid></list>\
             <none></none><reason><![CDATA[]]]]><![CDATA[>]]></reason></xml>"
        );
        assert_eq!(
            content.written(Form::Json),
            r#"{"InfoType":"x","CreateTime":5,"list":[{"appid":"wx1"},{"appid":"wx2"}],"none":null,"reason":"]]>"}"#
        );
        let capitals = content.in_capitals("x").written(Form::Json);
        assert!(capitals.starts_with(r#"{"InfoType":"X","#), "{capitals}");
    }

    #[test]
    fn a_name_that_xml_cannot_have_is_refused() {
        for fields in [
            json!({"a b": 1}),
            json!({"": 1}),
            json!({"1a": 1}),
            json!({"a": [{"<": 1}]}),
        ] {
            let refused = Content::default().with_all(fields.as_object().unwrap());
            assert!(refused.is_err(), "{fields}");
        }
    }
}
