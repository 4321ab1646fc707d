//! Changes made by hand in WeChat's console, given as JSON merge patches (RFC 7396) over the state's own shape.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::account::Account;
use super::miniprogram::Allowance;
use super::quota;
use super::state::Platform;
use super::switches::Switches;

impl Account {
    /// This account after its owner's hand changed it. An owner who makes a menu on WeChat's site puts an end
    /// to the API's menus, unless the change says otherwise.
    pub(super) fn changed_by_owner(&self, change: &Value, now: Timestamp) -> Result<Self, String> {
        let mut changed: Self = patched(self, change)?;
        if changed.app_id != self.app_id {
            return Err("`appId` cannot be changed".to_owned());
        }
        let menu = change.get("menu");
        let touches = |field| menu.is_some_and(|menu| menu.get(field).is_some());
        if touches("websiteMenu") && changed.menu.website_menu.is_some() {
            if !touches("default") {
                changed.menu.default = None;
            }
            if !touches("conditional") {
                changed.menu.conditional.clear();
            }
        }
        // Whoever passes verification has the year's changes of the name anew.
        let passes = self.verify_type < 0 && changed.verify_type >= 0;
        if passes && change.pointer("/budgets/name").is_none() {
            changed.budgets.remove(&Allowance::Name);
        }
        changed.follow_owner(self, change, &quota::month(now));
        if change.pointer("/miniProgram/code").is_some() {
            changed.mini_program.follow_plan();
        }
        Ok(changed)
    }
}

impl Platform {
    /// This platform after somebody changed its console page.
    pub(super) fn changed_by_console(&self, change: &Value) -> Result<Self, String> {
        let mut changed: Self = patched(self, change)?;
        if changed.app_id != self.app_id {
            return Err("`appId` cannot be changed".to_owned());
        }
        // What is said to be left is of now, not of the month the numbers were of.
        let quota = change.get("auditQuota");
        if quota.is_some_and(|quota| quota.get("period").is_none()) {
            changed.audit_quota.period = None;
        }
        Ok(changed)
    }
}

impl Switches {
    /// These switches with some turned; null turns one back.
    pub(super) fn turned(&self, change: &Value) -> Result<Self, String> {
        patched(self, change)
    }
}

fn patched<T: Serialize + DeserializeOwned>(current: &T, change: &Value) -> Result<T, String> {
    if !change.is_object() {
        return Err("a change is an object".to_owned());
    }
    let mut value = serde_json::to_value(current).map_err(|error| error.to_string())?;
    merge(&mut value, change);
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// RFC 7396: objects merge, null removes, everything else replaces.
fn merge(target: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *target = change.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (key, value) in change {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::account::Kind;
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn null_removes_and_objects_merge() {
        let account = Account::new("wx1", Kind::OfficialAccount);
        let set = json!({"alias": "a", "openAccount": "o", "options": {"voice_recognize": "1"}});
        let set = account.changed_by_owner(&set, NOW).unwrap();
        assert_eq!(set.open_account.as_deref(), Some("o"));
        let cleared = set
            .changed_by_owner(&json!({"openAccount": null}), NOW)
            .unwrap();
        assert_eq!(cleared.open_account, None);
        assert_eq!((cleared.alias, cleared.options), (set.alias, set.options));
    }

    #[test]
    fn a_menu_made_on_the_site_ends_the_apis() {
        let account = Account::new("wx1", Kind::OfficialAccount);
        let api = json!({"menu": {"default": {"button": []}, "conditional": [{"button": []}]}});
        let with_api = account.changed_by_owner(&api, NOW).unwrap();
        let own = json!({"menu": {"websiteMenu": {"button": []}}});
        let menu = with_api.changed_by_owner(&own, NOW).unwrap().menu;
        assert!(menu.default.is_none() && menu.conditional.is_empty());
        let both = json!({"menu": {"websiteMenu": {"button": []}, "default": {"button": []}}});
        assert!(
            with_api
                .changed_by_owner(&both, NOW)
                .unwrap()
                .menu
                .default
                .is_some()
        );
    }
}
