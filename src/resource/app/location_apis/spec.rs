//! What a manifest says of location APIs. Offline.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::location_api::{Application, LONGEST, PICTURES};

/// A location API (地理位置接口) that the mini-program needs. A class's and a tenant's are merged by `name`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LocationApiSpec {
    /// Its name, as in `wx.choosePoi`; capitals count.
    #[schemars(extend("x-wire" = "api_name"))]
    pub name: String,
    /// What it is needed for, which the reviewer reads.
    #[schemars(length(min = 1, max = 300), extend("x-wire" = "content"))]
    pub reason: String,
    /// Addresses of pictures that show the use, beginning with `https://`. WeChat downloads them.
    #[schemars(extend("x-wire" = "pic_list", "x-limit" = "10"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<String>,
    /// The address of an mp4 that shows the use.
    #[schemars(extend("x-wire" = "video_list"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<String>,
}

impl LocationApiSpec {
    /// What is handed in.
    pub(super) fn application(&self) -> Application {
        Application {
            api_name: self.name.clone(),
            content: self.reason.trim().to_owned(),
            pic_list: self.pictures.clone(),
            video_list: self.video.iter().cloned().collect(),
        }
    }
}

pub(super) fn check(spec: &[LocationApiSpec], path: &SpecPath, found: &mut Diagnostics) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, item) in spec.iter().enumerate() {
        let path = path.index(index);
        if !is_name(&item.name) {
            found.error(
                "WX1357",
                path.field("name"),
                format!("`{}` is no name of an API", shortened(&item.name)),
                "`wx.` and letters are expected",
                Some("write it as in code, capitals too: wx.choosePoi"),
            );
        } else if let Some(before) = first.insert(&item.name, index) {
            found.error(
                "WX1357",
                path.field("name"),
                format!("`{}` is listed twice", item.name),
                format!("item {} is the same API", before + 1),
                Some("an API is applied for once; take one of them out"),
            );
        }
        check_reason(item, &path, found);
        check_media(item, &path, found);
    }
}

fn check_reason(item: &LocationApiSpec, path: &SpecPath, found: &mut Diagnostics) {
    let count = item.reason.trim().chars().count();
    if !(1..=LONGEST).contains(&count) {
        found.error(
            "WX1358",
            path.field("reason"),
            format!("the reason has {count} characters"),
            format!("1 to {LONGEST} characters"),
            Some("a reviewer reads it: say what users do with the location, and where"),
        );
    }
}

fn check_media(item: &LocationApiSpec, path: &SpecPath, found: &mut Diagnostics) {
    if item.pictures.len() > PICTURES {
        found.error(
            "WX1359",
            path.field("pictures"),
            format!("{} pictures for one API", item.pictures.len()),
            format!("at most {PICTURES}"),
            Some("WeChat takes no more with one application"),
        );
    }
    for (index, picture) in item.pictures.iter().enumerate() {
        if !is_address(picture) {
            no_address(path.field("pictures").index(index), found);
        }
    }
    let Some(video) = &item.video else {
        return;
    };
    let file = video.split(['?', '#']).next().unwrap_or_default();
    if !is_address(video) {
        no_address(path.field("video"), found);
    } else if !file.to_ascii_lowercase().ends_with(".mp4") {
        found.error(
            "WX1359",
            path.field("video"),
            "the video is no mp4",
            "an address that ends with `.mp4`",
            Some("WeChat takes no other kind (61032)"),
        );
    }
}

fn no_address(path: SpecPath, found: &mut Diagnostics) {
    found.error(
        "WX1359",
        path,
        "this is no address that WeChat can download from",
        "`https://` and a host are expected",
        Some("WeChat downloads the file itself, so it needs its whole address"),
    );
}

/// Whether a text can be an address that WeChat downloads from.
pub(in crate::resource::app) fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.contains('.') && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_name(text: &str) -> bool {
    let name = text.strip_prefix("wx.").unwrap_or_default();
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
