//! What it takes to speak for one platform: its appid, where WeChat is, its secrets.

use url::{Host, Url};

use crate::wechat::Appid;
use crate::wechat::secret::Secret;

/// WeChat itself.
pub(super) const WECHAT: &str = "https://api.weixin.qq.com";

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
}

impl PlatformAccess {
    /// WeChat's own address.
    #[must_use]
    pub fn wechat() -> Option<Url> {
        Url::parse(WECHAT).ok()
    }

    /// Whether WeChat is a simulator on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.api_base)
    }
}

/// Whether an address stays on this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
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
        }
    }

    #[test]
    fn a_platform_prints_no_secret() {
        assert!(!format!("{:?}", platform()).contains("sentinel"));
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (url, here) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:1", true),
            ("https://api.weixin.qq.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), here, "{url}");
        }
    }
}
