//! Confirm files of webview domains, served at the root for whichever host leads here. Only what WeChat gave is served.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::shared::Shared;
use crate::store::Key;
use crate::store::documents::ConfirmDoc;
use crate::wechat::domain::is_file_name;

/// The name of the file that a path asks for, if it can be one.
pub(super) fn file_of(path: &str) -> Option<&str> {
    path.strip_prefix('/').filter(|name| is_file_name(name))
}

/// Answers with the file, to the byte.
pub(super) async fn answer(shared: &Shared, name: &str) -> Response {
    match shared.store.get::<ConfirmDoc>(&Key::confirm(name)).await {
        Ok(Some(stored)) => {
            let plain = [(header::CONTENT_TYPE, "text/plain")];
            (plain, stored.value.content).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_name_at_the_root_is_one() {
        assert_eq!(file_of("/abc123.txt"), Some("abc123.txt"));
        for path in [
            "/",
            "/a/b.txt",
            "//a.txt",
            "/../a.txt",
            "/a.html",
            "/a%2e.txt",
        ] {
            assert_eq!(file_of(path), None, "{path}");
        }
    }
}
