//! Files that a manifest refers to: what it may say of one, what is known of it, what it may be. Pure: whoever loads
//! manifests reads the files, and hands in what they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use imagesize::ImageType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::TenantSpec;
use crate::plan::Digest;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::FileDigest;
use crate::wechat::address::is_loopback;

/// What is known of the files a tenant refers to, by the place that refers to them.
pub type Files = BTreeMap<SpecPath, FileFacts>;

/// A file: exactly one of `file`, and `url` with `sha256`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FileRef {
    /// Its path, from the folder of the manifest that names it. It must lie among the manifests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its address (https), asked for when the file is sent; needs `sha256`.
    #[schemars(url)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What is behind the address: SHA-256, 64 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{64}$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// The digest of its bytes.
    pub sha256: FileDigest,
    /// Where its bytes are.
    pub from: Origin,
    /// What it is, where its bytes were looked at.
    pub image: Option<Image>,
}

/// Where a file's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// On this machine, where whoever loaded the manifests found it.
    Disk(PathBuf),
    /// Behind an address.
    Web(Url),
}

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    /// How many bytes it has.
    pub bytes: usize,
    /// Its format, by its content; `None`: none that WeChat takes.
    pub format: Option<Format>,
    /// Its width and height in pixels, where they can be read.
    pub size: Option<(usize, usize)>,
}

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// BMP.
    Bmp,
    /// GIF.
    Gif,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// MP4, a video.
    Mp4,
    /// Plain text in UTF-8.
    Text,
}

/// What a file must be where it is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// What it is for: `an avatar`.
    pub what: &'static str,
    /// The most bytes.
    pub most: usize,
    /// The formats that WeChat takes.
    pub formats: &'static [Format],
}

/// Why a file will not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Whether it is only too large.
    pub is_size: bool,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Format {
    /// The usual ending of its files.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Bmp => "bmp",
            Self::Gif => "gif",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Mp4 => "mp4",
            Self::Text => "txt",
        }
    }

    /// What it is called in a form.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Mp4 => "video/mp4",
            Self::Text => "text/plain",
        }
    }

    fn is_picture(self) -> bool {
        match self {
            Self::Bmp | Self::Gif | Self::Jpeg | Self::Png => true,
            Self::Mp4 | Self::Text => false,
        }
    }
}

impl Image {
    /// What these bytes are, whatever the file is called.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let kind = imagesize::image_type(bytes).ok();
        let format = match kind {
            Some(ImageType::Bmp) => Some(Format::Bmp),
            Some(ImageType::Gif) => Some(Format::Gif),
            Some(ImageType::Jpeg) => Some(Format::Jpeg),
            Some(ImageType::Png) => Some(Format::Png),
            Some(_) => None,
            // ISO 14496-12: the first box of a file says what it is.
            None if bytes.get(4..8) == Some(b"ftyp") => Some(Format::Mp4),
            None if is_text(bytes) => Some(Format::Text),
            None => None,
        };
        let size = imagesize::blob_size(bytes).ok();
        Self {
            bytes: bytes.len(),
            format,
            size: size.map(|size| (size.width, size.height)),
        }
    }
}

fn is_text(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    !text.trim().is_empty() && !text.contains('\0')
}

impl Wanted {
    /// The format of a file that will do.
    ///
    /// # Errors
    /// [`Flaw`].
    pub fn look_at(&self, image: &Image) -> Result<Format, Flaw> {
        let endings: Vec<&str> = self.formats.iter().map(|format| format.ending()).collect();
        let flaw = |message: String, help: String| Flaw {
            is_size: false,
            message,
            help,
        };
        let Some(format) = image.format.filter(|format| self.formats.contains(format)) else {
            return Err(flaw(
                format!("this file cannot be {}", self.what),
                format!(
                    "give a {} in one of these formats: {} (its content counts, not its name)",
                    self.kind(),
                    endings.join(", ")
                ),
            ));
        };
        if image.bytes > self.most {
            return Err(Flaw {
                is_size: true,
                message: format!("this {} has {} bytes", self.kind(), image.bytes),
                help: format!("{} has {} bytes at most", self.what, self.most),
            });
        }
        if !format.is_picture() {
            return Ok(format);
        }
        match image.size {
            Some((width, height)) if width > 0 && height > 0 => Ok(format),
            Some(_) | None => Err(flaw(
                "this picture is damaged: its width and height cannot be read".to_owned(),
                "save it again".to_owned(),
            )),
        }
    }
}

impl Wanted {
    fn kind(&self) -> &'static str {
        match self.formats {
            [Format::Mp4] => "video",
            [Format::Text] => "text",
            _ => "picture",
        }
    }
}

impl FileRef {
    /// Checks what can be told without the file.
    pub fn check(&self, path: &SpecPath, found: &mut Diagnostics) {
        match (&self.file, &self.url, &self.sha256) {
            (Some(_), None, None) => {}
            (None, Some(url), Some(sha256)) => {
                if self.address().is_none() {
                    found.error(
                        "WX1271",
                        path.field("url"),
                        format!("`{url}` is no address that a file is fetched from"),
                        "an https address without name or password is wanted here",
                        Some("put the file beside the manifests instead, and name it with `file`"),
                    );
                }
                if FileDigest::parse(sha256).is_err() {
                    found.error(
                        "WX1271",
                        path.field("sha256"),
                        "this is no SHA-256",
                        "64 hexadecimal digits",
                        Some("`sha256sum FILE` prints it"),
                    );
                }
            }
            (_, _, _) => found.error(
                "WX1270",
                path.clone(),
                "a file is exactly one of `file: …`, and `url: …` with `sha256: …`",
                "one choice is expected here",
                Some("the digest is what tells that the file behind an address is the one that was meant"),
            ),
        }
    }

    /// What is known of a file behind an address without asking for it.
    #[must_use]
    pub fn facts(&self) -> Option<FileFacts> {
        let sha256 = FileDigest::parse(self.sha256.as_deref()?).ok()?;
        Some(FileFacts {
            sha256,
            from: Origin::Web(self.address()?),
            image: None,
        })
    }

    fn address(&self) -> Option<Url> {
        let url = Url::parse(self.url.as_deref()?).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        (plain && safe && url.host().is_some()).then_some(url)
    }
}

/// The digest of what a tenant declares: its spec, and what is in the files that it refers to. Without any it is the
/// spec's own, as it was before there were files.
#[must_use]
pub fn declared(spec: &TenantSpec, files: &Files) -> Digest {
    if files.is_empty() {
        return Digest::of(spec);
    }
    let files: BTreeMap<String, &FileDigest> = files
        .iter()
        .map(|(path, facts)| (path.to_string(), &facts.sha256))
        .collect();
    Digest::of(&(spec, files))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PNG: &[u8] =
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x20\x00\x00\x00\x10\x08\x00\x00\x00\x00";
    const GIF: &[u8] = b"GIF89a\x02\x00\x03\x00\x00\x00\x00";
    const WANTED: Wanted = Wanted {
        what: "a picture",
        most: 100,
        formats: &[Format::Png],
    };

    fn codes(file: &FileRef) -> Vec<&'static str> {
        let mut found = Diagnostics::default();
        file.check(&SpecPath::root(), &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    }

    #[test]
    fn a_format_is_told_by_the_content() {
        let image = Image::of(PNG);
        assert_eq!(
            (image.format, image.size),
            (Some(Format::Png), Some((32, 16)))
        );
        assert_eq!(WANTED.look_at(&image), Ok(Format::Png));
        assert_eq!(Image::of(GIF).format, Some(Format::Gif));
        assert!(WANTED.look_at(&Image::of(GIF)).is_err());
        for odd in [b"".as_slice(), b"my app secret", &PNG[..10]] {
            assert!(WANTED.look_at(&Image::of(odd)).is_err(), "{odd:?}");
        }
        let large = [PNG, &[0; 100]].concat();
        assert!(WANTED.look_at(&Image::of(&large)).is_err());
    }

    #[test]
    fn a_file_is_one_of_two_ways() {
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for (file, expected) in [
            (json!({"file": "a.png"}), vec![]),
            (
                json!({"url": "https://a.example/b.png", "sha256": sha256}),
                vec![],
            ),
            (
                json!({"url": "http://127.0.0.1:9/b.png", "sha256": sha256}),
                vec![],
            ),
            (json!({}), vec!["WX1270"]),
            (json!({"file": "a.png", "sha256": sha256}), vec!["WX1270"]),
            (json!({"url": "https://a.example/b.png"}), vec!["WX1270"]),
            (
                json!({"url": "http://a.example/b.png", "sha256": sha256}),
                vec!["WX1271"],
            ),
            (
                json!({"url": "file:///etc/passwd", "sha256": sha256}),
                vec!["WX1271"],
            ),
            (
                json!({"url": "https://u:p@a.example/", "sha256": sha256}),
                vec!["WX1271"],
            ),
            (
                json!({"url": "https://a.example/b.png", "sha256": "e3"}),
                vec!["WX1271"],
            ),
        ] {
            let read: FileRef = serde_json::from_value(file.clone()).unwrap();
            assert_eq!(codes(&read), expected, "{file}");
        }
    }

    #[test]
    fn what_is_declared_covers_the_files_and_is_the_specs_digest_without_any() {
        let spec = TenantSpec::default();
        assert_eq!(declared(&spec, &Files::new()), Digest::of(&spec));
        let files = |bytes: &[u8]| {
            let facts = FileFacts {
                sha256: FileDigest::of(bytes),
                from: Origin::Disk("a.png".into()),
                image: None,
            };
            Files::from([(SpecPath::root().field("avatar"), facts)])
        };
        assert_ne!(
            declared(&spec, &files(b"a")),
            declared(&spec, &Files::new())
        );
        assert_ne!(declared(&spec, &files(b"a")), declared(&spec, &files(b"b")));
    }
}
