//! The APIs of a mini-program for `table.rs`, written down from WeChat's documents.

use serde_json::{Value, json};

use crate::simulator::rows::{Row, Takes, post as any_post};
use crate::simulator::world::MINI;

fn post(path: &'static str, set: u32, body: Value, stranger: i64) -> Row {
    Row {
        of: MINI,
        ..any_post(path, Takes::Account, set, body, stranger)
    }
}

pub fn rows() -> Vec<Row> {
    let signature = json!({"signature": "教孩子们跳舞"});
    vec![
        Row {
            either: true,
            bodiless: true,
            ..post("/cgi-bin/account/getaccountbasicinfo", 30, json!({}), 0)
        },
        post("/cgi-bin/account/modifysignature", 30, signature, 0),
    ]
}
