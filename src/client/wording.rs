//! What every request says of itself, and what an I/O error is called.

use std::io;

pub(super) const USER_AGENT: &str = concat!("wxops/", env!("CARGO_PKG_VERSION"));
pub(super) const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// What an I/O error is called; where its kind says nothing (no such host, no route), that it cannot be reached.
pub(super) fn words(error: &io::Error) -> String {
    let kind = error.kind().to_string();
    if error.kind() == io::ErrorKind::Other || kind.starts_with("uncategorized") {
        "cannot connect".to_owned()
    } else {
        kind
    }
}
