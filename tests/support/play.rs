//! Plays a `steps.yaml`: sets the stage, acts every step, and at the end searches everything printed and stored for
//! secrets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::browser;
use super::chinese;
use super::files::copy;
use super::fleet;
use super::printed::{fill_in, secrets, word_after};
use super::process::{Finished, bytes_below, run_until};
use super::script::{Expected, Meanwhile, Owner, Request, Script, Sidecar, Step, holds};
use super::stage::Stage;
use super::web::Web;

/// The scenarios' folder, or one of them.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/scenarios")
        .join(name)
}

/// What a scenario's `steps.yaml` says.
pub fn script(name: &str) -> Script {
    let text = std::fs::read_to_string(folder(name).join("steps.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}/steps.yaml: {error}"))
}

/// A text without its line breaks and columns: prose is wrapped, Chinese between any two characters, and where depends
/// on what stands in it.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Plays one scenario; panics at the first thing that is not as it says.
pub fn play(name: &str) {
    play_with(name, &Value::Null);
}

/// The same where these switches are turned before anything happens.
pub fn play_with(name: &str, switches: &Value) {
    let folder = folder(name);
    let script = script(name);
    assert!(!script.holds.trim().is_empty());
    let manifests = tempfile::tempdir().unwrap();
    copy(&self::folder("_common").join("manifests"), manifests.path());
    let web = Web::open();
    web.put(&script.web, &folder);
    for layer in &script.manifests {
        lay(&folder.join(layer), manifests.path(), &web);
    }
    let scratch = tempfile::tempdir().unwrap();
    let mut wechat = folder.join(&script.wechat);
    if script.fleet > 0 {
        let (manifests, scratch) = (manifests.path(), scratch.path());
        wechat = fleet::write(&folder, &wechat, manifests, scratch, script.fleet);
    }
    let mut stage = Stage::without_sidecar(manifests.path(), &wechat);
    script.must_name_apis(&stage.control.offered());
    if !switches.is_null() {
        stage.control.switch(switches);
    }
    stage.seal();
    if !script.keeps.is_empty() {
        stage.rewrite(&script.keeps);
    }
    stage.start_sidecar();
    if !script.without_ticket {
        stage.push_ticket();
    }
    let mut scene = Scene {
        stage,
        folder,
        web,
        manifests: manifests.path().to_owned(),
        fleet: script.fleet,
        kept: BTreeMap::from([
            ("SCRATCH".to_owned(), scratch.path().display().to_string()),
            (
                "MANIFESTS".to_owned(),
                manifests.path().display().to_string(),
            ),
        ]),
        printed: String::new(),
    };
    for (n, step) in script.steps.iter().enumerate() {
        let at = format!("{name}, step {}", n + 1);
        scene.prepare(step);
        scene.foreign(step, &at);
        scene.scan(step, &at);
        scene.run(step, &at);
        scene.check(step, &at);
    }
    scene.tell_in_chinese(name);
    // No scenario's texts hold what is shown so: it was a line break or a colour of our own.
    let lines = &scene.printed;
    assert!(!lines.contains('\u{fffd}'), "{name}: {lines}");
    scene.search_for_secrets(name);
}

/// Lays a folder of manifests over another. `$WEB` in them is the web server's address.
fn lay(from: &Path, to: &Path, web: &Web) {
    copy(from, to);
    for entry in std::fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        let file = to.join(name);
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if text.contains("$WEB") {
            let address = format!("http://{}", web.address);
            std::fs::write(&file, text.replace("$WEB", &address)).unwrap();
        }
    }
}

struct Scene {
    stage: Stage,
    folder: PathBuf,
    /// Whose files manifests name as `$WEB`.
    web: Web,
    manifests: PathBuf,
    fleet: usize,
    /// What arguments may name: `$SCRATCH`, `$MANIFESTS`, and what steps kept.
    kept: BTreeMap<String, String>,
    /// Everything wxops printed.
    printed: String,
}

impl Scene {
    fn prepare(&mut self, step: &Step) {
        let stage = &mut self.stage;
        if step.forget_calls {
            stage.control.reset_calls();
        }
        if step.no_faults {
            stage.control.send("DELETE", "/_sim/faults", &Value::Null);
        }
        if let Some(overlay) = &step.manifests {
            lay(&self.folder.join(overlay), &self.manifests, &self.web);
        }
        self.web.put(&step.web, &self.folder);
        for gone in &step.without {
            std::fs::remove_file(self.manifests.join(gone)).unwrap();
        }
        if let Some(sidecar) = step.sidecar {
            self.printed.push_str(&stage.sidecar_log());
            match sidecar {
                Sidecar::Stop => stage.stop_sidecar(),
                Sidecar::Kill => stage.kill_sidecar(),
                Sidecar::KillOnceAcknowledged => {}
                Sidecar::Start => stage.start_sidecar(),
            }
        }
        if let Some(seconds) = step.advance {
            stage
                .control
                .send("POST", "/_sim/clock", &json!({"advance": seconds}));
        }
        // After the clock: a ticket pushed before a long wait is one that has expired.
        if step.ticket {
            stage.push_ticket();
        }
        if let Some(Request { method, path, body }) = &step.control {
            let body = body.to_string().replace("$SIDECAR", &stage.sidecar_url);
            let body = serde_json::from_str(&fill_in(&self.kept, &body)).unwrap();
            let path = fill_in(&self.kept, path);
            stage.control.send(method, &path, &body);
        }
        if let Some(Sidecar::KillOnceAcknowledged) = step.sidecar {
            stage.kill_sidecar();
        }
        if let Some(switches) = &step.switches {
            stage.control.switch(switches);
        }
        if let Some(fault) = &step.fault {
            stage.control.send("POST", "/_sim/faults", fault);
        }
    }

    fn foreign(&mut self, step: &Step, at: &str) {
        for request in &step.requests {
            let stage = &self.stage;
            let answer = request.make(&stage.api, &stage.control, |text| self.fill_in(text), at);
            self.keep(&request.keep, &answer, at);
        }
    }

    fn keep(&mut self, wanted: &BTreeMap<String, String>, said: &str, at: &str) {
        for (name, before) in wanted {
            let word = word_after(said, before);
            let word = word.unwrap_or_else(|| panic!("{at}: `{before}` is not in\n{said}"));
            self.kept.insert(name.clone(), word.to_owned());
        }
    }

    fn scan(&mut self, step: &Step, at: &str) {
        let Some(Owner {
            tenant,
            account,
            sees,
        }) = &step.owner
        else {
            return;
        };
        let printed = self.stage.wxops(&["authorize", tenant]);
        assert_eq!(printed.code, 0, "{at}: {}", printed.stderr);
        let last = browser::authorize(&self.stage.sidecar_url, printed.stdout.trim(), account).body;
        assert!(last.contains(sees), "{at}: `{sees}` is not on\n{last}");
        self.printed.push_str(&printed.stderr);
        self.printed.push_str(&last);
    }

    fn run(&mut self, step: &Step, at: &str) {
        let Some(arguments) = &step.wxops else {
            assert!(
                step.says.is_empty() && step.never.is_empty() && step.exit == 0,
                "{at}: nothing runs that could say or end so"
            );
            return;
        };
        let arguments: Vec<String> = arguments.iter().map(|one| self.fill_in(one)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (verb, rest) = arguments.split_first().unwrap();
        let mut kills = Vec::new();
        let running: Vec<_> = (0..step.times)
            .map(|_| {
                let mut command = self.stage.command(verb);
                command.args(rest).current_dir(&self.manifests);
                let (kill, killed) = mpsc::channel();
                kills.push(kill);
                std::thread::spawn(move || run_until(&mut command, killed))
            })
            .collect();
        if let Some(meanwhile) = &step.meanwhile {
            self.interfere(meanwhile, &kills, at);
        }
        let all: Vec<Finished> = running.into_iter().map(|one| one.join().unwrap()).collect();
        for done in all {
            let said = format!("{}{}", done.stdout, done.stderr);
            assert!(
                done.code == step.exit || step.exit_also.contains(&done.code),
                "{at}: {arguments:?} ended with {}, not {}\n{said}",
                done.code,
                step.exit
            );
            let one_line = on_one_line(&said);
            for text in &step.says {
                assert!(
                    one_line.contains(&on_one_line(text)),
                    "{at}: `{text}` is not in\n{said}"
                );
            }
            if arguments.windows(2).any(|two| two == ["--lang", "zh"]) {
                let wrong = chinese::wrong_line(&said);
                assert_eq!(wrong, None, "{at}: {arguments:?}");
            }
            self.keep(&step.keep, &said, at);
            if let Some(most) = step.within {
                let took = done.took.as_secs();
                assert!(took <= most, "{at}: took {took} s, not {most}");
            }
            if let Some(most) = step.memory {
                let peak = done.peak_kib / 1024;
                assert!(peak > 0 && peak <= most, "{at}: held {peak} MiB");
            }
            for text in &step.never {
                let there = one_line.contains(&on_one_line(&self.fill_in(text)));
                assert!(!there, "{at}: `{text}` is in\n{said}");
            }
            self.printed.push_str(&said);
        }
    }

    /// How everything stands at the end, as whoever reads Chinese is told: from the store, WeChat is not asked.
    fn tell_in_chinese(&mut self, name: &str) {
        const MOST: usize = 4;
        let all = self.stage.wxops(&["status", "--all", "--output", "json"]);
        let all: Value = serde_json::from_str(&all.stdout).unwrap_or_default();
        let tenants = all["tenants"].as_array().cloned().unwrap_or_default();
        let names = tenants.iter().take(MOST);
        let whys = names.filter_map(|one| Some(vec!["why", one["tenant"].as_str()?]));
        for arguments in [vec!["status", "--all"]].into_iter().chain(whys) {
            let done = self
                .stage
                .wxops(&[&arguments[..], &["--lang", "zh"]].concat());
            for said in [&done.stdout, &done.stderr] {
                let wrong = chinese::wrong_line(said);
                assert_eq!(wrong, None, "{name}: {arguments:?}");
                self.printed.push_str(said);
            }
        }
    }

    fn fill_in(&self, argument: &str) -> String {
        fill_in(&self.kept, argument)
    }

    /// Does what somebody else does while the verb runs.
    fn interfere(&self, meanwhile: &Meanwhile, kills: &[mpsc::Sender<()>], at: &str) {
        let control = &self.stage.control;
        let deadline = Instant::now() + Duration::from_secs(30);
        while control.count(&meanwhile.called).received == 0 {
            assert!(
                Instant::now() < deadline,
                "{at}: {} was never called",
                meanwhile.called
            );
            std::thread::yield_now();
        }
        if let Some(Request { method, path, body }) = &meanwhile.control {
            control.send(method, path, body);
        }
        if let Some(overlay) = &meanwhile.manifests {
            lay(&self.folder.join(overlay), &self.manifests, &self.web);
        }
        if meanwhile.kill {
            for kill in kills {
                kill.send(()).unwrap();
            }
        }
    }

    fn check(&self, step: &Step, at: &str) {
        for (path, expected) in &step.files {
            let text = std::fs::read_to_string(self.manifests.join(path)).ok();
            let Some(texts) = expected else {
                assert_eq!(text, None, "{at}: {path} is there");
                continue;
            };
            let text = text.unwrap_or_else(|| panic!("{at}: {path} is not there"));
            for expected in texts {
                assert!(
                    text.contains(expected),
                    "{at}: `{expected}` is not in {path}:\n{text}"
                );
            }
        }
        let control = &self.stage.control;
        for (path, expected) in &step.calls {
            let count = control.count(path);
            let Expected {
                received,
                with_effect,
                refused,
                at_most,
            } = expected;
            let same = |wanted: &Option<u64>, live: u64| wanted.is_none_or(|wanted| wanted == live);
            assert!(
                same(received, count.received)
                    && same(with_effect, count.with_effect)
                    && same(refused, count.refused)
                    && at_most.is_none_or(|most| count.received <= most),
                "{at}: {path} was {count:?}, expected {expected:?}"
            );
        }
        for (path, times) in &step.fetched {
            assert_eq!(self.web.asked(path), *times, "{at}: {path} was asked for");
        }
        if !step.order.is_empty() {
            assert_eq!(
                control.order(&step.order),
                step.order,
                "{at}: order of calls"
            );
        }
        if step.no_effects {
            assert_eq!(control.effects(), 0, "{at}: something changed an account");
        }
        let mut wanted = step.live.clone();
        if let Some(each) = &step.live_each {
            for n in 0..self.fleet {
                let each = fleet::fill_in(&each.to_string(), n);
                let each = serde_json::from_str(&each).unwrap();
                wanted.entry(fleet::appid(n)).or_insert(each);
            }
        }
        let state = control.state();
        let accounts: BTreeMap<&str, &Value> = state["accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|account| (account["appId"].as_str().unwrap(), account))
            .collect();
        for (appid, wanted) in &wanted {
            let live = accounts
                .get(appid.as_str())
                .unwrap_or_else(|| panic!("{at}: WeChat has no account {appid}"));
            assert!(
                holds(live, wanted),
                "{at}: {appid} is {live:#}, expected {wanted:#}"
            );
        }
    }

    /// No secret that ever was in this world is printed, or lies in the store in plain.
    fn search_for_secrets(mut self, name: &str) {
        self.printed.push_str(&self.stage.sidecar_log());
        let stored = bytes_below(&self.stage.store());
        let stored = String::from_utf8_lossy(&stored);
        let secrets = secrets(&self.stage.control.state());
        assert!(secrets.len() > 3, "{name}: no secrets to search for");
        for secret in secrets {
            assert!(
                !self.printed.contains(&secret),
                "{name}: the secret {secret} was printed:\n{}",
                self.printed
            );
            assert!(
                !stored.contains(&secret),
                "{name}: the secret {secret} lies in the store in plain"
            );
        }
    }
}
