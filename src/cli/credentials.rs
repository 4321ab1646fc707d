//! Platforms as manifests describe them, with their secrets fetched from where the manifests say they are.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use url::Url;

use super::args::Place;
use crate::client::PlatformAccess;
use crate::manifest::{Credentials, Loaded, LoadedPlatform};
use crate::wechat::secret::Secret;

/// A secret file is a line, not a book.
const MAX_SECRET: u64 = 4_096;

/// Everything needed to speak for every platform, by its name.
pub(super) fn platforms(
    loaded: &Loaded,
    place: &Place,
) -> anyhow::Result<BTreeMap<String, PlatformAccess>> {
    loaded
        .platforms
        .iter()
        .map(|(name, platform)| Ok((name.clone(), access(loaded, platform, place)?)))
        .collect()
}

/// As [`platforms`], without those whose secrets cannot be had; why is told beside it.
pub(super) fn usable_platforms(
    loaded: &Loaded,
    place: &Place,
) -> (BTreeMap<String, PlatformAccess>, Vec<anyhow::Error>) {
    let (mut found, mut left_out) = (BTreeMap::new(), Vec::new());
    for (name, platform) in &loaded.platforms {
        match access(loaded, platform, place) {
            Ok(access) => {
                found.insert(name.clone(), access);
            }
            Err(error) => left_out.push(error),
        }
    }
    (found, left_out)
}

fn access(
    loaded: &Loaded,
    platform: &LoadedPlatform,
    place: &Place,
) -> anyhow::Result<PlatformAccess> {
    let fetch = |key: &str| {
        secret(loaded, platform, key).with_context(|| format!("platform `{}`", platform.name))
    };
    let need = |key: &str| {
        fetch(key)?.with_context(|| {
            format!(
                "platform `{}`: its credentials hold no `{key}`",
                platform.name
            )
        })
    };
    Ok(PlatformAccess {
        appid: platform.spec.app_id.clone(),
        api_base: api_base(platform, place)?,
        app_secret: need("appSecret")?,
        push_token: need("token")?,
        encoding_aes_key: need("encodingAesKey")?,
        previous_encoding_aes_key: fetch("previousEncodingAesKey")?,
        link_key: None,
    })
}

/// `--api-base` for everybody, else the manifest's (a loopback address: validated), else WeChat.
fn api_base(platform: &LoadedPlatform, place: &Place) -> anyhow::Result<Url> {
    if let Some(base) = &place.api_base {
        return base.url();
    }
    match &platform.spec.api_base {
        Some(base) => Url::parse(base)
            .with_context(|| format!("read apiBase of platform `{}`", platform.name)),
        None => PlatformAccess::wechat().context("read WeChat's address"),
    }
}

fn secret(loaded: &Loaded, platform: &LoadedPlatform, key: &str) -> anyhow::Result<Option<Secret>> {
    match &platform.spec.credentials {
        Credentials::Env(names) => {
            let name = match key {
                "appSecret" => Some(&names.app_secret),
                "token" => Some(&names.token),
                "encodingAesKey" => Some(&names.encoding_aes_key),
                _ => names.previous_encoding_aes_key.as_ref(),
            };
            name.map(|name| from_env(name)).transpose()
        }
        Credentials::Path(folder) => from_file(&platform.folder().join(folder).join(key)),
        Credentials::SecretRef(reference) => {
            let Some(data) = loaded.secret(&reference.name) else {
                bail!("find Secret `{}` beside the manifests", reference.name);
            };
            Ok(data.get(key).cloned())
        }
    }
}

fn from_env(name: &str) -> anyhow::Result<Secret> {
    match std::env::var(name) {
        Ok(value) if !value.trim().is_empty() => Ok(Secret::new(value.trim())),
        Ok(_) | Err(_) => bail!("the environment variable {name} is not set"),
    }
}

/// A missing file is no secret; the caller knows whether it needs one.
fn from_file(path: &Path) -> anyhow::Result<Option<Secret>> {
    let shown = path.display();
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("read {shown}")),
        Ok(file) if file.len() > MAX_SECRET => {
            bail!("read {shown}: larger than {MAX_SECRET} bytes")
        }
        Ok(_) => {
            let mut text = String::new();
            // A device or a pipe says that it is empty, and never ends.
            std::fs::File::open(path)
                .and_then(|file| file.take(MAX_SECRET).read_to_string(&mut text))
                .with_context(|| format!("read {shown}"))?;
            Ok(Some(Secret::new(text.trim())))
        }
    }
}
