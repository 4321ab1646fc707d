//! Which categories are added, waited for and deleted.

mod papers;

use serde_json::{Value, json};

use super::*;
use crate::plan::{Costly, Entry};
use crate::resource::Settled;
use crate::resource::world::World;
use crate::wechat::answer::read_answer;
use crate::wechat::{Appid, authorizer, basic_info};

const APP: &str = "wx2222222222222222";

fn app() -> Appid {
    Appid::parse(APP).unwrap()
}

/// A mini-program that declares these, has those, and may have a few.
fn world(declared: &Value, own: &Value, register_type: i64) -> World {
    let mut world = World::of(json!({
        "miniPrograms": [{"name": "main", "appId": APP, "categories": declared}],
    }));
    let info = json!({
        "authorizer_info": {
            "nick_name": "", "user_name": "gh_2", "service_type_info": {"id": 0}, "verify_type_info": {"id": -1},
            "account_status": 1, "register_type": register_type, "MiniProgramInfo": {"network": {}},
        },
        "authorization_info": {"authorizer_appid": APP, "func_info": [{"funcscope_category": {"id": 30}}]},
    });
    world.answers_to(authorizer::info_request(&app()), info);
    let profile = json!({"errcode": 0, "appid": APP, "account_type": 3, "realname_status": 1});
    world.answers_to(basic_info::get_request(&app()), profile);
    world.answers_to(category::own_request(&app()), own.clone());
    let node = |id: i64, name: &str, level: i64, father: i64, sensitive: i64| {
        json!({"id": id, "name": name, "level": level, "father": father, "children": [], "sensitive_type": sensitive,
               "qualify": {"exter_list": [{"inner_list": [{"name": "《许可证》", "url": ""}]}], "remark": ""}})
    };
    let all = json!({"errcode": 0, "categories_list": {"categories": [
        node(8, "教育", 1, 0, 0), node(39, "素质教育", 2, 8, 0), node(40, "学历教育", 2, 8, 1),
    ]}});
    world.answers_to(category::allowed_request(&app()), all);
    world
}

fn own(categories: &Value) -> Value {
    json!({"errcode": 0, "categories": categories, "limit": 5, "quota": 4, "category_limit": 20})
}

fn one(second: i64, name: &str, status: i64) -> Value {
    json!({"first": 8, "first_name": "教育", "second": second, "second_name": name, "audit_status": status,
           "audit_reason": "资料不清晰"})
}

#[test]
fn what_is_missing_is_added_and_what_needs_documents_waits() {
    let declared =
        json!([{"name": "教育/素质教育"}, {"name": "教育/学历教育"}, {"name": "教育/没有"}]);
    let world = world(&declared, &own(&json!([])), 2);
    assert_eq!(
        world.lines(),
        [
            "main:categories/教育/学历教育 waits DocumentsMissing",
            "main:categories/教育/没有 waits CategoryMissing",
            "main:categories/教育/素质教育 + miniPrograms[0].categories[0]",
        ]
    );
    let plan = world.plan();
    let (_, step) = plan.steps().next().unwrap();
    assert_eq!(
        step.calls[0].body(),
        r#"{"categories":[{"certicates":[],"first":8,"second":39}]}"#
    );
}

#[test]
fn a_review_is_waited_for_and_its_no_is_said() {
    let declared = json!([{"first": 8, "second": 39}, {"name": "教育/学历教育"}]);
    let live = own(&json!([one(39, "素质教育", 1), one(40, "学历教育", 2)]));
    let plan = world(&declared, &live, 2).plan();
    let said: Vec<(&str, bool)> = plan
        .waits()
        .map(|(_, wait)| (wait.reason.as_str(), wait.text.zh.contains("资料不清晰")))
        .collect();
    assert_eq!(said, [("UnderReview", false), ("AuditRefused", true)]);
    assert_eq!(plan.steps().count(), 0);
    let passed = own(&json!([one(39, "素质教育", 3), one(40, "学历教育", 3)]));
    assert_eq!(world(&declared, &passed, 2).lines(), [""; 0]);
}

#[test]
fn what_nobody_lists_is_deleted_by_a_yes_alone_and_never_beside_an_unknown_name() {
    let live = own(&json!([one(39, "素质教育", 3)]));
    let plan = world(&json!([]), &live, 2).plan();
    let (_, step) = plan.steps().next().unwrap();
    assert_eq!(step.costly, Some(Costly::DeleteCategory));
    assert_eq!(step.calls[0].body(), r#"{"first":8,"second":39}"#);
    let named = json!([{"name": "教育/素质 教育"}]);
    assert_eq!(world(&named, &live, 2).plan().steps().count(), 0);
}

#[test]
fn an_account_that_was_not_registered_through_the_api_is_not_asked() {
    let mut world = world(&json!([{"name": "教育/素质教育"}]), &own(&json!([])), 0);
    world.seen.remove(&category::own_request(&app()));
    assert!(crate::resource::needs(&world.subject(), &world.seen).is_empty());
    let plan = world.plan();
    let (Entry { address, .. }, wait) = plan.waits().next().unwrap();
    assert_eq!(address.to_string(), "main:categories");
    assert!(wait.text.en.contains("41033"), "{}", wait.text.en);
}

#[test]
fn without_room_nothing_is_added_and_it_is_said_until_when() {
    let declared = json!([{"name": "教育/素质教育"}]);
    let mut full = own(&json!([]));
    full["quota"] = json!(0);
    let plan = world(&declared, &full, 2).plan();
    let (_, wait) = plan.waits().next().unwrap();
    assert_eq!(wait.reason.as_str(), "QuotaUsedUp");
    assert!(wait.until.is_some());
    let mut most = own(&json!([one(40, "学历教育", 3)]));
    most["category_limit"] = json!(1);
    let lines = world(&declared, &most, 2).lines();
    assert!(lines[1].ends_with("waits LimitReached"), "{lines:?}");
}

#[test]
fn the_accounts_own_list_settles_what_is_in_doubt() {
    let settle = |call: &Call, own: Value| {
        let read = category::own_request(&app());
        let answer = read_answer(read.endpoint, own);
        Categories.settle(call, &Value::Null, &BTreeMap::from([(read, answer)]))
    };
    let id = CategoryId {
        first: 8,
        second: 39,
    };
    let new = category::NewCategory {
        id,
        certificates: Vec::new(),
    };
    let (add, delete) = (
        category::add_request(&app(), &[new]),
        category::delete_request(&app(), id),
    );
    assert_eq!(Categories.thing(&add).as_deref(), Some("8-39"));
    assert_eq!(Categories.thing(&delete).as_deref(), Some("8-39"));
    let (there, gone) = (own(&json!([one(39, "素质教育", 1)])), own(&json!([])));
    assert_eq!(settle(&add, there.clone()), Settled::Done(BTreeMap::new()));
    assert_eq!(settle(&add, gone.clone()), Settled::NotDone);
    assert_eq!(settle(&delete, gone), Settled::Done(BTreeMap::new()));
    assert_eq!(settle(&delete, there), Settled::NotDone);
    assert_eq!(settle(&add, json!({"errcode": -1})), Settled::Undecided);
}
