//! P6: what is imported validates, and its plan is empty; what is not known is left out with its reason.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};
use wxops::manifest::write::{NewTenant, tenant};
use wxops::manifest::{Loaded, Source, load, report};
use wxops::resource::TenantSpec;
use wxops::resource::export::{Export, Exported};
use wxops::resource::spec::{Mode, NameRef};

use super::strategy::{hosted, no_knowledge};
use super::wechat::{ACCOUNT, Wechat, on_the_wire};

const PLATFORM: &str = "apiVersion: wxops.io/v1alpha1
kind: Platform
metadata: {name: main}
spec:
  appId: wx0000000000000001
  credentials: {path: credentials}
  callback: {url: https://wx.example.com}
";

/// The file of an import, loaded again.
fn written(exported: &Exported, mode: Mode) -> (String, Loaded) {
    let mut spec = exported.spec.clone();
    spec.platform_ref = Some(NameRef {
        name: "main".to_owned(),
    });
    spec.policy.mode = mode;
    let left_out = exported.left_out.iter();
    let text = tenant(&NewTenant {
        name: "sunrise-dance".to_owned(),
        namespace: "default".to_owned(),
        labels: BTreeMap::new(),
        spec,
        comment: left_out.map(|left| left.why.en.clone()).collect(),
    })
    .unwrap();
    let files = [PLATFORM, &text].map(|text| Source::new("x.yaml", text));
    let loaded = load(files.into());
    (text, loaded)
}

/// A menu as a manifest would have to say it, and our checks would let it.
fn sayable(menu: &[Value]) -> bool {
    let spec = json!({
        "officialAccount": {"appId": ACCOUNT, "menu": {"buttons": menu.iter().map(as_declared).collect::<Option<Vec<Value>>>()}},
    });
    !menu.is_empty() && super::accepted(&spec).is_some()
}

/// What can be seen of a name, which is all that counts of it.
fn seen(name: &Value) -> Value {
    json!(name.as_str().unwrap().replace('\n', "").trim())
}

/// Buttons with their names as they are seen.
fn as_seen(buttons: &[Value]) -> Vec<Value> {
    let mut buttons = buttons.to_vec();
    for button in &mut buttons {
        button["name"] = seen(&button["name"]);
        if let Some(below) = button["sub_button"].as_array() {
            button["sub_button"] = as_seen(below).into();
        }
    }
    buttons
}

/// What WeChat has as a manifest says it, written down a second time; none where none can.
fn as_declared(button: &Value) -> Option<Value> {
    let name = seen(&button["name"]);
    if let Some(below) = button["sub_button"].as_array() {
        let below: Option<Vec<Value>> = below.iter().map(as_declared).collect();
        return Some(json!({"name": name, "subButtons": below?}));
    }
    let (field, value) = match button["type"].as_str()? {
        "click" => ("click", &button["key"]),
        "view" => ("view", &button["url"]),
        "scancode_push" => ("scancodePush", &button["key"]),
        "scancode_waitmsg" => ("scancodeWaitmsg", &button["key"]),
        "pic_sysphoto" => ("picSysphoto", &button["key"]),
        "pic_photo_or_album" => ("picPhotoOrAlbum", &button["key"]),
        "pic_weixin" => ("picWeixin", &button["key"]),
        "location_select" => ("locationSelect", &button["key"]),
        "media_id" => ("mediaId", &button["media_id"]),
        "view_limited" => ("viewLimited", &button["media_id"]),
        "article_id" => ("articleId", &button["article_id"]),
        "article_view_limited" => ("articleViewLimited", &button["article_id"]),
        "miniprogram" => {
            let target = json!({"appId": button["appid"], "page": button["pagepath"], "fallbackUrl": button["url"]});
            return Some(json!({"name": name, "miniProgram": target}));
        }
        _ => return None,
    };
    Some(json!({"name": name, field: value}))
}

fn plan_again(live: &mut Wechat, spec: &TenantSpec) -> Result<(), TestCaseError> {
    let before = live.clone();
    let plan = live.plan(spec);
    prop_assert_eq!(&plan.entries, &[], "{:#?}", plan);
    live.apply(&plan);
    prop_assert_eq!(&*live, &before);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p6_what_is_imported_validates_and_its_plan_is_empty(mut live in hosted(), enforce in any::<bool>()) {
        let before = live.clone();
        let Export::Account(exported) = live.export_with(&|_| None) else { panic!("{live:?}") };
        prop_assert_eq!(&live, &before, "an import changed something");
        let mode = if enforce { Mode::Enforce } else { Mode::Observe };
        let (text, loaded) = written(&exported, mode);
        // A warning is no objection: a default menu may lead to more domains than a conditional one.
        prop_assert!(!loaded.has_errors(), "{}\n{}", report::plain(&loaded), text);
        let spec = &loaded.tenants[0].spec;
        plan_again(&mut live, spec)?;

        // Nothing that could be said is kept back, and nothing is left out without a word.
        let menu = spec.official_account.as_ref().unwrap().menu.as_ref();
        let left_out = |name: &str| exported.left_out.iter().any(|left| left.resource == name);
        if let Some(there) = &before.menu {
            prop_assert_eq!(menu.is_some() || there.is_empty(), !left_out("menu") || there.is_empty(), "{:?}", exported);
            if sayable(there) {
                let declared = serde_json::to_value(&menu.unwrap().buttons).unwrap();
                let again: Vec<Value> = declared.as_array().unwrap().iter().map(on_the_wire).collect();
                prop_assert_eq!(again, as_seen(there));
            }
        } else if before.owners_menu.as_ref().is_some_and(|menu| !menu.is_empty()) {
            prop_assert!(menu.is_some() || left_out("menu"), "{:?}", exported);
        } else {
            prop_assert!(menu.is_none() && !left_out("menu"), "{:?}", exported);
        }
        prop_assert_eq!(spec.open_account.is_some(), before.open_account.is_some());
        prop_assert!(!left_out("openAccount"));
        let account = spec.official_account.as_ref().unwrap();
        prop_assert_eq!(account.industry.is_some(), before.industry.is_some());
        let items = account.templates.as_ref().map_or(0, |templates| templates.items.len());
        prop_assert_eq!(items, before.templates.len());
        prop_assert!(!left_out("industry") && !left_out("templates"), "{:?}", exported);
        prop_assert_eq!(account.tags.as_ref().map_or(0, Vec::len), before.rest.tags.len());
        prop_assert_eq!(account.subscribe_messages.as_ref().map_or(0, Vec::len), before.rest.messages.len());
        prop_assert_eq!(account.options.is_some(), before.rest.is_on());
    }

    #[test]
    fn p6_what_could_not_be_read_is_left_out_with_its_reason(
        mut live in hosted(),
        failing in prop::sample::subsequence(
            vec!["api_get_authorizer_info", "menu/get", "get_current_selfmenu_info", "open/get",
                "get_industry", "get_all_private_template", "tags/get", "newtmpl/gettemplate",
                "api_get_authorizer_option"], 1..=9),
        answers in prop::collection::vec(no_knowledge(), 9),
    ) {
        let failed = std::cell::RefCell::new(Vec::new());
        let export = live.export_with(&|endpoint| {
            let n = failing.iter().position(|name| endpoint.ends_with(name))?;
            failed.borrow_mut().push(endpoint.to_owned());
            answers.get(n).cloned()
        });
        let failed = failed.into_inner();
        let failed = |name: &str| failed.iter().any(|endpoint| endpoint.ends_with(name));
        let exported = match export {
            Export::Account(exported) => exported,
            Export::Unknown(_) | Export::NotAuthorized => {
                prop_assert!(failed("api_get_authorizer_info"));
                return Ok(());
            }
        };
        prop_assert!(!failed("api_get_authorizer_info"));
        let (_, loaded) = written(&exported, Mode::Enforce);
        prop_assert!(loaded.problems.is_empty(), "{}", report::plain(&loaded));
        let spec = &loaded.tenants[0].spec;
        // A refusal that the account's owner can end is a reason, and no failure.
        let left_out = |name: &str| exported.left_out.iter().any(|left| {
            let waits = ["48001", "61007"].iter().any(|code| left.why.en.contains(code))
                || left.why.en.contains("is not granted");
            left.resource == name && (left.failed || waits)
        });
        // What no manifest can say is left out for that, whether or not it is known who sees it.
        let unsayable = !failed("menu/get") && live.menu.as_ref().is_some_and(|menu| !sayable(menu));
        if !unsayable && (failed("menu/get") || failed("get_current_selfmenu_info")) {
            prop_assert!(spec.official_account.as_ref().unwrap().menu.is_none() && left_out("menu"), "{:?}", exported);
        }
        if failed("open/get") {
            prop_assert!(spec.open_account.is_none() && left_out("openAccount"), "{:?}", exported);
        }
        let account = spec.official_account.as_ref().unwrap();
        if failed("get_industry") {
            prop_assert!(account.industry.is_none() && left_out("industry"), "{:?}", exported);
        }
        if failed("get_all_private_template") {
            prop_assert!(account.templates.is_none() && left_out("templates"), "{:?}", exported);
        }
        if failed("tags/get") {
            prop_assert!(account.tags.is_none() && left_out("tags"), "{:?}", exported);
        }
        if failed("newtmpl/gettemplate") {
            prop_assert!(account.subscribe_messages.is_none() && left_out("subscribeMessages"), "{:?}", exported);
        }
        if failed("api_get_authorizer_option") {
            prop_assert!(account.options.is_none() && left_out("options"), "{:?}", exported);
        }
        plan_again(&mut live, spec)?;
    }
}
