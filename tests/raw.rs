//! Names, answers, file names and arguments of others that would move a terminal's cursor, begin a line or turn the
//! direction of writing: every verb is run on them, in both languages, and nothing of it is printed or logged as it is.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use clap::CommandFactory as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use wxops::cli::Cli;
use wxops::wechat::raw::{escaped_json, is_raw};

use crate::support::process::{Finished, WXOPS, run};
use crate::support::stage::Stage;

const PLATFORM: &str = "wx0000000000000001";
const SUNRISE: &str = "wx1111111111111111";
const MOON: &str = "wx2222222222222222";

/// Everything that would do something, and a line that looks like ours.
const EVIL: &str = "x\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{202e}\u{2066}\u{200f}\u{61c}\r\nFAKE LINE\u{2028}\u{2029}\u{85}\u{7f}\u{0}y";

/// Nothing raw, and no line that somebody else began.
fn look(what: &str, text: &str) {
    let raw = |c: char| is_raw(c) && !matches!(c, '\n' | '\t');
    if let Some(at) = text.find(raw) {
        let near: String = text[at..].chars().take(60).collect();
        panic!("{what}: {near:?} in {text:?}");
    }
    let begun = text.lines().find(|line| line.starts_with("FAKE LINE"));
    assert_eq!(begun, None, "{what}: {text}");
    assert!(!text.contains("panicked"), "{what}: {text}");
}

fn both(what: &str, done: &Finished) {
    look(what, &done.stdout);
    look(what, &done.stderr);
}

fn account(appid: &str, principal: &str) -> Value {
    let button = |kind: &str, field: &str| json!({"type": kind, "name": format!("m{EVIL}"), field: format!("k{EVIL}")});
    json!({
        "appId": appid, "kind": "officialAccount", "principalName": principal,
        "nickName": format!("n{EVIL}"), "alias": format!("a{EVIL}"), "userName": format!("gh_{EVIL}"),
        "industry": {"primary": 16, "secondary": 1},
        "menu": {"default": {"button": [button("click", "key")]}},
        "templates": [{"title": format!("t{EVIL}"), "content": format!("{{{{first.DATA}}}}\n标签{EVIL}:{{{{k.DATA}}}}")}],
    })
}

fn set() -> (TempDir, Stage) {
    let folder = tempfile::tempdir().unwrap();
    let manifests = folder.path().join("manifests");
    std::fs::create_dir_all(manifests.join("credentials")).unwrap();
    for (name, text) in [
        ("appSecret", "raw-app-secret"),
        ("token", "raw-push-token"),
        (
            "encodingAesKey",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        ),
    ] {
        std::fs::write(manifests.join("credentials").join(name), text).unwrap();
    }
    let documents = format!(
        r#"apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {{name: main}}
spec: {{appId: {PLATFORM}, credentials: {{path: credentials}}, callback: {{url: "https://wx.example.com"}}}}
---
apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {{name: sunrise}}
spec:
  platformRef: {{name: main}}
  officialAccount:
    appId: {SUNRISE}
    menu: {{buttons: [{{name: 主页, click: HOME}}]}}
    industry: {{primary: 教育/培训}}
    templates: {{foreign: delete, items: []}}
"#
    );
    std::fs::write(manifests.join("all.yaml"), documents).unwrap();
    let authorizations: Vec<Value> = [SUNRISE, MOON]
        .iter()
        .map(|account| {
            json!({"platform": PLATFORM, "account": account, "permissionSets": [1, 3, 7, 15, 24, 30],
                   "refreshToken": format!("refreshtoken@@@{account}"), "authTime": "2026-10-01T08:00:00Z"})
        })
        .collect();
    let world = json!({
        "platforms": [{"appId": PLATFORM, "appSecret": "raw-app-secret", "token": "raw-push-token",
                       "encodingAesKey": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}],
        "accounts": [account(SUNRISE, "日出"), account(MOON, &format!("月{EVIL}"))],
        "authorizations": authorizations,
    });
    let state = folder.path().join("wechat.sim.json");
    // The YAML that a state is read as takes none of them but escaped.
    std::fs::write(&state, escaped_json(&world.to_string())).unwrap();
    let stage = Stage::set_with(&manifests, &state, &[("WXOPS_LOG", "trace")]);
    (folder, stage)
}

/// Every verb that ends by itself, in an order in which each has something to show.
fn verbs(out: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["validate"],
        vec!["render", "sunrise"],
        vec!["schema"],
        vec!["explain", "WX1114"],
        vec!["plan"],
        vec!["plan", "--all"],
        vec!["plan", "--output", "markdown"],
        vec!["plan", "--output", "json"],
        vec!["apply", "--auto-approve"],
        vec!["approve", "s123456"],
        vec!["status", "--all"],
        vec!["status", "--all", "--output", "json"],
        vec!["why", "sunrise"],
        vec!["why", "sunrise", "--live", "--output", "json"],
        vec!["output"],
        vec!["output", "sunrise", "--output", "env"],
        vec!["output", "--output", "json"],
        vec!["quota", "--live"],
        vec!["history", "sunrise"],
        vec!["history", "sunrise", "1"],
        vec!["history", "sunrise", "-n", "1000", "--output", "json"],
        vec!["restore", "sunrise", "1"],
        vec!["authorize", "sunrise"],
        vec!["import", "-o", out],
        vec!["import", "-o", out, "--output", "json"],
        vec!["op", "list"],
        vec!["op", "list", "--output", "json"],
        vec!["claim", "list"],
        vec!["store", "check"],
        vec!["store", "backup", out],
        vec!["pause", "sunrise", "--by", "li\u{1b}[31m"],
        vec!["status", "--all"],
        vec!["resume", "sunrise"],
        vec!["users", "export", "sunrise"],
        vec!["users", "export", "sunrise", "--output", "json"],
        vec!["confirm-file", "sunrise"],
        vec!["template", "list"],
        vec!["template", "list", "--output", "json"],
        vec!["template", "promote", "7"],
        vec!["template", "delete", "7"],
        vec!["audit", "screenshots", "sunrise", "--out", "."],
        vec!["trial", "sunrise", "--out", "trial.jpg"],
        vec!["menu", "match", "sunrise", "oaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    ]
}

#[test]
fn no_verb_prints_what_a_name_would_do() {
    let (folder, stage) = set();
    for lang in ["en", "zh"] {
        let out = folder.path().join(format!("imported-{lang}"));
        for verb in verbs(&out.display().to_string()) {
            let done = run(stage
                .command(verb[0])
                .args(&verb[1..])
                .env("WXOPS_LANG", lang));
            let what = format!("{lang} {}", verb.join(" "));
            both(&what, &done);
            if done.stdout.starts_with(['{', '[']) {
                let read: Result<Value, _> = serde_json::from_str(&done.stdout);
                assert!(read.is_ok(), "{what}: {}", done.stdout);
            }
        }
        look("what was imported", &texts(&out));
    }
    // A program reads what WeChat said, letter by letter, but for what shows nothing and was dropped when it was read.
    let done = stage.wxops(&["plan", "--output", "json"]);
    let read: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(read["tenants"][0]["nickName"], "nx[31m]0;t2JFAKE LINEy");
    look("the logs", &stage.transcripts());
    // What serves for as long as it runs has a test of its own below.
    let serving = ["sidecar", "run", "reconcile", "simulator", "demo"].map(str::to_owned);
    let all: BTreeSet<String> = Cli::command()
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    let run: BTreeSet<String> = verbs("")
        .iter()
        .map(|verb| verb[0].to_owned())
        .chain(serving)
        .collect();
    assert_eq!(run, all);
}

/// What files of a folder hold, one after the other.
fn texts(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return String::new();
    };
    let read = entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    read.collect()
}

#[test]
fn file_names_and_arguments_are_shown_as_they_are_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let name = EVIL.replace(['\0', '/'], "");
    std::fs::write(folder.path().join(format!("{name}.yaml")), "kind: Nope\n").unwrap();
    let at = folder.path().display().to_string();
    let nowhere = format!("{at}/{name}/no");
    for arguments in [
        vec!["validate", &at],
        vec!["validate", &at, "--output", "json"],
        vec!["validate", &nowhere],
        vec!["explain", &name],
        vec!["schema", &name],
        vec!["plan", "-f", &at, "--output", &name],
        vec!["approve", &name, "-f", &at],
        vec![&name],
        vec!["plan", &name],
    ] {
        for lang in ["en", "zh"] {
            let mut command = std::process::Command::new(WXOPS);
            let done = run(command.args(&arguments).env("WXOPS_LANG", lang));
            both(&arguments.join(" "), &done);
            assert_ne!(done.code, 0, "{arguments:?}");
        }
    }
    let mut command = std::process::Command::new(WXOPS);
    both(
        "WXOPS_LANG",
        &run(command.arg("schema").env("WXOPS_LANG", &name)),
    );
}

#[test]
fn the_paths_of_strangers_are_logged_on_one_line() {
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("wechat.sim.json");
        let manifests = folder.path().join("manifests");
        let (kept, stage) = set();
        for file in ["all.yaml", "credentials"] {
            let _ = std::fs::create_dir_all(&manifests);
            std::os::unix::fs::symlink(
                kept.path().join("manifests").join(file),
                manifests.join(file),
            )
            .unwrap();
        }
        drop(stage);
        std::fs::copy(kept.path().join("wechat.sim.json"), &state).unwrap();
        let environment = [("WXOPS_LOG", "trace"), ("WXOPS_LOG_FORMAT", format)];
        let stage = Stage::set_with(&manifests, &state, &environment);
        for url in [&stage.sidecar_url, &stage.api] {
            for path in [
                "/a\u{202e}\u{9b}31m\u{2028}b",
                "/a%0d%0aFAKE%20LINE%1b%5b31m",
                "/wechat/notices?nonce=%E2%80%AE%0AFAKE",
            ] {
                request(url.trim_start_matches("http://"), path);
            }
        }
        let _ = stage.wxops(&["plan"]);
        look(format, &stage.transcripts());
    }
}

/// Sends a request as no client would.
fn request(address: &str, path: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: a\u{202e}\r\nUser-Agent: \u{9b}31m\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
}
