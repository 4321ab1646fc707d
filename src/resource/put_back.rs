//! A tenant's spec with one thing as it was before: what `restore` plans. Pure.

use serde_json::{Map, Value};

use super::TenantSpec;
use super::registry::{Managed, RESOURCES};
use super::spec::{Mode, OnDrift};
use crate::plan::path::{Segment, SpecPath};
use crate::plan::record_name;

/// A spec that puts something back.
#[derive(Debug, Clone, PartialEq)]
pub struct PutBack {
    /// The whole spec, for the plan.
    pub spec: TenantSpec,
    /// What the manifest must say, from the spec's root on.
    pub manifest: Value,
    /// Where in the spec.
    pub path: SpecPath,
}

/// Why something cannot be put back.
#[derive(Debug, thiserror::Error)]
pub enum NotRestorable {
    /// No resource has that name.
    #[error("put `{0}` back: this wxops knows no such resource")]
    NoSuchResource(String),
    /// There was none before, and WeChat or wxops offers no way to have none again.
    #[error(
        "put `{0}` back: there was none before, and it cannot be taken away again by a manifest"
    )]
    NothingBefore(String),
    /// The policy keeps wxops from changing it.
    #[error("put `{0}` back: the tenant's policy only observes (policy.mode, policy.resources)")]
    OnlyObserved(String),
    /// What was there has no place in today's spec.
    #[error("put `{name}` back: what was there is no valid spec today")]
    NotASpec {
        /// The thing.
        name: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
}

/// The spec of a tenant in which one resource, or one of its things, is as it was: `before`, or not there at all.
///
/// # Errors
/// [`NotRestorable`].
pub fn put_back(
    tenant: &TenantSpec,
    resource: &str,
    key: &str,
    before: Option<&Value>,
) -> Result<PutBack, NotRestorable> {
    let name = record_name(resource, key);
    let Some(managed) = RESOURCES.iter().find(|one| one.name() == resource) else {
        return Err(NotRestorable::NoSuchResource(name));
    };
    let policy = tenant.policy.resources.get(resource);
    if tenant.policy.mode == Mode::Observe || policy.is_some_and(|one| one.manage == Some(false)) {
        return Err(NotRestorable::OnlyObserved(name));
    }
    let invalid = |source| NotRestorable::NotASpec {
        name: name.clone(),
        source,
    };
    let mut spec = serde_json::to_value(tenant).map_err(invalid)?;
    let path = managed.path();
    let now = at(&spec, &path).cloned();
    let value = wanted(*managed, key, now, before)
        .ok_or_else(|| NotRestorable::NothingBefore(name.clone()))?;
    let mut manifest = Value::Object(Map::new());
    put(&mut spec, &path, value.clone());
    put(&mut manifest, &path, value);
    let mut spec: TenantSpec = serde_json::from_value(spec).map_err(invalid)?;
    // Whoever asks for it wants it done, whatever is to be done about drift otherwise.
    if let Some(policy) = spec.policy.resources.get_mut(resource) {
        policy.on_drift = Some(OnDrift::Revert);
    }
    Ok(PutBack {
        spec,
        manifest,
        path,
    })
}

fn wanted(
    managed: &dyn Managed,
    key: &str,
    now: Option<Value>,
    before: Option<&Value>,
) -> Option<Value> {
    match (key.is_empty(), now, before) {
        (true, _, Some(before)) | (false, None, Some(before)) => Some(before.clone()),
        (true, _, None) | (false, None, None) => managed.nothing(),
        (false, Some(now), before) => Some(with_thing(now, key, before)),
    }
}

/// Today's value, with one of its things as it was. Other things stay as they are declared today.
fn with_thing(now: Value, key: &str, before: Option<&Value>) -> Value {
    match now {
        Value::Array(mut things) => {
            let was = before
                .and_then(Value::as_array)
                .and_then(|things| things.iter().find(|thing| is_named(thing, key)));
            let at = things.iter().position(|thing| is_named(thing, key));
            match (at, was) {
                (Some(at), Some(was)) => {
                    things.splice(at..=at, [was.clone()]);
                }
                (Some(at), None) => {
                    things.remove(at);
                }
                (None, Some(was)) => things.push(was.clone()),
                (None, None) => {}
            }
            Value::Array(things)
        }
        Value::Object(mut things) => {
            match before.and_then(|before| before.get(key)) {
                Some(was) => things.insert(key.to_owned(), was.clone()),
                None => things.remove(key),
            };
            Value::Object(things)
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            before.cloned().unwrap_or(other)
        }
    }
}

/// A thing of a list is named by its `name`, and by another of its texts where it has none.
fn is_named(thing: &Value, key: &str) -> bool {
    let Some(fields) = thing.as_object() else {
        return thing.as_str() == Some(key);
    };
    match fields.get("name") {
        Some(name) => name.as_str() == Some(key),
        None => fields.values().any(|value| value.as_str() == Some(key)),
    }
}

fn at<'a>(value: &'a Value, path: &SpecPath) -> Option<&'a Value> {
    path.segments()
        .iter()
        .try_fold(value, |value, segment| match segment {
            Segment::Field(name) => value.get(name),
            Segment::Index(index) => value.get(index),
        })
}

/// Sets a value, making the objects that lead to it. Paths of resources lead through fields alone.
fn put(root: &mut Value, path: &SpecPath, value: Value) {
    let mut place = root;
    for segment in path.segments() {
        let Segment::Field(name) = segment else {
            return;
        };
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(fields) = place.as_object_mut() else {
            return;
        };
        place = fields.entry(name.clone()).or_insert(Value::Null);
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn spec(value: Value) -> TenantSpec {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_the_resource_concerned_is_as_it_was() {
        let today = spec(json!({
            "openAccount": {"create": true},
            "officialAccount": {"appId": "wx1111111111111111", "menu": {"buttons": [{"name": "B", "click": "B"}]}},
        }));
        let before = json!({"buttons": [{"name": "A", "click": "A"}]});
        let back = put_back(&today, "menu", "", Some(&before)).unwrap();
        assert_eq!(back.manifest, json!({"officialAccount": {"menu": before}}));
        assert_eq!(back.spec.open_account, today.open_account);
        let account = back.spec.official_account.unwrap();
        assert_eq!(account.app_id, today.official_account.unwrap().app_id);
        assert_eq!(account.menu.unwrap().buttons[0].name, "A");
    }

    #[test]
    fn what_was_not_there_is_taken_away_where_a_manifest_can_say_so() {
        let today =
            spec(json!({"officialAccount": {"menu": {"buttons": [{"name": "B", "click": "B"}]}}}));
        let back = put_back(&today, "menu", "", None).unwrap();
        assert!(
            back.spec
                .official_account
                .unwrap()
                .menu
                .unwrap()
                .buttons
                .is_empty()
        );
        assert!(matches!(
            put_back(&today, "openAccount", "", None),
            Err(NotRestorable::NothingBefore(_))
        ));
    }

    #[test]
    fn what_may_only_be_observed_is_not_put_back() {
        let before = json!({"buttons": []});
        for policy in [
            json!({"mode": "observe"}),
            json!({"resources": {"menu": {"manage": false}}}),
        ] {
            let today = spec(json!({"policy": policy}));
            assert!(matches!(
                put_back(&today, "menu", "", Some(&before)),
                Err(NotRestorable::OnlyObserved(_))
            ));
        }
        let today = TenantSpec::default();
        assert!(matches!(
            put_back(&today, "x", "", None),
            Err(NotRestorable::NoSuchResource(_))
        ));
        assert!(matches!(
            put_back(&today, "menu", "", Some(&json!({"bottons": []}))),
            Err(NotRestorable::NotASpec { .. })
        ));
    }

    #[test]
    fn one_thing_of_many_is_put_back_and_the_others_stay() {
        let now = json!([{"name": "a", "v": 2}, {"name": "b", "v": 2}]);
        let before = json!([{"name": "a", "v": 1}, {"name": "b", "v": 1}, {"name": "c", "v": 1}]);
        assert_eq!(
            with_thing(now.clone(), "a", Some(&before)),
            json!([{"name": "a", "v": 1}, {"name": "b", "v": 2}])
        );
        assert_eq!(
            with_thing(now.clone(), "c", Some(&before)),
            json!([{"name": "a", "v": 2}, {"name": "b", "v": 2}, {"name": "c", "v": 1}])
        );
        assert_eq!(with_thing(now, "a", None), json!([{"name": "b", "v": 2}]));
        assert_eq!(
            with_thing(json!({"a": 2, "b": 2}), "a", Some(&json!({"a": 1}))),
            json!({"a": 1, "b": 2})
        );
    }
}
