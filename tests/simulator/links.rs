//! Mini-programs linked to an official account.

use serde_json::{Value, json};

use super::world::{MINI, OFFICIAL, OTHER, World};

struct Links {
    world: World,
    token: String,
}

fn links() -> Links {
    let world = World::start();
    let token = world.token(OFFICIAL);
    Links { world, token }
}

impl Links {
    fn ask(&self, what: &str, appid: &str) -> Value {
        let body = json!({"appid": appid, "notify_users": 0, "show_profile": "1"});
        let path = format!("/cgi-bin/wxopen/{what}");
        self.world.post(&path, &self.token, &body)["errcode"].clone()
    }

    fn turn(&self, switch: &str, value: Value) {
        let change = json!({switch: value});
        self.world.control("PATCH", "/_sim/switches", &change);
    }

    fn list(&self) -> Vec<Value> {
        let path = "/cgi-bin/wxopen/wxamplinkget";
        let answer = self.world.post(path, &self.token, &json!({}));
        answer["wxopens"]["items"].as_array().unwrap().clone()
    }

    fn status(&self, status: i64) {
        let change = json!({"links": [{"appId": MINI, "status": status}]});
        self.world
            .control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &change);
    }

    /// Mini-programs `wxm0…`, of this entity.
    fn mini_programs(&self, count: usize, principal: &str) {
        let mut state = self.world.control("GET", "/_sim/state", &json!({}));
        let accounts = state["accounts"].as_array_mut().unwrap();
        accounts.extend((0..count).map(|number| {
            json!({"appId": format!("wxm{number}"), "kind": "miniProgram", "principalName": principal})
        }));
        self.world.control("PUT", "/_sim/state", &state);
    }
}

#[test]
fn an_original_id_that_is_not_given_is_of_one_account_alone() {
    let links = links();
    let mut state = links.world.control("GET", "/_sim/state", &json!({}));
    let appids = ["wxa000000000000001", "wxa000000000000002"];
    let accounts = state["accounts"].as_array_mut().unwrap();
    accounts.extend(appids.map(|appid| json!({"appId": appid, "kind": "miniProgram"})));
    links.world.control("PUT", "/_sim/state", &state);
    let asked = appids.map(|appid| json!({"appId": appid, "status": 2}));
    links.world.control(
        "PATCH",
        &format!("/_sim/accounts/{OFFICIAL}"),
        &json!({"links": asked}),
    );
    let listed = links.list();
    assert_ne!(listed[0]["username"], listed[1]["username"]);
}

#[test]
fn what_is_not_linked_shows_little() {
    let links = links();
    for status in [2, 3, 12] {
        links.status(status);
        assert_eq!(
            links.list(),
            [json!({
                "status": status, "username": "gh_3333333333333333", "source": "SOURCE_NORMAL",
                "headimg_url": "", "func_infos": [], "nickname": "日出小程序",
            })]
        );
    }
    links.status(1);
    let shown = links.list();
    assert_eq!(shown[0]["appid"], MINI);
    assert_eq!(shown[0]["selected"], 1);
    assert_eq!(shown[0]["released"], 0);
    let unnamed = json!({"nickName": "", "miniProgram": {"released": true}});
    links.world.change(MINI, &unnamed);
    let shown = &links.list()[0];
    assert_eq!(shown["released"], 1);
    assert_eq!(shown["nickname"], shown["username"], "as of a new one");
}

#[test]
fn one_who_refused_can_be_asked_again() {
    let links = links();
    assert_eq!(links.ask("wxamplink", MINI), 0);
    assert_eq!(
        links.list()[0]["status"],
        12,
        "the account's own administrator first"
    );
    links.status(2);
    assert_eq!(links.ask("wxamplink", MINI), 89010);
    links.status(3);
    assert_eq!(links.ask("wxamplink", MINI), 0);
    links.status(1);
    assert_eq!(links.ask("wxamplink", MINI), 89015);
    assert_eq!(links.ask("wxampunlink", MINI), 0);
    assert_eq!(links.ask("wxampunlink", MINI), 85005);
    assert!(links.list().is_empty());
}

#[test]
fn only_a_mini_program_can_be_linked() {
    let links = links();
    assert_eq!(links.ask("wxamplink", OTHER), 40013);
    assert_eq!(links.ask("wxamplink", "wxnowhere"), 40013);
    let path = format!("/_sim/accounts/{MINI}");
    links
        .world
        .control("PATCH", &path, &json!({"accountStatus": 16}));
    assert_eq!(links.ask("wxamplink", MINI), 89013);
}

#[test]
fn ten_links_a_month_within_one_entity_and_three_beyond() {
    for (principal, limit, code) in [("日出舞蹈有限公司", 10, 89016), ("别人有限公司", 3, 89017)]
    {
        let links = links();
        links.mini_programs(limit + 1, principal);
        for number in 0..limit {
            assert_eq!(links.ask("wxamplink", &format!("wxm{number}")), 0);
        }
        let more = format!("wxm{limit}");
        assert_eq!(links.ask("wxamplink", &more), code, "{principal}");
        links.world.advance(32 * 86_400);
        let token = links.world.token(OFFICIAL);
        let links = Links { token, ..links };
        assert_eq!(links.ask("wxamplink", &more), 0, "a new month");
    }
}

#[test]
fn a_link_can_stay_off_the_profile() {
    for (given, selected) in [
        (json!(0), 0),
        (json!("0"), 0),
        (json!(1), 1),
        (json!("1"), 1),
    ] {
        let links = links();
        let body = json!({"appid": MINI, "show_profile": given});
        let asked = links
            .world
            .post("/cgi-bin/wxopen/wxamplink", &links.token, &body);
        assert_eq!(asked["errcode"], 0);
        let state = links.world.control("GET", "/_sim/state", &json!({}));
        let accounts = state["accounts"].as_array().unwrap();
        let own = accounts
            .iter()
            .find(|one| one["appId"] == OFFICIAL)
            .unwrap();
        let mut confirmed = own["links"].clone();
        confirmed[0]["status"] = json!(1);
        let path = format!("/_sim/accounts/{OFFICIAL}");
        links
            .world
            .control("PATCH", &path, &json!({"links": confirmed}));
        assert_eq!(links.list()[0]["selected"], selected, "{given}");
    }
}

#[test]
fn two_administrators_answer_one_after_the_other() {
    let links = links();
    let answer = |agree: bool| {
        let order = json!({"account": OFFICIAL, "miniProgram": MINI, "agree": agree});
        links.world.control("POST", "/_sim/links", &order)["link"]["status"].clone()
    };
    let order = json!({"account": OFFICIAL, "miniProgram": MINI});
    assert_eq!(links.world.refused("POST", "/_sim/links", &order), 400);
    assert_eq!(links.ask("wxamplink", MINI), 0);
    assert_eq!(answer(true), 2, "now the mini-program's");
    assert_eq!(links.list()[0].get("appid"), None);
    assert_eq!(answer(false), 3);
    assert_eq!(links.world.refused("POST", "/_sim/links", &order), 400);
    assert_eq!(links.ask("wxamplink", MINI), 0);
    assert_eq!(answer(false), Value::Null, "the first one says no");
    assert!(links.list().is_empty());
    links.turn("linkAsksOfficialAccount", json!(false));
    assert_eq!(links.ask("wxamplink", MINI), 0);
    assert_eq!(links.list()[0]["status"], 2);
    assert_eq!(answer(true), 1);
    assert_eq!(links.list()[0]["appid"], MINI);
}

#[test]
fn ending_a_link_can_want_a_yes() {
    let links = links();
    links.turn("unlinkIsConfirmed", json!(true));
    links.status(1);
    assert_eq!(links.ask("wxampunlink", MINI), 0);
    assert_eq!(links.list()[0]["status"], 1, "still linked");
    assert_eq!(links.ask("wxampunlink", MINI), 89018);
    let order = |agree| json!({"account": OFFICIAL, "miniProgram": MINI, "agree": agree});
    links.world.control("POST", "/_sim/links", &order(false));
    assert_eq!(links.ask("wxampunlink", MINI), 0);
    links.world.control("POST", "/_sim/links", &order(true));
    assert!(links.list().is_empty());
}

#[test]
fn what_cannot_be_linked_or_unlinked() {
    let links = links();
    for (change, code) in [
        (json!({"basicInfo": {"registeredCountry": 1020}}), 89008),
        (
            json!({"basicInfo": null, "miniProgram": {"linkForbidden": true}}),
            89245,
        ),
        (
            json!({"miniProgram": {"linkForbidden": false, "maxLinks": 1}}),
            89009,
        ),
        (json!({"miniProgram": {"maxLinks": 2}}), 0),
    ] {
        let elsewhere = json!({"links": [{"appId": MINI}]});
        links.world.change(OTHER, &elsewhere);
        links.world.change(MINI, &change);
        assert_eq!(links.ask("wxamplink", MINI), code, "{change}");
    }
    links
        .world
        .change(MINI, &json!({"miniProgram": {"nearby": true}}));
    assert_eq!(links.ask("wxampunlink", MINI), 89011);
    links.world.change(
        MINI,
        &json!({"serviceType": 10, "miniProgram": {"nearby": false}}),
    );
    assert_eq!(links.ask("wxampunlink", MINI), 89012);
    links.world.change(MINI, &json!({"serviceType": 0}));
    assert_eq!(links.ask("wxampunlink", MINI), 0);
    links
        .world
        .change(OFFICIAL, &json!({"basicInfo": {"registeredCountry": 1020}}));
    assert_eq!(links.ask("wxamplink", MINI), 89008);
}

#[test]
fn links_are_limited_in_more_ways() {
    let links = links();
    links.mini_programs(5, "别人有限公司");
    links.turn("otherEntityLinksUsedUp", json!(89407));
    links.turn("linkOperationsAMonth", json!(4));
    for number in 0..3 {
        assert_eq!(links.ask("wxamplink", &format!("wxm{number}")), 0);
    }
    assert_eq!(links.ask("wxamplink", "wxm3"), 89407);
    assert_eq!(links.ask("wxampunlink", "wxm0"), 0);
    assert_eq!(links.ask("wxampunlink", "wxm1"), 89030);
    assert_eq!(links.ask("wxamplink", MINI), 89030);
    links.turn("linkOperationsAMonth", json!(5));
    assert_eq!(links.ask("wxamplink", MINI), 0);
}
