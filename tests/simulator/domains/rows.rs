//! The APIs about domains for `table.rs`, written down from WeChat's documents.

use serde_json::{Value, json};

use crate::simulator::rows::{Row, Takes, get as any_get, post as any_post};
use crate::simulator::world::MINI;

fn app(path: &'static str, body: Value, stranger: i64) -> Row {
    Row {
        of: MINI,
        ..any_post(path, Takes::Account, 18, body, stranger)
    }
}

fn component(path: &'static str, body: Value) -> Row {
    any_post(path, Takes::Component, 0, body, 0)
}

pub fn rows() -> Vec<Row> {
    let get = json!({"action": "get"});
    let add = json!({"action": "add", "requestdomain": ["https://a.example.com"]});
    let names = json!({"prefetch_dns_domain": [{"url": "d1.com"}]});
    vec![
        app("/wxa/modify_domain", add.clone(), 85017),
        app("/wxa/modify_domain_directly", add, 0),
        app("/wxa/get_effective_domain", json!({}), 0),
        app("/wxa/setwebviewdomain", json!({}), 89020),
        app("/wxa/setwebviewdomain_directly", get.clone(), 0),
        app("/wxa/get_webviewdomain_confirmfile", json!({}), 0),
        app("/wxa/get_effective_webviewdomain", json!({}), 0),
        Row {
            of: MINI,
            ..any_get("/wxa/get_prefetchdnsdomain", 18, 0)
        },
        app("/wxa/set_prefetchdnsdomain", names, 0),
        app("/wxa/fetchdatasetting", get.clone(), 0),
        component("/cgi-bin/component/modify_wxa_server_domain", get.clone()),
        component("/cgi-bin/component/modify_wxa_jump_domain", get),
        component("/cgi-bin/component/get_domain_confirmfile", json!({})),
    ]
}
