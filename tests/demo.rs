//! `wxops demo`: ends well, leaves nothing behind, and does what the verbs do, by WeChat's own count.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::browser;
use crate::support::process::{Finished, WXOPS, run};
use crate::support::stage::Stage;

/// One run of the demo, in folders of its own.
struct Demo {
    done: Finished,
    took: Duration,
    /// What lies in its temporary folder, its home and its working folder afterwards.
    left: Vec<PathBuf>,
    /// The addresses it printed, and whether something still listens there.
    addresses: Vec<(SocketAddr, bool)>,
}

static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let place = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let folder = place.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        folder
    };
    let mut command = Command::new(WXOPS);
    command
        .arg("demo")
        .current_dir(folder("cwd"))
        .env("TMPDIR", folder("tmp"))
        .env("HOME", folder("home"))
        .env("XDG_RUNTIME_DIR", folder("run"))
        .env_remove("XDG_STATE_HOME")
        .env("LC_ALL", "C.UTF-8");
    for name in [
        "WXOPS_LANG",
        "WXOPS_STORE",
        "WXOPS_STORE_KEY",
        "WXOPS_STORE_KEY_FILE",
        "WXOPS_CLOCK",
    ] {
        command.env_remove(name);
    }
    let started = Instant::now();
    let done = run(&mut command);
    let took = started.elapsed();
    let mut left = Vec::new();
    files_below(place.path(), &mut left);
    let addresses = addresses(&done.stdout);
    Demo {
        done,
        took,
        left,
        addresses,
    }
});

/// Every address in a text. Asked at once, before another test takes the port.
fn addresses(text: &str) -> Vec<(SocketAddr, bool)> {
    text.split(|c: char| c.is_whitespace() || c == ',')
        .filter_map(|word| word.strip_prefix("http://127.0.0.1:"))
        .filter_map(|port| Some(SocketAddr::from(([127, 0, 0, 1], port.parse().ok()?))))
        .map(|address| (address, TcpStream::connect(address).is_ok()))
        .collect()
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The text between two headlines.
fn section<'a>(text: &'a str, headline: &str) -> &'a str {
    let (_, rest) = text
        .split_once(&format!("== {headline} ==\n"))
        .unwrap_or_else(|| panic!("no `{headline}` in\n{text}"));
    rest.split("\n== ").next().unwrap()
}

/// The plan in a section, which follows its introduction; every path as it is below the folder of manifests.
fn plan_in(section: &str) -> String {
    let start = section.find("moon-yoga ·").unwrap();
    without_folders(&section[start..])
}

/// Folders differ, how much of them is printed does too, and so the room that is left for other columns.
fn without_folders(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let in_file = word.contains(".yaml");
        let file = word.rsplit_once('/').filter(|_| in_file);
        file.map_or(word, |(_, file)| file)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What WeChat counted, as the demo prints it: received and with effect.
fn counted(text: &str) -> BTreeMap<String, (u64, u64)> {
    section(text, "What WeChat counted")
        .lines()
        .filter(|line| line.contains(" received, "))
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |at: usize| words[at].parse().unwrap();
            (words[0].to_owned(), (number(1), number(3)))
        })
        .collect()
}

#[test]
fn the_demo_ends_well_with_an_empty_plan_and_soon() {
    let Finished {
        code,
        stdout,
        stderr,
        ..
    } = &DEMO.done;
    assert_eq!(*code, 0, "{stdout}{stderr}");
    let again = section(stdout, "wxops plan, again");
    assert!(
        again.contains("All 3 tenants match. Nothing to do."),
        "{again}"
    );
    // It takes half a second; a build machine under load may take its time.
    assert!(DEMO.took < Duration::from_secs(20), "{:?}", DEMO.took);
}

#[test]
fn the_demo_leaves_no_file_and_no_port_behind() {
    assert_eq!(DEMO.left, Vec::<PathBuf>::new());
    let addresses = &DEMO.addresses;
    assert_eq!(addresses.len(), 3, "API, control and sidecar");
    assert!(addresses.iter().all(|(_, open)| !open), "{addresses:?}");
}

#[test]
fn the_demo_makes_exactly_the_calls_it_shows() {
    let text = &DEMO.done.stdout;
    let shown = section(text, "wxops plan");
    let made = section(text, "wxops apply");
    let counts = counted(text);
    let of = |path: &str| counts.get(path).copied().unwrap_or_default();
    for (name, path) in [
        ("menu/create", "/cgi-bin/menu/create"),
        ("open/create", "/cgi-bin/open/create"),
    ] {
        let steps = |text: &str| {
            let lines = text
                .lines()
                .filter(|line| line.split_whitespace().any(|word| word == name));
            lines.count() as u64
        };
        assert!(steps(shown) > 0);
        assert_eq!(steps(shown), steps(made), "{name}");
        assert_eq!(of(path), (steps(shown), steps(shown)), "{name}: {counts:?}");
    }
    let effects: u64 = counts.values().map(|(_, effect)| effect).sum();
    assert_eq!(effects, 5, "{counts:?}");
    assert!(text.contains("Done: 5 of 5 steps in 3 tenants."));
}

#[test]
fn the_demo_plans_and_does_what_the_verbs_do_on_the_same_folder() {
    let demo = &DEMO.done.stdout;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/demo");
    let stage = Stage::set(&folder, &folder.join("wechat.sim.yaml"));
    let link = stage.wxops(&["authorize", "moon-yoga"]);
    assert_eq!(link.code, 0, "{}", link.stderr);
    let page = browser::authorize(&stage.sidecar_url, link.stdout.trim(), "wx2222222222222222");
    assert_eq!(page.status, 200, "{page:?}");

    let plan = stage.wxops(&["plan", "--all"]);
    assert_eq!(
        plan_in(&plan.stdout),
        plan_in(section(demo, "wxops plan")),
        "the demo's plan is not that of the verb"
    );
    let detailed = stage.wxops(&["plan", "--detailed-exitcode"]);
    assert_eq!(detailed.code, 2, "{}", detailed.stdout);

    let applied = stage.wxops(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, 0, "{}{}", applied.stdout, applied.stderr);
    let again = stage.wxops(&["plan", "--detailed-exitcode"]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    assert!(again.stdout.contains("All 3 tenants match. Nothing to do."));

    let calls = stage.control.send("GET", "/_sim/calls", &Value::Null);
    let with_effect: BTreeMap<String, u64> = calls["endpoints"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(path, _)| !path.contains("/component/"))
        .map(|(path, count)| (path.clone(), count["withEffect"].as_u64().unwrap()))
        .filter(|(_, effect)| *effect > 0)
        .collect();
    let of_the_demo: BTreeMap<String, u64> = counted(demo)
        .into_iter()
        .map(|(path, (_, effect))| (path, effect))
        .filter(|(_, effect)| *effect > 0)
        .collect();
    assert_eq!(with_effect, of_the_demo);
}
