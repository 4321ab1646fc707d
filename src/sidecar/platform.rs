//! A platform as the handlers see it: what the manifests say of it, the cipher of its pushes, the way back to us.

use std::net::SocketAddr;

use url::Url;

use super::Served;
use super::error::SidecarError;
use crate::wechat::Appid;
use crate::wechat::push::{EncodingAesKey, PushCipher};

/// A platform with the cipher of its pushes.
pub(super) struct Platform {
    pub(super) served: Served,
    pub(super) cipher: PushCipher,
    /// Where owners' browsers reach this sidecar.
    pub(super) public: Url,
}

impl Platform {
    /// With the sidecar listening at `addr`.
    ///
    /// # Errors
    /// Its push key cannot be read.
    pub(super) fn of(served: Served, addr: SocketAddr) -> Result<Self, SidecarError> {
        Ok(Self {
            cipher: cipher(&served)?,
            public: public(&served, addr),
            served,
        })
    }

    /// Which platform.
    pub(super) fn appid(&self) -> &Appid {
        &self.served.client.platform().appid
    }
}

/// Where owners' browsers come back to.
fn public(served: &Served, addr: SocketAddr) -> Url {
    let bound = Url::parse(&format!("http://{addr}")).ok();
    bound
        .filter(|_| served.follow_port)
        .unwrap_or_else(|| served.public_url.clone())
}

fn cipher(served: &Served) -> Result<PushCipher, SidecarError> {
    let access = served.client.platform();
    let key = |source| SidecarError::Key {
        appid: access.appid.to_string(),
        source,
    };
    let current = EncodingAesKey::parse(access.encoding_aes_key.expose()).map_err(key)?;
    let previous = access
        .previous_encoding_aes_key
        .as_ref()
        .map(|previous| EncodingAesKey::parse(previous.expose()))
        .transpose()
        .map_err(key)?;
    Ok(PushCipher::new(
        access.push_token.expose(),
        access.appid.as_str(),
        current,
        previous,
    ))
}
