//! What a manifest says of the page of orders. Offline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::app::location_apis::is_address;
use crate::wechat::order_path::OrderPath as Wire;

/// The page of a mini-program's orders (订单页 path), and what its reviewer is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OrderPathSpec {
    /// The page, as in `pages/order/list`.
    #[schemars(extend("x-wire" = "path"))]
    pub path: String,
    /// Addresses of pictures of it, beginning with `https://`.
    #[schemars(extend("x-wire" = "img_list"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<String>,
    /// The address of a video of it.
    #[schemars(extend("x-wire" = "video"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<String>,
    /// An account that the reviewer can use.
    #[schemars(extend("x-wire" = "test_account"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_account: Option<String>,
    /// What else the reviewer is told.
    #[schemars(extend("x-wire" = "test_remark"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

impl OrderPathSpec {
    /// What is handed in.
    pub(super) fn wire(&self) -> Wire {
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        Wire {
            path: self.path.clone(),
            img_list: self.pictures.clone(),
            video: said(&self.video),
            test_account: said(&self.test_account),
            test_remark: said(&self.remark),
        }
    }

    /// What was handed in, as a manifest says it.
    pub(super) fn of(wire: &Wire) -> Self {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self {
            path: wire.path.clone(),
            pictures: wire.img_list.clone(),
            video: given(&wire.video),
            test_account: given(&wire.test_account),
            remark: given(&wire.test_remark),
        }
    }

    pub(super) fn check(&self, path: &SpecPath, found: &mut Diagnostics) {
        let plain = self.path.bytes().all(|byte| byte.is_ascii_graphic());
        if self.path.is_empty() || self.path.starts_with('/') || self.path.contains("://") || !plain
        {
            found.error(
                "WX1360",
                path.field("path"),
                "this is no page of a mini-program",
                "a page is expected here",
                Some("write it as in app.json, without a `/` in front: pages/order/list"),
            );
        }
        let pictures = self.pictures.iter().enumerate();
        let pictures = pictures.map(|(n, text)| (path.field("pictures").index(n), text));
        let video = self.video.iter().map(|text| (path.field("video"), text));
        for (path, text) in pictures.chain(video) {
            if !is_address(text) {
                found.error(
                    "WX1361",
                    path,
                    "this is no address that WeChat can download from",
                    "`https://` and a host are expected",
                    Some("WeChat downloads the file itself, so it needs its whole address"),
                );
            }
        }
    }
}
