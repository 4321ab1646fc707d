//! P1, P3 of a tenant with two accounts: `wxops apply` killed with SIGKILL at moments nobody chose, while answers get
//! lost, over everything that may happen once: a name, an avatar, a category, a link, an open account.
//!
//! Every round ends with an empty plan and one effect of each, by the simulator's count. Where no read can tell what came
//! of a call a person looks, here at what the simulator counted, and says so (`wxops op resolve`).
//! 20 kills in `make test`, 300 with `WXOPS_SOAK=1`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::anywhere;
use crate::support::registered::calls;
use crate::support::stage::Stage;

/// What may happen once, and whose token it is called with: the app's, or the official account's.
const ONCE: [(&str, bool); 5] = [
    ("/wxa/setnickname", true),
    ("/cgi-bin/account/modifyheadimage", true),
    ("/cgi-bin/wxopen/addcategory", true),
    ("/cgi-bin/wxopen/wxamplink", false),
    ("/cgi-bin/open/bind", true),
];
/// Rounds on one simulator and store.
const ROUNDS: usize = 10;
/// At most so many kills in a row before a round must converge.
const IN_A_ROW: usize = 3;
/// How often it is applied until it ends well.
const RUNS: usize = 12;

#[test]
fn p1_p3_apps_killed_anywhere_have_one_effect_of_each_call() {
    let wanted = if std::env::var_os("WXOPS_SOAK").is_some() {
        300
    } else {
        20
    };
    let kills = AtomicUsize::new(0);
    let calls = std::sync::Mutex::new(BTreeMap::<&str, usize>::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while kills.load(Ordering::Relaxed) < wanted {
                    let world = World::new();
                    for customer in &world.customers {
                        if kills.load(Ordering::Relaxed) >= wanted {
                            return;
                        }
                        kills.fetch_add(world.kill_some(customer), Ordering::Relaxed);
                        world.converge(customer);
                        for (endpoint, received) in world.judge(customer) {
                            *calls.lock().unwrap().entry(endpoint).or_default() += received;
                        }
                    }
                }
            });
        }
    });
    println!(
        "{} kills; calls received: {:?}",
        kills.into_inner(),
        calls.into_inner().unwrap()
    );
}

struct Customer {
    tenant: String,
    official: String,
    app: String,
}

impl Customer {
    fn pays(&self, by_app: bool) -> &str {
        if by_app { &self.app } else { &self.official }
    }

    /// What may happen once to it.
    fn once(&self) -> Vec<(&str, &'static str)> {
        let of = |(endpoint, by_app)| (self.pays(by_app), endpoint);
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
                official: format!("wx{:016x}", 0x1111_0000 + n),
                app: format!("wx{:016x}", 0x2222_0000 + n),
            })
            .collect();
        let manifests = folder.path().join("manifests");
        lay_out(&manifests, &customers);
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

    /// Loses an answer or two, and kills it once or more. How often it was still running.
    fn kill_some(&self, customer: &Customer) -> usize {
        for _ in 0..rand::random_range(0..=2) {
            anywhere::lose_one(&self.stage, &customer.once());
        }
        let kills = (0..rand::random_range(1..=IN_A_ROW)).filter(|_| {
            let runs = anywhere::kill(&self.stage, self.folder.path(), &customer.tenant, 1200);
            anywhere::await_quiet(&self.stage, &customer.once());
            self.advance();
            runs
        });
        let kills = kills.count();
        self.stage
            .control
            .send("DELETE", "/_sim/faults", &Value::Null);
        kills
    }

    fn advance(&self) {
        let order = json!({"advance": 60});
        self.stage.control.send("POST", "/_sim/clock", &order);
    }

    /// Applies until the plan is empty, with a person who looks where nothing else can tell.
    fn converge(&self, customer: &Customer) {
        let tenant = customer.tenant.as_str();
        let mut said = String::new();
        for _ in 0..RUNS {
            let apply = ["apply", "--auto-approve", "--tenant", tenant];
            let done = self.stage.wxops(&apply);
            said = format!("{said}\n--\n{}{}", done.stdout, done.stderr);
            let asked = self.answer(&done.stdout);
            let plan = ["plan", "--detailed-exitcode", "--tenant", tenant];
            let plan = self.stage.wxops(&plan);
            if done.code == 0 && plan.code == 0 && !asked {
                assert!(!plan.stdout.contains("op resolve"), "{tenant}:\n{said}");
                return;
            }
            self.advance();
        }
        panic!("{tenant} does not converge:\n{said}");
    }

    /// Resolves every operation that was said to wait for a person, by what WeChat has. Whether there was one.
    fn answer(&self, said: &str) -> bool {
        let keys = anywhere::to_resolve(said);
        for key in &keys {
            let (action, account) = key.rsplit_once('/').unwrap();
            let (action, _) = action.split_once('+').unwrap_or((action, ""));
            let (endpoint, _) = *ONCE
                .iter()
                .find(|(endpoint, _)| endpoint.ends_with(action))
                .unwrap_or_else(|| panic!("{key} is none of ours:\n{said}"));
            let happened = anywhere::effects(&self.stage, account, endpoint) > 0;
            anywhere::resolve(&self.stage, key, happened, said);
        }
        !keys.is_empty()
    }

    /// One effect of each; how many requests it took.
    fn judge(&self, customer: &Customer) -> BTreeMap<&'static str, usize> {
        let received = |(endpoint, by_app): (&'static str, bool)| {
            let calls = calls(&self.stage, customer.pays(by_app), Some(endpoint));
            let effects = calls.iter().filter(|call| call["effect"] == true).count();
            assert_eq!(effects, 1, "{endpoint} of {}: {calls:#?}", customer.tenant);
            (endpoint, calls.len())
        };
        ONCE.into_iter().map(received).collect()
    }
}

fn lay_out(manifests: &Path, customers: &[Customer]) {
    super::lay_out_platform(manifests);
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/_common");
    for (from, to) in [
        ("avatar/logo.png", "logo.png"),
        ("nickname/license.png", "license.png"),
    ] {
        std::fs::copy(scenarios.join(from), manifests.join(to)).unwrap();
    }
    for Customer {
        tenant,
        official,
        app,
    } in customers
    {
        let text = format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: {tenant}}}\nspec:\n  \
             platformRef: {{name: main}}\n  principal: {{name: {official}有限公司, license: {{file: license.png}}}}\n  \
             openAccount: {{create: true}}\n  \
             officialAccount: {{appId: {official}, links: [{{miniProgram: main}}]}}\n  \
             miniPrograms:\n    - name: main\n      appId: {app}\n      nickname: 课堂{tenant}\n      \
             avatar: {{file: logo.png}}\n      categories: [{{name: 教育/素质教育}}]\n  \
             policy: {{preapproved: [rename, setAvatar]}}\n"
        );
        std::fs::write(manifests.join(format!("{tenant}.yaml")), text).unwrap();
    }
}

fn open_account(official: &str) -> String {
    official.replacen("wx0", "wx9", 1)
}

/// Every official account is in an open account already, so that its app is bound to that.
fn wechat(customers: &[Customer]) -> Value {
    let platform = "wx0000000000000001";
    let accounts = customers.iter().flat_map(|Customer { official, app, .. }| {
        let principal = format!("{official}有限公司");
        let open_account = open_account(official);
        [
            json!({"appId": official, "kind": "officialAccount", "principalName": principal, "openAccount": open_account}),
            json!({"appId": app, "kind": "miniProgram", "principalName": principal, "nickName": "", "registerType": 2, "miniProgram": {}}),
        ]
    });
    let authorizations = customers.iter().flat_map(|Customer { official, app, .. }| {
        let of = |account: &str, sets: Value| {
            json!({
                "platform": platform, "account": account, "permissionSets": sets,
                "refreshToken": format!("refreshtoken@@@{account}"), "authTime": "2026-01-01T00:00:00Z",
            })
        };
        [
            of(official, json!([1, 3, 15, 24, 30, 33])),
            of(app, json!([3, 18, 24, 25, 30])),
        ]
    });
    let open_accounts = customers.iter().map(|Customer { official, .. }| {
        json!({"openAppId": open_account(official), "principalName": format!("{official}有限公司"), "createdBy": "api"})
    });
    json!({
        "platforms": super::platforms(),
        "accounts": accounts.collect::<Vec<_>>(),
        "openAccounts": open_accounts.collect::<Vec<_>>(),
        "authorizations": authorizations.collect::<Vec<_>>(),
    })
}
