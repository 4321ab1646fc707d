//! How the pages look, what their headers say, and in which language: Chinese, English where the browser asks for it.

use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "body{font-family:system-ui,sans-serif;max-width:32em;margin:3em auto;padding:0 1em;\
    line-height:1.7;color:#1a1a1a}h1{font-size:1.4em}.go{display:inline-block;background:#07c160;color:#fff;border:0;\
    border-radius:6px;padding:.8em 2em;font-size:1.1em;text-decoration:none;cursor:pointer}\
    .note{color:#666;font-size:.9em}";

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Speech {
    pub(super) zh: String,
    pub(super) en: String,
}

/// The reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Zh,
    En,
}

/// What a page may run. Nothing else runs, whatever gets into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    None,
    /// Clicks the link `#go`: a click, so that WeChat sees where it came from.
    ClickGo,
}

impl Speech {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    pub(super) fn to(&self, reader: Reader) -> &str {
        match reader {
            Reader::Zh => &self.zh,
            Reader::En => &self.en,
        }
    }
}

/// Chinese, unless the browser names English before any Chinese. Browsers list what they like best first.
pub(super) fn reader(headers: &HeaderMap) -> Reader {
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let first = wanted
        .split(',')
        .take(20)
        .map(|part| part.trim().to_ascii_lowercase())
        .find(|part| part.starts_with("zh") || part.starts_with("en"));
    match first {
        Some(language) if language.starts_with("en") => Reader::En,
        Some(_) | None => Reader::Zh,
    }
}

/// A whole page.
pub(super) fn page(
    status: StatusCode,
    reader: Reader,
    title: &Speech,
    body: &Markup,
    script: Script,
) -> Response {
    let nonce = format!("{:032x}", rand::random::<u128>());
    let lang = match reader {
        Reader::Zh => "zh-CN",
        Reader::En => "en",
    };
    let markup = html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title.to(reader)) }
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title.to(reader)) }
                (body)
                @if script == Script::ClickGo {
                    script nonce=(nonce) { (PreEscaped("document.getElementById('go').click()")) }
                }
            }
        }
    };
    let mut response = (status, markup).into_response();
    secure(response.headers_mut(), &nonce);
    response
}

/// No `Referrer-Policy: no-referrer` here: WeChat checks from which host its page was reached. The host is all it gets.
fn secure(headers: &mut HeaderMap, nonce: &str) {
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let fixed = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// A page that says what happened and what to do.
pub(super) fn say(status: StatusCode, reader: Reader, title: &Speech, text: &Speech) -> Response {
    let body = html! { p { (text.to(reader)) } };
    page(status, reader, title, &body, Script::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_chinese_unless_english_is_asked_for_first() {
        let asked = |wanted: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(wanted));
            reader(&headers)
        };
        assert_eq!(reader(&HeaderMap::new()), Reader::Zh);
        assert_eq!(asked("en-US,en;q=0.9,zh;q=0.8"), Reader::En);
        assert_eq!(asked("zh-CN,en;q=0.9"), Reader::Zh);
        assert_eq!(asked("fr,zh;q=0.8"), Reader::Zh);
    }

    #[test]
    fn two_pages_never_share_a_nonce_and_wechat_learns_our_host() {
        let made = || {
            let title = Speech::new("题", "title");
            let response = say(StatusCode::OK, Reader::Zh, &title, &title);
            response.headers().clone()
        };
        let (one, two) = (made(), made());
        assert_ne!(
            one["content-security-policy"],
            two["content-security-policy"]
        );
        assert_eq!(one["referrer-policy"], "strict-origin-when-cross-origin");
        assert_eq!(one["cache-control"], "no-store");
    }
}
