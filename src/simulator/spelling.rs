//! Values that are kept in another spelling than they were sent in.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// What becomes of every text of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Spelling {
    /// Without the variation selectors of emoji.
    DropVariationSelectors,
    /// Without blanks at either end.
    TrimBlanks,
    /// Hosts of addresses in small letters.
    LowerCaseHosts,
    /// Addresses written anew: other letters as `%XX`, a bare host with a slash.
    ReencodeUrls,
}

impl Spelling {
    /// The value as it is kept.
    pub(super) fn keep(self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(kept) = self.kept(text) {
                    *text = kept;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.keep(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.keep(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn kept(self, text: &str) -> Option<String> {
        match self {
            Self::DropVariationSelectors => {
                let is_selector = |letter: char| ('\u{fe00}'..='\u{fe0f}').contains(&letter);
                Some(
                    text.chars()
                        .filter(|letter| !is_selector(*letter))
                        .collect(),
                )
            }
            Self::TrimBlanks => Some(text.trim().to_owned()),
            Self::LowerCaseHosts => {
                let (scheme, rest) = text.split_once("://")?;
                let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                let (host, path) = rest.split_at_checked(end)?;
                Some(format!("{scheme}://{}{path}", host.to_lowercase()))
            }
            Self::ReencodeUrls => {
                let url = Url::parse(text).ok()?;
                url.has_host().then(|| url.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_spelling_changes_what_it_is_about_and_nothing_else() {
        for (how, sent, kept) in [
            (Spelling::DropVariationSelectors, "❤️ 今日", "❤ 今日"),
            (Spelling::TrimBlanks, " 今 日\u{3000}", "今 日"),
            (
                Spelling::LowerCaseHosts,
                "https://WWW.Example.CN/A?B=C",
                "https://www.example.cn/A?B=C",
            ),
            (Spelling::LowerCaseHosts, "No Host", "No Host"),
            (Spelling::ReencodeUrls, "https://a.cn", "https://a.cn/"),
            (
                Spelling::ReencodeUrls,
                "https://a.cn/课?q=课",
                "https://a.cn/%E8%AF%BE?q=%E8%AF%BE",
            ),
            (Spelling::ReencodeUrls, "K:1", "K:1"),
        ] {
            let mut value = json!({"button": [{"name": sent, "n": 1}]});
            how.keep(&mut value);
            assert_eq!(
                value,
                json!({"button": [{"name": kept, "n": 1}]}),
                "{how:?}"
            );
        }
    }
}
