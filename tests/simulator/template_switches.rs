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
