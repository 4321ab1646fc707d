//! What it takes to speak for one platform: its appid, where WeChat is, its secrets.

use url::Url;

use crate::wechat::Appid;
use crate::wechat::address::{WECHAT, is_loopback};
use crate::wechat::secret::Secret;

/// One platform's identity and secrets. Prints neither.
#[derive(Debug, Clone)]
pub struct PlatformAccess {
    /// The component appid.
    pub appid: Appid,
    /// Where the API is.
    pub api_base: Url,
    /// 第三方平台 AppSecret.
    pub app_secret: Secret,
    /// 消息校验Token.
    pub push_token: Secret,
    /// 消息加解密Key, 43 characters.
    pub encoding_aes_key: Secret,
    /// The key before, still accepted.
    pub previous_encoding_aes_key: Option<Secret>,
    /// What its authorization links are signed with, from the store. `None`: with the AppSecret, as they once were.
    pub link_key: Option<Secret>,
}

impl PlatformAccess {
    /// WeChat's own address.
    ///
    /// # Errors
    /// None: it is one.
    pub fn wechat() -> Result<Url, url::ParseError> {
        Url::parse(WECHAT)
    }

    /// Whether WeChat is a simulator on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.api_base)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A platform whose every secret is a sentinel.
    pub(in crate::client) fn platform() -> PlatformAccess {
        PlatformAccess {
            appid: Appid::parse("wx0000000000000001").unwrap(),
            api_base: Url::parse("http://127.0.0.1:1").unwrap(),
            app_secret: Secret::new("sentinel-app-secret"),
            push_token: Secret::new("sentinel-push-token"),
            encoding_aes_key: Secret::new("sentinel0encoding0aes0key000000000000000000"),
            previous_encoding_aes_key: Some(Secret::new("sentinel0previous")),
            link_key: Some(Secret::new("sentinel-link-key")),
        }
    }

    #[test]
    fn a_platform_prints_no_secret() {
        assert!(!format!("{:?}", platform()).contains("sentinel"));
    }
}
