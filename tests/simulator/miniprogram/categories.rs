//! Categories: which there are, which are set, which papers they want.

use serde_json::{Value, json};

use super::Mini;
use crate::simulator::media::picture;
use crate::simulator::pushes::listening;
use crate::simulator::sink::Sink;
use crate::simulator::world::{MINI, OTHER_MINI, PLATFORM};

const ALL: &str = "/cgi-bin/wxopen/getallcategories";
const BY_TYPE: &str = "/cgi-bin/wxopen/getcategoriesbytype";
const SET: &str = "/cgi-bin/wxopen/getcategory";
const ADD: &str = "/cgi-bin/wxopen/addcategory";
const DELETE: &str = "/cgi-bin/wxopen/deletecategory";
const MODIFY: &str = "/cgi-bin/wxopen/modifycategory";
const NAMES: &str = "/wxa/get_category";
/// 教育/出国移民 needs one paper or two others.
const ONE: &str = "《自费出国留学中介服务机构资格认定书》";
const OTHERS: [&str; 2] = ["《营业执照》", "《因私出入境中介机构经营许可证》"];

fn plain(first: u64, second: u64) -> Value {
    json!({"first": first, "second": second, "certicates": []})
}

fn with_papers(mini: &Mini, first: u64, second: u64, names: &[&str]) -> Value {
    let id = picture(&mini.world, &mini.token);
    let paper = |name: &&str| json!({"key": name, "value": id});
    let papers: Vec<Value> = names.iter().map(paper).collect();
    json!({"first": first, "second": second, "certicates": papers})
}

fn add(mini: &Mini, one: &Value) -> i64 {
    mini.code(ADD, &json!({"categories": [one]}))
}

fn set(mini: &Mini) -> Vec<Value> {
    mini.get(SET)["categories"].as_array().unwrap().clone()
}

/// The id of the one review that runs.
fn running(mini: &Mini) -> u64 {
    let all = mini.world.control("GET", "/_sim/audits", &json!({}));
    let all = all.as_array().unwrap().clone();
    let running: Vec<&Value> = all
        .iter()
        .filter(|one| one.get("settledAt").is_none())
        .collect();
    assert_eq!(running.len(), 1, "{all:?}");
    running[0]["auditId"].as_u64().unwrap()
}

fn decide(mini: &Mini, order: &Value) {
    let path = format!("/_sim/audits/{}", running(mini));
    mini.world.control("POST", &path, order);
}

#[test]
fn the_list_is_a_tree_below_a_nameless_root() {
    let mini = Mini::start();
    let all = mini.get(ALL);
    assert_eq!(all["errcode"], 0);
    let items = all["categories_list"]["categories"].as_array().unwrap();
    let of = |id: u64| items.iter().find(|one| one["id"] == id).unwrap();
    assert!(of(0).get("name").is_none());
    assert!(of(0)["children"].as_array().unwrap().contains(&json!(8)));
    assert_eq!(of(8)["children"], json!([39, 590, 591]));
    assert_eq!((&of(8)["level"], &of(8)["father"]), (&json!(1), &json!(0)));
    assert_eq!(of(590)["sensitive_type"], 0);
    assert_eq!(of(590)["qualify"], json!({"exter_list": [], "remark": ""}));
    let papers = |names: &[&str]| {
        let inner: Vec<Value> = names
            .iter()
            .map(|name| json!({"name": name, "url": ""}))
            .collect();
        json!({"inner_list": inner})
    };
    assert_eq!(
        *of(39),
        json!({
            "id": 39, "name": "出国移民", "level": 2, "father": 8, "children": [], "sensitive_type": 1,
            "qualify": {"exter_list": [papers(&[ONE]), papers(&OTHERS)], "remark": ""},
        })
    );
    assert!(
        !items.iter().any(|one| one["id"] == 5911),
        "the third level is for reviews only"
    );
}

#[test]
fn what_may_be_chosen_depends_on_the_entity() {
    let mini = Mini::start();
    let has = |answer: &Value, id: u64| {
        let items = answer["categories_list"]["categories"].as_array().unwrap();
        items.iter().any(|one| one["id"] == id)
    };
    let by_type = |number: Value| mini.post(BY_TYPE, &json!({"verify_type": number}));
    assert!(has(&by_type(json!(1)), 590) && !has(&by_type(json!(0)), 590));
    for strange in [json!(5), json!("1"), Value::Null] {
        assert_eq!(by_type(strange)["errcode"], 53303);
    }
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    state["appCategories"] = json!([
        {"id": 1, "name": "政务"}, {"id": 2, "name": "户籍", "father": 1, "principalTypes": [3]},
    ]);
    mini.world.control("PUT", "/_sim/state", &state);
    assert!(
        has(&by_type(json!(2)), 2) && !has(&by_type(json!(3)), 2),
        "2 is a government"
    );
    mini.switch("verifyTypeIsPrincipalType", json!(true));
    assert!(has(&by_type(json!(3)), 2) && !has(&by_type(json!(2)), 2));
    assert!(!has(&mini.get(ALL), 2));
    assert_eq!(add(&mini, &plain(1, 2)), 53302);
}

#[test]
fn a_plain_category_passes_at_once() {
    let mini = Mini::start();
    assert_eq!(add(&mini, &plain(8, 590)), 0);
    assert_eq!(
        mini.get(SET),
        json!({
            "errcode": 0, "errmsg": "ok", "limit": 5, "quota": 4, "category_limit": 20,
            "categories": [{
                "first": 8, "first_name": "教育", "second": 590, "second_name": "素质教育",
                "audit_status": 3, "audit_reason": "",
            }],
        })
    );
    assert_eq!(
        mini.get(NAMES)["category_list"],
        json!([{"first_class": "教育", "second_class": "素质教育", "first_id": 8, "second_id": 590}])
    );
    let cat = mini.world.component_token();
    let body = json!({"component_appid": PLATFORM, "authorizer_appid": MINI});
    let info = mini
        .world
        .post("/cgi-bin/component/api_get_authorizer_info", &cat, &body);
    let shown = &info["authorizer_info"]["MiniProgramInfo"]["categories"];
    assert_eq!(*shown, json!([{"first": "教育", "second": "素质教育"}]));
    mini.switch("plainCategoriesReviewed", json!(true));
    assert_eq!(add(&mini, &plain(287, 301)), 0);
    assert_eq!(set(&mini)[1]["audit_status"], 1);
    assert_eq!(
        mini.get(NAMES)["category_list"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn a_third_level_is_named_for_reviews() {
    let mini = Mini::start();
    mini.change(json!({"miniProgram": {"categories": [{"first": 8, "second": 591}]}}));
    let names = mini.get(NAMES);
    let thirds: Vec<&Value> = names["category_list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["third_id"])
        .collect();
    assert_eq!(thirds, [5911, 5912]);
    assert_eq!(names["category_list"][0]["third_class"], "高等");
}

#[test]
fn papers_are_complete_pictures_of_ones_own() {
    let mini = Mini::start();
    let one = |names: &[&str]| add(&mini, &with_papers(&mini, 8, 39, names));
    assert_eq!(one(&[]), 53311);
    assert_eq!(one(&["《别的》"]), 53311);
    assert_eq!(one(&OTHERS[..1]), 53311, "both of a list");
    let other = mini.world.token(OTHER_MINI);
    let foreign = picture(&mini.world, &other);
    let own = picture(&mini.world, &mini.token);
    for paper in [
        json!({"key": ONE, "value": foreign}),
        json!({"key": ONE, "value": ""}),
        json!({"key": ONE}),
        json!({"Key": ONE, "Value": own}),
    ] {
        let order = json!({"first": 8, "second": 39, "certicates": [paper]});
        assert_eq!(add(&mini, &order), 40007, "{paper}");
    }
    let misspelled =
        json!({"first": 8, "second": 39, "certificates": [{"key": ONE, "value": own}]});
    assert_eq!(add(&mini, &misspelled), 53311);
    assert_eq!(one(&OTHERS), 0);
    assert_eq!(set(&mini)[0]["audit_status"], 1);
    let kept = &mini.world.account(MINI)["miniProgram"]["categories"][0]["certificates"];
    assert_eq!(kept[1]["key"], OTHERS[1]);
    assert_eq!(kept[1]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn an_order_that_makes_no_sense_is_refused_whole() {
    let mini = Mini::start();
    assert_eq!(mini.code(ADD, &json!({"categories": []})), 53303);
    assert_eq!(mini.code(ADD, &json!({"first": 8, "second": 590})), 53303);
    for strange in [
        plain(8, 301),
        plain(590, 8),
        plain(591, 5911),
        plain(8, 8),
        json!({"first": 8}),
        json!(7),
    ] {
        assert_eq!(add(&mini, &strange), 53303, "{strange}");
    }
    let twice = json!({"categories": [plain(8, 590), plain(8, 590)]});
    assert_eq!(mini.code(ADD, &twice), 53304);
    let half = json!({"categories": [plain(287, 301), plain(8, 39)]});
    assert_eq!(mini.code(ADD, &half), 53311);
    assert!(set(&mini).is_empty());
    assert_eq!(add(&mini, &plain(8, 590)), 0);
    assert_eq!(add(&mini, &plain(8, 590)), 53304);
    assert_eq!(add(&mini, &plain(700, 702)), 53305);
    mini.change(json!({"miniProgram": {"icpChecked": true}}));
    assert_eq!(add(&mini, &plain(700, 702)), 0);
    mini.change(json!({"basicInfo": {"principalType": 0}}));
    assert_eq!(add(&mini, &with_papers(&mini, 8, 39, &[ONE])), 53302);
}

#[test]
fn a_refused_category_can_be_handed_in_with_other_papers() {
    let mini = Mini::start();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    let papers = with_papers(&mini, 8, 39, &[ONE]);
    assert_eq!(mini.code(MODIFY, &papers), 53306, "not set");
    assert_eq!(add(&mini, &papers), 0);
    assert_eq!(mini.code(MODIFY, &papers), 53307, "in review");
    assert_eq!(mini.code(DELETE, &plain(8, 39)), 53308);
    decide(
        &mini,
        &json!({"outcome": "refused", "reason": "资质不清晰"}),
    );
    let event = sink.next().opened();
    for part in [
        "<Event><![CDATA[wxa_category_audit]]></Event>",
        "<ret>2</ret>",
        "<first>8</first>",
        "<second>39</second>",
        "<reason><![CDATA[资质不清晰]]></reason>",
    ] {
        assert!(event.contains(part), "{part} in {event}");
    }
    let refused = &set(&mini)[0];
    assert_eq!(
        (&refused["audit_status"], &refused["audit_reason"]),
        (&json!(2), &json!("资质不清晰"))
    );
    assert_eq!(add(&mini, &papers), 53304, "it is there, though refused");
    assert_eq!(mini.code(MODIFY, &plain(8, 39)), 53311);
    assert_eq!(mini.code(MODIFY, &plain(8, 301)), 53303);
    assert_eq!(mini.code(MODIFY, &papers), 0);
    let again = &set(&mini)[0];
    assert_eq!(
        (&again["audit_status"], &again["audit_reason"]),
        (&json!(1), &json!(""))
    );
    decide(&mini, &json!({"outcome": "passed"}));
    assert!(sink.next().opened().contains("<ret>3</ret>"));
    assert_eq!(set(&mini)[0]["audit_status"], 3);
    assert_eq!(mini.code(MODIFY, &papers), 53307);
    assert_eq!(mini.get(SET)["quota"], 4, "new papers are no new category");
}

#[test]
fn what_is_deleted_is_gone() {
    let mini = Mini::start();
    mini.change(json!({"miniProgram": {"categories": [
        {"first": 8, "second": 590}, {"first": 700, "second": 701},
        {"first": 8, "second": 39, "status": "refused"},
    ]}}));
    assert_eq!(mini.code(DELETE, &json!({"first": 8})), 53303);
    assert_eq!(mini.code(DELETE, &plain(287, 301)), 53303);
    assert_eq!(mini.code(DELETE, &plain(700, 701)), 53309);
    assert_eq!(mini.code(DELETE, &plain(8, 590)), 0);
    assert_eq!(mini.code(DELETE, &json!({"first": "8", "second": "39"})), 0);
    assert_eq!(mini.code(DELETE, &plain(8, 39)), 53303);
    assert_eq!(set(&mini).len(), 1);
}

#[test]
fn five_a_month_and_twenty_in_all() {
    let mut mini = Mini::start();
    mini.at("2031-11-30T12:00:00+08:00");
    mini.change(json!({"budgets": {"category": {"used": 4}}, "miniProgram": {"categoryLimit": 2}}));
    let two = json!({"categories": [plain(8, 590), plain(287, 301)]});
    assert_eq!(mini.code(ADD, &two), 53300);
    assert_eq!(add(&mini, &plain(8, 590)), 0);
    assert_eq!(mini.get(SET)["quota"], 0);
    assert_eq!(add(&mini, &plain(287, 301)), 53300);
    mini.switch("categoryPeriod", json!("year"));
    mini.at("2031-12-01T12:00:00+08:00");
    mini.change(json!({"budgets": {"category": {"used": 5, "period": "2031"}}}));
    assert_eq!(add(&mini, &plain(287, 301)), 53300);
    mini.switch("categoryPeriod", json!("month"));
    assert_eq!(add(&mini, &plain(287, 301)), 0);
    assert_eq!(add(&mini, &plain(287, 304)), 53301);
    mini.switch("categoryLimitReached", json!(53310));
    assert_eq!(add(&mini, &plain(287, 304)), 53310);
    let more = json!({"categories": [plain(287, 304)], "apply_reason": "需要更多"});
    assert_eq!(mini.code(ADD, &more), 0);
    assert_eq!(
        set(&mini)[2]["audit_status"],
        1,
        "what is asked for is reviewed"
    );
}

#[test]
fn the_family_is_for_mini_programs_made_through_the_api() {
    let mini = Mini::start();
    mini.change(json!({"registerType": 0}));
    for path in [ALL, SET] {
        assert_eq!(mini.get(path)["errcode"], 41033, "{path}");
    }
    for (path, body) in [
        (BY_TYPE, json!({"verify_type": 1})),
        (ADD, json!({"categories": [plain(8, 590)]})),
        (DELETE, plain(8, 590)),
        (MODIFY, plain(8, 590)),
    ] {
        assert_eq!(mini.code(path, &body), 41033, "{path}");
    }
    assert_eq!(mini.get(NAMES)["errcode"], 0, "is no part of it");
}
