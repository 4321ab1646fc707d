//! What must hold however it went.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde_json::Value;
use wxops::store::{Key, PlatformDoc, Sealing, SealingKey, open};
use wxops::wechat::Appid;

use super::fleet::{AES_KEY, APP_SECRET, PLATFORM, PUSH_TOKEN, Tenant};
use super::run::Run;
use super::search;
use super::watch::CREATE;
use crate::support::process::bytes_below;
use crate::support::stage::STORE_KEY;

/// What takes effect so often at an account, whatever happened: what its manifests declared of it, all in all.
const ONCE: [(&str, usize); 8] = [
    ("/cgi-bin/template/api_set_industry", 1),
    ("/cgi-bin/open/create", 1),
    ("/cgi-bin/open/bind", 1),
    ("/cgi-bin/tags/create", 2),
    ("/cgi-bin/template/api_add_template", 2),
    ("/wxa/setnickname", 1),
    ("/cgi-bin/wxopen/addcategory", 1),
    ("/wxa/bind_tester", 1),
];

/// What is scarce: our name for it, the simulator's, and how its period is written.
const SCARCE: [(&str, &str, &str); 3] = [
    ("setnickname", "name", "%Y"),
    ("account/modifysignature", "signature", "%Y-%m"),
    ("wxopen/addcategory", "category", "%Y-%m"),
];

/// The platform's ticket in a store that nobody else has open.
fn kept_ticket(store: &Path) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let sealing = Sealing::Key(SealingKey::parse(STORE_KEY).unwrap());
        let opened = open(store, sealing).await.unwrap();
        let key = Key::platform(&Appid::parse(PLATFORM).unwrap());
        let doc = opened.store.get::<PlatformDoc>(&key).await.unwrap()?;
        Some(doc.value.ticket?.value.expose().to_owned())
    })
}

impl Run {
    /// Ends the loop, and looks at everything.
    pub fn judge(&mut self) {
        let took = self.running.terminate();
        self.say("terminate", format!("at the end, after {took:?}"));
        self.look();
        self.judge_plan();
        self.judge_effects();
        self.judge_proofs();
        self.judge_ledger();
        self.judge_secrets();
        self.judge_prints();
        println!(
            "{}\n{} calls; {:?}",
            self.counts(),
            self.watch.received,
            self.watch.faults
        );
        let mut wrong = std::mem::take(&mut self.wrong);
        wrong.append(&mut self.running.wrong);
        assert!(
            wrong.is_empty(),
            "{} things are wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }

    /// Nothing is left but menus of owners that nobody said yes to replacing.
    fn judge_plan(&mut self) {
        let done = self.verb(&["plan", "--detailed-exitcode", "--output", "json"]);
        let plan: Value = serde_json::from_str(&done.stdout).unwrap_or_default();
        let list = |of: &Value| of.as_array().cloned().unwrap_or_default();
        let mut held = BTreeSet::new();
        for tenant in list(&plan["tenants"]) {
            let name = tenant["name"].as_str().unwrap_or_default();
            let ours = self.tenants.iter().find(|one| one.name() == name);
            let keeps = ours.is_some_and(Tenant::keeps_own_menu);
            for step in list(&tenant["steps"]) {
                if keeps && step["resource"] == "menu" && !step["hold"].is_null() {
                    held.insert(name.to_owned());
                } else {
                    self.wrong.push(format!("{name} has a step left: {step}"));
                }
            }
            for kind in ["waiting", "notComparable", "errors"] {
                for one in list(&tenant[kind]) {
                    // A conditional menu waits for the default one.
                    if keeps && kind == "waiting" && one["resource"] == "menu" {
                        continue;
                    }
                    self.wrong.push(format!("{name}: {kind}: {one}"));
                }
            }
        }
        let keep = |tenant: &&Tenant| tenant.is_declared && tenant.keeps_own_menu();
        let keep = self.tenants.iter().filter(keep).count();
        let code = if keep == 0 { 0 } else { 2 };
        let held = held.len();
        if done.code != code || held != keep || !list(&plan["platforms"]).is_empty() {
            let said = format!("{} {held} {keep}: {}", plan["platforms"], done.stderr);
            self.wrong
                .push(format!("plan ends with {}: {said}", done.code));
        }
        self.say(
            "plan",
            format!("exit code {}, {held} tenants wait for a person", done.code),
        );
    }

    /// Nothing had an effect twice that may have it once.
    fn judge_effects(&mut self) {
        for ((endpoint, account), calls) in &self.watch.effects {
            let most = ONCE.iter().find(|(once, _)| once == endpoint);
            if most.is_some_and(|(_, most)| calls.len() > *most) {
                let calls: Vec<String> = calls.iter().map(Value::to_string).collect();
                self.wrong.push(format!(
                    "{endpoint} of {account} had {} effects:\n{}",
                    calls.len(),
                    calls.join("\n")
                ));
            }
        }
    }

    /// A create whose answer was lost is made again only after WeChat said that there is none.
    fn judge_proofs(&mut self) {
        let lost = |call: &Value| {
            let fault = call["fault"].as_str().unwrap_or_default();
            fault.starts_with("reset") || fault.starts_with("http") || call["errcode"] == -1
        };
        let mut again = 0;
        for (account, calls) in &self.watch.creates {
            let mut proved = true;
            for call in calls {
                let is_create = call["endpoint"] == CREATE;
                if is_create && !proved {
                    let all: Vec<String> = calls.iter().map(Value::to_string).collect();
                    let all = all.join("\n");
                    self.wrong
                        .push(format!("{account}: made again without proof\n{all}"));
                }
                again += usize::from(is_create);
                if is_create {
                    let refused = !call["errcode"].is_null() && call["errcode"] != 0;
                    proved = refused && !lost(call);
                } else if call["errcode"] == 89002 && !lost(call) {
                    proved = true;
                }
            }
        }
        let accounts = self.watch.creates.len();
        self.say("proofs", format!("{again} creates of {accounts} accounts"));
    }

    fn judge_secrets(&mut self) {
        let mut secrets = self.watch.secrets.clone();
        secrets.extend([APP_SECRET, PUSH_TOKEN, AES_KEY, STORE_KEY].map(str::to_owned));
        let printed = format!(
            "{}{}{}",
            self.printed,
            self.running.printed(),
            self.stage.transcripts()
        );
        let stored = bytes_below(&self.stage.store());
        for (place, bytes) in [
            ("printed", printed.as_bytes()),
            ("stored in plain", &stored),
        ] {
            for (secret, at) in search::find(&secrets, bytes) {
                let around = &bytes[at.saturating_sub(200)..bytes.len().min(at + 200)];
                let around = String::from_utf8_lossy(around);
                self.wrong
                    .push(format!("the secret {secret} is {place}: …{around}…"));
            }
        }
        println!(
            "{} secrets, {} MB printed, {} MB stored",
            secrets.len(),
            printed.len() >> 20,
            stored.len() >> 20
        );
    }

    /// Nobody panicked, nothing ended by itself.
    fn judge_prints(&mut self) {
        let printed = format!(
            "{}{}{}",
            self.printed,
            self.running.printed(),
            self.stage.transcripts()
        );
        for bad in ["panicked at", "ended by itself", "RUST_BACKTRACE"] {
            for line in printed.lines().filter(|line| line.contains(bad)).take(5) {
                self.wrong.push(format!("printed: {line}"));
            }
        }
    }

    /// A ticket that was acknowledged is in the store, or a newer one is. Nobody runs.
    pub fn must_have_kept(&mut self, ticket: &str) {
        let kept = kept_ticket(&self.stage.store());
        let state = self.stage.control.state();
        let tickets = state["credentials"]["tickets"].as_array().unwrap();
        let made = |value: &str| -> Option<Timestamp> {
            let one = tickets.iter().find(|one| one["value"] == value)?;
            one["issuedAt"].as_str()?.parse().ok()
        };
        let held = kept.as_deref().and_then(made);
        if kept.as_deref() != Some(ticket) && (held.is_none() || held < made(ticket)) {
            let (was, is) = (made(ticket), held);
            self.wrong.push(format!(
                "a ticket made at {was:?} was acknowledged, and the store has one made at {is:?}"
            ));
        }
    }

    /// What the ledger says is what WeChat counted; more only where an operation is in doubt.
    fn judge_ledger(&mut self) {
        let quota = self.verb(&["quota", "--output", "json"]);
        let rows: Value = serde_json::from_str(&quota.stdout).unwrap();
        let state = self.control().state();
        let now = self.control().send("GET", "/_sim/clock", &Value::Null);
        let now: Timestamp = now["now"].as_str().unwrap().parse().unwrap();
        let now = now.to_zoned(TimeZone::fixed(offset(8)));
        let mut same = 0;
        let accounts = state["accounts"].as_array().unwrap();
        let account = |appid: &str| accounts.iter().find(|one| one["appId"] == appid).unwrap();
        let mut counted: Vec<(&str, &str, u64)> = Vec::new();
        for tenant in self.tenants.iter().filter(|tenant| tenant.is_declared) {
            let month = now.strftime("%Y-%m").to_string();
            let this_month = account(&tenant.official)["industry"]["changedIn"] == month;
            let official = tenant.official.as_str();
            counted.push(("template/api_set_industry", official, u64::from(this_month)));
            let Some(app) = &tenant.app else { continue };
            for (quota, budget, period) in SCARCE {
                let budget = &account(app)["budgets"][budget];
                let of_now = budget["period"] == now.strftime(period).to_string();
                let used = budget["used"].as_u64().filter(|_| of_now).unwrap_or(0);
                counted.push((quota, app, used));
            }
        }
        for (quota, appid, counted) in counted {
            let rows = rows.as_array().unwrap();
            let row = rows
                .iter()
                .find(|row| row["scope"] == appid && row["quota"] == quota);
            let of = |name: &str| row.map_or(0, |row| row[name].as_u64().unwrap());
            let (used, reserved) = (of("used"), of("reserved"));
            if used == counted && reserved == 0 {
                same += 1;
            } else {
                self.wrong.push(format!(
                    "{quota} of {appid}: WeChat counted {counted}, we {used} and {reserved} reserved"
                ));
            }
        }
        self.say(
            "ledger",
            format!("{same} quotas are as WeChat counted them"),
        );
    }
}
