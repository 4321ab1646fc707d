//! Transcripts of the pages: what is typed, what people do meanwhile, and what is printed.
//!
//! In a transcript `…` alone on a line stands for lines that are left out, and within a line for what differs from run
//! to run; `# exit N` behind a command is its exit code; a line in parentheses is what somebody does. The digest of a
//! revision may differ from the one shown: a command that names it is run with the one that was printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{WXOPS, run};
use super::stage::Stage;

/// One thing that happens.
pub enum Shown {
    /// A command is typed.
    Typed {
        command: String,
        exit: i32,
        lines: Vec<String>,
    },
    /// Somebody does this.
    Act(String),
}

/// Runs the commands of one transcript.
pub struct Player<'a> {
    pub stage: &'a Stage,
    /// Where they are typed.
    pub folder: &'a Path,
    digests: BTreeMap<String, String>,
}

impl<'a> Player<'a> {
    pub fn new(stage: &'a Stage, folder: &'a Path) -> Self {
        Self {
            stage,
            folder,
            digests: BTreeMap::new(),
        }
    }

    /// Runs a command and holds what it prints against what is shown. What it printed.
    pub fn check(&mut self, command: &str, exit: i32, lines: &[String]) -> String {
        let mut command = command.to_owned();
        for (shown, live) in &self.digests {
            command = command.replace(shown, live);
        }
        let mut shell = Command::new("sh");
        self.stage.furnish(&mut shell);
        let binaries = Path::new(WXOPS).parent().unwrap();
        let path = format!(
            "{}:{}",
            binaries.display(),
            std::env::var("PATH").unwrap_or_default()
        );
        shell
            .args(["-c", &format!("( {command}\n) 2>&1")])
            .current_dir(self.folder)
            .env_remove("WXOPS_MANIFESTS")
            .env("PATH", path);
        let done = run(&mut shell);
        assert_eq!(done.code, exit, "$ {command}\n{}", done.stdout);
        let printed: Vec<&str> = done
            .stdout
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .collect();
        let mut rest = printed.as_slice();
        let mut gap = true;
        for line in lines {
            if line == "…" {
                gap = true;
                continue;
            }
            let at = rest.iter().position(|live| matches(live, line));
            let fits = at.is_some_and(|at| gap || at == 0);
            assert!(
                fits,
                "$ {command}\nthe transcript shows\n{line}\nand this was printed\n{}",
                printed.join("\n")
            );
            let live = rest[at.unwrap()];
            let named = revision(line).map(|shown| (shown, revision(live).unwrap()));
            self.digests.extend(named);
            rest = &rest[at.unwrap() + 1..];
            gap = false;
        }
        done.stdout
    }
}

/// The revision that a line names: `r` and 8 hex digits.
fn revision(line: &str) -> Option<String> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric());
    let is_one = |word: &&str| {
        word.strip_prefix('r')
            .is_some_and(|hex| hex.len() == 8 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    words.into_iter().find(is_one).map(str::to_owned)
}

/// Whether a line is what is shown; `…` in it is anything, and a revision is as good as another.
fn matches(live: &str, shown: &str) -> bool {
    let unnamed = |line: &str| {
        revision(line).map_or(line.to_owned(), |name| line.replace(&name, "r········"))
    };
    let (live, shown) = (unnamed(live), unnamed(shown));
    let (live, shown) = (live.as_str(), shown.as_str());
    let parts: Vec<&str> = shown.split('…').collect();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    if parts.len() == 1 {
        return live == shown;
    }
    let Some(mut rest) = live.strip_prefix(first) else {
        return false;
    };
    for part in &parts[1..parts.len() - 1] {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The transcript of this name on a page.
pub fn read(page: &str, name: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for line in text_of(page, name).lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            let (command, exit) = match command.rsplit_once("# exit ") {
                Some((command, exit)) => (command.trim_end(), exit.trim().parse().unwrap()),
                None => (command, 0),
            };
            shown.push(Shown::Typed {
                command: command.to_owned(),
                exit,
                lines: Vec::new(),
            });
        } else if line.starts_with('(') {
            shown.push(Shown::Act(line.to_owned()));
        } else if !line.trim().is_empty() {
            let Some(Shown::Typed { lines, .. }) = shown.last_mut() else {
                panic!("{page}: `{line}` follows no command");
            };
            lines.push(line.trim_end().to_owned());
        }
    }
    assert!(shown.len() > 8, "{page} shows too little");
    shown
}

/// The block behind `<!-- transcript: NAME -->`.
pub fn text_of(page: &str, name: &str) -> String {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let (_, rest) = text
        .split_once(&format!("<!-- transcript: {name} -->\n```text\n"))
        .unwrap_or_else(|| panic!("{page} holds no transcript {name}"));
    let (block, _) = rest.split_once("\n```").unwrap();
    block.to_owned()
}

/// Where the repository is.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
