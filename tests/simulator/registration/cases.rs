//! Every code the documents give for registrations, and how it is reached: by what the state says, by what is sent, or,
//! where it is an event of WeChat's own, by a fault.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{REGISTER, Registrar};
use crate::simulator::world::OFFICIAL;

/// How a code of `account/fastregister` is reached, between the scan and the call.
enum How {
    Account(Value),
    Platform(Value),
    Switch(&'static str, Value),
    /// What is sent in place of the ticket.
    Sends(Value),
    Fault,
}

fn official() -> Vec<(i64, How)> {
    let hindered = |what: &str| How::Account(json!({"registration": {"hindrances": [what]}}));
    let of_kind = |kind: Value| How::Account(json!({"basicInfo": kind}));
    vec![
        (-1, How::Platform(json!({"published": false}))),
        (
            -1,
            How::Account(json!({"registration": {"systemErrors": 1}})),
        ),
        (-1, How::Fault),
        (44002, How::Sends(json!(""))),
        (61028, How::Switch("unpublishedRegistration", json!(61028))),
        (
            61029,
            How::Platform(json!({"permissionSets": [3, 17, 18, 27, 30]})),
        ),
        (61051, of_kind(json!({"principalType": 0}))),
        (61052, How::Account(json!({"verifyType": -1}))),
        (61052, How::Account(json!({"verifyType": 1}))),
        (61053, hindered("subjectLimit")),
        (61054, hindered("subjectBlacklisted")),
        (61056, of_kind(json!({"principalType": 2}))),
        (61056, of_kind(json!({"principalType": 3}))),
        (61056, of_kind(json!({"principalType": 4}))),
        (
            61057,
            How::Account(json!({"registration": {"unfinished": true}})),
        ),
        (61058, How::Sends(json!({"ticket": "made up"}))),
        (61058, How::Sends(json!({"ticket": 1}))),
        (
            61060,
            How::Platform(json!({"redirectHost": "ours.example"})),
        ),
        (61061, of_kind(json!({"registeredCountry": 1}))),
        (61063, hindered("adminLimit")),
        (61064, hindered("adminBlacklisted")),
        (61065, hindered("idCardLimit")),
        (61066, hindered("idCardBlacklisted")),
        (61067, hindered("phoneLimit")),
        (61068, hindered("phoneBlacklisted")),
        (61069, hindered("adminInvalid")),
    ]
}

#[test]
fn every_code_of_a_reused_entity_can_be_had() {
    for (code, how) in official() {
        let registrar = Registrar::start();
        let world = &registrar.world;
        let mut body = json!({"ticket": registrar.ticket(0)});
        match how {
            How::Account(change) => {
                world.change(OFFICIAL, &change);
            }
            How::Platform(change) => registrar.platform(change),
            How::Switch(name, value) => {
                registrar.turn(name, value);
                registrar.platform(json!({"published": false}));
            }
            How::Sends(other) => body = other,
            How::Fault => {
                world.fault(json!({"endpoint": REGISTER, "kind": "errcode", "code": code}));
            }
        }
        let text = body.as_str().map(str::to_owned);
        let body = text.unwrap_or_else(|| body.to_string());
        let answer = world.raw("POST", REGISTER, &registrar.token, body).json();
        assert_eq!(answer["errcode"], code, "{answer}");
        if ![-1, 61057, 61060].contains(&code) {
            let errmsg = answer["errmsg"].as_str().unwrap();
            assert!(!errmsg.starts_with("system error"), "{code} has words");
        }
    }
}

#[test]
fn every_documented_code_of_it_is_among_them() {
    let reached: BTreeSet<i64> = official().iter().map(|case| case.0).collect();
    let documented = [61028, 61029, 61060, 61061]
        .into_iter()
        .chain(61051..=61054)
        // 61055 takes a month: `official.rs`.
        .chain(61056..=61058)
        .chain(61063..=61069);
    for code in documented {
        assert!(reached.contains(&code), "{code}");
    }
}

#[test]
fn a_page_that_reuses_the_verification_is_what_organisations_need() {
    let registrar = Registrar::start();
    let kind = json!({"basicInfo": {"principalType": 3}});
    registrar.world.change(OFFICIAL, &kind);
    registrar.registered();
}
