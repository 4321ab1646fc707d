//! The page about all this, in both languages: the same commands, files that exist, sentences that the scripts say.

use std::fs;

use crate::support::page::Document;
use crate::support::transcript::root;

const ENGLISH: &str = "docs/ci.md";
const CHINESE: &str = "docs/ci.zh-CN.md";

#[test]
fn both_pages_show_the_same_commands_and_links() {
    let (english, chinese) = (Document::read(ENGLISH), Document::read(CHINESE));
    assert!(english.blocks().len() > 3);
    assert_eq!(english.blocks(), chinese.blocks());
    let elsewhere = |page: &Document| -> Vec<String> {
        let links = page.links().into_iter();
        links.filter(|link| !link.starts_with("ci.")).collect()
    };
    assert_eq!(elsewhere(&english), elsewhere(&chinese));
    for link in elsewhere(&english) {
        assert!(root().join("docs").join(&link).exists(), "{link}");
    }
}

#[test]
fn every_file_that_is_installed_is_there() {
    let page = Document::read(ENGLISH);
    let words = page.blocks().into_iter().flat_map(|block| {
        let words = block.text.split_whitespace().map(str::to_owned);
        words.collect::<Vec<_>>()
    });
    let named: Vec<String> = words.filter(|word| word.starts_with("examples/")).collect();
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        let (folder, ending) = name.split_once('*').unwrap_or((&name, ""));
        let path = root().join(folder);
        assert!(path.exists(), "{name}");
        if !ending.is_empty() {
            let mut files = fs::read_dir(path)
                .unwrap()
                .map(|file| file.unwrap().file_name());
            assert!(
                files.any(|file| file.to_string_lossy().ends_with(ending)),
                "{name}"
            );
        }
    }
}

#[test]
fn what_the_fetch_says_is_on_the_page() {
    let script = fs::read_to_string(root().join("examples/systemd/wxops-fetch")).unwrap();
    for page in [ENGLISH, CHINESE] {
        let page = Document::read(page).text;
        let (_, table) = page.rsplit_once("|---|---|\n").unwrap();
        let rows: Vec<&str> = table
            .lines()
            .take_while(|line| line.starts_with('|'))
            .collect();
        assert_eq!(rows.len(), 5);
        for row in rows {
            let said = row.split('|').nth(1).unwrap().trim();
            let parts = said.split("the branch ").map(str::trim);
            assert!(parts.clone().all(|part| script.contains(part)), "{said}");
        }
    }
}
