//! What is true of every manifest and every WeChat, tried on random ones.

mod accepted;
mod imported;
mod kept;
mod rest;
mod strategy;
mod wechat;

use std::cell::RefCell;

use proptest::prelude::*;
use serde_json::Value;
use wxops::plan::diagnostic::{Diagnostics, Severity};
use wxops::plan::path::SpecPath;
use wxops::plan::render::{Context, Place, Places, human, json};
use wxops::plan::{Action, Lang, Plan, TenantPlan, Verdict};
use wxops::resource::{TenantSpec, check_all, texts};

use strategy::{menu, no_knowledge, spec, wechat};
use wechat::on_the_wire;

/// The spec, if offline checks let it pass.
fn accepted(spec: &Value) -> Option<TenantSpec> {
    let mut found = Diagnostics::default();
    texts::check(spec, &SpecPath::root(), &mut found);
    let spec: TenantSpec = serde_json::from_value(spec.clone()).ok()?;
    check_all(&spec, &mut found);
    let refused = found
        .as_slice()
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    (!refused).then_some(spec)
}

struct Nowhere;

impl Places for Nowhere {
    fn file(&self, _tenant: &str) -> Option<String> {
        None
    }

    fn place(&self, _tenant: &str, _path: &SpecPath) -> Option<Place> {
        None
    }

    fn class(&self, _tenant: &str, _path: &SpecPath) -> Option<String> {
        None
    }
}

fn rendered(tenant: TenantPlan, lang: Lang) -> (String, String) {
    let plan = Plan {
        tenants: vec![tenant],
        reads: 3,
    };
    let context = Context {
        places: &Nowhere,
        budget: &[],
        lang,
        all: true,
        now: jiff::Timestamp::UNIX_EPOCH,
        zone: jiff::tz::TimeZone::UTC,
        width: 100,
        ascii: false,
    };
    (
        json(&plan, &context).to_string(),
        human(&plan, &context).clone(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p5_after_applying_a_plan_wechat_has_what_was_declared_and_the_next_plan_has_no_step(
        declared in spec(),
        mut live in wechat(),
    ) {
        let spec = accepted(&declared);
        prop_assume!(spec.is_some());
        let spec = spec.unwrap();
        let before = live.clone();
        let plan = live.plan(&spec);
        prop_assert_eq!(&live, &before, "planning changed something");
        live.apply(&plan);
        let next = live.plan(&spec);
        prop_assert_eq!(next.steps().count(), 0, "{:#?}", next);
        prop_assert!(!next.failed());
        // What waited still waits; nothing new does.
        prop_assert_eq!(next.waits().count(), plan.waits().count());
        let after = live.clone();
        live.apply(&next);
        prop_assert_eq!(&live, &after);

        if plan.official().unwrap().observe_only {
            prop_assert_eq!(&live, &before);
            return Ok(());
        }
        prop_assert!(before.rest.tags.iter().all(|(id, name)| live.rest.tags.get(id) == Some(name)));
        let tags = declared["officialAccount"]["tags"].as_array();
        for tag in tags.into_iter().flatten().filter(|tag| tag["name"] != "星标组") {
            prop_assert!(live.rest.tags.values().any(|name| tag["name"] == *name));
        }
        prop_assert_eq!(live.open_account.is_some(), before.open_account.is_some() || declared.get("openAccount").is_some());
        let templates = &declared["officialAccount"]["templates"];
        if templates["foreign"] != "delete" {
            prop_assert!(before.templates.iter().all(|template| live.templates.contains(template)));
        }
        let menu = declared["officialAccount"].get("menu");
        let Some(buttons) = menu.and_then(|menu| menu["buttons"].as_array()) else {
            prop_assert_eq!(live.menu, before.menu);
            prop_assert_eq!(live.conditional, before.conditional);
            return Ok(());
        };
        let wanted: Vec<Value> = buttons.iter().map(on_the_wire).collect();
        // Not deleted: what the owner made, and what would take undeclared conditional menus along.
        let stays = buttons.is_empty()
            && (before.owners_menu.is_some()
                || declared["officialAccount"]["menu"].get("conditional").is_none() && !before.conditional.is_empty());
        if stays {
            prop_assert_eq!(&live, &after);
        } else {
            prop_assert_eq!(live.menu.unwrap_or_default(), wanted);
        }
        match menu.and_then(|menu| menu.get("conditional")) {
            None => prop_assert_eq!(live.conditional, before.conditional),
            Some(menus) => prop_assert_eq!(live.conditional.len(), menus.as_array().unwrap().len()),
        }
    }

    #[test]
    fn the_same_input_gives_the_same_plan_to_the_byte(spec in spec(), live in wechat()) {
        let spec = accepted(&spec);
        prop_assume!(spec.is_some());
        let spec = spec.unwrap();
        for lang in [Lang::En, Lang::Zh] {
            let first = rendered(live.clone().plan(&spec), lang);
            let second = rendered(live.clone().plan(&spec.clone()), lang);
            prop_assert_eq!(first, second);
        }
    }

    #[test]
    fn p8_what_could_not_be_read_is_neither_created_nor_deleted(
        spec in spec(),
        mut live in wechat(),
        failing in prop::sample::subsequence(
            vec!["api_get_authorizer_info", "menu/get", "get_current_selfmenu_info", "open/get", "wxopen/wxamplinkget",
                "get_industry", "get_all_private_template", "tags/get", "newtmpl/gettemplate",
                "newtmpl/getpubtemplatetitles", "api_get_authorizer_option"], 1..=11),
        answers in prop::collection::vec(no_knowledge(), 11),
    ) {
        let spec = accepted(&spec);
        prop_assume!(spec.is_some());
        let spec = spec.unwrap();
        let failed = RefCell::new(Vec::new());
        let plan = live.plan_with(&spec, &|endpoint| {
            let n = failing.iter().position(|name| endpoint.ends_with(name))?;
            failed.borrow_mut().push(endpoint.to_owned());
            answers.get(n).cloned()
        });
        let failed = failed.into_inner();
        let failed = |name: &str| failed.iter().any(|endpoint| endpoint.ends_with(name));
        // Where the API made the menu, the other read only says whether followers see it.
        let current_tells = live.menu.is_none();
        for (entry, step) in plan.steps() {
            prop_assert!(!failed("api_get_authorizer_info"), "{:#?}", plan);
            let unread = match &*entry.address.resource {
                "menu" => failed("menu/get") || current_tells && failed("get_current_selfmenu_info"),
                "openAccount" => failed("open/get"),
                "industry" => failed("get_industry") || failed("get_all_private_template"),
                "templates" => failed("get_all_private_template"),
                "tags" => failed("tags/get"),
                "subscribeMessages" => failed("newtmpl/gettemplate") || failed("newtmpl/getpubtemplatetitles"),
                "options" => failed("api_get_authorizer_option"),
                other => panic!("a resource this test does not know: {other}"),
            };
            prop_assert!(!unread, "{:?} {:#?}", step.action, plan);
        }
    }

    #[test]
    fn p8_what_a_manifest_does_not_mention_is_left_alone(mut live in wechat(), open in any::<bool>()) {
        let text = if open { r#"{"openAccount": {"create": true}, "officialAccount": {"appId": "wx1111111111111111"}}"# }
            else { r#"{"officialAccount": {"appId": "wx1111111111111111"}}"# };
        let spec: TenantSpec = serde_json::from_str(text).unwrap();
        let before = live.menu.clone();
        let plan = live.plan(&spec);
        prop_assert!(plan.entries.iter().all(|entry| entry.address.resource == "openAccount" && open));
        live.apply(&plan);
        prop_assert_eq!(&live.menu, &before);
    }

    #[test]
    fn p8_a_menu_is_deleted_only_where_the_manifest_says_that_there_is_none(spec in spec(), mut live in wechat()) {
        let spec = accepted(&spec);
        prop_assume!(spec.is_some());
        let spec = spec.unwrap();
        for entry in &live.plan(&spec).entries {
            let Verdict::Step(step) = &entry.verdict else { continue };
            if step.action == Action::Delete && entry.address.resource == "menu" {
                let declared = spec.official_account.as_ref().unwrap().menu.as_ref().unwrap();
                let said = if entry.address.key.is_empty() { declared.buttons.is_empty() } else { declared.conditional.is_some() };
                prop_assert!(said, "{:#?}", entry);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_menu_that_check_accepts_is_taken_by_wechat_and_reads_back_the_same(menu in menu()) {
        accepted::try_menu(&menu)?;
    }
}
