//! Secret documents beside the manifests. Nothing of their content is ever put into a message.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::codes;
use super::problem::Problem;
use super::tree::{Node, Scalar, Value};
use crate::wechat::Secret;

/// The keys of one Secret.
pub type SecretData = BTreeMap<String, Secret>;

/// Every Secret among the documents, by name.
#[derive(Clone, Default)]
pub(super) struct Secrets(pub(super) BTreeMap<String, SecretData>);

/// A damaged Secret's keys may hold what belongs in its values (`{token:abc}` lacks a blank), so none is printed.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Secrets", self.0.len())
    }
}

/// What a platform's Secret must hold. `previousEncodingAesKey` may be there too.
pub(super) const PLATFORM_KEYS: [&str; 3] = ["appSecret", "token", "encodingAesKey"];

/// Reads `data` and `stringData`; the latter wins, as in Kubernetes.
pub(super) fn secret(document: &Node, problems: &mut Vec<Problem>) -> SecretData {
    let mut found = SecretData::new();
    for (field, encoded) in [("data", true), ("stringData", false)] {
        let Some(Value::Map(entries)) = document.get(field).map(|node| &node.value) else {
            continue;
        };
        for entry in entries {
            let secret = entry
                .value
                .scalar()
                .and_then(|scalar| decode(scalar, encoded));
            match secret {
                Some(secret) => {
                    found.insert(entry.key.as_ref().to_owned(), secret);
                }
                None => problems.push(
                    Problem::error(
                        codes::SECRET_KEY,
                        entry.key_span,
                        "this key of a Secret cannot be read",
                    )
                    .help("a text belongs below `stringData`, and below `data` its base64"),
                ),
            }
        }
    }
    found
}

fn decode(scalar: &Scalar, encoded: bool) -> Option<Secret> {
    if scalar.is_null() {
        return None;
    }
    if !encoded {
        return Some(Secret::new(&scalar.text));
    }
    let packed: String = scalar.text.split_whitespace().collect();
    let bytes = STANDARD.decode(packed).ok()?;
    Some(Secret::new(std::str::from_utf8(&bytes).ok()?))
}

/// Whether a text may hold a Secret document. Where it may, no line of it is shown, whatever is wrong with it.
#[must_use]
pub(super) fn may_hold_secret(text: &str) -> bool {
    let is_kind = |line: &str| {
        let bare: String = line
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\''))
            .collect();
        bare.contains("kind:Secret")
    };
    text.contains("stringData")
        || text
            .lines()
            .any(|line| line.contains("Secret") && is_kind(line))
}

/// Whether a line of a manifest may hold a secret that somebody wrote where only a reference belongs.
#[must_use]
pub(super) fn may_show(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let named = ["credentials", "secret:", "secret\"", "token", "aeskey"]
        .iter()
        .any(|word| line.contains(word));
    !named && !holds_a_password(&line)
}

/// `https://name:password@host`, of whatever scheme.
fn holds_a_password(line: &str) -> bool {
    line.split("://").skip(1).any(|rest| {
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\''));
        rest.get(..end.unwrap_or(rest.len()))
            .is_some_and(|authority| authority.contains('@'))
    })
}

/// A key in a message. One that does not look like a name is not repeated: `{token:abc}` lacks a blank, and the key is
/// the secret.
#[must_use]
pub(super) fn quoted(key: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    if key.len() <= 60 && key.chars().all(is_name) {
        format!("`{key}`")
    } else {
        "`…`".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_password_in_an_address_is_not_shown() {
        for line in [
            "  url: https://operator:pass-word-1@wx.example.com",
            "forwardMessages: 'http://pass-word-1@bots.example.com/a'",
            "a: https://one.example.com, b: HTTPS://x:y@two.example.com",
        ] {
            assert!(!may_show(line), "{line}");
        }
        for line in [
            "  url: https://wx.example.com/a@b",
            "  mail: me@example.com",
            "a: https://x \"@\"",
        ] {
            assert!(may_show(line), "{line}");
        }
    }

    #[test]
    fn lines_of_secrets_are_recognised() {
        for hidden in ["kind: Secret", "{\"kind\" : \"Secret\"}", "stringData:"] {
            assert!(may_hold_secret(hidden), "{hidden}");
        }
        assert!(!may_hold_secret(
            "kind: Platform\ncredentials: {secretRef: {name: x}}"
        ));
        for hidden in [
            "  appSecret: x",
            "credentials: x",
            "encodingAESKey: x",
            "token: x",
        ] {
            assert!(!may_show(hidden), "{hidden}");
        }
        assert!(may_show("- {name: 课程, view: x}"));
    }
}
