//! What a manifest says of the data that WeChat fetches ahead. Offline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::data_prefetch::{Source, When};
use crate::wechat::domain::read_host;

/// What WeChat fetches for a mini-program ahead of time. What is left out is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DataPrefetchSpec {
    /// At its start (数据预拉取).
    #[schemars(extend("x-calls" = ["fetchdatasetting set_pre_fetch", "fetchdatasetting get"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre: Option<SourceSpec>,
    /// Now and then (周期性更新).
    #[schemars(extend("x-calls" = ["fetchdatasetting set_period_fetch", "fetchdatasetting get"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<SourceSpec>,
}

/// Where the data comes from: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct SourceSpec {
    /// A server's address, beginning with `https://`.
    #[schemars(extend("x-wire" = "pre_fetch_url"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A cloud function (云函数) of the mini-program.
    #[schemars(extend("x-wire" = "pre_function_name"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_function: Option<CloudFunctionSpec>,
    /// `true`: nothing is fetched.
    #[schemars(extend("x-wire" = "is_pre_fetch_open"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

/// A cloud function (云函数).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CloudFunctionSpec {
    /// Its environment (环境 ID).
    #[schemars(extend("x-wire" = "pre_env"))]
    pub env: String,
    /// Its name.
    #[schemars(extend("x-wire" = "pre_function_name"))]
    pub name: String,
}

impl DataPrefetchSpec {
    /// Those that are declared.
    pub(super) fn declared(&self) -> impl Iterator<Item = (When, &SourceSpec)> {
        let both = [(When::Pre, &self.pre), (When::Period, &self.period)];
        both.into_iter()
            .filter_map(|(when, spec)| Some((when, spec.as_ref()?)))
    }
}

impl SourceSpec {
    /// The source, as a manifest would say it.
    pub(super) fn of(source: &Source) -> Self {
        match source {
            Source::Off => Self {
                off: true,
                ..Self::default()
            },
            Source::Server(url) => Self {
                url: Some(url.clone()),
                ..Self::default()
            },
            Source::Function(env, name) => Self {
                cloud_function: Some(CloudFunctionSpec {
                    env: env.clone(),
                    name: name.clone(),
                }),
                ..Self::default()
            },
        }
    }

    /// The source; `None` where it is not exactly one.
    pub(super) fn source(&self) -> Option<Source> {
        match (&self.url, &self.cloud_function, self.off) {
            (Some(url), None, false) => Some(Source::Server(url.clone())),
            (None, Some(one), false) => Some(Source::Function(one.env.clone(), one.name.clone())),
            (None, None, true) => Some(Source::Off),
            (_, _, _) => None,
        }
    }

    pub(super) fn check(&self, path: &SpecPath, found: &mut Diagnostics) {
        match self.source() {
            Some(Source::Off) => {}
            Some(Source::Server(url)) => {
                if !is_address(&url) {
                    found.error(
                        "WX1353",
                        path.field("url"),
                        "this is no address that WeChat can fetch from",
                        "`https://` and a host's name are expected",
                        Some("write the whole address, as in https://api.example.com/start"),
                    );
                }
            }
            Some(Source::Function(env, name)) => {
                let path = path.field("cloudFunction");
                for (field, text) in [("env", env), ("name", name)] {
                    if text.trim().is_empty() {
                        found.error(
                            "WX1353",
                            path.clone(),
                            format!("the cloud function has no `{field}`"),
                            format!("`{field}` is expected here"),
                            Some("write `cloudFunction: {env: …, name: …}`, as the cloud console has them"),
                        );
                    }
                }
            }
            None => found.error(
                "WX1352",
                path.clone(),
                "where is the data to come from?",
                "exactly one source is expected here",
                Some("write one of `url: https://…`, `cloudFunction: {env: …, name: …}` and `off: true`"),
            ),
        }
    }
}

/// Whether a text is an `https` address at a host that has a name.
fn is_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    plain && read_host(host, None).is_ok()
}
