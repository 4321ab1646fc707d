//! Takes secrets out of texts: the last thing that happens to what WeChat wrote before anybody may print it.
//!
//! The errcode table already drops what looks like a token. This drops what *is* one, whatever it looks like.

use serde_json::Value;

use crate::wechat::Appid;
use crate::wechat::secret::Secret;

/// Shorter texts are no secrets of WeChat's, and taking them out would maim ordinary words.
const SHORTEST: usize = 6;

/// The text without any of the secrets.
pub(super) fn scrub(text: &str, secrets: &[Secret]) -> String {
    secrets
        .iter()
        .filter(|secret| secret.expose().len() >= SHORTEST)
        .fold(text.to_owned(), |text, secret| {
            let text = text.replace(secret.expose(), "…");
            text.replace(&in_url(secret.expose()), "…")
        })
}

/// A text as it stands in the query of a URL, which an answer may quote: refresh tokens have `@` in them.
fn in_url(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The secrets of a one-shot call's body: every text in it that is no appid.
pub(super) fn secrets_of(body: &str) -> Vec<Secret> {
    let Ok(Value::Object(fields)) = serde_json::from_str(body) else {
        return Vec::new();
    };
    fields
        .values()
        .filter_map(Value::as_str)
        .filter(|text| Appid::parse(text).is_err())
        .map(Secret::new)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_whatever_they_look_like() {
        let secrets = [
            Secret::new("plain-words"),
            Secret::new("61_abc"),
            Secret::new("ok"),
            Secret::new("refreshtoken@@@1"),
        ];
        assert_eq!(
            scrub(
                "plain-words and 61_abc are not ok, refreshtoken%40%40%401",
                &secrets
            ),
            "… and … are not ok, …"
        );
    }

    #[test]
    fn a_body_gives_up_its_secrets_and_keeps_its_appids() {
        let body = r#"{"component_appid":"wx0000000000000001","authorization_code":"queryauthcode@@@x","n":1}"#;
        assert_eq!(secrets_of(body), [Secret::new("queryauthcode@@@x")]);
        assert!(secrets_of("[]").is_empty());
    }
}
