//! Answers that are not what they should be.

use serde_json::{Value, json};

use super::{effective, listed, steps, world};
use crate::resource::world::platform;
use crate::wechat::domain;
use crate::wechat::platform_domain::{List, get_request};

/// Every place of an answer, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                places(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn an_odd_answer_writes_nothing() {
    let there = json!({
        "requestdomain": ["https://a.example.com"], "wsrequestdomain": ["wss://a.example.com"],
        "uploaddomain": ["https://a.example.com"], "downloaddomain": ["https://a.example.com"],
    });
    let pages = json!(["https://w.example.com"]);
    for via in ["platform", "direct"] {
        let mut world = world(
            json!({"via": via, "hosts": ["a.example.com"], "webview": ["w.example.com"], "udp": []}),
        );
        let (third, direct, lists) = match via {
            "platform" => (there.clone(), json!({}), (pages.clone(), json!([]))),
            _ => (json!({}), there.clone(), (json!([]), pages.clone())),
        };
        effective(&mut world, third, direct, there.clone());
        world.answers(
            &domain::EFFECTIVE_WEBVIEW,
            json!({
                "errcode": 0, "mp_webviewdomain": [], "third_webviewdomain": lists.0, "direct_webviewdomain": lists.1,
                "effective_webviewdomain": pages,
            }),
        );
        listed(&mut world, "a.example.com", "a.example.com");
        world.answers_to(
            get_request(platform(), List::Webview),
            json!({"published_wxa_jump_h5_domain": "w.example.com"}),
        );
        assert!(world.lines().is_empty(), "{:?}", world.lines());
        let reads = world.seen.clone();
        let mut tried = 0;
        for (read, answer) in &reads {
            let crate::wechat::Answer::Done(whole) = answer else {
                continue;
            };
            if read.endpoint.name.contains("authorizer_info") {
                continue;
            }
            let mut all = Vec::new();
            places(whole, "", &mut all);
            for place in all {
                for odd in [Value::Null, json!({}), json!(""), json!(7), json!(true)] {
                    let mut body = whole.clone();
                    if let Some(value) = body.pointer_mut(&place) {
                        *value = odd.clone();
                    }
                    world.answers_to(read.clone(), body);
                    let steps = steps(&world);
                    assert!(
                        steps.is_empty(),
                        "{} {place} {odd}: {steps:?}",
                        read.endpoint
                    );
                    tried += 1;
                }
            }
            world.seen.insert(read.clone(), answer.clone());
        }
        assert!(tried > 150, "{tried}");
    }
}
