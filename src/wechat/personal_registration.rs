//! Registering a mini-program for a person (快速注册个人小程序).
//!
//! Asking makes a task and no mini-program. Its answer holds the address under which the person agrees within 24 hours; WeChat
//! writes to nobody, so that nothing can come of a task whose answer was lost. What came of it is told by the task, and the
//! new appid by `notify_third_fasteregister` alone.
//! WeChat's page: developers.weixin.qq.com, `fastRegisterPersonalMp`; in the form of the notice of 2026-04-30
//! (`new_version`).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// Asks a person. Both actions have one path; the action stands in the query, whatever the method.
pub static CREATE: Endpoint = Endpoint {
    name: "fastregisterpersonalweapp",
    path: "/wxa/component/fastregisterpersonalweapp?action=create",
    method: Method::Post,
    class: CallClass::AtMostOnce,
    token: TokenKind::ComponentAsAccess,
    sets: &[],
    quotas: &[],
};

/// How far a task is.
pub static QUERY: Endpoint = Endpoint {
    name: "fastregisterpersonalweapp query",
    path: "/wxa/component/fastregisterpersonalweapp?action=query",
    class: CallClass::Read,
    ..CREATE
};

/// How long the person's address works.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// Asks the person with this name and WeChat id (微信号) to agree to a mini-program. Refused with 86030, 86032 (no such
/// WeChat id), 86036 (it is not that person's name), 86031 and 86033 (the platform may not).
#[must_use]
pub fn request(platform: &Appid, name: &str, wechat_id: &str, phone: Option<&str>) -> Call {
    let mut body = Map::new();
    body.insert("idname".to_owned(), json!(name));
    body.insert("wxuser".to_owned(), json!(wechat_id));
    if let Some(phone) = phone {
        body.insert("component_phone".to_owned(), json!(phone));
    }
    body.insert("new_version".to_owned(), json!(true));
    Call::new(&CREATE, platform.clone(), &Value::Object(body))
}

/// Asks how far a task is.
#[must_use]
pub fn query_request(platform: &Appid, task: &str) -> Call {
    Call::new(&QUERY, platform.clone(), &json!({"taskid": task}))
}

/// The WeChat id of the person that a call asks.
#[must_use]
pub fn asks(call: &Call) -> Option<String> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    Some(body.get("wxuser")?.as_str()?.to_owned())
}

/// A person, by the WeChat id in whatever case: WeChat takes them for one.
#[must_use]
pub fn person(wechat_id: &str) -> String {
    wechat_id.to_ascii_lowercase()
}

/// What is noted beside a request, since the push that tells what came of it names the person alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFor {
    /// The tenant's mini-program: `tenant:item`.
    pub r#for: String,
    /// Its item.
    pub item: String,
    /// The task before it, which came to nothing.
    #[serde(default)]
    pub after: Option<String>,
    /// The tenant's mini-program that a task before it may still make: the push would not tell which of the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

impl AskedFor {
    /// Whose the mini-program is that the person agreed to; `None` where it may be one of two.
    #[must_use]
    pub fn whose(&self) -> Option<&str> {
        let other = self.beside.as_ref().filter(|other| **other != self.r#for);
        other.is_none().then_some(&self.r#for)
    }
}

/// The answer of both.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Task {
    /// `taskid`
    pub taskid: String,
    /// Where the person agrees; works for [`PATIENCE`].
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub authorize_url: Option<String>,
    /// How far it is.
    #[serde(deserialize_with = "tolerant::int")]
    pub status: i64,
}

/// How far a task is, by its `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The person has to open the address, or goes through what it asks: 0, 3, 4, 6, 7, 9.
    WithPerson,
    /// WeChat makes it: 10.
    WithWechat,
    /// It is there: 12, 13, and 14, whose verification did not pass.
    Made,
    /// Nobody opened the address in time: 1.
    TimedOut,
    /// The person refused (2), or something was found (5, 8, 11, 1001 to 1008).
    Failed(Failure),
    /// A number that no page names.
    Unknown,
}

/// Why nothing came of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The person refused.
    Refused,
    /// The face check did not pass.
    Face,
    /// The phone number was not confirmed.
    Phone,
    /// The principal, or the person, has as many mini-programs as WeChat allows: 1001, 1003.
    Limit,
    /// WeChat could not make it, or will not: it says no more than the number.
    NotMade,
}

impl Task {
    /// How far it is. (A product page lists other values; WeChat's staff say that the interface's own list rules.)
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self.status {
            0 | 3 | 4 | 6 | 7 | 9 => Stage::WithPerson,
            10 => Stage::WithWechat,
            12..=14 => Stage::Made,
            1 => Stage::TimedOut,
            2 => Stage::Failed(Failure::Refused),
            5 => Stage::Failed(Failure::Face),
            8 => Stage::Failed(Failure::Phone),
            1001 | 1003 => Stage::Failed(Failure::Limit),
            11 | 1002 | 1004..=1008 => Stage::Failed(Failure::NotMade),
            _ => Stage::Unknown,
        }
    }

    /// Where the person agrees, if it is an address.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        let link = self.authorize_url.as_deref()?;
        let is_web = link.starts_with("https://") || link.starts_with("http://");
        let plain = link.bytes().all(|byte| byte.is_ascii_graphic());
        (is_web && plain).then_some(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(status: i64, link: &str) -> Task {
        serde_json::from_value(
            json!({"taskid": "t-1", "authorize_url": link, "status": status.to_string()}),
        )
        .unwrap()
    }

    #[test]
    fn the_new_form_is_asked_for_and_the_person_is_named() {
        let platform = Appid::parse("wx0000000000000001").unwrap();
        let call = request(&platform, "张三", "zhangsan01", None);
        let body: Value = serde_json::from_str(call.body()).unwrap();
        let expected = json!({"idname": "张三", "wxuser": "zhangsan01", "new_version": true});
        assert_eq!(body, expected);
        assert_eq!(asks(&call).as_deref(), Some("zhangsan01"));
    }

    #[test]
    fn every_number_of_the_page_has_a_stage() {
        let known = (0..=14).chain(1001..=1008);
        for status in known {
            assert_ne!(task(status, "").stage(), Stage::Unknown, "{status}");
        }
        assert_eq!(task(15, "").stage(), Stage::Unknown);
    }

    #[test]
    fn only_an_address_is_a_link() {
        assert_eq!(task(0, "https://a/b?c=1").link(), Some("https://a/b?c=1"));
        for odd in [
            "",
            "javascript:alert(1)",
            "https://a b",
            "https://a\u{202e}",
        ] {
            assert_eq!(task(0, odd).link(), None, "{odd}");
        }
    }
}
