//! Which open account is the tenant's, and what that means for each of its accounts.

use serde_json::{Value, json};

use crate::plan::{Costly, Verdict};
use crate::resource::world::{ACCOUNT, World};
use crate::resource::{Settled, decide};
use crate::wechat::answer::read_answer;
use crate::wechat::{Appid, Call, authorizer, basic_info, open_account};

use super::{AtMostOnce as _, OpenAccount};

const MAIN: &str = "wx2222222222222222";
const SHOP: &str = "wx3333333333333333";
const OPEN: &str = "wx9000000000000001";
const OTHER: &str = "wx9000000000000002";

fn appid(text: &str) -> Appid {
    Appid::parse(text).unwrap()
}

/// An official account and the mini-programs `main` and `shop`, all of them asked.
fn world(spec: Value) -> World {
    let mut world = World::of(json!({
        "openAccount": spec,
        "officialAccount": {"appId": ACCOUNT},
        "miniPrograms": [{"name": "shop", "appId": SHOP}, {"name": "main", "appId": MAIN}],
    }));
    for app in [MAIN, SHOP] {
        info(&mut world, app, true);
    }
    for account in [ACCOUNT, MAIN, SHOP] {
        is_in(&mut world, account, None);
    }
    world
}

fn info(world: &mut World, app: &str, authorized: bool) {
    let call = authorizer::info_request(&appid(app));
    let body = if authorized {
        json!({
            "authorizer_info": {
                "nick_name": "", "user_name": "gh_2", "principal_name": "日出舞蹈有限公司", "account_status": 1,
                "service_type_info": {"id": 0}, "verify_type_info": {"id": 0}, "MiniProgramInfo": {"network": {}},
            },
            "authorization_info": {"authorizer_appid": app, "func_info": [{"funcscope_category": {"id": 25}}]},
        })
    } else {
        json!({"errcode": 61003, "errmsg": "component is not authorized by this account"})
    };
    world.answers_to(call, body);
    world.answers_to(
        basic_info::get_request(&appid(app)),
        json!({"errcode": 0, "appid": app, "realname_status": 1}),
    );
}

fn is_in(world: &mut World, account: &str, open: Option<&str>) {
    let body = match open {
        Some(open) => json!({"errcode": 0, "open_appid": open}),
        None => json!({"errcode": 89002, "errmsg": "open not exists"}),
    };
    world.answers_to(open_account::get_request(&appid(account)), body);
}

fn calls(world: &World, address: &str) -> Vec<Call> {
    let plan = world.plan();
    let found = plan
        .steps()
        .find(|(entry, _)| entry.address.to_string() == address);
    found.map_or_else(Vec::new, |(_, step)| step.calls.clone())
}

#[test]
fn the_official_account_makes_it_and_the_others_come_after() {
    let mut world = world(json!({"create": true}));
    assert_eq!(
        world.lines(),
        [
            "openAccount + openAccount.create",
            "shop:openAccount waits AfterAnotherStep",
            "main:openAccount waits AfterAnotherStep",
        ]
    );
    is_in(&mut world, ACCOUNT, Some(OPEN));
    assert_eq!(
        calls(&world, "main:openAccount"),
        [open_account::bind_request(&appid(MAIN), &appid(OPEN))]
    );
    is_in(&mut world, MAIN, Some(OPEN));
    is_in(&mut world, SHOP, Some(OPEN));
    assert!(world.lines().is_empty());
    let (_, learned) = decide(&world.subject(), &world.seen);
    assert_eq!(learned.outputs["openAccount.appId"], OPEN);
}

#[test]
fn what_one_of_the_others_is_in_is_the_tenants_where_those_before_it_are_in_none() {
    let mut world = world(json!({"create": true}));
    is_in(&mut world, MAIN, Some(OPEN));
    assert_eq!(
        calls(&world, "openAccount"),
        [open_account::bind_request(&appid(ACCOUNT), &appid(OPEN))]
    );
}

#[test]
fn nothing_is_bound_to_what_is_not_known() {
    let mut world = world(json!({"create": true}));
    is_in(&mut world, MAIN, Some(OPEN));
    world.lost(open_account::get_request(&appid(ACCOUNT)));
    assert_eq!(
        world.lines(),
        [
            "openAccount unknown ReadFailed",
            "shop:openAccount waits AfterAnotherStep",
            "main:openAccount waits AfterAnotherStep",
        ]
    );
}

#[test]
fn an_account_that_left_is_passed_over_unless_it_alone_tells() {
    let mut world = world(json!({"create": true}));
    info(&mut world, SHOP, false);
    world.spec.official_account = None;
    assert_eq!(calls(&world, "main:openAccount").len(), 1, "made on main");
    world
        .outputs
        .insert("openAccount.appId".to_owned(), OPEN.to_owned());
    assert!(calls(&world, "main:openAccount").is_empty());
    let plan = world.plan();
    let (_, waiting) = plan
        .waits()
        .find(|(entry, _)| entry.address.to_string() == "main:openAccount")
        .unwrap();
    assert!(
        waiting
            .text
            .en
            .contains("openAccount: {bind: {appId: wx9000000000000001}}")
    );
}

#[test]
fn leaving_another_open_account_takes_a_yes() {
    for (spec, wanted) in [
        (json!({"create": true}), OPEN),
        (json!({"bind": {"appId": OPEN}}), OPEN),
    ] {
        let mut world = world(spec);
        is_in(&mut world, ACCOUNT, Some(OPEN));
        is_in(&mut world, MAIN, Some(OTHER));
        let plan = world.plan();
        let (_, step) = plan
            .steps()
            .find(|(entry, _)| entry.address.to_string() == "main:openAccount")
            .unwrap();
        assert_eq!(step.costly, Some(Costly::Unbind));
        let (main, other, wanted) = (appid(MAIN), appid(OTHER), appid(wanted));
        assert_eq!(
            step.calls,
            [
                open_account::unbind_request(&main, &other),
                open_account::bind_request(&main, &wanted),
            ]
        );
    }
}

#[test]
fn a_doubtful_unbinding_is_done_when_the_account_is_elsewhere() {
    let (main, open) = (appid(MAIN), appid(OPEN));
    let call = open_account::unbind_request(&main, &open);
    let settled = |body: Value| {
        let read = open_account::get_request(&main);
        let answer = read_answer(read.endpoint, body);
        OpenAccount.settle(&call, &Value::Null, &[(read, answer)].into())
    };
    let done = Settled::Done([].into());
    assert_eq!(settled(json!({"errcode": 89002})), done);
    assert_eq!(settled(json!({"open_appid": OTHER})), done);
    assert_eq!(settled(json!({"open_appid": OPEN})), Settled::NotDone);
    assert_eq!(settled(json!({"errcode": -1})), Settled::Undecided);
    assert!(
        OpenAccount
            .ids(&call, &Value::Null, &json!({"errcode": 0}))
            .is_empty()
    );
}

#[test]
fn the_tenants_open_account_is_checked_once() {
    use crate::plan::diagnostic::Diagnostics;
    let world = world(json!({"create": true, "bind": {"appId": OPEN}}));
    let mut found = Diagnostics::default();
    crate::resource::check_all(&world.spec, &mut found);
    let codes: Vec<&str> = found.as_slice().iter().map(|one| one.code).collect();
    assert_eq!(codes, ["WX1210"]);
    let first = world.plan().entries.into_iter().next();
    assert!(!matches!(
        first.map(|one| one.verdict),
        Some(Verdict::Unknown(_))
    ));
}
