//! What `--help` shows of every verb: its options, and none that is not for people.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::process::{Finished, WXOPS, run};

/// The binary without any stage, and with nothing of ours in its environment.
fn bare(arguments: &[&str]) -> Finished {
    let mut command = Command::new(WXOPS);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WXOPS_")) {
        command.env_remove(name);
    }
    run(command.args(arguments).env("LC_ALL", "C.UTF-8"))
}

/// The options and arguments that the help of a verb shows.
fn options(help: &str) -> BTreeSet<String> {
    help.lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with('-') && !line.starts_with("- "))
        .flat_map(|line| line.split([' ', ',']))
        .filter(|word| word.starts_with('-'))
        .map(|word| word.trim_end_matches("...").to_owned())
        .collect()
}

#[test]
fn every_verb_shows_its_options_and_none_that_is_not_for_people() {
    let selection = "-f --file --tenant -l --selector --appid";
    let place = "--store --api-base";
    for (verb, expected) in [
        ("validate", "-f --file --output".to_owned()),
        ("render", "-f --file".to_owned()),
        ("schema", String::new()),
        ("explain", String::new()),
        (
            "plan",
            format!(
                "{selection} {place} --output --detailed-exitcode --all --out --assume-reachable"
            ),
        ),
        ("approve", format!("{selection} {place} --hours --by --out")),
        (
            "apply",
            format!(
                "{selection} {place} --by --revision --auto-approve --wait --timeout --beside-loop --assume-reachable"
            ),
        ),
        ("why", format!("-f --file {place} --live --output")),
        ("output", format!("{place} --output")),
        ("quota", format!("{selection} {place} --live --output")),
        ("history", format!("{place} -n --number --output")),
        (
            "restore",
            format!("-f --file {place} --by --revision --auto-approve"),
        ),
        ("claim list", format!("-f --file {place} --output")),
        ("claim release", format!("-f --file {place} --yes")),
        (
            "status",
            format!("{selection} {place} --output --all --watch"),
        ),
        ("authorize", format!("-f --file {place} --wait --timeout")),
        ("op list", format!("{place} --output")),
        ("op show", place.to_owned()),
        ("op resolve", format!("{place} --as --id")),
        ("store backup", place.to_owned()),
        ("store restore", format!("{place} --yes")),
        ("store check", format!("{place} --output")),
        ("store rekey", format!("{place} --plain")),
        ("store forget", place.to_owned()),
        ("menu match", format!("-f --file {place} --output")),
        ("confirm-file", format!("-f --file {place} --item --out")),
        (
            "template list",
            format!("-f --file {place} --platform --output"),
        ),
        ("template promote", format!("-f --file {place} --platform")),
        (
            "template delete",
            format!("-f --file {place} --platform --yes"),
        ),
        (
            "audit screenshots",
            format!("-f --file {place} --item --out"),
        ),
        ("trial", format!("-f --file {place} --item --page --out")),
        (
            "users export",
            format!("-f --file {place} --after --output"),
        ),
        ("sidecar", format!("-f --file {place} --listen")),
        ("pause", format!("{place} --platform --until --by")),
        ("resume", format!("{place} --platform")),
        ("reconcile", format!("{place} --wait --timeout")),
        (
            "run",
            format!(
                "-f --file {place} --listen --private-listen --standby --drift-every --by --assume-reachable"
            ),
        ),
        ("simulator", "--listen --control --state --clock".to_owned()),
        ("demo", "--keep".to_owned()),
    ] {
        let mut arguments: Vec<&str> = verb.split(' ').collect();
        arguments.push("--help");
        let help = bare(&arguments);
        assert_eq!(help.code, 0, "{verb}: {}", help.stderr);
        let expected: BTreeSet<String> = expected
            .split_whitespace()
            .chain(["--lang", "-h", "--help"])
            .map(str::to_owned)
            .collect();
        assert_eq!(options(&help.stdout), expected, "{verb}");
        let usage = format!("Usage: wxops {verb}");
        assert!(help.stdout.contains(&usage), "{verb}: {}", help.stdout);
        assert!(help.stderr.is_empty(), "{verb}");
    }
}

#[test]
fn whoever_names_nothing_to_pause_is_told_of_both_ways_to_name_it() {
    for verb in ["pause", "resume"] {
        let ways = [
            format!("wxops {verb} [OPTIONS] <TENANT>"),
            format!("wxops {verb} [OPTIONS] --platform <NAME>"),
        ];
        let nothing = bare(&[verb]);
        assert_eq!(nothing.code, 1, "{nothing:?}");
        let help = bare(&[verb, "--help"]).stdout;
        for said in [&nothing.stderr, &help] {
            assert!(ways.iter().all(|way| said.contains(way)), "{said}");
        }
        assert!(help.contains("Examples:"), "{help}");
    }
}

#[test]
fn the_first_help_names_every_verb() {
    let help = bare(&["--help"]).stdout;
    let (_, verbs) = help.split_once("Commands:\n").unwrap();
    let (verbs, _) = verbs.split_once("\n\n").unwrap();
    let verbs: Vec<&str> = verbs
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    insta::assert_yaml_snapshot!(verbs, @r"
    - validate
    - render
    - schema
    - explain
    - plan
    - apply
    - approve
    - status
    - why
    - output
    - quota
    - history
    - restore
    - authorize
    - users
    - import
    - op
    - claim
    - store
    - menu
    - template
    - audit
    - trial
    - confirm-file
    - sidecar
    - run
    - pause
    - resume
    - reconcile
    - simulator
    - demo
    - help
    ");
}
