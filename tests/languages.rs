//! What people act on exists in Chinese and in English: every pair of texts in the source has both, and each is
//! what it says it is.

use std::path::{Path, PathBuf};

use wxops::plan::{Person, Reason};
use wxops::wechat::{Who, errcode};

use crate::support::chinese::{half_width, is_han};

/// Where a pair of texts is made: Chinese first.
const MAKERS: [&str; 3] = ["Text::new(", "Failed::new(", "pick("];

/// What is the same in both languages (names, paths) has none.
fn is_chinese(text: &str) -> bool {
    text.chars().any(is_han)
}

/// Words that are Chinese in an English sentence too: what stands in WeChat's console.
fn without_names(text: &str) -> String {
    [
        "公众号",
        "小程序",
        "第三方平台",
        "权限集",
        "服务类目",
        "开放平台",
        "接口权限",
        "自定义菜单",
        "微信认证",
    ]
    .iter()
    .fold(text.to_owned(), |text, name| text.replace(name, ""))
}

fn letters(text: &str) -> bool {
    let mut outside = String::new();
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside.chars().filter(char::is_ascii_alphabetic).count() > 3
}

/// The literals in each argument of a call whose arguments begin at `text`. `None` where the call is not one of
/// two literals or formats.
fn arguments(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let (mut depth, mut chars) = (0, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' => loop {
                match chars.next() {
                    Some('\\') => {
                        chars.next();
                    }
                    Some('"') | None => break,
                    Some(c) => found.last_mut().unwrap().push(c),
                }
            },
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => found.push(String::new()),
            _ => {}
        }
    }
    found
}

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(below)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                found.push((path, code.to_owned()));
            }
        }
    }
    found
}

/// What is wrong with a pair.
fn objection(zh: &str, en: &str) -> Option<&'static str> {
    if zh.trim().is_empty() != en.trim().is_empty() {
        Some("one of the two is empty")
    } else if letters(en) && !is_chinese(zh) {
        Some("the first is not Chinese")
    } else if is_chinese(&without_names(en)) {
        Some("the second is not English")
    } else {
        None
    }
}

#[test]
fn every_text_is_there_in_both_languages() {
    let (mut pairs, mut wrong) = (0, Vec::new());
    // Nobody reads what tests make up.
    let of_tests = |path: &PathBuf| {
        path.iter()
            .any(|part| part == "tests" || part == "tests.rs")
    };
    for (path, code) in sources("src")
        .into_iter()
        .filter(|(path, _)| !of_tests(path))
    {
        for maker in MAKERS {
            for (at, _) in code.match_indices(maker) {
                let arguments = arguments(&code[at + maker.len()..]);
                // `pick` is given the language first.
                let skip = usize::from(maker == "pick(");
                let [zh, en, ..] = &arguments[skip.min(arguments.len())..] else {
                    continue;
                };
                pairs += 1;
                if let Some(why) = objection(zh, en) {
                    wrong.push(format!("{}: {why}: `{zh}` / `{en}`", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(pairs > 100, "{pairs} texts were found");
}

/// The literals of a source, without those of its comments.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in code.split('\n').map(str::trim_start) {
        if !line.starts_with("//") {
            found.push(line.replace("'\"'", "' '"));
        }
    }
    let code = found.join("\n");
    let (mut found, mut chars) = (Vec::new(), code.chars());
    while let Some(c) = chars.next() {
        if c != '"' {
            continue;
        }
        let mut literal = String::new();
        while let Some(c) = chars.next().filter(|c| *c != '"') {
            literal.push(c);
            if c == '\\' {
                literal.extend(chars.next());
            }
        }
        found.push(literal);
    }
    found
}

/// Whether a text is Chinese, and not an English one that names what stands in WeChat's console.
fn is_in_chinese(text: &str) -> bool {
    let (mut han, mut latin, mut depth) = (0, 0, 0);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 && is_han(c) => han += 1,
            _ if depth == 0 && c.is_ascii_alphabetic() => latin += 1,
            _ => {}
        }
    }
    han > 0 && latin <= 2 * han
}

/// A format with something in each of its places.
fn filled_in(format: &str) -> String {
    let (mut text, mut depth) = (String::new(), 0);
    for c in format.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                text.push('x');
            }
            c if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text
}

#[test]
fn chinese_is_written_with_its_own_punctuation() {
    // What WeChat says, and what is made up.
    let others = |path: &Path| {
        let path = path.to_string_lossy();
        path.contains("/simulator/")
            || path.contains("tests")
            || path.ends_with("odd_answers.rs")
            || path.ends_with("manifest/properties.rs")
    };
    let (mut count, mut wrong) = (0, Vec::new());
    for (path, code) in sources("src").into_iter().filter(|(path, _)| !others(path)) {
        for literal in literals(&code).iter().filter(|text| is_in_chinese(text)) {
            count += 1;
            if let Some(said) = half_width(&filled_in(literal)) {
                wrong.push(format!("{}: `{said}` in `{literal}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 500, "{count} Chinese texts were found");
}

#[test]
fn the_scanner_sees_a_text_that_is_missing() {
    assert_eq!(
        arguments(r#"format!("甲 {x}", x), "a \" b"), "#),
        ["甲 {x}", "a  b"]
    );
    assert!(objection("", "x is missing").is_some());
    assert!(objection("not chinese", "is not chinese").is_some());
    assert!(objection("中文", "中文").is_some());
    assert!(objection("中文", "").is_some());
    assert!(objection("{name}", "{name}").is_none());
    assert!(objection("等待", "waiting for 公众号").is_none());
}

#[test]
fn every_errcode_and_whoever_acts_is_told_in_both_languages() {
    for row in errcode::table() {
        assert_eq!(objection(row.zh, row.en), None, "{}", row.code);
        assert!(is_chinese(row.zh) && letters(row.en), "{}", row.code);
    }
    for special in errcode::OVERRIDES {
        assert!(
            is_chinese(special.zh) && letters(special.en),
            "{}",
            special.code
        );
    }
    for who in [
        Who::Wxops,
        Who::Operator,
        Who::AccountAdmin,
        Who::AppAdmin,
        Who::LegalPerson,
        Who::PlatformAdmin,
        Who::Wechat,
    ] {
        let (zh, en) = who.names();
        assert_eq!(objection(zh, en), None);
    }
    for person in [Person::Owner, Person::Operator, Person::Nobody] {
        let text = person.text();
        assert!(is_chinese(&text.zh));
        assert_eq!(objection(&text.zh, &text.en), None);
    }
}

#[test]
fn every_reason_has_a_title_in_both_languages() {
    let code = include_str!("../src/plan/waiting.rs");
    let (_, listed) = code.split_once("pub enum Reason {").unwrap();
    let (listed, _) = listed.split_once("\n}").unwrap();
    let variants: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .collect();
    let all: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(all, variants, "Reason::ALL is not all of them");
    let mut titles = Vec::new();
    for reason in Reason::ALL {
        let title = reason.title();
        assert!(is_chinese(&title.zh) && letters(&title.en), "{title:?}");
        assert_eq!(objection(&title.zh, &title.en), None);
        titles.push(title);
    }
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), Reason::ALL.len(), "two reasons read the same");
}
