//! What every file of the house keeps: who may import whom, a header that says what it is for, its size. That imports
//! make no circle is in `tidy/circles.rs`.

mod circles;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Longer files need a reason here.
const LONG: [(&str, &str); 0] = [];

/// About 400 lines, and some for the tests at a file's end.
const LINES: usize = 450;

const ROOMS: [&str; 11] = [
    "wechat",
    "plan",
    "resource",
    "manifest",
    "store",
    "client",
    "reconcile",
    "sidecar",
    "controller",
    "simulator",
    "cli",
];

/// Who may import whom (ARCHITECTURE.md).
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("wechat", vec![]),
        ("plan", vec!["wechat"]),
        ("resource", vec!["wechat", "plan"]),
        ("manifest", vec!["wechat", "plan", "resource"]),
        ("store", vec!["wechat"]),
        ("client", vec!["wechat", "store"]),
        (
            "reconcile",
            vec!["wechat", "plan", "resource", "manifest", "store", "client"],
        ),
        ("sidecar", vec!["wechat", "client", "store", "manifest"]),
        (
            "controller",
            vec![
                "wechat",
                "plan",
                "resource",
                "manifest",
                "store",
                "client",
                "reconcile",
                "sidecar",
            ],
        ),
        // The simulator builds its answers from WeChat's pages, so that one misreading cannot hide in both.
        ("simulator", vec!["wechat::push"]),
        ("cli", ROOMS.to_vec()),
    ])
}

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// The room a file of `src/` belongs to.
fn room(path: &Path) -> Option<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = path.strip_prefix(src).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?.to_owned();
    ROOMS.contains(&first.as_str()).then_some(first)
}

/// Every `crate::…` token of a text, up to two names deep.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let names: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':')
                .collect();
            let two: Vec<&str> = names.split("::").take(2).collect();
            found.push(two.join("::"));
        }
    }
    found
}

#[test]
fn rooms_import_only_the_rooms_below_them() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let Some(room) = room(&path) else { continue };
        for import in imports(&text) {
            let target = import.split("::").next().unwrap();
            let fine = target == room
                || !ROOMS.contains(&target)
                || allowed[room.as_str()].iter().any(|one| {
                    *one == target || import == *one || import.starts_with(&format!("{one}::"))
                });
            if !fine {
                wrong.push(format!("{}: crate::{import}", path.display()));
            }
        }
        // `use crate::{a, b}` would hide a room from this test.
        if text.contains("use crate::{") {
            wrong.push(format!(
                "{}: name one room per `use crate::`",
                path.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pure_rooms_touch_no_clock_file_network_or_randomness() {
    let words = [
        "std::fs",
        "std::net",
        "std::env",
        "tokio::",
        "reqwest",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "rand::",
        "Zoned::now",
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let pure = room(&path).is_some_and(|room| {
            ["wechat", "plan", "resource", "manifest"].contains(&room.as_str())
        });
        let test = path.to_string_lossy().contains("test");
        if pure && !test {
            let body = text.split("#[cfg(test)]").next().unwrap();
            for word in words {
                if body.contains(word) {
                    wrong.push(format!("{}: {word}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src")
        .into_iter()
        .chain(sources("tests"))
        .chain(sources("benches"))
    {
        if !text.starts_with("//! ") {
            wrong.push(path);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_small_enough_to_read() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let name = path
            .strip_prefix(env!("CARGO_MANIFEST_DIR"))
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let excused = LONG.iter().any(|(known, _)| *known == name);
        if text.lines().count() > LINES && !excused {
            wrong.push(format!("{name}: {} lines", text.lines().count()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_scanner_sees_a_forbidden_import() {
    assert_eq!(
        imports("use crate::store::Key;\n// crate::cli\nlet x = crate::wechat::push::seal();"),
        ["store::Key", "wechat::push",]
    );
}

#[test]
fn lib_rs_lists_the_rooms_in_their_order() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let listed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(listed, ROOMS);
}

#[test]
fn the_architecture_page_is_short_and_names_every_room() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() < 200);
    for room in ROOMS {
        assert!(text.contains(&format!("`{room}`")), "{room}");
    }
}

#[test]
fn every_dependency_has_its_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let page = fs::read_to_string(root.join("docs/dependencies.md")).unwrap();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies]");
        } else if inside && let Some((name, _)) = line.split_once(" =") {
            assert!(
                page.contains(&format!("| `{name}` |")),
                "docs/dependencies.md lacks `{name}`"
            );
        }
    }
}

#[test]
fn what_is_said_on_one_line_is_written_on_one() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src/cli") {
        for call in ["io.say(", "io.note("] {
            for (at, _) in text.match_indices(call) {
                // As far as the end of the statement, which is near enough.
                let rest = text.get(at..).unwrap_or_default();
                let statement = rest.split(";\n").next().unwrap_or_default();
                let statement = statement.split("=>").next().unwrap_or_default();
                if statement.contains("\\n\\")
                    || statement.contains("\\n\"")
                    || statement.contains("\"\\n")
                {
                    wrong.push(format!("{}: {statement}", path.display()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "say_lines, paint or a call for each line: {wrong:#?}"
    );
}
