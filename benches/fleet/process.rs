//! The two processes of the benchmark, the loop and WeChat, and how they are asked.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::house::PLATFORM;

/// What gives out a credential: it changes nobody's account.
const TOKENS: [&str; 2] = [
    "/cgi-bin/component/api_component_token",
    "/cgi-bin/component/api_authorizer_token",
];

/// The binary that is measured.
fn wxops() -> Command {
    let binary = std::env::var_os("WXOPS_BENCH_BINARY");
    Command::new(binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_wxops").into()))
}

/// Where everything of a run lies.
pub struct Place(pub PathBuf);

impl Place {
    pub fn manifests(&self) -> PathBuf {
        self.0.join("manifests")
    }

    pub fn store(&self) -> PathBuf {
        self.0.join("store")
    }

    pub fn clock(&self) -> PathBuf {
        self.0.join("clock")
    }

    /// A verb beside the loop.
    pub fn wxops(&self, wechat: &Wechat, arguments: &[&str]) {
        let done = self.command(wechat, arguments).status().unwrap();
        assert!(done.success(), "{arguments:?}: {done}");
    }

    fn command(&self, wechat: &Wechat, arguments: &[&str]) -> Command {
        let mut command = wxops();
        command
            .args(arguments)
            .env("WXOPS_MANIFESTS", self.manifests())
            .env("WXOPS_STORE", self.store())
            .env("WXOPS_STORE_KEY", "ab".repeat(32))
            .env("WXOPS_API_BASE", &wechat.api)
            .env("WXOPS_CLOCK", self.clock())
            .env("WXOPS_LOG", "error")
            .env("XDG_RUNTIME_DIR", &self.0)
            .stdout(Stdio::null());
        command
    }

    /// Every document of the store, with what changes when it is written.
    pub fn documents(&self) -> BTreeMap<String, Vec<u8>> {
        let path = self.store().join("db/documents.db");
        let read_only = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = rusqlite::Connection::open_with_flags(path, read_only).unwrap();
        let mut all = database
            .prepare("SELECT key, revision FROM documents")
            .unwrap();
        let rows = all
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// A process that is killed when it is dropped.
struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// What stands behind `http://` in the next line.
    fn address(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("http://");
        address
            .unwrap_or_else(|| panic!("said `{line}`"))
            .1
            .to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The simulator.
pub struct Wechat {
    _process: Process,
    api: String,
    control: String,
}

impl Wechat {
    pub fn start(place: &Place, state: &Path) -> Self {
        let mut command = wxops();
        command
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
            .arg(place.clock());
        let mut process = Process::start(&mut command);
        let api = format!("http://{}", process.address());
        let control = process.address();
        Self {
            _process: process,
            api,
            control,
        }
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, text) = request(&self.control, (method, path, None), &body.to_string());
        assert_eq!(status, 200, "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Tells the console where to push to, and has a ticket pushed.
    pub fn push_to(&self, address: &str) {
        let urls = json!({
            "noticesUrl": format!("http://{address}/wechat/notices"),
            "messagesUrl": format!("http://{address}/wechat/messages/$APPID$"),
        });
        self.send("PATCH", &format!("/_sim/platforms/{PLATFORM}"), &urls);
        let pushed = self.send(
            "POST",
            &format!("/_sim/platforms/{PLATFORM}/ticket"),
            &json!({}),
        );
        assert_eq!(pushed["push"]["acknowledged"], true, "{pushed}");
    }

    pub fn advance(&self, seconds: u64) {
        self.send("POST", "/_sim/clock", &json!({"advance": seconds}));
    }

    /// How far the clock runs ahead of this machine's, in milliseconds.
    pub fn ahead(&self) -> i64 {
        let told = self.send("GET", "/_sim/clock", &Value::Null);
        told["offsetMs"].as_i64().unwrap()
    }

    /// Calls so far: all, those that gave out a token, those that changed something.
    pub fn calls(&self) -> Calls {
        let told = self.send("GET", "/_sim/calls?last=0", &Value::Null);
        let mut calls = Calls::default();
        for (path, count) in told["endpoints"].as_object().unwrap() {
            let received = count["received"].as_u64().unwrap();
            calls.all += received;
            if TOKENS.contains(&path.as_str()) {
                calls.tokens += received;
            } else if count["withEffect"] != 0 {
                let effects = count["withEffect"].as_u64().unwrap();
                calls.writes.insert(path.clone(), effects);
            }
        }
        calls
    }

    /// Waits until nobody has called for two seconds.
    pub fn until_quiet(&self) {
        let mut before = self.calls().all;
        loop {
            std::thread::sleep(Duration::from_secs(2));
            let now = self.calls().all;
            if now == before {
                return;
            }
            before = now;
        }
    }
}

/// What WeChat was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls {
    pub all: u64,
    pub tokens: u64,
    /// Those with an effect, by path.
    pub writes: BTreeMap<String, u64>,
}

/// `wxops run`.
pub struct Loop {
    process: Process,
    pub public: String,
    private: String,
    word: String,
    /// From the start to the line that names the public port, and to the private port's being ready.
    pub started: (Duration, Duration),
}

impl Loop {
    pub fn start(place: &Place, wechat: &Wechat) -> Self {
        let arguments = [
            "run",
            "--listen",
            "127.0.0.1:0",
            "--private-listen",
            "127.0.0.1:0",
        ];
        let begun = Instant::now();
        let mut process = Process::start(&mut place.command(wechat, &arguments));
        let public = process.address();
        let listening = begun.elapsed();
        let private = process.address();
        while request(&private, ("GET", "/readyz", None), "").0 != 200 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let ready = begun.elapsed();
        let lock = fs::read(place.store().join("loop.lock")).unwrap();
        let lock: Value = serde_json::from_slice(&lock).unwrap();
        Self {
            process,
            public,
            private,
            word: lock["word"].as_str().unwrap().to_owned(),
            started: (listening, ready),
        }
    }

    /// What `GET` of its private port answers.
    pub fn ask(&self, path: &str) -> Value {
        let (status, text) = request(&self.private, ("GET", path, Some(&self.word)), "");
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// MiB: `VmRSS` is what it holds now, `VmHWM` the most it ever held.
    pub fn memory(&self, field: &str) -> f64 {
        let path = format!("/proc/{}/status", self.process.child.id());
        let status = fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024.0
    }

    /// Ends it as a service manager does; gives how long that took.
    pub fn terminate(mut self) -> Duration {
        let asked = Instant::now();
        let pid = self.process.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(self.process.child.wait().unwrap().success());
        asked.elapsed()
    }
}

/// One HTTP/1.1 request on a connection of its own.
fn request(address: &str, call: (&str, &str, Option<&str>), body: &str) -> (u16, String) {
    let (method, path, word) = call;
    let mut stream = TcpStream::connect(address).unwrap();
    let body = if body == "null" { "" } else { body };
    let word = word.map(|word| format!("Authorization: Bearer {word}\r\n"));
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        word.unwrap_or_default(),
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
