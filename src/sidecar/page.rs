//! How the pages look and in which language: Chinese first, English where the browser asks for it.

use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speech {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// The reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Zh,
    En,
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

/// Chinese, unless the browser names English before any Chinese.
pub(super) fn reader(headers: &HeaderMap) -> Reader {
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let first = wanted
        .split(',')
        .map(|part| part.trim().to_ascii_lowercase())
        .find(|part| part.starts_with("zh") || part.starts_with("en"));
    match first {
        Some(language) if language.starts_with("en") => Reader::En,
        Some(_) | None => Reader::Zh,
    }
}

/// A whole page. No `Referrer-Policy: no-referrer` here: WeChat checks from where its page was reached.
pub(super) fn page(status: StatusCode, reader: Reader, title: &Speech, body: Markup) -> Response {
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
                style { "body{font-family:sans-serif;max-width:32em;margin:3em auto;padding:0 1em;line-height:1.6}\
                         .go{display:inline-block;background:#07c160;color:#fff;border:0;border-radius:6px;\
                         padding:.8em 2em;font-size:1.1em;text-decoration:none;cursor:pointer}" }
            }
            body {
                h1 { (title.to(reader)) }
                (body)
            }
        }
    };
    let mut response = (status, markup).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin-when-cross-origin"),
    );
    response
}

/// A page that says what went wrong and what to do.
pub(super) fn failure(
    status: StatusCode,
    reader: Reader,
    title: &Speech,
    text: &Speech,
) -> Response {
    page(status, reader, title, html! { p { (text.to(reader)) } })
}

/// A link that we did not make, or for a tenant that is gone.
pub(super) fn unknown_link(reader: Reader) -> Response {
    failure(
        StatusCode::NOT_FOUND,
        reader,
        &Speech::new("链接无效", "This link is not valid"),
        &Speech::new(
            "请向服务商索取新的授权链接。",
            "Please ask your service provider for a new link.",
        ),
    )
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
}
