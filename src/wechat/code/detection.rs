//! What WeChat finds in the trial version's code, a minute or hours after it was committed.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;

use super::endpoint::DETECTION;
use crate::wechat::call::Call;
use crate::wechat::id::Appid;
use crate::wechat::tolerant;

/// Asks what was found. Refused with 61039 while WeChat still looks.
#[must_use]
pub fn detection_request(account: &Appid) -> Call {
    Call::bare(&DETECTION, account.clone())
}

/// The answer of [`DETECTION`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Detection {
    /// APIs that the code uses and the mini-program has no permission for.
    #[serde(default, deserialize_with = "tolerant::texts")]
    pub without_auth_list: Vec<String>,
    /// APIs that the code uses and `requiredPrivateInfos` does not name.
    #[serde(default, deserialize_with = "tolerant::texts")]
    pub without_conf_list: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_that_are_left_out_are_empty_and_null_is_none() {
        let read = |body| serde_json::from_value::<Detection>(body);
        assert_eq!(read(json!({"errcode": 0})).unwrap(), Detection::default());
        let found = read(json!({"without_auth_list": ["wx.getLocation"]})).unwrap();
        assert_eq!(found.without_auth_list, ["wx.getLocation"]);
        assert!(read(json!({"without_conf_list": null})).is_err());
    }
}
