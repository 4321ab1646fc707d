//! `wxa/commit`: a template and an `ext_json` become the trial version (体验版).
//!
//! developers.weixin.qq.com: 第三方平台 / 上传代码并生成体验版. A review that is under way keeps what it was given.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;

use super::ext_json;
use super::state::CodeVersion;
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::code_templates::{CodeContent, CodeFlaw, CodeTemplate};
use crate::simulator::credential::after;
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::PluginStatus;
use crate::simulator::miniprogram::addons::location;
use crate::simulator::miniprogram::own::{own, own_mut};

/// Most characters of `user_version`.
const LONGEST_VERSION: usize = 64;
/// The approximate place and any of the exact ones shut each other out.
const ROUGH: &str = "getFuzzyLocation";
const EXACT: [&str; 2] = ["getLocation", "onLocationChange"];

/// `wxa/commit`
pub(in crate::simulator) fn commit(call: &mut Call<'_>) -> Outcome {
    let code = &own(call)?.mini_program.code;
    if code.is_committing(call.now) {
        return refuse(9_402_202);
    }
    let still_detecting = call.state.switches.commit_during_detection;
    if still_detecting != 0 && code.is_detecting(call.now) {
        return refuse(still_detecting);
    }
    let template = template(call)?;
    let ext_json = match call.body.get("ext_json") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(_) | Value::Array(_) | Value::Number(_) | Value::Bool(_)) => {
            return refuse(47001);
        }
        Some(Value::Null) | None => return refuse(85013),
    };
    let unreadable = call.state.switches.unreadable_ext_json;
    let content = ext_json::built(template, &ext_json, unreadable)?;
    check_flaws(&content)?;
    check_locations(call, &content)?;
    check_plugins(call, &content)?;
    let user_version = call.text("user_version").ok_or(Refusal(40097))?;
    if user_version.chars().count() > LONGEST_VERSION {
        return refuse(85051);
    }
    let version = CodeVersion {
        user_version: user_version.to_owned(),
        user_desc: call.text("user_desc").unwrap_or_default().to_owned(),
        committed_at: call.now,
        template_id: Some(template.template_id),
        ext_json,
        code: content,
    };
    let (now, switches) = (call.now, &call.state.switches);
    let detection = SignedDuration::from_secs(switches.detection_seconds.into());
    let late = switches.commit_ms;
    let refused = switches.commit_says_being_processed;
    let code = &mut own_mut(call)?.mini_program.code;
    code.trial = Some(version);
    code.detection_ends_at = Some(after(now, detection));
    if late > 0 {
        code.committing_until = Some(after(now, SignedDuration::from_millis(late.into())));
    }
    call.late = Duration::from_millis(late.into());
    call.effect = true;
    if refused {
        return refuse(9_402_205);
    }
    Ok(ok())
}

/// The template that is named: by a number by the page, by text in its sample.
fn template<'a>(call: &'a Call<'_>) -> Result<&'a CodeTemplate, Refusal> {
    let asked = match call.body.get("template_id") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    let platform = call.state.platforms.get(&call.platform);
    let mut templates = platform.into_iter().flat_map(|one| &one.code_templates);
    let found = templates.find(|one| Some(one.template_id) == asked);
    found.ok_or(Refusal(85014))
}

fn check_flaws(content: &CodeContent) -> Result<(), Refusal> {
    if content.has(CodeFlaw::Broken) {
        return refuse(85043);
    }
    if content.has(CodeFlaw::TooLarge) {
        return refuse(85044);
    }
    Ok(())
}

/// What is declared has to be there, granted, and to go together. Declared are names without `wx.`.
fn check_locations(call: &Call<'_>, content: &CodeContent) -> Result<(), Refusal> {
    let account = own(call)?;
    let declared = &content.required_private_infos;
    let prefixed = call.state.switches.private_infos_have_prefix;
    for name in declared {
        let spelled = name.starts_with("wx.") == prefixed;
        if !spelled || !location::exists(call.state, name) {
            return refuse(85310);
        }
    }
    let has = |wanted: &&str| declared.iter().any(|one| location::bare(one) == *wanted);
    if has(&ROUGH) && EXACT.iter().any(has) {
        return refuse(85311);
    }
    let granted = |name: &String| location::may_use(call.state, account, name);
    match declared.iter().all(granted) {
        true => Ok(()),
        false => refuse(85312),
    }
}

/// Plugins have to be there, and to be the app's.
fn check_plugins(call: &Call<'_>, content: &CodeContent) -> Result<(), Refusal> {
    let used = &own(call)?.mini_program.plugins;
    for (app_id, version) in &content.plugins {
        if !call.state.plugins.contains_key(app_id) {
            return refuse(80067);
        }
        let mut own = used.iter();
        if !own.any(|one| one.app_id == *app_id && one.status == PluginStatus::Passed) {
            return refuse(80082);
        }
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
        let legal = ["dev", "latest"].contains(&version.as_str())
            || (version.contains('.') && version.split('.').all(is_number));
        if !legal {
            return refuse(80066);
        }
    }
    Ok(())
}
