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
fn what_is_not_linked_shows_little() {
    let links = links();
    for status in [2, 3, 12] {
        links.status(status);
        assert_eq!(
            links.list(),
            [json!({
                "status": status, "username": "gh_333333333333", "source": "SOURCE_NORMAL",
                "headimg_url": "", "func_infos": [], "nickname": "日出小程序",
            })]
        );
    }
    links.status(1);
    let shown = links.list();
    assert_eq!(shown[0]["appid"], MINI);
    assert_eq!(shown[0]["selected"], 1);
    assert_eq!(shown[0]["released"], 1);
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
