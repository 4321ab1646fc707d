//! What a manifest says of plugins. Offline.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::Appid;

/// A plugin (插件) of a mini-program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginSpec {
    /// Its appid.
    #[schemars(extend("x-wire" = "plugin_appid"))]
    pub app_id: Appid,
    /// The version to move to without a release (快速更新). WeChat never shows which is used. Left out: what the code asks
    /// for.
    #[schemars(extend("x-wire" = "user_version", "x-calls" = ["plugin update"]))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What is said to its owner, who has to agree.
    #[schemars(extend("x-wire" = "reason", "x-calls" = ["plugin apply"]))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `true`: it must not be used. Ending that needs an approval.
    #[schemars(extend("x-calls" = ["plugin unbind"]))]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
}

pub(super) fn check(spec: &[PluginSpec], path: &SpecPath, found: &mut Diagnostics) {
    let mut first: BTreeMap<&Appid, usize> = BTreeMap::new();
    for (index, item) in spec.iter().enumerate() {
        let path = path.index(index);
        if let Some(before) = first.insert(&item.app_id, index) {
            found.error(
                "WX1355",
                path.field("appId"),
                format!("{} is listed twice", item.app_id),
                format!("item {} is the same plugin", before + 1),
                Some("take one of the two out"),
            );
        }
        for (field, text) in [("version", &item.version), ("reason", &item.reason)] {
            let Some(text) = text else {
                continue;
            };
            if item.absent {
                found.error(
                    "WX1356",
                    path.field(field),
                    format!("a plugin that must not be used has a {field}"),
                    "`absent: true` stands beside it",
                    Some(format!("take `{field}` or `absent` out")),
                );
            } else if text.trim().is_empty() {
                found.error(
                    "WX1356",
                    path.field(field),
                    format!("the plugin's {field} is empty"),
                    "something is expected here",
                    Some(format!("leave `{field}` out, or write one")),
                );
            }
        }
    }
}
