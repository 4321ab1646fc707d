//! `docs/errors.md` explains every code, with the title and an example that the code itself has.
//!
//! The texts are written by hand. `WXOPS_BLESS=1 cargo test --test all errors_docs` puts in headings and examples.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wxops::manifest::codes::CODES;
use wxops::manifest::{Source, load, report};

use crate::support::broken_files::with_files;

/// What begins the part that is put in.
const SHOWN: &str = "\nShown by ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn page() -> String {
    fs::read_to_string(root().join("docs/errors.md")).unwrap()
}

/// The example files of a code.
fn examples(code: &str) -> Vec<String> {
    let begin = format!("{}-", code.to_lowercase());
    let entries = fs::read_dir(root().join("examples/broken")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(&begin))
        .collect();
    names.sort();
    names
}

fn code_of(section: &str) -> Option<&str> {
    section.get(..6).filter(|code| code.starts_with("WX"))
}

/// The page as it should be: each section with its code's title, and what `validate` prints about its first example.
fn wanted(page: &str) -> String {
    let mut sections = page.split("\n### ");
    let mut wanted = sections.next().unwrap().to_owned();
    for section in sections {
        wanted.push_str("\n### ");
        match code_of(section) {
            Some(code) => wanted.push_str(&wanted_section(code, section)),
            None => wanted.push_str(section),
        }
    }
    wanted
}

fn wanted_section(code: &str, section: &str) -> String {
    let title = CODES
        .iter()
        .find(|(known, _)| *known == code)
        .unwrap_or_else(|| panic!("docs/errors.md explains {code}, which does not exist"))
        .1;
    // A heading of the next part of the page may follow.
    let (section, next) = match section.find("\n## ") {
        Some(at) => section.split_at(at),
        None => (section, ""),
    };
    let (_, text) = section.split_once('\n').unwrap();
    let text = text.split(SHOWN).next().unwrap().trim_end();
    let mut wanted = format!("{code}: {title}\n{text}\n{}", example(code));
    wanted.push_str(next);
    wanted
}

fn example(code: &str) -> String {
    let files = examples(code);
    let Some(first) = files.first() else {
        return String::new();
    };
    let links: Vec<String> = files
        .iter()
        .map(|name| format!("[{name}](../examples/broken/{name})"))
        .collect();
    let read = |name: &str| {
        let path = root().join("examples/broken").join(name);
        Source::new(name, fs::read(path).unwrap())
    };
    let mut loaded = with_files(load(vec![read("platform.yaml"), read(first)]));
    loaded.check_expiry("2026-11-28T00:00:00Z".parse().unwrap());
    loaded.problems.retain(|problem| problem.code == code);
    let mut printed = String::new();
    for line in report::plain(&loaded).trim_end().lines() {
        writeln!(printed, "{}", line.trim_end()).unwrap();
    }
    format!("{SHOWN}{}:\n\n```text\n{printed}```\n", links.join(", "))
}

#[test]
fn headings_and_examples_are_fresh() {
    let wanted = wanted(&page());
    if std::env::var_os("WXOPS_BLESS").is_some() {
        fs::write(root().join("docs/errors.md"), &wanted).unwrap();
    }
    assert!(
        page() == wanted,
        "docs/errors.md is stale: run `WXOPS_BLESS=1 cargo test --test all errors_docs`"
    );
}

#[test]
fn every_code_is_explained_once_in_order_and_says_how_to_mend_it() {
    let page = page();
    let sections: Vec<(&str, &str)> = page
        .split("\n### ")
        .skip(1)
        .filter_map(|section| Some((code_of(section)?, section)))
        .collect();
    let explained: Vec<&str> = sections.iter().map(|(code, _)| *code).collect();
    let known: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(
        explained, known,
        "write a section for each code in docs/errors.md"
    );
    for (code, section) in sections {
        assert!(section.contains("\n**Mend it:** "), "{code}");
        let has_example = !examples(code).is_empty();
        assert_eq!(has_example, section.contains(SHOWN), "{code}");
        assert_eq!(!has_example, section.contains("\nNo example: "), "{code}");
    }
}

#[test]
fn every_code_that_the_page_mentions_exists() {
    let page = page();
    let known: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    for (at, _) in page.match_indices("WX1") {
        let code = page.get(at..at + 6).unwrap();
        assert!(known.contains(code), "{code}");
    }
}

#[test]
fn a_code_is_explained_on_the_command_line() {
    let explain = |code: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_wxops"))
            .args(["explain", code])
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let noted = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), printed, noted)
    };
    for (code, title) in CODES {
        let (exit, printed, _) = explain(code);
        assert_eq!(exit, Some(0));
        assert!(
            printed.starts_with(&format!("{code}: {title}\n\n")),
            "{printed}"
        );
        assert_eq!(printed.matches("**Mend it:**").count(), 1, "{printed}");
        assert!(!printed.contains("\n#"), "{printed}");
    }
    assert_eq!(explain("wx1203").1, explain("WX1203").1);
    let (exit, _, noted) = explain("WX9999");
    assert_eq!(exit, Some(1));
    assert!(noted.contains("WX9999"), "{noted}");
}
