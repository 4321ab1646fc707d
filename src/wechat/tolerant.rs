//! Readers for fields whose type drifts between WeChat's pages and its wire.
//!
//! Numbers arrive as strings and the other way round, booleans as `"true"` or 0/1, lists as lists or as an object with
//! `list`. Tolerance ends there: null, or a value of another kind, is not an empty one. A reader called `maybe_…` makes
//! `None` of what it cannot read and is for fields that nothing is decided by; a `given_…` one takes a field that may
//! be left out and refuses one that is there and cannot be read; the others are for what must be there.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An integer that may arrive as a string, or as `0.0`.
#[must_use]
pub fn integer(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .or_else(|| whole(value.as_f64().filter(|_| value.is_f64())?))
}

/// A float that is a whole number and small enough to have been written as one.
fn whole(float: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let sure = float.fract() == 0.0 && float.abs() < EXACT;
    sure.then(|| format!("{float:.0}").parse().ok()).flatten()
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

/// The items of a list that may arrive as an array, as an object with `list`, or as one object; an empty one as `{}`.
/// `None` where it is no list: null is not an empty one.
#[must_use]
pub fn items(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Object(object) => match object.get("list") {
            Some(list) => items(list),
            None if object.is_empty() => Some(Vec::new()),
            None => Some(vec![value]),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
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

/// `deserialize_with`: see [`truth`].
pub(super) fn truthful<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    truth(&Value::deserialize(deserializer)?)
        .ok_or_else(|| Error::custom("expected a truth value, 0 or 1"))
}

/// `deserialize_with`: see [`truth`]; what is neither is `None`.
pub(super) fn maybe_bool<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    Ok(truth(&Value::deserialize(deserializer)?))
}

/// `deserialize_with`: see [`truth`]; a field that may be left out, but not be anything else.
pub(super) fn given_bool<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    truthful(deserializer).map(Some)
}

/// `deserialize_with`: see [`text()`]; what is no text is `None`.
pub(super) fn maybe_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(text(&Value::deserialize(deserializer)?))
}

/// `deserialize_with`: see [`text()`]; what is no text is empty, where WeChat leaves out what is not set.
pub(super) fn maybe_said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(maybe_text(deserializer)?.unwrap_or_default())
}

/// `deserialize_with`: see [`texts`]; what is no list of texts is empty.
pub(super) fn maybe_texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let texts = items(&value).and_then(|items| items.into_iter().map(text).collect());
    Ok(texts.unwrap_or_default())
}

/// `deserialize_with`: a secret that may be missing, null, empty or no text.
pub(super) fn maybe_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<super::secret::Secret>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = value.as_str().filter(|text| !text.trim().is_empty());
    Ok(text.map(super::secret::Secret::new))
}

/// `deserialize_with`: see [`integer`]; a field that may be left out, but not be anything else.
pub(super) fn given_int<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    int(deserializer).map(Some)
}

/// `deserialize_with`: see [`text()`].
pub(super) fn string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(&Value::deserialize(deserializer)?).ok_or_else(|| Error::custom("expected a text"))
}

/// `deserialize_with`: see [`text()`]; a field that may be left out, but not be anything else.
pub(super) fn given_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    string(deserializer).map(Some)
}

/// `deserialize_with`: a secret that says something.
pub(super) fn secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<super::secret::Secret, D::Error> {
    maybe_secret(deserializer)?.ok_or_else(|| Error::custom("expected a text that is not empty"))
}

/// `deserialize_with`: an object, and nothing that only could be read as one (a list of its fields' values).
pub(super) fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    read_object(&Value::deserialize(deserializer)?).map_err(Error::custom)
}

/// `deserialize_with`: see [`object`]; a field that may be left out, but not be anything else.
pub(super) fn given_object<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    object(deserializer).map(Some)
}

/// Reads an object as a type; serde alone would take a list for one.
pub(super) fn read_object<T: DeserializeOwned>(value: &Value) -> Result<T, serde_json::Error> {
    if value.is_object() {
        T::deserialize(value)
    } else {
        Err(Error::custom("expected an object"))
    }
}

/// `deserialize_with`: see [`items`]; a list of objects.
pub(super) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    objects(&Value::deserialize(deserializer)?).map_err(Error::custom)
}

/// `deserialize_with`: see [`list`]; a field that may be left out, but not be anything else.
pub(super) fn given_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    list(deserializer).map(Some)
}

/// `deserialize_with`: see [`list`]; a field that may be left out, or null where an answer leaves open what it holds.
pub(super) fn maybe_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let known = Some(&value).filter(|value| !value.is_null());
    known.map(objects).transpose().map_err(Error::custom)
}

/// `deserialize_with`: see [`items`] and [`integer`]; a list of numbers.
pub(super) fn ints<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    items(&value)
        .and_then(|items| items.into_iter().map(integer).collect())
        .ok_or_else(|| Error::custom("expected a list of numbers"))
}

/// `deserialize_with`: see [`items`] and [`text()`]; a list of texts.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    items(&value)
        .and_then(|items| items.into_iter().map(text).collect())
        .ok_or_else(|| Error::custom("expected a list of texts"))
}

/// A list of objects.
pub(super) fn objects<T: DeserializeOwned>(value: &Value) -> Result<Vec<T>, serde_json::Error> {
    let items = items(value).ok_or_else(|| serde_json::Error::custom("expected a list"))?;
    items.into_iter().map(read_object).collect()
}

/// `deserialize_with`: whatever it is, `None` where it cannot be read as that.
pub(super) fn maybe<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Value::deserialize(deserializer)?).ok())
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
        assert_eq!(integer(&json!(7.0)), Some(7));
        assert_eq!(integer(&json!(-1.0)), Some(-1));
        for no in [
            json!([1]),
            json!(0.5),
            json!(1e30),
            json!(true),
            json!(null),
        ] {
            assert_eq!(integer(&no), None, "{no}");
        }
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
    fn a_list_may_be_an_object_and_is_never_null() {
        let one = json!({"name": "a"});
        for (value, count) in [
            (json!([one, one]), 2),
            (json!({"list": [one, one]}), 2),
            (json!({"list": one}), 1),
            (json!({}), 0),
            (json!([]), 0),
            (one.clone(), 1),
        ] {
            assert_eq!(
                items(&value).map(|items| items.len()),
                Some(count),
                "{value}"
            );
        }
        for none in [
            json!({"list": null}),
            json!(null),
            json!(""),
            json!(7),
            json!(true),
        ] {
            assert_eq!(items(&none), None, "{none}");
        }
    }

    #[test]
    fn a_list_of_values_is_no_object() {
        #[derive(Debug, Deserialize)]
        struct Pair {
            #[serde(default)]
            first: String,
        }
        assert!(read_object::<Pair>(&json!(["a"])).is_err());
        assert!(read_object::<Pair>(&json!([])).is_err());
        assert_eq!(
            read_object::<Pair>(&json!({"first": "a"})).unwrap().first,
            "a"
        );
        assert!(objects::<Pair>(&json!([[]])).is_err());
    }
}
