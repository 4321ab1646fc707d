//! Paths in WeChat's console and ours: which platforms a path belongs to, and what stands in it.

use std::sync::Arc;

use super::platform::Platform;
use super::shared::Shared;
use crate::wechat::Appid;

/// Where the account stands in a path or an address.
pub(super) const PLACEHOLDER: &str = "$APPID$";

/// The account a path names, under a template such as `/wechat/messages/$APPID$`.
pub(super) fn appid_of(template: &str, path: &str) -> Option<Appid> {
    let (before, after) = template.split_once(PLACEHOLDER)?;
    let appid = path.strip_prefix(before)?.strip_suffix(after)?;
    Appid::parse(appid).ok()
}

/// The platforms whose notices come to a path.
pub(super) fn at_notices<'a>(
    shared: &'a Shared,
    path: &'a str,
) -> impl Iterator<Item = &'a Platform> {
    let all = shared.platforms.iter().map(Arc::as_ref);
    all.filter(move |one| one.served.notices == path)
}

/// The platforms whose messages come to a path.
pub(super) fn at_messages<'a>(
    shared: &'a Shared,
    path: &'a str,
) -> impl Iterator<Item = &'a Platform> {
    let all = shared.platforms.iter().map(Arc::as_ref);
    all.filter(move |one| appid_of(&one.served.messages, path).is_some())
}

/// What follows a path and a slash.
pub(super) fn below<'a>(path: &str, whole: &'a str) -> Option<&'a str> {
    whole
        .strip_prefix(path.trim_end_matches('/'))?
        .strip_prefix('/')
        .filter(|rest| !rest.is_empty())
}

/// Percent-decoded, as one segment.
pub(super) fn decoded(segment: &str) -> String {
    // A plus is a plus in a path; the parser is one for forms.
    let form = segment
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    url::form_urlencoded::parse(form.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_one_in_the_url() {
        let template = "/wechat/messages/$APPID$";
        let appid = appid_of(template, "/wechat/messages/wx1111111111111111");
        assert_eq!(appid.unwrap().as_str(), "wx1111111111111111");
        assert!(appid_of(template, "/wechat/messages/").is_none());
        assert!(appid_of(template, "/wechat/messages/../../etc").is_none());
        assert!(appid_of("/m/$APPID$/cb", "/m/wx1111111111111111/cb").is_some());
    }

    #[test]
    fn a_link_is_one_segment_below_its_path() {
        assert_eq!(below("/authorize", "/authorize/t.0"), Some("t.0"));
        assert_eq!(
            below("/authorize/", "/authorize/t.0/callback"),
            Some("t.0/callback")
        );
        assert_eq!(below("/authorize", "/authorized/t.0"), None);
        assert_eq!(below("/authorize", "/authorize/"), None);
        assert_eq!(decoded("%E6%97%A5+a%2Fb&c=d"), "日+a/b&c=d");
    }
}
