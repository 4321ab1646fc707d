//! Which template at WeChat is which of the manifest's.

use super::*;

#[test]
fn a_template_that_is_there_is_taken_and_its_id_given_out() {
    let mut world = declared(json!({"items": [reminder()]}));
    world.answers(&template::LIST, list([live_reminder("id-1")]));
    assert_eq!(lines(&world), [""; 0]);
    let outputs = decide(&world.subject(), &world.seen).1.outputs;
    assert_eq!(outputs["templates.class-reminder"], "id-1");
}

#[test]
fn spaces_colons_and_lines_without_label_do_not_tell_templates_apart() {
    let old = json!({
        "template_id": "id-1", "title": " 上课 提醒", "primary_industry": "教育", "deputy_industry": "培训",
        "content": "{{first.DATA}}\n课程名称: {{keyword1.DATA}}\n上课 时间:{{keyword2.DATA}}\n{{remark.DATA}}",
    });
    let mut world = declared(json!({"items": [reminder()]}));
    world.answers(&template::LIST, list([old]));
    assert_eq!(lines(&world), [""; 0]);
}

#[test]
fn other_labels_or_another_order_are_another_template() {
    let mut world = declared(json!({"items": [reminder()]}));
    for labels in [&["上课时间", "课程名称"][..], &["课程名称"][..], &[][..]] {
        world.answers(&template::LIST, list([live("id-1", "上课提醒", labels)]));
        assert_eq!(
            lines(&world),
            [
                "(foreign): suppressed",
                "class-reminder: + officialAccount.templates.items[0]"
            ]
        );
    }
}

#[test]
fn an_old_template_without_keywords_is_known_by_its_title() {
    let mut world = declared(json!({"items": [paid()]}));
    world.answers(
        &template::LIST,
        list([live("id-1", "订单支付成功", &["支付金额", "商品信息"])]),
    );
    assert_eq!(lines(&world), [""; 0]);
}

#[test]
fn two_templates_that_look_alike_are_not_guessed_at() {
    let two = list([live_reminder("id-1"), live_reminder("id-2")]);
    let mut world = declared(json!({"foreign": "delete", "items": [reminder()]}));
    world.answers(&template::LIST, two.clone());
    // Nor is either of them taken for a foreign one.
    assert_eq!(lines(&world), ["class-reminder: unknown NotComparable"]);
    assert!(text(&world, "class-reminder").contains("id-1, id-2"));

    // The way out: the manifest says which.
    let mut item = reminder();
    item["id"] = json!("id-2");
    let mut world = declared(json!({"items": [item]}));
    world.answers(&template::LIST, two.clone());
    assert_eq!(lines(&world), ["(foreign): suppressed"]);
    let outputs = decide(&world.subject(), &world.seen).1.outputs;
    assert_eq!(outputs["templates.class-reminder"], "id-2");

    // Or we remember which it was.
    let mut world = declared(json!({"items": [reminder()]}));
    world.answers(&template::LIST, two);
    world
        .outputs
        .insert(output(Templates::NAME, "class-reminder"), "id-1".to_owned());
    assert_eq!(lines(&world), ["(foreign): suppressed"]);
}

#[test]
fn a_template_that_could_be_two_items_is_neithers() {
    let mut any = reminder();
    any["name"] = json!("any-reminder");
    any["shortId"] = json!("OPENTM405456204");
    any.as_object_mut().unwrap().remove("keywords");
    let mut world = declared(json!({"foreign": "delete", "items": [reminder(), any]}));
    world.answers(&template::LIST, list([live_reminder("id-1")]));
    assert_eq!(
        lines(&world),
        [
            "any-reminder: unknown NotComparable",
            "class-reminder: unknown NotComparable"
        ]
    );
    assert!(text(&world, "any-reminder").contains("any-reminder or class-reminder"));
}

#[test]
fn a_template_deleted_in_the_console_comes_back_as_drift() {
    let mut world = declared(json!({"items": [reminder()]}));
    world.answers(&template::LIST, list([]));
    let digest = desired(&world, "class-reminder");
    remember(&mut world, "class-reminder", "id-1", digest);
    assert_eq!(
        lines(&world),
        ["class-reminder: + drift officialAccount.templates.items[0]"]
    );
}

#[test]
fn a_template_we_added_is_ours_whatever_wechat_calls_it() {
    let mut world = declared(json!({"foreign": "delete", "items": [reminder()]}));
    world.answers(
        &template::LIST,
        list([live("id-1", "上课通知", &["课程", "上课时间"])]),
    );
    let digest = desired(&world, "class-reminder");
    remember(&mut world, "class-reminder", "id-1", digest);
    assert_eq!(lines(&world), ["class-reminder: suppressed"]);
    assert!(text(&world, "class-reminder").contains("correct the manifest"));
    let outputs = decide(&world.subject(), &world.seen).1.outputs;
    assert_eq!(outputs["templates.class-reminder"], "id-1");
}

#[test]
fn an_id_whose_record_a_crash_kept_from_being_written_is_the_items_own() {
    let mut world = declared(json!({"items": [reminder()]}));
    world.answers(
        &template::LIST,
        list([live("id-1", "上课通知", &["课程名称", "上课时间"])]),
    );
    let id = "id-1".to_owned();
    world
        .outputs
        .insert(output(Templates::NAME, "class-reminder"), id);
    assert_eq!(lines(&world), ["class-reminder: suppressed"]);
}

#[test]
fn other_keywords_are_added_before_the_template_until_now_is_given_up() {
    let mut world = declared(json!({"foreign": "delete", "items": [reminder()]}));
    let old = live("id-1", "上课提醒", &["课程名称"]);
    world.answers(&template::LIST, list([old.clone()]));
    remember(&mut world, "class-reminder", "id-1", Digest::of(&"another"));
    assert_eq!(
        lines(&world),
        ["class-reminder: + officialAccount.templates.items[0]"]
    );
    assert!(step(&world, "class-reminder").notes[0].en.contains("id-1"));

    world.answers(&template::LIST, list([old, live_reminder("id-2")]));
    world
        .outputs
        .insert(output(Templates::NAME, "class-reminder"), "id-2".to_owned());
    assert_eq!(
        lines(&world),
        ["(foreign) id-1: - officialAccount.templates.foreign"]
    );
}

#[test]
fn a_renamed_item_keeps_its_template() {
    let mut item = reminder();
    item["name"] = json!("lesson");
    let mut world = declared(json!({"foreign": "delete", "items": [item]}));
    world.answers(&template::LIST, list([live_reminder("id-1")]));
    remember(&mut world, "class-reminder", "id-1", Digest::of(&"x"));
    assert_eq!(lines(&world), [""; 0]);
    let outputs = decide(&world.subject(), &world.seen).1.outputs;
    assert_eq!(outputs["templates.lesson"], "id-1");
}
