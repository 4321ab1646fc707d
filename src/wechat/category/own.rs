//! The categories that an account has, and the calls that change them.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::{Value, json};

use super::CategoryId;
use super::certificate::Certificate;
use super::endpoint::{ADD, ALLOWED, DELETE, MODIFY, OWN, REVIEWABLE};
use crate::wechat::call::Call;
use crate::wechat::id::Appid;
use crate::wechat::review::ReviewStatus;
use crate::wechat::tolerant;

/// Asks which categories `account` may have.
#[must_use]
pub fn allowed_request(account: &Appid) -> Call {
    Call::bare(&ALLOWED, account.clone())
}

/// Asks which categories `account` has.
#[must_use]
pub fn own_request(account: &Appid) -> Call {
    Call::bare(&OWN, account.clone())
}

/// Asks what `account` may submit code under.
#[must_use]
pub fn reviewable_request(account: &Appid) -> Call {
    Call::bare(&REVIEWABLE, account.clone())
}

/// A category to add, with its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCategory {
    /// Which.
    pub id: CategoryId,
    /// Its documents; empty where it needs none.
    pub certificates: Vec<Certificate>,
}

/// One category with its documents, as two of the calls write it.
fn body(CategoryId { first, second }: CategoryId, certificates: &[Certificate]) -> Value {
    let certificates: Vec<Value> = certificates.iter().map(Certificate::body).collect();
    json!({"first": first, "second": second, "certicates": certificates})
}

/// Adds categories to `account`. One that is there already (53304) or not allowed (53302) is refused with all others of
/// the call: adding them one by one tells which. Also 53300 (quota), 53301 (too many), 53311 (documents are missing).
#[must_use]
pub fn add_request(account: &Appid, new: &[NewCategory]) -> Call {
    let categories: Vec<Value> = new
        .iter()
        .map(|NewCategory { id, certificates }| body(*id, certificates))
        .collect();
    Call::new(&ADD, account.clone(), &json!({"categories": categories}))
}

/// Deletes a category of `account`.
#[must_use]
pub fn delete_request(account: &Appid, CategoryId { first, second }: CategoryId) -> Call {
    Call::new(
        &DELETE,
        account.clone(),
        &json!({"first": first, "second": second}),
    )
}

/// Sends other documents for a category of `account` that was rejected.
#[must_use]
pub fn modify_request(account: &Appid, id: CategoryId, certificates: &[Certificate]) -> Call {
    Call::new(&MODIFY, account.clone(), &body(id, certificates))
}

/// The answer of [`OWN`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct OwnCategories {
    /// All of them, also those under review and rejected. Documents are not given back. Its absence is not "none":
    /// what is not there is added.
    #[serde(deserialize_with = "tolerant::list")]
    pub categories: Vec<OwnCategory>,
    /// How many can be added in a month; `None` where the answer does not say.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub limit: Option<i64>,
    /// How many of these are left.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub quota: Option<i64>,
    /// How many an account can have altogether.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub category_limit: Option<i64>,
}

/// One category of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct OwnCategory {
    #[serde(deserialize_with = "tolerant::int")]
    first: i64,
    /// The first level's name.
    #[serde(default, deserialize_with = "tolerant::given_text")]
    pub first_name: Option<String>,
    #[serde(deserialize_with = "tolerant::int")]
    second: i64,
    /// The second level's name.
    #[serde(default, deserialize_with = "tolerant::given_text")]
    pub second_name: Option<String>,
    #[serde(deserialize_with = "tolerant::int")]
    audit_status: i64,
    /// Why it was rejected.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub audit_reason: Option<String>,
}

impl OwnCategory {
    /// Which it is.
    #[must_use]
    pub fn id(&self) -> CategoryId {
        CategoryId {
            first: self.first,
            second: self.second,
        }
    }

    /// How far its review is.
    #[must_use]
    pub fn status(&self) -> ReviewStatus {
        ReviewStatus::of(self.audit_status)
    }
}

/// The answer of [`REVIEWABLE`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Reviewable {
    /// All of them. Empty: no category is approved, and nothing can be submitted.
    #[serde(deserialize_with = "tolerant::list")]
    pub category_list: Vec<ReviewableCategory>,
}

/// Names and numbers that code may be submitted under, in up to three levels; the third is for reviews only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct ReviewableCategory {
    /// The first level's name.
    #[serde(deserialize_with = "tolerant::string")]
    pub first_class: String,
    /// The second level's name.
    #[serde(deserialize_with = "tolerant::string")]
    pub second_class: String,
    /// The third level's name, if there is one.
    #[serde(default, deserialize_with = "tolerant::given_text")]
    pub third_class: Option<String>,
    /// The first level's number.
    #[serde(deserialize_with = "tolerant::int")]
    pub first_id: i64,
    /// The second level's number.
    #[serde(deserialize_with = "tolerant::int")]
    pub second_id: i64,
    /// The third level's number, if there is one.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub third_id: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::super::certificate::{Validity, sent_certificates};
    use super::*;
    use crate::wechat::FileDigest;

    const ID: CategoryId = CategoryId {
        first: 8,
        second: 39,
    };

    fn account() -> Appid {
        Appid::parse("wx1111111111111111").unwrap()
    }

    fn sent(call: &Call) -> Value {
        serde_json::from_str(call.body()).unwrap()
    }

    #[test]
    fn documents_are_sent_in_wechats_spelling() {
        let file = FileDigest::of(b"licence");
        let certificate = |validity| Certificate {
            key: "《许可证》".to_owned(),
            file: file.clone(),
            validity,
        };
        let new = NewCategory {
            id: ID,
            certificates: vec![
                certificate(None),
                certificate(Some(Validity::Until(1_767_225_600))),
                certificate(Some(Validity::Permanent)),
            ],
        };
        let call = add_request(&account(), std::slice::from_ref(&new));
        assert!(call.body().contains("《许可证》"), "{}", call.body());
        let media = json!({"$media": {"file": file, "by": "media/upload"}});
        let one = json!({"first": 8, "second": 39, "certicates": [
            {"key": "《许可证》", "value": media},
            {"key": "《许可证》", "value": media, "expire_time": 1_767_225_600, "is_permanent": 0},
            {"key": "《许可证》", "value": media, "is_permanent": 1},
        ]});
        assert_eq!(sent(&call), json!({"categories": [one.clone()]}));
        let modify = modify_request(&account(), ID, &new.certificates);
        assert_eq!(sent(&modify), one);
        for call in [&call, &modify] {
            let papers = new.certificates.clone();
            assert_eq!(
                sent_certificates(call),
                Some((ID, papers)),
                "as it was sent"
            );
        }
        assert_eq!(
            sent(&delete_request(&account(), ID)),
            json!({"first": 8, "second": 39})
        );
        let plain = NewCategory {
            id: ID,
            certificates: Vec::new(),
        };
        assert_eq!(
            sent(&add_request(&account(), &[plain])),
            json!({"categories": [{"first": 8, "second": 39, "certicates": []}]})
        );
    }

    #[test]
    fn an_answer_without_its_list_is_no_empty_list() {
        for odd in [
            json!({"errcode": 0, "limit": 5}),
            json!({"categories": null}),
            json!({"categories": [{"first": 8, "second": 39}]}),
            json!({"categories": [{"first": 8, "second": null, "audit_status": 3}]}),
            json!({"categories": [], "quota": null}),
        ] {
            assert!(
                serde_json::from_value::<OwnCategories>(odd.clone()).is_err(),
                "{odd}"
            );
        }
        let none: OwnCategories = serde_json::from_value(json!({"categories": []})).unwrap();
        assert_eq!((none.categories.len(), none.quota), (0, None));
        assert!(serde_json::from_value::<Reviewable>(json!({"errcode": 0})).is_err());
        let half = json!({"category_list": [{"first_class": "教育", "first_id": 8}]});
        assert!(serde_json::from_value::<Reviewable>(half).is_err());
    }
}
