//! What a manifest says of a platform, our third-party platform account (第三方平台).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::codes;
use crate::plan::Costly;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::limits::Limits;
use crate::plan::path::SpecPath;
use crate::resource::PlatformDomainsSpec;
use crate::resource::spec::NameRef;
use crate::wechat::Appid;
use crate::wechat::address::{has_credentials, is_loopback};

/// WeChat puts the account's appid in its place (第三方平台 → 消息与事件接收URL).
pub const APPID_IN_PATH: &str = "$APPID$";

/// The spec of a Platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlatformSpec {
    /// The platform's own appid.
    #[schemars(extend("x-wire" = "component_appid"))]
    pub app_id: Appid,
    /// Where the platform's secrets are.
    pub credentials: Credentials,
    /// Where WeChat reaches us.
    pub callback: CallbackSpec,
    /// Where WeChat's API is: WeChat itself unless given. Only a loopback address may be, so that a manifest's author
    /// cannot send secrets elsewhere.
    #[schemars(regex(pattern = "^[hH][tT][tT][pP][sS]?://"), extend("x-limit" = "an address of this machine"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_base: Option<String>,
    /// Limits on how much may change without somebody saying yes to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<GuardSpec>,
    /// How many audits of the month are kept back of those that all mini-programs of the platform share: wxops submits nothing
    /// while no more than these are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_reserve: Option<u32>,
    /// The platform's own domain lists. They are compared and changed like a tenant's things, under the name `@` and the
    /// platform's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domains: Option<PlatformDomainsSpec>,
    /// Namespaces beside the platform's own whose tenants may refer to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_namespaces: Vec<String>,
}

/// Where the platform's secrets are: appSecret, token, encodingAesKey and, while keys change, previousEncodingAesKey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Credentials {
    /// In a Secret of that name, in the cluster or among the documents.
    SecretRef(NameRef),
    /// In environment variables of these names.
    Env(EnvSpec),
    /// In files of that folder, relative to the manifest.
    Path(String),
}

/// Names of environment variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvSpec {
    /// Holds the app secret.
    #[schemars(extend("x-wire" = "component_appsecret"))]
    pub app_secret: String,
    /// Holds the push token (消息校验Token).
    pub token: String,
    /// Holds the push key (消息加解密Key).
    pub encoding_aes_key: String,
    /// Holds the push key before the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_encoding_aes_key: Option<String>,
}

/// Where WeChat reaches us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallbackSpec {
    /// Scheme and host as WeChat sees them: `https://wx.example.com`. The host is the 登录授权的发起页域名.
    #[schemars(regex(pattern = "^[hH][tT][tT][pP][sS]?://"))]
    pub url: String,
    /// Paths below it.
    #[serde(default)]
    pub paths: CallbackPaths,
    /// Users' messages go there as they came; else they are answered `success`.
    #[schemars(regex(pattern = "^[hH][tT][tT][pP][sS]?://"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_messages: Option<String>,
}

/// Paths below the callback URL. They can be set, so that moving in from another tool changes nothing in WeChat's
/// console: a changed push URL forces a new network-wide release (全网发布).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CallbackPaths {
    /// 授权事件接收URL: tickets and notices.
    #[schemars(regex(pattern = r"^/[^?# ]+$"))]
    pub notices: String,
    /// 消息与事件接收URL: users' messages; holds `$APPID$`.
    #[schemars(regex(pattern = r"^/[^?# ]*\$APPID\$[^?# ]*$"), extend("x-limit" = "`$APPID$` once"))]
    pub messages: String,
    /// Pages on which owners authorize.
    #[schemars(regex(pattern = r"^/[^?# ]+$"))]
    pub authorize: String,
    /// Pages on which owners of official accounts confirm that a mini-program is registered.
    #[schemars(regex(pattern = r"^/[^?# ]+$"))]
    pub register: String,
}

impl Default for CallbackPaths {
    fn default() -> Self {
        Self {
            notices: "/wechat/notices".to_owned(),
            messages: format!("/wechat/messages/{APPID_IN_PATH}"),
            authorize: "/authorize".to_owned(),
            register: "/register".to_owned(),
        }
    }
}

/// Limits on how much may change without somebody saying yes to it. A revision that raises one is judged by what was in
/// force before; the new one counts from the next revision on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GuardSpec {
    /// The share of the platform's tenants that one revision of the manifests may change: `10%` unless given. Fewer
    /// than 20 tenants are never held.
    #[schemars(regex(pattern = "^0*(100|[0-9]{1,2})%$"), extend("x-limit" = "0% to 100%"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_tenants: Option<String>,
    /// How many costly steps of each kind are made per hour at most, whatever asks for them: 20 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub irreversible_per_hour: Option<u32>,
    /// The same for single kinds, by their names in `policy.preapproved`: `{setAvatar: 5}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub per_hour: BTreeMap<Costly, u32>,
}

impl PlatformSpec {
    /// How much may change without a yes.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let usual = Limits::default();
        let Some(guard) = &self.guard else {
            return usual;
        };
        let share = guard.changed_tenants.as_deref().and_then(parse_share);
        Limits {
            share: share.unwrap_or(usual.share),
            per_hour: guard.irreversible_per_hour.unwrap_or(usual.per_hour),
            of_kind: guard.per_hour.clone(),
        }
    }
}

fn parse_share(text: &str) -> Option<u8> {
    let percent = text.strip_suffix('%')?.parse().ok()?;
    (percent <= 100).then_some(percent)
}

/// Checks what the types cannot.
pub(super) fn check(spec: &PlatformSpec, found: &mut Diagnostics) {
    check_callback(&spec.callback, found);
    check_api_base(spec.api_base.as_deref(), found);
    if let Some(domains) = &spec.domains {
        domains.check(&SpecPath::root().field("domains"), found);
    }
    let share = spec
        .guard
        .as_ref()
        .and_then(|guard| guard.changed_tenants.as_deref());
    if let Some(share) = share
        && parse_share(share).is_none()
    {
        let path = SpecPath::root().field("guard").field("changedTenants");
        value(
            found,
            path,
            "a share of the tenants is wanted here",
            "write it as `10%`",
        );
    }
}

fn check_callback(callback: &CallbackSpec, found: &mut Diagnostics) {
    let at = SpecPath::root().field("callback");
    let wanted = "write scheme and host as WeChat sees them: `https://wx.example.com`";
    match url::Url::parse(&callback.url) {
        Ok(url)
            if is_web(&url)
                && url.query().is_none()
                && url.fragment().is_none()
                && !has_credentials(&url) => {}
        Ok(_) | Err(_) => value(
            found,
            at.field("url"),
            "this is no address WeChat could call",
            wanted,
        ),
    }
    if let Some(forward) = &callback.forward_messages
        && url::Url::parse(forward).is_ok_and(|url| has_credentials(&url))
    {
        let path = at.field("forwardMessages");
        value(
            found,
            path,
            "this address holds a name or a password, which git would keep",
            "give it without them; the backend knows WeChat's pushes by their signature",
        );
    } else if let Some(forward) = &callback.forward_messages
        && !url::Url::parse(forward).is_ok_and(|url| is_web(&url))
    {
        let path = at.field("forwardMessages");
        value(
            found,
            path,
            "this is no http or https address",
            "write it out, with https:// in front",
        );
    }
    let CallbackPaths {
        notices,
        messages,
        authorize,
        register,
    } = &callback.paths;
    let paths = at.field("paths");
    for (name, path, appids) in [
        ("notices", notices, 0),
        ("messages", messages, 1),
        ("authorize", authorize, 0),
        ("register", register, 0),
    ] {
        let clean = path.starts_with('/') && !path.contains(['?', '#', ' ']);
        if !clean || path.len() < 2 {
            value(
                found,
                paths.field(name),
                "this is no path",
                "write it as `/wechat/notices`",
            );
        } else if path.matches(APPID_IN_PATH).count() != appids {
            let message = if appids == 0 {
                "`$APPID$` belongs in the path of messages alone"
            } else {
                "the path of messages holds `$APPID$` once"
            };
            value(
                found,
                paths.field(name),
                message,
                "WeChat puts the account's appid in its place",
            );
        }
    }
    let mut pages = [("authorize", authorize), ("register", register)].into_iter();
    while let Some((name, path)) = pages.next() {
        if path == notices || pages.clone().any(|(_, other)| path == other) {
            let message = "two paths are the same";
            value(found, paths.field(name), message, "give each its own path");
        }
    }
}

fn check_api_base(base: Option<&str>, found: &mut Diagnostics) {
    let Some(base) = base else { return };
    let local = url::Url::parse(base)
        .is_ok_and(|url| is_web(&url) && is_loopback(&url) && !has_credentials(&url));
    if !local {
        found.error(
            codes::API_BASE,
            SpecPath::root().field("apiBase"),
            "apiBase may only be an address of this machine",
            "not a loopback address",
            Some("leave it out to talk to WeChat; any other address only with --api-base, on the command line"),
        );
    }
}

fn is_web(url: &url::Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host().is_some()
}

fn value(found: &mut Diagnostics, path: SpecPath, message: &str, help: &str) {
    found.error(codes::VALUE, path, message, "", Some(help));
}
