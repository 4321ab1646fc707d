//! The launch domain (登录授权的发起页域名): where the visitors of WeChat's pages come from, and where they are sent back to.

use axum::http::{HeaderMap, header};
use url::Url;

use super::state::Platform;

/// Where the browser is sent in the end: only to the platform's own domain.
pub(super) fn landing(platform: &Platform, redirect_uri: &str) -> Option<Url> {
    let url = Url::parse(redirect_uri).ok()?;
    match (url.scheme(), url.host_str()) {
        ("http" | "https", Some(host)) if is_configured(platform, host) => Some(url),
        _ => None,
    }
}

/// Whether the host is the platform's 登录授权的发起页域名. All names of this machine are one.
pub(super) fn is_configured(platform: &Platform, host: &str) -> bool {
    let Some(configured) = platform.redirect_host.as_deref() else {
        return true;
    };
    let without_port = match configured.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => configured,
    };
    without_port.eq_ignore_ascii_case(host) || (is_loopback(without_port) && is_loopback(host))
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1")
}

/// Where a visitor comes from, if the browser says.
pub(super) fn referer(headers: &HeaderMap) -> Option<Url> {
    Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()
}
