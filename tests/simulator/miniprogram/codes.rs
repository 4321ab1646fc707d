//! Every code the documents give for these APIs, and how it is reached: by what the state says, by what is sent, or,
//! where it is an event of WeChat's own, by a fault.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::cases::{CASES, FAULT, RESERVED};
use crate::simulator::world::{MINI, OFFICIAL, PLATFORM, World};

/// The rows of the documents' tables that are about these APIs. What tokens and methods get is in `table.rs`, what
/// uploads get in `media.rs`.
fn documented() -> BTreeSet<i64> {
    let ranges = [
        53010..=53019,
        53200..=53204,
        53300..=53311,
        85001..=85004,
        85021..=85022,
        85083..=85084,
        89008..=89010,
        89013..=89018,
        91001..=91019,
    ];
    let single = [
        -1, 0, 40007, 40009, 40033, 40097, 41006, 41033, 42007, 43003, 44002, 45009, 45011, 46001,
        47001, 47002, 48001, 48004, 50002, 61003, 61004, 61007, 85091, 89030,
    ];
    ranges.into_iter().flatten().chain(single).collect()
}

/// What is laid over the state; a word alone stands for a reserved name or a pool that is used up.
fn setup(word: &str, now: &str) -> Value {
    let month = &now[..7];
    let spent = |pool: &str, used: u64| {
        let path = format!("/cgi-bin/wxopen/wxamplink#{pool}");
        json!({"account": OFFICIAL, "path": path, "period": month, "used": used})
    };
    match word {
        "same" => json!({"state": {"counters": [spent("same", 10)]}}),
        "other" => json!({
            "mini": {"principalName": "别人有限公司"}, "state": {"counters": [spent("other", 3)]},
        }),
        FAULT => json!({}),
        json if json.starts_with('{') => serde_json::from_str(json).unwrap(),
        why => serde_json::from_str(&format!("{RESERVED}\"{why}\"}}]}}}}")).unwrap(),
    }
}

#[test]
fn every_documented_code_can_be_had() {
    assert_eq!(
        CASES.iter().map(|case| case.0).collect::<BTreeSet<_>>(),
        documented()
    );
    let world = World::start();
    let noon = json!({"set": "2031-11-15T12:00:00+08:00"});
    world.control("POST", "/_sim/clock", &noon);
    let (mini, official) = (world.token(MINI), world.token(OFFICIAL));
    let mut base = world.control("GET", "/_sim/state", &json!({}));
    base.as_object_mut().unwrap().remove("clock");
    let media = |id: &str, at: &str, size: u64| json!({"mediaId": id, "account": MINI, "uploadedAt": at, "size": size});
    base["media"] = json!([
        media("pic", "2031-11-15T00:00:00Z", 1000),
        media("old", "2031-11-01T00:00:00Z", 1000),
        media("big", "2031-11-15T00:00:00Z", 3_000_000),
    ]);
    for (code, path, how, body) in CASES {
        let over = setup(how, "2031-11");
        let mut state = base.clone();
        for (key, value) in over["state"].as_object().into_iter().flatten() {
            state[key] = value.clone();
        }
        world.control("PUT", "/_sim/state", &state);
        for (name, account) in [
            ("mini", MINI),
            ("official", OFFICIAL),
            ("other", "wx2222222222222222"),
            ("other_mini", "wx5555555555555555"),
        ] {
            if over[name].is_object() {
                world.change(account, &over[name]);
            }
        }
        if over["switches"].is_object() {
            world.control("PATCH", "/_sim/switches", &over["switches"]);
        }
        if over["platform"].is_object() {
            let console = format!("/_sim/platforms/{PLATFORM}");
            world.control("PATCH", &console, &over["platform"]);
        }
        world.control("DELETE", "/_sim/faults", &json!({}));
        if *how == FAULT {
            world.fault(json!({"endpoint": path, "kind": "errcode", "code": code}));
        }
        // A mini-program's token is not entitled to links.
        let token = match path.contains("wxamp") && *code != 48001 {
            true => &official,
            false => &mini,
        };
        let answer = world.raw("POST", path, token, body).json();
        assert_eq!(answer["errcode"], *code, "{path} {how}");
        if ![-1, 0, 91010, 91012].contains(code) {
            let errmsg = answer["errmsg"].as_str().unwrap();
            let known = !errmsg.starts_with("system error") || NO_WORDS.contains(code);
            assert!(known, "{code} has words of its own: {errmsg}");
        }
    }
}

/// Codes without a stable English text.
const NO_WORDS: &[i64] = &[
    48004, 53300, 53301, 53302, 53303, 53304, 53305, 53306, 53307, 53308, 53309, 53310, 53311,
    91011, 91018, 91019,
];
