//! When industries are changed, what it costs, and when nothing is known.

use serde_json::{Value, json};

use super::*;
use crate::plan::{Entry, Reason, Step};
use crate::resource::world::{World, account};
use crate::resource::{AtMostOnce, Settled, decide};
use crate::wechat::answer::read_answer;

fn declared(industry: Value) -> World {
    World::of(json!({"officialAccount": {"appId": "wx1111111111111111", "industry": industry}}))
}

fn both(primary: [&str; 2], secondary: [&str; 2]) -> Value {
    json!({
        "primary_industry": {"first_class": primary[0], "second_class": primary[1]},
        "secondary_industry": {"first_class": secondary[0], "second_class": secondary[1]},
    })
}

const TRAINING: [&str; 2] = ["教育", "培训"];
const SHOP: [&str; 2] = ["IT科技", "互联网|电子商务"];
const EXPRESS: [&str; 2] = ["运输与仓储", "快递"];

fn templates(list: Value) -> Value {
    json!({"template_list": list})
}

fn template(title: &str, industry: [&str; 2]) -> Value {
    json!({
        "template_id": title, "title": title, "primary_industry": industry[0],
        "deputy_industry": industry[1], "content": "{{first.DATA}}", "example": "",
    })
}

fn step(world: &World) -> Step {
    world
        .plan()
        .entries
        .into_iter()
        .find_map(|Entry { verdict, .. }| match verdict {
            Verdict::Step(step) => Some(step),
            Verdict::Waiting(_)
            | Verdict::Rejected { .. }
            | Verdict::Suppressed { .. }
            | Verdict::Unknown(_) => None,
        })
        .unwrap()
}

fn sent(world: &World) -> Value {
    serde_json::from_str(step(world).calls[0].body()).unwrap()
}

fn ids(first: &str, second: &str) -> Value {
    json!({"industry_id1": first, "industry_id2": second})
}

#[test]
fn industries_are_compared_by_code_whatever_their_spelling() {
    let mut world =
        declared(json!({"primary": "IT科技/互联网/电子商务", "secondary": "教育|培训"}));
    world.answers(&industry::GET, both(SHOP, TRAINING));
    assert!(world.lines().is_empty());
}

#[test]
fn industries_never_set_are_set_and_cost_a_yes() {
    let mut world = declared(json!({"primary": "教育/培训", "secondary": "运输与仓储/快递"}));
    world
        .answers(
            &industry::GET,
            json!({"errcode": 40102, "errmsg": "invalid industry id"}),
        )
        .answers(&template::LIST, templates(json!([])));
    assert_eq!(
        world.lines(),
        ["industry + officialAccount.industry.primary officialAccount.industry.secondary"]
    );
    assert_eq!(step(&world).costly, Some(Costly::SetIndustry));
    assert_eq!(sent(&world), ids("16", "13"));
}

#[test]
fn the_secondary_industry_stays_when_it_is_left_out() {
    let mut world = declared(json!({"primary": "教育/培训"}));
    world
        .answers(&industry::GET, both(SHOP, EXPRESS))
        .answers(&template::LIST, templates(json!([])));
    assert_eq!(sent(&world), ids("16", "13"));
    let notes = step(&world).notes;
    assert!(notes[0].en.contains("stays 运输与仓储/快递"), "{notes:?}");

    let mut world = declared(json!({"primary": "教育/培训"}));
    world.answers(&industry::GET, both(TRAINING, EXPRESS));
    assert!(world.lines().is_empty());
}

#[test]
fn a_secondary_industry_that_becomes_the_first_changes_places_and_nothing_is_dropped() {
    let mut world = declared(json!({"primary": "教育/培训"}));
    world.answers(&industry::GET, both(SHOP, TRAINING)).answers(
        &template::LIST,
        templates(json!([template("订单", SHOP), template("上课", TRAINING)])),
    );
    assert_eq!(sent(&world), ids("16", "1"));
    assert!(
        !step(&world)
            .notes
            .iter()
            .any(|note| note.en.contains("delete"))
    );
}

#[test]
fn where_there_is_no_second_industry_the_first_is_sent_twice() {
    let mut world = declared(json!({"primary": "教育/培训"}));
    world
        .answers(
            &industry::GET,
            json!({"errcode": 40102, "errmsg": "invalid industry id"}),
        )
        .answers(&template::LIST, templates(json!([])));
    assert_eq!(sent(&world), ids("16", "16"));
    // Shown twice or once, it is in force.
    world.answers(&industry::GET, both(TRAINING, TRAINING));
    assert!(world.lines().is_empty());
    let once = json!({"primary_industry": {"first_class": "教育", "second_class": "培训"}});
    world.answers(&industry::GET, once);
    assert!(world.lines().is_empty());
}

#[test]
fn the_plan_names_the_templates_that_wechat_would_delete() {
    let mut world = declared(json!({"primary": "教育/培训"}));
    world.answers(&industry::GET, both(SHOP, EXPRESS)).answers(
        &template::LIST,
        templates(json!([
            template("订单提醒", SHOP),
            template("发货提醒", EXPRESS),
            template("退款提醒", ["IT科技", "互联网/电子商务"]),
            template("上课提醒", ["", ""]),
        ])),
    );
    let notes: Vec<String> = step(&world).notes.into_iter().map(|note| note.en).collect();
    assert!(
        notes[1].contains("dropped industry, 2 in number"),
        "{notes:?}"
    );
    assert!(notes[1].contains("订单提醒、退款提醒"), "{notes:?}");
    assert!(notes[2].contains("service categories"), "{notes:?}");
}

#[test]
fn the_templates_are_read_only_when_a_change_is_due() {
    let mut world = declared(json!({"primary": "教育/培训"}));
    let missing = |world: &World| decide::needs(&world.subject(), &world.seen);
    assert_eq!(missing(&world), [industry::get_request(&account())]);
    world.answers(&industry::GET, both(TRAINING, SHOP));
    assert_eq!(missing(&world), []);
    world.answers(&industry::GET, both(SHOP, SHOP));
    assert_eq!(missing(&world), [template::list_request(&account())]);
}

#[test]
fn industries_that_could_not_be_read_are_not_set() {
    for body in [
        json!({"errcode": -1, "errmsg": "system error"}),
        json!({"errcode": "busy"}),
        json!({}),
        both(["", ""], SHOP),
        both(["教育", ""], SHOP),
        both(TRAINING, ["", "互联网|电子商务"]),
        json!({"primary_industry": ["教育", "培训"]}),
    ] {
        let mut world = declared(json!({"primary": "教育/培训"}));
        world.answers(&industry::GET, body);
        assert_eq!(world.lines(), ["industry unknown ReadFailed"]);
    }
    // What only the account's administrator can end is waited for.
    let mut world = declared(json!({"primary": "教育/培训"}));
    world.answers(
        &industry::GET,
        json!({"errcode": 48001, "errmsg": "api unauthorized"}),
    );
    assert_eq!(world.lines(), ["industry waits NotVerified"]);
    // Nor where nobody can say what it would cost.
    let mut world = declared(json!({"primary": "教育/培训"}));
    world
        .answers(&industry::GET, both(SHOP, EXPRESS))
        .lost(template::list_request(&account()));
    assert_eq!(world.lines(), ["industry unknown ReadFailed"]);
}

#[test]
fn an_industry_that_cannot_be_named_to_wechat_is_not_kept_by_guessing() {
    let mut world = declared(json!({"primary": "教育/培训"}));
    world
        .answers(&industry::GET, both(SHOP, ["新行业", "新门类"]))
        .answers(&template::LIST, templates(json!([])));
    assert_eq!(world.lines(), ["industry unknown NotComparable"]);
}

#[test]
fn an_account_that_cannot_have_template_messages_waits_and_is_not_asked() {
    for (kind, verified, reason) in [(2, -1, "NotVerified"), (0, 0, "WrongAccountKind")] {
        let mut world = declared(json!({"primary": "教育/培训"}));
        world.info(json!({
            "authorizer_info": {
                "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
                "service_type_info": {"id": kind}, "verify_type_info": {"id": verified},
            },
            "authorization_info": {
                "authorizer_appid": "wx1111111111111111",
                "func_info": [{"funcscope_category": {"id": 101}}],
            },
        }));
        assert_eq!(world.lines(), [format!("industry waits {reason}")]);
        assert_eq!(decide::needs(&world.subject(), &world.seen), []);
    }
}

#[test]
fn a_change_that_wechat_accepted_and_does_not_show_says_why_that_may_be() {
    let mut world = declared(json!({"primary": "教育/培训"}));
    world
        .answers(&industry::GET, both(SHOP, EXPRESS))
        .answers(&template::LIST, templates(json!([])));
    let made = step(&world);
    let sent = world.desired("industry");
    world.wrote("industry", sent, &made);
    let plan = world.plan();
    let Verdict::Waiting(waiting) = &plan.entries[0].verdict else {
        panic!("{plan:?}")
    };
    assert_eq!(waiting.reason, Reason::NotShown);
    assert!(
        waiting.text.en.contains("new template model"),
        "{waiting:?}"
    );
    // Another change is another matter.
    world.answers(&industry::GET, both(TRAINING, SHOP));
    assert!(world.lines().is_empty());
}

#[test]
fn a_probe_believes_what_wechat_shows() {
    let call = industry::set_request(&account(), 16, 1);
    let settle = |call: &Call, body: Value| {
        let read = industry::get_request(&account());
        let answer = read_answer(read.endpoint, body);
        Industry.settle(call, &Value::Null, &[(read, answer)].into())
    };
    let done = Settled::Done(BTreeMap::new());
    assert_eq!(settle(&call, both(TRAINING, SHOP)), done);
    assert_eq!(settle(&call, both(SHOP, TRAINING)), Settled::NotDone);
    let never = json!({"errcode": 40102, "errmsg": "invalid industry id"});
    assert_eq!(settle(&call, never), Settled::NotDone);
    let busy = json!({"errcode": -1, "errmsg": "system error"});
    assert_eq!(settle(&call, busy), Settled::Undecided);
    let twice = industry::set_request(&account(), 16, 16);
    let once = json!({"primary_industry": {"first_class": "教育", "second_class": "培训"}});
    assert_eq!(settle(&twice, once), done);
}

#[test]
fn what_is_exported_is_in_force() {
    let mut world = declared(json!({"primary": "餐饮/餐饮"}));
    world.answers(&industry::GET, both(SHOP, TRAINING));
    let live = world.view(Industry::observe);
    let Observation::Present(live) = live else {
        panic!("{live:?}");
    };
    let exported = serde_json::to_value(Industry::export(&live).unwrap()).unwrap();
    let mut world = declared(exported);
    world.answers(&industry::GET, both(SHOP, TRAINING));
    assert!(world.lines().is_empty());
}

#[test]
fn wrong_names_are_found_offline_with_the_one_that_was_meant() {
    let problems = |industry: Value| -> Vec<(String, String)> {
        let spec: IndustrySpec = serde_json::from_value(industry).unwrap();
        let mut found = Diagnostics::default();
        Industry::check(&spec, &At::OFFICIAL, &mut found);
        found
            .into_vec()
            .into_iter()
            .map(|one| {
                (
                    format!("{} {}", one.code, one.path),
                    one.help.unwrap_or_default(),
                )
            })
            .collect()
    };
    let [(place, help)] = &problems(json!({"primary": "教育/陪训"}))[..] else {
        panic!();
    };
    assert_eq!(place, "WX1211 officialAccount.industry.primary");
    assert!(help.contains("教育/培训"), "{help}");
    let found = problems(json!({"primary": "舞蹈", "secondary": "培训"}));
    assert!(found[0].1.contains("both levels"), "{found:?}");
    assert!(found[1].1.contains("教育/培训"), "{found:?}");
    let found = problems(json!({"primary": "教育/培训", "secondary": "教育|培训"}));
    assert_eq!(found[0].0, "WX1212 officialAccount.industry.secondary");
    assert_eq!(problems(json!({"primary": "教育/培训"})), []);
}
