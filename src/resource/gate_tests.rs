//! What stands before every resource of a tenant: who acts, on which account, and whether anything is read.

use serde_json::{Value, json};

use super::world::{World, account};
use super::{decide, needs};
use crate::plan::Verdict;
use crate::wechat::authorization::AUTHORIZER_TOKEN;
use crate::wechat::{Appid, Call, authorizer, menu};

fn declared(mode: &str) -> Value {
    json!({
        "officialAccount": {"appId": "wx1111111111111111", "menu": {"buttons": [{"name": "课程", "click": "K"}]}},
        "policy": {"mode": mode},
    })
}

/// A tenant without any menu that wants one.
fn wants_a_menu(mode: &str) -> World {
    let mut world = World::of(declared(mode));
    let none = json!({"errcode": 46003, "errmsg": "menu no exist"});
    world.answers(&menu::GET, none);
    world.answers(
        &menu::CURRENT_SELFMENU_INFO,
        json!({"is_menu_open": 0, "selfmenu_info": {"button": []}}),
    );
    world
}

#[test]
fn steps_of_a_tenant_that_is_only_looked_at_are_shown_and_never_made() {
    for (mode, reauthorized, acts) in [
        ("enforce", false, true),
        ("observe", false, false),
        ("enforce", true, false),
    ] {
        let mut world = wants_a_menu(mode);
        world.official().reauthorized = reauthorized;
        let (plan, _) = decide(&world.subject(), &world.seen);
        let step = |verdict: &Verdict| matches!(verdict, Verdict::Step(_));
        assert!(plan.entries.iter().any(|entry| step(&entry.verdict)));
        assert_eq!(
            plan.steps().count(),
            usize::from(acts),
            "{mode}, {reauthorized}"
        );
    }
}

#[test]
fn behind_a_shut_gate_nothing_else_holds_anything_back() {
    for (mode, observes) in [("enforce", false), ("observe", true)] {
        let mut world = World::of(declared(mode));
        world.official().reauthorized = true;
        let info = authorizer::info_request(&account());
        let mut seen = world.seen.clone();
        seen.insert(info, refused(61003, "api_get_authorizer_info"));
        let plan = decide(&world.subject(), &seen).0;
        assert_eq!(plan.official().unwrap().observe_only, observes, "{mode}");
    }
}

fn refused(errcode: i64, endpoint: &str) -> crate::wechat::Answer {
    let call = Call::bare(&authorizer::INFO, account());
    let body = json!({"errcode": errcode, "errmsg": "no"});
    match crate::wechat::answer::read_answer(call.endpoint, body) {
        crate::wechat::Answer::Refused(error) => {
            let endpoint = endpoint.to_owned();
            crate::wechat::Answer::Refused(crate::wechat::ApiError { endpoint, ..error })
        }
        other @ (crate::wechat::Answer::Done(_) | crate::wechat::Answer::Lost(_)) => other,
    }
}

#[test]
fn the_account_is_looked_at_before_anything_of_it_is_read() {
    let mut world = World::of(declared("enforce"));
    world.seen.clear();
    let info = authorizer::info_request(&account());
    assert_eq!(needs(&world.subject(), &world.seen), [info]);
    world.authorized(&[15]);
    let missing = needs(&world.subject(), &world.seen);
    assert!(missing.contains(&Call::bare(&menu::GET, account())));
}

#[test]
fn a_tenant_that_declares_nothing_waits_for_nobody() {
    assert!(World::of(json!({})).lines().is_empty());
    // Nobody knows yet which account it is about.
    let waits = ["authorization waits NotAuthorized"];
    for spec in [
        json!({"officialAccount": {}}),
        json!({"openAccount": {"create": true}}),
    ] {
        assert_eq!(World::of(spec).lines(), waits);
    }
}

#[test]
fn a_manifest_moves_no_tenant_to_another_account() {
    let mut world = wants_a_menu("enforce");
    let (same, other) = (account(), Appid::parse("wx2222222222222222").unwrap());
    for (pinned, moved) in [(&same, false), (&other, true)] {
        world.official().pinned = Some(pinned.clone());
        let (plan, _) = decide(&world.subject(), &world.seen);
        let reasons: Vec<&str> = plan.waits().map(|(_, one)| one.reason.as_str()).collect();
        let expected: &[&str] = if moved { &["ClaimedByAnother"] } else { &[] };
        assert_eq!(reasons, expected);
        assert_eq!(plan.steps().count(), usize::from(!moved));
    }
}

#[test]
fn a_dead_refresh_token_stops_its_own_account_alone() {
    let other = Appid::parse("wx2222222222222222").unwrap();
    for (subject, endpoint, stops) in [
        (account(), AUTHORIZER_TOKEN.name, true),
        (other, AUTHORIZER_TOKEN.name, false),
        (account(), "get_all_private_template", false),
    ] {
        let mut world = wants_a_menu("enforce");
        let read = Call::bare(&menu::TRYMATCH, subject);
        world.seen.insert(read, refused(61023, endpoint));
        let waits = world.lines() == ["menu waits NotAuthorized"];
        assert_eq!(waits, stops, "{endpoint}: {:?}", world.lines());
    }
}

fn name(world: &World) -> Option<String> {
    world.plan().official().unwrap().nick_name.clone()
}

#[test]
fn an_account_without_a_name_has_none() {
    let mut world = wants_a_menu("enforce");
    assert_eq!(name(&world).as_deref(), Some("日出舞蹈"));
    world.info(json!({
        "authorizer_info": {
            "nick_name": "", "user_name": "gh_1", "service_type_info": {"id": 2}, "verify_type_info": {"id": 0}, "account_status": 1,
        },
        "authorization_info": {"authorizer_appid": "wx1111111111111111", "func_info": [{"funcscope_category": {"id": 15}}]},
    }));
    assert_eq!(name(&world), None);
}
