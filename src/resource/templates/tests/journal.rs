//! How a doubtful add or delete is settled.

use super::*;

fn settle(call: &Call, evidence: &Value, templates: Value) -> Settled {
    let read = template::list_request(&account());
    let answer = read_answer(read.endpoint, templates);
    Templates.settle(call, evidence, &[(read, answer)].into())
}

#[test]
fn each_choice_of_keywords_is_an_operation_of_its_own() {
    let thing = |keywords: &[&str]| {
        let keywords: Vec<String> = keywords.iter().map(ToString::to_string).collect();
        Templates
            .thing(&template::add_request(&account(), "43216", &keywords))
            .unwrap()
    };
    assert!(thing(&["课程名称"]).starts_with("43216-"));
    assert_eq!(thing(&["课程名称"]), thing(&["课程名称"]));
    assert_ne!(thing(&["课程名称"]), thing(&["上课时间"]));
    let old = template::add_request(&account(), "TM00015", &[]);
    assert_eq!(Templates.thing(&old).as_deref(), Some("TM00015"));
    let delete = template::delete_request(&account(), "id-1");
    assert_eq!(Templates.thing(&delete).as_deref(), Some("id-1"));
}

#[test]
fn after_a_lost_answer_what_is_new_and_looks_so_is_adopted() {
    let mut world = declared(json!({"items": [reminder()]}));
    world.answers(&template::LIST, list([live("id-1", "上课提醒", &["别的"])]));
    let Step {
        calls, evidence, ..
    } = step(&world, "class-reminder");
    let known = live("id-1", "上课提醒", &["别的"]);
    let settle = |templates: Value| settle(&calls[0], &evidence, templates);
    let done = Settled::Done(Outputs::from([(
        "templates.class-reminder".to_owned(),
        "id-2".to_owned(),
    )]));
    assert_eq!(settle(list([known.clone()])), Settled::NotDone);
    assert_eq!(settle(list([known.clone(), live_reminder("id-2")])), done);
    // Whatever is new and no other item of the manifest explains may be ours: nothing is added beside it.
    let unexplained = live("id-2", "别的标题", &[]);
    assert_eq!(
        settle(list([known.clone(), unexplained])),
        Settled::Ambiguous
    );
    let mut own = live("own", "订阅模板消息", &[]);
    own["content"] = json!("{{content.DATA}}");
    assert_eq!(settle(list([known.clone(), own])), Settled::NotDone);
    let like = live("id-2", "上课提醒", &["课程"]);
    assert_eq!(settle(list([known.clone(), like])), Settled::Ambiguous);
    // The manifest's title need not be WeChat's.
    let labels = ["课程名称", "上课时间"];
    let named = live("id-2", "上课通知", &labels);
    assert_eq!(settle(list([known, named])), Settled::Ambiguous);
    assert_eq!(
        settle(json!({"errcode": -1, "errmsg": "system error"})),
        Settled::Undecided
    );
    let body = json!({"errcode": 0, "errmsg": "ok", "template_id": "id-2"});
    assert_eq!(
        Settled::Done(Templates.ids(&calls[0], &evidence, &body)),
        done
    );
}

#[test]
fn what_another_item_looks_like_is_not_taken_for_a_lost_one() {
    let other = json!({"name": "other", "shortId": "43217", "title": "上课通知", "keywords": ["课程名称", "上课时间"]});
    let mut world = declared(json!({"items": [reminder(), other]}));
    world.answers(&template::LIST, list([]));
    let Step {
        calls, evidence, ..
    } = step(&world, "class-reminder");
    let made = list([live("id-2", "上课通知", &["课程名称", "上课时间"])]);
    assert_eq!(settle(&calls[0], &evidence, made), Settled::NotDone);
}

#[test]
fn a_delete_is_settled_by_the_list() {
    let call = template::delete_request(&account(), "id-1");
    let settle = |templates: Value| settle(&call, &Value::Null, templates);
    assert_eq!(settle(list([])), Settled::Done(Outputs::new()));
    assert_eq!(settle(list([live_reminder("id-1")])), Settled::NotDone);
    assert_eq!(settle(json!({})), Settled::Undecided);
}
