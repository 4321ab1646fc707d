//! What the forms in which a person agrees have in common: a call with an action, a sink for the event, the person's
//! hand.

use serde_json::{Value, json};

use super::Registrar;
use crate::simulator::http::{Reply, request};
use crate::simulator::sink::Sink;
use crate::simulator::world::text;

pub const ENTERPRISE: &str = "/wxa/component/fastregisterenterpriseweapp";
pub const OLD_ENTERPRISE: &str = "/cgi-bin/component/fastregisterweapp";
pub const PERSON: &str = "/wxa/component/fastregisterpersonalweapp";
pub const TRIAL: &str = "/wxa/component/fastregisterbetaweapp";
/// The day before the notice.
pub const BEFORE: &str = "2026-04-29T12:00:00+08:00";

pub fn enterprise() -> Value {
    json!({
        "name": "晨光舞蹈有限公司", "code": "91110000MA0000000A", "component_phone": "13000000000",
        "new_version": true,
    })
}

pub fn old_enterprise() -> Value {
    json!({
        "name": "晨光舞蹈有限公司", "code": "91110000MA0000000A", "code_type": 1,
        "legal_persona_wechat": "dancer01", "legal_persona_name": "张三",
        "component_phone": "13000000000",
    })
}

pub fn person() -> Value {
    json!({
        "idname": "张三", "wxuser": "dancer01", "component_phone": "13000000000",
        "new_version": true,
    })
}

/// The body with one thing changed; null takes it away.
pub fn but(mut body: Value, key: &str, value: Value) -> Value {
    if value.is_null() {
        body.as_object_mut().unwrap().remove(key);
    } else {
        body[key] = value;
    }
    body
}

impl Registrar {
    /// A POST with an action, under the token's page name.
    pub fn ask(&self, path: &str, action: &str, body: &Value) -> Value {
        let target = format!("{path}?action={action}&access_token={}", self.component);
        self.world.raw("POST", &target, "", body.to_string()).json()
    }

    pub fn create(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask(path, "create", body);
        assert_eq!(answer["errcode"], 0, "{answer}");
        answer
    }

    /// Where notices go, and nothing else.
    pub fn notices(&self) -> Sink {
        let sink = Sink::answering("success");
        let notices = format!("http://{}/notices", sink.address);
        self.platform(json!({"noticesUrl": notices, "pushTickets": false}));
        sink
    }

    /// What comes of a task, and the event that tells of it.
    pub fn ends(&self, sink: &Sink, task: &str, order: &Value) -> String {
        let path = format!("/_sim/registrations/{task}");
        let done = self.world.control("POST", &path, order);
        assert_eq!(done["pushes"][0]["acknowledged"], true, "{done}");
        sink.next().opened()
    }

    pub fn only_task(&self) -> Value {
        let all = self.world.control("GET", "/_sim/registrations", &json!({}));
        let tasks = all["tasks"].as_array().unwrap();
        assert_eq!(tasks.len(), 1);
        tasks[0].clone()
    }

    /// The page behind an `authorize_url`, as a browser opens it.
    pub fn page(&self, url: &Value) -> String {
        let url = text(url);
        let here = format!("http://{}", self.world.wechat);
        let target = url.strip_prefix(&here).expect("a page of the simulator");
        let target = target.split('#').next().unwrap();
        let reply = request(self.world.wechat, "GET", target, &[], "").unwrap();
        assert_eq!(reply.status, 200);
        reply.body
    }

    pub fn click(&self, task: &str, agree: u8) -> Reply {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let body = format!("taskid={task}&agree={agree}");
        let path = "/wxawap/fastregister/answer";
        request(self.world.wechat, "POST", path, &[form], &body).unwrap()
    }
}

/// What stands in an element, CDATA or not.
pub fn element(xml: &str, name: &str) -> Option<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let inside = xml.split_once(&open)?.1.split_once(&close)?.0;
    let plain = inside.strip_prefix("<![CDATA[").unwrap_or(inside);
    Some(plain.strip_suffix("]]>").unwrap_or(plain).to_owned())
}
