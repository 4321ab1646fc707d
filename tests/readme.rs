//! The READMEs, taken at their word: their files are written, their commands run in their order by the real binary,
//! with free ports in place of theirs, and end as they say.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::browser;
use crate::support::control;
use crate::support::page::{Document, Typed};
use crate::support::process::{Background, Finished, WXOPS, run};
use crate::support::relay::Relay;

const ENGLISH: &str = "README.md";
const CHINESE: &str = "README.zh-CN.md";
const ACCOUNT: &str = "wx1111111111111111";

/// How the owner authorizes: both ways that the README has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Browser,
    Order,
}

#[test]
fn both_readmes_show_the_same_files_and_commands() {
    let english = Document::read(ENGLISH).blocks();
    assert!(english.len() > 5, "{english:#?}");
    assert_eq!(english, Document::read(CHINESE).blocks());
}

#[test]
fn every_command_works_with_an_owner_at_a_browser() {
    walk(Owner::Browser);
}

#[test]
fn every_command_works_with_an_order_in_place_of_the_owner() {
    walk(Owner::Order);
}

#[test]
fn the_table_of_verbs_is_that_of_the_help() {
    let help = run(Command::new(WXOPS).arg("--help")).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let verbs: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    for readme in [ENGLISH, CHINESE] {
        assert_eq!(Document::read(readme).rows(), verbs, "{readme}");
    }
}

#[test]
fn every_exit_code_is_told() {
    for (readme, start) in [(ENGLISH, "Exit codes: "), (CHINESE, "退出码：")] {
        let told: Vec<u8> = Document::read(readme)
            .paragraph(start)
            .split('·')
            .map(|code| code.split_whitespace().next().unwrap().parse().unwrap())
            .collect();
        let mut codes = wxops::cli::Exit::PRECEDENCE.map(wxops::cli::Exit::code);
        codes.sort_unstable();
        assert_eq!(told, [&[0], &codes[..]].concat(), "{readme}");
    }
}

#[test]
fn every_linked_file_exists() {
    for readme in [ENGLISH, CHINESE] {
        let links = Document::read(readme).links();
        assert!(links.len() > 5, "{links:?}");
        for link in links {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&link);
            assert!(path.exists(), "{readme} links {link}");
        }
    }
}

fn walk(owner: Owner) {
    let mut walk = Walk::start(Document::read(ENGLISH), owner);
    for typed in walk.readme.typed() {
        walk.follow(&typed);
    }
    assert_eq!(walk.running.len(), 2, "a loop and a simulator");
}

/// A reader's folder and terminals.
struct Walk {
    readme: Document,
    owner: Owner,
    folder: TempDir,
    environment: Vec<(String, String)>,
    /// The README's addresses and those that stand in for them.
    addresses: BTreeMap<String, String>,
    /// WeChat's API, which the sidecar must know before it is there.
    wechat: Relay,
    running: Vec<Background>,
}

impl Walk {
    fn start(readme: Document, owner: Owner) -> Self {
        let wechat = Relay::listen();
        let api = (
            "127.0.0.1:9000".to_owned(),
            format!("127.0.0.1:{}", wechat.address.port()),
        );
        let walk = Self {
            readme,
            owner,
            folder: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
            addresses: BTreeMap::from([api]),
            wechat,
            running: Vec::new(),
        };
        walk.write_files();
        walk
    }

    /// The README's files, with the addresses known by now.
    fn write_files(&self) {
        for block in self.readme.blocks() {
            if let Some(file) = block.file {
                let path = self.folder.path().join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, self.here(&block.text)).unwrap();
            }
        }
    }

    /// A text with the addresses that are in use here.
    fn here(&self, text: &str) -> String {
        self.addresses
            .iter()
            .fold(text.to_owned(), |text, (theirs, ours)| {
                text.replace(theirs, ours)
            })
    }

    fn follow(&mut self, typed: &Typed) {
        let words: Vec<&str> = typed.line.split_whitespace().collect();
        match words[..] {
            ["export", ..] => self.export(&words[1..]),
            ["make", target] => {
                let makefile = Document::read("Makefile").text;
                assert!(makefile.contains(&format!("\n{target}:")), "{typed:?}");
            }
            ["cargo", "run", "--", ..] => self.finish(typed, &words[3..], 0),
            ["sed", "-i.bak", change, file] => self.edit(change, file),
            ["curl", "-X", method, url, ..] => self.curl(method, url, typed),
            ["wxops", "run" | "simulator", ..] => self.keep_running(typed, &words[1..]),
            ["wxops", "authorize", ..] => self.authorize(&words[1..]),
            ["wxops", ..] => self.finish(typed, &words[1..], 0),
            _ => panic!("nobody knows how to type {typed:?}"),
        }
    }

    /// Environment variables; the store's folder is one of this test.
    fn export(&mut self, variables: &[&str]) {
        for variable in variables {
            let (name, value) = variable.split_once('=').unwrap();
            let store = self.folder.path().join("store").display().to_string();
            let value = if name == "WXOPS_STORE" { &store } else { value };
            self.environment.push((name.to_owned(), value.to_owned()));
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(WXOPS);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("WXOPS_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end: with the exit code of its comment, and the output that comment and README show.
    fn finish(&self, typed: &Typed, arguments: &[&str], otherwise: i32) {
        let finished = run(&mut self.command(arguments));
        let (code, text) = match typed.comment.strip_prefix("exit code ") {
            None => (otherwise, ""),
            Some(comment) => {
                let (code, text) = comment.split_once(": ").unwrap();
                (code.parse().unwrap(), text)
            }
        };
        assert_eq!(finished.code, code, "{typed:?}: {finished:#?}");
        assert_printed(typed, text, &finished);
    }

    /// Starts what runs until it is ended, each of its addresses on a free port; the lines shown tell which.
    fn keep_running(&mut self, typed: &Typed, arguments: &[&str]) {
        let arguments: Vec<&str> = arguments
            .iter()
            .map(|word| match word.strip_prefix("127.0.0.1:") {
                Some(_) => "127.0.0.1:0",
                None => *word,
            })
            .collect();
        let process = Background::start(&mut self.command(&arguments));
        assert!(!typed.shown.is_empty(), "{typed:?}");
        for line in &typed.shown {
            let (prefix, theirs) = line.split_once("http://").unwrap();
            let ours = process.expect(&format!("{prefix}http://"));
            if self.addresses.contains_key(theirs) {
                self.wechat.lead_to(ours.parse().unwrap());
            } else {
                self.addresses.insert(theirs.to_owned(), ours);
            }
        }
        self.running.push(process);
        self.write_files();
        if arguments[0] == "simulator" {
            self.await_ticket();
        }
    }

    /// A reader takes longer to open the next terminal than WeChat to push.
    fn await_ticket(&self) {
        let control = control::Control::at(&self.here("http://127.0.0.1:9001"));
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while control.send("GET", "/_sim/calls", &serde_json::Value::Null)["pushes"]["push:ticket"]
            ["acknowledged"]
            != 1
        {
            assert!(std::time::Instant::now() < deadline, "no ticket came");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// The link is printed at once; the command ends when its owner has confirmed.
    fn authorize(&self, arguments: &[&str]) {
        let waiting = Background::start(&mut self.command(arguments));
        let link = format!("http://{}", waiting.expect("http://"));
        if self.owner == Owner::Order {
            return;
        }
        let page = browser::open("GET", &link, &[], "");
        assert_eq!(page.status, 200, "{page:?}");
        let done = browser::authorize(&self.here("http://127.0.0.1:8080"), &link, ACCOUNT);
        assert!(done.body.contains("授权成功"), "{done:?}");
        assert_eq!(waiting.expect("sunrise-dance is authorized:"), ACCOUNT);
    }

    /// An order to the simulator. Without a browser it stands in for the owner, with the link that is printed anew.
    fn curl(&self, method: &str, url: &str, typed: &Typed) {
        let scans = url.ends_with("/_sim/scan");
        if scans && self.owner == Owner::Browser {
            return;
        }
        let url = self.here(url);
        let (address, path) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .unwrap();
        let body = if scans {
            let (_, quoted) = typed.line.split_once("-d \"").unwrap();
            let (body, rest) = quoted.split_once("$(wxops ").unwrap();
            let (printed, end) = rest.split_once(')').unwrap();
            let words: Vec<&str> = printed.split_whitespace().collect();
            let link = run(&mut self.command(&words)).stdout;
            let body = format!("{body}{}{}", link.trim(), end.strip_suffix('"').unwrap());
            body.replace("\\\"", "\"")
        } else {
            typed.line.split('\'').nth(1).unwrap().to_owned()
        };
        let (status, answer) = control::request(address, method, &format!("/{path}"), &body);
        assert_eq!(status, 200, "{typed:?}: {answer}");
        assert!(!scans || answer.contains("授权成功"), "{answer}");
    }

    /// `s/from/to/` in a file.
    fn edit(&self, change: &str, file: &str) {
        let parts: Vec<&str> = change.split('/').collect();
        let ["s", from, to, ""] = parts[..] else {
            panic!("nobody knows how to edit by {change}");
        };
        let path = self.folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }
}

/// Every line shown is printed, in order; how wide the columns are is the terminal's affair.
fn assert_printed(typed: &Typed, text: &str, finished: &Finished) {
    let all = format!("{}{}", finished.stdout, finished.stderr);
    assert!(
        all.to_lowercase().contains(&text.to_lowercase()),
        "{typed:?}: {all}"
    );
    let squeeze = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut printed = finished.stdout.lines().map(squeeze);
    for line in &typed.shown {
        let line = squeeze(line);
        assert!(
            printed.any(|printed| printed == line),
            "`{line}` is not printed here:\n{all}"
        );
    }
}
