//! What is remembered of one tenant, and which of its accounts is which.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::doc::Doc;
use crate::wechat::Appid;

/// `tenant/<key>`: what is remembered of one tenant. Outlives its manifest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantDoc {
    /// The official account that is this tenant's, once known.
    pub pin: Option<Appid>,
    /// Its mini-programs, by the name of their item. Schema 2: whoever lost one would register another.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pins: BTreeMap<String, Appid>,
    /// Whether this is from a backup that was put back, and no pass has ended since with nothing left to ask a person.
    pub from_backup: bool,
    /// By resource: what was applied, what WeChat refused.
    pub records: BTreeMap<String, Value>,
    /// What business code needs back: appids, ids, names.
    pub outputs: BTreeMap<String, String>,
    /// What the last pass waited for, of what, and since when.
    pub waiting: Vec<Value>,
    /// The last pass.
    pub last_pass: Option<LastPass>,
    /// Digest of the merged manifest that was applied last.
    pub manifest: Option<String>,
    /// The name of the platform it belonged to then.
    pub platform: Option<String>,
    /// The manifests of the last pass that wrote, or that looked at everything. A run that read its own before those
    /// is stale.
    pub manifests_read: Option<ManifestsRead>,
    /// What was put back beside a loop, by its address: it is not changed until the manifest says the same.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub put_back: BTreeMap<String, PutBackDoc>,
}

/// Something that was put back to what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutBackDoc {
    /// By what was there before this entry of the history.
    pub entry: u64,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl TenantDoc {
    /// The account that is pinned: of a mini-program by the name of its item, else the official account.
    #[must_use]
    pub fn pin_of(&self, item: Option<&str>) -> Option<&Appid> {
        match item {
            None => self.pin.as_ref(),
            Some(item) => self.pins.get(item),
        }
    }

    /// Forgets an account that is given back, and all that is remembered of a mini-program under its name: whatever is
    /// called so next has nothing to do with it.
    pub fn forget_account(&mut self, item: Option<&str>) {
        let Some(item) = item else {
            self.pin = None;
            return;
        };
        self.pins.remove(item);
        let (records, outputs) = (format!("{item}:"), format!("miniPrograms.{item}."));
        self.records.retain(|name, _| !name.starts_with(&records));
        self.put_back.retain(|name, _| !name.starts_with(&records));
        self.outputs.retain(|name, _| !name.starts_with(&outputs));
    }

    /// Moves all that is remembered of a mini-program to another name, unless there is something under that already.
    /// Whether anything was moved.
    pub fn rename_app(&mut self, from: &str, to: &str) -> bool {
        let under = |name: &str, keys: &BTreeMap<String, Value>| {
            let prefix = format!("{name}:");
            keys.keys().any(|key| key.starts_with(&prefix))
        };
        let known = |name: &str| self.pins.contains_key(name) || under(name, &self.records);
        if !known(from) || known(to) {
            return false;
        }
        if let Some(pin) = self.pins.remove(from) {
            self.pins.insert(to.to_owned(), pin);
        }
        move_keys(&mut self.records, &format!("{from}:"), &format!("{to}:"));
        move_keys(&mut self.put_back, &format!("{from}:"), &format!("{to}:"));
        let outputs = |name: &str| format!("miniPrograms.{name}.");
        move_keys(&mut self.outputs, &outputs(from), &outputs(to));
        true
    }

    /// Pins an account, in place of the one that was.
    pub fn set_pin(&mut self, item: Option<&str>, account: Appid) {
        match item {
            None => self.pin = Some(account),
            Some(item) => {
                self.pins.insert(item.to_owned(), account);
            }
        }
    }
}

fn move_keys<T>(all: &mut BTreeMap<String, T>, from: &str, to: &str) {
    let renamed = std::mem::take(all).into_iter();
    *all = renamed
        .map(|(key, value)| match key.strip_prefix(from) {
            Some(rest) => (format!("{to}{rest}"), value),
            None => (key, value),
        })
        .collect();
}

/// Which state of the manifests a pass went by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestsRead {
    /// When they were read, before the first file was opened.
    pub at: Timestamp,
    /// The digest of what the tenant declared then.
    pub declared: String,
}

/// The last pass over a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastPass {
    /// When it ended.
    pub at: Timestamp,
    /// What came of it, in a word.
    pub result: String,
    /// How each thing stood after it.
    #[serde(default)]
    pub things: Vec<Value>,
    /// The digest of what was declared then: another one now has not been looked at.
    #[serde(default)]
    pub declared: Option<String>,
}

/// `claim/<appid>`: one appid, one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDoc {
    /// Whose it is.
    pub tenant: String,
    /// Which of that tenant's mini-programs. None: its official account. Schema 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

impl ClaimDoc {
    /// A claim of one of a tenant's accounts.
    #[must_use]
    pub fn of(tenant: &str, item: Option<&str>) -> Self {
        Self {
            tenant: tenant.to_owned(),
            item: item.map(str::to_owned),
        }
    }
}

impl Doc for TenantDoc {
    const SCHEMA: u16 = 2;
}

impl Doc for ClaimDoc {
    const SCHEMA: u16 = 2;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn doc() -> TenantDoc {
        let app = Appid::parse("wx2222222222222222").unwrap();
        TenantDoc {
            pins: BTreeMap::from([("main".to_owned(), app)]),
            records: [("main:signature", 1), ("menu", 2), ("mainly:signature", 3)]
                .map(|(name, n)| (name.to_owned(), json!(n)))
                .into(),
            outputs: [("miniPrograms.main.appId", "a"), ("openAccount.appId", "b")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..TenantDoc::default()
        }
    }

    #[test]
    fn all_of_a_mini_program_moves_to_its_new_name_once() {
        let mut renamed = doc();
        assert!(renamed.rename_app("main", "front"));
        let records: Vec<&str> = renamed.records.keys().map(String::as_str).collect();
        assert_eq!(records, ["front:signature", "mainly:signature", "menu"]);
        let outputs: Vec<&str> = renamed.outputs.keys().map(String::as_str).collect();
        assert_eq!(outputs, ["miniPrograms.front.appId", "openAccount.appId"]);
        assert_eq!(renamed.pin_of(Some("front")), doc().pin_of(Some("main")));
        let after = renamed.clone();
        assert!(!renamed.rename_app("main", "front"));
        assert_eq!(renamed, after);
    }

    #[test]
    fn a_name_that_has_something_is_not_written_over() {
        let mut taken = doc();
        assert!(!taken.rename_app("main", "mainly") && !taken.rename_app("none", "other"));
        assert_eq!(taken, doc());
    }

    #[test]
    fn what_is_given_back_is_forgotten_and_nothing_else() {
        let mut left = doc();
        left.forget_account(Some("main"));
        let records: Vec<&str> = left.records.keys().map(String::as_str).collect();
        assert_eq!(records, ["mainly:signature", "menu"]);
        assert_eq!((left.pins.len(), left.outputs.len()), (0, 1));
    }
}
