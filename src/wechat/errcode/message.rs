//! What WeChat writes beside a number: a text, a request id, and now and then the token it refused.

use crate::wechat::raw::is_raw;

/// No more of a text than this is kept.
const LIMIT: usize = 200;
/// Words with a digit are secrets from this length on: tokens have more than 100 characters, codes about 50,
/// appids 18, requests ids (taken out before) 26.
const SECRET_WORD: usize = 20;

/// The text without its request id, scrubbed and bounded, and the request id.
///
/// The id stands at the end: `… rid: 64f69b23-60f73830-19f36488`, before about 2021 ` hint: [tp9AvA04171107]`.
pub(super) fn read(errmsg: &str) -> (String, Option<String>) {
    let (text, rid) = match split_rid(errmsg) {
        Some((text, rid)) => (text, Some(rid.to_owned())),
        None => (errmsg, None),
    };
    (scrub(text), rid)
}

fn split_rid(errmsg: &str) -> Option<(&str, &str)> {
    if let Some((text, rid)) = errmsg.rsplit_once("rid: ") {
        let rid = rid.trim();
        let is_id = (1..=64).contains(&rid.len())
            && rid.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        return is_id.then_some((text, rid));
    }
    let (text, rest) = errmsg.rsplit_once("hint: [")?;
    let (rid, _) = rest.split_once(']')?;
    let rid = rid.trim();
    let is_id = (1..=64).contains(&rid.len()) && rid.bytes().all(|b| b.is_ascii_graphic());
    is_id.then_some((text, rid))
}

/// Replaces what may be a token, drops control characters, shortens.
fn scrub(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for char in text.chars().take(4 * LIMIT) {
        if char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '@' | '+' | '/') {
            word.push(char);
            continue;
        }
        flush(&mut out, &mut word);
        out.push(if is_raw(char) { ' ' } else { char });
    }
    flush(&mut out, &mut word);
    out.trim().chars().take(LIMIT).collect()
}

fn flush(out: &mut String, word: &mut String) {
    let secret = word.contains("@@@")
        || (word.len() >= SECRET_WORD && word.bytes().any(|b| b.is_ascii_digit()));
    let named = ["token=", "secret=", "ticket=", "code="]
        .iter()
        .any(|name| out.ends_with(name));
    if secret || (named && !word.is_empty()) {
        out.push('…');
    } else {
        out.push_str(word);
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_id_is_taken_out_of_either_form() {
        let (text, rid) = read(
            "invalid credential, access_token is invalid or not latest rid: 6a0b1c2d-11223344-55667788",
        );
        assert_eq!(
            text,
            "invalid credential, access_token is invalid or not latest"
        );
        assert_eq!(rid.as_deref(), Some("6a0b1c2d-11223344-55667788"));
        let (text, rid) = read("invalid appid hint: [tp9AvA04171107]");
        assert_eq!(text, "invalid appid");
        assert_eq!(rid.as_deref(), Some("tp9AvA04171107"));
    }

    #[test]
    fn what_only_looks_like_a_request_id_stays() {
        for text in ["grid: none", "rid: ", "no hint: here", "hint: []", ""] {
            assert_eq!(read(text), (text.trim().to_owned(), None), "{text}");
        }
    }

    #[test]
    fn tokens_do_not_survive() {
        for (text, want) in [
            ("invalid ticket@@@abc here", "invalid … here"),
            (
                "bad 61W3mEpU66027wgNZ_MhGHNQDHnFATkDa9-2llqrMBjUwxRSNPbVsMmyD",
                "bad …",
            ),
            ("access_token=short&x", "access_token=…&x"),
            (
                "must use api(api_component_token) to get token for component acct",
                "must use api(api_component_token) to get token for component acct",
            ),
            ("appid wx1111111111111111", "appid wx1111111111111111"),
        ] {
            assert_eq!(read(text).0, want);
        }
    }

    #[test]
    fn a_long_or_wild_text_is_bounded() {
        assert_eq!(read(&"字 ".repeat(5_000)).0.chars().count(), LIMIT);
        assert_eq!(read("a\r\nb\u{1b}[31m").0, "a  b [31m");
    }
}
