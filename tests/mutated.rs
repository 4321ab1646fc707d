//! The tests that mutations name are there.

use std::path::Path;

use crate::scenarios::PLAYED;

/// `tests/mutate.sh` runs tests by name: a name that is no test would always be "green".
#[test]
fn every_mutation_names_a_test_that_exists() {
    let mut tests = sources("src");
    tests.push_str(&sources("tests"));
    let mut mutations = 0;
    for entry in std::fs::read_dir(root().join("tests/mutations")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for mutation in text.split("\nmutation ").skip(1) {
            let name = mutation.trim().rsplit(' ').next().unwrap();
            let known = PLAYED.contains(&name) || tests.contains(&format!("fn {name}"));
            assert!(known, "there is no test `{name}`");
            mutations += 1;
        }
    }
    assert!(mutations >= 91, "{mutations} are left");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust below a folder.
fn sources(below: &str) -> String {
    let mut all = String::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    all
}
