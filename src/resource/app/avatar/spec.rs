//! What a manifest says of an avatar, and what WeChat takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::resource::file::{FileRef, Format, Wanted};
use crate::wechat::avatar::{self, Crop, NoCrop};

/// What WeChat takes.
pub const WANTED: Wanted = Wanted {
    what: "an avatar",
    most: avatar::MOST_BYTES,
    formats: &[Format::Bmp, Format::Jpeg, Format::Gif, Format::Png],
};

/// The avatar: a picture (exactly one of `file`, and `url` with `sha256`), and which part of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AvatarSpec {
    /// The picture's path, from the folder of the manifest that names it. It must lie among the manifests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The picture's address (https), asked for when it is set; needs `sha256`.
    #[schemars(url)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What is behind the address: SHA-256, 64 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{64}$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Which part of it. Left out: all of it. What is not square is made so by WeChat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<CropSpec>,
}

/// A part of a picture, by two corners in parts of its width and height, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CropSpec {
    /// The left edge.
    #[schemars(range(min = 0, max = 1), extend("x-wire" = "x1"))]
    pub x1: f64,
    /// The upper edge.
    #[schemars(range(min = 0, max = 1), extend("x-wire" = "y1"))]
    pub y1: f64,
    /// The right edge.
    #[schemars(range(min = 0, max = 1), extend("x-wire" = "x2"))]
    pub x2: f64,
    /// The lower edge.
    #[schemars(range(min = 0, max = 1), extend("x-wire" = "y2"))]
    pub y2: f64,
}

impl AvatarSpec {
    /// The picture.
    #[must_use]
    pub fn source(&self) -> FileRef {
        FileRef {
            file: self.file.clone(),
            url: self.url.clone(),
            sha256: self.sha256.clone(),
        }
    }

    pub(super) fn crop(&self) -> Result<Crop, NoCrop> {
        let Some(CropSpec { x1, y1, x2, y2 }) = self.crop else {
            return Ok(Crop::WHOLE);
        };
        Crop::new(x1, y1, x2, y2)
    }
}
