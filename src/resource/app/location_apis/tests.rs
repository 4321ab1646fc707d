//! Location APIs: applied for once, waited for, and handed in again only with other material.

use super::*;
use crate::resource::ops::LastDone;
use crate::resource::world::{World, account, now};
use crate::wechat::answer::read_answer;

const POI: &str = "wx.choosePoi";

fn answer(status: i64, audit_id: Option<i64>) -> Value {
    json!({"errcode": 0, "interface_list": [
        {"api_name": POI, "status": status, "audit_id": audit_id, "fail_reason": "用途不明"},
        {"api_name": "wx.getLocation", "status": 1},
    ]})
}

fn world(reason: &str, list: Value) -> World {
    let mut world = World::of_app(json!({"locationApis": [{"name": POI, "reason": reason}]}));
    world.answers(&location_api::LIST, list);
    world
}

/// It was applied for with this reason, when the list had that application.
fn applied(world: &mut World, reason: &str, before: Option<i64>, at: &str) {
    let item = LocationApiSpec {
        name: POI.to_owned(),
        reason: reason.to_owned(),
        ..LocationApiSpec::default()
    };
    let done = LastDone {
        call: location_api::apply_request(&account(), &item.application()),
        evidence: json!([before, null]),
        at: at.parse().unwrap(),
        shown: Value::Null,
        ids: Outputs::new(),
        told: None,
    };
    let action = location_api::APPLY.action(Some(POI));
    world.ops.insert(account(), action, done);
}

#[test]
fn what_was_never_applied_for_is_and_what_stands_waits() {
    let lines = |status| world("选门店", answer(status, None)).lines();
    assert_eq!(
        lines(1),
        ["main:locationApis/wx.choosePoi + miniPrograms[0].locationApis[0]"]
    );
    assert_eq!(
        lines(2),
        ["main:locationApis/wx.choosePoi waits CategoryMissing"]
    );
    assert_eq!(
        lines(3),
        ["main:locationApis/wx.choosePoi waits UnderReview"]
    );
    assert!(lines(5).is_empty());
    assert_eq!(
        lines(7),
        ["main:locationApis/wx.choosePoi unknown NotComparable"]
    );
}

#[test]
fn what_was_rejected_is_handed_in_again_with_other_material_alone() {
    const LONG_AGO: &str = "2026-11-01T08:00:00Z";
    let mut same = world("选门店", answer(4, Some(7)));
    applied(&mut same, "选门店", None, LONG_AGO);
    assert_eq!(
        same.lines(),
        ["main:locationApis/wx.choosePoi waits AuditRefused"]
    );
    let mut other = world("顾客选择最近的门店", answer(4, Some(7)));
    applied(&mut other, "选门店", None, LONG_AGO);
    assert_eq!(
        other.lines(),
        ["main:locationApis/wx.choosePoi ~ miniPrograms[0].locationApis[0]"]
    );
    let somebodys = world("选门店", answer(4, Some(7)));
    assert_eq!(
        somebodys.lines(),
        ["main:locationApis/wx.choosePoi ~ miniPrograms[0].locationApis[0]"]
    );
}

#[test]
fn the_rejection_before_is_not_taken_for_one_of_what_was_just_handed_in() {
    let mut late = world("顾客选择最近的门店", answer(4, Some(7)));
    applied(&mut late, "顾客选择最近的门店", Some(7), &now().to_string());
    assert_eq!(
        late.lines(),
        ["main:locationApis/wx.choosePoi waits UnderReview"]
    );
    let mut rejected = world("顾客选择最近的门店", answer(4, Some(8)));
    applied(
        &mut rejected,
        "顾客选择最近的门店",
        Some(7),
        &now().to_string(),
    );
    assert_eq!(
        rejected.lines(),
        ["main:locationApis/wx.choosePoi waits AuditRefused"]
    );
}

#[test]
fn an_api_that_is_not_listed_or_a_list_that_cannot_be_read_is_not_applied_for() {
    let list = json!({"interface_list": [{"api_name": "wx.choosepoi", "status": 1}]});
    assert_eq!(
        world("x", list).lines(),
        ["main:locationApis/wx.choosePoi unknown NotComparable"]
    );
    for odd in [
        json!({"errcode": 0}),
        json!({"interface_list": null}),
        json!({"interface_list": [{"api_name": POI}]}),
    ] {
        assert_eq!(
            world("x", odd).lines(),
            ["main:locationApis unknown ReadFailed"]
        );
    }
}

#[test]
fn a_lost_application_is_settled_by_the_list() {
    let item = LocationApiSpec {
        name: POI.to_owned(),
        reason: "选门店".to_owned(),
        ..LocationApiSpec::default()
    };
    let call = location_api::apply_request(&account(), &item.application());
    let settle = |list: Value| {
        let read = location_api::list_request(&account());
        let seen = Seen::from([(read.clone(), read_answer(read.endpoint, list))]);
        LocationApis.settle(&call, &json!([7, null]), &seen)
    };
    assert_eq!(settle(answer(1, None)), Settled::NotDone);
    assert_eq!(settle(answer(3, Some(8))), Settled::Done(Outputs::new()));
    assert_eq!(settle(answer(4, Some(7))), Settled::NotDone);
    assert_eq!(settle(answer(4, Some(8))), Settled::Done(Outputs::new()));
    assert_eq!(settle(answer(4, None)), Settled::Ambiguous);
    assert_eq!(settle(json!({"errcode": 0})), Settled::Undecided);
}

#[test]
fn an_item_says_what_a_reviewer_needs() {
    let codes = |spec: Value| -> Vec<&'static str> {
        let spec = serde_json::from_value(spec).unwrap();
        let mut found = Diagnostics::default();
        LocationApis::check(&spec, &At::app("main", 0), &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    };
    let good = json!({"name": POI, "reason": "选门店", "pictures": ["https://a.example.com/1.png"], "video": "https://a.example.com/1.mp4?x=1"});
    assert!(codes(json!([good])).is_empty());
    assert_eq!(codes(json!([good, good])), ["WX1357"]);
    assert_eq!(
        codes(json!([{"name": "choosePoi", "reason": "x"}])),
        ["WX1357"]
    );
    assert_eq!(codes(json!([{"name": POI}])), ["WX1358"]);
    assert_eq!(
        codes(json!([{"name": POI, "reason": "字".repeat(301)}])),
        ["WX1358"]
    );
    for media in [
        json!({"pictures": ["logo.png"]}),
        json!({"pictures": vec!["https://a.example.com/1.png"; 11]}),
        json!({"video": "https://a.example.com/1.mov"}),
        json!({"video": "http://a.example.com/1.mp4"}),
    ] {
        let mut item = json!({"name": POI, "reason": "x"});
        item.as_object_mut()
            .unwrap()
            .extend(media.as_object().unwrap().clone());
        assert_eq!(codes(json!([item])), ["WX1359"]);
    }
}
