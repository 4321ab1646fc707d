//! What a manifest says of a link, and what it must be. Offline.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::Whose;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::View;
use crate::wechat::Appid;

/// A mini-program that the official account is linked to: one of `miniProgram` and `appId`.
///
/// Links that are not in the list are left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LinkSpec {
    /// One of this tenant's mini-programs, by the name of its item.
    #[schemars(extend("x-wire" = "appid"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mini_program: Option<String>,
    /// Any other mini-program, by its appid.
    #[schemars(extend("x-wire" = "appid"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Appid>,
    /// Whether the account's profile page shows it. Said when the link is asked for; later only WeChat's console
    /// changes it.
    #[schemars(extend("x-wire" = "show_profile"))]
    pub show_profile: bool,
    /// Whether the account's followers are told of the link.
    #[schemars(extend("x-wire" = "notify_users"))]
    pub notify_users: bool,
    /// `true`: they must not be linked. Ending a link takes a yes (`unlink`).
    #[schemars(extend("x-calls" = ["wxopen/wxampunlink"]))]
    pub absent: bool,
}

impl Default for LinkSpec {
    fn default() -> Self {
        Self {
            mini_program: None,
            app_id: None,
            show_profile: true,
            notify_users: false,
            absent: false,
        }
    }
}

impl LinkSpec {
    /// The name of the link in plans and records.
    pub(super) fn key(&self) -> String {
        match (&self.mini_program, &self.app_id) {
            (Some(name), _) => name.clone(),
            (None, Some(appid)) => appid.to_string(),
            (None, None) => String::new(),
        }
    }

    /// The mini-program's appid; none while its administrator has not scanned.
    pub(super) fn app_id<'a>(&'a self, view: &View<'a>) -> Option<&'a Appid> {
        match &self.mini_program {
            Some(name) => view.sibling(&Whose::app(name))?.appid.as_ref(),
            None => self.app_id.as_ref(),
        }
    }

    /// Its original id, where it is one of the tenant's own and its gate is open.
    pub(super) fn original_id<'a>(&self, view: &View<'a>) -> Option<&'a str> {
        let app_id = self.app_id.as_ref();
        let mut gates = view.gates.iter();
        gates.find_map(|(whose, gate)| {
            let facts = gate.facts()?;
            let named = self.mini_program.as_deref();
            let is_it = match named {
                Some(_) => whose.item() == named,
                None => app_id == Some(&facts.account),
            };
            facts.original_id.as_deref().filter(|_| is_it)
        })
    }
}

/// Checks the list.
pub(super) fn check(spec: &[LinkSpec], path: &SpecPath, found: &mut Diagnostics) {
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    for (index, item) in spec.iter().enumerate() {
        let path = path.index(index);
        if item.mini_program.is_some() == item.app_id.is_some() {
            found.error(
                "WX1292",
                path,
                "which mini-program is to be linked?",
                "exactly one of `miniProgram` and `appId` is expected",
                Some(
                    "`miniProgram` names an item of `miniPrograms`, `appId` any other mini-program",
                ),
            );
        } else if let Some(first) = keys.insert(item.key(), index) {
            found.error(
                "WX1291",
                path,
                format!("`{}` stands twice among the links", item.key()),
                format!("item {} names it too", first + 1),
                Some("a mini-program is linked once: remove one of them"),
            );
        }
    }
}
