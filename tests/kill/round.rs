//! One round: a fresh account, its kills, the run that must converge, and what the simulator saw of it.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::cases::{Case, Kill};
use super::child::{self, Line};
use crate::support::stage::Stage;

const CREATE: &str = "/cgi-bin/open/create";
const GET: &str = "/cgi-bin/open/get";
/// What a probe waits after arming: the window for sending, the request's timeout, and the margin.
const MARGIN: SignedDuration = SignedDuration::from_secs(5 + 10 + 10);
/// How long a process may take to get where it is killed.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the real binary is run until it ends well.
const RUNS: usize = 4;

/// One tenant and its account.
#[derive(Debug, Clone)]
pub struct Customer {
    pub tenant: String,
    pub account: String,
}

/// What a round came to.
#[derive(Debug, Clone)]
pub struct Came {
    /// The stages in which it was killed, and `finished` where it was done before.
    pub killed_at: Vec<String>,
    pub creates: usize,
    pub runs: usize,
}

/// Plays a case on a customer of a stage.
pub fn play(stage: &Stage, folder: &Path, customer: &Customer, case: &Case) -> Came {
    let round = Round {
        stage,
        customer,
        log: folder.join(format!("{}.log", customer.tenant)),
        said: folder.join(format!("{}.out", customer.tenant)),
    };
    if let Some(fault) = case.fault {
        let fault = fault.json(&customer.account);
        stage.control.send("POST", "/_sim/faults", &fault);
    }
    let killed_at = case
        .kills
        .iter()
        .map(|kill| {
            let killed = round.kill(kill);
            if killed { kill.stage() } else { "finished" }.to_owned()
        })
        .collect();
    stage.control.send("DELETE", "/_sim/faults", &Value::Null);
    let runs = round.converge();
    let creates = round.judge();
    Came {
        killed_at,
        creates,
        runs,
    }
}

struct Round<'a> {
    stage: &'a Stage,
    customer: &'a Customer,
    log: PathBuf,
    said: PathBuf,
}

impl Round<'_> {
    /// Starts `wxops apply` and kills it at its moment. Whether it was killed: at a random moment it may be done.
    fn kill(&self, kill: &Kill) -> bool {
        let mut child = self.start(kill);
        let killed = match kill {
            Kill::At(point) => {
                self.await_that(&mut child, &format!("{point:?}"), || {
                    self.lines().iter().any(|line| line.stands)
                });
                true
            }
            Kill::InFlight => {
                self.await_that(&mut child, "request received", || {
                    !self.calls(CREATE).is_empty()
                });
                true
            }
            Kill::Unheard => {
                self.await_that(&mut child, "account made", || self.open_account().is_some());
                true
            }
            Kill::After(ms) => self.let_run(&mut child, Duration::from_millis(*ms)),
        };
        // On Unix this is SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
        // Points of an earlier process are none of the next one's.
        self.keep_armings();
        // Requests live on at WeChat for at most their timeout, which is over before a probe counts. The shared clock
        // jumps there at once, so it is the test that waits.
        self.await_quiet();
        killed
    }

    fn start(&self, kill: &Kill) -> Child {
        let environment = match kill {
            Kill::At(point) => vec![(child::STAND_AT, serde_json::to_string(point).unwrap())],
            Kill::After(_) => vec![(child::DELAY, "20".to_owned())],
            Kill::InFlight | Kill::Unheard => Vec::new(),
        };
        let files = (self.log.as_path(), self.said.as_path());
        child::start(self.stage, &self.customer.tenant, files, &environment)
    }

    fn await_that(&self, child: &mut Child, what: &str, reached: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !reached() {
            let ended = child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "{}: never came to: {what} ({ended:?})\n{}\n{:#?}",
                self.customer.tenant,
                self.said(),
                self.lines(),
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Lets it run for a while after its first write. Whether it still runs then.
    fn let_run(&self, child: &mut Child, time: Duration) -> bool {
        let deadline = Instant::now() + PATIENCE;
        let mut end = None;
        while Instant::now() < end.unwrap_or(deadline) {
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            if end.is_none() && !self.lines().is_empty() {
                end = Some(Instant::now() + time);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }

    fn await_quiet(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self
            .calls(CREATE)
            .iter()
            .any(|call| call["endedAt"].is_null())
        {
            assert!(Instant::now() < deadline, "a call never ended");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Runs the real binary until it ends well, then once more as a plan, which must be empty.
    fn converge(&self) -> usize {
        let tenant = self.customer.tenant.as_str();
        let apply = ["apply", "--auto-approve", "--tenant", tenant];
        let mut said = String::new();
        let runs = (1..=RUNS).find(|_| {
            let done = self.stage.wxops(&apply);
            said = format!("{}\n{}{}", said, done.stdout, done.stderr);
            // Refuted twice, it waits for a person, who has looked and lets it be tried once more.
            let key = format!("open/create/{}", self.customer.account);
            // Lines of a terminal break anywhere.
            let words: Vec<&str> = done.stdout.split_whitespace().collect();
            if words.join(" ").contains(&format!("wxops op resolve {key}")) {
                let resolve = ["op", "resolve", &key, "--as", "not-done"];
                assert_eq!(self.stage.wxops(&resolve).code, 0, "{tenant}");
                return false;
            }
            done.code == 0
        });
        let runs = runs.unwrap_or_else(|| panic!("{tenant} does not converge:\n{said}"));
        let plan = self
            .stage
            .wxops(&["plan", "--detailed-exitcode", "--tenant", tenant]);
        assert_eq!(
            plan.code, 0,
            "{tenant} has a plan left:\n{said}\n{}{}",
            plan.stdout, plan.stderr
        );
        runs
    }

    /// P1: at most one effect, and a request is repeated only after WeChat said that there is none, late enough.
    fn judge(&self) -> usize {
        let creates = self.calls(CREATE);
        let gets = self.calls(GET);
        let account = &self.customer.account;
        let effects = creates.iter().filter(|call| call["effect"] == true).count();
        assert_eq!(effects, 1, "{account}: {creates:#?}");
        let open_account = self.open_account();
        assert!(open_account.is_some(), "{account} has no open account");
        assert_eq!(self.output(), open_account, "{account}: what we remember");
        for pair in creates.windows(2) {
            let [first, second] = pair else { continue };
            let armed_at = self.armed_before(time(&first["at"]));
            let proved = gets.iter().any(|get| {
                get["errcode"] == 89002
                    // What a fault kept from us proves nothing.
                    && get["fault"].is_null()
                    && time(&get["at"]) >= armed_at + MARGIN
                    && get["seq"].as_u64() > first["seq"].as_u64()
                    && time(&get["endedAt"]) <= time(&second["at"])
            });
            assert!(
                proved,
                "{account}: sent again without proof. Armed at {armed_at}\n{creates:#?}\n{gets:#?}"
            );
        }
        creates.len()
    }

    /// The open account as business code is told.
    fn output(&self) -> Option<String> {
        let tenant = self.customer.tenant.as_str();
        let status = ["status", "--all", "--output", "json", "--tenant", tenant];
        let status = self.stage.wxops(&status);
        let rows: Value = serde_json::from_str(&status.stdout).unwrap();
        rows["tenants"][0]["outputs"]["openAccount.appId"]
            .as_str()
            .map(str::to_owned)
    }

    /// When the request that was received at `received` was armed.
    fn armed_before(&self, received: Timestamp) -> Timestamp {
        self.lines()
            .iter()
            .filter_map(|line| line.armed_at)
            .filter(|armed_at| *armed_at <= received + SignedDuration::from_millis(1))
            .max()
            .unwrap_or(received)
    }

    fn lines(&self) -> Vec<Line> {
        child::log(&self.log)
    }

    fn keep_armings(&self) {
        let lines: String = self
            .lines()
            .into_iter()
            .map(|mut line| {
                line.stands = false;
                serde_json::to_string(&line).unwrap() + "\n"
            })
            .collect();
        std::fs::write(&self.log, lines).unwrap();
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// What the simulator received about the account, in order.
    fn calls(&self, endpoint: &str) -> Vec<Value> {
        let path = format!(
            "/_sim/calls?account={}&endpoint={endpoint}",
            self.customer.account
        );
        let calls = self.stage.control.send("GET", &path, &Value::Null);
        calls["last"].as_array().unwrap().clone()
    }

    fn open_account(&self) -> Option<String> {
        let state = self.stage.control.state();
        let accounts = state["accounts"].as_array().unwrap();
        accounts
            .iter()
            .find(|account| account["appId"] == json!(self.customer.account))?["openAccount"]
            .as_str()
            .map(str::to_owned)
    }
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}
