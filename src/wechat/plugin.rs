//! The plugins (插件) that a mini-program uses: one path, whose `action` says what is done.
//!
//! A plugin's owner answers an application, and no push says so. The version that is used is in no answer.
//! WeChat's page: developers.weixin.qq.com, `api_manageplugin`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

const fn endpoint(name: &'static str, class: CallClass) -> Endpoint {
    Endpoint {
        name,
        path: "/wxa/plugin",
        method: Method::Post,
        class,
        token: TokenKind::Authorizer,
        sets: &[40],
        quotas: &[],
    }
}

/// All of them, and how far each is.
pub static LIST: Endpoint = endpoint("plugin list", CallClass::Read);
/// Asks a plugin's owner. A second time it is refused with 89237.
pub static APPLY: Endpoint = endpoint("plugin apply", CallClass::NaturalKey);
/// Ends the use of a plugin.
pub static UNBIND: Endpoint = endpoint("plugin unbind", CallClass::NaturalKey);
/// Moves to another version without a release. Journaled, since which version is used no read tells: what was done last is
/// what is known.
pub static UPDATE: Endpoint = endpoint("plugin update", CallClass::NaturalKey);

/// Asks for all plugins of `account`.
#[must_use]
pub fn list_request(account: &Appid) -> Call {
    Call::new(&LIST, account.clone(), &json!({"action": "list"}))
}

/// Asks the owner of a plugin. Refused with 89236 (nobody can), 89237 (asked for or used already), 89238 (too many), 89239 (no
/// such plugin).
#[must_use]
pub fn apply_request(account: &Appid, plugin: &Appid, reason: Option<&str>) -> Call {
    let mut body = json!({"action": "apply", "plugin_appid": plugin});
    if let (Some(reason), Value::Object(body)) = (reason, &mut body) {
        body.insert("reason".to_owned(), json!(reason));
    }
    Call::new(&APPLY, account.clone(), &body)
}

/// Ends the use of a plugin. Refused with 89244 where it is not on the list.
#[must_use]
pub fn unbind_request(account: &Appid, plugin: &Appid) -> Call {
    let body = json!({"action": "unbind", "plugin_appid": plugin});
    Call::new(&UNBIND, account.clone(), &body)
}

/// Moves to a version of a plugin. Refused with 89257 (no such version, or none for this way), 89258 (a release by stages runs).
#[must_use]
pub fn update_request(account: &Appid, plugin: &Appid, version: &str) -> Call {
    let body = json!({"action": "update", "plugin_appid": plugin, "user_version": version});
    Call::new(&UPDATE, account.clone(), &body)
}

/// A text of the request's body.
fn said(call: &Call, field: &str) -> Option<String> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    Some(body.get(field)?.as_str()?.to_owned())
}

/// The plugin that a request is about.
#[must_use]
pub fn plugin_of(call: &Call) -> Option<String> {
    said(call, "plugin_appid")
}

/// What a request of [`APPLY`] gives as its reason.
#[must_use]
pub fn reason_of(call: &Call) -> Option<String> {
    said(call, "reason")
}

/// The version that a request of [`UPDATE`] moves to.
#[must_use]
pub fn version_of(call: &Call) -> Option<String> {
    said(call, "user_version")
}

/// The answer of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Plugins {
    /// All of them, those whose owner was asked too. Its absence is not "none".
    #[serde(deserialize_with = "tolerant::list")]
    pub plugin_list: Vec<Plugin>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Plugin {
    #[serde(deserialize_with = "tolerant::string")]
    appid: String,
    #[serde(deserialize_with = "tolerant::int")]
    status: i64,
    /// Its name.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub nickname: Option<String>,
}

/// How far an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginStatus {
    /// Its owner was asked.
    Applying,
    /// It is used.
    Passed,
    /// Its owner refused.
    Refused,
    /// Its owner did not answer in time.
    TimedOut,
    /// A number that no page explains.
    Odd(i64),
}

impl Plugin {
    /// Whether it is the plugin of that appid.
    #[must_use]
    pub fn is(&self, appid: &Appid) -> bool {
        Appid::parse(&self.appid).is_ok_and(|one| one == *appid)
    }

    /// Its appid, if it is one.
    #[must_use]
    pub fn appid(&self) -> Option<Appid> {
        Appid::parse(&self.appid).ok()
    }

    /// How far it is.
    #[must_use]
    pub fn status(&self) -> PluginStatus {
        match self.status {
            1 => PluginStatus::Applying,
            2 => PluginStatus::Passed,
            3 => PluginStatus::Refused,
            4 => PluginStatus::TimedOut,
            other => PluginStatus::Odd(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_share_a_path_and_say_what_they_do() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let plugin = Appid::parse("wx9999999999999999").unwrap();
        let apply = apply_request(&account, &plugin, Some("选门店"));
        assert_eq!(plugin_of(&apply).as_deref(), Some("wx9999999999999999"));
        assert_eq!(reason_of(&apply).as_deref(), Some("选门店"));
        assert_eq!(reason_of(&apply_request(&account, &plugin, None)), None);
        let update = update_request(&account, &plugin, "1.2.0");
        assert_eq!(version_of(&update).as_deref(), Some("1.2.0"));
        let calls = [
            apply,
            update,
            unbind_request(&account, &plugin),
            list_request(&account),
        ];
        for (call, action) in calls.iter().zip(["apply", "update", "unbind", "list"]) {
            assert_eq!(said(call, "action").as_deref(), Some(action));
            assert_eq!(call.endpoint.path, "/wxa/plugin");
        }
    }

    #[test]
    fn an_answer_without_its_list_is_unreadable() {
        let read = |body: Value| serde_json::from_value::<Plugins>(body);
        let sample = json!({"plugin_list": [{"appid": "wx9999999999999999", "status": "2", "nickname": "地图", "headimgurl": ""}]});
        let list = read(sample).unwrap();
        let [one] = &list.plugin_list[..] else {
            panic!("{list:?}")
        };
        assert!(one.is(&Appid::parse("wx9999999999999999").unwrap()));
        assert_eq!(one.status(), PluginStatus::Passed);
        for odd in [
            json!({}),
            json!({"plugin_list": null}),
            json!({"plugin_list": [{"appid": "wx9999999999999999"}]}),
            json!({"plugin_list": [{"status": 1}]}),
        ] {
            assert!(read(odd).is_err());
        }
    }
}
