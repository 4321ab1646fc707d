//! A mini-program's name (名称): checked, set, and asked for while it is under review.
//!
//! A name that WeChat does not take at once is reviewed: the answer has an id then, which is never told again and by
//! which alone the review can be asked for. The name in force is in [`basic_info`](super::basic_info).
//! WeChat's pages: developers.weixin.qq.com, `api_checknickname`, `api_setnickname`, `api_wxa_querynickname`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::{Map, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, Period, Quota, TokenKind};
use super::id::Appid;
use super::review::ReviewStatus;
use super::tolerant;

/// What no name may contain.
pub const FORBIDDEN: &str = "小程序";

/// How many supporting pictures a name may have beside the licence.
pub const MOST_STUFF: usize = 5;

/// `checkNickName`: whether a name may be taken. Limited in frequency (53011), by a number that no page gives.
pub static CHECK: Endpoint = Endpoint {
    name: "wxverify/checkwxverifynickname",
    path: "/cgi-bin/wxverify/checkwxverifynickname",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[3, 30],
    quota: None,
};

/// `setNickName`: 2 a year, given back on 1 January and when verification passes. Only for accounts that were
/// registered through the API (91001). Never sent twice: each time counts.
pub static SET: Endpoint = Endpoint {
    name: "setnickname",
    path: "/wxa/setnickname",
    method: Method::Post,
    class: CallClass::AtMostOnce,
    token: TokenKind::Authorizer,
    sets: &[30],
    quota: Some(Quota {
        limit: 2,
        period: Period::Year,
        scarce: true,
    }),
};

/// `api_wxa_querynickname`: how far the review of a name is; 91011 where there is no such review.
pub static QUERY: Endpoint = Endpoint {
    name: "api_wxa_querynickname",
    path: "/wxa/api_wxa_querynickname",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[30],
    quota: None,
};

/// Asks whether `account` may take a name. One it may not take is refused (53010 to 53019).
#[must_use]
pub fn check_request(account: &Appid, name: &str) -> Call {
    Call::new(&CHECK, account.clone(), &json!({"nick_name": name}))
}

/// A name, with what proves the right to it. All media come from `media/upload` with the token of this very account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewName<'a> {
    /// The name.
    pub name: &'a str,
    /// `id_card`: media id of an identity card; persons need it.
    pub id_card: Option<&'a str>,
    /// `license`: media id of a business licence; organisations need it.
    pub license: Option<&'a str>,
    /// `naming_other_stuff_1` and so on: media ids of what else proves it, [`MOST_STUFF`] at most.
    pub other_stuff: &'a [&'a str],
}

/// Sets the name of `account`. What is not given is left out: callers that send a name and a licence only get through.
#[must_use]
pub fn set_request(account: &Appid, new: &NewName<'_>) -> Call {
    let NewName {
        name,
        id_card,
        license,
        other_stuff,
    } = new;
    let mut body = Map::new();
    body.insert("nick_name".to_owned(), json!(name));
    for (field, media) in [("id_card", id_card), ("license", license)] {
        if let Some(media) = media {
            body.insert(field.to_owned(), json!(media));
        }
    }
    for (media, number) in other_stuff.iter().zip(1..) {
        body.insert(format!("naming_other_stuff_{number}"), json!(media));
    }
    Call::new(&SET, account.clone(), &body.into())
}

/// Asks how far the review of a name is.
#[must_use]
pub fn query_request(account: &Appid, audit_id: i64) -> Call {
    Call::new(&QUERY, account.clone(), &json!({"audit_id": audit_id}))
}

/// The answer of [`CHECK`] about a name that may be taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Checked {
    /// Whether the name has a word that may need proof.
    #[serde(deserialize_with = "tolerant::truthful")]
    pub hit_condition: bool,
    /// What WeChat says of it, for a person.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub wording: Option<String>,
}

/// The answer of [`SET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct NameSet {
    /// What WeChat says of it, for a person; material that is missing, for example.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub wording: Option<String>,
    #[serde(default, deserialize_with = "tolerant::given_int")]
    audit_id: Option<i64>,
}

impl NameSet {
    /// The id of the review, to be kept: nothing lists it. `None`: the name was set at once.
    #[must_use]
    pub fn review(&self) -> Option<i64> {
        self.audit_id.filter(|id| *id != 0)
    }
}

/// The answer of [`QUERY`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct NameReview {
    /// The name that was asked for.
    #[serde(deserialize_with = "tolerant::string")]
    pub nickname: String,
    #[serde(deserialize_with = "tolerant::int")]
    audit_stat: i64,
    /// Why it was rejected.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub fail_reason: Option<String>,
    /// When it was asked for, in unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub create_time: Option<i64>,
    /// When it was decided, in unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub audit_time: Option<i64>,
}

impl NameReview {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> ReviewStatus {
        ReviewStatus::of(self.audit_stat)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn body(call: &Call) -> Value {
        serde_json::from_str(call.body()).unwrap()
    }

    #[test]
    fn what_is_not_given_is_left_out() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let plain = NewName {
            name: "日出舞蹈",
            ..NewName::default()
        };
        assert_eq!(
            body(&set_request(&account, &plain)),
            json!({"nick_name": "日出舞蹈"})
        );
        let proven = NewName {
            license: Some("m1"),
            other_stuff: &["m2", "m3"],
            ..plain
        };
        assert_eq!(
            body(&set_request(&account, &proven)),
            json!({"nick_name": "日出舞蹈", "license": "m1",
                "naming_other_stuff_1": "m2", "naming_other_stuff_2": "m3"})
        );
        assert_eq!(
            body(&check_request(&account, "日出舞蹈")),
            json!({"nick_name": "日出舞蹈"})
        );
        assert_eq!(body(&query_request(&account, 7)), json!({"audit_id": 7}));
    }

    #[test]
    fn a_name_without_a_review_was_set_at_once() {
        let review = |body: Value| {
            let set: Result<NameSet, _> = serde_json::from_value(body);
            set.map(|set| set.review()).ok()
        };
        assert_eq!(review(json!({"errcode": 0, "wording": ""})), Some(None));
        assert_eq!(review(json!({"audit_id": 0})), Some(None));
        assert_eq!(review(json!({"audit_id": "12345"})), Some(Some(12345)));
        for odd in [json!(null), json!("soon"), json!([])] {
            assert_eq!(review(json!({"audit_id": odd})), None);
        }
    }

    #[test]
    fn a_review_says_how_far_it_is_or_is_unreadable() {
        let status = |number: Value| {
            let review: Result<NameReview, _> =
                serde_json::from_value(json!({"nickname": "n", "audit_stat": number}));
            review.map(|review| review.status()).ok()
        };
        assert_eq!(status(json!(1)), Some(ReviewStatus::InReview));
        assert_eq!(status(json!("2")), Some(ReviewStatus::Rejected));
        assert_eq!(status(json!(3)), Some(ReviewStatus::Passed));
        assert_eq!(status(json!(9)), Some(ReviewStatus::Unknown(9)));
        assert_eq!(status(json!(null)), None);
        assert!(serde_json::from_value::<Checked>(json!({"wording": ""})).is_err());
    }
}
