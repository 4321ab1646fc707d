//! What WeChat fetches for a mini-program ahead of time: at its start (数据预拉取), or now and then (周期性更新).
//!
//! WeChat's page: developers.weixin.qq.com, `fetchdatasetting`. The copies seen name no permission set without doubt; these
//! are of the family.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

const fn endpoint(name: &'static str, class: CallClass) -> Endpoint {
    Endpoint {
        name,
        path: "/wxa/fetchdatasetting",
        method: Method::Post,
        class,
        token: TokenKind::Authorizer,
        sets: &[18, 30],
        quotas: &[],
    }
}

/// `fetchdatasetting`, reading both.
pub static GET: Endpoint = endpoint("fetchdatasetting get", CallClass::Read);
/// `fetchdatasetting`, putting what is fetched at the start.
pub static SET_PRE: Endpoint = endpoint("fetchdatasetting set_pre_fetch", CallClass::Put);
/// `fetchdatasetting`, putting what is fetched now and then.
pub static SET_PERIOD: Endpoint = endpoint("fetchdatasetting set_period_fetch", CallClass::Put);

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// At the start.
    Pre,
    /// Now and then.
    Period,
}

impl When {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Pre, Self::Period];

    /// What a manifest calls it, which is the prefix of its fields on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pre => "pre",
            Self::Period => "period",
        }
    }
}

/// Where the data comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nothing is fetched.
    Off,
    /// A server's address.
    Server(String),
    /// A cloud function: its environment and its name.
    Function(String, String),
}

/// Asks for both.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::new(&GET, account.clone(), &json!({"action": "get"}))
}

/// Puts one of them. Refused with 9410016 where the address is none that WeChat takes.
#[must_use]
pub fn set_request(account: &Appid, when: When, source: &Source) -> Call {
    let (endpoint, action) = match when {
        When::Pre => (&SET_PRE, "set_pre_fetch"),
        When::Period => (&SET_PERIOD, "set_period_fetch"),
    };
    let prefix = when.as_str();
    let field = |name: &str| format!("{prefix}_{name}");
    let open = *source != Source::Off;
    let mut body = Map::from_iter([
        ("action".to_owned(), json!(action)),
        (format!("is_{prefix}_fetch_open"), json!(open)),
    ]);
    match source {
        Source::Off => {}
        Source::Server(url) => {
            body.insert(field("fetch_type"), json!(0));
            body.insert(field("fetch_url"), json!(url));
        }
        Source::Function(env, name) => {
            body.insert(field("fetch_type"), json!(1));
            body.insert(field("env"), json!(env));
            body.insert(field("function_name"), json!(name));
        }
    }
    Call::new(endpoint, account.clone(), &Value::Object(body))
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DataPrefetch {
    #[serde(default, deserialize_with = "tolerant::given_bool")]
    is_pre_fetch_open: Option<bool>,
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pre_fetch_type: Option<i64>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pre_fetch_url: Option<String>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pre_env: Option<String>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pre_function_name: Option<String>,
    #[serde(default, deserialize_with = "tolerant::given_bool")]
    is_period_fetch_open: Option<bool>,
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    period_fetch_type: Option<i64>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    period_fetch_url: Option<String>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    period_env: Option<String>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    period_function_name: Option<String>,
}

impl DataPrefetch {
    /// Where the data comes from; `None` where the answer does not say. What is switched off may still have an address.
    #[must_use]
    pub fn source(&self, when: When) -> Option<Source> {
        let (open, kind, url, env, name) = match when {
            When::Pre => (
                self.is_pre_fetch_open,
                self.pre_fetch_type,
                &self.pre_fetch_url,
                &self.pre_env,
                &self.pre_function_name,
            ),
            When::Period => (
                self.is_period_fetch_open,
                self.period_fetch_type,
                &self.period_fetch_url,
                &self.period_env,
                &self.period_function_name,
            ),
        };
        if !open? {
            return Some(Source::Off);
        }
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        match kind? {
            0 => said(url).map(Source::Server),
            1 => Some(Source::Function(said(env)?, said(name)?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_put_with_the_fields_that_its_source_has() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let body = |when, source| -> Value {
            serde_json::from_str(set_request(&account, when, &source).body()).unwrap()
        };
        assert_eq!(
            body(When::Pre, Source::Server("https://a.example/d".into())),
            json!({"action": "set_pre_fetch", "is_pre_fetch_open": true, "pre_fetch_type": 0, "pre_fetch_url": "https://a.example/d"})
        );
        assert_eq!(
            body(When::Period, Source::Function("prod".into(), "get".into())),
            json!({"action": "set_period_fetch", "is_period_fetch_open": true, "period_fetch_type": 1,
                   "period_env": "prod", "period_function_name": "get"})
        );
        assert_eq!(
            body(When::Pre, Source::Off),
            json!({"action": "set_pre_fetch", "is_pre_fetch_open": false})
        );
    }

    #[test]
    fn what_is_not_said_is_not_off() {
        let read = |body: Value| {
            let read = serde_json::from_value::<DataPrefetch>(body);
            read.ok().and_then(|read| read.source(When::Pre))
        };
        assert_eq!(
            read(json!({"is_pre_fetch_open": false, "pre_fetch_url": "https://a.example"})),
            Some(Source::Off)
        );
        assert_eq!(
            read(
                json!({"is_pre_fetch_open": "true", "pre_fetch_type": "0", "pre_fetch_url": "https://a.example"})
            ),
            Some(Source::Server("https://a.example".into()))
        );
        for odd in [
            json!({}),
            json!({"is_pre_fetch_open": null}),
            json!({"is_pre_fetch_open": true}),
            json!({"is_pre_fetch_open": true, "pre_fetch_type": 0, "pre_fetch_url": ""}),
            json!({"is_pre_fetch_open": true, "pre_fetch_type": 1, "pre_env": "prod"}),
            json!({"is_pre_fetch_open": true, "pre_fetch_type": 2, "pre_fetch_url": "https://a.example"}),
        ] {
            assert_eq!(read(odd.clone()), None, "{odd}");
        }
    }
}
