//! Something uploaded, as the state file has it. What can be done with it is in `media.rs`.

use std::fmt::Display;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::keyed::Keyed;

/// Something uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Media {
    /// Its id.
    pub media_id: String,
    /// The account whose token it was uploaded with; it is of no use to any other.
    pub account: String,
    /// `image`, `voice`, `video` or `thumb`.
    #[serde(default = "image")]
    pub kind: String,
    /// It was uploaded for a review of code (提审素材), and is of no other use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_audit: bool,
    /// SHA-256 of the bytes, in hexadecimal.
    #[serde(default)]
    pub sha256: String,
    /// How many bytes.
    #[serde(default)]
    pub size: u64,
    /// When it was uploaded; it is gone after three days.
    pub uploaded_at: Timestamp,
}

impl Keyed for Media {
    type Key = String;
    fn key(&self) -> String {
        self.media_id.clone()
    }
    fn name(&self) -> impl Display {
        &self.media_id
    }
}

fn image() -> String {
    "image".to_owned()
}
