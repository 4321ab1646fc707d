//! Menus compared with plain values.

use serde_json::{Value, json};

use super::super::world::World;
use super::Menu;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::{Action, Address, Costly, Digest, Step, TenantPlan, Verdict};
use crate::resource::record::{Applied, Rejected};
use crate::resource::{At, Resource, ResourceRecord, decide};
use crate::wechat::{Answer, link, menu};

impl World {
    /// The owner's own menu, made in the console.
    pub(super) fn owners(&mut self, buttons: Value) -> &mut Self {
        self.answers(&menu::GET, no_api_menu());
        self.answers(
            &menu::CURRENT_SELFMENU_INFO,
            json!({"is_menu_open": 1, "selfmenu_info": {"button": buttons}}),
        )
    }
}

/// The one step of a plan.
pub(super) fn the_step(plan: &TenantPlan) -> &Step {
    assert_eq!(plan.entries.len(), 1, "{plan:?}");
    plan.steps().next().expect("a step").1
}

pub(super) fn declared(menu: Value) -> World {
    World::of(json!({"officialAccount": {"appId": "wx1111111111111111", "menu": menu}}))
}

fn two_buttons() -> Value {
    json!({"buttons": [
        {"name": "官网", "view": "https://wx.example.com"},
        {"name": "课程", "subButtons": [
            {"name": "本周", "view": "https://wx.example.com/week"},
            {"name": "联系我们", "click": "CONTACT"},
        ]},
    ]})
}

fn two_buttons_live() -> Value {
    json!({"menu": {"menuid": 1, "button": [
        {"type": "view", "name": "官网", "url": "https://wx.example.com", "sub_button": []},
        {"name": "课程", "sub_button": [
            {"type": "view", "name": "本周", "url": "https://wx.example.com/week", "sub_button": []},
            {"type": "click", "name": "联系我们", "key": "CONTACT", "sub_button": []},
        ]},
    ]}})
}

pub(super) fn no_api_menu() -> Value {
    json!({"errcode": 46003, "errmsg": "menu no exist rid: 1-2-3"})
}

#[test]
fn menu_noop() {
    let mut world = declared(two_buttons());
    world.answers(&menu::GET, two_buttons_live());
    assert!(world.lines().is_empty(), "{:?}", world.lines());
}

#[test]
fn a_missing_menu_is_created() {
    let mut world = declared(two_buttons());
    world.answers(&menu::GET, no_api_menu());
    world.answers(
        &menu::CURRENT_SELFMENU_INFO,
        json!({"is_menu_open": 0, "selfmenu_info": {"button": []}}),
    );
    assert_eq!(
        world.lines(),
        ["menu + officialAccount.menu.buttons[0] officialAccount.menu.buttons[1]"]
    );
}

#[test]
fn absence_is_believed_only_after_both_reads() {
    let mut world = declared(two_buttons());
    world.answers(&menu::GET, no_api_menu());
    let missing = crate::resource::needs(&world.subject(), &world.seen);
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].endpoint.name, "get_current_selfmenu_info");
    assert_eq!(world.lines(), ["menu unknown ReadFailed"]);
}

#[test]
fn replacing_the_owners_own_menu_is_costly_and_names_what_is_lost() {
    let mut world = declared(two_buttons());
    world.owners(json!([
        {"name": "更多", "sub_button": {"list": [{"type": "text", "name": "问好", "value": "你好"}]}},
    ]));
    let plan = world.plan();
    let step = the_step(&plan);
    assert_eq!(step.costly, Some(Costly::ReplaceOwnerMenu));
    assert_eq!(step.action, Action::Update);
    let notes: Vec<&str> = step.notes.iter().map(|note| note.en.as_str()).collect();
    assert!(notes[0].contains("问好 (text: 你好)"), "{notes:?}");
}

#[test]
fn the_owners_own_menu_is_in_sync_while_it_is_what_is_declared() {
    let mut world = declared(json!({"buttons": [
        {"name": "更多", "subButtons": [{"name": "问好", "console": {"type": "text", "value": "你好"}}]},
    ]}));
    let more = |value: &str| json!([{"name": "更多", "sub_button": {"list": [{"type": "text", "name": "问好", "value": value}]}}]);
    world.owners(more("你好"));
    assert!(world.lines().is_empty(), "{:?}", world.lines());

    // Not what is declared any more, and nothing that the API could put back.
    world.owners(more("再见"));
    assert_eq!(world.lines(), ["menu waits NotThroughApi"]);
}

#[test]
fn the_owners_own_menu_is_not_deleted_through_the_api() {
    let mut world = declared(json!({"buttons": []}));
    world.owners(json!([{"type": "text", "name": "问好", "value": "你好"}]));
    assert_eq!(world.lines(), ["menu waits NotThroughApi"]);
}

#[test]
fn an_empty_list_deletes_the_menu() {
    let mut world = declared(json!({"buttons": []}));
    world.answers(&menu::GET, two_buttons_live());
    let plan = world.plan();
    let Verdict::Step(step) = &plan.entries[0].verdict else {
        panic!("{plan:?}")
    };
    assert_eq!(step.calls[0].endpoint, &menu::DELETE);
}

#[test]
fn deleting_the_menu_does_not_take_undeclared_conditional_ones_along() {
    let mut live = two_buttons_live();
    live["conditionalmenu"] =
        json!([{"button": live["menu"]["button"], "matchrule": {"group_id": "2"}, "menuid": 2}]);
    let mut world = declared(json!({"buttons": []}));
    world.answers(&menu::GET, live.clone());
    assert_eq!(world.lines(), ["menu suppressed"]);

    let mut world = declared(json!({"buttons": [], "conditional": []}));
    world.answers(&menu::GET, live);
    assert_eq!(world.lines().len(), 1);
    assert!(world.lines()[0].starts_with("menu -"));
}

#[test]
fn one_changed_name_is_one_change() {
    let mut live = two_buttons_live();
    live["menu"]["button"][1]["name"] = json!("老课程");
    let mut world = declared(two_buttons());
    world.answers(&menu::GET, live);
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[1].name"]
    );
}

#[test]
fn menu_order_is_a_difference() {
    let mut live = two_buttons_live();
    live["menu"]["button"].as_array_mut().unwrap().reverse();
    let mut world = declared(two_buttons());
    world.answers(&menu::GET, live);
    assert_eq!(world.lines().len(), 1);
}

#[test]
fn unknown_is_never_written_over() {
    let mut world = declared(json!({"buttons": []}));
    world.lost(crate::wechat::Call::bare(
        &menu::GET,
        super::super::world::account(),
    ));
    assert_eq!(world.lines(), ["menu unknown ReadFailed"]);
}

#[test]
fn what_was_applied_before_and_differs_now_is_drift() {
    let mut live = two_buttons_live();
    live["menu"]["button"][0]["url"] = json!("https://elsewhere.example");
    let mut world = declared(two_buttons());
    world.answers(&menu::GET, live);
    let desired = decide(&world.subject(), &world.seen).1.desired[&Address::of("menu")].clone();
    let record = |digest: Digest| ResourceRecord {
        applied: Some(Applied {
            digest,
            at: jiff::Timestamp::UNIX_EPOCH,
        }),
        ..ResourceRecord::default()
    };
    world.records.insert(Address::of("menu"), record(desired));
    assert_eq!(
        world.lines(),
        ["menu ~ drift officialAccount.menu.buttons[0].view"]
    );

    // The manifest changed since: no drift.
    world
        .records
        .insert(Address::of("menu"), record(Digest::of(&"another menu")));
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[0].view"]
    );
}

#[test]
fn drift_is_only_reported_where_the_policy_says_so() {
    let mut world = World::of(json!({
        "officialAccount": {"appId": "wx1111111111111111", "menu": two_buttons()},
        "policy": {"resources": {"menu": {"onDrift": "report"}}},
    }));
    let mut live = two_buttons_live();
    live["menu"]["button"][0]["name"] = json!("别的");
    world.answers(&menu::GET, live);
    let desired = decide(&world.subject(), &world.seen).1.desired[&Address::of("menu")].clone();
    world.records.insert(
        Address::of("menu"),
        ResourceRecord {
            applied: Some(Applied {
                digest: desired,
                at: jiff::Timestamp::UNIX_EPOCH,
            }),
            ..ResourceRecord::default()
        },
    );
    assert_eq!(world.lines(), ["menu suppressed"]);
}

#[test]
fn a_refused_payload_is_not_sent_again_until_it_changes() {
    let mut world = declared(two_buttons());
    world.answers(&menu::GET, no_api_menu());
    world.answers(
        &menu::CURRENT_SELFMENU_INFO,
        json!({"is_menu_open": 0, "selfmenu_info": {"button": []}}),
    );
    let plan = world.plan();
    let Verdict::Step(step) = &plan.entries[0].verdict else {
        panic!("{plan:?}")
    };
    world.records.insert(
        Address::of("menu"),
        ResourceRecord {
            rejected: Some(Rejected::invalid(
                crate::resource::refusal::payload(&step.calls),
                crate::plan::Text::new("太长", "too long"),
                jiff::Timestamp::UNIX_EPOCH,
            )),
            ..ResourceRecord::default()
        },
    );
    assert_eq!(world.lines(), ["menu rejected"]);
    if let Some(oa) = &mut world.spec.official_account
        && let Some(menu) = &mut oa.menu
    {
        menu.buttons[0].name = "短".to_owned();
    }
    assert!(world.lines()[0].starts_with("menu +"));
}

#[test]
fn every_button_type_reads_back_as_it_was_written() {
    let links = json!({"wxopens": {"items": [{"status": 1, "appid": "wx9999999999999999"}]}});
    let spec = json!({"buttons": [
        {"name": "一", "subButtons": [
            {"name": "a", "click": "K"}, {"name": "b", "scancodePush": "K"}, {"name": "c", "scancodeWaitmsg": "K"},
            {"name": "d", "picSysphoto": "K"}, {"name": "e", "picPhotoOrAlbum": "K"}]},
        {"name": "二", "subButtons": [
            {"name": "f", "picWeixin": "K"}, {"name": "g", "locationSelect": "K"}, {"name": "h", "mediaId": "M"},
            {"name": "i", "viewLimited": "M"}, {"name": "j", "articleId": "A"}]},
        {"name": "三", "subButtons": [
            {"name": "k", "articleViewLimited": "A"}, {"name": "l", "view": "https://a.example"},
            {"name": "m", "miniProgram": {"appId": "wx9999999999999999", "page": "p", "fallbackUrl": "https://a.example"}}]},
    ]});
    let mut world = declared(spec);
    world.answers(&link::GET, links);
    let parsed = Menu::spec(&world.spec, &At::OFFICIAL).unwrap();
    let mut found = Diagnostics::default();
    Menu::check(parsed, &At::OFFICIAL, &mut found);
    assert!(found.as_slice().is_empty(), "{found:?}");
    let desired = world.view(|view| Menu::desire(parsed, view).unwrap());
    let live = json!({"menu": {"button": desired.buttons}});
    let live = super::MenuState::from_menu_get(Some(&Answer::Done(live))).unwrap();
    assert_eq!(live.buttons, desired.buttons);
}

#[test]
fn limits_are_found_offline_and_all_at_once() {
    let world = declared(json!({"buttons": [
        {"name": "这个名字实在太长了", "view": "https://a.example"},
        {"name": "b", "view": "ftp://b.example"},
        {"name": "c", "view": "https://c.example", "click": "K"},
        {"name": "", "subButtons": []},
    ]}));
    let mut found = Diagnostics::default();
    Menu::check(
        Menu::spec(&world.spec, &At::OFFICIAL).unwrap(),
        &At::OFFICIAL,
        &mut found,
    );
    let codes: Vec<&str> = found.as_slice().iter().map(|one| one.code).collect();
    assert_eq!(
        codes,
        ["WX1201", "WX1203", "WX1206", "WX1202", "WX1204", "WX1207"]
    );
}
