//! The states that a mini-program's code can be in, as many of them as chance reaches at the simulator: by what wxops does, and
//! by what a colleague does in a console at any moment of it.
//!
//! In none of them is the call that wxops makes refused because of the state, or is anything else released than what is wanted; and from each of them, once everybody leaves it
//! alone and reviewers let pass what they get, what is wanted is online after a few passes and a few calls.
//!
//! 8 histories in `make test`, 300 with `WXOPS_SOAK=1`; each prints its moves where it goes wrong.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::kill::anywhere;
use crate::support::registered::calls;
use crate::support::stage::Stage;

/// The answers that say that a call does not fit the state: a review runs (85009), none let through (85019, 85020), released
/// already (85052), still looked at (61039), a gray release runs (87011), another commit runs (9402202).
const OF_THE_STATE: [i64; 7] = [85009, 85019, 85020, 85052, 61039, 87011, 9_402_202];
/// What changes code.
const WRITES: [&str; 6] = [
    "/wxa/commit",
    "/wxa/submit_audit",
    "/wxa/undocodeaudit",
    "/wxa/release",
    "/wxa/grayrelease",
    "/wxa/revertcoderelease",
];
/// Mini-programs at one simulator.
const TOGETHER: usize = 4;
/// Moves of a history.
const MOVES: usize = 24;
/// Within so many passes, a day apart, it is online: a colleague's review ends, ours is committed, looked at, reviewed, and
/// goes online by two shares and whole.
const PASSES: usize = 9;
/// And with so many calls.
const CALLS: usize = 6;

#[test]
fn no_call_is_refused_for_the_state_and_every_state_leads_to_what_is_wanted() {
    let wanted = if std::env::var_os("WXOPS_SOAK").is_some() {
        300
    } else {
        8
    };
    let played = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while played.fetch_add(TOGETHER, Ordering::Relaxed) < wanted {
                    play();
                }
            });
        }
    });
}

fn play() {
    let folder = tempfile::tempdir().unwrap();
    let manifests = folder.path().join("manifests");
    crate::kill::lay_out_platform(&manifests);
    let omits = rand::random();
    let apps: Vec<App> = (0..TOGETHER).map(|n| App::new(n, omits)).collect();
    for app in &apps {
        app.declare(&manifests);
    }
    let state = folder.path().join("wechat.sim.json");
    std::fs::write(&state, wechat(&apps, omits).to_string()).unwrap();
    let stage = Stage::set(&manifests, &state);
    for mut app in apps {
        for _ in 0..MOVES {
            app.move_on(&stage, &manifests);
        }
        app.end(&stage, &manifests);
    }
}

struct App {
    tenant: String,
    appid: String,
    /// What is declared: the version, what its ext.json says, whether by shares, whether held.
    version: &'static str,
    shop: u32,
    by_shares: bool,
    held: bool,
    /// Whether WeChat's answers leave texts out.
    omits: bool,
    /// What was done so far.
    moves: Vec<String>,
    /// How many of its calls were judged.
    judged: usize,
}

impl App {
    fn new(n: usize, omits: bool) -> Self {
        Self {
            tenant: format!("tenant-{n}"),
            appid: format!("wx{:016x}", 0x2222_0000 + n),
            version: "1.4.1",
            shop: 0,
            by_shares: false,
            held: false,
            omits,
            moves: Vec::new(),
            judged: 0,
        }
    }

    fn declare(&self, manifests: &Path) {
        let Self {
            tenant,
            appid,
            version,
            shop,
            by_shares,
            held,
            ..
        } = self;
        let release = if *by_shares {
            ", release: {gray: [{percent: 10, soak: 1h}, {percent: 50, soak: 1h}]}"
        } else {
            ""
        };
        let text = format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: {tenant}}}\nspec:\n  platformRef: {{name: main}}\n  \
             principal: {{name: {appid}有限公司}}\n  miniPrograms:\n    - name: main\n      appId: {appid}\n      \
             code: {{template: {{version: {version}}}, hold: {held}, ext: {{ext: {{shop: {shop}}}}}{release}}}\n  \
             policy: {{preapproved: [submit, release, revert, withdraw]}}\n"
        );
        std::fs::write(manifests.join(format!("{tenant}.yaml")), text).unwrap();
    }

    /// One thing happens, whatever chance says.
    fn move_on(&mut self, stage: &Stage, manifests: &Path) {
        match rand::random_range(0..17) {
            0..6 => self.apply(stage),
            6 => {
                let said = ["", "by hand", "one #00000000"][rand::random_range(0..3)];
                // Within two minutes of ours nothing tells one of the same name without a text from it.
                let version = if said.is_empty() || self.omits {
                    "9.9.9"
                } else {
                    ["1.4.1", "1.4.2", "9.9.9"][rand::random_range(0..3)]
                };
                self.order(
                    stage,
                    &json!({"commit": {"userVersion": version, "userDesc": said}}),
                );
            }
            16 => {
                // With the text of what is on trial, as the console shows it.
                let said = self.code(stage)["trial"]["userDesc"].clone();
                let said = said.as_str().unwrap_or("by hand");
                let commit = json!({"userVersion": "9.9.9", "userDesc": said});
                self.order(stage, &json!({ "commit": commit }));
            }
            7 => self.order(stage, &json!({"submit": {}})),
            8 => self.order(stage, &json!({"withdraw": {}})),
            9 => self.order(stage, &json!({"release": {}})),
            10 | 11 => self.review(stage),
            12 | 13 => {
                let seconds = [5, 90, 3_700, 90_000, 300_000][rand::random_range(0..5)];
                self.advance(stage, seconds);
            }
            14 => {
                self.version = ["1.4.1", "1.4.2"][rand::random_range(0..2)];
                self.shop = rand::random_range(0..2);
                self.say_anew(manifests);
            }
            _ => {
                self.by_shares = rand::random();
                self.held = rand::random_range(0..4) == 0;
                self.say_anew(manifests);
            }
        }
    }

    fn say_anew(&mut self, manifests: &Path) {
        let Self {
            version,
            shop,
            by_shares,
            held,
            ..
        } = self;
        let said = format!("wanted: {version}, shop {shop}, by shares {by_shares}, held {held}");
        self.moves.push(said);
        self.declare(manifests);
    }

    /// A colleague does something, where it can be done.
    fn order(&mut self, stage: &Stage, order: &Value) {
        let path = format!("/_sim/accounts/{}/code", self.appid);
        let (status, _) = stage.control.tried("POST", &path, order);
        self.moves.push(format!("a colleague: {order}: {status}"));
    }

    /// A reviewer decides upon what is under review, if anything is.
    fn review(&mut self, stage: &Stage) {
        let outcome = ["passed", "passed", "refused", "delayed"][rand::random_range(0..4)];
        let Some(audit) = self.under_review(stage) else {
            return;
        };
        let path = format!("/_sim/audits/{audit}");
        stage.control.send(
            "POST",
            &path,
            &json!({"outcome": outcome, "reason": "页面为空"}),
        );
        self.moves.push(format!("{audit} is {outcome}"));
    }

    fn under_review(&self, stage: &Stage) -> Option<u64> {
        let audits = format!("/_sim/audits?account={}", self.appid);
        let audits = stage.control.send("GET", &audits, &Value::Null);
        let open = |audit: &&Value| {
            audit["settledAt"].is_null() && audit["of"]["code"]["withdrawn"] != true
        };
        audits.as_array().unwrap().iter().find(open)?["auditId"].as_u64()
    }

    fn advance(&mut self, stage: &Stage, seconds: u64) {
        stage
            .control
            .send("POST", "/_sim/clock", &json!({"advance": seconds}));
        stage.push_ticket();
        self.moves.push(format!("{seconds} seconds pass"));
    }

    /// wxops does what it would do; WeChat refuses none of it because of the state.
    fn apply(&mut self, stage: &Stage) {
        let apply = ["apply", "--auto-approve", "--tenant", &self.tenant];
        let done = stage.wxops(&apply);
        self.moves.push("applied".to_owned());
        let all = calls(stage, &self.appid, None);
        let new = all.get(self.judged..).unwrap_or_default();
        for call in new {
            let code = call["errcode"].as_i64().unwrap_or_default();
            // A read is answered so where that is what it asks.
            let writes = WRITES.iter().any(|one| call["endpoint"] == *one);
            assert!(
                !writes || !OF_THE_STATE.contains(&code),
                "{call} of {}\n{:#?}\n{}{}",
                self.appid,
                self.moves,
                done.stdout,
                done.stderr
            );
        }
        let released = |call: &&Value| call["endpoint"] == "/wxa/release" && call["effect"] == true;
        if new.iter().any(|call| released(&call)) {
            let online = &self.code(stage)["online"]["version"];
            let what = (online["userVersion"].as_str(), self.sent(online));
            assert_eq!(
                what,
                (Some(self.version), true),
                "{}: {online}\n{:#?}\n{}",
                self.appid,
                self.moves,
                done.stdout
            );
        }
        self.judged = all.len();
    }

    /// Everybody leaves it alone, and what is wanted, which nobody has refused before, comes online.
    fn end(&mut self, stage: &Stage, manifests: &Path) {
        (self.held, self.version, self.shop) = (false, "1.4.2", 7);
        self.say_anew(manifests);
        let before = self.writes(stage);
        for _ in 0..PASSES {
            self.apply(stage);
            if self.is_online(stage) {
                let writes = self.writes(stage) - before;
                assert!(writes <= CALLS, "{writes} calls: {:#?}", self.moves);
                self.apply(stage);
                assert_eq!(self.writes(stage), before + writes, "{:#?}", self.moves);
                return;
            }
            self.advance(stage, 90_000);
            if let Some(audit) = self.under_review(stage) {
                let path = format!("/_sim/audits/{audit}");
                stage
                    .control
                    .send("POST", &path, &json!({"outcome": "passed"}));
                self.moves.push(format!("{audit} is passed"));
            }
        }
        let why = stage.wxops(&["plan", "--tenant", &self.tenant]);
        panic!(
            "{} never comes online: {:#?}\n{}",
            self.appid, self.moves, why.stdout
        );
    }

    /// How many calls changed code. (The history is read where it is gone back to.)
    fn writes(&self, stage: &Stage) -> usize {
        let made = |endpoint: &&str| anywhere::effects(stage, &self.appid, endpoint);
        WRITES.iter().map(made).sum()
    }

    fn is_online(&self, stage: &Stage) -> bool {
        self.sent(&self.code(stage)["online"]["version"])
    }

    /// Whether a version is of the ext.json that is wanted.
    fn sent(&self, version: &Value) -> bool {
        let sent = version["extJson"].as_str().unwrap_or_default();
        sent.contains(&format!("\"shop\":{}", self.shop))
    }

    /// Its code, as WeChat has it.
    fn code(&self, stage: &Stage) -> Value {
        let state = stage.control.state();
        let accounts = state["accounts"].as_array().unwrap();
        let account = accounts.iter().find(|one| one["appId"] == *self.appid);
        account.unwrap()["miniProgram"]["code"].clone()
    }
}

fn wechat(apps: &[App], omits: bool) -> Value {
    let mut platforms = crate::kill::platforms();
    let template = |id: u64, version: &str| json!({"templateId": id, "userVersion": version, "userDesc": "one"});
    platforms[0]["codeTemplates"] = json!([template(41, "1.4.1"), template(42, "1.4.2")]);
    platforms[0]["auditQuota"] = json!({"limit": 1000});
    let apps = apps
        .iter()
        .map(|app| (app.appid.clone(), format!("{}有限公司", app.appid)));
    let mut world = anywhere::world_of_apps(&platforms, &apps.collect::<Vec<_>>());
    world["switches"]["codeDescriptionsOmitted"] = json!(omits);
    world
}
