//! Limits of what one button does: its key, its address, its mini-program. And whether a field of its own can say it.

use std::collections::BTreeSet;

use super::spec::{KEY_BYTES, MiniProgramButton, URL_BYTES, plain_field};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::Appid;
use crate::wechat::menu::Does;

/// Whether a field of its own can say what a button does, and the API can make it. Else it is for `console`.
pub(super) fn plainly(does: &Does) -> bool {
    let (nowhere, mut found) = (SpecPath::root(), Diagnostics::default());
    let mut domains = BTreeSet::new();
    match does {
        Does::Container(below) => !below.is_empty(),
        Does::Website { .. } | Does::Unknown { .. } => false,
        Does::MiniProgram {
            url,
            appid,
            pagepath,
        } => {
            let Ok(app_id) = Appid::parse(appid) else {
                return false;
            };
            let target = MiniProgramButton {
                app_id: Some(app_id),
                reference: None,
                page: pagepath.clone(),
                fallback_url: url.clone(),
            };
            check_mini_program(&target, &nowhere, &mut domains, &mut found);
            found.as_slice().is_empty()
        }
        Does::View { url } => {
            check_url(url, &nowhere, &mut domains, &mut found);
            found.as_slice().is_empty()
        }
        Does::Click { key: text }
        | Does::ScancodePush { key: text }
        | Does::ScancodeWaitmsg { key: text }
        | Does::PicSysphoto { key: text }
        | Does::PicPhotoOrAlbum { key: text }
        | Does::PicWeixin { key: text }
        | Does::LocationSelect { key: text } => !text.trim().is_empty() && text.len() <= KEY_BYTES,
        Does::MediaId { media_id: text }
        | Does::ViewLimited { media_id: text }
        | Does::ArticleId { article_id: text }
        | Does::ArticleViewLimited { article_id: text } => !text.trim().is_empty(),
    }
}

pub(super) fn check_value(
    does: &Does,
    button: &SpecPath,
    domains: &mut BTreeSet<String>,
    found: &mut Diagnostics,
) {
    let (field, value) = plain_field(does);
    let path = button.field(field);
    let is_id = matches!(
        does,
        Does::MediaId { .. }
            | Does::ViewLimited { .. }
            | Does::ArticleId { .. }
            | Does::ArticleViewLimited { .. }
    );
    if let Does::View { url } = does {
        check_url(url, &path, domains, found);
    } else if value.trim().is_empty() {
        found.error(
            "WX1205",
            path,
            "a value is missing here",
            "empty",
            Some("WeChat refuses a button that carries nothing: give its key or id"),
        );
    } else if !is_id && value.len() > KEY_BYTES {
        found.error(
            "WX1205",
            path,
            "menu button key is too long",
            format!("{} bytes, the limit is {KEY_BYTES}", value.len()),
            Some("shorten it: it only has to tell your buttons apart"),
        );
    }
}

fn check_url(
    value: &str,
    path: &SpecPath,
    domains: &mut BTreeSet<String>,
    found: &mut Diagnostics,
) {
    if value.len() > URL_BYTES {
        found.error(
            "WX1206",
            path.clone(),
            "address of a menu button is too long",
            format!("{} bytes, the limit is {URL_BYTES}", value.len()),
            Some("shorten it, or give an address of yours that leads on to it"),
        );
    }
    match url::Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            domains.extend(url.host_str().map(str::to_owned));
        }
        Ok(_) | Err(_) => found.error(
            "WX1206",
            path.clone(),
            "a menu button opens a http or https address",
            "not such an address",
            Some("write it out, with https:// in front"),
        ),
    }
}

pub(super) fn check_mini_program(
    target: &MiniProgramButton,
    path: &SpecPath,
    domains: &mut BTreeSet<String>,
    found: &mut Diagnostics,
) {
    match (&target.app_id, &target.reference) {
        (Some(_), Some(_)) => found.error(
            "WX1209",
            path.clone(),
            "which mini-program?",
            "this one names `appId` and `ref`",
            Some("`ref` names one of the tenant's own mini-programs, `appId` any other: give one of them"),
        ),
        (None, None) => found.error(
            "WX1209",
            path.clone(),
            "which mini-program?",
            "`appId` or `ref` is missing",
            Some("give `ref` with the name of one of the tenant's mini-programs, or `appId: wx…` of any other"),
        ),
        (Some(_), None) | (None, Some(_)) => {}
    }
    if target.page.trim().is_empty() {
        found.error(
            "WX1205",
            path.field("page"),
            "a value is missing here",
            "empty",
            Some("name the page that opens, as in `pages/index/index`: WeChat refuses a button without one"),
        );
    }
    check_url(
        &target.fallback_url,
        &path.field("fallbackUrl"),
        domains,
        found,
    );
}
