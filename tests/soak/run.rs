//! One run: what is done to the loop, to WeChat and to the manifests, drawn from the seed and written down.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::chance::Chance;
use super::disk::Disk;
use super::fleet::{self, Class, Tenant};
use super::folder::Folder;
use super::process::{Loop, free_port};
use super::watch::Watch;
use crate::support::control::Control;
use crate::support::process::{Finished, run as finish};
use crate::support::stage::Stage;

/// How many customers there are.
const TENANTS: usize = 200;
/// How often what was called and given out is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// How long it may take to look at the folder for the first time.
const FIRST_LOOK: Duration = Duration::from_secs(60);

/// So many tenants leave at most, and so many owners.
pub const MOST_LEFT: usize = 8;

pub struct Run {
    pub chance: Chance,
    began: Instant,
    looked: Instant,
    /// Before the stage, whose folder it lies in. `None`: it could not be had.
    disk: Option<Disk>,
    pub stage: Stage,
    pub running: Loop,
    pub folder: Folder,
    _scratch: TempDir,
    pub classes: Vec<Class>,
    pub tenants: Vec<Tenant>,
    /// Tenants whose file is broken now.
    pub broken: Vec<usize>,
    pub watch: Watch,
    /// What verbs printed.
    pub printed: String,
    pub wrong: Vec<String>,
    counts: std::collections::BTreeMap<&'static str, u64>,
}

/// What may happen.
#[derive(Debug, Clone, Copy)]
enum Act {
    Kill,
    Terminate,
    Faults,
    Forwards,
    Backwards,
    Edit,
    EditSignature,
    EditSmallClass,
    EditClass,
    Approve,
    Break,
    Mend,
    Leave,
    Return,
    Rename,
    Swap,
    Revoke,
    Authorize,
    Hand,
    Ticket,
    TicketAndKill,
    FullDisk,
    Look,
}

const ACTS: [(u64, Act); 23] = [
    (30, Act::Kill),
    (6, Act::Terminate),
    (8, Act::Faults),
    (10, Act::Forwards),
    (4, Act::Backwards),
    (14, Act::Edit),
    (4, Act::EditSignature),
    (3, Act::EditSmallClass),
    (1, Act::EditClass),
    (6, Act::Approve),
    (3, Act::Look),
    (6, Act::Break),
    (6, Act::Mend),
    (2, Act::Leave),
    (2, Act::Return),
    (3, Act::Rename),
    (4, Act::Swap),
    (4, Act::Revoke),
    (4, Act::Authorize),
    (6, Act::Hand),
    (4, Act::Ticket),
    (4, Act::TicketAndKill),
    (3, Act::FullDisk),
];

impl Run {
    /// Lays out the world and starts the loop.
    pub fn set(seed: u64) -> Self {
        let mut chance = Chance::of(seed);
        let scratch = tempfile::tempdir().unwrap();
        let tenants = fleet::tenants(TENANTS);
        let classes = ["school", "small"].map(|name| Class { name, edition: 0 });
        let classes = Vec::from(classes);
        let folder = Folder::lay_out(scratch.path(), &classes, &tenants);
        let port = free_port(|| chance.number(20_000, 29_999));
        let state = scratch.path().join("wechat.sim.json");
        std::fs::write(&state, fleet::wechat(&tenants, port).to_string()).unwrap();
        let mut stage = Stage::without_sidecar(&folder.path(), &state);
        stage.seal();
        let disk = Disk::mount(&stage.store());
        if disk.is_none() {
            println!(
                "no disk of its own could be mounted (only root can): no full disk in this run"
            );
        }
        let running = Loop::of(&stage, port);
        let now = Instant::now();
        let mut run = Self {
            chance,
            began: now,
            looked: now,
            disk,
            stage,
            running,
            folder,
            _scratch: scratch,
            classes,
            tenants,
            broken: Vec::new(),
            watch: Watch::default(),
            printed: String::new(),
            wrong: Vec::new(),
            counts: Default::default(),
        };
        run.begin();
        run
    }

    /// Nobody remembers what these accounts have, so that the first revision needs a yes.
    fn begin(&mut self) {
        self.start();
        let until = Instant::now() + FIRST_LOOK;
        let mut yes = false;
        loop {
            let told = self.running.ask("/v1/loop").unwrap_or_default();
            let in_force = told["tenants"]
                .as_object()
                .map_or(0, |tenants| tenants.len());
            if in_force == TENANTS {
                break;
            }
            yes = yes || self.approve();
            assert!(
                Instant::now() < until,
                "{told}: {}",
                self.running.last_said()
            );
            std::thread::sleep(Duration::from_millis(500));
        }
        self.ticket();
    }

    /// Does one thing after the other.
    pub fn act_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        self.faults();
        while Instant::now() < until {
            let pause = self.chance.millis(200, 2_000);
            std::thread::sleep(pause);
            let act = self.chance.weighted(&ACTS);
            self.act(act);
            if self.looked.elapsed() > LOOK {
                self.look();
            }
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Kill => self.kill(),
            Act::Terminate => {
                let took = self.running.terminate();
                self.say("terminate", format!("SIGTERM, ended after {took:?}"));
                self.start();
            }
            Act::Faults => self.faults(),
            Act::Forwards => {
                // Seldom a day, most often some minutes.
                let most = *self.chance.one(&[60, 600, 600, 3_600, 3_600, 6 * 3_600]);
                let by = self.chance.number(1, most);
                self.move_clock(i64::try_from(by).unwrap());
            }
            Act::Backwards => {
                let by = self.chance.number(1, 600);
                self.move_clock(-i64::try_from(by).unwrap());
            }
            Act::Edit => self.edit(|tenant| tenant.edition += 1),
            Act::EditSignature => self.edit(|tenant| {
                // WeChat takes five a month.
                if tenant.app.is_some() && tenant.signature < 3 {
                    tenant.signature += 1;
                }
            }),
            Act::EditSmallClass => self.edit_class(1),
            Act::EditClass => self.edit_class(0),
            Act::Approve => {
                self.approve();
            }
            Act::Break => self.break_one(),
            Act::Mend => self.mend(),
            Act::Leave => self.leave(),
            Act::Return => self.come_back(),
            Act::Rename => self.rename(),
            Act::Swap => self.swap(),
            Act::Revoke => self.revoke(),
            Act::Authorize => {
                self.authorize();
            }
            Act::Hand => self.hand(),
            Act::Ticket => {
                self.ticket();
            }
            Act::TicketAndKill => {
                let acknowledged = self.ticket();
                self.running.kill();
                self.say("kill", "SIGKILL right after a ticket");
                if let Some(ticket) = acknowledged {
                    self.must_have_kept(&ticket);
                }
                self.start();
            }
            Act::FullDisk => self.fill_disk(),
            Act::Look => {
                let verb = *self.chance.one(&["status", "quota"]);
                let done = self.verb(&[verb]);
                // Broken manifests are 9.
                if ![0, 9].contains(&done.code) {
                    let said = format!("{verb} ended with {}: {}", done.code, done.stderr);
                    self.wrong.push(said);
                }
                self.say("look", format!("{verb}: {}", done.code));
            }
        }
    }

    fn fill_disk(&mut self) {
        let Some(disk) = &self.disk else { return };
        disk.fill();
        let (first, second) = (
            self.chance.millis(500, 3_000),
            self.chance.millis(500, 3_000),
        );
        std::thread::sleep(first);
        let killed = self.chance.percent(40);
        if killed {
            self.running.kill();
            self.start();
        }
        let ticket = self.ticket();
        let pushed = ticket.is_some();
        std::thread::sleep(second);
        if pushed {
            self.running.kill();
        }
        self.disk.as_ref().unwrap().free();
        if let Some(ticket) = ticket {
            // What is said to be stored on a full disk is.
            self.must_have_kept(&ticket);
            self.start();
        }
        self.say(
            "full",
            format!(
                "the disk was full for {:?}, killed: {killed}, a ticket taken: {pushed}",
                first + second
            ),
        );
    }

    fn kill(&mut self) {
        self.running.kill();
        let most = *self.chance.one(&[10, 10, 500, 2_000, 6_000]);
        let down = self.chance.millis(0, most);
        self.say("kill", format!("SIGKILL, down for {down:?}"));
        std::thread::sleep(down);
        self.start();
    }

    pub fn start(&mut self) {
        let log = *self.chance.one(&["info", "info", "info", "trace"]);
        let mut command = self.stage.command("run");
        command.env("WXOPS_BY", "soak");
        self.running.start(command, log);
    }

    /// Faults from now on, others than before.
    fn faults(&mut self) {
        let control = self.control();
        control.send("DELETE", "/_sim/faults", &Value::Null);
        let mut seed = || self.chance.number(1, 1_000_000);
        let mut fault = |endpoint: &str, kind: &str, probability: f64, more: Value| {
            let mut fault = json!({"endpoint": endpoint, "kind": kind, "probability": probability, "seed": seed()});
            for (name, value) in more.as_object().unwrap() {
                fault[name.as_str()] = value.clone();
            }
            fault
        };
        let none = json!({});
        let faults = json!([
            fault("*", "resetBefore", 0.025, none.clone()),
            fault("*", "resetAfter", 0.025, none.clone()),
            fault("*", "errcode", 0.01, json!({"code": -1})),
            fault("*", "errcodeAfterEffect", 0.01, json!({"code": -1})),
            fault("*", "http502", 0.01, none.clone()),
            fault("*", "http502AfterEffect", 0.01, none.clone()),
            fault("*", "latency", 0.05, json!({"ms": 300})),
            fault("*", "latencyAfterEffect", 0.05, json!({"ms": 300})),
            fault("push:*", "lostPush", 0.15, none.clone()),
            fault("push:*", "doubledPush", 0.15, none),
            fault("push:*", "latency", 0.15, json!({"ms": 4000})),
        ]);
        control.send("POST", "/_sim/faults", &faults);
        self.say("faults", "new faults");
    }

    /// Moves the clock while the loop stands still and nothing is under way: a request that is on its way when time
    /// jumps over a probe's margin is a race that docs/state.md accepts.
    pub fn move_clock(&mut self, by: i64) {
        let control = self.control();
        let now = self.running.frozen(|| {
            self.watch.await_quiet(&control);
            control.send("POST", "/_sim/clock", &json!({"advance": by}))
        });
        self.say("clock", format!("moved by {by} s: {}", now["now"]));
    }

    pub fn verb(&mut self, arguments: &[&str]) -> Finished {
        let (verb, rest) = arguments.split_first().unwrap();
        let done = finish(self.stage.command(verb).args(rest));
        self.printed.push_str(&done.stdout);
        self.printed.push_str(&done.stderr);
        done
    }

    /// One tenant of which something is so.
    pub fn any(&mut self, is: impl Fn(&Tenant) -> bool) -> Option<usize> {
        let fitting: Vec<usize> = self
            .tenants
            .iter()
            .filter(|one| is(one))
            .map(|one| one.n)
            .collect();
        (!fitting.is_empty()).then(|| *self.chance.one(&fitting))
    }

    pub fn look(&mut self) {
        let control = self.control();
        self.watch.look(&control);
        self.looked = Instant::now();
    }

    pub fn control(&self) -> Control {
        self.stage.control.clone()
    }

    /// Writes down what is done.
    pub fn say(&mut self, what: &'static str, text: impl std::fmt::Display) {
        *self.counts.entry(what).or_default() += 1;
        println!(
            "{:8.2}  {what:<10} {text}",
            self.began.elapsed().as_secs_f64()
        );
    }

    pub fn counts(&self) -> String {
        let counts = self
            .counts
            .iter()
            .map(|(what, count)| format!("{what} {count}"));
        counts.collect::<Vec<_>>().join(", ")
    }
}

impl Drop for Run {
    /// What there is to look at after a failure.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let kept = std::env::temp_dir().join(format!("wxops-soak-{}", std::process::id()));
            self.running.kill();
            std::fs::create_dir_all(&kept).unwrap();
            crate::support::files::copy(&self.stage.store(), &kept.join("store"));
            let said = kept.join("run.log");
            std::fs::write(&said, self.running.printed()).unwrap();
            std::fs::write(kept.join("verbs.log"), &self.printed).unwrap();
            std::fs::write(
                kept.join("wechat.json"),
                self.stage.control.state().to_string(),
            )
            .unwrap();
            let calls = self.stage.control.send("GET", "/_sim/calls", &Value::Null);
            std::fs::write(kept.join("calls.json"), calls.to_string()).unwrap();
            println!("kept for a look: {}", kept.display());
        }
    }
}
