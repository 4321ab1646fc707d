//! A stage: a simulator, a sidecar and a store, each in its own process and place, and the commands run on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};

use serde_json::json;
use tempfile::TempDir;

use super::control::Control;
use super::process::{Background, Finished, Transcript, WXOPS, run};
use super::relay::Relay;

/// The key that seals secrets in a stage's store.
pub const STORE_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Everything a command of wxops needs around it.
pub struct Stage {
    folder: TempDir,
    manifests: PathBuf,
    simulator: Background,
    sidecar: Option<Background>,
    environment: Vec<(String, String)>,
    transcripts: Vec<Transcript>,
    sealed: bool,
    pub control: Control,
    pub api: String,
    pub sidecar_url: String,
}

impl Stage {
    /// A simulator with a state, and a sidecar over a folder of manifests, connected both ways; one ticket pushed.
    pub fn set(manifests: &Path, state: &Path) -> Self {
        let mut stage = Self::without_sidecar(manifests, state);
        stage.start_sidecar();
        stage.push_ticket();
        stage
    }

    /// The same where every process has more in its environment.
    pub fn set_with(manifests: &Path, state: &Path, environment: &[(&str, &str)]) -> Self {
        let mut stage = Self::simulator(manifests, state, environment);
        stage.start_sidecar();
        stage.push_ticket();
        stage
    }

    /// A simulator alone.
    pub fn without_sidecar(manifests: &Path, state: &Path) -> Self {
        Self::simulator(manifests, state, &[])
    }

    fn simulator(manifests: &Path, state: &Path, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock");
        std::fs::write(&clock, into_the_month(Timestamp::now()).to_string()).unwrap();
        let simulator = Background::start(
            Command::new(WXOPS)
                .args([
                    "simulator",
                    "--listen",
                    "127.0.0.1:0",
                    "--control",
                    "127.0.0.1:0",
                ])
                .arg("--state")
                .arg(state)
                .arg("--clock")
                .arg(&clock)
                .envs(environment.iter().copied()),
        );
        let api = simulator.expect("listening on ");
        let control = Control::at(&simulator.expect("control on "));
        Self {
            folder,
            manifests: manifests.to_owned(),
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            transcripts: vec![simulator.transcript()],
            simulator,
            sidecar: None,
            sealed: false,
            control,
            api,
            sidecar_url: String::new(),
        }
    }

    /// From now on wxops is answered in another spelling than WeChat's: each text by one of as many bytes.
    pub fn rewrite(&mut self, texts: &BTreeMap<String, String>) {
        let relay = Relay::rewriting(texts.clone());
        let at = self.api.trim_start_matches("http://").parse().unwrap();
        relay.lead_to(at);
        self.api = format!("http://{}", relay.address);
    }

    /// Encrypts secrets in the store from now on.
    pub fn seal(&mut self) {
        self.sealed = true;
    }

    /// Starts the sidecar on a free port and tells WeChat where it is.
    pub fn start_sidecar(&mut self) {
        self.serve(&["sidecar", "--listen", "127.0.0.1:0"]);
    }

    /// Starts the loop on free ports, in place of a sidecar, and tells WeChat where it is.
    pub fn start_loop(&mut self) {
        self.serve(&[
            "run",
            "--listen",
            "127.0.0.1:0",
            "--private-listen",
            "127.0.0.1:0",
        ]);
    }

    /// Looks at another folder of manifests from now on.
    pub fn follow(&mut self, manifests: &Path) {
        manifests.clone_into(&mut self.manifests);
    }

    fn serve(&mut self, arguments: &[&str]) {
        let (verb, rest) = arguments.split_first().unwrap();
        let serving = Background::start(self.command(verb).args(rest));
        self.sidecar_url = serving.expect("listening on ");
        self.transcripts.push(serving.transcript());
        self.sidecar = Some(serving);
        let mut state = self.control.state();
        for platform in state["platforms"].as_array_mut().unwrap() {
            platform["noticesUrl"] = json!(format!("{}/wechat/notices", self.sidecar_url));
            platform["messagesUrl"] =
                json!(format!("{}/wechat/messages/$APPID$", self.sidecar_url));
        }
        self.control.put_state(&state);
    }

    /// Ends the sidecar; others then open the store themselves.
    pub fn stop_sidecar(&mut self) {
        if let Some(sidecar) = self.sidecar.take() {
            sidecar.terminate();
        }
    }

    /// Waits until the sidecar ends by itself: its exit code, and what it printed since last asked.
    pub fn sidecar_ends(&mut self) -> (Option<i32>, String) {
        let mut sidecar = self.sidecar.take().unwrap();
        let code = sidecar.ended();
        let said = sidecar.drain().replace("stderr: ", "");
        (code, said)
    }

    /// Ends the sidecar as a power cut would.
    pub fn kill_sidecar(&mut self) {
        drop(self.sidecar.take());
    }

    /// Sends the sidecar a signal by its name.
    pub fn signal_sidecar(&self, name: &str) {
        if let Some(sidecar) = &self.sidecar {
            sidecar.signal(name);
        }
    }

    /// Everything that simulator and sidecars printed from their start on.
    pub fn transcripts(&self) -> String {
        self.transcripts.iter().map(Transcript::text).collect()
    }

    /// What the sidecar printed since last asked.
    pub fn sidecar_log(&self) -> String {
        self.sidecar
            .as_ref()
            .map(Background::drain)
            .unwrap_or_default()
    }

    /// What the simulator printed since last asked.
    pub fn simulator_log(&self) -> String {
        self.simulator.drain()
    }

    /// Pushes one ticket to every platform.
    pub fn push_ticket(&self) {
        for platform in self.control.state()["platforms"].as_array().unwrap() {
            let appid = platform["appId"].as_str().unwrap();
            self.control.send(
                "POST",
                &format!("/_sim/platforms/{appid}/ticket"),
                &json!({}),
            );
        }
    }

    /// Where the store is.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// The file of the clock that wxops and the simulator share.
    pub fn clock(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// The verb, with this stage's manifests, store, WeChat and clock.
    pub fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(WXOPS);
        command.arg(verb);
        self.furnish(&mut command);
        command
    }

    /// Gives a command this stage's manifests, store, WeChat and clock.
    pub fn furnish(&self, command: &mut Command) {
        command
            .env("WXOPS_MANIFESTS", &self.manifests)
            .env("WXOPS_STORE", self.store())
            .env("WXOPS_API_BASE", &self.api)
            .env("WXOPS_CLOCK", self.clock())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env_remove("WXOPS_LANG")
            .env_remove("WXOPS_STORE_KEY_FILE")
            .env_remove("WXOPS_STORE_KEY");
        if self.sealed {
            command.env("WXOPS_STORE_KEY", STORE_KEY);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
    }

    /// Runs a verb with arguments to its end.
    pub fn wxops(&self, arguments: &[&str]) -> Finished {
        let (verb, rest) = arguments.split_first().unwrap();
        run(self.command(verb).args(rest))
    }
}

/// Milliseconds to a moment after which neither a day nor a month of WeChat's quotas ends soon, so that what a test spends is
/// still spent when it looks: none at most times.
fn into_the_month(now: Timestamp) -> i64 {
    let here = now.to_zoned(TimeZone::get("Asia/Shanghai").unwrap());
    let morning = |day: Zoned| {
        day.with()
            .time(jiff::civil::time(9, 0, 0, 0))
            .build()
            .unwrap()
    };
    let then = if here.day() + 3 > here.days_in_month() {
        let next = here.checked_add(1.month()).unwrap();
        morning(next.with().day(3).build().unwrap())
    } else if here.hour() >= 18 {
        morning(here.tomorrow().unwrap())
    } else {
        return 0;
    };
    then.timestamp().as_millisecond() - now.as_millisecond()
}
