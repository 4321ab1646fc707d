//! What else goes with a submission: pictures and films for the reviewer, what was wrong last time, what users may
//! write.
//!
//! developers.weixin.qq.com: 第三方平台 / 提交代码审核.

use serde_json::Value;

use super::ext_json::texts;
use super::online::online_since;
use crate::simulator::answer::{Fields, Refusal, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::AuditOutcome;
use crate::simulator::miniprogram::own::own;

/// Most characters of `version_desc`; WeChat's number is not published.
const LONGEST_DESC: usize = 500;
/// Most films and most pictures; WeChat's numbers are not published.
const MOST: [(&str, usize, &str); 2] =
    [("video_id_list", 5, "video"), ("pic_id_list", 10, "image")];
/// Most characters of `feedback_info`, most ids of `feedback_stuff`.
const FEEDBACK: (usize, usize) = (200, 5);
/// Most characters of the texts about what users write.
const LONGEST_UGC: usize = 256;
const TOO_LARGE: i64 = 85051;
const INVALID: i64 = 40097;

pub(super) fn check(call: &Call<'_>) -> Result<(), Refusal> {
    if longer(&call.body, "version_desc", LONGEST_DESC) {
        return refuse(TOO_LARGE);
    }
    check_preview(call)?;
    check_feedback(call)?;
    check_ugc(call)
}

fn longer(fields: &Fields, name: &str, most: usize) -> bool {
    let given = fields.get(name).and_then(Value::as_str);
    given.is_some_and(|text| text.chars().count() > most)
}

/// One object of two lists of ids, which `wxa/uploadmedia` gave out at most three days ago.
fn check_preview(call: &Call<'_>) -> Result<(), Refusal> {
    const BAD_FORMAT: Refusal = Refusal(85092);
    let preview = match call.body.get("preview_info") {
        None | Some(Value::Null) => return Ok(()),
        Some(given) => given.as_object().ok_or(BAD_FORMAT)?,
    };
    for (list, most, kind) in MOST {
        let ids = preview.get(list).and_then(texts).ok_or(BAD_FORMAT)?;
        if ids.len() > most {
            return refuse(85093);
        }
        for id in ids {
            let found = call.state.audit_media_of(&call.account, &id, call.now);
            if found.is_none_or(|media| media.kind != kind) {
                return Err(BAD_FORMAT);
            }
        }
    }
    Ok(())
}

/// It counts only after a refusal.
fn check_feedback(call: &Call<'_>) -> Result<(), Refusal> {
    let latest = call.state.latest_code_audit(&call.account);
    let refused = latest
        .is_some_and(|(audit, code)| audit.outcome == AuditOutcome::Refused && !code.withdrawn);
    if !refused {
        return Ok(());
    }
    if longer(&call.body, "feedback_info", FEEDBACK.0) {
        return refuse(TOO_LARGE);
    }
    let stuff = call.text("feedback_stuff").unwrap_or_default();
    let ids: Vec<&str> = stuff.split('|').filter(|id| !id.is_empty()).collect();
    if ids.len() > FEEDBACK.1 {
        return refuse(TOO_LARGE);
    }
    for id in ids {
        let found = call.state.picture_of(&call.account, id, call.now);
        found.map_err(|_| Refusal(40007))?;
    }
    Ok(())
}

/// What users may write: asked for when something social is handed in for the first time.
fn check_ugc(call: &Call<'_>) -> Result<(), Refusal> {
    let declared = match call.body.get("ugc_declare") {
        None | Some(Value::Null) => None,
        Some(given) => Some(given.as_object().ok_or(Refusal(47001))?),
    };
    let app = &own(call)?.mini_program;
    let category = |first, second| call.state.category(first, second);
    let mut passed = app.categories.iter().filter(|one| one.has_passed());
    let is_social = passed.any(|one| {
        let found = category(one.first, one.second);
        found.is_some_and(|(above, below)| above.social || below.social)
    });
    let Some(declared) = declared else {
        return match is_social && !online_since(app) {
            true => refuse(85094),
            false => Ok(()),
        };
    };
    let highest = call.state.switches.ugc_scenes;
    let scenes = numbers(declared, "scene", 0..=highest)?;
    if scenes.contains(&0) {
        return match scenes.len() {
            1 => Ok(()),
            _ => refuse(INVALID),
        };
    }
    numbers(declared, "method", 1..=4)?;
    let team = declared.get("has_audit_team");
    let is_flag = team.is_none_or(|team| *team == 0 || *team == 1);
    let texts = ["other_scene_desc", "audit_desc"];
    let too_long = |name: &&str| longer(declared, name, LONGEST_UGC);
    match is_flag && !texts.iter().any(too_long) {
        true => Ok(()),
        false => refuse(INVALID),
    }
}

fn numbers(
    fields: &Fields,
    name: &str,
    allowed: std::ops::RangeInclusive<u64>,
) -> Result<Vec<u64>, Refusal> {
    let items = match fields.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(given) => given.as_array().ok_or(Refusal(47001))?,
    };
    let number = |item: &Value| item.as_u64().filter(|number| allowed.contains(number));
    let numbers: Option<Vec<u64>> = items.iter().map(number).collect();
    numbers.ok_or(Refusal(INVALID))
}
