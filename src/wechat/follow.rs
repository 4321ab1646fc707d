//! The follow component (扫码关注组件): which official account a mini-program shows to users who came by scanning.
//!
//! WeChat's pages: developers.weixin.qq.com, `getshowwxaitem`, `getwxamplinkforshow`, `updateshowwxaitem`. They name no codes
//! of their own.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

const fn endpoint(name: &'static str, path: &'static str, method: Method) -> Endpoint {
    Endpoint {
        name,
        path,
        method,
        class: CallClass::Read,
        token: TokenKind::Authorizer,
        sets: &[18],
        quotas: &[],
    }
}

/// `getShowItem`: what is shown now.
pub static GET: Endpoint = endpoint("getshowwxaitem", "/wxa/getshowwxaitem", Method::Get);
/// `getLinkForShow`: the official accounts that could be, page by page.
pub static CANDIDATES: Endpoint = endpoint(
    "getwxamplinkforshow",
    "/wxa/getwxamplinkforshow",
    Method::Get,
);
/// `updateShowItem`: shows one, or none.
pub static UPDATE: Endpoint = Endpoint {
    class: CallClass::Put,
    ..endpoint("updateshowwxaitem", "/wxa/updateshowwxaitem", Method::Post)
};

/// How many candidates a page has: the number of WeChat's own sample.
pub const PAGE: usize = 10;

/// Asks what `account` shows.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// Asks for a page of the official accounts that `account` could show, the first of which is 0.
#[must_use]
pub fn candidates_request(account: &Appid, page: usize) -> Call {
    Call::new(
        &CANDIDATES,
        account.clone(),
        &json!({"page": page, "num": PAGE}),
    )
}

/// Shows an official account, or none.
#[must_use]
pub fn update_request(account: &Appid, shows: Option<&Appid>) -> Call {
    let body = match shows {
        Some(appid) => json!({"wxa_subscribe_biz_flag": 1, "appid": appid}),
        None => json!({"wxa_subscribe_biz_flag": 0}),
    };
    Call::new(&UPDATE, account.clone(), &body)
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Shown {
    /// Whether one may be shown at all.
    #[serde(default, deserialize_with = "tolerant::given_bool")]
    pub can_open: Option<bool>,
    #[serde(deserialize_with = "tolerant::truthful")]
    is_open: bool,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    appid: Option<String>,
}

impl Shown {
    /// The official account that is shown, none; else that the answer does not say which.
    ///
    /// # Errors
    /// That there is one, and no appid of it.
    pub fn shows(&self) -> Result<Option<Appid>, NotSaid> {
        if !self.is_open {
            return Ok(None);
        }
        let appid = self.appid.as_deref().unwrap_or_default();
        Appid::parse(appid).map(Some).map_err(|_| NotSaid)
    }
}

/// It is on, and the answer names no official account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is on, and of no official account (`appid`)")]
pub struct NotSaid;

/// The answer of [`CANDIDATES`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Candidates {
    /// How many there are on all pages.
    #[serde(deserialize_with = "tolerant::int")]
    pub total_num: i64,
    /// Those of this page. Its absence is not "none".
    #[serde(deserialize_with = "tolerant::list")]
    biz_info_list: Vec<Candidate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Candidate {
    #[serde(deserialize_with = "tolerant::string")]
    appid: String,
}

impl Candidates {
    /// Whether an official account is on this page.
    #[must_use]
    pub fn has(&self, appid: &Appid) -> bool {
        let same = |one: &Candidate| Appid::parse(&one.appid).is_ok_and(|one| one == *appid);
        self.biz_info_list.iter().any(same)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn one_is_shown_by_its_appid_and_none_without() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let other = Appid::parse("wx1111111111111111").unwrap();
        let body = |shows| -> Value {
            serde_json::from_str(update_request(&account, shows).body()).unwrap()
        };
        assert_eq!(
            body(Some(&other)),
            json!({"wxa_subscribe_biz_flag": 1, "appid": "wx1111111111111111"})
        );
        assert_eq!(body(None), json!({"wxa_subscribe_biz_flag": 0}));
    }

    #[test]
    fn what_is_on_names_its_account() {
        let read = |body: Value| serde_json::from_value::<Shown>(body);
        let off = read(json!({"can_open": 1, "is_open": 0, "appid": ""})).unwrap();
        assert_eq!((off.can_open, off.shows()), (Some(true), Ok(None)));
        let on = read(json!({"can_open": 1, "is_open": 1, "appid": "wx1111111111111111"})).unwrap();
        assert_eq!(on.shows().unwrap().unwrap().as_str(), "wx1111111111111111");
        assert_eq!(read(json!({"is_open": 1})).unwrap().shows(), Err(NotSaid));
        for odd in [
            json!({}),
            json!({"is_open": null}),
            json!({"is_open": 0, "can_open": "no"}),
        ] {
            assert!(read(odd).is_err());
        }
    }

    #[test]
    fn a_page_without_its_list_is_unreadable() {
        let read = |body: Value| serde_json::from_value::<Candidates>(body);
        let one = json!({"total_num": 1, "biz_info_list": [{"nickname": "日出", "appid": "wx1111111111111111", "headimg": ""}]});
        let appid = Appid::parse("wx1111111111111111").unwrap();
        assert!(read(one).unwrap().has(&appid));
        for odd in [
            json!({}),
            json!({"total_num": 1}),
            json!({"total_num": 1, "biz_info_list": null}),
            json!({"biz_info_list": []}),
        ] {
            assert!(read(odd).is_err());
        }
    }
}
