//! What a `steps.yaml` may say. `docs/tests.md` explains it to those who write one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::foreign::Foreign;
use super::web::Page;

/// A whole scenario.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Script {
    /// The promise or the paragraph of WeChat's contract it holds.
    pub holds: String,
    /// Folders of manifests laid over each other, relative to the scenario.
    #[serde(default = "own_manifests")]
    pub manifests: Vec<String>,
    /// What WeChat is like at first, relative to the scenario.
    #[serde(default = "own_wechat")]
    pub wechat: String,
    /// WeChat has pushed no ticket yet.
    #[serde(default)]
    pub without_ticket: bool,
    /// What WeChat answers otherwise than it was sent: text → text of as many bytes.
    #[serde(default)]
    pub keeps: BTreeMap<String, String>,
    /// What a web server has that manifests name as `$WEB`: path → page.
    #[serde(default)]
    pub web: BTreeMap<String, Page>,
    /// This many tenants beside the others, each as `each.yaml` and `each.sim.yaml` say with `$N` and `$APPID` filled in.
    #[serde(default)]
    pub fleet: usize,
    pub steps: Vec<Step>,
}

fn own_manifests() -> Vec<String> {
    vec!["manifests".to_owned()]
}

fn own_wechat() -> String {
    "wechat.sim.yaml".to_owned()
}

/// What happens, in the order of the fields; then what must be so.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    /// Counts calls anew from here.
    #[serde(default)]
    pub forget_calls: bool,
    /// Ends every fault.
    #[serde(default)]
    pub no_faults: bool,
    /// Lays this folder of manifests (relative to the scenario) over what is there.
    #[serde(default)]
    pub manifests: Option<String>,
    /// Puts other pages on the web server.
    #[serde(default)]
    pub web: BTreeMap<String, Page>,
    /// Takes these manifests away.
    #[serde(default)]
    pub without: Vec<String>,
    #[serde(default)]
    pub sidecar: Option<Sidecar>,
    /// Pushes one ticket.
    #[serde(default)]
    pub ticket: bool,
    /// Moves the clock of both, in seconds.
    #[serde(default)]
    pub advance: Option<i64>,
    /// A request to the simulator's control API.
    #[serde(default)]
    pub control: Option<Request>,
    /// Switches of the simulator, laid over those in force.
    #[serde(default)]
    pub switches: Option<Value>,
    /// One fault or a list, from now on. They come last, when the rest of the world is as it should be.
    #[serde(default)]
    pub fault: Option<Value>,
    /// Calls of a client that is not ours, in this order.
    #[serde(default)]
    pub requests: Vec<Foreign>,
    /// A tenant's owner opens the link that `wxops authorize` prints, and walks to the end.
    #[serde(default)]
    pub owner: Option<Owner>,
    /// Runs a verb of wxops.
    #[serde(default)]
    pub wxops: Option<Vec<String>>,
    /// What happens while the verb runs, as soon as a path has been called.
    #[serde(default)]
    pub meanwhile: Option<Meanwhile>,
    /// The same verb in this many processes at once; each must end as expected.
    #[serde(default = "one")]
    pub times: usize,
    #[serde(default)]
    pub exit: i32,
    /// Exit codes that are as good, where chance decides.
    #[serde(default)]
    pub exit_also: Vec<i32>,
    /// It must end within so many seconds, whatever else this machine does.
    #[serde(default)]
    pub within: Option<u64>,
    /// It may hold so many MiB at its peak.
    #[serde(default)]
    pub memory: Option<u64>,
    /// Texts that must be printed, on stdout or stderr.
    #[serde(default)]
    pub says: Vec<String>,
    /// Texts that must not be.
    #[serde(default)]
    pub never: Vec<String>,
    /// The word that follows a text in what was printed, by the name under which later arguments have it: `$NAME`.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// Files below the manifests, where commands run: texts each must hold, or nothing (`null`) where none may be.
    #[serde(default)]
    pub files: BTreeMap<String, Option<Vec<String>>>,
    /// How often paths were called since the start or the last `forgetCalls`.
    #[serde(default)]
    pub calls: BTreeMap<String, Expected>,
    /// How often paths of the web server were asked for since the start.
    #[serde(default)]
    pub fetched: BTreeMap<String, u64>,
    /// The calls to the paths named here, in the order received: `PATH` or `PATH ERRCODE`.
    #[serde(default)]
    pub order: Vec<String>,
    /// No call had an effect since the start or the last `forgetCalls`.
    #[serde(default)]
    pub no_effects: bool,
    /// Accounts as they must be at WeChat now: appid → the fields that matter.
    #[serde(default)]
    pub live: BTreeMap<String, Value>,
    /// As every tenant of the fleet must be, with `$N` and `$APPID` filled in, but for those that `live` names.
    #[serde(default)]
    pub live_each: Option<Value>,
}

fn one() -> usize {
    1
}

#[derive(Deserialize, Debug, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub enum Sidecar {
    /// As a service manager ends it.
    Stop,
    /// As a power cut ends it.
    Kill,
    /// The same, at the moment at which the pushes that this step causes are acknowledged.
    KillOnceAcknowledged,
    Start,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    pub tenant: String,
    /// The account chosen on WeChat's page, where it asks for one.
    #[serde(default)]
    pub account: String,
    /// A text on the last page.
    pub sees: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub body: Value,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Meanwhile {
    /// The path.
    pub called: String,
    /// A request to the control API.
    #[serde(default)]
    pub control: Option<Request>,
    /// Lays this folder of manifests over what is there.
    #[serde(default)]
    pub manifests: Option<String>,
    /// The verb is killed (SIGKILL), and ends with -1.
    #[serde(default)]
    pub kill: bool,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Expected {
    #[serde(default)]
    pub received: Option<u64>,
    #[serde(default)]
    pub with_effect: Option<u64>,
    #[serde(default)]
    pub refused: Option<u64>,
    /// Received at most so often.
    #[serde(default)]
    pub at_most: Option<u64>,
}

impl Script {
    /// Every path that is counted, ordered, waited for or spoiled must be an API: another one is never called, whatever
    /// wxops does.
    pub fn must_name_apis(&self, offered: &BTreeSet<String>) {
        let names = self.names();
        let strange: BTreeSet<&String> = names.difference(offered).collect();
        assert!(strange.is_empty(), "WeChat has no {strange:?}");
    }

    fn names(&self) -> BTreeSet<String> {
        let first = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
        let mut names = BTreeSet::new();
        for step in &self.steps {
            names.extend(step.calls.keys().cloned());
            names.extend(step.order.iter().map(first));
            names.extend(step.meanwhile.iter().map(|one| one.called.clone()));
            let faults = match &step.fault {
                Some(Value::Array(faults)) => faults.clone(),
                Some(fault) => vec![fault.clone()],
                None => Vec::new(),
            };
            let befallen = faults.iter().filter_map(|fault| fault["endpoint"].as_str());
            names.extend(
                befallen
                    .filter(|path| path.starts_with('/'))
                    .map(str::to_owned),
            );
        }
        names
    }

    /// The switches that its steps turn.
    pub fn switches(&self) -> Vec<Value> {
        let steps = self.steps.iter();
        steps.filter_map(|step| step.switches.clone()).collect()
    }

    /// The paths of which a step says that WeChat receives at least one call.
    pub fn exercises(&self) -> BTreeSet<String> {
        let of = |step: &Step| {
            let counted = step.calls.iter().filter(|(_, expected)| {
                let at_least = |count: Option<u64>| count.is_some_and(|count| count > 0);
                at_least(expected.received) || at_least(expected.with_effect)
            });
            let mut paths: Vec<String> = counted.map(|(path, _)| path.clone()).collect();
            let first = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
            paths.extend(step.order.iter().map(first));
            let path = |line: &str| line.split('?').next().unwrap_or_default().to_owned();
            paths.extend(step.requests.iter().map(|request| path(&request.path)));
            paths
        };
        self.steps.iter().flat_map(of).collect()
    }
}

/// Whether everything `wanted` says is so: objects may hold more, all else is equal.
pub fn holds(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => wanted.iter().all(|(name, wanted)| {
            live.get(name)
                .map_or(wanted.is_null(), |live| holds(live, wanted))
        }),
        (Value::Array(live), Value::Array(wanted)) => {
            live.len() == wanted.len()
                && live
                    .iter()
                    .zip(wanted)
                    .all(|(live, wanted)| holds(live, wanted))
        }
        (live, wanted) => live == wanted,
    }
}
