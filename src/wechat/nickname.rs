//! A mini-program's name (名称): checked, set, and asked for while it is under review.
//!
//! A name that WeChat does not take at once is reviewed: the answer has an id then, which is never told again and by
//! which alone the review can be asked for. The name in force is in [`basic_info`](super::basic_info).
//! WeChat's pages: developers.weixin.qq.com, `api_checknickname`, `api_setnickname`, `api_wxa_querynickname`.

use std::ops::RangeInclusive;

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::hole::{FileDigest, Hole};
use super::id::Appid;
use super::media;
use super::review::ReviewStatus;
use super::tolerant;

/// What no name may contain.
pub const FORBIDDEN: &str = "小程序";

/// How many supporting pictures a name may have beside the licence.
pub const MOST_STUFF: usize = 5;

/// How many places a name has, of which a Chinese character takes two. By report: no page gives the rule.
pub const PLACES: RangeInclusive<usize> = 4..=30;

/// The places of a name.
#[must_use]
pub fn places(name: &str) -> usize {
    name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// `checkNickName`: whether a name may be taken. Limited in frequency (53011), by a number that no page gives.
pub static CHECK: Endpoint = Endpoint {
    name: "wxverify/checkwxverifynickname",
    path: "/cgi-bin/wxverify/checkwxverifynickname",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[3, 30],
    quotas: &[],
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
    quotas: &[Quota {
        limit: 2,
        period: Period::Year,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// `api_wxa_querynickname`: how far the review of a name is; 91011 where there is no such review.
pub static QUERY: Endpoint = Endpoint {
    name: "api_wxa_querynickname",
    path: "/wxa/api_wxa_querynickname",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[30],
    quotas: &[],
};

/// Asks whether `account` may take a name. One it may not take is refused (53010 to 53019).
#[must_use]
pub fn check_request(account: &Appid, name: &str) -> Call {
    Call::new(&CHECK, account.clone(), &json!({"nick_name": name}))
}

/// A name, with what proves the right to it. All pictures are uploaded by `media/upload` with the token of this very
/// account; WeChat has been seen to answer a media id that is gone with plain -1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewName<'a> {
    /// The name.
    pub name: &'a str,
    /// Who has the name.
    pub holder: Option<Holder<'a>>,
    /// `naming_other_stuff_1` and so on: what else proves it, [`MOST_STUFF`] at most.
    pub other_stuff: &'a [FileDigest],
}

/// Who has a name, shown by a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    /// `id_card`: a person's identity card.
    Person(&'a FileDigest),
    /// `license`: an organisation's licence.
    Organisation(&'a FileDigest),
}

/// Sets the name of `account`. What is not given is left out: callers that send a name and a licence only get through.
#[must_use]
pub fn set_request(account: &Appid, new: &NewName<'_>) -> Call {
    let NewName {
        name,
        holder,
        other_stuff,
    } = new;
    let media = |file: &FileDigest| {
        let file = file.clone();
        let by = &media::UPLOAD;
        Hole::Media { file, by }.in_body()
    };
    let mut body = Map::new();
    body.insert("nick_name".to_owned(), json!(name));
    if let Some(holder) = holder {
        let (field, file) = match holder {
            Holder::Person(file) => ("id_card", file),
            Holder::Organisation(file) => ("license", file),
        };
        body.insert(field.to_owned(), media(file));
    }
    for (file, number) in other_stuff.iter().zip(1..) {
        body.insert(format!("naming_other_stuff_{number}"), media(file));
    }
    Call::new(&SET, account.clone(), &body.into())
}

/// Which name a call of [`set_request`] or [`check_request`] is about.
#[must_use]
pub fn named(call: &Call) -> Option<String> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    Some(body.get("nick_name")?.as_str()?.to_owned())
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
        let call = set_request(&account, &plain);
        assert_eq!(body(&call), json!({"nick_name": "日出舞蹈"}));
        assert_eq!(named(&call).as_deref(), Some("日出舞蹈"));
        let [card, other, third] = [b"1", b"2", b"3"].map(|bytes| FileDigest::of(bytes));
        let other_stuff = [other, third];
        let proven = |holder| NewName {
            holder: Some(holder),
            other_stuff: &other_stuff,
            ..plain
        };
        for (holder, field) in [
            (Holder::Organisation(&card), "license"),
            (Holder::Person(&card), "id_card"),
        ] {
            let call = set_request(&account, &proven(holder));
            assert_eq!(call.holes().len(), 3);
            let fields: Vec<String> = body(&call).as_object().unwrap().keys().cloned().collect();
            let mut expected = vec![
                field,
                "naming_other_stuff_1",
                "naming_other_stuff_2",
                "nick_name",
            ];
            expected.sort_unstable();
            let mut fields = fields;
            fields.sort_unstable();
            assert_eq!(fields, expected);
        }
        assert_eq!(
            body(&check_request(&account, "日出舞蹈")),
            json!({"nick_name": "日出舞蹈"})
        );
        assert_eq!(body(&query_request(&account, 7)), json!({"audit_id": 7}));
    }

    #[test]
    fn a_chinese_character_takes_two_places() {
        for (name, fits) in [
            ("日出", true),
            ("abc", false),
            ("日a", false),
            ("Sunrise Dance", true),
            (&"日".repeat(15), true),
            (&"日".repeat(16), false),
        ] {
            assert_eq!(PLACES.contains(&places(name)), fits, "{name}");
        }
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
