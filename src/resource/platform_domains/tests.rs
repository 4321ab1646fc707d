//! The platform's lists: added and deleted at once, told apart, remembered host by host.

use serde_json::json;

use super::*;
use crate::resource::world::{World, now, platform};
use crate::resource::{Outputs, Settled};
use crate::wechat::domain::{ConfirmFile, reach_request};
use crate::wechat::platform_domain::get_request;

fn world(lists: Value) -> World {
    let mut world = World::of(json!({}));
    world.spec.platform_domains = Some(serde_json::from_value(lists).unwrap());
    world
}

fn listed(world: &mut World, published: Option<&str>, testing: &str) {
    let mut body = json!({"testing_wxa_server_domain": testing});
    if let Some(published) = published {
        body["published_wxa_server_domain"] = json!(published);
    }
    world.answers_to(get_request(platform(), List::Server), body);
}

fn steps(world: &World) -> Vec<Step> {
    let entries = world.plan().entries.into_iter();
    let steps = entries.filter_map(|entry| match entry.verdict {
        Verdict::Step(step) => Some(step),
        Verdict::Waiting(_)
        | Verdict::Rejected { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Unknown(_) => None,
    });
    steps.collect()
}

#[test]
fn what_is_missing_in_either_list_is_added_to_both_by_one_call() {
    let mut world = world(json!({"hosts": ["a.example.com", "B.example.com", "c.example.com"]}));
    listed(
        &mut world,
        Some("a.example.com"),
        "a.example.com;b.example.com",
    );
    let steps = steps(&world);
    let [step] = &steps[..] else {
        panic!("{steps:?}")
    };
    let body: Value = serde_json::from_str(step.calls[0].body()).unwrap();
    assert_eq!(
        body,
        json!({"action": "add", "wxa_server_domain": "b.example.com;c.example.com", "is_modify_published_together": true})
    );
    assert_eq!(step.costly, None);
    assert_eq!(step.notes.len(), 1, "one of them differs between the lists");
}

#[test]
fn a_full_list_is_emptied_before_it_is_filled() {
    let many =
        |count: usize| -> Vec<String> { (0..count).map(|n| format!("h{n}.example.com")).collect() };
    for (stored, ranks) in [(999, [0, 0]), (1000, [2, 1])] {
        let mut declared = many(stored);
        declared[0] = "new.example.com".to_owned();
        let mut world = world(json!({"hosts": declared}));
        let there = many(stored).join(";");
        listed(&mut world, Some(&there), &there);
        let steps = steps(&world);
        let said: Vec<_> = steps.iter().map(|step| (step.action, step.rank)).collect();
        let wanted = [(Action::Create, ranks[0]), (Action::Delete, ranks[1])];
        assert_eq!(said.len(), 2);
        assert!(wanted.iter().all(|one| said.contains(one)), "{said:?}");
    }
}

#[test]
fn in_sync_and_never_published_is_in_sync() {
    let mut world = world(json!({"hosts": ["a.example.com"]}));
    listed(&mut world, Some("A.example.com"), "a.example.com");
    assert!(world.lines().is_empty());
    listed(&mut world, None, "a.example.com");
    assert!(
        world.lines().is_empty(),
        "a platform that was never published has one list"
    );
}

#[test]
fn what_leaves_the_published_list_costs_and_what_leaves_the_testing_list_alone_does_not() {
    for (published, costly) in [
        ("a.example.com;old.example.com", Some(Costly::RemoveHosts)),
        ("a.example.com", None),
    ] {
        let mut world = world(json!({"hosts": ["a.example.com"]}));
        listed(&mut world, Some(published), "a.example.com;old.example.com");
        let steps = steps(&world);
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].costly, costly, "{published}");
        assert!(steps[0].calls[0].body().contains("\"delete\""));
    }
}

#[test]
fn an_answer_that_tells_no_list_deletes_nothing() {
    let mut world = world(json!({"hosts": []}));
    world.answers_to(get_request(platform(), List::Server), json!({"errcode": 0}));
    assert_eq!(world.lines(), ["platformDomains unknown ReadFailed"]);
    world.lost(get_request(platform(), List::Server));
    assert_eq!(world.lines(), ["platformDomains unknown ReadFailed"]);
}

#[test]
fn what_wechat_left_out_is_remembered_and_not_sent_again() {
    let mut world = world(json!({"hosts": ["bad.example.com", "good.example.com"]}));
    listed(&mut world, Some(""), "");
    let step = steps(&world).remove(0);
    let answer = json!({"testing_wxa_server_domain": "good.example.com", "invalid_wxa_server_domain": "bad.example.com"});
    let parts = PlatformDomains::partly(&step.calls[0], &answer);
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["hosts bad.example.com"]);
    // Lists that are empty may be left out.
    let answer =
        json!({"errcode": 0, "invalid_wxa_server_domain": "Bad.example.com;good.example.com"});
    let parts = PlatformDomains::partly(&step.calls[0], &answer);
    assert_eq!(
        parts.keys().collect::<Vec<_>>(),
        ["hosts bad.example.com", "hosts good.example.com"]
    );
}

#[test]
fn a_page_is_added_once_its_host_serves_the_confirm_file() {
    let mut world = world(json!({"webview": ["h5.example.com"]}));
    let lists = json!({"published_wxa_jump_h5_domain": "", "testing_wxa_jump_h5_domain": ""});
    world.answers_to(get_request(platform(), List::Webview), lists);
    let file = ConfirmFile {
        file_name: "p.txt".to_owned(),
        file_content: "c".to_owned(),
    };
    world.answers_to(
        platform_domain::confirm_request(platform()),
        json!({"file_name": "p.txt", "file_content": "c"}),
    );
    let read = reach_request(platform(), "h5.example.com", &file);
    let needed = crate::resource::needs(&world.subject(), &world.seen);
    assert!(needed.contains(&read), "{needed:?}");
    world.answers_to(read.clone(), json!({"status": 404}));
    assert_eq!(
        world.lines(),
        ["platformDomains/webview h5.example.com waits ConfirmFileUnreachable"]
    );
    world.answers_to(read, json!("served"));
    assert_eq!(
        world.lines(),
        ["platformDomains/webview add + domains.webview"]
    );
}

#[test]
fn a_removal_without_an_answer_is_settled_by_its_own_list() {
    let gone = ["a.example.com", "b.example.com"].map(str::to_owned).into();
    for (list, field) in [
        (List::Server, "wxa_server_domain"),
        (List::Webview, "wxa_jump_h5_domain"),
    ] {
        let call = platform_domain::delete_request(platform(), list, &gone);
        let known = crate::resource::registry::settles(&call).unwrap();
        let read = get_request(platform(), list);
        assert_eq!(known.probe(&call), std::slice::from_ref(&read));
        let settled = |body: Value| {
            let answer = crate::wechat::answer::read_answer(read.endpoint, body);
            known.settle(&call, &Value::Null, &[(read.clone(), answer)].into())
        };
        let listed = |published: &str, testing: &str| {
            let (published_as, testing_as) =
                (format!("published_{field}"), format!("testing_{field}"));
            settled(json!({published_as: published, testing_as: testing}))
        };
        assert_eq!(
            listed("c.example.com", "c.example.com"),
            Settled::Done(Outputs::new())
        );
        for left in [
            listed("A.example.com;c.example.com", "c.example.com"),
            listed("", "b.example.com"),
            listed("a.example.com;b.example.com", "a.example.com;b.example.com"),
        ] {
            assert_eq!(left, Settled::NotDone);
        }
        assert_eq!(settled(json!({"errcode": 0})), Settled::Undecided);
        let silent = known.settle(&call, &Value::Null, &crate::resource::Seen::new());
        assert_eq!(silent, Settled::Undecided);
    }
}

#[test]
fn a_host_that_was_left_out_waits_with_its_reason_and_the_others_go_on() {
    let mut world = world(json!({"hosts": ["bad.example.com", "good.example.com"]}));
    listed(&mut world, Some(""), "");
    let sent = steps(&world).remove(0).calls.remove(0);
    let answer = json!({"testing_wxa_server_domain": "good.example.com", "invalid_wxa_server_domain": "bad.example.com"});
    for (key, part) in PlatformDomains::partly(&sent, &answer) {
        let address = PlatformDomains::address(&At::PLATFORM.whose).with_key(key.as_str());
        let rejected = refusal::left_out(&sent, &key, part, now());
        world.records.entry(address).or_default().rejected = Some(rejected);
    }
    assert_eq!(
        world.lines(),
        [
            "platformDomains/hosts add + domains.hosts",
            "platformDomains/hosts bad.example.com waits HeldAfterTrying",
        ]
    );
    let body: Value = serde_json::from_str(steps(&world)[0].calls[0].body()).unwrap();
    assert_eq!(body["wxa_server_domain"], "good.example.com");
}
