//! Imports between files make no great circle: whoever reads can learn the files one after another.
//!
//! An arrow is a `use` of another file's module. `mod.rs` and `lib.rs`, where a room says what it is made of, and tests
//! have none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::sources;

/// So many files can be learned at once.
const MOST: usize = 6;

/// Which files each file imports: `reconcile::record`, as others name it.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The name of a file of `src/`; none of one without arrows.
fn module(path: &Path) -> Option<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = path.strip_prefix(src).ok()?.with_extension("");
    let names: Vec<&str> = inside.iter().filter_map(|name| name.to_str()).collect();
    let test = |name: &&str| *name == "tests" || name.ends_with("_tests");
    let door = ["mod", "lib", "main"].contains(names.last()?);
    (!door && !names.iter().any(test)).then(|| names.join("::"))
}

/// What the `use` lines of a file name, from the crate's root on.
fn uses(file: &str, text: &str) -> Vec<String> {
    let body = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut found = Vec::new();
    for (at, _) in body.match_indices("use ") {
        let line = body[..at].rsplit('\n').next().unwrap().trim_start();
        if !(line.is_empty() || line.starts_with("pub")) {
            continue;
        }
        let tree = body[at + "use ".len()..].split(';').next().unwrap();
        found.extend(paths(tree).iter().filter_map(|path| absolute(file, path)));
    }
    found
}

/// The paths of a tree: `a::{b, c::{d, e}}` are `a::b`, `a::c::d` and `a::c::e`. None of what is no tree but prose.
fn paths(tree: &str) -> Vec<String> {
    let Some((before, inside)) = tree.trim().split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let Some(inside) = inside.trim_end().strip_suffix('}') else {
        return Vec::new();
    };
    let mut depth = 0;
    let branches = inside.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    branches
        .filter(|branch| !branch.trim().is_empty())
        .flat_map(paths)
        .map(|path| format!("{before}{path}"))
        .collect()
}

/// A path from the crate's root on; none of one that leads out of the crate.
fn absolute(file: &str, path: &str) -> Option<String> {
    if let Some(path) = path.strip_prefix("crate::") {
        return Some(path.to_owned());
    }
    let (mut here, mut path) = (file, path);
    while let Some(rest) = path.strip_prefix("super::") {
        here = here.rsplit_once("::").map_or("", |(above, _)| above);
        path = rest;
    }
    let path = path.strip_prefix("self::").unwrap_or(path);
    // A file below is named without `self`, as other crates are: `arrows` knows which names are files.
    Some(format!("{here}::{path}"))
}

fn arrows(files: &[(String, String)]) -> Arrows {
    let known: BTreeSet<&str> = files.iter().map(|(file, _)| file.as_str()).collect();
    let file_of = |path: &str| {
        let mut name = path;
        while !known.contains(name) {
            name = name.rsplit_once("::")?.0;
        }
        Some(name.to_owned())
    };
    let of = |(file, text): &(String, String)| {
        let named = uses(file, text);
        let others = named.iter().filter_map(|path| file_of(path));
        (file.clone(), others.filter(|other| other != file).collect())
    };
    files.iter().map(of).collect()
}

/// All files that one can come to from a file, following the arrows.
fn reached<'a>(arrows: &'a Arrows, from: &'a str) -> BTreeSet<&'a str> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        let new = arrows[file].iter().map(String::as_str);
        next.extend(new.filter(|file| found.insert(*file)));
    }
    found
}

/// The circles, the greatest first: files each of which leads to all the others.
fn circles(arrows: &Arrows) -> Vec<Vec<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = arrows
        .keys()
        .map(|file| (file.as_str(), reached(arrows, file)))
        .collect();
    let of = |file: &str| -> Vec<&str> {
        let back = reached[file].iter().copied();
        back.filter(|other| reached[other].contains(file)).collect()
    };
    let found: BTreeSet<Vec<&str>> = reached.keys().map(|file| of(file)).collect();
    let mut found: Vec<Vec<&str>> = found.into_iter().filter(|one| one.len() > 1).collect();
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

#[test]
fn no_great_circle_of_files_import_one_another() {
    let files: Vec<(String, String)> = sources("src")
        .into_iter()
        .filter_map(|(path, text)| Some((module(&path)?, text)))
        .collect();
    let arrows = arrows(&files);
    let mut great = circles(&arrows);
    great.retain(|circle| circle.len() > MOST);
    assert!(
        great.is_empty(),
        "these files can only be understood all at once: move what they share below them, or pass a value in place of \
         a module: {great:#?}"
    );
}

#[test]
fn the_scanner_sees_a_circle() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let files = [
        file("a::one", "use super::{Shared, two::Two};\n"),
        file("a::two", "mod below;\npub(super) use below::Below;\n"),
        file(
            "a::two::below",
            "use crate::b::{\n    other::Other,\n    self as b,\n};\n",
        ),
        file(
            "b::other",
            "// use crate::b::last::Last;\nuse crate::a::one;\n",
        ),
        file("b::last", "use std::fmt;\nuse super::other::Other;\n"),
    ];
    assert_eq!(
        circles(&arrows(&files)),
        [["a::one", "a::two", "a::two::below", "b::other"]]
    );
}
