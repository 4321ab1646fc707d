//! The APIs about plugins, location APIs and the order path for `table.rs`, written down from WeChat's documents.

use serde_json::{Value, json};

use crate::simulator::rows::{Row, Takes, get, post};
use crate::simulator::world::MINI;

fn app(path: &'static str, set: u32, body: Value, stranger: i64) -> Row {
    Row {
        of: MINI,
        ..post(path, Takes::Account, set, body, stranger)
    }
}

pub fn rows() -> Vec<Row> {
    let apply = json!({"api_name": "wx.choosePoi", "content": "选择门店"});
    let batch = json!({"batch_req": {"path": "pages/order/list", "appid_list": [MINI]}});
    vec![
        app("/wxa/plugin", 40, json!({"action": "list"}), 0),
        app("/wxa/devplugin", 40, json!({"action": "dev_agree"}), 89242),
        app("/wxa/security/apply_privacy_interface", 18, apply, 0),
        Row {
            of: MINI,
            ..get("/wxa/security/get_privacy_interface", 18, 0)
        },
        post(
            "/wxa/security/applysetorderpathinfo",
            Takes::Component,
            0,
            batch,
            0,
        ),
        app(
            "/wxa/security/getorderpathinfo",
            18,
            json!({"info_type": 0}),
            61041,
        ),
    ]
}
