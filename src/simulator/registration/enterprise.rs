//! An enterprise's mini-program: `fastregisterweapp`, which is gone since the notice, and `fastregisterenterpriseweapp`.
//!
//! developers.weixin.qq.com: 第三方平台 / 快速注册企业小程序. Of the new one only the parameters are published; its path,
//! its answer and its event are those of a person's, which is a guess.

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::task_state::{RegistrationTask, TaskOf};
use super::{notice, official, people};
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::credential::after;
use crate::simulator::endpoint::Call;

/// Nobody may ask again for so long, unless the first try is over.
const SERIAL: SignedDuration = SignedDuration::from_hours(24);

/// `fastregisterweapp`
pub(super) fn old(call: &mut Call<'_>) -> Outcome {
    if notice::is_in_force(call) {
        return refuse(-1);
    }
    match call.parameter("action") {
        Some("create") => old_create(call),
        Some("search") => search(call),
        Some(_) | None => refuse(40097),
    }
}

fn old_create(call: &mut Call<'_>) -> Outcome {
    let required = ["name", "code", "legal_persona_wechat", "legal_persona_name"];
    let mut asked = texts(&call.body, &required)?;
    let kind = call.body.get("code_type").ok_or(Refusal(89253))?.as_i64();
    let Some(kind @ 1..=3) = kind else {
        return refuse(89248);
    };
    check_code(call, &text(&asked, "code"), kind)?;
    let wechat_id = text(&asked, "legal_persona_wechat");
    if !people::exists(call.state, &wechat_id) {
        return refuse(86004);
    }
    if !people::is_called(call.state, &wechat_id, &text(&asked, "legal_persona_name")) {
        return refuse(61070);
    }
    let phone = call.text("component_phone").unwrap_or_default();
    asked.insert("component_phone".to_owned(), Value::from(phone));
    asked.insert("code_type".to_owned(), Value::from(kind));
    start(call, asked, false)?;
    let mut answer = ok();
    answer.insert("errmsg".to_owned(), Value::from("OK"));
    Ok(answer)
}

/// The errcode says how it stands: 0 is done.
fn search(call: &mut Call<'_>) -> Outcome {
    let keys = ["name", "legal_persona_wechat", "legal_persona_name"];
    let asked = texts(&call.body, &keys)?;
    let same = |task: &&RegistrationTask| {
        let all = keys.iter();
        is_own(call, task) && all.clone().all(|key| task.asks(key, &text(&asked, key)))
    };
    let tasks = call.state.registrations.tasks.values().filter(same);
    let Some(task) = tasks.max_by_key(|task| task.started_at) else {
        return refuse(89250);
    };
    match (&task.ended, task.status) {
        (Some(end), _) if end.status == 0 => Ok(ok()),
        (Some(_), _) => refuse(89250),
        (None, 0) => refuse(89251),
        (None, _) => refuse(89252),
    }
}

/// `fastregisterenterpriseweapp`
pub(super) fn new(call: &mut Call<'_>) -> Outcome {
    match call.parameter("action") {
        Some("create") => {
            if !notice::is_new(&call.body) {
                return refuse(89253);
            }
            let asked = texts(&call.body, &["name", "code", "component_phone"])?;
            check_code(call, &text(&asked, "code"), 1)?;
            let task = start(call, asked, true)?;
            Ok(notice::told(call, &task))
        }
        Some("query") => notice::query(call, TaskOf::Enterprise),
        Some(_) | None => refuse(40097),
    }
}

/// Opens the task, unless one about the same enterprise is running.
fn start(
    call: &mut Call<'_>,
    asked: Map<String, Value>,
    by_link: bool,
) -> Result<RegistrationTask, Refusal> {
    let platform = call.state.platforms.get(&call.platform);
    let platform = platform.ok_or(Refusal(89256))?;
    if official::lacks_sets(call.state, platform) {
        return refuse(89254);
    }
    let (name, code) = (text(&asked, "name"), text(&asked, "code"));
    let now = call.now;
    let same = |task: &RegistrationTask| {
        let is_same = task.asks("name", &name) && task.asks("code", &code);
        is_own(call, task) && is_same && task.is_running()
    };
    let mut tasks = call.state.registrations.tasks.values();
    if tasks.any(|task| same(task) && now < after(task.started_at, SERIAL)) {
        return refuse(89249);
    }
    Ok(notice::open(call, TaskOf::Enterprise, asked, by_link))
}

fn is_own(call: &Call<'_>, task: &RegistrationTask) -> bool {
    task.of == TaskOf::Enterprise && task.platform == call.platform
}

/// 18, 9 or 15 letters and digits; the 9 of an organisation have a dash before the last.
pub(super) fn check_code(call: &Call<'_>, code: &str, kind: i64) -> Result<(), Refusal> {
    let letters: String = match (kind, code.rsplit_once('-')) {
        (2, Some((before, last))) if last.len() == 1 => format!("{before}{last}"),
        _ => code.to_owned(),
    };
    let length = match kind {
        1 => 18,
        2 => 9,
        _ => 15,
    };
    if !letters.bytes().all(|one| one.is_ascii_alphanumeric()) {
        return refuse(89255);
    }
    if letters.len() != length {
        return refuse(call.state.switches.wrong_enterprise_code_length);
    }
    Ok(())
}

/// Texts that have to be there.
pub(super) fn texts(
    body: &Map<String, Value>,
    keys: &[&str],
) -> Result<Map<String, Value>, Refusal> {
    let found = |key: &&str| {
        let value = body.get(*key).and_then(Value::as_str);
        let value = value
            .filter(|text| !text.is_empty())
            .ok_or(Refusal(89253))?;
        Ok(((*key).to_owned(), Value::from(value)))
    };
    keys.iter().map(found).collect()
}

pub(super) fn text(asked: &Map<String, Value>, key: &str) -> String {
    let value = asked.get(key).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}
