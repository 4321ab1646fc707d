//! The APIs of registration for `table.rs`, written down from WeChat's documents.

use serde_json::json;

use crate::simulator::rows::{Row, Takes, post};
use crate::simulator::world::MINI;

pub fn rows() -> Vec<Row> {
    let component = |path, stranger| post(path, Takes::Component, 0, json!({}), stranger);
    let trial = |path, set, body| Row {
        of: MINI,
        ..post(path, Takes::Account, set, body, 48001)
    };
    let verify = json!({"verify_info": {"enterprise_name": "x"}});
    vec![
        post(
            super::REGISTER,
            Takes::Account,
            27,
            json!({"ticket": "x"}),
            61058,
        ),
        component("/cgi-bin/component/fastregisterweapp", -1),
        component("/wxa/component/fastregisterenterpriseweapp", 40097),
        component("/wxa/component/fastregisterpersonalweapp", 40097),
        component("/wxa/component/fastregisterbetaweapp", 41009),
        // Only trial accounts have these.
        trial("/wxa/verifybetaweapp", 81, verify),
        trial("/wxa/setbetaweappnickname", 30, json!({"name": "日出舞蹈"})),
    ]
}
