//! What a whole tenant's plan comes to: gates, permission sets, the open account.

use serde_json::{Value, json};

use super::open_account::OpenAccount;
use super::world::{World, account};
use super::{AtMostOnce, RESOURCES, Settled, decide};
use crate::plan::Verdict;
use crate::resource::{At, Kind};
use crate::wechat::{Appid, Call, menu, open_account};

fn open_get() -> Call {
    open_account::get_request(&account())
}

fn creates() -> World {
    World::of(
        json!({"openAccount": {"create": true}, "officialAccount": {"appId": "wx1111111111111111"}}),
    )
}

#[test]
fn open_account_noop() {
    let mut world = creates();
    world.answers_to(open_get(), json!({"open_appid": "wx9999999999999999"}));
    assert!(world.lines().is_empty());
    let outputs = decide(&world.subject(), &world.seen).1.outputs;
    assert_eq!(outputs["openAccount.appId"], "wx9999999999999999");
}

#[test]
fn an_open_account_is_created_only_when_wechat_says_there_is_none() {
    let mut world = creates();
    world.answers_to(
        open_get(),
        json!({"errcode": 89002, "errmsg": "open not exists"}),
    );
    assert_eq!(world.lines(), ["openAccount + openAccount.create"]);

    for body in [
        json!({"errcode": -1, "errmsg": "system error"}),
        json!({"errcode": 0}),
        json!({"open_appid": ""}),
    ] {
        let mut world = creates();
        world.answers_to(open_get(), body);
        assert_eq!(world.lines(), ["openAccount unknown ReadFailed"]);
    }
    let mut world = creates();
    world.lost(open_get());
    assert_eq!(world.lines(), ["openAccount unknown ReadFailed"]);
}

#[test]
fn what_lost_a_part_is_compared_with_nothing() {
    let lines = |name: &str| {
        let menu = json!({"buttons": [{"name": "主页", "view": "https://a.example"}]});
        let account = json!({"appId": "wx1111111111111111", "menu": menu});
        let mut world = World::of(json!({"officialAccount": account}));
        let shown = json!([{"type": "view", "name": name, "url": "https://a.example"}]);
        world.answers(&menu::GET, json!({"menu": {"button": shown}}));
        world.lines()
    };
    assert_eq!(lines("主"), ["menu ~ officialAccount.menu.buttons[0].name"]);
    let lost = lines("主\u{fdd0}");
    assert!(
        lost.iter().all(|line| line.ends_with("unknown ReadFailed")),
        "{lost:?}"
    );
}

#[test]
fn a_probe_decides_only_on_what_wechat_says() {
    let call = Call::new(
        &open_account::CREATE,
        account(),
        &json!({"appid": account()}),
    );
    let settle = |body: Value| {
        let mut world = creates();
        world.answers_to(open_get(), body);
        OpenAccount.settle(&call, &Value::Null, &world.seen)
    };
    assert!(
        matches!(settle(json!({"open_appid": "wx9999999999999999"})), Settled::Done(ids) if ids["openAccount.appId"] == "wx9999999999999999")
    );
    assert_eq!(
        settle(json!({"errcode": 89002, "errmsg": ""})),
        Settled::NotDone
    );
    assert_eq!(
        settle(json!({"errcode": -1, "errmsg": ""})),
        Settled::Undecided
    );
}

/// A tenant that declares everything there is.
fn everything() -> World {
    World::of(json!({
        "openAccount": {"create": true},
        "officialAccount": {
            "appId": "wx1111111111111111",
            "tags": [{"name": "VIP"}],
            "subscribeMessages": [{"name": "reminder", "title": "上课提醒"}],
            "options": {"voiceRecognition": true},
            "menu": {"buttons": []},
            "links": [{"appId": "wx2222222222222222"}],
            "industry": {"primary": "教育/培训"},
            "templates": {"items": [{"name": "a", "shortId": "43216", "title": "上课提醒", "keywords": []}]},
        },
        "miniPrograms": [{"name": "main", "registration": {"reuseOfficialAccount": {}}}],
    }))
}

#[test]
fn a_missing_permission_set_is_a_gate_and_no_call_is_made() {
    let official = RESOURCES.iter().filter(|one| one.is_of(Kind::Official));
    for resource in official {
        let mut world = everything();
        assert!(
            resource.declared(&world.spec, &At::OFFICIAL),
            "{}",
            resource.name()
        );
        let missing = resource.sets(Kind::Official);
        // Options go with the platform's own token; what is registered needs the set no more, so each item asks for it.
        assert_eq!(
            missing.is_empty(),
            ["options", "registration"].contains(&resource.name()),
            "{}",
            resource.name()
        );
        if missing.is_empty() {
            continue;
        }
        let granted: Vec<u16> = (1..=200).filter(|set| !missing.contains(set)).collect();
        world.authorized(&granted);
        let waits = format!("{} waits PermissionSetMissing", resource.name());
        let of_it = |line: &String| line.split(' ').next() == Some(resource.name());
        let lines: Vec<String> = world.lines().into_iter().filter(of_it).collect();
        assert_eq!(lines, [waits]);
        for call in super::needs(&world.subject(), &world.seen) {
            let sets = call.endpoint.sets;
            let allowed = sets.is_empty() || sets.iter().any(|set| granted.contains(set));
            assert!(allowed, "{} without {missing:?}", call.endpoint.name);
        }
    }
}

#[test]
fn one_of_the_permission_sets_that_allow_a_thing_is_enough() {
    for resource in RESOURCES {
        for set in resource.sets(Kind::Official) {
            let mut world = everything();
            world.authorized(&[*set]);
            let waits = format!("{} waits PermissionSetMissing", resource.name());
            assert!(!world.lines().contains(&waits), "{waits} with {set}");
        }
    }
}

#[test]
fn nothing_is_read_of_an_account_that_is_not_what_it_should_be() {
    let spec = |require: Value| {
        json!({
            "principal": {"name": "日出舞蹈有限公司"},
            "officialAccount": {"appId": "wx1111111111111111", "require": require, "menu": {"buttons": []}},
        })
    };
    let info = |field: &str, value: Value| {
        let mut body = json!({
            "authorizer_info": {"nick_name": "", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
                "service_type_info": {"id": 2}, "verify_type_info": {"id": 0}, "account_status": 1},
            "authorization_info": {"authorizer_appid": "wx1111111111111111", "func_info": [{"funcscope_category": {"id": 15}}]},
        });
        body["authorizer_info"][field] = value;
        body
    };
    let cases = [
        (
            json!({}),
            info("MiniProgramInfo", json!({"network": {}})),
            "WrongAccountKind",
        ),
        (
            json!({"kind": "service"}),
            info("service_type_info", json!({"id": 1})),
            "WrongAccountKind",
        ),
        (
            json!({"kind": "subscription"}),
            info("service_type_info", json!({"id": 2})),
            "WrongAccountKind",
        ),
        (
            json!({}),
            info("principal_name", json!("月光瑜伽有限公司")),
            "OtherPrincipal",
        ),
        (
            json!({"verified": "qualification"}),
            info("verify_type_info", json!({"id": -1})),
            "NotVerified",
        ),
        (
            json!({"verified": "name"}),
            info("verify_type_info", json!({"id": 3})),
            "NotVerified",
        ),
        (
            json!({}),
            info("account_status", json!(16)),
            "AccountNotNormal",
        ),
    ];
    for (require, body, reason) in cases {
        let mut world = World::of(spec(require));
        world.info(body);
        assert_eq!(world.lines(), [format!("authorization waits {reason}")]);
        assert!(super::needs(&world.subject(), &world.seen).is_empty());
    }
    let mut world = World::of(spec(json!({"verified": "qualification"})));
    world.info(info("verify_type_info", json!({"id": 3})));
    assert_eq!(
        super::needs(&world.subject(), &world.seen).len(),
        1,
        "qualification is enough"
    );
}

#[test]
fn an_account_that_left_waits_for_its_owner() {
    let mut world = creates();
    world.info(json!({"errcode": 61003, "errmsg": "component is not authorized by this account"}));
    assert_eq!(world.lines(), ["authorization waits NotAuthorized"]);
}

#[test]
fn a_tenant_without_an_account_waits_for_a_scan_and_says_what_follows() {
    let world = World::of(
        json!({"openAccount": {"create": true}, "officialAccount": {"menu": {"buttons": []}}}),
    );
    let plan = world.plan();
    let Verdict::Waiting(waiting) = &plan.entries[0].verdict else {
        panic!("{plan:?}")
    };
    let then: Vec<&str> = waiting.then.iter().map(|text| text.en.as_str()).collect();
    assert_eq!(then, ["menu", "openAccount"]);
}

#[test]
fn a_manifest_cannot_move_a_pinned_tenant_to_another_account() {
    let mut world = creates();
    let other = Appid::parse("wx2222222222222222").unwrap();
    world.official().pinned = Some(other);
    assert!(
        decide(&world.subject(), &world.seen)
            .0
            .steps()
            .next()
            .is_none()
    );
}

#[test]
fn the_first_pass_after_a_return_only_observes() {
    let mut world = creates();
    world.answers_to(open_get(), json!({"errcode": 89002, "errmsg": ""}));
    world.official().reauthorized = true;
    let (plan, _) = decide(&world.subject(), &world.seen);
    assert_eq!(plan.entries.len(), 1);
    assert!(plan.steps().next().is_none());
}

#[test]
fn what_the_policy_does_not_manage_is_left_alone() {
    let world = World::of(json!({
        "openAccount": {"create": true},
        "officialAccount": {"appId": "wx1111111111111111"},
        "policy": {"resources": {"openAccount": {"manage": false}}},
    }));
    assert!(super::needs(&world.subject(), &world.seen).is_empty());
    assert!(world.lines().is_empty());
}

#[test]
fn a_dead_refresh_token_waits_for_a_new_scan_and_is_no_failed_read() {
    use crate::wechat::answer::read_answer;
    use crate::wechat::authorization::AUTHORIZER_TOKEN;
    let mut world = creates();
    let dead = read_answer(
        &AUTHORIZER_TOKEN,
        json!({"errcode": 61023, "errmsg": "refresh_token is invalid"}),
    );
    world.seen.insert(open_get(), dead);
    assert_eq!(world.lines(), ["openAccount waits NotAuthorized"]);
}
