//! The table as data: complete, sorted, and worth reading.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::wechat::answer::{ApiError, Effect, ErrorClass, Who};
use crate::wechat::endpoint::{self, CallClass};
use crate::wechat::{
    authorization, authorizer, avatar, category, industry, menu, nickname, open_account, tag,
    template, token,
};

#[test]
fn the_table_is_sorted_and_unique() {
    let codes: Vec<i64> = table().map(|row| row.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
}

#[test]
fn every_required_code_is_in_the_table() {
    let mut required = 0;
    for line in include_str!("../../../tests/data/errcodes.csv")
        .lines()
        .skip(1)
    {
        let (code, _) = line.split_once(',').unwrap();
        let code: i64 = code.parse().unwrap();
        assert!(find(code).is_some(), "{line}");
        required += 1;
    }
    assert_eq!(required, table().count(), "a row that nothing asks for");
}

/// What the published lists say a caller should do, in this table's words.
#[test]
fn each_class_agrees_with_the_published_lists_or_is_a_decision() {
    let decided = BTreeMap::from([
        (-1, ErrorClass::Transient),
        // What the lists of linking say stands in the overrides.
        (1003, ErrorClass::Invalid),
        (41001, ErrorClass::Invalid),
        (41021, ErrorClass::Invalid),
        (45011, ErrorClass::Throttled),
        (45026, ErrorClass::Human),
        (45027, ErrorClass::Human),
        (45061, ErrorClass::Throttled),
        // These come right without any change to what was sent.
        (45064, ErrorClass::Human),
        (65303, ErrorClass::Human),
        (65305, ErrorClass::Human),
        (85005, ErrorClass::Human),
        (61003, ErrorClass::Revoked),
        (61023, ErrorClass::Token),
        (53011, ErrorClass::Throttled),
        (61038, ErrorClass::Throttled),
        (9_402_205, ErrorClass::Transient),
    ]);
    // Likewise: a limit, a state or another step, and the same payload is right.
    let comes_right = [
        45056, 53301, 53307, 61040, 85002, 85003, 85016, 85017, 85018, 85019, 85020, 85021, 85079,
        85080, 85086, 86074, 87011, 87012, 89009, 89020, 89021, 89029, 89238, 89240, 89241, 89243,
        89258, 89402, 91003, 200_012,
    ];
    let so_already = [85004, 85052, 89015, 89019, 89237, 89404];
    let absent = [61041, 85058, 86001, 91011];
    let decided: BTreeMap<i64, ErrorClass> = decided
        .into_iter()
        .chain(comes_right.map(|code| (code, ErrorClass::Human)))
        .chain(so_already.map(|code| (code, ErrorClass::AlreadyDone)))
        .chain(absent.map(|code| (code, ErrorClass::NotFound)))
        .collect();
    for line in include_str!("../../../tests/data/errcodes.csv")
        .lines()
        .skip(1)
    {
        let mut parts = line.split(',');
        let code: i64 = parts.next().unwrap().parse().unwrap();
        let listed: BTreeSet<ErrorClass> = parts
            .filter(|text| !text.is_empty())
            .map(|text| match text {
                "permanent_input" => ErrorClass::Invalid,
                "permanent_permission" => ErrorClass::Permission,
                "human" => ErrorClass::Human,
                "refresh_token" => ErrorClass::Token,
                "retry_backoff" => ErrorClass::Transient,
                "quota_day" | "quota_month" => ErrorClass::Quota,
                "ok" => ErrorClass::AlreadyDone,
                "unknown" => ErrorClass::Unknown,
                other => panic!("{other}"),
            })
            .collect();
        let row = find(code).unwrap();
        match decided.get(&code) {
            Some(class) => assert_eq!(row.class, *class, "{code}"),
            None => assert_eq!(BTreeSet::from([row.class]), listed, "{code}"),
        }
    }
}

fn texts() -> Vec<(i64, &'static str, &'static str)> {
    let strange = classify(&menu::GET, 1);
    let mut texts: Vec<_> = table().map(|row| (row.code, row.zh, row.en)).collect();
    texts.extend(OVERRIDES.iter().map(|one| (one.code, one.zh, one.en)));
    texts.push((1, strange.zh, strange.en));
    let busy = classify(&menu::GET, -1);
    texts.push((-1, busy.zh, busy.en));
    for endpoint in [&avatar::MODIFY, &nickname::SET] {
        let busy = classify(endpoint, -1);
        texts.push((-1, busy.zh, busy.en));
    }
    texts
}

#[test]
fn every_meaning_is_said_in_both_languages_and_said_once() {
    let mut said = BTreeSet::new();
    for (code, zh, en) in texts() {
        assert!(
            zh.chars()
                .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
                .count()
                >= 2,
            "{code}: {zh}"
        );
        assert!(en.is_ascii() && en.split(' ').count() >= 3, "{code}: {en}");
        assert!(!en.ends_with('.') && !zh.ends_with('。'), "{code}");
        assert!(
            said.insert(zh) && said.insert(en),
            "{code} says nothing of its own"
        );
    }
}

#[test]
fn every_symbol_is_kept() {
    for row in table() {
        assert!(!row.symbol.trim().is_empty(), "{}", row.code);
    }
}

#[test]
fn a_refusal_proves_that_nothing_happened() {
    // What was done before, and perhaps not what this call was for.
    const RELEASED: i64 = 85052;
    // Of these WeChat's own words, or reports, leave it open.
    let open = [
        61058, 86031, 89247, 89401, 91010, 91012, 9_402_202, 9_402_205,
    ];
    for row in table().filter(|row| row.code != BUSY.code) {
        let already = row.class == ErrorClass::AlreadyDone;
        let want = if open.contains(&row.code) {
            Effect::Maybe
        } else if already && row.code != RELEASED {
            Effect::Done
        } else {
            Effect::None
        };
        assert_eq!(row.effect, want, "{}", row.code);
    }
}

#[test]
fn what_a_number_leaves_open_is_open_on_a_write_only() {
    for code in [91010, 9_402_202] {
        assert_eq!(classify(&menu::CREATE, code).effect, Effect::Maybe);
        assert_eq!(classify(&menu::GET, code).effect, Effect::None);
    }
    assert!(is_listed(9_402_202) && is_listed(BUSY.code));
    assert!(!is_listed(91010), "WeChat's list says no more than `other`");
}

#[test]
fn what_must_be_done_is_said_of_listed_codes_and_of_somebody() {
    for code in [41033, 91001, 91002, 91019, 53311, 61058, 89251] {
        let error = explain(&menu::CREATE, code, "");
        let (zh, en) = remedy(&error).unwrap();
        let plain = remedy(&ApiError {
            errcode: 1,
            ..error
        })
        .unwrap();
        assert_ne!((zh, en), plain, "{code}");
    }
    for row in table() {
        let error = explain(&menu::CREATE, row.code, "");
        assert!(
            error.who == Who::Wxops || remedy(&error).is_some(),
            "{}",
            row.code
        );
    }
    let error = explain(&menu::CREATE, 53202, "");
    assert_eq!((error.class, remedy(&error)), (ErrorClass::Quota, None));
    assert!(is_out_of_reach(&explain(&menu::CREATE, 41033, "")));
    assert!(!is_out_of_reach(&explain(&menu::CREATE, 48001, "")));
}

#[test]
fn what_goes_on_by_itself_is_nobodys_work() {
    for row in table() {
        let by_itself = matches!(
            row.class,
            ErrorClass::Transient | ErrorClass::Throttled | ErrorClass::Quota | ErrorClass::Token
        );
        let somebodys = matches!(row.class, ErrorClass::Human | ErrorClass::Revoked);
        assert!(!by_itself || row.who == Who::Wxops, "{}", row.code);
        assert!(!somebodys || row.who != Who::Wxops, "{}", row.code);
    }
}

#[test]
fn busy_is_a_retry_on_a_read_and_doubt_on_a_write() {
    for endpoint in endpoint::ALL {
        let got = classify(endpoint, -1);
        let want = match endpoint.class {
            CallClass::Read => (ErrorClass::Transient, Effect::None),
            CallClass::OneShot => (ErrorClass::Transient, Effect::Maybe),
            CallClass::Put | CallClass::NaturalKey | CallClass::AtMostOnce => {
                (ErrorClass::Unknown, Effect::Maybe)
            }
        };
        assert_eq!((got.class, got.effect), want, "{endpoint}");
    }
}

#[test]
fn an_unlisted_code_is_doubt_on_all_but_a_read() {
    for endpoint in endpoint::ALL {
        let got = classify(endpoint, 12_345_678);
        assert_eq!(got.class, ErrorClass::Unknown);
        let read = endpoint.class == CallClass::Read;
        assert_eq!(got.effect == Effect::None, read, "{endpoint}");
    }
}

#[test]
fn the_endpoint_decides_where_a_number_has_two_meanings() {
    for (endpoint, code, class, effect) in [
        (&menu::GET, 46003, ErrorClass::NotFound, Effect::None),
        (&industry::GET, 46003, ErrorClass::Invalid, Effect::None),
        (&open_account::GET, 46003, ErrorClass::Invalid, Effect::None),
        (&menu::DELETE, 46003, ErrorClass::NotFound, Effect::None),
        (
            &open_account::GET,
            89002,
            ErrorClass::NotFound,
            Effect::None,
        ),
        (
            &open_account::BIND,
            89002,
            ErrorClass::Invalid,
            Effect::None,
        ),
        (
            &open_account::CREATE,
            89000,
            ErrorClass::AlreadyDone,
            Effect::None,
        ),
        (
            &open_account::BIND,
            89000,
            ErrorClass::Invalid,
            Effect::None,
        ),
        (
            &token::COMPONENT_TOKEN,
            40001,
            ErrorClass::Human,
            Effect::None,
        ),
        (
            &token::START_PUSH_TICKET,
            40001,
            ErrorClass::Human,
            Effect::None,
        ),
        (&industry::GET, 40102, ErrorClass::NotFound, Effect::None),
        (&industry::SET, 40102, ErrorClass::Invalid, Effect::None),
        (
            &template::DELETE,
            40037,
            ErrorClass::AlreadyDone,
            Effect::None,
        ),
        (&tag::CREATE, 45157, ErrorClass::AlreadyDone, Effect::None),
        (&category::ADD, 53304, ErrorClass::AlreadyDone, Effect::None),
        (&category::MODIFY, 53304, ErrorClass::Invalid, Effect::None),
        (&menu::CREATE, 40001, ErrorClass::Token, Effect::None),
        (&authorizer::INFO, 61003, ErrorClass::Revoked, Effect::None),
        (
            &authorization::AUTHORIZER_TOKEN,
            61023,
            ErrorClass::Token,
            Effect::None,
        ),
    ] {
        let got = classify(endpoint, code);
        assert_eq!(
            (got.class, got.effect),
            (class, effect),
            "{code} on {endpoint}"
        );
    }
}

#[test]
fn every_override_is_of_a_listed_code_and_says_something_else() {
    for one in &OVERRIDES {
        let row = find(one.code).unwrap();
        assert_ne!(
            (one.class, one.effect, one.zh),
            (row.class, row.effect, row.zh),
            "{} on {}",
            one.code,
            one.endpoint
        );
    }
}

#[test]
fn an_error_carries_what_a_person_needs() {
    let error = explain(
        &menu::CREATE,
        40018,
        "invalid button name size rid: 64f69b23-60f73830-19f36488",
    );
    assert_eq!(error.endpoint, "menu/create");
    assert_eq!(error.errmsg, "invalid button name size");
    assert_eq!(error.rid.as_deref(), Some("64f69b23-60f73830-19f36488"));
    assert_eq!(error.who, Who::Operator);
    let printed = error.to_string();
    for part in [
        "menu/create",
        "40018",
        "16 字节",
        "16 bytes",
        "rid: 64f69b23",
    ] {
        assert!(printed.contains(part), "{printed}");
    }
}
