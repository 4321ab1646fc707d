//! The page of a mini-program's orders (订单页 path), which users reach from WeChat's own list of orders.
//!
//! It is handed in through the platform for many mini-programs at once, here for one. The answer comes before anything is
//! known; what became of each WeChat pushes, in a push that names no event, and the read shows.
//! WeChat's pages: developers.weixin.qq.com, `api_applysetorderpathinfo`, `api_getorderpathinfo`.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::secret::Secret;
use super::tolerant;

/// `applySetOrderPathInfo`: a second one while one is under review comes to nothing (`RetCode` -1).
pub static APPLY: Endpoint = Endpoint {
    name: "security/applysetorderpathinfo",
    path: "/wxa/security/applysetorderpathinfo",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::ComponentAsAccess,
    sets: &[],
    quotas: &[],
};

/// `getOrderPathInfo`: the one in force, or the one that is or was reviewed last.
pub static GET: Endpoint = Endpoint {
    name: "security/getorderpathinfo",
    path: "/wxa/security/getorderpathinfo",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[18, 30],
    quotas: &[],
};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// In force.
    Online,
    /// Handed in last.
    InReview,
}

/// What is handed in. Texts that are not given are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct OrderPath {
    /// `pages/order/list`.
    #[serde(deserialize_with = "tolerant::string")]
    pub path: String,
    /// Addresses of pictures.
    #[serde(default, deserialize_with = "texts")]
    pub img_list: Vec<String>,
    /// The address of a video.
    #[serde(default, deserialize_with = "tolerant::string")]
    pub video: String,
    /// An account that the reviewer can use.
    #[serde(default, deserialize_with = "tolerant::string")]
    pub test_account: String,
    /// What else the reviewer is told.
    #[serde(default, deserialize_with = "tolerant::string")]
    pub test_remark: String,
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let texts =
        tolerant::items(&value).and_then(|items| items.into_iter().map(tolerant::text).collect());
    texts.ok_or_else(|| serde::de::Error::custom("expected a list of texts"))
}

/// Hands in the path of `account`, without a password.
#[must_use]
pub fn apply_request(account: &Appid, order_path: &OrderPath) -> Call {
    let OrderPath {
        path,
        img_list,
        video,
        test_account,
        test_remark,
    } = order_path;
    let body = json!({"batch_req": {
        "path": path, "img_list": img_list, "video": video, "test_account": test_account, "test_pwd": "",
        "test_remark": test_remark, "appid_list": [account],
    }});
    Call::new(&APPLY, account.clone(), &body)
}

/// What a request of [`APPLY`] hands in.
#[must_use]
pub fn handed_in(call: &Call) -> Option<OrderPath> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    serde_json::from_value(body.get("batch_req")?.clone()).ok()
}

/// Asks for one of the two. Refused with 61041 where there is none.
#[must_use]
pub fn get_request(account: &Appid, which: Which) -> Call {
    let info_type = match which {
        Which::Online => 0,
        Which::InReview => 1,
    };
    Call::new(&GET, account.clone(), &json!({"info_type": info_type}))
}

/// The answer of [`GET`].
#[derive(Debug, Clone, Deserialize)]
pub struct OrderPathInfo {
    /// What it says.
    #[serde(deserialize_with = "tolerant::object")]
    pub msg: Info,
}

/// One order path.
#[derive(Debug, Clone)]
pub struct Info {
    /// What was handed in.
    pub order_path: OrderPath,
    /// Whether a password for the reviewer goes with it.
    pub has_password: bool,
    status: i64,
    /// When it was handed in, in Unix seconds.
    pub apply_time: Option<i64>,
}

/// How far a review is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderPathStatus {
    /// Under review.
    InReview,
    /// Rejected.
    Rejected,
    /// Passed.
    Passed,
    /// A number that no page explains.
    Odd(i64),
}

#[derive(Deserialize)]
struct Rest {
    #[serde(deserialize_with = "tolerant::int")]
    status: i64,
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    apply_time: Option<i64>,
    #[serde(default, deserialize_with = "tolerant::maybe_secret")]
    test_pwd: Option<Secret>,
}

impl<'de> Deserialize<'de> for Info {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let order_path = OrderPath::deserialize(&value).map_err(serde::de::Error::custom)?;
        let rest = Rest::deserialize(&value).map_err(serde::de::Error::custom)?;
        Ok(Self {
            order_path,
            has_password: rest.test_pwd.is_some(),
            status: rest.status,
            apply_time: rest.apply_time,
        })
    }
}

impl Info {
    /// How far its review is.
    #[must_use]
    pub fn status(&self) -> OrderPathStatus {
        match self.status {
            2 => OrderPathStatus::InReview,
            3 => OrderPathStatus::Rejected,
            4 => OrderPathStatus::Passed,
            other => OrderPathStatus::Odd(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_handed_in_for_one_and_reads_back() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let order_path = OrderPath {
            path: "pages/order/list".to_owned(),
            test_account: "tester".to_owned(),
            ..OrderPath::default()
        };
        let call = apply_request(&account, &order_path);
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(
            body["batch_req"]["appid_list"],
            json!(["wx2222222222222222"])
        );
        assert_eq!(handed_in(&call), Some(order_path));
    }

    #[test]
    fn the_sample_is_read_without_its_password() {
        let sample = json!({"msg": {
            "path": "pages/order/list", "img_list": [], "video": "", "test_account": "a", "test_pwd": "hidden-word",
            "test_remark": "", "come_from": 1, "status": 3, "apply_time": 1_669_012_695,
        }});
        let info = serde_json::from_value::<OrderPathInfo>(sample).unwrap().msg;
        assert_eq!(info.status(), OrderPathStatus::Rejected);
        assert!(info.has_password && !format!("{info:?}").contains("hidden-word"));
        for odd in [
            json!({}),
            json!({"msg": null}),
            json!({"msg": {"path": "a"}}),
            json!({"msg": {"status": 2}}),
            json!({"msg": {"path": "a", "status": 2, "img_list": null}}),
            json!({"msg": {"path": "a", "status": 2, "video": null}}),
        ] {
            assert!(serde_json::from_value::<OrderPathInfo>(odd).is_err());
        }
    }
}
