//! Platforms as manifests describe them, with their secrets fetched from where the manifests say they are.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use url::Url;

use crate::client::PlatformAccess;
use crate::manifest::{Credentials, Loaded, LoadedPlatform, SecretData};
use crate::plan::Text;
use crate::wechat::secret::Secret;

/// A secret file is a line, not a book.
const MAX_SECRET: u64 = 4_096;

/// Why it cannot be spoken for a platform.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// An environment variable is missing or empty.
    #[error("platform `{platform}` has no credentials: the environment variable {name} is not set")]
    NotSet {
        /// Which platform.
        platform: String,
        /// Its name.
        name: String,
    },
    /// The Secret is not among the manifests.
    #[error(
        "platform `{platform}` has no credentials: there is no Secret `{name}` beside the manifests"
    )]
    NoSecret {
        /// Which platform.
        platform: String,
        /// Its name.
        name: String,
    },
    /// A part is missing.
    #[error("platform `{platform}` has no credentials: they hold no `{key}`")]
    Lacks {
        /// Which platform.
        platform: String,
        /// Which part.
        key: &'static str,
    },
    /// A file cannot be read.
    #[error("platform `{platform}` has no credentials: {} cannot be read", path.display())]
    Unreadable {
        /// Which platform.
        platform: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What lies there is no file: a pipe would be waited for, and never end.
    #[error("platform `{platform}` has no credentials: {} is no regular file", path.display())]
    NoFile {
        /// Which platform.
        platform: String,
        /// What was named.
        path: PathBuf,
    },
    /// A file is too large for a secret.
    #[error("platform `{platform}` has no credentials: {} is larger than {MAX_SECRET} bytes", path.display())]
    TooLarge {
        /// Which platform.
        platform: String,
        /// The file.
        path: PathBuf,
    },
    /// Its address of WeChat is none.
    #[error("platform `{platform}` cannot be spoken for: its apiBase is no address")]
    ApiBase {
        /// Which platform.
        platform: String,
        /// Why.
        source: url::ParseError,
    },
}

impl AccessError {
    /// The same in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NotSet { platform, name } => {
                format!("平台 {platform} 没有凭证：环境变量 {name} 未设置")
            }
            Self::NoSecret { platform, name } => {
                format!("平台 {platform} 没有凭证：清单旁没有名为 {name} 的 Secret")
            }
            Self::Lacks { platform, key } => format!("平台 {platform} 的凭证中没有 {key}"),
            Self::Unreadable { platform, path, .. } => {
                format!("平台 {platform} 没有凭证：无法读取 {}", path.display())
            }
            Self::NoFile { platform, path } => {
                format!("平台 {platform} 没有凭证：{} 不是普通文件", path.display())
            }
            Self::TooLarge { platform, path } => format!(
                "平台 {platform} 没有凭证：{} 超过 {MAX_SECRET} 字节",
                path.display()
            ),
            Self::ApiBase { platform, .. } => format!("平台 {platform} 的 apiBase 不是地址"),
        };
        Text::new(zh, self.to_string())
    }
}

/// Everything needed to speak for every platform, by its name. `api_base` is WeChat's address for everybody, in place
/// of what the manifests say.
///
/// # Errors
/// The first [`AccessError`].
pub fn accesses(
    loaded: &Loaded,
    api_base: Option<&Url>,
) -> Result<BTreeMap<String, PlatformAccess>, AccessError> {
    loaded
        .platforms
        .iter()
        .map(|(name, platform)| {
            Ok((
                name.clone(),
                access(&|name| loaded.secret(name), platform, api_base)?,
            ))
        })
        .collect()
}

/// Everything needed to speak for one platform. `beside` finds a Secret beside the manifests.
pub(super) fn access<'a>(
    beside: &dyn Fn(&str) -> Option<&'a SecretData>,
    platform: &LoadedPlatform,
    given: Option<&Url>,
) -> Result<PlatformAccess, AccessError> {
    let fetch = |key: &'static str| secret(beside, platform, key);
    let need = |key: &'static str| {
        fetch(key)?.ok_or_else(|| AccessError::Lacks {
            platform: platform.name.clone(),
            key,
        })
    };
    Ok(PlatformAccess {
        appid: platform.spec.app_id.clone(),
        api_base: api_base(platform, given)?,
        app_secret: need("appSecret")?,
        push_token: need("token")?,
        encoding_aes_key: need("encodingAesKey")?,
        previous_encoding_aes_key: fetch("previousEncodingAesKey")?,
        link_key: None,
    })
}

/// The one that was given for everybody, else the manifest's (a loopback address: validated), else WeChat.
pub(super) fn api_base(platform: &LoadedPlatform, given: Option<&Url>) -> Result<Url, AccessError> {
    if let Some(base) = given {
        return Ok(base.clone());
    }
    let parsed = match &platform.spec.api_base {
        Some(base) => Url::parse(base),
        None => PlatformAccess::wechat(),
    };
    parsed.map_err(|source| AccessError::ApiBase {
        platform: platform.name.clone(),
        source,
    })
}

fn secret<'a>(
    beside: &dyn Fn(&str) -> Option<&'a SecretData>,
    platform: &LoadedPlatform,
    key: &str,
) -> Result<Option<Secret>, AccessError> {
    match &platform.spec.credentials {
        Credentials::Env(names) => {
            let name = match key {
                "appSecret" => Some(&names.app_secret),
                "token" => Some(&names.token),
                "encodingAesKey" => Some(&names.encoding_aes_key),
                _ => names.previous_encoding_aes_key.as_ref(),
            };
            name.map(|name| from_env(platform, name)).transpose()
        }
        Credentials::Path(folder) => from_file(platform, &platform.folder().join(folder).join(key)),
        Credentials::SecretRef(reference) => match beside(&reference.name) {
            Some(data) => Ok(data.get(key).cloned()),
            None => Err(AccessError::NoSecret {
                platform: platform.name.clone(),
                name: reference.name.clone(),
            }),
        },
    }
}

fn from_env(platform: &LoadedPlatform, name: &str) -> Result<Secret, AccessError> {
    match std::env::var(name) {
        Ok(value) if !value.trim().is_empty() => Ok(Secret::new(value.trim())),
        Ok(_) | Err(_) => Err(AccessError::NotSet {
            platform: platform.name.clone(),
            name: name.to_owned(),
        }),
    }
}

/// A missing file is no secret; the caller knows whether it needs one.
fn from_file(platform: &LoadedPlatform, path: &Path) -> Result<Option<Secret>, AccessError> {
    let unreadable = |source| AccessError::Unreadable {
        platform: platform.name.clone(),
        path: path.to_owned(),
        source,
    };
    // Opened so that nothing is waited for: a pipe is one only once somebody writes into it.
    let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblocking)
        .open(path);
    let file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let kind = file.metadata().map_err(unreadable)?;
    if !kind.is_file() {
        return Err(AccessError::NoFile {
            platform: platform.name.clone(),
            path: path.to_owned(),
        });
    }
    // It may grow while it is read.
    let mut text = String::new();
    let read = file.take(MAX_SECRET + 1).read_to_string(&mut text);
    let bytes = read.map_err(unreadable)?;
    if bytes as u64 > MAX_SECRET {
        return Err(AccessError::TooLarge {
            platform: platform.name.clone(),
            path: path.to_owned(),
        });
    }
    Ok(Some(Secret::new(text.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Library;
    use crate::manifest::Source;

    #[test]
    fn a_secret_is_a_short_file_and_nothing_is_waited_for_that_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let text = "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {name: main}\nspec:\n  \
             appId: wx0000000000000001\n  credentials: {path: credentials}\n  callback: {url: \"https://wx.example.com\"}\n";
        let library = Library::of(vec![Source::new("platform.yaml", text.as_bytes().to_vec())]);
        let platform = &library.platforms["main"];
        let path = |name: &str| folder.path().join(name);
        let read = |name: &str| from_file(platform, &path(name));
        std::fs::write(path("short"), " s\n").unwrap();
        assert_eq!(read("short").unwrap().unwrap().expose(), "s");
        assert!(read("none").unwrap().is_none());
        std::fs::write(path("long"), "s".repeat(5_000)).unwrap();
        assert!(matches!(read("long"), Err(AccessError::TooLarge { .. })));
        std::fs::create_dir(path("folder")).unwrap();
        assert!(matches!(read("folder"), Err(AccessError::NoFile { .. })));
        let made = std::process::Command::new("mkfifo")
            .arg(path("pipe"))
            .status();
        assert!(made.unwrap().success());
        assert!(matches!(read("pipe"), Err(AccessError::NoFile { .. })));
    }
}
