//! Tenants whose mini-program is to be registered: what their manifests say, what WeChat has of them, the owner's click,
//! and the count of what was made.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use wxops::store::documents::ClaimDoc;
use wxops::store::{Key, Sealing, open};
use wxops::wechat::Appid;

use super::browser;
use super::play::folder;
use super::process::Finished;
use super::stage::Stage;

pub const REGISTER: &str = "/cgi-bin/account/fastregister";
const PLATFORM: &str = "wx0000000000000001";
/// What the simulator counts of the new mini-program, once each; its category takes its token.
const ADD_CATEGORY: &str = "/cgi-bin/wxopen/addcategory";
/// How often a person is asked before the test gives up.
const RUNS: usize = 12;

/// One tenant of them.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub tenant: String,
    pub official: String,
}

/// What it took until a tenant was as its manifest says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Came {
    pub runs: usize,
    /// How often a person said what became of an operation, and how often which account it is.
    pub resolved: usize,
    pub taken: usize,
}

impl Newcomer {
    pub fn some(many: usize) -> Vec<Self> {
        (0..many)
            .map(|n| Self {
                tenant: format!("tenant-{n}"),
                official: format!("wx{:016x}", 0x1111_0000 + n),
            })
            .collect()
    }

    fn principal(&self) -> String {
        format!("{}有限公司", self.official)
    }

    /// Its manifest.
    pub fn manifest(&self) -> String {
        let Self { tenant, official } = self;
        format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: {tenant}}}\nspec:\n  \
             platformRef: {{name: main}}\n  principal: {{name: {}}}\n  openAccount: {{create: true}}\n  \
             officialAccount:\n    appId: {official}\n    menu:\n      buttons:\n        \
             - {{name: 我的主页, miniProgram: {{ref: main, page: pages/index, fallbackUrl: \"https://wx.example.com/h5\"}}}}\n  \
             miniPrograms:\n    - name: main\n      registration: {{reuseOfficialAccount: {{}}}}\n      \
             signature: 附近孩子都在跳的舞\n      categories: [{{name: 工具/备忘录}}]\n  \
             policy: {{preapproved: [register]}}\n",
            self.principal()
        )
    }

    /// The owner opens the link, and confirms at WeChat's page. The sidecar runs.
    pub fn click(&self, stage: &Stage) {
        self.click_for(stage, "main");
    }

    /// The same for an item of another name.
    pub fn click_for(&self, stage: &Stage, item: &str) {
        let printed = stage.wxops(&["authorize", &format!("{}:{item}", self.tenant)]);
        assert_eq!(printed.code, 0, "{printed:?}");
        let link = printed.stdout.trim();
        let last = browser::authorize(&stage.sidecar_url, link, &self.official).body;
        assert!(last.contains("已确认，正在注册"), "{last}");
    }

    /// What was registered of its principal, by WeChat's count.
    pub fn registered(&self, stage: &Stage) -> Vec<String> {
        let path = format!("/_sim/registrations?account={}", self.official);
        let told = stage.control.send("GET", &path, &Value::Null);
        let made = told["made"].as_array().unwrap().iter();
        made.map(|one| one["appId"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What the ledger says was spent of the month.
    pub fn spent(&self, stage: &Stage) -> u64 {
        let quota = stage.wxops(&["quota", "--output", "json"]);
        let rows: Value = serde_json::from_str(&quota.stdout).unwrap();
        let rows = rows.as_array().unwrap().iter();
        rows.filter(|row| {
            row["scope"] == self.official.as_str() && row["quota"] == "account/fastregister"
        })
        .map(|row| row["used"].as_u64().unwrap() + row["reserved"].as_u64().unwrap())
        .sum()
    }

    /// Applies until the plan is empty, with a person who looks at what WeChat has where nothing else can tell.
    pub fn converge(&self, stage: &Stage) -> Came {
        let tenant = self.tenant.as_str();
        let mut said = String::new();
        let mut came = Came::default();
        for run in 1..=RUNS {
            let done = stage.wxops(&["apply", "--auto-approve", "--tenant", tenant]);
            said = format!("{said}\n--\n{}{}", done.stdout, done.stderr);
            let (resolved, taken) = (self.resolve(stage, &done), self.take(stage, &done));
            let plan = stage.wxops(&["plan", "--detailed-exitcode", "--tenant", tenant]);
            if done.code == 0 && plan.code == 0 && resolved + taken == 0 {
                assert!(!plan.stdout.contains("op resolve"), "{tenant}:\n{said}");
                return Came { runs: run, ..came };
            }
            came.resolved += resolved;
            came.taken += taken;
            let order = json!({"advance": 60});
            stage.control.send("POST", "/_sim/clock", &order);
        }
        let plan = stage.wxops(&["plan", "--tenant", tenant]);
        panic!("{tenant} does not converge:\n{said}\n{}", plan.stdout);
    }

    /// Says what became of every operation that waits for a person.
    fn resolve(&self, stage: &Stage, done: &Finished) -> usize {
        // Lines of a terminal break anywhere.
        let words: Vec<&str> = done.stdout.split_whitespace().collect();
        let asked: BTreeSet<&str> = words
            .windows(4)
            .filter(|words| words[..3] == ["wxops", "op", "resolve"])
            .map(|words| words[3])
            .collect();
        for key in &asked {
            let (action, account) = key.rsplit_once('/').unwrap();
            let (action, _) = action.split_once('+').unwrap_or((action, ""));
            let happened = calls(stage, account, None).iter().any(|call| {
                let endpoint = call["endpoint"].as_str().unwrap();
                endpoint.ends_with(action) && call["effect"] == true
            });
            let outcome = if happened { "done" } else { "not-done" };
            let resolved = stage.wxops(&["op", "resolve", key, "--as", outcome]);
            assert_eq!(resolved.code, 0, "{key}: {resolved:?}\n{}", done.stdout);
        }
        asked.len()
    }

    /// Says which account it is, where that is asked and there is one.
    fn take(&self, stage: &Stage, done: &Finished) -> usize {
        let words: Vec<&str> = done.stdout.split_whitespace().collect();
        let asked = words
            .windows(3)
            .any(|words| words == ["wxops", "claim", "take"]);
        let Some(made) = self.registered(stage).pop().filter(|_| asked) else {
            return 0;
        };
        let to = format!("{}:main", self.tenant);
        let taken = stage.wxops(&["claim", "take", &to, &made, "--yes"]);
        assert_eq!(taken.code, 0, "{taken:?}");
        1
    }

    /// Whether everything is done that its manifest asks for.
    pub fn is_home(&self, stage: &Stage) -> bool {
        let made = self.registered(stage);
        let [app] = &made[..] else {
            return false;
        };
        let state = stage.control.state();
        let all = state["accounts"].as_array().unwrap();
        let account = |appid: &str| all.iter().find(|one| one["appId"] == appid);
        let (Some(official), Some(new)) = (account(&self.official), account(app)) else {
            return false;
        };
        let bound =
            official["openAccount"].is_string() && official["openAccount"] == new["openAccount"];
        let with_token = calls(stage, app, Some(ADD_CATEGORY));
        bound
            && official["menu"].to_string().contains(app.as_str())
            && with_token.iter().any(|call| call["effect"] == true)
    }

    /// One registration, by WeChat and by the ledger; its token works; it is where the manifest wants it.
    pub fn judge(&self, stage: &Stage) {
        let made = self.registered(stage);
        let of_it = calls(stage, &self.official, Some(REGISTER));
        let [app] = &made[..] else {
            panic!("{} has {made:?}: {of_it:#?}", self.tenant);
        };
        assert_eq!(self.spent(stage), 1, "{}: {of_it:#?}", self.tenant);
        assert!(
            self.is_home(stage),
            "{}: {}",
            self.tenant,
            stage.control.state()
        );
        let with_token = calls(stage, app, Some(ADD_CATEGORY));
        let effects = with_token.iter().filter(|call| call["effect"] == true);
        assert_eq!(effects.count(), 1, "{}: {with_token:#?}", self.tenant);
    }
}

/// What the simulator received about an account, in order.
pub fn calls(stage: &Stage, account: &str, endpoint: Option<&str>) -> Vec<Value> {
    let endpoint = endpoint.map_or_else(String::new, |path| format!("&endpoint={path}"));
    let path = format!("/_sim/calls?account={account}{endpoint}");
    let calls = stage.control.send("GET", &path, &Value::Null);
    calls["last"].as_array().unwrap().clone()
}

/// Their manifests and their platform's.
pub fn lay_out(manifests: &Path, all: &[Newcomer]) {
    super::files::copy(&folder("_common/manifests"), manifests);
    let platform = manifests.join("platform.yaml");
    let text = fs::read_to_string(&platform).unwrap();
    let guard = "spec:\n  guard: {changedTenants: 100%, irreversiblePerHour: 1000000, perHour: {register: 1000000}}";
    fs::write(&platform, text.replacen("spec:", guard, 1)).unwrap();
    for one in all {
        fs::write(
            manifests.join(format!("{}.yaml", one.tenant)),
            one.manifest(),
        )
        .unwrap();
    }
}

/// What WeChat has of them: official accounts that granted what registering takes. Tickets of scans outlive the test.
pub fn wechat(all: &[Newcomer]) -> Value {
    let state = fs::read_to_string(folder("_common/registered.sim.yaml")).unwrap();
    let mut state: Value = serde_saphyr::from_str(&state).unwrap();
    let account = |one: &Newcomer| json!({"appId": one.official, "kind": "officialAccount", "principalName": one.principal()});
    let authorized = |one: &Newcomer| {
        json!({
            "platform": PLATFORM, "account": one.official, "permissionSets": [1, 2, 3, 15, 24, 27, 33],
            "refreshToken": format!("refreshtoken@@@{}", one.official), "authTime": "2026-10-01T08:00:00Z",
        })
    };
    state["accounts"] = all.iter().map(account).collect();
    state["authorizations"] = all.iter().map(authorized).collect();
    state["switches"] = json!({"registrationTicketSeconds": 100_000_000});
    state
}

/// A stage on which every administrator has scanned, and no sidecar runs any more. Every official account is its tenant's:
/// nobody looks at whose the others are.
pub fn scanned(folder: &Path, all: &[Newcomer]) -> Stage {
    let manifests = folder.join("manifests");
    lay_out(&manifests, all);
    let state = folder.join("wechat.sim.json");
    fs::write(&state, wechat(all).to_string()).unwrap();
    let mut stage = Stage::set(&manifests, &state);
    for one in all {
        one.click(&stage);
    }
    stage.stop_sidecar();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let opened = open(&stage.store(), Sealing::Plain).await.unwrap();
        for one in all {
            let key = Key::claim(&Appid::parse(&one.official).unwrap());
            let doc = ClaimDoc::of(&one.tenant, None);
            opened.store.create(&key, &doc).await.unwrap();
        }
    });
    stage
}
