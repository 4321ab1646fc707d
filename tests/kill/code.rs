//! P1, P3, P9 of code: `wxops apply` killed with SIGKILL at moments nobody chose, while answers get lost, from a first version
//! over a colleague's audit that is in the way to a second, and back to the first.
//!
//! Every phase ends with an empty plan, and with one effect of each call by the simulator's count. Where no read can tell what
//! came of a call a person looks, here at what the simulator counted, and says so (`wxops op resolve`).
//! 20 kills in `make test`, 300 with `WXOPS_SOAK=1`.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::anywhere;
use crate::support::registered::calls;
use crate::support::stage::Stage;

/// What may happen once in a phase, and how often it has happened when a phase has ended: the first version, the second, and
/// the way back.
const ONCE: [(&str, [usize; 3]); 5] = [
    ("/wxa/commit", [1, 2, 2]),
    ("/wxa/submit_audit", [1, 2, 2]),
    ("/wxa/undocodeaudit", [0, 1, 1]),
    ("/wxa/release", [1, 2, 2]),
    ("/wxa/revertcoderelease", [0, 0, 1]),
];
/// The versions that are wanted, phase by phase.
const WANTED: [&str; 3] = ["1.4.1", "1.4.2", "1.4.1"];
/// Rounds on one simulator and store.
const ROUNDS: usize = 6;
/// At most so many kills in a row before a phase must converge.
const IN_A_ROW: usize = 3;
/// How often it is applied until it ends well.
const RUNS: usize = 24;

#[test]
fn p1_p3_code_killed_anywhere_has_one_effect_of_each_call() {
    let wanted = if std::env::var_os("WXOPS_SOAK").is_some() {
        300
    } else {
        20
    };
    let kills = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while kills.load(Ordering::Relaxed) < wanted {
                    let world = World::new();
                    for customer in &world.customers {
                        if kills.load(Ordering::Relaxed) >= wanted {
                            return;
                        }
                        for phase in 0..WANTED.len() {
                            world.begin(customer, phase);
                            kills.fetch_add(world.kill_some(customer), Ordering::Relaxed);
                            world.converge(customer, phase);
                            world.judge(customer, phase);
                        }
                    }
                }
            });
        }
    });
    println!("{} kills", kills.into_inner());
}

/// Every two of the answers on the way, lost before or after their effect: all pairs with `WXOPS_SOAK=1`, six of them else.
#[test]
fn p1_code_with_two_answers_lost_has_one_effect_of_each_call() {
    let lost: Vec<(&str, &str)> = ONCE
        .iter()
        .flat_map(|(endpoint, _)| ["resetBefore", "resetAfter"].map(|kind| (*endpoint, kind)))
        .collect();
    let mut pairs: Vec<[(&str, &str); 2]> = Vec::new();
    for (n, first) in lost.iter().enumerate() {
        pairs.extend(lost.iter().skip(n).map(|second| [*first, *second]));
    }
    if std::env::var_os("WXOPS_SOAK").is_none() {
        let begin = rand::random_range(0..pairs.len());
        pairs.rotate_left(begin);
        pairs = pairs.into_iter().step_by(9).take(ROUNDS).collect();
    }
    let rounds: Vec<_> = pairs.chunks(ROUNDS / 2).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(round) = rounds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let world = World::new();
                    for (pair, customer) in round.iter().zip(&world.customers) {
                        println!("{pair:?}");
                        world.lose(customer, pair);
                        for phase in 0..WANTED.len() {
                            world.begin(customer, phase);
                            world.converge(customer, phase);
                            world.judge(customer, phase);
                        }
                    }
                }
            });
        }
    });
}

struct Customer {
    tenant: String,
    app: String,
}

impl Customer {
    /// What may happen once to it.
    fn once(&self) -> Vec<(&str, &'static str)> {
        let of = |(endpoint, _)| (self.app.as_str(), endpoint);
        ONCE.into_iter().map(of).collect()
    }
}

struct World {
    stage: Stage,
    folder: tempfile::TempDir,
    customers: Vec<Customer>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let customers: Vec<Customer> = (0..ROUNDS)
            .map(|n| Customer {
                tenant: format!("tenant-{n}"),
                app: format!("wx{:016x}", 0x2222_0000 + n),
            })
            .collect();
        let manifests = folder.path().join("manifests");
        super::lay_out_platform(&manifests);
        for customer in &customers {
            declare(&manifests, customer, WANTED[0]);
        }
        let state = folder.path().join("wechat.sim.json");
        std::fs::write(&state, wechat(&customers).to_string()).unwrap();
        let mut stage = Stage::set(&manifests, &state);
        // From now on every `apply` opens the store itself, so that its own writes are cut off.
        stage.stop_sidecar();
        Self {
            stage,
            folder,
            customers,
        }
    }

    /// What is wanted now, and what somebody did meanwhile.
    fn begin(&self, customer: &Customer, phase: usize) {
        let manifests = self.folder.path().join("manifests");
        declare(&manifests, customer, WANTED[phase]);
        if phase == 1 {
            let path = format!("/_sim/accounts/{}/code", customer.app);
            let commit = json!({"commit": {"userVersion": "9.9.9", "userDesc": "by hand"}});
            for order in [commit, json!({"submit": {}})] {
                self.stage.control.send("POST", &path, &order);
            }
        }
    }

    /// Loses these answers, once each.
    fn lose(&self, customer: &Customer, answers: &[(&str, &str)]) {
        for (endpoint, kind) in answers {
            let fault = json!({
                "endpoint": endpoint, "kind": kind, "count": 1, "account": customer.app, "writes": true,
            });
            self.stage.control.send("POST", "/_sim/faults", &fault);
        }
    }

    /// Loses an answer or two, and kills it once or more. How often it was still running.
    fn kill_some(&self, customer: &Customer) -> usize {
        for _ in 0..rand::random_range(0..=2) {
            anywhere::lose_one(&self.stage, &customer.once());
        }
        let kills = (0..rand::random_range(1..=IN_A_ROW)).filter(|_| {
            let runs = anywhere::kill(&self.stage, self.folder.path(), &customer.tenant, 900);
            anywhere::await_quiet(&self.stage, &customer.once());
            self.advance(customer);
            runs
        });
        let kills = kills.count();
        self.stage
            .control
            .send("DELETE", "/_sim/faults", &Value::Null);
        kills
    }

    /// Two minutes pass, and the reviewers pass what we submitted. What a colleague did they have not looked at.
    fn advance(&self, customer: &Customer) {
        let order = json!({"advance": 120});
        self.stage.control.send("POST", "/_sim/clock", &order);
        let audits = format!("/_sim/audits?account={}", customer.app);
        let audits = self.stage.control.send("GET", &audits, &Value::Null);
        for audit in audits.as_array().unwrap() {
            let said = audit["of"]["code"]["version"]["userDesc"].as_str();
            let ours = said.is_some_and(|said| said.contains(" #"));
            let open = audit["settledAt"].is_null() && audit["of"]["code"]["withdrawn"] != true;
            if ours && open {
                let path = format!("/_sim/audits/{}", audit["auditId"]);
                let passed = json!({"outcome": "passed"});
                self.stage.control.send("POST", &path, &passed);
            }
        }
    }

    /// Applies until the plan is empty, with a person who looks where nothing else can tell.
    fn converge(&self, customer: &Customer, phase: usize) {
        let tenant = customer.tenant.as_str();
        let mut said = String::new();
        for _ in 0..RUNS {
            let apply = ["apply", "--auto-approve", "--tenant", tenant];
            let done = self.stage.wxops(&apply);
            said = format!("{said}\n--\n{}{}", done.stdout, done.stderr);
            let asked = self.answer(&done.stdout, phase);
            let plan = ["plan", "--detailed-exitcode", "--tenant", tenant];
            let plan = self.stage.wxops(&plan);
            if plan.stdout.contains("The tenant matches.") && !asked {
                return;
            }
            self.advance(customer);
        }
        panic!("{tenant} does not converge in phase {phase}:\n{said}");
    }

    /// Resolves every operation that was said to wait for a person, by what WeChat has. Whether there was one.
    fn answer(&self, said: &str, phase: usize) -> bool {
        let keys = anywhere::to_resolve(said);
        for key in &keys {
            let (action, account) = key.rsplit_once('/').unwrap();
            let endpoint = format!("/wxa/{action}");
            let (_, wanted) = ONCE
                .iter()
                .find(|(known, _)| *known == endpoint)
                .unwrap_or_else(|| panic!("{key} is none of ours:\n{said}"));
            let happened = anywhere::effects(&self.stage, account, &endpoint) >= wanted[phase];
            anywhere::resolve(&self.stage, key, happened, said);
        }
        !keys.is_empty()
    }

    /// One effect of each.
    fn judge(&self, customer: &Customer, phase: usize) {
        for (endpoint, wanted) in ONCE {
            let effects = anywhere::effects(&self.stage, &customer.app, endpoint);
            let calls = calls(&self.stage, &customer.app, Some(endpoint));
            assert_eq!(
                effects, wanted[phase],
                "{endpoint} of {} in phase {phase}: {calls:#?}",
                customer.tenant
            );
        }
    }
}

fn declare(manifests: &Path, customer: &Customer, version: &str) {
    let Customer { tenant, app } = customer;
    let text = format!(
        "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: {tenant}}}\nspec:\n  \
         platformRef: {{name: main}}\n  principal: {{name: {app}有限公司}}\n  \
         miniPrograms:\n    - name: main\n      appId: {app}\n      \
         code: {{template: {{version: {version}}}, ext: {{ext: {{shop: {tenant}}}}}}}\n  \
         policy: {{preapproved: [submit, release, revert, withdraw]}}\n"
    );
    std::fs::write(manifests.join(format!("{tenant}.yaml")), text).unwrap();
}

fn wechat(customers: &[Customer]) -> Value {
    let mut platforms = super::platforms();
    let template = |id: u64, version: &str| json!({"templateId": id, "userVersion": version, "userDesc": "one"});
    platforms[0]["codeTemplates"] = json!([template(41, "1.4.1"), template(42, "1.4.2")]);
    platforms[0]["auditQuota"] = json!({"limit": 1000});
    let apps = customers
        .iter()
        .map(|Customer { app, .. }| (app.clone(), format!("{app}有限公司")));
    anywhere::world_of_apps(&platforms, &apps.collect::<Vec<_>>())
}
