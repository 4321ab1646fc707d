//! The testers (体验者) of a mini-program, who may open its trial version.
//!
//! A tester is bound by WeChat id and listed by another text (`userstr`) that only the answer of the binding connects
//! with it: who was bound in the console is a text without a name. The administrator is a tester without being listed.
//! WeChat's pages: developers.weixin.qq.com, `api_bindtester`, `unbind_tester`, `api_gettester`.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// `bindTester`: in force at once, nobody confirms it. Journaled for the text in its answer, which is told once; a
/// second time it is refused with 85004 and without the text. The list then has one more than before.
pub static BIND: Endpoint = Endpoint {
    name: "bind_tester",
    path: "/wxa/bind_tester",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// `unbindTester`.
pub static UNBIND: Endpoint = Endpoint {
    name: "unbind_tester",
    path: "/wxa/unbind_tester",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// `getTester`: all of them.
pub static LIST: Endpoint = Endpoint {
    name: "memberauth",
    path: "/wxa/memberauth",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// By what a tester is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tester<'a> {
    /// By WeChat id (微信号).
    WechatId(&'a str),
    /// By the text in the list.
    Userstr(&'a str),
}

/// Makes the person with a WeChat id a tester of `account`. Refused with 85001 (no such person, or one that cannot be
/// searched for), 85002 and 85003 (too many), 85004 (is one already).
#[must_use]
pub fn bind_request(account: &Appid, wechat_id: &str) -> Call {
    Call::new(&BIND, account.clone(), &json!({"wechatid": wechat_id}))
}

/// Ends it.
#[must_use]
pub fn unbind_request(account: &Appid, tester: Tester<'_>) -> Call {
    let body = match tester {
        Tester::WechatId(id) => json!({"wechatid": id}),
        Tester::Userstr(text) => json!({"userstr": text}),
    };
    Call::new(&UNBIND, account.clone(), &body)
}

/// Asks for all testers of `account`.
#[must_use]
pub fn list_request(account: &Appid) -> Call {
    Call::new(
        &LIST,
        account.clone(),
        &json!({"action": "get_experiencer"}),
    )
}

/// The answer of [`BIND`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bound {
    /// How the list names the tester, to be kept with the WeChat id: nothing else connects the two.
    #[serde(deserialize_with = "tolerant::string")]
    pub userstr: String,
}

/// The answer of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Testers {
    /// All of them but the administrator. Its absence is not "none".
    #[serde(deserialize_with = "tolerant::list")]
    pub members: Vec<Member>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Member {
    /// See [`Bound::userstr`].
    #[serde(deserialize_with = "tolerant::string")]
    pub userstr: String,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_tester_goes_by_either_name() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let body = |call: Call| -> Value { serde_json::from_str(call.body()).unwrap() };
        assert_eq!(
            body(bind_request(&account, "someid")),
            json!({"wechatid": "someid"})
        );
        assert_eq!(
            body(unbind_request(&account, Tester::WechatId("someid"))),
            json!({"wechatid": "someid"})
        );
        assert_eq!(
            body(unbind_request(&account, Tester::Userstr("ad86"))),
            json!({"userstr": "ad86"})
        );
        assert_eq!(
            body(list_request(&account)),
            json!({"action": "get_experiencer"})
        );
    }

    #[test]
    fn an_answer_without_its_text_or_its_list_is_unreadable() {
        let bound: Bound = serde_json::from_value(json!({"userstr": "ad86309c"})).unwrap();
        assert_eq!(bound.userstr, "ad86309c");
        assert!(serde_json::from_value::<Bound>(json!({"errcode": 0})).is_err());
        let none: Testers = serde_json::from_value(json!({"members": []})).unwrap();
        assert!(none.members.is_empty());
        for odd in [
            json!({"errcode": 0}),
            json!({"members": null}),
            json!({"members": [{"userstr": null}]}),
            json!({"members": [{}]}),
        ] {
            assert!(serde_json::from_value::<Testers>(odd).is_err());
        }
    }
}
