//! Permission for location APIs (地理位置接口), which a mini-program applies for one by one; WeChat reviews each.
//!
//! The list has other numbers for where an application stands than the push has (`wxa_privacy_apply`).
//! WeChat's pages: developers.weixin.qq.com, `api_applyprivacyinterface`, `api_getprivacyinterface`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// How many characters a reason has at most.
pub const LONGEST: usize = 300;
/// How many pictures an application has at most.
pub const PICTURES: usize = 10;

/// `applyPrivacyInterface`: the list shows afterwards that it is under review, and a second one meanwhile is refused (61031).
pub static APPLY: Endpoint = Endpoint {
    name: "security/apply_privacy_interface",
    path: "/wxa/security/apply_privacy_interface",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// `getPrivacyInterface`: all there are, and where each stands.
pub static LIST: Endpoint = Endpoint {
    name: "security/get_privacy_interface",
    path: "/wxa/security/get_privacy_interface",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// What is handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// `wx.choosePoi`; capitals count.
    pub api_name: String,
    /// Why it is needed.
    pub content: String,
    /// Addresses of pictures.
    #[serde(default)]
    pub pic_list: Vec<String>,
    /// The address of a video.
    #[serde(default)]
    pub video_list: Vec<String>,
}

/// Applies for an API. Refused with 61031 (under review), 61032 (no mp4), 61033 (WeChat could not download), 61034 (something
/// is missing), 61035 (granted, or no such API), 61036 (not for its categories), 61037 (encoding), 61038 (too often).
#[must_use]
pub fn apply_request(account: &Appid, application: &Application) -> Call {
    let Application {
        api_name,
        content,
        pic_list,
        video_list,
    } = application;
    let body = json!({
        "api_name": api_name, "content": content, "url_list": [], "pic_list": pic_list, "video_list": video_list,
    });
    Call::new(&APPLY, account.clone(), &body)
}

/// What a request of [`APPLY`] hands in.
#[must_use]
pub fn application_of(call: &Call) -> Option<Application> {
    (call.endpoint == &APPLY).then(|| serde_json::from_str(call.body()).ok())?
}

/// Asks where `account` stands with all of them.
#[must_use]
pub fn list_request(account: &Appid) -> Call {
    Call::bare(&LIST, account.clone())
}

/// The answer of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LocationApis {
    /// All that there are. Its absence is not "none".
    #[serde(deserialize_with = "tolerant::list")]
    pub interface_list: Vec<LocationApi>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LocationApi {
    /// `wx.choosePoi`.
    #[serde(deserialize_with = "tolerant::string")]
    pub api_name: String,
    #[serde(deserialize_with = "tolerant::int")]
    status: i64,
    /// Of the last application, if there was one.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub audit_id: Option<i64>,
    /// When that was made, in Unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub apply_time: Option<i64>,
    /// Why it was rejected.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub fail_reason: Option<String>,
}

/// Where a mini-program stands with an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Never applied for.
    NotApplied,
    /// Not for this mini-program: its categories do not allow it.
    NotAllowed,
    /// Under review.
    InReview,
    /// Rejected.
    Rejected,
    /// Granted.
    Granted,
    /// A number that no page explains.
    Odd(i64),
}

impl LocationApi {
    /// Where it stands.
    #[must_use]
    pub fn grant(&self) -> Grant {
        match self.status {
            1 => Grant::NotApplied,
            2 => Grant::NotAllowed,
            3 => Grant::InReview,
            4 => Grant::Rejected,
            5 => Grant::Granted,
            other => Grant::Odd(other),
        }
    }

    /// What tells one application from the next.
    #[must_use]
    pub fn application(&self) -> Value {
        json!([self.audit_id, self.apply_time])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_reads_back() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let application = Application {
            api_name: "wx.choosePoi".to_owned(),
            content: "选门店".to_owned(),
            pic_list: vec!["https://a.example.com/1.png".to_owned()],
            video_list: Vec::new(),
        };
        let call = apply_request(&account, &application);
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(body["url_list"], json!([]));
        assert_eq!(application_of(&call), Some(application));
        assert_eq!(application_of(&list_request(&account)), None);
    }

    #[test]
    fn the_sample_is_read_and_an_answer_without_its_list_is_not() {
        let sample = json!({"interface_list": [{
            "api_name": "wx.choosePoi", "api_ch_name": "打开POI列表选择位置", "api_desc": "", "apply_time": 1_644_805_538,
            "status": "4", "audit_id": 421_610_267, "fail_reason": "用途不明", "api_link": "https://…", "group_name": "地理位置",
        }, {"api_name": "wx.getLocation", "status": 9}]});
        let apis: LocationApis = serde_json::from_value(sample).unwrap();
        let grants: Vec<Grant> = apis.interface_list.iter().map(LocationApi::grant).collect();
        assert_eq!(grants, [Grant::Rejected, Grant::Odd(9)]);
        for odd in [
            json!({}),
            json!({"interface_list": null}),
            json!({"interface_list": [{"api_name": "wx.choosePoi"}]}),
            json!({"interface_list": [{"status": 1}]}),
        ] {
            assert!(serde_json::from_value::<LocationApis>(odd).is_err());
        }
    }
}
