//! What is online, what was, and what is on trial.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::{Value, json};

use super::endpoint::{HISTORY, RELEASE, REVERT, VERSIONS};
use crate::wechat::call::Call;
use crate::wechat::id::Appid;
use crate::wechat::tolerant;

/// Asks for the trial version and the one that is online.
#[must_use]
pub fn versions_request(account: &Appid) -> Call {
    Call::bare(&VERSIONS, account.clone())
}

/// Releases the version that passed.
#[must_use]
pub fn release_request(account: &Appid) -> Call {
    Call::bare(&RELEASE, account.clone())
}

/// Asks which versions can be gone back to.
#[must_use]
pub fn history_request(account: &Appid) -> Call {
    Call::new(
        &HISTORY,
        account.clone(),
        &json!({"action": "get_history_version"}),
    )
}

/// Goes back to a version of the history.
#[must_use]
pub fn revert_request(account: &Appid, app_version: i64) -> Call {
    Call::new(
        &REVERT,
        account.clone(),
        &json!({"app_version": app_version}),
    )
}

/// What a request of [`REVERT`] goes back to.
#[must_use]
pub fn reverted_to(call: &Call) -> Option<i64> {
    if call.endpoint != &REVERT {
        return None;
    }
    let body: Value = serde_json::from_str(call.body()).ok()?;
    tolerant::integer(body.get("app_version")?)
}

/// The answer of [`VERSIONS`]: each is left out where there is none, and sometimes where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Versions {
    /// The trial version.
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub exp_info: Option<Trial>,
    /// The one that is online.
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub release_info: Option<Online>,
}

/// `exp_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Trial {
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    exp_time: Option<i64>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    exp_version: Option<String>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    exp_desc: Option<String>,
}

/// `release_info`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Online {
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    release_time: Option<i64>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    release_version: Option<String>,
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    release_desc: Option<String>,
}

/// A version in one of the slots. Texts that an answer leaves out are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The version.
    pub version: String,
    /// Its free text.
    pub description: String,
    /// Since when it is there, in Unix seconds.
    pub since: Option<i64>,
}

impl Version {
    fn of(
        since: Option<i64>,
        version: Option<&String>,
        description: Option<&String>,
    ) -> Option<Self> {
        let said = |text: Option<&String>| text.cloned().unwrap_or_default();
        let slot = Self {
            version: said(version),
            description: said(description),
            since: since.filter(|since| *since > 0),
        };
        // An empty object says that there is none.
        let is_there =
            slot.since.is_some() || !slot.version.is_empty() || !slot.description.is_empty();
        is_there.then_some(slot)
    }
}

impl Versions {
    /// The trial version.
    #[must_use]
    pub fn trial(&self) -> Option<Version> {
        let one = self.exp_info.as_ref()?;
        Version::of(
            one.exp_time,
            one.exp_version.as_ref(),
            one.exp_desc.as_ref(),
        )
    }

    /// Whether the answer has something online and no word of what it is.
    #[must_use]
    pub fn release_is_odd(&self) -> bool {
        self.release_info.is_some() && self.online().is_none()
    }

    /// What is online.
    #[must_use]
    pub fn online(&self) -> Option<Version> {
        let one = self.release_info.as_ref()?;
        Version::of(
            one.release_time,
            one.release_version.as_ref(),
            one.release_desc.as_ref(),
        )
    }
}

/// The answer of [`HISTORY`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct History {
    /// At most five, and none after going back until the next release.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub version_list: Vec<OldVersion>,
}

/// A version of before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct OldVersion {
    /// When it was committed, in Unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub commit_time: Option<i64>,
    /// The version.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub user_version: Option<String>,
    /// Its free text.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub user_desc: Option<String>,
    /// What it is gone back to by.
    #[serde(deserialize_with = "tolerant::int")]
    pub app_version: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Versions {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn a_slot_may_be_left_out_or_hold_a_time_alone() {
        assert_eq!(read(json!({"errcode": 0})), Versions::default());
        let bare = read(
            json!({"exp_info": {}, "release_info": {"release_time": 5, "release_version": ""}}),
        );
        assert_eq!(bare.trial(), None);
        let online = bare.online().unwrap();
        assert_eq!((online.version.as_str(), online.since), ("", Some(5)));
        assert!(serde_json::from_value::<Versions>(json!({"release_info": null})).is_err());
    }

    #[test]
    fn what_is_gone_back_to_is_read_from_the_call() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        assert_eq!(reverted_to(&revert_request(&account, 222)), Some(222));
        assert_eq!(reverted_to(&history_request(&account)), None);
    }
}
