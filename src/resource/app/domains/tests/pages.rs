//! Webview domains.

use serde_json::json;

use super::{all_but_one, body, ranked, steps, waits, world};
use crate::resource::decide;
use crate::resource::world::{account, platform};
use crate::wechat::domain::{self, ConfirmFile, confirm_request, reach_request};
use crate::wechat::platform_domain::{List, get_request};

#[test]
fn a_page_is_put_directly_once_its_host_serves_the_file() {
    let mut world = world(
        json!({"via": "direct", "webview": ["new.example.com", "far.example.com", "kept.example.com"]}),
    );
    let stored = json!(["https://kept.example.com/", "https://old.example.com"]);
    world.answers(
        &domain::EFFECTIVE_WEBVIEW,
        json!({"errcode": 0, "direct_webviewdomain": stored, "effective_webviewdomain": stored}),
    );
    assert_eq!(
        decide::needs(&world.subject(), &world.seen),
        [confirm_request(&account())]
    );
    world.answers(
        &domain::CONFIRM_FILE,
        json!({"file_name": "abc.txt", "file_content": "0123"}),
    );
    let file = ConfirmFile {
        file_name: "abc.txt".to_owned(),
        file_content: "0123".to_owned(),
    };
    let reach = |host: &str| reach_request(&account(), host, &file);
    let missing = decide::needs(&world.subject(), &world.seen);
    assert_eq!(
        missing,
        [reach("far.example.com"), reach("new.example.com")]
    );
    world.answers_to(reach("far.example.com"), json!({"status": 404}));
    world.answers_to(reach("new.example.com"), json!("served"));
    let waits = waits(&world);
    assert_eq!(
        waits,
        [(
            "webview https://far.example.com".to_owned(),
            "ConfirmFileUnreachable"
        )]
    );
    let steps = steps(&world);
    assert_eq!(steps[0].0, "webview set");
    assert_eq!(
        body(&steps[0].1),
        json!({"action": "set", "webviewdomain": ["https://kept.example.com", "https://new.example.com"]})
    );
    assert_eq!(steps[0].1.changes.len(), 2);
}

#[test]
fn what_is_live_is_not_put_again_and_no_file_is_asked_for() {
    let mut world = world(json!({"via": "direct", "webview": ["KEPT.example.com"]}));
    let stored = json!(["https://kept.example.com/"]);
    world.answers(
        &domain::EFFECTIVE_WEBVIEW,
        json!({"errcode": 0, "direct_webviewdomain": stored, "effective_webviewdomain": stored}),
    );
    assert_eq!(decide::needs(&world.subject(), &world.seen), []);
    assert!(world.lines().is_empty());
}

#[test]
fn pages_through_the_platform_are_added_and_deleted() {
    let mut world =
        world(json!({"via": "platform", "webview": ["h5.a.example.com", "b.example.com"]}));
    world.answers(
        &domain::EFFECTIVE_WEBVIEW,
        json!({"errcode": 0, "third_webviewdomain": ["https://old.a.example.com"], "mp_webviewdomain": []}),
    );
    world.answers_to(
        get_request(platform(), List::Webview),
        json!({"published_wxa_jump_h5_domain": "a.example.com"}),
    );
    assert_eq!(
        waits(&world),
        [(
            "webview https://b.example.com".to_owned(),
            "HostNotOnPlatform"
        )]
    );
    let steps = steps(&world);
    let said: Vec<_> = steps
        .iter()
        .map(|(key, step)| (key.as_str(), body(step)))
        .collect();
    assert_eq!(
        said,
        [
            (
                "webview add",
                json!({"action": "add", "webviewdomain": ["https://h5.a.example.com"]})
            ),
            (
                "webview remove",
                json!({"action": "delete", "webviewdomain": ["https://old.a.example.com"]})
            ),
        ]
    );
}

#[test]
fn a_full_list_of_pages_is_emptied_before_it_is_filled() {
    for (stored, ranks) in [(299, [0, 0]), (300, [2, 1])] {
        let (there, declared) = all_but_one(stored, "a.example.com");
        let mut world = world(json!({"via": "platform", "webview": declared}));
        let urls: Vec<String> = there.iter().map(|host| format!("https://{host}")).collect();
        world.answers(
            &domain::EFFECTIVE_WEBVIEW,
            json!({"errcode": 0, "third_webviewdomain": urls, "mp_webviewdomain": []}),
        );
        world.answers_to(
            get_request(platform(), List::Webview),
            json!({"published_wxa_jump_h5_domain": "a.example.com"}),
        );
        let wanted = [("webview add", ranks[0]), ("webview remove", ranks[1])];
        ranked(&world, wanted);
    }
}

#[test]
fn the_two_ways_are_not_mixed_for_pages_either() {
    for (via, other) in [
        ("direct", "third_webviewdomain"),
        ("platform", "direct_webviewdomain"),
    ] {
        let mut world = world(json!({"via": via, "webview": []}));
        let mut stored = json!({"errcode": 0, "third_webviewdomain": [], "direct_webviewdomain": [], "mp_webviewdomain": []});
        stored[other] = json!(["https://p.example.com"]);
        world.answers(&domain::EFFECTIVE_WEBVIEW, stored);
        world.answers_to(
            get_request(platform(), List::Webview),
            json!({"published_wxa_jump_h5_domain": "p.example.com"}),
        );
        assert_eq!(waits(&world), [(String::new(), "DomainsMixed")], "{via}");
        assert!(steps(&world).is_empty());
    }
}

#[test]
fn pages_that_the_next_release_drops_are_named_the_merchants_own_too() {
    let mut world = world(json!({"via": "platform", "webview": ["a.example.com"]}));
    world.answers(
        &domain::EFFECTIVE_WEBVIEW,
        json!({
            "errcode": 0, "third_webviewdomain": ["https://a.example.com"],
            "mp_webviewdomain": ["https://merchant.example.com", "https://h5.a.example.com"],
            "effective_webviewdomain": ["https://a.example.com"],
        }),
    );
    world.answers_to(
        get_request(platform(), List::Webview),
        json!({"published_wxa_jump_h5_domain": "a.example.com"}),
    );
    let dropped = ("webview dropped".to_owned(), "HostNotOnPlatform");
    assert_eq!(waits(&world), [dropped]);
    let plan = world.plan();
    let (_, waiting) = plan.waits().next().unwrap();
    assert!(waiting.text.en.contains("https://merchant.example.com"));
    assert!(!waiting.text.en.contains("https://h5.a.example.com"));
}
