//! Readers for fields whose type drifts between WeChat's pages and its wire.
//!
//! Numbers arrive as strings and the other way round, booleans as `"true"` or 0/1, lists as lists, as an object
//! with `list`, or not at all. What cannot be read is an error, except where a field is `Option`: those are never
//! worth losing an answer for.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An integer that may arrive as a string.
#[must_use]
pub fn integer(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A truth value that may arrive as `true`, `"true"`, 1 or `"1"`.
#[must_use]
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Number(_) => number_as_truth(integer(value)?),
        Value::String(text) => match text.trim() {
            "true" => Some(true),
            "false" => Some(false),
            _ => number_as_truth(integer(value)?),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number_as_truth(number: i64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// A text that may arrive as a number.
#[must_use]
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The items of a list that may arrive as an array, as an object with `list`, as one object, or not at all.
#[must_use]
pub fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(object) => match object.get("list") {
            Some(list) => items(list),
            None if object.is_empty() => Vec::new(),
            None => vec![value],
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// `deserialize_with`: see [`integer`].
pub(super) fn int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    integer(&Value::deserialize(deserializer)?)
        .ok_or_else(|| Error::custom("expected a number or a number as text"))
}

/// `deserialize_with`: see [`integer`]; what is no number is `None`.
pub(super) fn maybe_int<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    Ok(integer(&Value::deserialize(deserializer)?))
}

/// `deserialize_with`: see [`truth`]; what is neither is `None`.
pub(super) fn maybe_bool<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    Ok(truth(&Value::deserialize(deserializer)?))
}

/// `deserialize_with`: see [`text()`]; what is no text is `None`.
pub(super) fn maybe_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(text(&Value::deserialize(deserializer)?))
}

/// `deserialize_with`: a secret that may be missing, null or empty.
pub(super) fn maybe_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<super::secret::Secret>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text
        .filter(|text| !text.is_empty())
        .map(|text| super::secret::Secret::new(&text)))
}

/// `deserialize_with`: see [`items`].
pub(super) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    items(&Value::deserialize(deserializer)?)
        .into_iter()
        .map(|item| T::deserialize(item).map_err(Error::custom))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_may_be_a_string() {
        assert_eq!(integer(&json!(208_396_938)), Some(208_396_938));
        assert_eq!(integer(&json!(" 208396938 ")), Some(208_396_938));
        assert_eq!(
            integer(&json!("3557254367693750277")),
            Some(3_557_254_367_693_750_277)
        );
        assert_eq!(integer(&json!("过期时间")), None);
        assert_eq!(integer(&json!([1])), None);
    }

    #[test]
    fn a_truth_may_be_a_string_or_a_number() {
        for yes in [json!(true), json!("true"), json!(1), json!("1")] {
            assert_eq!(truth(&yes), Some(true), "{yes}");
        }
        for no in [json!(false), json!("false"), json!(0), json!("0")] {
            assert_eq!(truth(&no), Some(false), "{no}");
        }
        for neither in [json!(2), json!("yes"), json!(null), json!([])] {
            assert_eq!(truth(&neither), None, "{neither}");
        }
    }

    #[test]
    fn a_list_may_be_an_object_or_missing() {
        let one = json!({"name": "a"});
        for (value, count) in [
            (json!([one, one]), 2),
            (json!({"list": [one, one]}), 2),
            (json!({"list": one}), 1),
            (json!({"list": null}), 0),
            (json!({}), 0),
            (json!([]), 0),
            (json!(null), 0),
            (json!(""), 0),
            (one.clone(), 1),
        ] {
            assert_eq!(items(&value).len(), count, "{value}");
        }
    }
}
