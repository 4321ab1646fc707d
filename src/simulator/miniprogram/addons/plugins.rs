//! Plugins (插件) as an app's side has them: `wxa/plugin`, one path for four actions.
//!
//! developers.weixin.qq.com: 第三方平台 / 插件管理. The plugin's owner answers an application; no event says so.

use serde_json::{Value, json};

use super::state::{PluginStatus, UsedPlugin};
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::{own, own_mut};

/// `wxa/plugin`
pub(in crate::simulator) fn plugin(call: &mut Call<'_>) -> Outcome {
    match call.text("action") {
        Some("list") => list(call),
        Some("apply") => apply(call),
        Some("unbind") => unbind(call),
        Some("update") => update(call),
        Some(_) | None => refuse(85022),
    }
}

fn list(call: &Call<'_>) -> Outcome {
    let item = |used: &UsedPlugin| {
        let plugin = call.state.plugins.get(&used.app_id);
        json!({
            "appid": used.app_id,
            "status": used.status.number(),
            "nickname": plugin.map_or("", |plugin| plugin.nick_name.as_str()),
            "headimgurl": plugin.map_or("", |plugin| plugin.head_img.as_str()),
        })
    };
    let items: Vec<Value> = own(call)?.mini_program.plugins.iter().map(item).collect();
    let mut answer = ok();
    answer.insert("plugin_list".to_owned(), Value::from(items));
    Ok(answer)
}

fn named(call: &Call<'_>) -> Result<String, Refusal> {
    let app_id = call.text("plugin_appid").ok_or(Refusal(40013))?;
    Ok(app_id.to_owned())
}

fn apply(call: &mut Call<'_>) -> Outcome {
    let app_id = named(call)?;
    let plugin = call.state.plugins.get(&app_id).ok_or(Refusal(89239))?;
    let (closed, at_once) = (plugin.closed, plugin.accepts_at_once);
    let app = &own(call)?.mini_program;
    let lasts = |used: &&UsedPlugin| match used.status {
        PluginStatus::Applying | PluginStatus::Passed => true,
        PluginStatus::Refused | PluginStatus::TimedOut => false,
    };
    let mut lasting = app.plugins.iter().filter(lasts);
    if lasting.any(|used| used.app_id == app_id) {
        return refuse(89237);
    }
    if closed {
        return refuse(89236);
    }
    let count = app.plugins.iter().filter(lasts).count();
    if app.max_plugins.is_some_and(|most| count >= most) {
        return refuse(89238);
    }
    let used = UsedPlugin {
        app_id: app_id.clone(),
        status: match at_once {
            true => PluginStatus::Passed,
            false => PluginStatus::Applying,
        },
        reason: call.text("reason").unwrap_or_default().to_owned(),
        applied_at: Some(call.now),
        version: None,
    };
    let plugins = &mut own_mut(call)?.mini_program.plugins;
    plugins.retain(|used| used.app_id != app_id);
    plugins.push(used);
    call.effect = true;
    Ok(ok())
}

fn unbind(call: &mut Call<'_>) -> Outcome {
    let app_id = named(call)?;
    let plugins = &mut own_mut(call)?.mini_program.plugins;
    let before = plugins.len();
    plugins.retain(|used| used.app_id != app_id);
    if plugins.len() == before {
        return refuse(89244);
    }
    call.effect = true;
    Ok(ok())
}

/// Moves the app to another version of the plugin, without a release of its own.
fn update(call: &mut Call<'_>) -> Outcome {
    let app_id = named(call)?;
    let version = call.text("user_version").unwrap_or_default().to_owned();
    let plugin = call.state.plugins.get(&app_id);
    let known = plugin.is_some_and(|plugin| plugin.quick_versions.contains(&version));
    let app = &mut own_mut(call)?.mini_program;
    let gray = app.gray_release;
    let mut used = app.plugins.iter_mut();
    let used = used.find(|used| used.app_id == app_id && used.status == PluginStatus::Passed);
    let Some(used) = used else {
        return refuse(89244);
    };
    if gray {
        return refuse(89258);
    }
    if !known {
        return refuse(89257);
    }
    used.version = Some(version);
    call.effect = true;
    Ok(ok())
}
