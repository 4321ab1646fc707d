//! What whoever reads Chinese is told by the verbs beside a loop, also where something is wrong: in Chinese, with its
//! punctuation.

use crate::support::chinese::{is_han, wrong_line};
use crate::support::process::{Finished, run};

use super::house::House;

/// A verb, as whoever reads Chinese runs it.
fn told(house: &House, arguments: &[&str]) -> Finished {
    let (verb, rest) = arguments.split_first().unwrap();
    let mut command = house.stage.command(verb);
    command.args(rest).env("WXOPS_LANG", "zh").env("USER", "li");
    let done = run(&mut command);
    for said in [&done.stdout, &done.stderr] {
        assert_eq!(wrong_line(said), None, "{arguments:?}: {done:?}");
    }
    done
}

/// Lines of an error that are not in Chinese.
fn english(done: &Finished) -> Vec<&str> {
    let lines = done.stderr.lines().filter_map(|line| {
        let said = line.strip_prefix("错误：");
        said.or_else(|| line.starts_with("error: ").then_some(line))
    });
    lines.filter(|line| !line.chars().any(is_han)).collect()
}

#[test]
fn every_verb_speaks_chinese_to_whoever_reads_it() {
    let house = House::running(2);
    house.until_all_looked_at(2);
    let beside = tempfile::tempdir().unwrap();
    let backup = beside.path().join("copy-of-the-store");
    let backup = backup.display().to_string();
    for verb in [
        &["status", "--all"][..],
        &["why", "tenant-000"],
        &["plan"],
        &["plan", "--all"],
        &["history", "tenant-000"],
        &["history", "tenant-000", "1"],
        &["op", "list"],
        &["quota"],
        &["output", "tenant-000"],
        &["claim", "list"],
        &["store", "check"],
        &["store", "backup", &backup],
        &["pause", "tenant-000", "--until", "2h"],
        &["pause", "--platform", "main"],
        &["status", "--all"],
        &["why", "tenant-001"],
        &["resume", "--platform", "main"],
        &["resume", "tenant-000"],
        &["resume", "tenant-000"],
        &["reconcile", "tenant-000", "--wait"],
        &["validate"],
        &["apply", "--auto-approve"],
        &["import", "--mode", "observe"],
        &["authorize", "tenant-000"],
    ] {
        let done = told(&house, verb);
        assert_eq!(done.code, 0, "{verb:?}: {done:?}");
    }
    // With a mistake.
    house.edit(&House::file(0), "values:", "valeus:");
    for verb in [&["status", "--all"][..], &["why", "tenant-000"]] {
        told(&house, verb);
    }
}

#[test]
fn what_could_not_be_done_is_said_in_chinese() {
    let house = House::of(1);
    for verb in [
        &["why", "nobody"][..],
        &["plan", "--tenant", "nobody"],
        &["plan", "-l", "nothing"],
        &["plan", "-l", "no=thing"],
        &["plan", "--appid", "wx"],
        &["plan", "--appid", "wx9999999999999999"],
        &["plan", "-f", "/nowhere"],
        &["plan", "--api-base", "nonsense"],
        &["apply", "/nowhere.json"],
        &["apply"],
        &["approve", "x123"],
        &["approve", "r123456789"],
        &["approve", "s123456789"],
        &["history", "nobody", "1"],
        &["restore", "tenant-000", "1"],
        &["output", "nobody"],
        &["output", "--output", "env"],
        &["op", "show", "nothing"],
        &["op", "show", "menu/wx1111111111111111"],
        &["claim", "release", "wx"],
        &["claim", "release", "wx1111111111111111"],
        &["pause", "Nobody"],
        &["pause", "nobody"],
        &["pause", "--platform", "nobody"],
        &["pause", "tenant-000", "--until", "never"],
        &["reconcile", "tenant-000"],
        &["reconcile", "Nobody"],
        &["store", "rekey"],
        &["store", "forget", "nobody"],
        &["menu", "match", "tenant-000", "somebody"],
        &["import", "--platform", "nobody"],
        &["import", "--mapping", "/nowhere.csv"],
        &["authorize", "nobody"],
        &["status", "-f", "/nowhere"],
        &["run", "--listen", "192.0.2.1:1"],
    ] {
        let done = told(&house, verb);
        assert_ne!(done.code, 0, "{verb:?}: {done:?}");
        assert_eq!(english(&done), Vec::<&str>::new(), "{verb:?}");
    }
}
