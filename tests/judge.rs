//! The simulator judged from outside: a published SDK in another language lives an official account's life against it.
//!
//! Our client and our simulator were written by the same people from the same pages. wechatpy was not: what it sends
//! and what it makes of the answers is its own. Everything about it is in `tests/judge/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::process::{Background, WXOPS, run};

/// The pinned SDK agrees from the first ticket to the last refusal.
const VERDICT: &str = "wechatpy 1.8.18 and the simulator agree in 31 steps";

/// Fails on a Python too old.
const ASK_VERSION: &str = "import sys; print(sys.version); sys.exit(sys.version_info < (3, 10))";

#[test]
fn a_published_sdk_takes_the_simulator_for_wechat() {
    let python = Sdk::installed();
    let simulator = Background::start(
        Command::new(WXOPS)
            .args(["simulator", "--listen", "127.0.0.1:0"])
            .args(["--control", "127.0.0.1:0", "--state"])
            .arg(here("wechat.sim.yaml")),
    );
    let api = simulator.expect("listening on ");
    let control = simulator.expect("control on ");
    let mut judge = Command::new(python);
    judge.arg(here("judge.py")).args([&api, &control]);
    let done = run(furnished(&mut judge));
    let said = format!("{}{}", done.stdout, done.stderr);
    println!("{said}");
    let last = done.stdout.lines().last().unwrap_or_default();
    assert!(done.code == 0 && last.starts_with(VERDICT), "{said}");
}

/// A file of `tests/judge`.
fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/judge")
        .join(name)
}

/// What Python needs so that it reads no settings, writes nothing beside its sources and asks no proxy for loopback.
fn furnished(command: &mut Command) -> &mut Command {
    for name in ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"] {
        command.env_remove(name);
    }
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .env("NO_PROXY", "127.0.0.1")
}

/// The SDK in a Python environment of its own, below the build's folder.
struct Sdk {
    folder: PathBuf,
    /// What it was made of: the list of packages and the interpreter.
    recipe: String,
}

impl Sdk {
    /// The interpreter that has the SDK. Installed once; again when the list or the interpreter changes.
    fn installed() -> PathBuf {
        let requirements = fs::read_to_string(here("requirements.txt")).unwrap();
        let version = step(
            Command::new("python3").args(["-c", ASK_VERSION]),
            "the judge needs Python 3.10 or later as `python3`",
        );
        let sdk = Self {
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("judge"),
            recipe: version + &requirements,
        };
        if !sdk.is_complete() {
            sdk.install();
        }
        sdk.python()
    }

    fn python(&self) -> PathBuf {
        self.folder.join("venv/bin/python")
    }

    /// Written last, so an installation that was broken off begins anew.
    fn stamp(&self) -> PathBuf {
        self.folder.join("installed")
    }

    fn is_complete(&self) -> bool {
        fs::read_to_string(self.stamp()).is_ok_and(|made_of| made_of == self.recipe)
    }

    fn install(&self) {
        let _ = fs::remove_dir_all(&self.folder);
        fs::create_dir_all(&self.folder).unwrap();
        step(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(self.folder.join("venv")),
            "the judge needs Python's venv and pip (on Debian: python3-venv)",
        );
        step(
            Command::new(self.python())
                .args(["-m", "pip", "install", "--quiet", "--no-input"])
                .args([
                    "--disable-pip-version-check",
                    "--retries",
                    "1",
                    "--requirement",
                ])
                .arg(here("requirements.txt")),
            "the judge installs an SDK once, by hash, from your package registry, and could not: \
             is the registry pip is set to within reach? All other tests do without: \
             cargo test --locked -- --skip a_published_sdk",
        );
        fs::write(self.stamp(), &self.recipe).unwrap();
    }
}

/// Runs a command that has to work; what it printed.
fn step(command: &mut Command, otherwise: &str) -> String {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{otherwise}\n{error}"));
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{otherwise}\n{stdout}{stderr}");
    stdout
}
