//! The APIs of registration for `table.rs`, written down from WeChat's documents.

use serde_json::json;

use crate::simulator::rows::{Row, Takes, post};

pub fn rows() -> Vec<Row> {
    vec![post(
        super::REGISTER,
        Takes::Account,
        27,
        json!({"ticket": "x"}),
        61058,
    )]
}
