//! What others have to grant before code that uses it is committed: WeChat refuses the commit for good otherwise (85312, 80082).

use super::{Halt, read};
use crate::plan::{Person, Reason, Text, Waiting};
use crate::resource::View;
use crate::wechat::Appid;
use crate::wechat::location_api::{self, Grant, LocationApis};
use crate::wechat::plugin::{self, PluginStatus, Plugins};

/// The wait for a location API or a plugin that the manifest declares and that is not granted yet.
pub(super) fn lacking(view: &View<'_>) -> Result<Option<Waiting>, Halt> {
    let Some(item) = view.at.item(view.spec) else {
        return Ok(None);
    };
    let apis = item.location_apis.iter().flatten();
    let apis: Vec<&str> = apis.map(|api| api.name.as_str()).collect();
    if !apis.is_empty() {
        let listed: LocationApis = read(view, location_api::list_request(view.account()))?;
        let granted = |name: &str| {
            let mut all = listed.interface_list.iter();
            all.any(|api| api.api_name == name && api.grant() == Grant::Granted)
        };
        let missing: Vec<&str> = apis.into_iter().filter(|name| !granted(name)).collect();
        if !missing.is_empty() {
            return Ok(Some(waits_for(&missing, Person::Wechat)));
        }
    }
    let wanted = item
        .plugins
        .iter()
        .flatten()
        .filter(|plugin| !plugin.absent);
    let wanted: Vec<&Appid> = wanted.map(|plugin| &plugin.app_id).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let listed: Plugins = read(view, plugin::list_request(view.account()))?;
    let passed = |appid: &Appid| {
        let mut all = listed.plugin_list.iter();
        all.any(|one| one.appid().as_ref() == Some(appid) && one.status() == PluginStatus::Passed)
    };
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|appid| !passed(appid))
        .map(Appid::as_str)
        .collect();
    Ok((!missing.is_empty()).then(|| waits_for(&missing, Person::PluginOwner)))
}

fn waits_for(missing: &[&str], who: Person) -> Waiting {
    let names = Text::list(missing);
    Waiting::new(
        Reason::AfterAnotherStep,
        who,
        Text::new(
            format!("{} 尚未获得许可，获得之后上传代码", names.zh),
            format!(
                "{} is not granted yet: the code is committed once it is",
                names.en
            ),
        ),
    )
}
