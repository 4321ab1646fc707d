//! What is to be done about a registration, by what is about, and how one without an answer is settled.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{AskedBefore, Registration, journal};
use crate::plan::{Costly, Person, Reason, Step, Text, Verdict, Waiting, Whose};
use crate::resource::world::{ACCOUNT, World, account, now, platform};
use crate::resource::{AtMostOnce as _, Claimant, Settled};
use crate::wechat::answer::read_answer;
use crate::wechat::personal_registration::{PATIENCE, query_request};
use crate::wechat::{Appid, authorizer, basic_info, link, registration};

const NEW: &str = "wx2222222222222222";
const PRINCIPAL: &str = "日出舞蹈有限公司";

fn app(appid: &str) -> Appid {
    Appid::parse(appid).unwrap()
}

fn linked(appid: &str, name: &str, nickname: &str, released: i64) -> Value {
    json!({"status": 1, "appid": appid, "username": name, "nickname": nickname, "released": released})
}

/// A tenant with one mini-program to register, and what the official account is linked to.
fn world(how: Value, listed: Value) -> World {
    let mut world = World::of(json!({
        "officialAccount": {"appId": ACCOUNT},
        "miniPrograms": [{"name": "main", "registration": {"reuseOfficialAccount": how}}],
    }));
    world.authorized(&[3, 27, 33]);
    world.answers(&link::GET, json!({"wxopens": {"items": listed}}));
    world.answers(&basic_info::GET, basic(1));
    world
}

fn basic(customer_type: i64) -> Value {
    json!({"appid": ACCOUNT, "account_type": 2, "customer_type": customer_type})
}

fn scanned(world: &mut World, authorized: &[&str]) {
    let at: Timestamp = "2026-11-24T07:00:00Z".parse().unwrap();
    world.backdrop.scanned = BTreeMap::from([("main".to_owned(), at)]);
    world.lists(authorized);
}

fn line(world: &World) -> String {
    let of_it = |line: &String| line.starts_with("registration/main ");
    world.lines().into_iter().find(of_it).unwrap()
}

fn step(world: &World) -> Step {
    let entries = world.plan().entries;
    let mut entries = entries.into_iter();
    let found = entries.find(|entry| entry.address.to_string() == "registration/main");
    let verdict = found.unwrap().verdict;
    let Verdict::Step(step) = verdict else {
        panic!("{verdict:?}");
    };
    step
}

const REGISTERS: &str = "registration/main + miniPrograms[0].registration";

#[test]
fn it_can_be_said_yes_to_before_anybody_scanned_and_is_the_same_step_afterwards() {
    let mut world = world(json!({}), json!([]));
    let before = step(&world);
    assert!(before.awaits.is_some());
    assert_eq!(before.costly, Some(Costly::Register));
    scanned(&mut world, &[ACCOUNT]);
    let after = step(&world);
    assert_eq!(after.awaits, None);
    let name = crate::plan::Address::from("registration/main");
    assert_eq!(before.digest("t", &name), after.digest("t", &name));
}

#[test]
fn nothing_is_registered_while_something_is_about_that_may_be_it() {
    for (how, listed, claim, expected) in [
        (json!({}), json!([]), None, REGISTERS),
        (
            json!({}),
            json!([linked(NEW, "gh_2", "gh_2", 0)]),
            None,
            "registration/main waits Unclaimed",
        ),
        // Named and released by hand meanwhile: it may be it all the same.
        (
            json!({}),
            json!([linked(NEW, "gh_2", "日出舞蹈", 1)]),
            None,
            "registration/main waits Unclaimed",
        ),
        (
            json!({}),
            json!([linked(NEW, "gh_2", "gh_2", 0)]),
            Some("moon"),
            "registration/main waits ClaimedByAnother",
        ),
        (
            json!({"besides": [NEW]}),
            json!([linked(NEW, "gh_2", "gh_2", 0)]),
            None,
            REGISTERS,
        ),
        // Only asked for, and nobody says which account it is.
        (
            json!({}),
            json!([{"status": 2, "username": "gh_3"}]),
            None,
            REGISTERS,
        ),
        // Asked for again, once its link was undone.
        (
            json!({}),
            json!([{"status": 2, "appid": NEW, "username": "gh_2"}]),
            None,
            "registration/main waits Unclaimed",
        ),
    ] {
        let mut world = world(how, listed);
        if let Some(tenant) = claim {
            let claimant = Claimant {
                tenant: tenant.to_owned(),
                whose: Whose::app("main"),
            };
            world.backdrop.claims.insert(app(NEW), claimant);
        }
        scanned(&mut world, &[ACCOUNT]);
        assert_eq!(line(&world), expected);
    }
}

#[test]
fn what_is_authorized_and_of_the_same_principal_and_nobodys_may_be_it_too() {
    for (principal, expected) in [
        (PRINCIPAL, "registration/main waits Unclaimed"),
        ("日出舞蹈（有限公司", REGISTERS),
        ("", "registration/main waits Unclaimed"),
    ] {
        let mut world = world(json!({}), json!([]));
        scanned(&mut world, &[ACCOUNT, NEW]);
        world.is_app_of(NEW, principal);
        assert_eq!(line(&world), expected, "{principal}");
    }
    // Whose the official account is was not said: whatever nobody has may be it.
    let mut world = world(json!({}), json!([]));
    world.info(json!({
        "authorizer_info": {
            "nick_name": "日出舞蹈", "user_name": "gh_1",
            "service_type_info": {"id": 2}, "verify_type_info": {"id": 0}, "account_status": 1,
        },
        "authorization_info": {"authorizer_appid": ACCOUNT, "func_info": [
            {"funcscope_category": {"id": 3}}, {"funcscope_category": {"id": 27}}, {"funcscope_category": {"id": 33}},
        ]},
    }));
    scanned(&mut world, &[ACCOUNT, NEW]);
    world.is_app_of(NEW, "明月舞蹈有限公司");
    assert_ne!(line(&world), REGISTERS);
    // A registration is in doubt: what is about is looked at before anybody is asked.
    let mut world = self::world(json!({}), json!([linked(NEW, "gh_2", "gh_2", 0)]));
    scanned(&mut world, &[ACCOUNT]);
    let text = Text::new("没有应答", "got no answer");
    let waiting = Waiting::new(Reason::OutcomeUnknown, Person::Nobody, text);
    let in_doubt = &mut world.backdrop.in_doubt;
    in_doubt.insert("main".to_owned(), waiting);
    assert_eq!(line(&world), "registration/main waits OutcomeUnknown");
    // Somebody said that it is registered, and not as what.
    let mut world = self::world(json!({}), json!([]));
    scanned(&mut world, &[ACCOUNT]);
    world.backdrop.unnamed.insert("main".to_owned());
    assert_eq!(line(&world), "registration/main waits Unclaimed");
    // What it is could not be read.
    let mut world = self::world(json!({}), json!([]));
    scanned(&mut world, &[ACCOUNT, NEW]);
    world.lost(authorizer::info_request(&app(NEW)));
    assert_eq!(line(&world), "registration/main unknown ReadFailed");
    // Which account it is could not be read.
    for odd in ["", "wx2", "日出"] {
        let mut world = self::world(json!({}), json!([]));
        scanned(&mut world, &[ACCOUNT, odd]);
        assert_eq!(
            line(&world),
            "registration/main unknown ReadFailed",
            "{odd}"
        );
    }
}

#[test]
fn what_is_missing_is_a_wait_and_what_is_unreadable_registers_nothing() {
    let mut world = world(json!({}), json!([]));
    world.authorized(&[3, 33]);
    assert_eq!(line(&world), "registration/main waits PermissionSetMissing");
    let mut world = self::world(json!({}), json!([]));
    world.lost(link::get_request(&account()));
    assert_eq!(line(&world), "registration/main unknown ReadFailed");
    for odd in [
        json!({}),
        json!({"wxopens": {}}),
        json!({"wxopens": null}),
        // Linked, and nobody can tell what: it may be the very one.
        json!({"wxopens": {"items": [{"status": 1, "username": "gh_2"}]}}),
        json!({"wxopens": {"items": [{"status": 1, "appid": "wx2", "username": "gh_2"}]}}),
    ] {
        let mut world = self::world(json!({}), json!([]));
        world.answers(&link::GET, odd);
        assert_eq!(line(&world), "registration/main unknown ReadFailed");
    }
}

#[test]
fn a_sole_trader_is_told_of_its_limit() {
    let mut world = world(json!({}), json!([]));
    assert!(step(&world).notes.is_empty());
    world.answers(&basic_info::GET, basic(12));
    assert_eq!(step(&world).notes.len(), 1);
}

#[test]
fn without_an_answer_what_is_new_and_has_no_name_yet_is_it() {
    let mut world = world(
        json!({"besides": [NEW]}),
        json!([linked(NEW, "gh_2", "x", 1)]),
    );
    scanned(&mut world, &[ACCOUNT]);
    let evidence = step(&world).evidence;
    let call = registration::request(&account(), "sunrise-dance:main");
    assert_eq!(Registration.thing(&call).as_deref(), Some("main"));
    let born = "wx3333333333333333";
    let settle = |listed: Value| {
        let body = json!({"wxopens": {"items": listed}});
        let read = link::get_request(&account());
        let answer = read_answer(&link::GET, body);
        Registration.settle(&call, &evidence, &[(read, answer)].into())
    };
    let before = linked(NEW, "gh_2", "x", 1);
    let done = [(journal::output("main"), born.to_owned())].into();
    assert_eq!(
        settle(json!([before, linked(born, "gh_3", "gh_3", 0)])),
        Settled::Done(done)
    );
    assert_eq!(settle(json!([before])), Settled::NotDone);
    // Named by hand before anybody looked, or two at once: a person says which it is.
    for listed in [
        json!([before, linked(born, "gh_3", "日出", 0)]),
        json!([
            before,
            linked(born, "gh_3", "gh_3", 0),
            linked("wx4444444444444444", "gh_4", "gh_4", 0)
        ]),
    ] {
        assert_eq!(settle(listed), Settled::Ambiguous);
    }
    // Released, or without an original id: it is new, and was not made a moment ago for all anybody can tell.
    for one in [
        linked(born, "gh_3", "gh_3", 1),
        json!({"status": 1, "appid": born, "nickname": "日出"}),
    ] {
        assert_eq!(settle(json!([before, one])), Settled::Ambiguous);
    }
    // What is only asked for was not registered.
    let asked = json!({"status": 2, "appid": born, "username": "gh_3", "nickname": "gh_3"});
    assert_eq!(settle(json!([before, asked])), Settled::NotDone);
    let silent = Registration.settle(&call, &evidence, &[].into());
    assert_eq!(silent, Settled::Undecided);
}

#[test]
fn a_person_who_was_asked_before_is_waited_for_a_day_and_the_hour_after_it() {
    let (hour, second) = (SignedDuration::from_hours(1), SignedDuration::from_secs(1));
    for (since, expected) in [
        (PATIENCE + hour, "registration/main waits AfterAnotherStep"),
        (PATIENCE + hour + second, REGISTERS),
    ] {
        let mut world = world(json!({}), json!([]));
        let asked = AskedBefore {
            platform: platform().clone(),
            person: "zhangsan01".to_owned(),
            task: Some("t-1".to_owned()),
            at: now() - since,
        };
        world.backdrop.asked.insert("main".to_owned(), asked);
        world.answers_to(
            query_request(platform(), "t-1"),
            json!({"taskid": "t-1", "authorize_url": "https://mp.weixin.qq.com/a", "status": 3}),
        );
        assert_eq!(line(&world), expected, "{since}");
    }
}
