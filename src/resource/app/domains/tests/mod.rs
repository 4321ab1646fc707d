//! Domains: what is added and deleted at once, what waits, and what is remembered host by host.

mod odd;
mod pages;

use serde_json::json;

use super::*;
use crate::plan::{Address, Step};
use crate::resource::decide;
use crate::resource::refusal;
use crate::resource::world::{ACCOUNT, World, account, now, platform};
use crate::wechat::platform_domain::{List, get_request};

/// A mini-program whose manifest declares these domains.
fn world(domains: Value) -> World {
    let mut world = World::of(json!({
        "miniPrograms": [{"name": "main", "appId": ACCOUNT, "domains": domains}]
    }));
    world.info(json!({
        "authorizer_info": {
            "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
            "service_type_info": {"id": 0}, "verify_type_info": {"id": 0}, "account_status": 1,
            "MiniProgramInfo": {"network": {}, "categories": [], "visit_status": 0},
        },
        "authorization_info": {
            "authorizer_appid": ACCOUNT, "func_info": [{"funcscope_category": {"id": 18}}],
        },
    }));
    world
}

/// All six lists, empty but for these.
fn lists(some: Value) -> Value {
    let mut all = json!({
        "requestdomain": [], "wsrequestdomain": [], "uploaddomain": [], "downloaddomain": [], "udpdomain": [],
        "tcpdomain": [],
    });
    for (name, list) in some.as_object().unwrap() {
        all[name] = list.clone();
    }
    all
}

/// What is stored each way, and what is in force.
fn effective(world: &mut World, third: Value, direct: Value, in_force: Value) {
    world.answers(
        &domain::EFFECTIVE,
        json!({
            "errcode": 0, "mp_domain": lists(json!({})), "third_domain": lists(third), "direct_domain": lists(direct),
            "effective_domain": lists(in_force),
        }),
    );
}

fn listed(world: &mut World, published: &str, testing: &str) {
    world.answers_to(
        get_request(platform(), List::Server),
        json!({"published_wxa_server_domain": published, "testing_wxa_server_domain": testing}),
    );
}

fn waits(world: &World) -> Vec<(String, &'static str)> {
    let plan = world.plan();
    let waits = plan.waits();
    waits
        .map(|(entry, waiting)| (entry.address.key.clone(), waiting.reason.as_str()))
        .collect()
}

fn steps(world: &World) -> Vec<(String, Step)> {
    let plan = world.plan();
    let steps = plan.steps();
    steps
        .map(|(entry, step)| (entry.address.key.clone(), step.clone()))
        .collect()
}

fn body(step: &Step) -> Value {
    assert_eq!(step.calls.len(), 1);
    serde_json::from_str(step.calls[0].body()).unwrap()
}

#[test]
fn all_that_is_missing_is_one_call_and_all_that_is_too_much_another() {
    let mut world = world(
        json!({"via": "direct", "hosts": ["API.example.com", "b.example.com:8443"], "udp": []}),
    );
    effective(
        &mut world,
        json!({}),
        json!({
            "requestdomain": ["https://API.example.com/", "https://old.example.com"],
            "udpdomain": ["udp://old.example.com"], "tcpdomain": ["tcp://left.example.com"],
        }),
        json!({}),
    );
    assert_eq!(decide::needs(&world.subject(), &world.seen), []);
    let steps = steps(&world);
    assert_eq!(
        steps
            .iter()
            .map(|(key, _)| key.as_str())
            .collect::<Vec<_>>(),
        ["add", "remove"]
    );
    assert_eq!(
        body(&steps[0].1),
        json!({
            "action": "add", "requestdomain": ["https://b.example.com:8443"],
            "wsrequestdomain": ["wss://api.example.com", "wss://b.example.com:8443"],
            "uploaddomain": ["https://api.example.com", "https://b.example.com:8443"],
            "downloaddomain": ["https://api.example.com", "https://b.example.com:8443"],
            "udpdomain": [], "tcpdomain": [],
        })
    );
    let delete = body(&steps[1].1);
    assert_eq!(delete["requestdomain"], json!(["https://old.example.com"]));
    assert_eq!(
        (&delete["udpdomain"], &delete["tcpdomain"]),
        (&json!(["udp://old.example.com"]), &json!([]))
    );
}

/// So many hosts below a domain, and the same with another one in place of the first.
fn all_but_one(count: usize, below: &str) -> (Vec<String>, Vec<String>) {
    let there: Vec<String> = (0..count).map(|n| format!("h{n}.{below}")).collect();
    let mut declared = there.clone();
    declared[0] = format!("new.{below}");
    (there, declared)
}

/// Two steps, with these ranks.
fn ranked(world: &World, wanted: [(&str, u32); 2]) {
    let steps = steps(world);
    let said: Vec<_> = steps
        .iter()
        .map(|(key, step)| (key.as_str(), step.rank))
        .collect();
    assert_eq!(said.len(), 2);
    for one in wanted {
        assert!(said.contains(&one), "{said:?}");
    }
}

#[test]
fn a_full_list_is_emptied_before_it_is_filled() {
    for (stored, ranks) in [(199, [0, 0]), (200, [2, 1])] {
        let (there, declared) = all_but_one(stored, "example.com");
        let mut world = world(json!({"via": "direct", "request": declared}));
        let urls: Vec<String> = there.iter().map(|host| format!("https://{host}")).collect();
        effective(
            &mut world,
            json!({}),
            json!({"requestdomain": urls}),
            json!({}),
        );
        ranked(&world, [("add", ranks[0]), ("remove", ranks[1])]);
    }
}

#[test]
fn capitals_and_slashes_are_no_difference() {
    let mut world = world(json!({"via": "direct", "request": ["https://API.example.com"]}));
    let there = json!({"requestdomain": ["HTTPS://Api.Example.com/"]});
    effective(&mut world, json!({}), there.clone(), there);
    assert!(world.lines().is_empty(), "{:?}", world.lines());
}

#[test]
fn what_is_stored_and_not_in_force_is_said_and_not_written_again() {
    let mut world = world(json!({"via": "direct", "request": ["a.example.com"]}));
    effective(
        &mut world,
        json!({}),
        json!({"requestdomain": ["https://a.example.com"]}),
        json!({}),
    );
    assert_eq!(steps(&world).len(), 0);
    assert_eq!(waits(&world), [("release".to_owned(), "NotInForce")]);
}

#[test]
fn a_list_that_no_answer_has_is_not_empty() {
    let mut world =
        world(json!({"via": "direct", "request": ["a.example.com"], "udp": ["u.example.com"]}));
    world.answers(
        &domain::EFFECTIVE,
        json!({"errcode": 0, "direct_domain": {"requestdomain": []}}),
    );
    let get = domain::get_request(&account(), Way::Direct);
    let missing = decide::needs(&world.subject(), &world.seen);
    assert_eq!(missing, std::slice::from_ref(&get));
    world.answers_to(get.clone(), json!({"errcode": 0}));
    let lines = world.lines();
    assert!(
        lines.contains(&"main:domains/udp unknown ReadFailed".to_owned()),
        "{lines:?}"
    );
    assert_eq!(body(&steps(&world)[0].1)["udpdomain"], json!([]));
    // Where it can be read otherwise, it is.
    world.answers_to(get, json!({"errcode": 0, "udpdomain": []}));
    assert_eq!(
        body(&steps(&world)[0].1)["udpdomain"],
        json!(["udp://u.example.com"])
    );
}

#[test]
fn nothing_is_written_while_nothing_is_known() {
    let mut world = world(json!({"via": "direct", "hosts": []}));
    world.lost(domain::effective_request(&account()));
    world.lost(domain::get_request(&account(), Way::Direct));
    assert_eq!(world.lines(), ["main:domains unknown ReadFailed"]);
}

#[test]
fn a_host_that_the_platform_lacks_waits_and_the_others_go_on() {
    let mut world = world(
        json!({"via": "platform", "request": ["a.example.com", "b.example.com", "c.example.com:8443"]}),
    );
    effective(&mut world, json!({}), json!({}), json!({}));
    listed(
        &mut world,
        "a.example.com;c.example.com",
        "a.example.com;b.example.com",
    );
    assert_eq!(
        waits(&world),
        [("b.example.com".to_owned(), "HostNotOnPlatform")]
    );
    let steps = steps(&world);
    assert_eq!(
        body(&steps[0].1)["requestdomain"],
        json!(["https://a.example.com", "https://c.example.com:8443"])
    );
    assert_eq!(steps[0].1.calls[0].endpoint.name, "modify_domain add");
}

#[test]
fn while_the_platforms_list_is_not_known_nothing_is_added() {
    let mut world = world(json!({"via": "platform", "request": ["a.example.com"]}));
    effective(&mut world, json!({}), json!({}), json!({}));
    world.lost(get_request(platform(), List::Server));
    assert_eq!(world.lines(), ["main:domains/add unknown ReadFailed"]);
}

#[test]
fn what_the_next_release_drops_is_named() {
    let mut world = world(json!({"via": "platform", "udp": []}));
    world.answers(
        &domain::EFFECTIVE,
        json!({
            "errcode": 0, "mp_domain": lists(json!({"requestdomain": ["https://merchant.example.com"]})),
            "third_domain": lists(json!({"requestdomain": ["https://a.example.com"]})),
        }),
    );
    listed(&mut world, "a.example.com", "a.example.com");
    assert_eq!(waits(&world), [("dropped".to_owned(), "HostNotOnPlatform")]);
    let plan = world.plan();
    let (_, waiting) = plan.waits().next().unwrap();
    assert!(waiting.text.en.contains("https://merchant.example.com"));
    assert!(!waiting.text.en.contains("https://a.example.com"));
}

#[test]
fn the_two_ways_are_not_mixed() {
    let mut world = world(json!({"via": "direct", "request": ["a.example.com"]}));
    let both = json!({"requestdomain": ["https://a.example.com"]});
    effective(
        &mut world,
        json!({"requestdomain": ["https://p.example.com"]}),
        json!({}),
        json!({}),
    );
    assert_eq!(waits(&world), [(String::new(), "DomainsMixed")]);
    // What is there both ways is no mixture that wxops made.
    effective(&mut world, both.clone(), both.clone(), both);
    assert!(world.lines().is_empty());
}

#[test]
fn what_was_left_out_of_a_change_waits_host_by_host_and_is_not_sent_again() {
    let mut world = world(
        json!({"via": "direct", "request": ["a.example.com", "b.example.com"], "udp": ["b.example.com"]}),
    );
    effective(&mut world, json!({}), json!({}), json!({}));
    let add = &steps(&world)[0].1.calls[0];
    let answer = json!({"errcode": 0, "invalid_udpdomain": ["udp://b.example.com"], "no_icp_domain": ["https://a.example.com"]});
    let parts = Domains::partly(add, &answer);
    assert_eq!(
        parts.keys().collect::<Vec<_>>(),
        ["request https://a.example.com", "udp udp://b.example.com"]
    );
    for (key, part) in parts {
        let address = Address::of("domains")
            .whose(crate::plan::Whose::app("main"))
            .with_key(key.as_str());
        let rejected = refusal::left_out(add, &key, part, now());
        world.records.entry(address).or_default().rejected = Some(rejected);
    }
    assert_eq!(
        waits(&world),
        [
            (
                "request https://a.example.com".to_owned(),
                "HeldAfterTrying"
            ),
            ("udp udp://b.example.com".to_owned(), "HeldAfterTrying"),
        ]
    );
    let plan = world.plan();
    let (_, waiting) = plan.waits().next().unwrap();
    for part in [
        "https://a.example.com",
        "ICP filing",
        "wxops op resolve 'modify_domain_directly add+a.example.com/",
    ] {
        assert!(waiting.text.en.contains(part), "{}", waiting.text.en);
    }
    assert_eq!(
        body(&steps(&world)[0].1)["requestdomain"],
        json!(["https://b.example.com"])
    );
    // What is left counts as what is wanted: once it is stored, nothing is due, and later nothing has moved.
    let there = json!({"requestdomain": ["https://b.example.com"]});
    let desired = world.desired("main:domains/add");
    effective(&mut world, json!({}), there.clone(), there);
    assert_eq!(
        (steps(&world).len(), world.desired("main:domains/add")),
        (0, desired)
    );
}

#[test]
fn a_refusal_of_a_whole_change_names_its_hosts() {
    let mut world =
        world(json!({"via": "direct", "hosts": ["a.example.com"], "webview": ["w.example.com"]}));
    effective(&mut world, json!({}), json!({}), json!({}));
    let add = &steps(&world)[0].1.calls[0];
    assert_eq!(
        Domains::about(add).unwrap(),
        Text::list(["https://a.example.com", "wss://a.example.com"])
    );
}

#[test]
fn what_is_there_is_exported_with_its_way_and_comes_out_as_nothing_to_do() {
    let mut world = world(json!({}));
    world.spec.mini_programs[0].domains = None;
    let there = json!({
        "requestdomain": ["https://a.example.com"], "wsrequestdomain": ["wss://a.example.com"],
        "uploaddomain": ["https://a.example.com"], "downloaddomain": ["https://a.example.com"],
        "tcpdomain": ["tcp://t.example.com:9"],
    });
    effective(&mut world, json!({}), there.clone(), json!({}));
    world.answers(
        &domain::EFFECTIVE_WEBVIEW,
        json!({"errcode": 0, "direct_webviewdomain": ["https://w.example.com/"]}),
    );
    let crate::resource::export::Export::Account(exported) =
        crate::resource::export::export((&account(), platform()), now(), &world.seen)
    else {
        panic!();
    };
    let left_out: Vec<_> = exported.left_out.iter().map(|one| one.resource).collect();
    let spec = exported.spec.mini_programs[0].domains.clone();
    let expected = json!({"via": "direct", "hosts": ["a.example.com"], "tcp": ["t.example.com:9"], "webview": ["w.example.com"]});
    assert_eq!(
        serde_json::to_value(spec).unwrap(),
        expected,
        "{left_out:?}"
    );
}
