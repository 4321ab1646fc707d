//! Readers for fields whose type drifts between WeChat's pages and its wire.

use serde_json::Value;

/// An integer that may arrive as a string.
#[must_use]
pub fn integer(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}
