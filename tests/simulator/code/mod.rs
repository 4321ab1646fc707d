//! Code of a mini-program from its template to its users, from outside: what its pages document, refusals included.

mod audits;
mod codes;
mod commit;
mod filing;
mod privacy;
mod release;
mod rows;
mod submit;
mod templates;
mod thread;

pub use rows::rows;

use serde_json::{Value, json};

use crate::simulator::miniprogram::Mini;
use crate::simulator::world::{MINI, PLATFORM};

pub const COMMIT: &str = "/wxa/commit";
pub const SUBMIT: &str = "/wxa/submit_audit";
pub const LATEST: &str = "/wxa/get_latest_auditstatus";
pub const RELEASE: &str = "/wxa/release";
pub const VERSIONS: &str = "/wxa/getversioninfo";

/// A world with a template, and a mini-program that may hand code in.
pub fn ready() -> Mini {
    let mini = Mini::start();
    template(
        &mini,
        json!({"pages": ["pages/index/index", "pages/order/list"]}),
    );
    mini.change(json!({
        "headImg": "http://wx.qlogo.cn/mmhead/example/0",
        "signature": "教孩子们跳舞",
        "miniProgram": {"categories": [{"first": 8, "second": 590}]},
    }));
    mini
}

/// The platform's one template has code like this.
pub fn template(mini: &Mini, code: Value) {
    let template = json!({
        "templateId": 4, "userVersion": "1.0.0", "userDesc": "报名", "createTime": 1_700_000_000, "code": code,
    });
    platform(mini, json!({"codeTemplates": [template]}));
}

pub fn platform(mini: &Mini, change: Value) {
    let path = format!("/_sim/platforms/{PLATFORM}");
    mini.world.control("PATCH", &path, &change);
}

pub fn commit_body(version: &str, ext_json: &Value) -> Value {
    json!({"template_id": 4, "ext_json": ext_json.to_string(), "user_version": version, "user_desc": "报名"})
}

/// Uploads a version, and waits until it has been looked at.
pub fn commit(mini: &Mini, version: &str) {
    let body = commit_body(version, &json!({"extAppid": MINI}));
    assert_eq!(mini.code(COMMIT, &body), 0, "{version}");
    mini.world.advance(60);
}

pub fn items() -> Value {
    json!({"item_list": [{
        "address": "pages/index/index", "tag": "舞蹈 报名", "title": "首页",
        "first_class": "教育", "second_class": "素质教育", "first_id": 8, "second_id": 590,
    }]})
}

/// Hands in what was uploaded, and answers the audit's id.
pub fn submit(mini: &Mini) -> u64 {
    let answer = mini.post(SUBMIT, &items());
    assert_eq!(answer["errcode"], 0, "{answer}");
    answer["auditid"].as_u64().unwrap()
}

pub fn decide(mini: &Mini, audit: u64, order: Value) -> Value {
    let path = format!("/_sim/audits/{audit}");
    mini.world.control("POST", &path, &order)
}

/// A version that is uploaded, reviewed and online.
pub fn publish(mini: &Mini, version: &str) {
    commit(mini, version);
    let audit = submit(mini);
    decide(mini, audit, json!({"outcome": "approved"}));
    assert_eq!(mini.code(RELEASE, &json!({})), 0, "{version}");
}

/// What somebody does in a console.
pub fn by_hand(mini: &Mini, order: Value) -> Value {
    let path = format!("/_sim/accounts/{MINI}/code");
    mini.world.control("POST", &path, &order)
}
