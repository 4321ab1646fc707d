//! Flows through the real binary against the simulator: one folder, one promise.
//!
//! A folder of `tests/scenarios/` holds `manifests/`, `wechat.sim.yaml` and `steps.yaml`; `docs/tests.md` says what
//! a step may be. A new case is a new folder and its name in the list below.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use support::stage::Stage;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Script {
    /// The promise or the paragraph of WeChat's contract it holds.
    holds: String,
    steps: Vec<Step>,
}

/// Exactly one of the actions, and what is expected of a command.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Step {
    /// Runs a verb of wxops.
    #[serde(default)]
    wxops: Option<Vec<String>>,
    #[serde(default)]
    exit: i32,
    /// Texts that must be printed, on stdout or stderr.
    #[serde(default)]
    says: Vec<String>,
    /// Texts that must not be.
    #[serde(default)]
    never: Vec<String>,
    /// A request to the simulator's control API.
    #[serde(default)]
    control: Option<Request>,
    /// Faults from now on.
    #[serde(default)]
    fault: Option<Value>,
    /// How often paths were called since the start or the last `forgetCalls`.
    #[serde(default)]
    calls: BTreeMap<String, Expected>,
    /// No call had an effect since the start or the last `forgetCalls`.
    #[serde(default)]
    no_effects: bool,
    #[serde(default)]
    forget_calls: bool,
    /// Pushes one ticket.
    #[serde(default)]
    ticket: bool,
    /// Moves the clock of both, in seconds.
    #[serde(default)]
    advance: Option<i64>,
    /// Overlays this folder of manifests (relative to the scenario) from now on.
    #[serde(default)]
    manifests: Option<String>,
    #[serde(default)]
    sidecar: Option<Sidecar>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
enum Sidecar {
    Stop,
    Start,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    #[serde(default)]
    body: Value,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Expected {
    #[serde(default)]
    received: Option<u64>,
    #[serde(default)]
    with_effect: Option<u64>,
    #[serde(default)]
    refused: Option<u64>,
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/scenarios")
        .join(name)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

fn play(name: &str) {
    let folder = folder(name);
    let text = std::fs::read_to_string(folder.join("steps.yaml")).unwrap();
    let script: Script =
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}/steps.yaml: {error}"));
    assert!(!script.holds.trim().is_empty());
    let manifests = tempfile::tempdir().unwrap();
    copy(&self::folder("_common").join("manifests"), manifests.path());
    copy(&folder.join("manifests"), manifests.path());
    let mut stage = Stage::set(manifests.path(), &folder.join("wechat.sim.yaml"));
    for (n, step) in script.steps.iter().enumerate() {
        act(
            &mut stage,
            step,
            &folder,
            manifests.path(),
            &format!("{name}, step {}", n + 1),
        );
    }
}

fn act(stage: &mut Stage, step: &Step, folder: &Path, manifests: &Path, at: &str) {
    if step.forget_calls {
        stage.control.reset_calls();
    }
    if let Some(overlay) = &step.manifests {
        copy(&folder.join(overlay), manifests);
    }
    match step.sidecar {
        Some(Sidecar::Stop) => stage.stop_sidecar(),
        Some(Sidecar::Start) => stage.start_sidecar(),
        None => {}
    }
    if step.ticket {
        stage.push_ticket();
    }
    if let Some(seconds) = step.advance {
        stage
            .control
            .send("POST", "/_sim/clock", &json!({"advance": seconds}));
    }
    if let Some(Request { method, path, body }) = &step.control {
        stage.control.send(method, path, body);
    }
    if let Some(fault) = &step.fault {
        stage.control.send("POST", "/_sim/faults", fault);
    }
    if let Some(arguments) = &step.wxops {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let done = stage.wxops(&arguments);
        let all = format!("{}{}", done.stdout, done.stderr);
        assert_eq!(
            done.code, step.exit,
            "{at}: exit code of {arguments:?}\n{all}"
        );
        for text in &step.says {
            assert!(all.contains(text), "{at}: `{text}` is not in\n{all}");
        }
        for text in &step.never {
            assert!(!all.contains(text), "{at}: `{text}` is in\n{all}");
        }
    }
    for (path, expected) in &step.calls {
        let count = stage.control.count(path);
        let same = |wanted: Option<u64>, live: u64| wanted.is_none_or(|wanted| wanted == live);
        assert!(
            same(expected.received, count.received)
                && same(expected.with_effect, count.with_effect)
                && same(expected.refused, count.refused),
            "{at}: {path} was {count:?}, expected {expected:?}"
        );
    }
    if step.no_effects {
        assert_eq!(
            stage.control.effects(),
            0,
            "{at}: something changed an account"
        );
    }
}

/// One test per folder; `every_folder_is_played` fails when one is missing here.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        const PLAYED: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                play(stringify!($name));
            }
        )*
    };
}

scenarios! {
    everything_missing,
}

#[test]
fn every_folder_is_played() {
    let folders: Vec<String> = std::fs::read_dir(folder(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('_'))
        .collect();
    for name in &folders {
        assert!(
            PLAYED.contains(&name.as_str()),
            "tests/scenarios/{name} is not in the list"
        );
    }
    assert_eq!(folders.len(), PLAYED.len());
}
