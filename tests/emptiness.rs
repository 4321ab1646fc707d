//! What a manifest declares as empty: nothing is asked for, or nothing may be there. Of every resource, at an account that
//! has nothing: no step, no wait, no permission set that would have to be granted, and every verb says so alike.

use std::path::Path;

use serde_json::{Value, json};
use wxops::plan::diagnostic::Diagnostics;
use wxops::resource::registry::Managed;
use wxops::resource::{At, Kind, RESOURCES, TenantSpec, check_all};

use crate::support::files::copy;
use crate::support::play::folder;
use crate::support::stage::Stage;

const OFFICIAL: &str = "wx1111111111111111";
const APP: &str = "wx2222222222222222";

/// What is empty in YAML, and what says no more than how something would be set.
fn empties() -> [Value; 4] {
    [
        json!([]),
        json!({}),
        json!({"via": "direct"}),
        json!({"via": "platform"}),
    ]
}

/// Where it is declared, as a JSON pointer.
fn place(kind: Kind, resource: &dyn Managed) -> String {
    let at = match kind {
        Kind::Official => At::OFFICIAL,
        Kind::App => At::app("main", 0),
        Kind::Platform => At::PLATFORM,
    };
    let path = resource.path(&at).to_string();
    format!("/{}", path.replace("[0]", "/0").replace('.', "/"))
}

/// A spec of one account with one thing declared.
fn spec(kind: Kind, resource: &dyn Managed, value: &Value) -> Value {
    let mut spec = match kind {
        Kind::Official => json!({"officialAccount": {"appId": OFFICIAL}}),
        Kind::App => json!({"miniPrograms": [{"name": "main", "appId": APP}]}),
        Kind::Platform => json!({}),
    };
    let place = place(kind, resource);
    let (parent, field) = place.rsplit_once('/').unwrap();
    spec.pointer_mut(parent).unwrap()[field] = value.clone();
    spec
}

/// Every way to declare something empty that `validate` passes, with the kind of account.
fn declared() -> Vec<(String, Kind, Value, bool)> {
    let mut found = Vec::new();
    for resource in RESOURCES {
        for kind in [Kind::Official, Kind::App, Kind::Platform] {
            // What makes an account is no list that could be empty.
            if !resource.is_of(kind) || resource.makes_the_account() {
                continue;
            }
            let nothing = resource.nothing();
            let more = nothing.iter().filter(|one| !empties().contains(one));
            for value in empties().iter().chain(more) {
                let spec = spec(kind, *resource, value);
                let name = format!("{} {value}", resource.name());
                // Of templates those that nobody declares are told, which takes reading them.
                let looks = resource.name() == "templates";
                let asks = looks || nothing.as_ref() == Some(value);
                if kind == Kind::Platform {
                    if resource.path(&At::PLATFORM).to_string() == "domains" && *value == json!({})
                    {
                        found.push((name, kind, spec, false));
                    }
                    continue;
                }
                let Ok(tenant) = serde_json::from_value::<TenantSpec>(spec.clone()) else {
                    continue;
                };
                // A list is no map, whatever a library makes of it.
                let said = serde_json::to_value(&tenant).unwrap();
                let place = place(kind, *resource);
                if said.pointer(&place).map(Value::is_array) != Some(value.is_array()) {
                    continue;
                }
                let mut problems = Diagnostics::default();
                check_all(&tenant, &mut problems);
                if problems.as_slice().is_empty() {
                    found.push((name, kind, spec, asks));
                }
            }
        }
    }
    found
}

/// A world in which both accounts have nothing, with these permission sets.
fn world(sets: [&[u16]; 2]) -> Value {
    let account = |appid: &str, kind: &str, more: Value| {
        let mut account = json!({
            "appId": appid, "kind": kind, "principalName": "日出舞蹈有限公司", "nickName": "日出舞蹈",
        });
        account
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        account
    };
    let authorization = |appid: &str, sets: &[u16]| {
        json!({
            "platform": "wx0000000000000001", "account": appid, "permissionSets": sets,
            "refreshToken": format!("refreshtoken@@@{appid}"), "authTime": "2026-10-01T08:00:00Z",
        })
    };
    json!({
        "platforms": [{
            "appId": "wx0000000000000001", "appSecret": "demo-app-secret-0001", "token": "demo-push-token",
            "encodingAesKey": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        }],
        "accounts": [
            account(OFFICIAL, "officialAccount", json!({})),
            account(APP, "miniProgram", json!({"userName": "gh_2", "registerType": 2, "miniProgram": {}})),
        ],
        "authorizations": [authorization(OFFICIAL, sets[0]), authorization(APP, sets[1])],
    })
}

/// Applies one way of being empty and asks every verb.
fn agrees(stage: &Stage, manifests: &Path, (name, kind, spec): (&str, Kind, &Value)) {
    let platform = manifests.join("platform.yaml");
    let document = |kind: &str, name: &str, spec: Value| json!({"apiVersion": "wxops.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec});
    let mut main = json!({
        "appId": "wx0000000000000001", "credentials": {"path": "credentials"},
        "callback": {"url": "https://wx.example.com"},
    });
    let tenant = manifests.join("tenant.yaml");
    let subject = if kind == Kind::Platform {
        main["domains"] = spec["domains"].clone();
        std::fs::remove_file(&tenant).ok();
        "@main"
    } else {
        let mut spec = spec.clone();
        spec["platformRef"] = json!({"name": "main"});
        std::fs::write(&tenant, document("Tenant", "sunrise", spec).to_string()).unwrap();
        "sunrise"
    };
    std::fs::write(platform, document("Platform", "main", main).to_string()).unwrap();
    let applied = stage.wxops(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, 0, "{name}: {applied:?}");
    let status = stage.wxops(&["status", "--all", "--output", "json"]);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    let row = &status["tenants"][0];
    assert_eq!(row["state"], "ready", "{name}: {status:#}");
    assert_eq!(row["waiting"], json!([]), "{name}");
    for live in [&[][..], &["--live"]] {
        let why = stage.wxops(&[&["why", subject, "--output", "json"], live].concat());
        let why: Value = serde_json::from_str(&why.stdout).unwrap();
        for item in why["items"].as_array().unwrap() {
            assert_eq!(item["state"], "done", "{name}: {item:#}");
        }
        let said = stage.wxops(&[&["why", subject], live].concat());
        let first = said.stdout.lines().next().unwrap_or_default();
        assert_eq!(
            first,
            format!("{subject}: ready"),
            "{name}: {}",
            said.stdout
        );
    }
}

fn play(sets: [&[u16]; 2], is_played: impl Fn(bool) -> bool) -> usize {
    let manifests = tempfile::tempdir().unwrap();
    copy(&folder("_common/manifests"), manifests.path());
    let beside = tempfile::tempdir().unwrap();
    let state = beside.path().join("state.sim.yaml");
    std::fs::write(&state, world(sets).to_string()).unwrap();
    let stage = Stage::set(manifests.path(), &state);
    let mut played = 0;
    for (name, kind, spec, asks) in declared() {
        if is_played(asks) {
            agrees(&stage, manifests.path(), (&name, kind, &spec));
            played += 1;
        }
    }
    played
}

#[test]
fn what_is_declared_empty_and_is_empty_is_ready_for_every_verb() {
    let played = play(
        [&[1, 2, 3, 7, 15, 24, 30, 33], &[3, 18, 25, 30, 40]],
        |_| true,
    );
    assert!(played >= 12, "{played}");
}

#[test]
fn nothing_has_to_be_granted_for_what_asks_for_nothing() {
    let played = play([&[1], &[3]], |asks| !asks);
    assert!(played >= 8, "{played}");
}
