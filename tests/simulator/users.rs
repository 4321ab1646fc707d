//! Followers: pages of ten thousand, and what WeChat still tells of a user.

use serde_json::{Map, Value, json};

use super::world::{OFFICIAL, World, text};

const INFO: &str = "/cgi-bin/user/info";
const BATCH: &str = "/cgi-bin/user/info/batchget";

fn with_users(users: Value) -> (World, String) {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let change = json!({"users": users});
    world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &change);
    (world, token)
}

/// GET with parameters beside the token.
fn ask(world: &World, path: &str, token: &str, more: &str) -> Value {
    let target = format!("{path}?access_token={token}&{more}");
    world.raw("GET", &target, "", "").json()
}

#[test]
fn followers_come_in_pages_of_ten_thousand() {
    let users: Map<String, Value> = (0..10_002)
        .map(|number| (format!("o{number:05}"), json!({"subscribed": number != 7})))
        .collect();
    let (world, token) = with_users(Value::Object(users));
    let page = |after: &str| {
        let next = format!("next_openid={after}");
        ask(&world, "/cgi-bin/user/get", &token, &next)
    };
    let first = page("");
    assert!(first.get("errcode").is_none());
    assert_eq!(
        (&first["total"], &first["count"]),
        (&json!(10_001), &json!(10_000))
    );
    assert_eq!(first["next_openid"], "o10000");
    let openids = first["data"]["openid"].as_array().unwrap();
    assert!(openids.len() == 10_000 && !openids.contains(&json!("o00007")));

    let last =
        json!({"total": 10_001, "count": 1, "data": {"openid": ["o10001"]}, "next_openid": ""});
    assert_eq!(page("o10000"), last);
    assert_eq!(page("nobody")["errcode"], 40003);
    world.switch("lastPageNamesOpenid", json!(true));
    assert_eq!(page("o10000")["next_openid"], "o10001");
    assert_eq!(
        page("o10001"),
        json!({"total": 10_001, "count": 0, "next_openid": ""})
    );
}

#[test]
fn of_a_user_little_is_told_and_of_one_who_left_nothing() {
    let (world, token) = with_users(json!({
        "oA": {"tagIds": [2, 134], "remark": "老客户", "subscribeTime": 1_700_000_000},
        "oGone": {"subscribed": false},
    }));
    let info = |openid: &str| ask(&world, INFO, &token, &format!("openid={openid}&lang=en"));
    let told = info("oA");
    for (field, value) in [
        ("subscribe", json!(1)),
        ("openid", json!("oA")),
        ("language", json!("en")),
        ("subscribe_time", json!(1_700_000_000)),
        ("remark", json!("老客户")),
        ("groupid", json!(2)),
        ("tagid_list", json!([2, 134])),
        ("subscribe_scene", json!("ADD_SCENE_SEARCH")),
        ("nickname", json!("")),
        ("unionid", Value::Null),
        ("errcode", Value::Null),
    ] {
        assert_eq!(told[field], value, "{field}");
    }
    assert_eq!(info("oGone"), json!({"subscribe": 0, "openid": "oGone"}));
    assert_eq!(info("oNobody")["errcode"], 40003);
    assert_eq!(world.get(INFO, &token)["errcode"], 41009);
    world.switch("userInfoOmitsNames", json!(true));
    assert!(info("oA").get("nickname").is_none());
    world.post("/cgi-bin/open/create", &token, &json!({}));
    assert!(text(&info("oA")["unionid"]).ends_with("oA"));
}

#[test]
fn a_batch_has_a_hundred_users_at_most() {
    let (world, token) = with_users(json!({"oA": {}, "oGone": {"subscribed": false}}));
    let batch = |openids: &[&str]| {
        let list: Vec<Value> = openids.iter().map(|one| json!({"openid": one})).collect();
        world.post(BATCH, &token, &json!({"user_list": list}))
    };
    let told = batch(&["oA", "oGone"]);
    assert_eq!(told["user_info_list"][0]["language"], "zh_CN");
    assert_eq!(
        told["user_info_list"][1],
        json!({"subscribe": 0, "openid": "oGone"})
    );
    assert!(batch(&["oA"; 100])["user_info_list"].is_array());
    for many in [batch(&["oA"; 101]), batch(&[])] {
        assert_eq!(many["errcode"], 40032);
    }
    for wrong in [
        json!({"user_list": [1]}),
        json!({"user_list": "oA"}),
        json!({}),
    ] {
        assert_eq!(world.post(BATCH, &token, &wrong)["errcode"], 40031);
    }
    assert_eq!(batch(&["oA", "oNobody"])["errcode"], 40003);
}

#[test]
fn many_followers_are_said_in_a_number() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let change =
        json!({"followers": 25_000, "users": {"oZoe": {}, "oGone": {"subscribed": false}}});
    world.change(OFFICIAL, &change);
    let mut seen = std::collections::BTreeSet::new();
    let (mut after, mut counts) = (String::new(), Vec::new());
    loop {
        let next = format!("next_openid={after}");
        let page = ask(&world, "/cgi-bin/user/get", &token, &next);
        assert_eq!(page["total"], 25_001);
        counts.push(page["count"].as_u64().unwrap());
        seen.extend(page["data"]["openid"].as_array().unwrap().iter().map(text));
        after = text(&page["next_openid"]);
        if after.is_empty() {
            break;
        }
    }
    assert_eq!((counts, seen.len()), (vec![10_000, 10_000, 5001], 25_001));
    assert!(seen.contains("oZoe") && !seen.contains("oGone"));
    let one = seen.first().unwrap();
    let info = |token: &str| ask(&world, INFO, token, &format!("openid={one}"));
    assert_eq!(info(&token)["subscribe"], 1);
    assert!(info(&token)["unionid"].is_null());
    world.post("/cgi-bin/open/create", &token, &json!({}));
    assert!(info(&token)["unionid"].is_string());
    let batch = json!({"user_list": [{"openid": one}, {"openid": "oZoe"}]});
    let told = world.post(BATCH, &token, &batch);
    let unionid = |place: usize| told["user_info_list"][place]["unionid"].clone();
    assert!(unionid(0).is_string() && unionid(1).is_string());
    assert_ne!(unionid(0), unionid(1));
}

#[test]
fn pages_can_be_smaller_and_a_day_has_five_hundred() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.change(OFFICIAL, &json!({"followers": 5}));
    let change = json!({"followersPage": 2});
    world.control("PATCH", "/_sim/switches", &change);
    let page = |after: &Value| {
        let next = format!("next_openid={}", after.as_str().unwrap());
        ask(&world, "/cgi-bin/user/get", &token, &next)
    };
    let first = page(&json!(""));
    assert_eq!((&first["count"], &first["total"]), (&json!(2), &json!(5)));
    let third = page(&page(&first["next_openid"])["next_openid"]);
    assert_eq!(
        (&third["count"], &third["next_openid"]),
        (&json!(1), &json!(""))
    );
    for _ in 3..500 {
        assert_eq!(page(&json!(""))["count"], 2);
    }
    assert_eq!(page(&json!(""))["errcode"], 45009);
}
