//! Every code the documents give for these APIs is in a test here, and has its words.

use std::collections::BTreeSet;

use serde_json::json;

use crate::simulator::miniprogram::Mini;

/// Codes of the list that are about code, templates, privacy guides and filing.
const DOCUMENTED: &[i64] = &[
    40126, 61039, 61040, 80066, 80067, 80082, 85006, 85007, 85008, 85009, 85010, 85011, 85012,
    85013, 85014, 85019, 85020, 85023, 85043, 85044, 85045, 85046, 85047, 85048, 85051, 85052,
    85058, 85064, 85065, 85077, 85079, 85080, 85081, 85082, 85085, 85086, 85087, 85092, 85093,
    85094, 85310, 85311, 85312, 86001, 86002, 86007, 86008, 86009, 86010, 86071, 86072, 86074,
    87006, 87011, 87012, 87013, 89402, 89403, 89404, 89405, 9_400_001, 9_402_202, 9_402_203,
    9_402_205,
];

/// Nothing in the state leads to these: not a mini-program, wait and commit later, unstable.
const BY_FAULT: &[i64] = &[86000, 85090, 89401];

/// The tests beside this one.
const TESTS: [&str; 7] = [
    include_str!("audits.rs"),
    include_str!("commit.rs"),
    include_str!("filing.rs"),
    include_str!("privacy.rs"),
    include_str!("release.rs"),
    include_str!("submit.rs"),
    include_str!("templates.rs"),
];

#[test]
fn every_documented_code_can_be_had() {
    let named: BTreeSet<i64> = TESTS
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_digit() && c != '_'))
        .filter_map(|word| word.replace('_', "").parse().ok())
        .collect();
    let missing: Vec<&i64> = DOCUMENTED
        .iter()
        .filter(|code| !named.contains(code))
        .collect();
    assert!(missing.is_empty(), "no test has {missing:?}");
}

#[test]
fn every_code_has_its_words() {
    let mini = Mini::start();
    for code in DOCUMENTED.iter().chain(BY_FAULT) {
        mini.world.fault(
            json!({"endpoint": "/wxa/get_page", "kind": "errcode", "code": code, "count": 1}),
        );
        let answer = mini.get("/wxa/get_page");
        assert_eq!(answer["errcode"], *code);
        let words = answer["errmsg"].as_str().unwrap();
        assert!(!words.starts_with("system error"), "{code}: {words}");
    }
}
