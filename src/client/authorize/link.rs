//! The stable link under which the owner of one of a tenant's accounts authorizes. It says which account; its signature
//! says that we made it, so that nobody can attach an account to a tenant by guessing names.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};
use url::Url;

use super::Addressee;
use crate::client::platform::PlatformAccess;
use crate::wechat::secret::Secret;

/// Hex digits of a link's signature: 80 bits, far beyond guessing over a network.
const SIGNATURE: usize = 20;
/// A tenant's name is a Kubernetes name: at most 253 characters. That of a mini-program has at most 32.
const LONGEST: usize = 340;

/// What an owner does by a link. One for the one is none for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To authorize the platform.
    Authorize,
    /// To confirm that a mini-program is registered with the principal of the tenant's official account.
    Register,
}

impl Purpose {
    /// What is signed before all else.
    fn label(self) -> &'static [u8] {
        match self {
            Self::Authorize => b"wxops authorize link 1\0",
            Self::Register => b"wxops register link 1\0",
        }
    }
}

/// The link: `sunrise-dance.3f…`, `sunrise-dance:main.9a…`.
#[must_use]
pub fn link(platform: &PlatformAccess, purpose: Purpose, to: &Addressee) -> String {
    let key = platform.link_key.as_ref();
    let key = key.unwrap_or(&platform.app_secret);
    let signature = signature(platform, (purpose, key), to);
    format!("{to}.{signature}")
}

/// Whom a link is for, if we made it. Links signed with the AppSecret, as all once were, hold as long as that does.
#[must_use]
pub fn addressee_of(platform: &PlatformAccess, purpose: Purpose, link: &str) -> Option<Addressee> {
    if link.len() > LONGEST {
        return None;
    }
    let (to, given) = link.rsplit_once('.')?;
    let Ok(to) = to.parse();
    let keys = platform.link_key.iter().chain([&platform.app_secret]);
    let ours = keys.fold(Choice::from(0), |ours, key| {
        let wanted = signature(platform, (purpose, key), &to);
        ours | wanted.as_bytes().ct_eq(given.as_bytes())
    });
    bool::from(ours).then_some(to)
}

/// Where the page behind a link is: below `path` on the host that `public` names.
#[must_use]
pub fn address(
    platform: &PlatformAccess,
    purpose: Purpose,
    to: &Addressee,
    (public, path): (&Url, &str),
) -> Url {
    below(public, path, &[&link(platform, purpose, to)])
}

/// Where WeChat sends the owner's browser afterwards.
#[must_use]
pub fn callback(
    platform: &PlatformAccess,
    purpose: Purpose,
    to: &Addressee,
    (public, path): (&Url, &str),
) -> Url {
    below(public, path, &[&link(platform, purpose, to), "callback"])
}

fn below(public: &Url, path: &str, segments: &[&str]) -> Url {
    let mut url = public.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Only addresses without a host (`mailto:`) have no path to add to, and nobody is reached at those.
    if let Ok(mut path_of) = url.path_segments_mut() {
        path_of
            .pop_if_empty()
            .extend(path.split('/').filter(|segment| !segment.is_empty()))
            .extend(segments);
    }
    url
}

fn signature(
    platform: &PlatformAccess,
    (purpose, key): (Purpose, &Secret),
    to: &Addressee,
) -> String {
    // HMAC takes keys of any length, so this cannot fail; an empty signature would match no link.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()) else {
        return String::from("-");
    };
    mac.update(purpose.label());
    mac.update(platform.appid.as_str().as_bytes());
    mac.update(b"\0");
    mac.update(to.to_string().as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.chars().take(SIGNATURE).collect()
}

#[cfg(test)]
mod tests {
    use super::Purpose::{Authorize, Register};
    use super::*;
    use crate::client::platform::tests::platform;

    #[test]
    fn a_link_names_one_account_and_no_other() {
        let platform = platform();
        let app = Addressee::of("sunrise.dance", Some("main"));
        assert_eq!(
            addressee_of(&platform, Authorize, &link(&platform, Authorize, &app)),
            Some(app.clone())
        );
        let to = Addressee::of("sunrise.dance", None);
        let made = link(&platform, Authorize, &to);
        assert_eq!(addressee_of(&platform, Authorize, &made), Some(to));
        for forged in [
            "sunrise.dance",
            "sunrise.dance.",
            "",
            ".",
            &made.replace("sunrise", "moonset"),
            &made.replace("dance", "dance:main"),
            &link(&platform, Authorize, &app).replace(":main", ""),
            &made.to_uppercase(),
            &made[..made.len() - 1],
            &format!("{made}0"),
            &format!("{}.{made}", "x".repeat(LONGEST)),
        ] {
            assert_eq!(addressee_of(&platform, Authorize, forged), None, "{forged}");
        }
    }

    #[test]
    fn a_link_to_authorize_registers_nothing() {
        let platform = platform();
        let app = Addressee::of("sunrise", Some("main"));
        let (authorize, register) = (
            link(&platform, Authorize, &app),
            link(&platform, Register, &app),
        );
        assert_eq!(addressee_of(&platform, Register, &register), Some(app));
        assert_eq!(addressee_of(&platform, Register, &authorize), None);
        assert_eq!(addressee_of(&platform, Authorize, &register), None);
    }

    #[test]
    fn a_link_outlives_the_platforms_secret_and_an_older_one_holds_as_long_as_that_does() {
        let to = Addressee::of("t", None);
        let before = PlatformAccess {
            link_key: None,
            ..platform()
        };
        let rotated = PlatformAccess {
            app_secret: Secret::new("another"),
            ..platform()
        };
        let (old, new) = (
            link(&before, Authorize, &to),
            link(&platform(), Authorize, &to),
        );
        assert_ne!(old, new);
        assert_eq!(addressee_of(&platform(), Authorize, &old), Some(to.clone()));
        assert_eq!(addressee_of(&rotated, Authorize, &old), None);
        assert_eq!(addressee_of(&rotated, Authorize, &new), Some(to.clone()));
        let another_store = PlatformAccess {
            link_key: Some(Secret::new("other")),
            ..platform()
        };
        assert_eq!(addressee_of(&another_store, Authorize, &new), None);
    }

    #[test]
    fn names_of_any_kind_survive_the_address() {
        let public = Url::parse("https://wx.example.com/open/?x#y").unwrap();
        let at = callback(
            &platform(),
            Authorize,
            &Addressee::of("日出/dance", None),
            (&public, "/authorize/"),
        );
        assert!(
            at.as_str()
                .starts_with("https://wx.example.com/open/authorize/%E6%97%A5%E5%87%BA%2Fdance."),
            "{at}"
        );
        assert!(at.as_str().ends_with("/callback"), "{at}");
    }
}
