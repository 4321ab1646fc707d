//! The upload of a template's code to a mini-program.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::{Value, json};

use super::endpoint::{COMMIT, PAGES};
use crate::wechat::call::Call;
use crate::wechat::id::Appid;
use crate::wechat::tolerant;

/// What is committed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Commit {
    /// The template, by its id in the platform's library.
    #[serde(deserialize_with = "tolerant::int")]
    pub template_id: i64,
    /// `ext.json` as text: WeChat takes no object here (47001).
    #[serde(deserialize_with = "tolerant::string")]
    pub ext_json: String,
    /// The version that is shown, at most 64 characters.
    #[serde(deserialize_with = "tolerant::string")]
    pub user_version: String,
    /// A free text, which comes back with the version wherever it is shown.
    #[serde(deserialize_with = "tolerant::string")]
    pub user_desc: String,
}

/// Commits a template to `account`.
#[must_use]
pub fn commit_request(account: &Appid, commit: &Commit) -> Call {
    let Commit {
        template_id,
        ext_json,
        user_version,
        user_desc,
    } = commit;
    let body = json!({
        "template_id": template_id, "ext_json": ext_json, "user_version": user_version, "user_desc": user_desc,
    });
    Call::new(&COMMIT, account.clone(), &body)
}

/// What a request of [`COMMIT`] commits.
#[must_use]
pub fn committed(call: &Call) -> Option<Commit> {
    if call.endpoint != &COMMIT {
        return None;
    }
    let body: Value = serde_json::from_str(call.body()).ok()?;
    Commit::deserialize(&body).ok()
}

/// Asks for the pages of the trial version. Refused with 86001 where nothing was committed.
#[must_use]
pub fn pages_request(account: &Appid) -> Call {
    Call::bare(&PAGES, account.clone())
}

/// The answer of [`PAGES`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Pages {
    /// `pages/index/index`, without a slash in front.
    #[serde(deserialize_with = "tolerant::texts")]
    pub page_list: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ext_json_is_sent_as_a_text_and_read_back() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let commit = Commit {
            template_id: 4,
            ext_json: r#"{"extAppid":"wx2222222222222222"}"#.to_owned(),
            user_version: "1.4.2".to_owned(),
            user_desc: "修复预约 #9c41d0a2".to_owned(),
        };
        let call = commit_request(&account, &commit);
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert!(body["ext_json"].is_string());
        assert_eq!(committed(&call), Some(commit));
        assert_eq!(committed(&pages_request(&account)), None);
    }
}
