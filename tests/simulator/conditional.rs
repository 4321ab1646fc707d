//! Conditional menus (个性化菜单) rule by rule.

use serde_json::{Value, json};

use super::world::{MINI, OFFICIAL, World, text};

struct Menus {
    world: World,
    token: String,
}

/// An account with a default menu.
fn menus() -> Menus {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let menus = Menus { world, token };
    let default = json!({"button": [button("all")]});
    let created = menus
        .world
        .post("/cgi-bin/menu/create", &menus.token, &default);
    assert_eq!(created["errcode"], 0);
    menus
}

fn button(name: &str) -> Value {
    json!({"type": "click", "name": name, "key": "K"})
}

impl Menus {
    fn add(&self, name: &str, rule: Value) -> Value {
        let body = json!({"button": [button(name)], "matchrule": rule});
        self.post("addconditional", &body)
    }

    fn post(&self, what: &str, body: &Value) -> Value {
        self.world
            .post(&format!("/cgi-bin/menu/{what}"), &self.token, body)
    }

    fn get(&self) -> Value {
        self.world.get("/cgi-bin/menu/get", &self.token)
    }

    fn names(&self) -> Vec<String> {
        let menu = self.get();
        let conditional = menu["conditionalmenu"].as_array();
        conditional
            .into_iter()
            .flatten()
            .map(|menu| text(&menu["button"][0]["name"]))
            .collect()
    }

    fn user(&self, user: Value) {
        let change = json!({"users": {"o1": user}});
        self.world
            .control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &change);
    }

    fn sees(&self) -> Value {
        let seen = self.post("trymatch", &json!({"user_id": "o1"}));
        match seen.get("errcode") {
            Some(code) => code.clone(),
            None => seen["button"][0]["name"].clone(),
        }
    }
}

#[test]
fn a_rule_wechat_withdrew_is_refused() {
    let menus = menus();
    for rule in ["sex", "country", "province", "city"] {
        let rule = json!({rule: "1", "tag_id": "2"});
        assert_eq!(menus.add("x", rule.clone())["errcode"], 65320, "{rule}");
    }
    let language = || menus.add("x", json!({"language": "zh_CN"}))["errcode"].clone();
    assert_eq!(language(), Value::Null);
    menus.world.switch("refuseLanguageRule", json!(true));
    assert_eq!(language(), 65320);
}

#[test]
fn a_rule_that_says_nothing_is_refused() {
    let menus = menus();
    for rule in [
        Value::Null,
        json!({}),
        json!({"tag_id": "", "client_platform_type": ""}),
        json!({"mood": "good"}),
    ] {
        assert_eq!(menus.add("x", rule.clone())["errcode"], 65304, "{rule}");
    }
    assert!(menus.names().is_empty());
}

#[test]
fn buttons_of_conditional_menus_keep_the_same_rules() {
    let menus = menus();
    let mini = json!({"type": "miniprogram", "name": "go", "url": "https://a.cn", "appid": MINI, "pagepath": "p"});
    let add = |buttons: Value| {
        let body = json!({"button": buttons, "matchrule": {"tag_id": "2"}});
        menus.post("addconditional", &body)["errcode"].clone()
    };
    assert_eq!(add(json!([])), 40016);
    assert_eq!(add(json!([mini])), 85005);
    menus.world.switch("unlinkedMiniProgram", json!(45064));
    assert_eq!(add(json!([mini])), 45064);
    for status in [2, 3, 12] {
        let links = json!({"links": [{"appId": MINI, "status": status}]});
        let path = format!("/_sim/accounts/{OFFICIAL}");
        menus.world.control("PATCH", &path, &links);
        assert_eq!(add(json!([mini])), 45064, "status {status} is not linked");
    }
}

#[test]
fn the_newest_menu_that_matches_wins() {
    let menus = menus();
    menus.user(json!({"tagIds": [2, 3], "clientPlatformType": "1"}));
    assert_eq!(menus.sees(), "all");
    menus.add("tag", json!({"tag_id": "2"}));
    assert_eq!(menus.sees(), "tag");
    let newest = menus.add("ios", json!({"tag_id": "3", "client_platform_type": "1"}));
    assert_eq!(menus.sees(), "ios");
    menus.add(
        "android",
        json!({"tag_id": "3", "client_platform_type": "2"}),
    );
    assert_eq!(menus.sees(), "ios", "every part of a rule has to match");
    menus.post("delconditional", &newest);
    assert_eq!(menus.sees(), "tag");
}

#[test]
fn one_who_does_not_follow_sees_no_menu() {
    let menus = menus();
    assert_eq!(menus.sees(), 65302);
    menus.user(json!({"subscribed": false}));
    assert_eq!(menus.sees(), 65315);
    menus.user(json!({"subscribed": true}));
    assert_eq!(menus.sees(), "all");
}

#[test]
fn trymatch_can_wrap_its_buttons() {
    let menus = menus();
    menus.user(json!({}));
    menus.world.switch("trymatchWrapsMenu", json!(true));
    let seen = menus.post("trymatch", &json!({"user_id": "o1"}));
    assert_eq!(seen["menu"]["button"][0]["name"], "all");
}

#[test]
fn menus_are_listed_newest_first_with_rising_ids() {
    let menus = menus();
    for name in ["a", "b", "c"] {
        menus.add(name, json!({"tag_id": "2"}));
    }
    assert_eq!(menus.names(), ["c", "b", "a"]);
    let menu = menus.get();
    let id = |menu: &Value| menu["menuid"].as_u64().unwrap();
    let ids: Vec<u64> = menu["conditionalmenu"]
        .as_array()
        .unwrap()
        .iter()
        .map(id)
        .collect();
    assert!(id(&menu["menu"]) < ids[2] && ids[2] < ids[1] && ids[1] < ids[0]);
}

#[test]
fn a_menu_id_comes_and_goes_as_text_or_number() {
    let menus = menus();
    let as_text = text(&menus.add("a", json!({"tag_id": "2"}))["menuid"]);
    menus.world.switch("numericMenuid", json!(true));
    let as_number = menus.add("b", json!({"tag_id": "2"}))["menuid"].clone();
    assert!(as_number.is_u64(), "{as_number}");
    let number: u64 = as_text.parse().unwrap();
    let delete =
        |id: Value| menus.post("delconditional", &json!({"menuid": id}))["errcode"].clone();
    assert_eq!(delete(json!(number)), 0);
    assert_eq!(delete(json!(as_number.to_string())), 0);
    assert_eq!(delete(json!(number)), 65301);
    assert_eq!(delete(json!("nonsense")), 65301);
    assert!(menus.names().is_empty());
}

#[test]
fn a_rule_is_read_back_under_its_old_name() {
    let menus = menus();
    menus.add("a", json!({"tag_id": "2", "client_platform_type": "1"}));
    let rule = || menus.get()["conditionalmenu"][0]["matchrule"].clone();
    assert_eq!(
        rule(),
        json!({"group_id": "2", "client_platform_type": "1"})
    );
    menus.world.switch("numericMatchrule", json!(true));
    assert_eq!(rule(), json!({"group_id": 2, "client_platform_type": 1}));
}

#[test]
fn a_new_default_menu_leaves_conditional_ones_alone() {
    let menus = menus();
    menus.add("a", json!({"tag_id": "2"}));
    menus.post("create", &json!({"button": [button("new")]}));
    assert_eq!(menus.names(), ["a"]);
    menus.world.get("/cgi-bin/menu/delete", &menus.token);
    assert_eq!(menus.get()["errcode"], 46003);
    menus.post("create", &json!({"button": [button("new")]}));
    assert!(menus.names().is_empty(), "deleting took them along");
}

#[test]
fn conditional_menus_can_be_limited() {
    let menus = menus();
    menus.world.switch("maxConditionalMenus", json!(1));
    assert!(menus.add("a", json!({"tag_id": "2"}))["menuid"].is_string());
    assert_eq!(menus.add("b", json!({"tag_id": "2"}))["errcode"], 65305);
}
