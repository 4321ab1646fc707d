//! What is there, written as a manifest, is what is there: importing an account leaves nothing to do.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::world::World;
use super::tests::{declared, no_api_menu};
use super::{Menu, MenuSpec};
use crate::plan::diagnostic::{Diagnostics, Severity};
use crate::resource::{At, Observation, Resource};
use crate::wechat::menu;

/// Buttons of every kind, and of none; as the wire may show them.
fn leaf() -> impl Strategy<Value = Value> {
    let kind = |kind: &'static str, field: &'static str| {
        "[a-z课]{0,3}".prop_map(move |text| json!({"type": kind, field: text}))
    };
    let text = "[a-z 欢迎\n\"]{0,6}";
    prop_oneof![
        kind("click", "key"),
        kind("scancode_push", "key"),
        kind("scancode_waitmsg", "key"),
        kind("pic_sysphoto", "key"),
        kind("pic_photo_or_album", "key"),
        kind("pic_weixin", "key"),
        kind("location_select", "key"),
        kind("media_id", "media_id"),
        kind("view_limited", "media_id"),
        kind("article_id", "article_id"),
        kind("article_view_limited", "article_id"),
        prop::sample::select(vec!["https://a.example/x", "http://b.cn", "", "weixin://x", "a.cn"])
            .prop_map(|url| json!({"type": "view", "url": url})),
        (
            prop::sample::select(vec!["wx9999999999999999", "gh_0", ""]),
            prop::sample::select(vec!["pages/index", ""]),
        )
            .prop_map(|(appid, page)| json!({"type": "miniprogram", "appid": appid, "pagepath": page, "url": "https://a.example"})),
        (prop::sample::select(vec!["text", "img", "photo", "voice"]), text)
            .prop_map(|(kind, value)| json!({"type": kind, "value": value})),
        "[a-z]{0,4}".prop_map(|key| json!({"type": "video", "value": format!("http://v.qq.com/x.mp4?vkey={key}")})),
        ("[A-Z]{0,3}", "[a-z]{0,3}").prop_map(|(value, title)| json!({"type": "news", "value": value,
            "news_info": {"list": [{"title": title, "show_cover": 1, "author": null}]}})),
        (any::<i32>(), any::<bool>()).prop_map(|(number, truth)| json!({"type": "finder", "value": number,
            "finder": {"id": [1, null, "x"], "open": truth, "nothing": null, "half": 0.5}})),
    ]
}

fn named(first_level: bool) -> impl Strategy<Value = Value> {
    let name = if first_level {
        "[a-z课]{1,4}"
    } else {
        "[a-z课 ]{1,9}x"
    };
    (name, leaf()).prop_map(|(name, mut button)| {
        button["name"] = json!(name);
        button
    })
}

fn first_level() -> impl Strategy<Value = Value> {
    let below = ("[a-z课]{1,4}", prop::collection::vec(named(false), 1..=5))
        .prop_map(|(name, below)| json!({"name": name, "sub_button": {"list": below}}));
    prop_oneof![3 => named(true), 2 => below]
}

fn buttons() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(first_level(), 1..=3)
}

fn rule() -> impl Strategy<Value = Value> {
    (
        prop::option::of("[0-9]{1,3}"),
        prop::option::of(prop::sample::select(vec!["1", "2", "3"])),
        prop::option::of(Just("zh_CN")),
        prop::option::of(Just("广东")),
    )
        .prop_filter_map(
            "a rule says something",
            |(tag, platform, language, province)| {
                if tag.is_none() && platform.is_none() && language.is_none() && province.is_none() {
                    return None;
                }
                let mut rule = json!({"language": language.unwrap_or_default()});
                let texts = [
                    ("group_id", tag),
                    ("client_platform_type", platform.map(str::to_owned)),
                    ("province", province.map(str::to_owned)),
                ];
                for (field, text) in texts {
                    if let Some(text) = text {
                        rule[field] = json!(text);
                    }
                }
                Some(rule)
            },
        )
}

/// The manifest of what is there, after a way through YAML's data model.
fn exported(world: &World) -> MenuSpec {
    let observed = world.view(Menu::observe);
    let Observation::Present(state) = observed else {
        panic!("{observed:?}")
    };
    let spec = Menu::export(&state).unwrap();
    let text = serde_json::to_value(&spec).unwrap();
    assert!(!text.to_string().contains("null"), "{text}");
    serde_json::from_value(text).unwrap()
}

fn nothing_to_do(world: &World) -> Result<(), TestCaseError> {
    let spec = exported(world);
    let mut found = Diagnostics::default();
    Menu::check(&spec, &At::OFFICIAL, &mut found);
    // WeChat let more domains pass than we would.
    let errors = found
        .as_slice()
        .iter()
        .filter(|one| one.severity == Severity::Error && one.code != "WX1208");
    prop_assert_eq!(errors.count(), 0, "{:#?} of {:#?}", found, spec);
    let verdicts = world.view(|view| {
        let desired = Menu::desire(&spec, view).unwrap();
        Menu::diff(&spec, &desired, &Menu::observe(view), view)
    });
    prop_assert!(verdicts.is_empty(), "{:#?} of {:#?}", verdicts, spec);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p6_an_imported_menu_of_the_owners_leaves_nothing_to_do(live in buttons()) {
        let mut world = declared(json!({"buttons": []}));
        world.owners(json!(live));
        nothing_to_do(&world)?;
    }

    #[test]
    fn p6_imported_menus_of_the_api_leave_nothing_to_do(
        live in buttons(),
        conditional in prop::collection::vec((rule(), buttons()), 0..=3),
    ) {
        let conditional: Vec<Value> = conditional.iter().zip(7..).map(|((rule, buttons), id)| {
            json!({"button": buttons, "matchrule": rule, "menuid": id})
        }).collect();
        let mut world = declared(json!({"buttons": []}));
        world.answers(&menu::GET, json!({"menu": {"button": live}, "conditionalmenu": conditional}));
        nothing_to_do(&world)?;
        let spec = exported(&world);
        prop_assert_eq!(spec.conditional.is_none(), conditional.is_empty());
    }
}

#[test]
fn nothing_is_exported_of_no_menu() {
    let mut world = declared(json!({"buttons": []}));
    world.answers(&menu::GET, no_api_menu());
    world.answers(&menu::CURRENT_SELFMENU_INFO, json!({"is_menu_open": 0}));
    assert_eq!(world.view(Menu::observe), Observation::Absent);
}
