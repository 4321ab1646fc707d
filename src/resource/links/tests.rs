//! One link: asked for, confirmed, refused, ended.

use serde_json::{Value, json};

use crate::plan::Verdict;
use crate::resource::ops::LastDone;
use crate::resource::world::{ACCOUNT, World, account};
use crate::resource::{AtMostOnce as _, Settled};
use crate::wechat::answer::read_answer;
use crate::wechat::{Appid, authorizer, link};

use super::{Links, journal};

const MAIN: &str = "wx2222222222222222";
const OTHER: &str = "wx3333333333333333";

/// An official account, and the mini-program `main` whose original id is `gh_2`.
fn world(link: Value, listed: Value) -> World {
    let mut world = World::of(json!({
        "officialAccount": {"appId": ACCOUNT, "links": [link]},
        "miniPrograms": [{"name": "main", "appId": MAIN}, {"name": "later"}],
    }));
    let app = Appid::parse(MAIN).unwrap();
    world.answers_to(
        authorizer::info_request(&app),
        json!({
            "authorizer_info": {
                "nick_name": "", "user_name": "gh_2", "principal_name": "日出舞蹈有限公司", "account_status": 1,
                "service_type_info": {"id": 0}, "verify_type_info": {"id": 0}, "MiniProgramInfo": {"network": {}},
            },
            "authorization_info": {"authorizer_appid": MAIN, "func_info": []},
        }),
    );
    world.answers(
        &link::GET,
        json!({"errcode": 0, "wxopens": {"items": listed}}),
    );
    world
}

fn line(link: Value, listed: Value) -> Option<String> {
    let world = world(link, listed);
    world
        .lines()
        .into_iter()
        .find(|line| line.starts_with("links"))
}

#[test]
fn a_link_is_asked_for_and_then_waited_for() {
    let main = || json!({"miniProgram": "main"});
    let step = Some("links/main + officialAccount.links[0]".to_owned());
    let waits = Some("links/main waits NotLinked".to_owned());
    assert_eq!(line(main(), json!([])), step);
    assert_eq!(
        line(main(), json!([{"status": 12, "username": "gh_9"}])),
        step,
        "another's request"
    );
    for status in [12, 2, 3] {
        assert_eq!(
            line(main(), json!([{"status": status, "username": "gh_2"}])),
            waits
        );
    }
    assert_eq!(
        line(main(), json!([{"status": 7, "username": "gh_2"}])),
        Some("links/main unknown NotComparable".to_owned())
    );
    assert_eq!(
        line(
            main(),
            json!([{"status": 1, "username": "gh_2", "appid": MAIN}])
        ),
        None
    );
    assert_eq!(
        line(json!({"miniProgram": "later"}), json!([])),
        Some("links/later waits NotLinked".to_owned())
    );
}

#[test]
fn a_request_that_does_not_say_for_whom_is_not_repeated() {
    let other = || json!({"appId": OTHER});
    let key = format!("links/{OTHER}");
    assert_eq!(
        line(other(), json!([{"status": 12, "username": "gh_2"}])),
        Some(format!("{key} + officialAccount.links[0]")),
        "that one is for `main`"
    );
    assert_eq!(
        line(other(), json!([{"status": 12, "username": "gh_3"}])),
        Some(format!("{key} waits NotLinked"))
    );
}

/// What an operation on the link with `main` did at a moment.
fn did(world: &mut World, endpoint: &'static crate::wechat::Endpoint, at: &str, shown: Value) {
    let app = Appid::parse(MAIN).unwrap();
    let done = LastDone {
        call: link::link_request(&account(), &app, false, true),
        evidence: Value::Null,
        at: at.parse().unwrap(),
        shown,
        ids: [].into(),
        told: None,
    };
    world
        .ops
        .insert(account(), endpoint.action(Some(MAIN)), done);
}

#[test]
fn a_link_that_was_asked_for_and_is_gone_is_not_asked_for_by_itself() {
    let of = |world: &World| {
        let mut lines = world.lines().into_iter();
        lines.find(|line| line.starts_with("links"))
    };
    let waits = Some("links/main waits NotLinked".to_owned());
    let step = Some("links/main + officialAccount.links[0]".to_owned());
    let mut world = world(json!({"miniProgram": "main"}), json!([]));
    did(&mut world, &link::LINK, "2026-11-20T08:00:00Z", Value::Null);
    assert_eq!(of(&world), waits);
    let plan = world.plan();
    let (_, waiting) = plan
        .waits()
        .find(|(entry, _)| entry.address.resource == "links")
        .unwrap();
    assert!(
        waiting.text.en.contains("2026-11-20 16:00 +08:00"),
        "{waiting:?}"
    );
    // We ended it ourselves since.
    did(
        &mut world,
        &link::UNLINK,
        "2026-11-21T08:00:00Z",
        Value::Null,
    );
    assert_eq!(of(&world), step);
    // And asked again, and a person says that it may be asked for once more.
    did(&mut world, &link::LINK, "2026-11-22T08:00:00Z", Value::Null);
    assert_eq!(of(&world), waits);
    let said = json!({"mayBeAskedAgain": true});
    did(&mut world, &link::LINK, "2026-11-23T08:00:00Z", said);
    assert_eq!(of(&world), step);
}

#[test]
fn a_link_ends_only_where_it_is_said_to_be_absent() {
    let there = || json!([{"status": 1, "username": "gh_2", "appid": MAIN}]);
    let absent = json!({"miniProgram": "main", "absent": true});
    assert_eq!(
        line(absent.clone(), there()),
        Some("links/main - officialAccount.links[0]".to_owned())
    );
    assert_eq!(line(absent.clone(), json!([])), None);
    assert_eq!(
        line(absent, json!([{"status": 12, "username": "gh_2"}])),
        None
    );
    assert_eq!(line(json!({"appId": OTHER, "absent": true}), there()), None);
}

#[test]
fn a_list_that_was_not_read_asks_for_nothing() {
    let mut world = world(json!({"miniProgram": "main"}), json!([]));
    world.lost(link::get_request(&account()));
    let plan = world.plan();
    assert!(matches!(
        plan.entries.iter().find(|entry| entry.address.resource == "links"),
        Some(entry) if matches!(entry.verdict, Verdict::Unknown(_))
    ));
}

#[test]
fn a_doubtful_request_is_settled_by_the_list() {
    let app = Appid::parse(MAIN).unwrap();
    let call = link::link_request(&account(), &app, false, true);
    let settled = |original_id: Option<&str>, listed: Value| {
        let read = link::get_request(&account());
        let body = json!({"errcode": 0, "wxopens": {"items": listed}});
        let answer = read_answer(read.endpoint, body);
        let evidence = journal::evidence(original_id, &[]);
        Links.settle(&call, &evidence, &[(read, answer)].into())
    };
    let done = Settled::Done([].into());
    for known in [Some("gh_2"), None] {
        assert_eq!(settled(known, json!([])), Settled::NotDone);
        assert_eq!(
            settled(known, json!([{"status": 12, "username": "gh_2"}])),
            done
        );
        assert_eq!(settled(known, json!([{"status": 1, "appid": MAIN}])), done);
    }
    let other = json!([{"status": 12, "username": "gh_3"}]);
    assert_eq!(settled(Some("gh_2"), other), Settled::NotDone);
    assert_eq!(Links.thing(&call).as_deref(), Some(MAIN));
}
