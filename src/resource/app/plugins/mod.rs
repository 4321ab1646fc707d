//! The plugins (插件) of a mini-program. Those that nobody declares are left alone.
//!
//! ```text
//!   not listed                    its owner is asked, once
//!   asked                         waits for the plugin's owner
//!   used, of the wanted version   as declared; which version it is only the operation tells
//!   used, of another, or unknown  moved to the version
//!   refused, or not answered      waits: asked again only with another reason
//!   absent: true, and used        ended, with a yes
//!   absent: true, and asked       waits for the plugin's owner: no endpoint takes an application back
//! ```
//!
//! Ending is costly: users lose what the code does with the plugin, and to use it again its owner has to agree anew, who may
//! not.

mod journal;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

pub use spec::PluginSpec;

use super::odd_status;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::text::shell_word;
use crate::plan::{
    Action, Change, Costly, Digest, Observation, Person, Reason, Step, Text, Verdict, Waiting, Why,
};
use crate::resource::ops::LastDone;
use crate::resource::{
    Assumption, At, AtMostOnce, Kind, Resource, Seen, TenantSpec, View, only, payload,
};
use crate::wechat::plugin::{self, Plugin, PluginStatus, Plugins as Listed};
use crate::wechat::{Appid, Call, Endpoint};

/// Plugins by their appids. Desired: whether each is to be used, and its version. Observed: those that are used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PluginsState(BTreeMap<String, (bool, Option<String>)>);

/// The resource.
pub struct Plugins;

impl Resource for Plugins {
    const NAME: &'static str = "plugins";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = plugin::LIST.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&plugin::LIST];
    const RECALLS: &'static [&'static Endpoint] = &[&plugin::APPLY, &plugin::UPDATE];
    type Spec = Vec<PluginSpec>;
    type State = PluginsState;

    fn recalled_things(
        spec: &Vec<PluginSpec>,
        _app_id: &dyn Fn(&str) -> Option<Appid>,
    ) -> Option<Vec<String>> {
        Some(spec.iter().map(|item| item.app_id.to_string()).collect())
    }

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    /// Of too many plugins one may be gone.
    fn rests_on(account: &Appid) -> Vec<Call> {
        vec![plugin::list_request(account)]
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a Vec<PluginSpec>> {
        at.item(tenant)?.plugins.as_ref()
    }

    fn asks_nothing(spec: &Vec<PluginSpec>) -> bool {
        spec.is_empty()
    }

    fn check(spec: &Vec<PluginSpec>, at: &At, found: &mut Diagnostics) {
        spec::check(spec, &Self::path(at), found);
    }

    fn needs(_spec: Option<&Vec<PluginSpec>>, view: &View<'_>) -> Vec<Call> {
        view.unless_seen(plugin::list_request(view.account()))
    }

    fn observe(view: &View<'_>) -> Observation<PluginsState> {
        match listed(view.account(), view.seen) {
            Err(why) => Observation::Unknown(why),
            Ok(plugins) => {
                let used = plugins
                    .iter()
                    .filter(|one| one.status() == PluginStatus::Passed);
                let used = used.filter_map(Plugin::appid).map(|appid| {
                    let version = version(&appid, view);
                    (appid.to_string(), (true, version))
                });
                Observation::Present(PluginsState(used.collect()))
            }
        }
    }

    fn desire(spec: &Vec<PluginSpec>, _view: &View<'_>) -> Result<PluginsState, Box<Waiting>> {
        let items = spec.iter().map(|item| {
            let wanted = (!item.absent, item.version.clone());
            (item.app_id.to_string(), wanted)
        });
        Ok(PluginsState(items.collect()))
    }

    fn diff(
        spec: &Vec<PluginSpec>,
        _desired: &PluginsState,
        _observed: &Observation<PluginsState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let plugins = match listed(view.account(), view.seen) {
            Ok(plugins) => plugins,
            Err(why) => return only(Verdict::Unknown(why)),
        };
        let items = spec.iter().enumerate();
        let verdicts = items.filter_map(|(index, item)| {
            let live = plugins.iter().find(|one| one.is(&item.app_id));
            let verdict = Due { item, index, view }.verdict(live)?;
            Some((item.app_id.to_string(), verdict))
        });
        verdicts.collect()
    }

    fn digests(desired: &PluginsState) -> BTreeMap<String, Digest> {
        let all = desired.0.iter();
        all.map(|(appid, wanted)| (appid.clone(), Digest::of(wanted)))
            .collect()
    }

    /// A plugin is used or not, in whatever spelling.
    fn shown(_: &PluginsState, _: &PluginsState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn about(call: &Call) -> Option<Text> {
        plugin::plugin_of(call).map(|plugin| Text::list([plugin]))
    }

    fn export(observed: &PluginsState) -> Option<Vec<PluginSpec>> {
        let items = observed.0.keys().map(|appid| {
            Some(PluginSpec {
                app_id: Appid::parse(appid).ok()?,
                version: None,
                reason: None,
                absent: false,
            })
        });
        items.collect()
    }

    /// A new mini-program has none.
    fn is_nothing(observed: &PluginsState) -> bool {
        observed.0.is_empty()
    }

    /// A person says that the version of the manifest is used: of the first plugin of which that is not known.
    fn assume(
        spec: &Vec<PluginSpec>,
        view: &View<'_>,
        key: &str,
        same: bool,
    ) -> Result<Option<Assumption>, Text> {
        let is_it = |item: &&PluginSpec| key.is_empty() || key == item.app_id.as_str();
        let unknown = |item: &PluginSpec| {
            let wanted = item.version.as_deref()?;
            let known = version(&item.app_id, view);
            (known.as_deref() != Some(wanted)).then(|| Assumption {
                call: plugin::update_request(view.account(), &item.app_id, wanted),
                shown: serde_json::Value::Null,
            })
        };
        let mut items = spec.iter().filter(is_it).filter(|_| same);
        Ok(items.find_map(unknown))
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Plugins)
    }
}

fn listed(account: &Appid, seen: &Seen) -> Result<Vec<Plugin>, Why> {
    let answer = seen.get(&plugin::list_request(account));
    let list: Listed = payload(&plugin::LIST, answer)?;
    Ok(list.plugin_list)
}

fn last<'a>(endpoint: &Endpoint, appid: &Appid, view: &View<'a>) -> Option<&'a LastDone> {
    view.ops
        .last_of(&view.facts.account, endpoint, appid.as_str())
}

/// The version that was moved to last. One that was applied for since begins with the version of the code.
fn version(appid: &Appid, view: &View<'_>) -> Option<String> {
    let moved = last(&plugin::UPDATE, appid, view)?;
    let applied = last(&plugin::APPLY, appid, view);
    let since = applied.is_some_and(|applied| applied.at > moved.at);
    (!since).then(|| plugin::version_of(&moved.call)).flatten()
}

/// One declared plugin.
struct Due<'a> {
    item: &'a PluginSpec,
    index: usize,
    view: &'a View<'a>,
}

impl Due<'_> {
    /// None: as declared.
    fn verdict(&self, live: Option<&Plugin>) -> Option<Verdict> {
        let status = live.map(Plugin::status);
        if let Some(PluginStatus::Odd(status)) = status {
            return Some(Verdict::Unknown(self.odd(status)));
        }
        if self.item.absent {
            return match status {
                Some(PluginStatus::Passed) => Some(Verdict::Step(self.ending())),
                Some(PluginStatus::Applying) => Some(Verdict::Waiting(self.asked_before())),
                Some(PluginStatus::Refused | PluginStatus::TimedOut | PluginStatus::Odd(_))
                | None => None,
            };
        }
        match status {
            None => Some(Verdict::Step(self.asking(Action::Create))),
            Some(PluginStatus::Applying) => Some(Verdict::Waiting(self.asked())),
            Some(PluginStatus::Passed) => self.moving().map(Verdict::Step),
            Some(PluginStatus::Refused) => {
                Some(self.said_no("插件所有者已拒绝（状态 3）", "its owner refused (status 3)"))
            }
            Some(PluginStatus::TimedOut) => Some(self.said_no(
                "插件所有者没有按时答复（状态 4）",
                "its owner did not answer in time (status 4)",
            )),
            Some(PluginStatus::Odd(_)) => None,
        }
    }

    fn reason(&self) -> Option<&str> {
        self.item.reason.as_deref().map(str::trim)
    }

    fn asking(&self, action: Action) -> Step {
        let account = self.view.account().clone();
        let call = plugin::apply_request(&account, &self.item.app_id, self.reason());
        let change = self.change(None, Some(json!(self.item.app_id)));
        let mut step = Step::new(action, account, vec![change], vec![call]);
        step.notes.push(Text::new(
            "随后须插件所有者同意",
            "the plugin's owner has to agree then",
        ));
        step
    }

    fn asked(&self) -> Waiting {
        let appid = &self.item.app_id;
        Waiting::new(
            Reason::UnderReview,
            Person::PluginOwner,
            Text::new(
                format!(
                    "已申请使用插件 {appid}（状态 1）：请其所有者在公众平台同意，之后由下一次执行核对"
                ),
                format!(
                    "plugin {appid} is applied for (status 1): its owner agrees in WeChat's console, and the next pass looks"
                ),
            ),
        )
    }

    /// It must not be used, and its owner is asked all the same: no endpoint takes an application back.
    fn asked_before(&self) -> Waiting {
        let appid = &self.item.app_id;
        Waiting::new(
            Reason::UnderReview,
            Person::PluginOwner,
            Text::new(
                format!(
                    "插件 {appid} 不应使用，但此前的申请还在等待其所有者答复（状态 1），微信没有撤回的接口：请所有者拒绝；若所有者同意，会提出停用，由服务商审批"
                ),
                format!(
                    "plugin {appid} must not be used, and its owner has not answered an earlier application (status 1), which no \
                     API takes back: the owner refuses it, or agrees, and then ending it is planned and needs an approval"
                ),
            ),
        )
    }

    /// Asked again with another reason alone, so that nobody's no is answered with the same question.
    fn said_no(&self, zh: &str, en: &str) -> Verdict {
        let appid = &self.item.app_id;
        let sent = last(&plugin::APPLY, appid, self.view);
        let before = sent.map(|sent| plugin::reason_of(&sent.call));
        if before.is_some_and(|before| before.as_deref() != self.reason()) {
            let mut step = self.asking(Action::Update);
            step.notes.push(Text::new(
                format!("此前的申请：{zh}"),
                format!("the application before: {en}"),
            ));
            return Verdict::Step(step);
        }
        Verdict::Waiting(Waiting::new(
            Reason::AuditRefused,
            Person::Operator,
            Text::new(
                format!(
                    "使用插件 {appid} 的申请：{zh}。不会自动再次申请：请与插件所有者商定后修改 reason，或由小程序管理员在公众平台重新申请"
                ),
                format!(
                    "the application for plugin {appid}: {en}. It is not applied for again by itself: agree with the owner and \
                     give another `reason`, or let the app's administrator apply in WeChat's console (mp.weixin.qq.com)"
                ),
            ),
        ))
    }

    /// None: it is of the wanted version, or of whichever.
    fn moving(&self) -> Option<Step> {
        let wanted = self.item.version.as_deref()?;
        let known = version(&self.item.app_id, self.view);
        if known.as_deref() == Some(wanted) {
            return None;
        }
        let account = self.view.account().clone();
        let call = plugin::update_request(&account, &self.item.app_id, wanted);
        let mut change = self.change(
            known.as_ref().map(|known| json!(known)),
            Some(json!(wanted)),
        );
        change.path = change.path.field("version");
        let mut step = Step::new(Action::Update, account, vec![change], vec![call]);
        if known.is_none() {
            let (tenant, appid) = (shell_word(self.view.tenant), &self.item.app_id);
            let item = self.view.at.whose.item().unwrap_or_default();
            let command = format!("wxops op assume {tenant}:{item} plugins/{appid}");
            step.notes.push(Text::new(
                format!("微信不显示正在使用的版本，因此无法比较；若已是该版本，请执行：{command}"),
                format!(
                    "WeChat does not show which version is used, so there is nothing to compare with; where it is this one \
                     already: {command}"
                ),
            ));
        }
        Some(step)
    }

    fn ending(&self) -> Step {
        let account = self.view.account().clone();
        let call = plugin::unbind_request(&account, &self.item.app_id);
        let change = self.change(Some(json!(self.item.app_id)), None);
        let mut step = Step::new(Action::Delete, account, vec![change], vec![call]);
        step.costly = Some(Costly::RemovePlugin);
        step
    }

    fn change(&self, from: Option<serde_json::Value>, to: Option<serde_json::Value>) -> Change {
        Change {
            path: Plugins::path(self.view.at).index(self.index),
            from,
            to,
        }
    }

    fn odd(&self, status: i64) -> Why {
        let appid = &self.item.app_id;
        odd_status(&format!("插件 {appid}"), &format!("plugin {appid}"), status)
    }
}
