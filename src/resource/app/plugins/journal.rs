//! How a doubtful request is settled: by the list. Which version is used no list tells, so that is asked for once more.

use serde_json::Value;

use super::{Plugins, listed};
use crate::resource::{AtMostOnce, Outputs, Seen, Settled};
use crate::wechat::Call;
use crate::wechat::plugin::{self, PluginStatus};

impl AtMostOnce for Plugins {
    fn knows(&self, call: &Call) -> bool {
        [&plugin::APPLY, &plugin::UNBIND, &plugin::UPDATE].contains(&call.endpoint)
    }

    /// The plugin.
    fn thing(&self, call: &Call) -> Option<String> {
        plugin::plugin_of(call)
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![plugin::list_request(&call.subject)]
    }

    /// An application is there once it is listed as one, whoever made it. A no that is still listed may be that of the one
    /// before; asking again is refused with 89237 where it is not.
    fn settle(&self, call: &Call, _evidence: &Value, seen: &Seen) -> Settled {
        let Ok(plugins) = listed(&call.subject, seen) else {
            return Settled::Undecided;
        };
        let thing = plugin::plugin_of(call);
        let its = |appid: crate::wechat::Appid| Some(appid.to_string()) == thing;
        let live = plugins.iter().find(|one| one.appid().is_some_and(its));
        let status = live.map(plugin::Plugin::status);
        let done = if call.endpoint == &plugin::UNBIND {
            live.is_none()
        } else if call.endpoint == &plugin::APPLY {
            matches!(status, Some(PluginStatus::Applying | PluginStatus::Passed))
        } else {
            false
        };
        if done {
            Settled::Done(Outputs::new())
        } else {
            Settled::NotDone
        }
    }
}
