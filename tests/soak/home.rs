//! The end: no faults any more, whole manifests, owners who are back, and time. Then every tenant must come home.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fleet::{Class, Tenant};
use super::run::Run;

/// How often the clock is moved on before somebody who is not home is lost.
const ROUNDS: usize = 40;
/// How far each time.
const FURTHER: i64 = 6 * 3_600;
/// How long the loop may take over all that is due.
const PATIENCE: Duration = Duration::from_secs(300);

impl Run {
    /// Ends the faults and waits until every tenant is home.
    pub fn come_home(&mut self) {
        let control = self.control();
        control.send("DELETE", "/_sim/faults", &Value::Null);
        self.mend();
        for n in 0..self.tenants.len() {
            if self.tenants[n].is_declared {
                self.folder.write(&self.tenants[n]);
            }
        }
        if !self.running.is_alive() {
            self.start();
        }
        self.await_idle();
        while self.authorize() {}
        self.ticket();
        self.say("home", "the faults are over");
        let mut left = Vec::new();
        for round in 0..ROUNDS {
            self.await_idle();
            self.look();
            if self.approve() {
                self.await_idle();
            }
            self.answer();
            left = self.differences();
            let some = left[..left.len().min(3)].join("; ");
            self.say(
                "home",
                format!("round {round}: {} differences: {some}", left.len()),
            );
            if left.is_empty() {
                return;
            }
            self.move_clock(FURTHER);
        }
        let shown = left.join("\n");
        panic!("not home:\n{shown}\n{}", self.running.last_said());
    }

    /// Waits until nothing is due and nothing under way.
    fn await_idle(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        // A commit is looked at within some seconds.
        std::thread::sleep(Duration::from_secs(4));
        let mut told = Value::Null;
        while Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(300));
            told = self.running.ask("/v1/loop").unwrap_or_default();
            let queues = told["queues"].as_array();
            let idle = |queue: &Value| {
                queue["due"]["swift"] == 0 && queue["due"]["drift"] == 0 && queue["underWay"] == 0
            };
            if !told["lookedAt"].is_null() && queues.is_some_and(|all| all.iter().all(idle)) {
                return;
            }
        }
        let queues = &told["queues"];
        let said = self.running.last_said();
        panic!("the loop is never done: {queues}\n{said}");
    }

    /// A person looks where nothing else can tell what came of a call, and says it.
    fn answer(&mut self) {
        let listed = self.verb(&["op", "list", "--output", "json"]);
        let ops: Value = serde_json::from_str(&listed.stdout).unwrap();
        for op in ops.as_array().unwrap() {
            let outcome = op["outcome"].as_str().unwrap_or_default();
            let asks = op["stage"] == "stalled" || outcome.contains("op resolve");
            if !asks {
                continue;
            }
            let key = op["operation"].as_str().unwrap().to_owned();
            let (action, account) = key.rsplit_once('/').unwrap();
            let action = action.split('+').next().unwrap();
            let happened = self
                .watch
                .effects
                .iter()
                .any(|((endpoint, of), _)| of == account && endpoint.ends_with(action));
            let outcome = if happened && op["stage"] == "stalled" {
                "done"
            } else {
                "not-done"
            };
            let done = self.verb(&["op", "resolve", &key, "--as", outcome]);
            self.say("person", format!("{key} as {outcome}: {}", done.code));
        }
    }

    /// What WeChat has otherwise than the manifests say, by WeChat's own state.
    pub fn differences(&self) -> Vec<String> {
        let state = self.stage.control.state();
        let mut found = Vec::new();
        for tenant in self.tenants.iter().filter(|tenant| tenant.is_declared) {
            let class = self.classes.iter().find(|class| class.name == tenant.class);
            differ(tenant, class.unwrap(), &state, &mut found);
        }
        found
    }
}

fn account<'a>(state: &'a Value, appid: &str) -> &'a Value {
    let all = state["accounts"].as_array().unwrap();
    all.iter().find(|one| one["appId"] == appid).unwrap()
}

fn differ(tenant: &Tenant, class: &Class, state: &Value, found: &mut Vec<String>) {
    let mut must = |what: &str, is: &Value, should: Value| {
        if *is != should {
            found.push(format!(
                "{}: {what} is {is}, should be {should}",
                tenant.name()
            ));
        }
    };
    let official = account(state, &tenant.official);
    let menu = &official["menu"];
    if tenant.keeps_own_menu() {
        must(
            "own menu",
            &menu["websiteMenu"]["button"][0]["name"],
            json!("你好"),
        );
    } else {
        must("menu", &menu["default"]["button"], tenant.buttons(class));
        must("own menu", &menu["websiteMenu"], Value::Null);
        let some: Vec<&Value> = (menu["conditional"].as_array().into_iter().flatten())
            .map(|one| &one["button"][0]["name"])
            .collect();
        let should = if class.has_conditional() {
            json!(["会员"])
        } else {
            json!([])
        };
        must("conditional menus", &json!(some), should);
    }
    if tenant.has_industry {
        let industry = json!([
            official["industry"]["primary"],
            official["industry"]["secondary"]
        ]);
        must("industry", &industry, json!([16, 1]));
    }
    let names = |list: &Value, field: &str| -> Vec<Value> {
        let mut names: Vec<Value> = list
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one[field].clone())
            .collect();
        names.sort_by_key(Value::to_string);
        names
    };
    must(
        "tags",
        &json!(names(&official["tags"], "name")),
        json!(["VIP", "学员"]),
    );
    must(
        "templates",
        &json!(names(&official["templates"], "shortId")),
        json!(["43216", "46232"]),
    );
    let open_account = official["openAccount"].clone();
    must(
        "an open account",
        &json!(open_account.is_string()),
        json!(true),
    );
    let Some(app) = &tenant.app else { return };
    let app = account(state, app);
    must("open account of the app", &app["openAccount"], open_account);
    must("signature", &app["signature"], json!(tenant.introduction()));
    if tenant.may_rename {
        must("nickname", &app["nickName"], json!(tenant.nickname()));
    }
    let own = &app["miniProgram"];
    must(
        "categories",
        &json!(names(&own["categories"], "second")),
        json!([590]),
    );
    must(
        "testers",
        &json!(names(&own["testers"], "wechatId")),
        json!([tenant.tester()]),
    );
}
