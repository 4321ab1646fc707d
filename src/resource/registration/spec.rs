//! What a manifest says of a registration, and what it must be. Offline.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::TenantSpec;
use crate::resource::personal_registration::PersonSpec;
use crate::wechat::Appid;

/// How a mini-program comes to be that does not exist yet: exactly one of the fields. It is ignored once it has an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct RegistrationSpec {
    /// With the principal of the tenant's official account, which must be verified; its administrator scans once. It is
    /// linked to it then, and has no name, avatar or category yet. Each takes a yes.
    #[schemars(extend("x-limit" = "5 a month, 1 for a sole trader (个体户)", "x-calls" = ["account/fastregister", "wxopen/wxamplinkget", "api_query_auth"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reuse_official_account: Option<ReuseSpec>,
    /// For a person, who agrees within 24 hours under a link that is then shown, and owns it. Each takes a yes.
    #[schemars(extend("x-limit" = "5 of one person", "x-calls" = ["fastregisterpersonalweapp", "fastregisterpersonalweapp query", "api_query_auth"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal: Option<PersonSpec>,
}

/// Registering with the principal of the official account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReuseSpec {
    /// Whether the official account's verification is asked to be reused. Governments, media and other organisations
    /// must: WeChat refuses the registration otherwise (61056). Whatever is asked, a new one begins unverified.
    #[schemars(extend("x-wire" = "copy_wx_verify"))]
    pub copy_verification: bool,
    /// Mini-programs that are linked to the official account or authorized, belong to nobody here or to another tenant,
    /// and are not the one that is to be registered. While there is one that is not listed, nothing is registered: it may
    /// be the very one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub besides: Vec<Appid>,
}

impl Default for ReuseSpec {
    fn default() -> Self {
        Self {
            copy_verification: true,
            besides: Vec::new(),
        }
    }
}

/// Checks how each item is to be registered, and that the tenant has what that takes.
pub(in crate::resource) fn check_refs(tenant: &TenantSpec, found: &mut Diagnostics) {
    let official = tenant.official_account.as_ref();
    for (index, item) in tenant.mini_programs.iter().enumerate() {
        let Some(how) = &item.registration else {
            continue;
        };
        let path = SpecPath::root().field("miniPrograms").index(index);
        let path = path.field("registration");
        if how.reuse_official_account.is_some() == how.personal.is_some() {
            found.error(
                "WX1340",
                path,
                "how is the mini-program to be registered?",
                "one way is expected here",
                Some(
                    "write `registration: {reuseOfficialAccount: {}}`, `registration: {personal: {idName: …, wechatId: …}}`, or \
                     `appId` for one that exists",
                ),
            );
            continue;
        }
        let Some(reuse) = &how.reuse_official_account else {
            continue;
        };
        let path = path.field("reuseOfficialAccount");
        if official.is_none() && item.app_id.is_none() {
            found.error(
                "WX1347",
                path.clone(),
                "the tenant has no official account to register the mini-program through",
                "`officialAccount` is not declared",
                Some("declare the tenant's `officialAccount`, whose administrator confirms by a scan; or register it for a person (`personal`), or give its `appId` if it exists"),
            );
        }
        let known = official.and_then(|official| official.app_id.as_ref());
        check_besides(&reuse.besides, known, &path.field("besides"), found);
    }
}

fn check_besides(
    besides: &[Appid],
    official: Option<&Appid>,
    path: &SpecPath,
    found: &mut Diagnostics,
) {
    let mut first: BTreeMap<&Appid, usize> = BTreeMap::new();
    for (index, appid) in besides.iter().enumerate() {
        if official == Some(appid) {
            found.error(
                "WX1346",
                path.index(index),
                format!("{appid} is the tenant's official account"),
                "a mini-program is expected here",
                Some("only mini-programs are taken for the one that is to be registered: take it out"),
            );
        } else if let Some(before) = first.insert(appid, index) {
            found.error(
                "WX1346",
                path.index(index),
                format!("{appid} is listed twice"),
                format!("item {} is the same mini-program", before + 1),
                Some("take one of the two out"),
            );
        }
    }
}
