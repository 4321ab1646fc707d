//! What is added, what waits, and what nobody declared.

use super::*;

#[test]
fn adding_says_what_was_there_before_and_comes_after_the_industries() {
    let mut world = declared(json!({"items": [reminder(), paid()]}));
    world.answers(&template::LIST, list([live("id-1", "别的", &[])]));
    let added = step(&world, "class-reminder");
    assert_eq!(
        serde_json::from_str::<Value>(added.calls[0].body()).unwrap(),
        json!({"template_id_short": "43216", "keyword_name_list": ["课程名称", "上课时间"]})
    );
    assert_eq!(
        added.evidence,
        json!({
            "name": "class-reminder", "title": "上课提醒", "labels": ["课程名称", "上课时间"], "known": ["id-1"],
            "others": [["订单支付成功", []]],
        })
    );
    assert_eq!(
        (added.costly, added.after),
        (None, vec![Address::of("industry")])
    );
    assert_eq!(
        serde_json::from_str::<Value>(step(&world, "paid").calls[0].body()).unwrap(),
        json!({"template_id_short": "OPENTM200565259"})
    );
}

#[test]
fn foreign_templates_are_reported_in_one_line() {
    let mut world = declared(json!({"items": []}));
    world.answers(
        &template::LIST,
        list((0..12).map(|n| live(&format!("id-{n:02}"), &format!("模板{n}"), &[]))),
    );
    assert_eq!(lines(&world), ["(foreign): suppressed"]);
    let text = text(&world, "(foreign)");
    assert!(
        text.contains("12 (模板0、模板1、") && text.contains("模板9、…"),
        "{text}"
    );
}

#[test]
fn foreign_templates_are_deleted_where_the_manifest_says_so_each_with_a_yes() {
    let mut world = declared(json!({"foreign": "delete", "items": [reminder()]}));
    world.answers(
        &template::LIST,
        list([live_reminder("id-1"), live("id-2", "别的", &["甲"])]),
    );
    assert_eq!(
        lines(&world),
        ["(foreign) id-2: - officialAccount.templates.foreign"]
    );
    let step = step(&world, "(foreign) id-2");
    assert_eq!(step.costly, Some(Costly::DeleteTemplate));
    assert_eq!(step.calls, [template::delete_request(&account(), "id-2")]);
}

#[test]
fn templates_that_could_not_be_read_are_neither_added_nor_deleted() {
    for body in [
        json!({"errcode": -1, "errmsg": "system error"}),
        json!({"errcode": "busy"}),
        json!({}),
        json!({"template_list": [{"title": "无 ID"}]}),
        json!({"template_list": [{"template_id": "x", "title": "无正文"}]}),
        json!({"template_list": [{"template_id": "", "title": "t", "content": "c"}]}),
    ] {
        let mut world = declared(json!({"foreign": "delete", "items": [reminder()]}));
        world.answers(&template::LIST, body);
        assert_eq!(lines(&world), [": unknown ReadFailed"]);
    }
    // What only the account's administrator can end is waited for.
    let mut world = declared(json!({"foreign": "delete", "items": [reminder()]}));
    let refused = json!({"errcode": 48001, "errmsg": "api unauthorized"});
    world.answers(&template::LIST, refused);
    assert_eq!(lines(&world), [": waits NotVerified"]);
}

#[test]
fn slots_are_counted_before_anything_is_sent() {
    let full = |count: usize| list((0..count).map(|n| live(&format!("id-{n:02}"), "别的", &[])));
    let mut world = declared(json!({"items": [paid(), reminder()]}));
    world.answers(&template::LIST, full(24));
    // The manifest's order decides who gets the last one.
    assert_eq!(
        lines(&world),
        [
            "(foreign): suppressed",
            "class-reminder: waits LimitReached",
            "paid: + officialAccount.templates.items[0]"
        ]
    );
    // What is to be deleted makes room, and comes first: nothing is sent that could only be refused.
    let mut world = declared(json!({"foreign": "delete", "items": [paid(), reminder()]}));
    world.answers(&template::LIST, full(25));
    let lines = lines(&world);
    assert_eq!(lines.len(), 27);
    assert!(
        lines[..25]
            .iter()
            .all(|line| line.starts_with("(foreign) "))
    );
    assert!(lines[25..].iter().all(|line| line.contains(": + ")));
    for name in ["paid", "class-reminder"] {
        let hold = step(&world, name).hold.unwrap();
        assert_eq!(hold.reason, Reason::AfterAnotherStep);
    }
    world.answers(&template::LIST, full(23));
    assert_eq!(step(&world, "class-reminder").hold, None);
}

#[test]
fn a_template_waits_for_its_service_category_and_the_owner() {
    let mut item = reminder();
    item["category"] = json!("教育/素质教育");
    let mut world = declared(json!({"items": [item]}));
    let missing = |world: &World| decide::needs(&world.subject(), &world.seen);
    world.answers(&template::LIST, list([live_reminder("id-1")]));
    assert_eq!(missing(&world), []);
    world.answers(&template::LIST, list([]));
    assert_eq!(missing(&world), [template::categories_request(&account())]);
    let categories = |names: &[&str]| {
        let data: Vec<Value> = names
            .iter()
            .map(|name| json!({"id": 1, "name": name}))
            .collect();
        json!({"errcode": 0, "errmsg": "ok", "data": data})
    };
    world.answers(&template::CATEGORIES, categories(&["公交"]));
    let Verdict::Waiting(waiting) = verdict(&world, "class-reminder") else {
        panic!();
    };
    assert_eq!(
        (waiting.reason, waiting.who),
        (Reason::CategoryMissing, crate::plan::Person::Owner)
    );
    assert!(waiting.text.zh.contains("教育/素质教育"));
    for name in ["素质教育", "教育/素质教育"] {
        world.answers(&template::CATEGORIES, categories(&["公交", name]));
        assert!(lines(&world)[0].starts_with("class-reminder: + "), "{name}");
    }
    world.answers(
        &template::CATEGORIES,
        json!({"errcode": -1, "errmsg": "system error"}),
    );
    assert_eq!(lines(&world), ["class-reminder: unknown ReadFailed"]);
}

#[test]
fn an_item_without_short_id_is_taken_and_never_added() {
    let mut item = reminder();
    item.as_object_mut().unwrap().remove("shortId");
    let mut world = declared(json!({"items": [item]}));
    world.answers(&template::LIST, list([live_reminder("id-1")]));
    assert_eq!(lines(&world), [""; 0]);
    world.answers(&template::LIST, list([]));
    let Verdict::Unknown(why) = verdict(&world, "class-reminder") else {
        panic!();
    };
    assert_eq!(why.kind, WhyKind::NotComparable);
    assert!(why.text.en.contains("shortId"), "{}", why.text.en);
}

#[test]
fn an_account_that_cannot_have_template_messages_waits_and_is_not_asked() {
    let mut world = declared(json!({"items": [reminder()]}));
    world.info(json!({
        "authorizer_info": {
            "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
            "service_type_info": {"id": 2}, "verify_type_info": {"id": -1},
        },
        "authorization_info": {
            "authorizer_appid": "wx1111111111111111", "func_info": [{"funcscope_category": {"id": 7}}],
        },
    }));
    assert_eq!(lines(&world), [": waits NotVerified"]);
    assert_eq!(decide::needs(&world.subject(), &world.seen), []);
}

#[test]
fn what_nothing_can_be_asked_about_is_no_failed_read() {
    let world = declared(json!({}));
    let observe = |service_account: bool, verified: bool| {
        world.view(|view| {
            let mut facts = view.facts.clone();
            (facts.service_account, facts.verified) = (service_account, verified);
            let view = View {
                facts: &facts,
                ..*view
            };
            Templates::observe(&view)
        })
    };
    assert_eq!(observe(false, true), Observation::Absent);
    let Observation::Unknown(why) = observe(true, false) else {
        panic!();
    };
    assert_eq!(why.kind, WhyKind::NotComparable);
}
