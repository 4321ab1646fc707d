//! Effects that are not what the answer says: none, another spelling, one that shows late.

use serde_json::{Value, json};

use super::world::{OFFICIAL, World};

const CREATE: &str = "/cgi-bin/menu/create";
const MENU: &str = "/cgi-bin/menu/get";
const OPEN: &str = "/cgi-bin/open/create";

fn ready() -> (World, String) {
    let world = World::start();
    let token = world.token(OFFICIAL);
    (world, token)
}

fn view(name: &str, url: &str) -> Value {
    json!({"button": [{"type": "view", "name": name, "url": url}]})
}

#[test]
fn a_success_may_have_no_effect() {
    let (world, token) = ready();
    world.fault(json!([
        {"endpoint": CREATE, "kind": "noEffect", "count": 1},
        {"endpoint": OPEN, "kind": "noEffect", "count": 1},
    ]));
    assert_eq!(
        world.post(CREATE, &token, &view("a", "https://a.cn/"))["errcode"],
        0
    );
    assert_eq!(world.get(MENU, &token)["errcode"], 46003);
    assert_eq!(
        world.calls("")["endpoints"][CREATE],
        json!({"received": 1, "refused": 0, "withEffect": 0})
    );
    assert_eq!(
        world.post(CREATE, &token, &view("a", "ftp://a.cn/"))["errcode"],
        40055,
        "used up"
    );
    let made = world.post(OPEN, &token, &json!({}));
    assert!(made["open_appid"].is_string());
    assert_eq!(
        world.post("/cgi-bin/open/get", &token, &json!({}))["errcode"],
        89002
    );
}

#[test]
fn what_is_there_is_said_not_to_be_and_the_other_way_round() {
    let (world, token) = ready();
    let ask = |path: &str| match path {
        MENU => world.get(path, &token),
        _ => world.post(path, &token, &json!({})),
    };
    world.post(CREATE, &token, &view("a", "https://a.cn/"));
    world.fault(json!([
        {"endpoint": "*", "kind": "saysAbsent", "count": 2},
        {"endpoint": OPEN, "kind": "saysPresent", "count": 1},
    ]));
    assert_eq!(ask(OPEN)["errcode"], 89000);
    assert_eq!(ask(MENU)["errcode"], 46003);
    assert_eq!(ask("/cgi-bin/open/get")["errcode"], 89002);
    assert!(ask(MENU)["menu"].is_object());
    assert!(ask(OPEN)["open_appid"].is_string(), "it was not there");
}

#[test]
fn a_value_is_kept_in_another_spelling() {
    let (world, token) = ready();
    for (how, name, url) in [
        ("dropVariationSelectors", "❤ ", "https://WWW.a.cn/课"),
        ("trimBlanks", "❤️", "https://WWW.a.cn/课"),
        ("lowerCaseHosts", "❤️ ", "https://www.a.cn/课"),
        ("reencodeUrls", "❤️ ", "https://www.a.cn/%E8%AF%BE"),
    ] {
        world.fault(json!({"endpoint": CREATE, "kind": "keptOtherwise", "how": how, "count": 1}));
        world.post(CREATE, &token, &view("❤️ ", "https://WWW.a.cn/课"));
        let kept = world.get(MENU, &token)["menu"]["button"][0].clone();
        assert_eq!(
            (&kept["name"], &kept["url"]),
            (&json!(name), &json!(url)),
            "{how}"
        );
        assert_eq!(
            world.control("GET", "/_sim/faults", &json!({})),
            json!([]),
            "{how}"
        );
    }
    let both = ["trimBlanks", "lowerCaseHosts"]
        .map(|how| json!({"endpoint": "*", "kind": "keptOtherwise", "how": how}));
    world.fault(json!(both));
    world.post(CREATE, &token, &view(" a ", "https://WWW.a.cn/"));
    let kept = world.get(MENU, &token)["menu"]["button"][0].clone();
    assert_eq!(
        (&kept["name"], &kept["url"]),
        (&json!("a"), &json!("https://www.a.cn/"))
    );
}

#[test]
fn a_read_lags_by_the_simulated_clock() {
    let (world, token) = ready();
    let name = || world.get(MENU, &token)["menu"]["button"][0]["name"].clone();
    world.post(CREATE, &token, &view("first", "https://a.cn/"));
    world.advance(3600);
    world.fault(json!({"endpoint": MENU, "kind": "staleRead", "seconds": 300}));
    world.post(CREATE, &token, &view("second", "https://a.cn/"));
    assert_eq!(name(), "first");
    world.advance(200);
    world.post(CREATE, &token, &view("third", "https://a.cn/"));
    assert_eq!(name(), "first");
    world.advance(150);
    assert_eq!(name(), "second", "five minutes ago");
    world.advance(200);
    assert_eq!(name(), "third");
    let owner = json!({"menu": {"default": {"button": []}}});
    world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &owner);
    assert_eq!(name(), "third", "the owner's hand shows as late");
}

#[test]
fn switches_are_turned_one_by_one_and_back() {
    let (world, token) = ready();
    let turned = world.control(
        "PATCH",
        "/_sim/switches",
        &json!({"firstLevelNameBytes": 3, "numbersAsStrings": true}),
    );
    assert_eq!(turned["firstLevelNameBytes"], 3);
    assert_eq!(
        world.post(CREATE, &token, &view("four", "https://a.cn/"))["errcode"],
        40018
    );
    world.control(
        "PATCH",
        "/_sim/switches",
        &json!({"firstLevelNameBytes": null}),
    );
    assert_eq!(
        world.post(CREATE, &token, &view("four", "https://a.cn/"))["errcode"],
        0
    );
    let now = world.control("GET", "/_sim/switches", &json!({}));
    assert_eq!(
        (&now["firstLevelNameBytes"], &now["numbersAsStrings"]),
        (&json!(16), &json!(true))
    );
    for wrong in [
        json!({"noSuchSwitch": 1}),
        json!({"firstLevelNameBytes": "x"}),
        json!([]),
    ] {
        assert_eq!(
            world.refused("PATCH", "/_sim/switches", &wrong),
            400,
            "{wrong}"
        );
    }
}
