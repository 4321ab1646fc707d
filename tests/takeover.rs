//! `examples/takeover/`, as its README and the product's tell it: every command is run by the real binary against the
//! simulator, and must print what the transcript shows.
//!
//! In a transcript `…` alone on a line stands for lines that are left out, and within a line for what differs from run
//! to run; `# exit N` behind a command is its exit code. The digest of a revision may differ from the one shown: a
//! command that names it is run with the one that was printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::files::copy;
use crate::support::process::{WXOPS, run};
use crate::support::stage::Stage;

/// One command of a transcript and what it prints.
struct Shown {
    command: String,
    exit: i32,
    lines: Vec<String>,
}

#[test]
fn forty_accounts_are_taken_over_as_the_transcript_shows() {
    let transcript = transcript("examples/takeover/README.md");
    let folder = tempfile::tempdir().unwrap();
    let tenants = folder.path().join("tenants");
    copy(&root().join("examples/takeover"), &tenants);
    let mut stage = Stage::without_sidecar(&tenants, &tenants.join("wechat.sim.yaml"));
    stage.seal();
    stage.start_sidecar();
    stage.push_ticket();
    let (mut writes, mut digests) = (Vec::new(), BTreeMap::new());
    for shown in &transcript {
        stage.control.reset_calls();
        check(&stage, folder.path(), shown, &mut digests);
        writes.push(stage.control.effects());
    }
    // Only the apply of the approved revision changed anything at WeChat: 26 menus.
    let written: Vec<u64> = writes.into_iter().filter(|writes| *writes > 0).collect();
    assert_eq!(written, [26]);
}

#[test]
fn the_readmes_show_the_same_transcript() {
    let shown = text_of("examples/takeover/README.md");
    for readme in ["README.md", "README.zh-CN.md"] {
        assert_eq!(text_of(readme), shown, "{readme}");
    }
}

fn check(stage: &Stage, folder: &Path, shown: &Shown, digests: &mut BTreeMap<String, String>) {
    let Shown {
        command,
        exit,
        lines,
    } = shown;
    let mut command = command.clone();
    for (shown, live) in digests.iter() {
        command = command.replace(shown, live);
    }
    let mut shell = Command::new("sh");
    stage.furnish(&mut shell);
    let binaries = Path::new(WXOPS).parent().unwrap();
    let path = format!(
        "{}:{}",
        binaries.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    shell
        .args(["-c", &format!("( {command}\n) 2>&1")])
        .current_dir(folder)
        .env_remove("WXOPS_MANIFESTS")
        .env("PATH", path);
    let done = run(&mut shell);
    let printed = done.stdout;
    assert_eq!(done.code, *exit, "$ {command}\n{printed}");
    let printed: Vec<&str> = printed
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
        digests.extend(revision(line).map(|shown| (shown, revision(live).unwrap())));
        rest = &rest[at.unwrap() + 1..];
        gap = false;
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

fn transcript(path: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for line in text_of(path).lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            let (command, exit) = match command.rsplit_once("# exit ") {
                Some((command, exit)) => (command.trim_end(), exit.trim().parse().unwrap()),
                None => (command, 0),
            };
            shown.push(Shown {
                command: command.to_owned(),
                exit,
                lines: Vec::new(),
            });
        } else if !line.trim().is_empty() {
            let last = shown
                .last_mut()
                .expect("a transcript begins with a command");
            last.lines.push(line.trim_end().to_owned());
        }
    }
    assert!(shown.len() > 8, "{path} shows too little");
    shown
}

/// The block behind `<!-- transcript -->`.
fn text_of(path: &str) -> String {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let (_, rest) = text
        .split_once("<!-- transcript -->\n```text\n")
        .unwrap_or_else(|| panic!("{path} holds no transcript"));
    let (block, _) = rest.split_once("\n```").unwrap();
    block.to_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
