//! `wxops run`, in one life after the other: killed, asked to end, frozen, started again.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::process::{Background, Transcript};
use crate::support::stage::Stage;

/// How long it may take to end when it is asked to.
const LONGEST_END: Duration = Duration::from_secs(30);
/// How long it may take to say how it stands.
const PATIENCE: Duration = Duration::from_secs(10);

/// The loop of one stage.
pub struct Loop {
    port: u16,
    store: PathBuf,
    alive: Option<Background>,
    /// What every life printed.
    transcripts: Vec<Transcript>,
    /// What was wrong with an end.
    pub wrong: Vec<String>,
}

/// A port that nobody listens on, below those the system gives out by itself: a client's connection must not take it
/// while the loop is dead.
pub fn free_port(mut draw: impl FnMut() -> u64) -> u16 {
    loop {
        let port = u16::try_from(draw()).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Loop {
    pub fn of(stage: &Stage, port: u16) -> Self {
        Self {
            port,
            store: stage.store(),
            alive: None,
            transcripts: Vec::new(),
            wrong: Vec::new(),
        }
    }

    pub fn start(&mut self, mut command: Command, log: &str) {
        let listen = format!("127.0.0.1:{}", self.port);
        command
            .args(["--listen", &listen, "--private-listen", "127.0.0.1:0"])
            .env("WXOPS_LOG", log);
        let started = Background::start(&mut command);
        self.transcripts.push(started.transcript());
        self.alive = Some(started);
    }

    /// Whether it runs. It never ends by itself.
    pub fn is_alive(&self) -> bool {
        self.alive.is_some()
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        drop(self.alive.take());
    }

    /// As a service manager would. It must end well and in time.
    pub fn terminate(&mut self) -> Duration {
        let Some(mut alive) = self.alive.take() else {
            return Duration::ZERO;
        };
        let asked = Instant::now();
        alive.signal("TERM");
        let code = alive.ended_within(LONGEST_END);
        let took = asked.elapsed();
        match code {
            Some(Some(0)) => {}
            Some(code) => self
                .wrong
                .push(format!("ended with {code:?} after SIGTERM")),
            None => {
                let said = self.last_said();
                self.wrong.push(format!(
                    "did not end within {LONGEST_END:?} of SIGTERM: {said}"
                ));
            }
        }
        took
    }

    /// Does something while it stands still.
    pub fn frozen<T>(&self, act: impl FnOnce() -> T) -> T {
        if let Some(alive) = &self.alive {
            alive.signal("STOP");
        }
        let done = act();
        if let Some(alive) = &self.alive {
            alive.signal("CONT");
        }
        done
    }

    /// What `GET` of its private port answers, once it listens.
    pub fn ask(&self, path: &str) -> Option<Value> {
        let lock = std::fs::read(self.store.join("loop.lock")).ok()?;
        let holder: Value = serde_json::from_slice(&lock).ok()?;
        let address = holder["private"].as_str()?;
        let word = holder["word"].as_str()?;
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let asked = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {word}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(asked.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let is_well = head.starts_with("HTTP/1.1 200");
        is_well.then(|| serde_json::from_str(body).ok()).flatten()
    }

    /// Everything that every life printed.
    pub fn printed(&self) -> String {
        self.transcripts.iter().map(Transcript::text).collect()
    }

    /// The last lines of the last life.
    pub fn last_said(&self) -> String {
        let text = self.transcripts.last().map(Transcript::text);
        let text = text.unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}
