//! The page at WeChat where an owner chooses an account and confirms.
//!
//! It must be reached by a click on a page of ours: WeChat looks at the Referer (developers.weixin.qq.com,
//! `Authorization_Process_Technical_Description`).

use url::Url;

use crate::client::platform::PlatformAccess;
use crate::wechat::Appid;
use crate::wechat::token::PreAuthCode;

/// Which account is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This account and no other.
    Account(Appid),
    /// Any official account.
    OfficialAccount,
    /// Any mini-program.
    MiniProgram,
}

/// What the owner is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Invitation<'a> {
    /// The account.
    pub wanted: &'a Wanted,
    /// Where WeChat sends the browser afterwards. Its host must be the one entered at WeChat (登录授权的发起页域名).
    pub back: &'a Url,
    /// Inside WeChat on a phone, instead of a QR code on a desktop.
    pub phone: bool,
}

/// The page's address. `None` cannot happen with an address of WeChat's or of a simulator.
#[must_use]
pub fn page(
    platform: &PlatformAccess,
    invitation: Invitation<'_>,
    code: &PreAuthCode,
) -> Option<Url> {
    let Invitation {
        wanted,
        back,
        phone,
    } = invitation;
    let (host, path) = if phone {
        ("https://open.weixin.qq.com", "/wxaopen/safe/bindcomponent")
    } else {
        ("https://mp.weixin.qq.com", "/cgi-bin/componentloginpage")
    };
    let base = if platform.is_loopback() {
        platform.api_base.clone()
    } else {
        Url::parse(host).ok()?
    };
    let mut url = base.join(path).ok()?;
    {
        let mut query = url.query_pairs_mut();
        if phone {
            query
                .append_pair("action", "bindcomponent")
                .append_pair("no_scan", "1");
        }
        query
            .append_pair("component_appid", platform.appid.as_str())
            .append_pair("pre_auth_code", code.pre_auth_code.expose())
            .append_pair("redirect_uri", back.as_str());
        match wanted {
            // WeChat's pages call the two mutually exclusive.
            Wanted::Account(appid) => query.append_pair("biz_appid", appid.as_str()),
            Wanted::OfficialAccount => query.append_pair("auth_type", "1"),
            Wanted::MiniProgram => query.append_pair("auth_type", "2"),
        };
        // No `category_id_list`: WeChat then offers all that the platform has published, so that a new scan never
        // takes away what was granted before.
    }
    if phone {
        url.set_fragment(Some("wechat_redirect"));
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::PlatformAccess;
    use crate::client::platform::tests::platform;
    use crate::wechat::secret::Secret;

    fn at(platform: &PlatformAccess, wanted: &Wanted, phone: bool) -> Url {
        let back = Url::parse("https://wx.example.com/authorize/t.00/callback?a=1&b=2").unwrap();
        let invitation = Invitation {
            wanted,
            back: &back,
            phone,
        };
        let code = PreAuthCode {
            pre_auth_code: Secret::new("preauthcode@@@x"),
            expires_in: Some(600),
        };
        page(platform, invitation, &code).unwrap()
    }

    fn wechat() -> PlatformAccess {
        PlatformAccess {
            api_base: PlatformAccess::wechat().unwrap(),
            ..platform()
        }
    }

    #[test]
    fn a_desktop_shows_a_code_to_scan() {
        let url = at(&wechat(), &Wanted::OfficialAccount, false);
        assert_eq!(
            url.as_str(),
            "https://mp.weixin.qq.com/cgi-bin/componentloginpage?component_appid=wx0000000000000001\
             &pre_auth_code=preauthcode%40%40%40x\
             &redirect_uri=https%3A%2F%2Fwx.example.com%2Fauthorize%2Ft.00%2Fcallback%3Fa%3D1%26b%3D2&auth_type=1"
        );
    }

    #[test]
    fn a_link_for_a_mini_program_asks_for_one() {
        let url = at(&wechat(), &Wanted::MiniProgram, false);
        assert!(url.as_str().ends_with("&auth_type=2"), "{url}");
    }

    #[test]
    fn a_phone_goes_on_inside_wechat() {
        let account = Wanted::Account(Appid::parse("wx1111111111111111").unwrap());
        let url = at(&wechat(), &account, true);
        assert!(url.as_str().starts_with(
            "https://open.weixin.qq.com/wxaopen/safe/bindcomponent?action=bindcomponent&no_scan=1&"
        ));
        assert_eq!(url.fragment(), Some("wechat_redirect"));
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let of = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, v)| v.as_str())
        };
        assert_eq!(of("biz_appid"), Some("wx1111111111111111"));
        assert_eq!(of("auth_type"), None, "never both");
        assert_eq!(of("category_id_list"), None, "nothing is narrowed");
    }

    #[test]
    fn a_simulators_pages_live_where_its_api_does() {
        let url = at(&platform(), &Wanted::OfficialAccount, false);
        assert!(
            url.as_str()
                .starts_with("http://127.0.0.1:1/cgi-bin/componentloginpage?"),
            "{url}"
        );
    }
}
