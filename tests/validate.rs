//! Every mistake in `examples/broken/`: its code, its place, its words.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use wxops::manifest::codes::{self, CODES};
use wxops::manifest::{Loaded, MAX_FILE_BYTES, Problem, Source, load, report};

use crate::support::broken_files::with_files;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn source(name: &str) -> Source {
    let path = root().join("examples/broken").join(name);
    Source::new(name, fs::read(path).unwrap())
}

/// A file of `examples/broken/` beside the platform its tenants refer to.
fn loaded(name: &str) -> Loaded {
    let mut loaded = with_files(load(vec![source("platform.yaml"), source(name)]));
    loaded.check_expiry("2026-11-01T00:00:00Z".parse().unwrap());
    loaded
}

/// Code and place of every problem.
fn found(loaded: &Loaded) -> Vec<String> {
    let one = |problem: &Problem| {
        let place = loaded.sources.place(problem.span);
        format!("{} {}:{}", problem.code, place.line, place.column)
    };
    loaded.problems.iter().map(one).collect()
}

fn broken() -> Vec<String> {
    let entries = fs::read_dir(root().join("examples/broken")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("wx"))
        .collect();
    names.sort();
    names
}

fn wxops(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wxops"))
        .args(args)
        .current_dir(root())
        .env_remove("WXOPS_MANIFESTS")
        .output()
        .unwrap()
}

#[test]
fn every_mistake_has_its_code_and_its_place() {
    let mut printed = String::new();
    for name in broken() {
        let found = found(&loaded(&name));
        let code = name[..6].to_uppercase();
        assert!(
            found[0].starts_with(&code) || found.iter().any(|one| one.starts_with(&code)),
            "{name} shows {found:?}"
        );
        writeln!(printed, "{name}: {}", found.join(", ")).unwrap();
    }
    insta::assert_snapshot!(printed);
}

#[test]
fn every_error_says_what_to_do() {
    for name in broken() {
        for problem in &loaded(&name).problems {
            // What an appid looks like is in the message itself.
            let told = problem.help.is_some()
                || problem.message.contains("expected")
                || problem.label.contains("is required here");
            let warned = problem.code == codes::FOREIGN;
            assert!(told || warned, "{name}: {problem:?}");
        }
    }
}

#[test]
fn every_code_has_a_file_that_shows_it() {
    let shown: BTreeSet<String> = broken()
        .iter()
        .map(|name| name[..6].to_uppercase())
        .collect();
    for (code, title) in CODES {
        // What is too large would be too large for a repository.
        let elsewhere = [codes::TOO_LARGE, codes::GROWS, codes::FILE_SIZE].contains(code);
        assert!(
            elsewhere || shown.contains(*code),
            "no file shows {code}: {title}"
        );
    }
}

#[test]
fn every_code_in_the_source_is_in_the_table() {
    let known: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("\"WX") {
                let literal = text[at + 1..].split('"').next().unwrap_or_default();
                let code = literal.split(|c: char| !c.is_alphanumeric()).next();
                let code = code.unwrap_or_default();
                // An appid in capitals begins with the same letters, and is longer.
                let is_code =
                    code.len() == 6 && code[2..].bytes().all(|byte| byte.is_ascii_digit());
                assert!(
                    !is_code || known.contains(code),
                    "{}: {code}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let loaded = load(vec![Source::new(
        "large.yaml",
        vec![b'a'; MAX_FILE_BYTES + 1],
    )]);
    assert_eq!(found(&loaded), ["WX1003 1:1"]);
}

#[test]
fn carets_line_up_under_chinese_text() {
    insta::assert_snapshot!(report::plain(&loaded("wx1203-long-name.yaml")), @r"
    error[WX1203]: menu button name is too long
      --> wx1203-long-name.yaml:10:18
       |
    10 |         - {name: 本周精品课程预约, click: COURSES}
       |                  ^^^^^^^^^^^^^^^^ too long for the first level: 24 bytes, the limit is 16
       |
       = help: shorten it (16 bytes show about 4 汉字), or move it into subButtons, where the limit is 60
    ");
    insta::assert_snapshot!(report::plain(&loaded("wx1107-unknown-field.yaml")), @r"
    error[WX1107]: unknown field `mneu`
     --> wx1107-unknown-field.yaml:7:47
      |
    7 |   officialAccount: {require: {kind: service}, mneu: {buttons: [{name: 课程, click: COURSES}]}}
      |                                               ^^^^
      |
      = help: did you mean `menu`?
    ");
}

#[test]
fn a_mistake_in_a_class_names_the_class_and_the_tenants() {
    insta::assert_snapshot!(report::plain(&loaded("wx1308-no-value.yaml")), @r#"
    error[WX1308]: no value for `$(values.city)`
      --> wx1308-no-value.yaml:10:52
       |
    10 |         - {name: 课程, view: "https://wx.example.com/$(values.city)/courses"}
       |                                                      ^^^^^^^^^^^^^^
       |
      ::: wx1308-no-value.yaml:14:18
       |
    14 | metadata: {name: no-value-a}
       |                  ---------- in tenant `no-value-a` and 1 more
       |
       = help: give `values: {city: …}` in the tenant or its class

    warning[WX1401]: no placeholder uses `town`
      --> wx1308-no-value.yaml:23:12
       |
    23 |   values: {town: hangzhou}
       |            ^^^^
       |
       = help: write `$(values.town)` where it belongs, or remove it
    "#);
}

#[test]
fn two_places_are_shown_where_two_explain_it() {
    insta::assert_snapshot!(report::plain(&loaded("wx1301-one-account.yaml")), @r"
    error[WX1301]: two tenants claim wx1301130113011301
      --> wx1301-one-account.yaml:14:28
       |
    14 |   officialAccount: {appId: wx1301130113011301}
       |                            ^^^^^^^^^^^^^^^^^^ tenant `one-account-b` claims it again
       |
      ::: wx1301-one-account.yaml:7:28
       |
     7 |   officialAccount: {appId: wx1301130113011301}
       |                            ------------------ first claimed here
       |
       = help: an account belongs to one tenant: remove it from one of them
    ");
}

#[test]
fn no_line_that_may_hold_a_secret_is_shown() {
    insta::assert_snapshot!(report::plain(&loaded("wx1306-secret.yaml")), @r"
    error[WX1306]: Secret `wechat-half` lacks encodingAesKey
    --> wx1306-secret.yaml:7:35
     = help: a platform's Secret holds appSecret, token, encodingAesKey
    ");
    let misplaced = "apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {name: main}
spec:
  appId: wx0000000000000001
  credentials: {appSecret: never-shown-a, token: never-shown-b}
  callback: {url: https://wx.example.com}
---
apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {name: other}
spec:
  appId: wx0000000000000002
  credentials: never-shown-c
  callback: {url: https://wx.example.com}
";
    let mut printed = report::human(&load(vec![Source::new("a.yaml", misplaced)]));
    // However a Secret is damaged, it is not shown.
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {token: never-shown-d}\n";
    for cut in 0..secret.len() {
        for piece in ["", "]", "\n", "\t", "*a", "x: "] {
            let text = format!("{}{piece}{}", &secret[..cut], &secret[cut..]);
            let loaded = load(vec![Source::new("a.yaml", text)]);
            printed.push_str(&report::human(&loaded));
            printed.push_str(&report::json(&loaded).to_string());
            write!(printed, "{loaded:?}").unwrap();
        }
    }
    let shown: BTreeSet<&str> = printed
        .lines()
        .filter(|line| line.contains("never-shown"))
        .collect();
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn the_verb_ends_with_nine_and_sums_up() {
    let output = wxops(&["validate", "examples/broken"]);
    assert_eq!(output.status.code(), Some(9));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!printed.contains('\u{1b}'), "colour in a pipe");
    let errors = printed.matches("\nerror[WX").count() + 1;
    let last = printed.lines().last().unwrap();
    assert!(last.starts_with(&format!("{errors} errors, ")), "{last}");
    assert!(String::from_utf8(output.stderr).unwrap().is_empty());
}

#[test]
fn programs_get_the_same_problems_as_json() {
    let output = wxops(&["validate", "examples/broken", "--output", "json"]);
    assert_eq!(output.status.code(), Some(9));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&json["formatVersion"], &json["valid"]),
        (&1.into(), &false.into())
    );
    let problem = json["problems"]
        .as_array()
        .unwrap()
        .iter()
        .find(|problem| problem["code"] == "WX1203")
        .unwrap();
    insta::assert_snapshot!(format!("{problem:#}"), @r#"
    {
      "code": "WX1203",
      "column": 18,
      "file": "examples/broken/wx1203-long-name.yaml",
      "help": "shorten it (16 bytes show about 4 汉字), or move it into subButtons, where the limit is 60",
      "label": "too long for the first level: 24 bytes, the limit is 16",
      "line": 10,
      "message": "menu button name is too long",
      "related": [],
      "severity": "error",
      "tenants": []
    }
    "#);
}

/// A tenant without a platform, with some values that nothing uses.
fn tenants_with_warnings(tenants: usize, values: usize) -> Loaded {
    let mut text = String::new();
    for tenant in 0..tenants {
        writeln!(
            text,
            "---\napiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: t{tenant}}}\nspec:\n  values:"
        )
        .unwrap();
        for value in 0..values {
            writeln!(text, "    unused-{value}: x").unwrap();
        }
    }
    load(vec![Source::new("fleet.yaml", text)])
}

#[test]
fn of_very_many_problems_a_person_is_shown_the_errors_first_and_a_program_gets_all() {
    let loaded = tenants_with_warnings(100, 30);
    let all = 100 + 3_000;
    assert_eq!(loaded.problems.len(), all);
    let printed = report::plain(&loaded);
    assert_eq!(printed.matches("error[WX1307]").count(), 100);
    assert_eq!(
        printed.matches("warning[WX1401]").count(),
        report::MAX_SHOWN - 100
    );
    let left_out = format!("… and {} more, not shown", all - report::MAX_SHOWN);
    assert!(printed.contains(&left_out));
    assert_eq!(
        report::json(&loaded)["problems"].as_array().unwrap().len(),
        all
    );
    // Not too many are all shown, in the order of their places.
    let few = report::plain(&tenants_with_warnings(2, 2));
    assert!(!few.contains("not shown"), "{few}");
    let order: Vec<&str> = few
        .lines()
        .filter_map(|line| line.split_once('[')?.1.get(..6))
        .filter(|code| code.starts_with("WX"))
        .collect();
    let one = ["WX1307", "WX1401", "WX1401"];
    assert_eq!(order, [one, one].concat());
}

#[test]
fn warnings_alone_are_fine_and_a_missing_folder_is_an_error() {
    let warned = wxops(&[
        "validate",
        "examples/broken/platform.yaml",
        "examples/broken/wx1401-unused-value.yaml",
    ]);
    assert_eq!(warned.status.code(), Some(0));
    let missing = wxops(&["validate", "examples/nothing-here"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        String::from_utf8(missing.stderr)
            .unwrap()
            .contains("examples/nothing-here")
    );
}

#[test]
fn the_demo_is_right() {
    let output = wxops(&["validate", "-f", "examples/demo"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(printed.starts_with("No mistakes in "), "{printed}");
}

#[test]
fn a_rendered_tenant_needs_no_class() {
    let output = wxops(&["render", "sunrise-dance", "-f", "examples/demo"]);
    assert_eq!(output.status.code(), Some(0));
    let printed = String::from_utf8(output.stdout).unwrap();
    let place = "# examples/demo/sunrise-dance.yaml:4, class dance-school\n";
    assert!(printed.starts_with(place), "{printed}");
    assert!(
        printed.contains("view: https://wx.example.com/sunrise/week"),
        "{printed}"
    );
    assert!(
        printed.contains("mode: enforce"),
        "defaults are written out: {printed}"
    );
    assert!(
        !printed.contains("classRef") && !printed.contains("$(values"),
        "{printed}"
    );
}

#[test]
fn mistakes_elsewhere_do_not_keep_a_tenant_from_being_rendered() {
    let right = wxops(&["render", "unused-value", "-f", "examples/broken"]);
    assert_eq!(right.status.code(), Some(0));
    let wrong = wxops(&["render", "long-name", "-f", "examples/broken"]);
    assert_eq!(wrong.status.code(), Some(9));
    assert!(wrong.stdout.is_empty());
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("WX1203"));
    let nobody = wxops(&["render", "nobody", "-f", "examples/demo"]);
    assert_eq!(nobody.status.code(), Some(1));
}

#[test]
fn one_run_tells_what_is_wrong_with_the_files_of_a_manifest_that_is_wrong_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let text = "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {name: t}\nspec:\n  platformRef: {name: main}\n  \
                miniPrograms:\n    - {name: main, signature: 短, avatar: {file: gone.png}}\n";
    std::fs::write(folder.path().join("t.yaml"), text).unwrap();
    let platform = "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {name: main}\nspec:\n  \
                    appId: wx0000000000000001\n  credentials: {path: credentials}\n  \
                    callback: {url: https://wx.example.com}\n";
    std::fs::write(folder.path().join("platform.yaml"), platform).unwrap();
    let mut command = std::process::Command::new(crate::support::process::WXOPS);
    command
        .arg("validate")
        .arg(folder.path())
        .env_remove("WXOPS_MANIFESTS");
    let said = crate::support::process::run(&mut command);
    assert_eq!(said.code, 9, "{}", said.stderr);
    let said = format!("{}{}", said.stdout, said.stderr);
    for part in ["WX1264", "there is no file `gone.png`"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
