//! Buttons that open a mini-program, before and after it is linked.

use serde_json::{Value, json};

use super::super::world::World;
use super::tests::declared;
use crate::plan::{Person, Verdict};
use crate::resource::needs;
use crate::wechat::{Appid, Call, authorizer, link, menu};

const APP: &str = "wx9999999999999999";
const LIVE_APP: &str = r#"{"type": "miniprogram", "name": "主页", "url": "https://a.example", "appid": "wx9999999999999999", "pagepath": "p"}"#;
const LIVE_LINK: &str = r#"{"type": "view", "name": "主页", "url": "https://a.example"}"#;

fn world(live: &str) -> World {
    let mut world = declared(json!({"buttons": [
        {"name": "主页", "miniProgram": {"appId": APP, "page": "p", "fallbackUrl": "https://a.example"}},
    ]}));
    let live: Value = serde_json::from_str(live).unwrap();
    world.answers(&menu::GET, json!({"menu": {"button": [live]}}));
    world
}

fn linked(world: &mut World, items: Value) -> Vec<String> {
    world.answers(
        &link::GET,
        json!({"errcode": 0, "wxopens": {"items": items}}),
    );
    world.lines()
}

fn there() -> Value {
    json!([{"status": 1, "appid": APP, "nickname": "日出"}])
}

#[test]
fn links_are_read_only_where_a_mini_program_is_declared_and_may_be_asked_about() {
    let read = link::get_request(&super::super::world::account());
    let asks = |world: &World| needs(&world.subject(), &world.seen).contains(&read);
    let mut world = world(LIVE_LINK);
    assert!(asks(&world));
    world.authorized(&[15]);
    assert!(!asks(&world));
    let mut plain = declared(json!({"buttons": [{"name": "a", "click": "K"}]}));
    plain.answers(&menu::GET, json!({"menu": {"button": []}}));
    assert!(!asks(&plain));
}

#[test]
fn a_button_is_a_plain_link_until_its_mini_program_is_linked() {
    let mut world = world(LIVE_LINK);
    // Asked for, not linked: no appid is shown then.
    let lines = linked(&mut world, json!([{"status": 12, "nickname": "日出"}]));
    assert_eq!(
        lines,
        [format!("menu/link {APP} waits NotLinked")],
        "no step"
    );
    let plan = world.plan();
    let (_, waiting) = plan.waits().next().unwrap();
    assert!(
        waiting
            .text
            .en
            .contains("日出: the official account's administrator confirms")
    );
    assert!(waiting.then[0].en.contains("主页"));

    assert_eq!(
        linked(&mut world, there()),
        ["menu ~ officialAccount.menu.buttons[0]"],
        "by itself"
    );
}

#[test]
fn a_request_for_another_mini_program_of_the_tenant_is_not_named() {
    let (main, shop) = ("wx2222222222222222", "wx3333333333333333");
    let button = |name: &str, item: &str| json!({"name": name, "miniProgram": {"ref": item, "page": "p", "fallbackUrl": "https://a.example"}});
    let mut world = World::of(json!({
        "officialAccount": {
            "appId": super::super::world::ACCOUNT,
            "menu": {"buttons": [button("主页", "main"), button("商城", "shop")]},
        },
        "miniPrograms": [{"name": "main", "appId": main}, {"name": "shop", "appId": shop}],
    }));
    for (appid, id, name) in [(main, "gh_2", "日出"), (shop, "", "日出商城")] {
        let account = Appid::parse(appid).unwrap();
        world.answers_to(
            authorizer::info_request(&account),
            json!({
                "authorizer_info": {
                    "nick_name": name, "user_name": id, "principal_name": "日出舞蹈有限公司", "account_status": 1,
                    "service_type_info": {"id": 0}, "verify_type_info": {"id": 0}, "MiniProgramInfo": {"network": {}},
                },
                "authorization_info": {"authorizer_appid": appid, "func_info": []},
            }),
        );
    }
    world.answers(&menu::GET, json!({"menu": {"button": []}}));
    let listed = json!([
        {"status": 3, "username": "gh_3", "nickname": "日出商城"},
        {"status": 2, "username": "gh_2", "nickname": "日出"},
        {"status": 12, "username": "gh_9", "nickname": "别家"},
    ]);
    linked(&mut world, listed);
    let plan = world.plan();
    let said = |appid: &str| {
        let mut waits = plan.waits();
        let (_, waiting) = waits
            .find(|(entry, _)| entry.address.key.ends_with(appid))
            .unwrap();
        let named = ["日出: ", "日出商城: ", "别家: "];
        let named: Vec<&str> = named
            .into_iter()
            .filter(|name| waiting.text.en.contains(*name))
            .collect();
        (waiting.who, named)
    };
    assert_eq!(said(main), (Person::AppAdmin, vec!["日出: "]));
    // Its original id is not known, so one of somebody else's may be it.
    assert_eq!(said(shop), (Person::Owner, vec!["日出商城: ", "别家: "]));
}

#[test]
fn a_linked_mini_program_is_in_sync_as_such() {
    let mut world = world(LIVE_APP);
    assert!(linked(&mut world, there()).is_empty());
    // Unlinked since: the menu as it is could not even be put back.
    let lines = linked(&mut world, json!([]));
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("menu ~"));
}

#[test]
fn a_button_keeps_its_form_where_links_cannot_be_read() {
    for live in [LIVE_APP, LIVE_LINK] {
        let mut world = world(live);
        world.lost(Call::bare(&link::GET, super::super::world::account()));
        assert_eq!(world.lines(), ["menu/links unknown ReadFailed"], "{live}");
    }
    let mut world_of_app = world(LIVE_APP);
    world_of_app.authorized(&[15]);
    assert!(world_of_app.lines().is_empty());

    let mut world = world(LIVE_LINK);
    world.authorized(&[15]);
    assert_eq!(
        world.lines(),
        [format!("menu/link {APP} waits PermissionSetMissing")]
    );
    let plan = world.plan();
    let Verdict::Waiting(waiting) = &plan.entries[0].verdict else {
        panic!("{plan:?}")
    };
    assert!(waiting.text.en.contains("33"), "{waiting:?}");
}

#[test]
fn another_page_is_put_in_the_form_that_is_live() {
    let mut world = world(&LIVE_APP.replace("\"p\"", "\"old\""));
    world.authorized(&[15]);
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[0].miniProgram"]
    );
    // A new button with an app that another one opens already.
    let mut world = self::world(&LIVE_APP.replace("主页", "首页"));
    world.authorized(&[15]);
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[0].name"]
    );
}
