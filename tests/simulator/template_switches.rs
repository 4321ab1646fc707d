//! Message templates where the field reports what no page of WeChat's says.

use serde_json::{Value, json};

use super::world::{OFFICIAL, World};

fn account() -> (World, String) {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let owner = json!({"industry": {"primary": 16, "secondary": 1}, "categories": [{"id": 1301, "name": "教育/素质教育"}]});
    world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &owner);
    (world, token)
}

#[test]
fn industries_as_numbers_are_taken_when_switched() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let set = |body: Value| {
        world.post("/cgi-bin/template/api_set_industry", &token, &body)["errcode"].clone()
    };
    let numbers = json!({"industry_id1": 16, "industry_id2": 1});
    assert_eq!(set(numbers.clone()), 40102);
    world.switch("industryTakesNumbers", json!(true));
    for wrong in [
        json!(99),
        json!(-1),
        json!(1.5),
        json!(true),
        json!(4_294_967_297_u64),
    ] {
        assert_eq!(
            set(json!({"industry_id1": wrong, "industry_id2": 1})),
            40102
        );
    }
    assert_eq!(set(numbers), 0);
}

#[test]
fn templates_of_the_old_library_can_be_withdrawn() {
    let (world, token) = account();
    let add = |body: Value| {
        world.post("/cgi-bin/template/api_add_template", &token, &body)["errcode"].clone()
    };
    world.switch("oldTemplatesRefused", json!(45027));
    let of_industry = json!({"template_id_short": "OPENTM405456204"});
    assert_eq!(add(of_industry.clone()), 45027);
    let of_category = json!({"template_id_short": "43216", "keyword_name_list": ["课程名称"]});
    assert_eq!(add(of_category), 0);
    world.switch("oldTemplatesRefused", json!(43106));
    assert_eq!(add(of_industry.clone()), 43106);
    world.switch("oldTemplatesRefused", Value::Null);
    assert_eq!(add(of_industry), 0);
}

#[test]
fn every_list_begins_with_wechats_own_template_unless_switched_off() {
    let (world, token) = account();
    let list =
        || world.get("/cgi-bin/template/get_all_private_template", &token)["template_list"].clone();
    let own = list()[0].clone();
    for (field, value) in [
        ("title", "订阅模板消息"),
        ("content", "{{content.DATA}}"),
        ("primary_industry", ""),
        ("deputy_industry", ""),
    ] {
        assert_eq!(own[field], value, "{field}");
    }
    assert_eq!(own["template_id"].as_str().map(str::len), Some(43));
    let delete = json!({"template_id": own["template_id"]});
    let deleted = world.post("/cgi-bin/template/del_private_template", &token, &delete);
    assert_eq!(deleted["errcode"], 40037);
    let body = json!({"template_id_short": "OPENTM405456204"});
    for _ in 0..25 {
        let added = world.post("/cgi-bin/template/api_add_template", &token, &body);
        assert_eq!(added["errcode"], 0, "it takes no place");
    }
    assert_eq!(list().as_array().unwrap().len(), 26);
    assert_eq!(list()[0], own);
    let by_hand = json!({"templates": [{"title": "订阅模板消息", "content": "x"}]});
    world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &by_hand);
    assert_eq!(list().as_array().unwrap().len(), 1, "never two of it");
    world.control(
        "PATCH",
        &format!("/_sim/accounts/{OFFICIAL}"),
        &json!({"templates": []}),
    );
    world.switch("builtInTemplate", json!(false));
    assert_eq!(list(), json!([]));
}
