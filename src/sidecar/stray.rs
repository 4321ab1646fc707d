//! Requests to paths that are none of ours: a push that went astray looks like silence from here, so it leaves a
//! trace. A slash behind, another case or a doubled slash is the commonest slip in WeChat's console.

use std::sync::Arc;

use super::paths::{PLACEHOLDER, decoded};
use super::platform::Platform;

/// Whether a request to a path that is none of ours was meant for one of ours: by its path, or by its query, which
/// only WeChat's pushes have.
pub(super) fn is_stray(platforms: &[Arc<Platform>], posted: bool, path: &str, query: &str) -> bool {
    let near = || {
        platforms
            .iter()
            .any(|one| is_near(&one.served.notices, path) || is_near(&one.served.messages, path))
    };
    is_pushed(query) || (posted && near())
}

/// Whether a query is that of a push, or of a check of the URL.
fn is_pushed(query: &str) -> bool {
    let has =
        |name: &str| url::form_urlencoded::parse(query.as_bytes()).any(|(found, _)| found == name);
    has("msg_signature") || (has("signature") && has("timestamp") && has("nonce"))
}

/// Whether a path is one of ours but for slashes, case and percent-encoding. The account in it may be anything, or
/// missing.
fn is_near(ours: &str, path: &str) -> bool {
    let (ours, path) = (plain(ours), plain(path));
    let account = PLACEHOLDER.to_lowercase();
    let same = |(ours, found): (&String, &String)| ours.contains(&account) || ours == found;
    let fits = |ours: &[String]| ours.len() == path.len() && ours.iter().zip(&path).all(same);
    let without = ours
        .split_last()
        .filter(|(last, _)| last.contains(&account));
    fits(&ours) || without.is_some_and(|(_, before)| fits(before))
}

fn plain(path: &str) -> Vec<String> {
    let path = decoded(path).to_lowercase();
    let segments = path.split('/').filter(|one| !one.is_empty());
    segments.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_a_path_are_near_it() {
        let notices = "/wechat/notices";
        for slip in [
            "/wechat/notices/",
            "//wechat/notices",
            "/wechat//notices//",
            "/Wechat/Notices",
            "/wechat/%6Eotices",
        ] {
            assert!(is_near(notices, slip), "{slip}");
        }
        for other in ["/wechat", "/wechat/notices/x", "/wechat/notice", "/"] {
            assert!(!is_near(notices, other), "{other}");
        }
        let messages = "/wechat/messages/$APPID$";
        for slip in [
            "/wechat/messages/wx1111111111111111/",
            "/wechat/messages/$APPID$",
            "/wechat/messages/%24APPID%24",
            "/wechat/messages/",
            "/wechat/messages",
            "/Wechat/messages//wx1",
        ] {
            assert!(is_near(messages, slip), "{slip}");
        }
        assert!(!is_near(messages, "/wechat/messages/wx1/x"));
        assert!(!is_near(messages, "/wechat") && !is_near(messages, "/wechat/messagesx"));
        assert!(is_near("/m/$APPID$/cb", "/m/wx1/CB/"));
        assert!(!is_near("/m/$APPID$/cb", "/m/wx1"));
    }

    #[test]
    fn a_query_like_a_pushs_is_one() {
        assert!(is_pushed("signature=1&timestamp=2&nonce=3&echostr=4"));
        assert!(is_pushed("msg_signature=1"));
        assert!(!is_pushed("signature=1"));
        assert!(!is_pushed(""));
    }
}
