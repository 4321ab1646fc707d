//! What is refused offline, and that an export is not.

use super::*;

#[test]
fn what_is_exported_is_in_force_and_passes_the_checks() {
    let there = list([
        live("id-1", "VIP 到期提醒", &["到期时间"]),
        live_reminder("id-2"),
        live_reminder("id-3"),
        live("id-4", "上课提醒", &[]),
        live("id-5", "无标签", &[]),
    ]);
    let mut world = declared(json!({}));
    world.answers(&template::LIST, there.clone());
    let live = world.view(Templates::observe);
    let crate::plan::Observation::Present(live) = live else {
        panic!("{live:?}");
    };
    let spec = Templates::export(&live).unwrap();
    assert!(
        spec.items[0].name.starts_with("vip-"),
        "{}",
        spec.items[0].name
    );
    assert_eq!((&spec.items[0].short_id, &spec.items[0].id), (&None, &None));
    let mut found = Diagnostics::default();
    Templates::check(&spec, &At::OFFICIAL, &mut found);
    assert_eq!(found.into_vec(), []);
    let mut world = declared(serde_json::to_value(&spec).unwrap());
    world.answers(&template::LIST, there);
    assert_eq!(lines(&world), [""; 0]);
    let outputs = decide(&world.subject(), &world.seen).1.outputs;
    let named = outputs.keys().filter(|name| name.starts_with("templates."));
    assert_eq!(named.count(), 5);
    assert_eq!(Templates::export(&TemplatesState::default()), None);
}

#[test]
fn mistakes_are_found_offline() {
    let problems = |items: Value| -> Vec<String> {
        let spec = serde_json::from_value(json!({"items": items})).unwrap();
        let mut found = Diagnostics::default();
        Templates::check(&spec, &At::OFFICIAL, &mut found);
        let place = |one: crate::plan::diagnostic::Diagnostic| {
            let path = one.path.to_string();
            let path = path.strip_prefix("officialAccount.templates.").unwrap();
            format!("{} {path}", one.code)
        };
        found.into_vec().into_iter().map(place).collect()
    };
    let with = |field: &str, value: Value| {
        let mut item = reminder();
        item[field] = value;
        item
    };
    assert_eq!(problems(json!([reminder(), paid()])), [""; 0]);
    for name in ["", "上课提醒", "Class", "-a", "a-", "a b"] {
        assert_eq!(
            problems(json!([with("name", json!(name))])),
            ["WX1213 items[0].name"]
        );
    }
    let mut same_name = paid();
    same_name["name"] = json!("class-reminder");
    assert_eq!(
        problems(json!([reminder(), same_name])),
        ["WX1213 items[1].name"]
    );
    for short_id in [
        "",
        "TM",
        "OPENTM",
        "tm00015",
        "43216a",
        "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY",
    ] {
        let found = problems(json!([with("shortId", json!(short_id))]));
        assert_eq!(found, ["WX1214 items[0].shortId"], "{short_id}");
    }
    assert_eq!(
        problems(json!([with("keywords", json!([]))])),
        ["WX1215 items[0]"]
    );
    assert_eq!(
        problems(json!([with("keywords", json!(["甲", " ", "甲:"]))])),
        ["WX1215 items[0].keywords[1]", "WX1215 items[0].keywords[2]"]
    );
    assert_eq!(
        problems(json!([with("title", json!(" "))])),
        ["WX1216 items[0].title"]
    );
    let many: Vec<Value> = (0..26)
        .map(|n| json!({"name": format!("t{n}"), "shortId": format!("TM{n}"), "title": format!("t{n}")}))
        .collect();
    assert_eq!(problems(json!(many)), ["WX1217 items"]);
    for other in [
        with("name", json!("other")),
        json!({"name": "other", "shortId": "43216", "title": "别的", "keywords": ["课程名称", "上课时间"]}),
        json!({"name": "other", "title": "上课提醒", "keywords": ["课程名称", "上课时间"]}),
    ] {
        assert_eq!(problems(json!([reminder(), other])), ["WX1218 items[1]"]);
    }
}

#[test]
fn an_account_that_chose_no_template_leaves_nothing_out() {
    let mut world = World::of(json!({}));
    let own = json!({"template_id": "own", "title": "订阅模板消息", "content": "{{content.DATA}}"});
    for list in [json!([own]), json!([])] {
        world.answers(&template::LIST, json!({"template_list": list}));
        let exported =
            world.view(|view| crate::resource::registry::Managed::export(&Templates, view));
        assert_eq!(exported, Ok(None), "{list}");
    }
}
