//! `examples/systemd/`: the units are ones that systemd takes, shut in what they should, and fit each other and the binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::process::{WXOPS, run};
use crate::support::transcript::root;

/// What keeps a service to its own: nothing of the machine but its own folder can be written, nothing can be gained.
const SHUT_IN: [(&str, &str); 24] = [
    ("AmbientCapabilities", ""),
    ("CapabilityBoundingSet", ""),
    ("LockPersonality", "yes"),
    ("MemoryDenyWriteExecute", "yes"),
    ("NoNewPrivileges", "yes"),
    ("PrivateDevices", "yes"),
    ("PrivateTmp", "yes"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHome", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectProc", "invisible"),
    ("ProtectSystem", "strict"),
    ("RemoveIPC", "yes"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("SystemCallArchitectures", "native"),
    ("SystemCallErrorNumber", "EPERM"),
    (
        "SystemCallFilter",
        "@system-service ~@privileged @resources",
    ),
];

/// `Section.Key` → value; those of a key that stands several times, one after the other.
type Unit = BTreeMap<String, String>;

fn text(name: &str) -> String {
    fs::read_to_string(root().join("examples/systemd").join(name)).unwrap()
}

fn unit(name: &str) -> Unit {
    let (mut unit, mut section) = (Unit::new(), String::new());
    for line in text(name).lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if !line.is_empty() && !line.starts_with('#') {
            let (key, value) = line.split_once('=').unwrap();
            let known = unit.entry(format!("{section}.{key}")).or_default();
            if !known.is_empty() {
                known.push(' ');
            }
            known.push_str(value);
        }
    }
    unit
}

/// The settings of a file of variables.
fn variables(name: &str) -> BTreeMap<String, String> {
    let text = text(name);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

#[test]
fn all_services_are_shut_in() {
    for name in [
        "wxops.service",
        "wxops-standby.service",
        "wxops-fetch.service",
    ] {
        let unit = unit(name);
        for (key, value) in SHUT_IN {
            let found = unit.get(&format!("Service.{key}")).map(String::as_str);
            assert_eq!(found, Some(value), "{name}: {key}");
        }
        for bounded in ["MemoryMax", "TasksMax", "User", "StateDirectory"] {
            assert!(
                unit.contains_key(&format!("Service.{bounded}")),
                "{name}: {bounded}"
            );
        }
    }
}

#[test]
fn the_loop_is_started_again_and_ended_gently() {
    let unit = unit("wxops.service");
    for (key, value) in [
        ("Unit.StartLimitIntervalSec", "0"),
        ("Service.Restart", "always"),
        ("Service.KillSignal", "SIGTERM"),
        ("Service.TimeoutStopSec", "90"),
        ("Service.LimitNOFILE", "65536"),
        ("Service.StateDirectoryMode", "0700"),
        ("Service.UMask", "0077"),
    ] {
        assert_eq!(unit[key], value, "{key}");
    }
}

/// Whichever of the two works, it does the same, at the same place: only what they are called differs.
#[test]
fn the_one_that_stands_by_is_the_loop_once_more() {
    let (mut first, mut second) = (unit("wxops.service"), unit("wxops-standby.service"));
    let exec = first["Service.ExecStart"].clone();
    assert!(exec.split(' ').any(|word| word == "--standby"), "{exec}");
    for unit in [&mut first, &mut second] {
        unit.remove("Unit.Description");
    }
    assert_eq!(first, second);
}

#[test]
fn each_user_has_its_own_secrets() {
    let (runs, fetches) = (unit("wxops.service"), unit("wxops-fetch.service"));
    assert_ne!(runs["Service.User"], fetches["Service.User"]);
    assert_ne!(
        runs["Service.EnvironmentFile"],
        fetches["Service.EnvironmentFile"]
    );
    let fetched = format!("{fetches:?}{:?}", variables("fetch.env"));
    for secret in ["STORE", "credentials/", "appSecret"] {
        assert!(!fetched.contains(secret), "{secret}");
    }
    let users = text("wxops.sysusers");
    for user in [&runs["Service.User"], &fetches["Service.User"]] {
        assert!(
            users
                .lines()
                .any(|line| line.starts_with(&format!("u {user} "))),
            "{user}"
        );
    }
}

#[test]
fn the_files_agree_on_their_places() {
    let (runs, fetches) = (unit("wxops.service"), unit("wxops-fetch.service"));
    let manifests = format!("-f /var/lib/{}/current/", fetches["Service.StateDirectory"]);
    let store = variables("environment")["WXOPS_STORE"].clone();
    let exec = &runs["Service.ExecStart"];
    assert!(exec.contains(&manifests), "{exec}");
    assert!(exec.contains(&format!("--store {store} ")), "{exec}");
    let state = Path::new("/var/lib").join(&runs["Service.StateDirectory"]);
    assert!(Path::new(&store).starts_with(state), "{store}");
    let plan = fs::read_to_string(root().join("examples/ci/wxops-plan")).unwrap();
    assert!(plan.contains(&format!("settings={}\n", runs["Service.EnvironmentFile"])));
    assert!(plan.contains(&format!("sudo -n -u {} ", runs["Service.User"])));
    assert!(unit("wxops-fetch.timer").contains_key("Timer.OnUnitInactiveSec"));
}

#[test]
fn every_setting_of_the_fetch_is_one_that_the_script_knows() {
    let script = text("wxops-fetch");
    for name in variables("fetch.env").keys() {
        assert!(script.contains(&format!("${{{name}:")), "{name}");
    }
}

/// Holds from the moment on at which the binary has the verb.
#[test]
fn the_loop_is_called_by_options_that_it_knows() {
    let exec = unit("wxops.service")["Service.ExecStart"].clone();
    let words: Vec<&str> = exec.split(' ').collect();
    assert_eq!(words[..2], ["/usr/local/bin/wxops", "run"]);
    let verbs = run(Command::new(WXOPS).arg("--help")).stdout;
    if !verbs.contains("\n  run ") {
        return println!("wxops has no verb `run` yet: its options are not checked");
    }
    let help = run(Command::new(WXOPS).args(["run", "--help"])).stdout;
    let known: Vec<&str> = help
        .split(|c: char| c.is_whitespace() || c == ',')
        .collect();
    for option in words.iter().filter(|word| word.starts_with('-')) {
        assert!(known.contains(option), "{option}: {help}");
    }
}

#[test]
fn systemd_takes_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("examples/systemd/wxops-fetch");
    let mut analyze = Command::new("systemd-analyze");
    analyze.arg("verify");
    for name in [
        "wxops.service",
        "wxops-standby.service",
        "wxops-fetch.service",
        "wxops-fetch.timer",
    ] {
        // What is not installed here stands in its place.
        let text = text(name)
            .replace("/usr/local/bin/wxops", WXOPS)
            .replace("/usr/local/libexec/wxops-fetch", script.to_str().unwrap());
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        analyze.arg(file);
    }
    match analyze.output() {
        Err(error) => println!("the units are not verified here: systemd-analyze: {error}"),
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert!(done.status.success(), "{said}");
            for name in ["wxops.service", "wxops-standby", "wxops-fetch"] {
                assert!(!said.contains(name), "{said}");
            }
        }
    }
}
