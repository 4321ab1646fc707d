//! `--api-base`: an address of WeChat's given on the command line. What is wrong with it is said without it, since a
//! person may have written a password into it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use anyhow::bail;
use url::Url;

use crate::cli::failed::Failed;
use crate::wechat::address::{has_credentials, is_loopback};

/// The address as it was given. Taken whatever it is: clap would print what it refuses. Prints nothing.
#[derive(Clone)]
pub struct ApiBase(String);

impl FromStr for ApiBase {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for ApiBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiBase(…)")
    }
}

impl ApiBase {
    /// The address, if secrets may be sent to it.
    pub(super) fn url(&self) -> anyhow::Result<Url> {
        // Text before an `@` is a name and a password, also where the rest is no address.
        if self.0.contains('@') {
            bail!(Failed::new(
                "--api-base 里有用户名或密码，会出现在进程列表和日志中；请给出不含它们的地址",
                "--api-base holds a name or a password, which lands in process lists and logs; give the address without them",
            ));
        }
        let Ok(url) = Url::parse(&self.0) else {
            bail!(Failed::new(
                "--api-base 不是地址；须以 https:// 开头（http:// 只用于本机）",
                "--api-base is no address; it must begin with https:// (http:// only on this machine)",
            ));
        };
        let clear = url.scheme() == "http" && is_loopback(&url);
        if has_credentials(&url) || !(url.scheme() == "https" || clear) || url.host().is_none() {
            bail!(Failed::new(
                "--api-base 须以 https:// 开头（http:// 只用于本机）",
                "--api-base must begin with https:// (http:// only on this machine)",
            ));
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_refused_and_never_printed() {
        for given in [
            "http://operator:pass-word-1@127.0.0.1:9000",
            "https://pass-word-1@api.example.com",
            "https://operator:pass-word-1@[",
            "pass-word-1@nowhere",
            "ftp://pass-word-1.example.com",
            "pass-word-1",
        ] {
            let base: ApiBase = given.parse().unwrap_or_else(|never| match never {});
            let error = base.url().unwrap_err();
            for printed in [
                format!("{error:#}"),
                format!("{error:?}"),
                format!("{base:?}"),
            ] {
                assert!(!printed.contains("pass-word-1"), "{printed}");
            }
        }
    }

    #[test]
    fn secrets_go_over_tls_or_stay_on_this_machine() {
        let url = |text: &str| ApiBase(text.to_owned()).url();
        assert!(url("http://127.0.0.1:9000").is_ok() && url("https://api.example.com").is_ok());
        assert!(url("http://api.example.com").is_err());
    }
}
