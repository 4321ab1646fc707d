//! Plugins (插件) as their owner's side has them: `wxa/devplugin`, about who applies for the caller's own plugin.
//!
//! developers.weixin.qq.com: 第三方平台 / 插件管理.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::state::{PluginStatus, UsedPlugin};
use crate::simulator::account::Account;
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::credential::after;
use crate::simulator::endpoint::Call;
use crate::simulator::state::State;

/// How long an application must be left alone.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// `wxa/devplugin`
pub(in crate::simulator) fn manage(call: &mut Call<'_>) -> Outcome {
    match call.text("action") {
        Some("dev_apply_list") => list(call),
        Some("dev_agree") => answer(call, PluginStatus::Passed),
        Some("dev_refuse") => answer(call, PluginStatus::Refused),
        Some("dev_delete") => delete(call),
        Some(_) | None => refuse(85022),
    }
}

fn used<'a>(account: &'a Account, plugin: &str) -> Option<&'a UsedPlugin> {
    let mut plugins = account.mini_program.plugins.iter();
    plugins.find(|used| used.app_id == plugin)
}

fn list(call: &Call<'_>) -> Outcome {
    let number = |key: &str, usual: u64| {
        let given = call.body.get(key).and_then(Value::as_u64).unwrap_or(usual);
        usize::try_from(given).unwrap_or(usize::MAX)
    };
    let (page, size) = (number("page", 1).max(1), number("num", 10));
    let all = call.state.accounts.values();
    let all = all.filter_map(|account| Some((account, used(account, &call.account)?)));
    let items = all
        .skip((page - 1).saturating_mul(size))
        .take(size)
        .map(|(account, used)| {
            json!({
                "appid": account.app_id,
                "status": used.status.number(),
                "nickname": account.nick_name,
                "headimgurl": account.head_img.as_deref().unwrap_or_default(),
                "create_time": used.applied_at.map_or(0, Timestamp::as_second).to_string(),
                "reason": used.reason,
            })
        });
    let items: Vec<Value> = items.collect();
    let mut answer = ok();
    answer.insert("apply_list".to_owned(), Value::from(items));
    Ok(answer)
}

/// Whose application is meant: the one that is named, else the first that waits.
fn applicant(call: &Call<'_>) -> Result<String, Refusal> {
    if let Some(app_id) = call.text("appid") {
        return Ok(app_id.to_owned());
    }
    let waits = |account: &&Account| {
        used(account, &call.account).is_some_and(|used| used.status == PluginStatus::Applying)
    };
    let first = call.state.accounts.values().find(waits);
    first
        .map(|account| account.app_id.clone())
        .ok_or(Refusal(89242))
}

fn answer(call: &mut Call<'_>, status: PluginStatus) -> Outcome {
    let (account, plugin) = (applicant(call)?, call.account.clone());
    call.state
        .answer_plugin(&account, &plugin, status)
        .map_err(|why| match why {
            NotApplying::NoApplication => Refusal(89242),
            NotApplying::Decided => Refusal(89240),
        })?;
    call.effect = true;
    Ok(ok())
}

fn delete(call: &mut Call<'_>) -> Outcome {
    let (account, plugin) = (applicant(call)?, call.account.clone());
    let now = call.now;
    let account = call.state.accounts.get_mut(&account);
    let account = account.ok_or(Refusal(89242))?;
    let used = used(account, &plugin).ok_or(Refusal(89242))?;
    match used.status {
        PluginStatus::Applying => {
            let fresh = used.applied_at.is_some_and(|at| after(at, DAY) > now);
            return refuse(if fresh { 89243 } else { 89241 });
        }
        PluginStatus::Passed => return refuse(89241),
        PluginStatus::Refused | PluginStatus::TimedOut => {}
    }
    let plugins = &mut account.mini_program.plugins;
    plugins.retain(|used| used.app_id != plugin);
    call.effect = true;
    Ok(ok())
}

/// Why an application cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotApplying {
    #[error("there is no such application")]
    NoApplication,
    #[error("the application has been answered")]
    Decided,
}

impl State {
    /// The plugin's owner answers an application that waits, or lets it time out.
    pub(super) fn answer_plugin(
        &mut self,
        account: &str,
        plugin: &str,
        status: PluginStatus,
    ) -> Result<UsedPlugin, NotApplying> {
        let account = self.accounts.get_mut(account);
        let plugins = account.map(|account| account.mini_program.plugins.iter_mut());
        let used = plugins.and_then(|mut all| all.find(|used| used.app_id == plugin));
        let used = used.ok_or(NotApplying::NoApplication)?;
        if used.status != PluginStatus::Applying {
            return Err(NotApplying::Decided);
        }
        used.status = status;
        Ok(used.clone())
    }
}
