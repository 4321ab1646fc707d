//! The hosts whose names are resolved before a mini-program runs (DNS 预解析域名): the whole list is put.
//!
//! WeChat's pages: developers.weixin.qq.com, `get_prefetchdnsdomain`, `set_prefetchdnsdomain`.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::domain;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::id::Appid;
use super::tolerant;

/// How many hosts a list has, where WeChat does not say (`size_limit`): the number of its own sample.
pub const MOST: usize = 5;

/// `getPrefetchDnsDomain`.
pub static GET: Endpoint = Endpoint {
    name: "get_prefetchdnsdomain",
    path: "/wxa/get_prefetchdnsdomain",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// `setPrefetchDnsDomain`: replaces the whole list.
pub static SET: Endpoint = Endpoint {
    name: "set_prefetchdnsdomain",
    path: "/wxa/set_prefetchdnsdomain",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[Quota {
        limit: 50,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// Asks for the list of `account`.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// Puts the list of `account`: hosts without scheme. Refused with 9420000 (the changes of the month are used up), 9420001
/// (one of them is not valid, as without an ICP filing), 9420002 (too many).
#[must_use]
pub fn set_request(account: &Appid, hosts: &BTreeSet<String>) -> Call {
    let hosts: Vec<Value> = hosts.iter().map(|host| json!({"url": host})).collect();
    Call::new(
        &SET,
        account.clone(),
        &json!({"prefetch_dns_domain": hosts}),
    )
}

/// The hosts that a request of [`SET`] names.
#[must_use]
pub fn hosts_of(call: &Call) -> BTreeSet<String> {
    let body: Value = serde_json::from_str(call.body()).unwrap_or_default();
    serde_json::from_value::<DnsPrefetch>(body)
        .map_or_else(|_| BTreeSet::new(), |list| list.hosts())
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DnsPrefetch {
    /// The list. Its absence is not "none".
    #[serde(deserialize_with = "tolerant::list")]
    prefetch_dns_domain: Vec<One>,
    /// How many hosts there may be.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    size_limit: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct One {
    #[serde(deserialize_with = "tolerant::string")]
    url: String,
}

impl DnsPrefetch {
    /// The hosts, as they are compared.
    #[must_use]
    pub fn hosts(&self) -> BTreeSet<String> {
        let urls = self.prefetch_dns_domain.iter();
        urls.map(|one| domain::normal(&one.url)).collect()
    }

    /// How many there may be.
    #[must_use]
    pub fn most(&self) -> usize {
        let said = self.size_limit.map(usize::try_from);
        said.and_then(Result::ok).unwrap_or(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_put_without_schemes_and_reads_back() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let hosts = BTreeSet::from(["a.example.com".to_owned(), "b.example.com".to_owned()]);
        let call = set_request(&account, &hosts);
        assert_eq!(
            call.body(),
            r#"{"prefetch_dns_domain":[{"url":"a.example.com"},{"url":"b.example.com"}]}"#
        );
        assert_eq!(hosts_of(&call), hosts);
    }

    #[test]
    fn an_answer_without_its_list_is_unreadable_and_one_without_its_limit_is_not() {
        let read = |body: Value| serde_json::from_value::<DnsPrefetch>(body);
        let sample =
            json!({"prefetch_dns_domain": [{"url": "D1.com", "status": 0}], "size_limit": 7});
        let list = read(sample).unwrap();
        assert_eq!(
            (list.hosts(), list.most()),
            (["d1.com".to_owned()].into(), 7)
        );
        assert_eq!(
            read(json!({"prefetch_dns_domain": []})).unwrap().most(),
            MOST
        );
        for odd in [
            json!({}),
            json!({"prefetch_dns_domain": null}),
            json!({"prefetch_dns_domain": ["d1.com"]}),
            json!({"prefetch_dns_domain": [], "size_limit": "many"}),
        ] {
            assert!(read(odd).is_err());
        }
    }
}
