//! A person's mini-program: `fastregisterpersonalweapp`.
//!
//! developers.weixin.qq.com: 第三方平台 / 快速注册个人小程序.

use serde_json::{Map, Value};

use super::enterprise::text;
use super::task_state::TaskOf;
use super::{notice, official, people};
use crate::simulator::answer::{Outcome, Refusal, refuse};
use crate::simulator::endpoint::Call;

/// A parameter is missing.
const MISSING: i64 = 86030;

/// `fastregisterpersonalweapp`
pub(super) fn register(call: &mut Call<'_>) -> Outcome {
    match call.parameter("action") {
        Some("create") => create(call),
        Some("query") => notice::query(call, TaskOf::Person),
        Some(_) | None => refuse(40097),
    }
}

fn create(call: &mut Call<'_>) -> Outcome {
    let platform = call.state.platforms.get(&call.platform);
    let platform = platform.filter(|platform| platform.published);
    let platform = platform.ok_or(Refusal(86031))?;
    if official::lacks_sets(call.state, platform) {
        return refuse(86033);
    }
    let by_link = notice::is_new(&call.body);
    if notice::is_in_force(call) && !by_link {
        return refuse(MISSING);
    }
    let mut asked = Map::new();
    for key in ["idname", "wxuser"] {
        let value = call.text(key).ok_or(Refusal(MISSING))?;
        asked.insert(key.to_owned(), Value::from(value));
    }
    let phone = call.text("component_phone").unwrap_or_default();
    asked.insert("component_phone".to_owned(), Value::from(phone));
    let wechat_id = text(&asked, "wxuser");
    if !people::exists(call.state, &wechat_id) {
        return refuse(86032);
    }
    if !people::is_called(call.state, &wechat_id, &text(&asked, "idname")) {
        return refuse(86036);
    }
    let task = notice::open(call, TaskOf::Person, asked, by_link);
    Ok(notice::told(call, &task))
}
