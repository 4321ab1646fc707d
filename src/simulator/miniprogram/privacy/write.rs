//! `component/setprivacysetting`: a whole guide, or who collects of the one that users see.
//!
//! developers.weixin.qq.com: 第三方平台 / 设置小程序用户隐私保护指引. The page names three codes; those of all else are
//! switches.

use serde_json::Value;

use super::read::{Version, version};
use super::state::{PrivacyGuide, PrivacyOwner, PrivacyText};
use crate::simulator::answer::{Fields, Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::{own, own_mut};

/// What a `store_expire_timestamp` that is none gets, and an escaped body.
pub(super) const BAD_PERIOD: i64 = 86072;
/// There is no guide that users see.
const NOTHING_ONLINE: i64 = 86074;

/// `component/setprivacysetting`
pub(in crate::simulator) fn set(call: &mut Call<'_>) -> Outcome {
    let version = version(call)?;
    let invalid = Refusal(call.state.switches.privacy_setting_invalid);
    let list = call.body.get("setting_list").filter(|list| !list.is_null());
    if version == Version::Online && own(call)?.mini_program.privacy.online.is_none() {
        return refuse(NOTHING_ONLINE);
    }
    if (version == Version::Online) == list.is_some() {
        return Err(invalid);
    }
    let settings = list.map(|list| texts(list, &invalid)).transpose()?;
    let owner = owner(call, &invalid)?;
    let sdks = match call.body.get("sdk_privacy_info_list") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return refuse(47001);
        }
    };
    let now = call.now.as_second();
    let privacy = &mut own_mut(call)?.mini_program.privacy;
    match version {
        Version::Online => {
            let guide = privacy.online.as_mut().ok_or(Refusal(NOTHING_ONLINE))?;
            // A text of the owner's own is changed by a release alone.
            let kept = std::mem::take(&mut guide.owner_setting.ext_file_media_id);
            guide.owner_setting = PrivacyOwner {
                ext_file_media_id: kept,
                ..owner
            };
            guide.update_time = now;
        }
        Version::Development => {
            privacy.development = Some(PrivacyGuide {
                owner_setting: owner,
                setting_list: settings.unwrap_or_default(),
                sdk_privacy_info_list: sdks,
                update_time: now,
            });
        }
    }
    call.effect = true;
    Ok(ok())
}

/// Every item with a key and what it is for.
fn texts(list: &Value, invalid: &Refusal) -> Result<Vec<PrivacyText>, Refusal> {
    let items = list.as_array().ok_or(Refusal(47001))?;
    let text = |item: &Value, name: &str| {
        let given = item.get(name).and_then(Value::as_str);
        given
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| invalid.clone())
    };
    let one = |item: &Value| {
        Ok(PrivacyText {
            privacy_key: text(item, "privacy_key")?,
            privacy_text: text(item, "privacy_text")?,
        })
    };
    items.iter().map(one).collect()
}

fn owner(call: &Call<'_>, invalid: &Refusal) -> Result<PrivacyOwner, Refusal> {
    let sent: &Fields = match call.body.get("owner_setting") {
        None | Some(Value::Null) => {
            return refuse(call.state.switches.privacy_contact_missing);
        }
        Some(sent) => sent.as_object().ok_or(Refusal(47001))?,
    };
    let text = |name: &str| {
        let given = sent.get(name).and_then(Value::as_str);
        given.unwrap_or_default().to_owned()
    };
    let file = match sent.get("ext_file_media_id") {
        Some(Value::Number(number)) => number.to_string(),
        Some(_) | None => text("ext_file_media_id"),
    };
    let owner = PrivacyOwner {
        contact_phone: text("contact_phone"),
        contact_email: text("contact_email"),
        contact_qq: text("contact_qq"),
        contact_weixin: text("contact_weixin"),
        store_expire_timestamp: text("store_expire_timestamp"),
        ext_file_media_id: file,
        notice_method: text("notice_method"),
        store_region: sent.get("store_region").and_then(Value::as_i64),
    };
    let contacts = [
        &owner.contact_phone,
        &owner.contact_email,
        &owner.contact_qq,
        &owner.contact_weixin,
    ];
    if contacts.into_iter().all(String::is_empty) {
        return refuse(call.state.switches.privacy_contact_missing);
    }
    if owner.notice_method.is_empty() {
        return Err(invalid.clone());
    }
    let is_period = |text: &str| {
        let days = text.strip_suffix('天').unwrap_or_default();
        !days.is_empty() && days.bytes().all(|digit| digit.is_ascii_digit())
    };
    let period = owner.store_expire_timestamp.as_str();
    if !period.is_empty() && !is_period(period) {
        return refuse(BAD_PERIOD);
    }
    let mut files = uploaded(call)?;
    let file = owner.ext_file_media_id.as_str();
    if !file.is_empty() && !files.any(|known| known == file) {
        return refuse(40007);
    }
    Ok(owner)
}

/// The ids of the texts the mini-program has uploaded.
fn uploaded<'a>(call: &'a Call<'_>) -> Result<impl Iterator<Item = String> + 'a, Refusal> {
    let files = own(call)?.mini_program.privacy.files.iter();
    Ok(files.map(|file| file.id.to_string()))
}
