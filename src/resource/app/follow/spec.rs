//! What a manifest says of the follow component. Offline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::TenantSpec;
use crate::wechat::Appid;

/// Which official account the follow component (扫码关注组件) shows: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct FollowComponentSpec {
    /// `true`: the tenant's own official account.
    #[schemars(extend("x-wire" = "appid"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub official_account: bool,
    /// Any other one that is linked to the mini-program.
    #[schemars(extend("x-wire" = "appid"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Appid>,
    /// `true`: none is shown.
    #[schemars(extend("x-wire" = "wxa_subscribe_biz_flag"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

impl FollowComponentSpec {
    pub(super) fn check(&self, path: &SpecPath, found: &mut Diagnostics) {
        let given = [self.official_account, self.app_id.is_some(), self.off];
        if given.into_iter().filter(|one| *one).count() != 1 {
            found.error(
                "WX1354",
                path.clone(),
                "which official account is the follow component to show?",
                "exactly one choice is expected here",
                Some("write one of `officialAccount: true` (the tenant's own), `appId: wx…` and `off: true`"),
            );
        }
    }
}

/// Checks that the tenant has an official account where a follow component shows it, and that none shows what the tenant
/// itself says is a mini-program.
pub(in crate::resource) fn check_refs(tenant: &TenantSpec, found: &mut Diagnostics) {
    for (index, item) in tenant.mini_programs.iter().enumerate() {
        let Some(spec) = &item.follow_component else {
            continue;
        };
        let path = SpecPath::root().field("miniPrograms").index(index);
        let path = path.field("followComponent");
        let mut apps = tenant.mini_programs.iter();
        if let Some(shown) = &spec.app_id
            && let Some(app) = apps.find(|app| app.app_id.as_ref() == Some(shown))
        {
            let whose = if app.name == item.name {
                "this is the mini-program itself".to_owned()
            } else {
                format!("this is the tenant's mini-program `{}`", app.name)
            };
            found.error(
                "WX1345",
                path.field("appId"),
                format!("{shown} is no official account"),
                whose,
                Some("users follow official accounts alone: name one by its appid, or write `officialAccount: true` for the tenant's own"),
            );
        }
        if spec.official_account && tenant.official_account.is_none() {
            found.error(
                "WX1354",
                path.field("officialAccount"),
                "the tenant has no official account that could be shown",
                "`officialAccount` is not declared",
                Some("declare the tenant's `officialAccount`, or name another one by `appId`"),
            );
        }
    }
}
