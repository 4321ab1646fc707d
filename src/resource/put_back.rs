//! A tenant's spec with one resource as it was before: what `restore` plans. Pure.

use serde_json::{Map, Value};

use super::TenantSpec;
use super::at;
use super::registry::RESOURCES;
use super::spec::{Mode, OnDrift};
use crate::plan::path::{Segment, SpecPath};
use crate::plan::{Address, Text};

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
    #[error("`{0}` cannot be put back: this wxops knows no such resource")]
    NoSuchResource(String),
    /// The tenant declares no such mini-program.
    #[error("`{0}` cannot be put back: the tenant's manifest has no such mini-program any more")]
    NoSuchAccount(String),
    /// There was none before, and WeChat or wxops offers no way to have none again.
    #[error(
        "`{0}` cannot be put back: there was none before, and it cannot be taken away again by a manifest"
    )]
    NothingBefore(String),
    /// The policy keeps wxops from changing it.
    #[error(
        "`{0}` cannot be put back: the tenant's policy only observes (policy.mode, policy.resources)"
    )]
    OnlyObserved(String),
    /// It is one of several things whose order or ids count, so that it is not what it was when it is made again.
    #[error(
        "`{0}` cannot be put back: one of several is not put back alone; `wxops history` shows what was there, write that into \
         the manifest"
    )]
    OneOfSeveral(String),
    /// What was there has no place in today's spec.
    #[error("`{name}` cannot be put back: what was there is no valid spec today")]
    NotASpec {
        /// The thing.
        name: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
}

impl NotRestorable {
    /// The same in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NoSuchResource(name) => format!("无法恢复 {name}：这个版本的 wxops 没有这种资源"),
            Self::NoSuchAccount(name) => format!("无法恢复 {name}：租户的配置里已没有这个小程序"),
            Self::NothingBefore(name) => {
                format!("无法恢复 {name}：之前没有它，而清单无法让它重新变成没有")
            }
            Self::OnlyObserved(name) => {
                format!("无法恢复 {name}：租户的策略只观察（policy.mode、policy.resources）")
            }
            Self::OneOfSeveral(name) => format!(
                "无法恢复 {name}：多项中的一项不能单独恢复；wxops history 显示之前的内容，请写入清单"
            ),
            Self::NotASpec { name, .. } => format!("无法恢复 {name}：之前的内容现在不是合法的配置"),
        };
        Text::new(zh, self.to_string())
    }
}

/// The spec of a tenant in which one resource is as it was: `before`, or not there at all.
///
/// # Errors
/// [`NotRestorable`].
pub fn put_back(
    tenant: &TenantSpec,
    address: &Address,
    before: Option<&Value>,
) -> Result<PutBack, NotRestorable> {
    let name = address.to_string();
    let resource = &*address.resource;
    let Some(managed) = RESOURCES.iter().find(|one| one.name() == resource) else {
        return Err(NotRestorable::NoSuchResource(name));
    };
    let policy = tenant.policy.resources.get(resource);
    if tenant.policy.mode == Mode::Observe || policy.is_some_and(|one| one.manage == Some(false)) {
        return Err(NotRestorable::OnlyObserved(name));
    }
    if !address.key.is_empty() {
        return Err(NotRestorable::OneOfSeveral(name));
    }
    let invalid = |source| NotRestorable::NotASpec {
        name: name.clone(),
        source,
    };
    let mut spec = serde_json::to_value(tenant).map_err(invalid)?;
    let Some(at) = at::find(tenant, &address.whose) else {
        return Err(NotRestorable::NoSuchAccount(name));
    };
    let path = managed.path(&at);
    let value = before
        .cloned()
        .or_else(|| managed.nothing())
        .ok_or_else(|| NotRestorable::NothingBefore(name.clone()))?;
    let mut manifest = Value::Object(Map::new());
    put(&mut spec, &path, value.clone());
    put(&mut manifest, &path, value);
    if let Some(item) = at.item(tenant) {
        put(
            &mut manifest,
            &at.root().field("name"),
            Value::from(item.name.as_str()),
        );
    }
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

/// Sets a value, making the objects and the list items that lead to it.
fn put(root: &mut Value, path: &SpecPath, value: Value) {
    let mut place = root;
    for segment in path.segments() {
        place = match segment {
            Segment::Field(name) => {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                let Some(fields) = place.as_object_mut() else {
                    return;
                };
                fields.entry(name.clone()).or_insert(Value::Null)
            }
            Segment::Index(index) => {
                if !place.is_array() {
                    *place = Value::Array(Vec::new());
                }
                let Some(items) = place.as_array_mut() else {
                    return;
                };
                while items.len() <= *index {
                    items.push(Value::Object(Map::new()));
                }
                let Some(item) = items.get_mut(*index) else {
                    return;
                };
                item
            }
        };
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
        let back = put_back(&today, &Address::of("menu"), Some(&before)).unwrap();
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
        let back = put_back(&today, &Address::of("menu"), None).unwrap();
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
            put_back(&today, &Address::of("openAccount"), None),
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
                put_back(&today, &Address::of("menu"), Some(&before)),
                Err(NotRestorable::OnlyObserved(_))
            ));
        }
        let today = TenantSpec::default();
        assert!(matches!(
            put_back(&today, &Address::of("x"), None),
            Err(NotRestorable::NoSuchResource(_))
        ));
        assert!(matches!(
            put_back(&today, &Address::of("menu"), Some(&json!({"bottons": []}))),
            Err(NotRestorable::NotASpec { .. })
        ));
    }

    #[test]
    fn one_of_several_is_not_said_to_be_put_back() {
        let today = spec(json!({
            "officialAccount": {"appId": "wx1111111111111111", "menu": {"buttons": [{"name": "B", "click": "B"}]}},
        }));
        let before = json!({"buttons": [{"name": "A", "click": "A"}]});
        for name in ["menu/conditional tag=100", "templates/class-reminder"] {
            assert!(matches!(
                put_back(&today, &Address::from(name), Some(&before)),
                Err(NotRestorable::OneOfSeveral(_))
            ));
        }
    }
}
