//! The process that is killed: `wxops apply` over a store that stops at a chosen write of the journal.
//!
//! The real binary has no such hook, so this test binary runs itself with the environment below. Every write of an
//! operation is logged before and after it happens; at the chosen one the process stands still and waits for its end.
//!
//! It also lets the next process have its passes at once. That one would else wait until the killed one counts as dead,
//! longer than any probe's margin, and the journal, on which safety rests, would never be asked.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Parser as _;
use futures::FutureExt as _;
use futures::future::{BoxFuture, pending};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wxops::cli::{Cli, Hooks, run};
use wxops::store::backend::{BackendError, Document, Expected, Page, Revision};
use wxops::store::{Backend, Key};

use crate::support::stage::Stage;

/// The tenant to apply. Set in the child only.
pub const TENANT: &str = "KILL_TENANT";
/// Where the log of writes goes.
pub const LOG: &str = "KILL_LOG";
/// The point at which to stand still, as JSON. Not set: nowhere.
pub const STAND_AT: &str = "KILL_STAND_AT";
/// Only operations whose key holds this text count. Not set: all.
pub const ONLY: &str = "KILL_ONLY";
/// The write of another document at which to stand still, as JSON. Not set: none.
pub const STAND_AT_PLACE: &str = "KILL_STAND_AT_PLACE";
/// How long to wait before and after every write of any document, in milliseconds.
pub const PACE: &str = "KILL_PACE_MS";
/// How long to wait before and after every write of an operation, in milliseconds.
pub const DELAY: &str = "KILL_DELAY_MS";

/// A point between two steps of the at-most-once sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Before or after the write.
    pub when: When,
    pub generation: u64,
    /// The stage that is written; `closed` once tenant and ledger know the outcome.
    pub stage: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    Before,
    After,
}

/// A write, or a deletion, of a document that is no operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Before or after it.
    pub when: When,
    /// It counts only once a document was written whose key begins so.
    pub once: String,
    /// How its key begins.
    pub key: String,
}

/// One line of the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    pub point: Point,
    /// When the request may leave from, as the journal wrote it.
    pub armed_at: Option<Timestamp>,
    /// The process stands here until it is killed.
    pub stands: bool,
}

/// Runs `wxops apply` if this process is the child; the parent goes on.
pub fn run_if_child() {
    let Ok(tenant) = std::env::var(TENANT) else {
        return;
    };
    let cli = Cli::parse_from(["wxops", "apply", "--auto-approve", "--tenant", &tenant]);
    let hooks = Hooks {
        wrap_store: Some(|inner| Arc::new(Standing::over(inner))),
        yields_passes: true,
    };
    let exit = run(cli, hooks);
    std::process::exit(i32::from(exit.code()));
}

/// Starts one that applies a tenant, on a stage. What it prints goes to `said`, its writes to `log`.
pub fn start(
    stage: &Stage,
    tenant: &str,
    (log, said): (&Path, &Path),
    environment: &[(&str, String)],
) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "kill::the_child", "--nocapture"]);
    stage.furnish(&mut command);
    command.env(TENANT, tenant).env(LOG, log);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let said = File::create(said).unwrap();
    command
        .stdin(Stdio::null())
        .stdout(said.try_clone().unwrap())
        .stderr(said)
        .spawn()
        .unwrap()
}

/// The lines logged so far.
pub fn log(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // A line that was cut by the kill is none.
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// A backend that logs and slows writes of operations, and stands still at one of them.
struct Standing {
    inner: Arc<dyn Backend>,
    log: PathBuf,
    stand_at: Option<Point>,
    delay: Duration,
    only: String,
    place: Option<Place>,
    /// Whether what `place` comes after was written.
    came: AtomicBool,
    pace: Duration,
}

impl Standing {
    fn over(inner: Arc<dyn Backend>) -> Self {
        let ms = |name: &str| std::env::var(name).map_or(0, |ms| ms.parse().unwrap());
        Self {
            inner,
            log: std::env::var_os(LOG).unwrap().into(),
            stand_at: std::env::var(STAND_AT)
                .ok()
                .map(|point| serde_json::from_str(&point).unwrap()),
            delay: Duration::from_millis(ms(DELAY)),
            only: std::env::var(ONLY).unwrap_or_default(),
            place: std::env::var(STAND_AT_PLACE)
                .ok()
                .map(|place| serde_json::from_str(&place).unwrap()),
            came: AtomicBool::new(false),
            pace: Duration::from_millis(ms(PACE)),
        }
    }

    /// Before or after a document is written or deleted.
    async fn pass_by(&self, when: When, key: &Key) {
        let key = key.as_str();
        if !self.pace.is_zero() {
            tokio::time::sleep(self.pace).await;
        }
        let Some(place) = &self.place else { return };
        if place.when == when && key.starts_with(&place.key) && self.came.load(Ordering::Relaxed) {
            let point = Point {
                when,
                generation: 0,
                stage: place.key.clone(),
            };
            self.write(&Line {
                point,
                armed_at: None,
                stands: true,
            });
            pending::<()>().await;
        }
        if when == When::After && key.starts_with(&place.once) {
            self.came.store(true, Ordering::Relaxed);
        }
    }

    async fn pass(&self, when: When, op: &Value) {
        let stage = match op["closed"].as_bool() {
            Some(true) => "closed",
            _ => op["stage"].as_str().unwrap(),
        };
        let point = Point {
            when,
            generation: op["generation"].as_u64().unwrap(),
            stage: stage.to_owned(),
        };
        let stands = self.stand_at.as_ref() == Some(&point);
        let armed_at = serde_json::from_value(op["armed_at"].clone()).unwrap();
        self.write(&Line {
            point,
            armed_at,
            stands,
        });
        if stands {
            pending::<()>().await;
        }
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
    }

    fn write(&self, line: &Line) {
        let mut file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .unwrap();
        let line = serde_json::to_string(line).unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

/// What the store is given: a header of any shape, then JSON to the end.
fn json(value: &[u8]) -> Value {
    let braces = value.iter().enumerate().filter(|(_, byte)| **byte == b'{');
    braces
        .filter_map(|(at, _)| serde_json::from_slice(&value[at..]).ok())
        .next()
        .unwrap()
}

/// The document of an operation.
fn operation(key: &Key, value: &[u8]) -> Option<Value> {
    let of_one = key.as_str().starts_with("op/");
    of_one.then(|| json(value))
}

impl Backend for Standing {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        self.inner.get(key)
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        async move {
            let op = operation(key, &value).filter(|_| key.as_str().contains(&self.only));
            self.pass_by(When::Before, key).await;
            if let Some(op) = &op {
                self.pass(When::Before, op).await;
            }
            let written = self.inner.put(key, value, expected).await;
            if let (Some(op), Ok(_)) = (&op, &written) {
                self.pass(When::After, op).await;
            }
            if written.is_ok() {
                self.pass_by(When::After, key).await;
            }
            written
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        async move {
            self.pass_by(When::Before, key).await;
            let deleted = self.inner.delete(key, revision).await;
            if deleted.is_ok() {
                self.pass_by(When::After, key).await;
            }
            deleted
        }
        .boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        self.inner.list(prefix, after)
    }
}
