//! The confirm file (校验文件) that the host of a webview domain must serve, and whether it does.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::endpoint::{CONFIRM_FILE, REACH};
use crate::wechat::call::Call;
use crate::wechat::id::Appid;
use crate::wechat::tolerant;

/// The longest file that is taken: WeChat's have some 32 bytes.
const LONGEST: usize = 4096;

/// Asks for the confirm file of `account`. The platform has another one, for its own list.
#[must_use]
pub fn confirm_request(account: &Appid) -> Call {
    Call::bare(&CONFIRM_FILE, account.clone())
}

/// The answer of [`CONFIRM_FILE`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConfirmFile {
    /// The file's name: it lies at the root of the host.
    #[serde(deserialize_with = "tolerant::string")]
    pub file_name: String,
    /// What it holds, to the byte.
    #[serde(deserialize_with = "tolerant::string")]
    pub file_content: String,
}

impl ConfirmFile {
    /// Whether it can be served: a plain name, and a content of a bounded size.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let length = self.file_content.len();
        is_file_name(&self.file_name) && (1..=LONGEST).contains(&length)
    }
}

/// Whether a text is a plain name of a text file: nothing of it leads elsewhere.
#[must_use]
pub fn is_file_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let stem = text.strip_suffix(".txt");
    stem.is_some_and(|stem| (1..=100).contains(&stem.len()) && stem.bytes().all(plain))
}

/// Asks whether a host serves a file.
#[must_use]
pub fn reach_request(account: &Appid, host: &str, file: &ConfirmFile) -> Call {
    let ConfirmFile {
        file_name,
        file_content,
    } = file;
    let body = json!({"host": host, "name": file_name, "content": file_content});
    Call::new(&REACH, account.clone(), &body)
}

/// What such a request asks for: the host, and the file.
#[must_use]
pub fn to_reach(call: &Call) -> Option<(String, ConfirmFile)> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    let text = |name: &str| Some(body.get(name)?.as_str()?.to_owned());
    let file = ConfirmFile {
        file_name: text("name")?,
        file_content: text("content")?,
    };
    Some((text("host")?, file)).filter(|(_, file)| file.is_sound())
}

/// What came of looking for the file where WeChat will.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reached {
    /// It is there.
    Served,
    /// Nobody has looked: a person said that it is there.
    Assumed,
    /// Something else is there.
    OtherContent,
    /// This HTTP status came back, 200 for none.
    Status(u16),
    /// Nothing came back; why, without an address.
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_name_is_one() {
        for good in ["abc123.txt", "a-b_C.txt", "WW_verify_abc.txt"] {
            assert!(is_file_name(good), "{good}");
        }
        let long = format!("{}.txt", "a".repeat(101));
        for bad in [
            "",
            ".txt",
            "a.html",
            "../a.txt",
            "a/b.txt",
            "a b.txt",
            "日.txt",
            "a.txt.txt",
            "%2e.txt",
            &long,
        ] {
            assert!(!is_file_name(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_to_be_reached_reads_back() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let file = ConfirmFile {
            file_name: "abc.txt".to_owned(),
            file_content: "0123".to_owned(),
        };
        let call = reach_request(&account, "h5.example.com", &file);
        assert_eq!(
            to_reach(&call),
            Some(("h5.example.com".to_owned(), file.clone()))
        );
        let odd = ConfirmFile {
            file_name: "../abc.txt".to_owned(),
            ..file
        };
        assert_eq!(
            to_reach(&reach_request(&account, "h5.example.com", &odd)),
            None
        );
    }
}
