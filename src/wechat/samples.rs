//! Published answers against the types here: each parses, and every leaf of it is in the typed value.
//!
//! A leaf that is not must stand on the list of exceptions of its sample, with the reason; an exception that no leaf
//! needs is refused too.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    authorization, authorizer, base_library, basic_info, category, industry, link, menu, nickname,
    open_account, template, token,
};

/// Why a leaf stands elsewhere or nowhere.
enum Exception {
    /// Paths that hold this text are found after replacing it.
    Moved(&'static str, &'static str, &'static str),
    /// Paths that end like this are not kept.
    Dropped(&'static str, &'static str),
}
use Exception::{Dropped, Moved};

const LEAF: Exception = Dropped(
    "/sub_button",
    "an empty second level on a leaf says nothing, and menu/create refuses it beside a type",
);
const OUTCOME: [Exception; 2] = [
    Dropped("/errcode", "read_answer reads it before any type does"),
    Dropped("/errmsg", "never compared on success"),
];

/// A leaf is a scalar, or a list or object without content.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                leaves(value, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{path}/{index}"), found);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => found.push((path.to_owned(), value.clone())),
    }
}

/// Numbers, truths and texts compare by what they say: their types drift.
fn says(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// The complaints about one sample.
fn complaints<T: DeserializeOwned + Serialize>(
    sample: &Value,
    exceptions: &[Exception],
) -> Vec<String> {
    let typed = match T::deserialize(sample) {
        Ok(typed) => serde_json::to_value(typed).unwrap(),
        Err(error) => return vec![error.to_string()],
    };
    let mut found = Vec::new();
    leaves(sample, "", &mut found);
    assert!(!found.is_empty(), "an empty sample proves nothing");
    let mut complaints = Vec::new();
    let mut used = BTreeSet::new();
    for (path, want) in found {
        let mut place = path.clone();
        let mut dropped = false;
        for (index, exception) in exceptions.iter().enumerate() {
            match exception {
                Moved(from, to, _) if place.contains(from) => {
                    place = place.replace(from, to);
                    used.insert(index);
                }
                Dropped(end, _) if place.ends_with(end) && typed.pointer(&place).is_none() => {
                    dropped = true;
                    used.insert(index);
                }
                Moved(..) | Dropped(..) => {}
            }
        }
        let got = typed.pointer(&place);
        if !dropped && got.map(says) != Some(says(&want)) {
            complaints.push(format!("{path}: {want} was read as {got:?}"));
        }
    }
    for (index, exception) in exceptions.iter().enumerate() {
        let (Moved(what, _, why) | Dropped(what, why)) = exception;
        assert!(!why.is_empty());
        if !used.contains(&index) {
            complaints.push(format!("no leaf needs the exception `{what}`"));
        }
    }
    complaints
}

macro_rules! sample {
    ($name:literal) => {
        (
            $name,
            serde_json::from_str::<Value>(include_str!(concat!(
                "../../tests/data/samples/",
                $name
            )))
            .unwrap(),
        )
    };
}

fn complete<T: DeserializeOwned + Serialize>(
    (name, sample): (&str, Value),
    exceptions: &[Exception],
) {
    let complaints = complaints::<T>(&sample, exceptions);
    assert!(complaints.is_empty(), "{name}: {complaints:#?}");
}

#[test]
fn token_samples_are_read_whole() {
    complete::<token::ComponentToken>(sample!("api_component_token.skit.json"), &[]);
    complete::<token::ComponentToken>(sample!("api_component_token.wechatpy.json"), &[]);
    complete::<token::PreAuthCode>(sample!("api_create_preauthcode.skit.json"), &[]);
    complete::<token::PreAuthCode>(sample!("api_create_preauthcode.wechatpy.json"), &[]);
}

#[test]
fn authorization_samples_are_read_whole() {
    complete::<authorization::QueryAuth>(sample!("api_query_auth.skit.json"), &[]);
    complete::<authorization::QueryAuth>(sample!("api_query_auth.wechatpy.json"), &[]);
    complete::<authorization::AuthorizerToken>(sample!("api_authorizer_token.skit.json"), &[]);
    complete::<authorization::AuthorizerToken>(sample!("api_authorizer_token.wechatpy.json"), &[]);
}

#[test]
fn authorizer_samples_are_read_whole() {
    complete::<authorizer::Info>(
        sample!("api_get_authorizer_info_miniprogram.skit.json"),
        &[],
    );
    complete::<authorizer::Info>(
        sample!("api_get_authorizer_info_miniprogram_full.wxjava.json"),
        &[],
    );
    complete::<authorizer::Info>(
        sample!("api_get_authorizer_info_oa.doc.json"),
        &[Moved(
            "/authorization_appid",
            "/authorizer_appid",
            "an official page writes this name, the API the other one",
        )],
    );
    complete::<authorizer::Info>(
        sample!("api_get_authorizer_info_oa_old.wechatpy.json"),
        &[Moved(
            "/authorization_info/appid",
            "/authorization_info/authorizer_appid",
            "the name of 2015",
        )],
    );
    complete::<authorizer::List>(sample!("api_get_authorizer_list.skit.json"), &[]);
}

fn lead_somewhere(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("type") == Some(&Value::from("view")) {
                object.insert("url".to_owned(), Value::from("https://a.example"));
            }
            object.values_mut().for_each(lead_somewhere);
        }
        Value::Array(items) => items.iter_mut().for_each(lead_somewhere),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn menu_samples_are_read_whole() {
    complete::<menu::MenuGet>(sample!("menu_get.wechatpy.json"), &[LEAF]);
    complete::<menu::MenuGet>(sample!("menu_get_conditional.skit.json"), &[LEAF]);
    // Its view buttons lead nowhere: whoever published it took their addresses out. Given back, it reads.
    let (name, mut sample) = sample!("menu_get_conditional_emoji.wxjava.json");
    assert!(serde_json::from_value::<menu::MenuGet>(sample.clone()).is_err());
    lead_somewhere(&mut sample);
    complete::<menu::MenuGet>((name, sample), &[LEAF]);
    complete::<menu::SelfmenuInfo>(
        sample!("get_current_selfmenu_info.skit.json"),
        &[Moved(
            "/sub_button/list",
            "/sub_button",
            "both shapes of the second level are read into one list",
        )],
    );
}

#[test]
fn open_account_samples_are_read_whole() {
    complete::<open_account::OpenAccount>(sample!("open_create.skit.json"), &OUTCOME);
    complete::<open_account::OpenAccount>(sample!("open_get.skit.json"), &OUTCOME);
}

#[test]
fn industry_and_template_samples_are_read_whole() {
    complete::<industry::Industries>(sample!("get_industry.skit.json"), &[]);
    complete::<industry::Industries>(sample!("get_industry_1.wxjava.json"), &[]);
    complete::<industry::Industries>(sample!("get_industry_2.wxjava.json"), &[]);
    complete::<template::Templates>(sample!("get_all_private_template.skit.json"), &[]);
    complete::<template::Added>(sample!("api_add_template.skit.json"), &OUTCOME);
}

#[test]
fn samples_of_an_accounts_identity_are_read_whole() {
    complete::<basic_info::BasicInfo>(sample!("getaccountbasicinfo.skit.json"), &OUTCOME);
    complete::<basic_info::BasicInfo>(sample!("getaccountbasicinfo.wxjava.json"), &OUTCOME);
    complete::<nickname::NameSet>(sample!("setnickname.skit.json"), &OUTCOME);
    complete::<nickname::NameReview>(sample!("api_wxa_querynickname.skit.json"), &OUTCOME);
    complete::<base_library::SupportVersion>(sample!("getweappsupportversion.doc.json"), &OUTCOME);
}

#[test]
fn category_samples_are_read_whole() {
    let [errcode, errmsg] = OUTCOME;
    complete::<category::Allowed>(sample!("wxopen_getallcategories.skit.json"), &OUTCOME);
    complete::<category::Allowed>(
        sample!("wxopen_getallcategories.wxjava.json"),
        &[
            errcode,
            errmsg,
            Dropped("/type_list", "no page explains it"),
            Dropped("/available_api_list", "no page explains it"),
            Dropped("/apis", "no page explains it"),
            Dropped("/available_for_plugin", "about plugins"),
            Dropped("/type", "no page explains it"),
        ],
    );
    complete::<category::OwnCategories>(sample!("wxopen_getcategory.skit.json"), &OUTCOME);
    complete::<category::OwnCategories>(sample!("wxopen_getcategory.wxjava.json"), &OUTCOME);
    complete::<category::Reviewable>(sample!("wxa_get_category.skit.json"), &OUTCOME);
}

#[test]
fn link_samples_are_read_whole() {
    let [errcode, errmsg] = OUTCOME;
    complete::<link::Links>(
        sample!("wxamplinkget.skit.json"),
        &[
            errcode,
            errmsg,
            Dropped("/source", "nothing is decided by it"),
            Dropped("/selected", "nothing is decided by it"),
            Dropped("/nearby_display_status", "about another product"),
            Dropped("/headimg_url", "nothing is decided by it"),
            Dropped("/func_infos", "nothing is decided by them"),
            Dropped("/func_infos/0/status", "nothing is decided by them"),
            Dropped("/func_infos/0/id", "nothing is decided by them"),
            Dropped("/func_infos/0/name", "nothing is decided by them"),
            Dropped("/func_infos/1/status", "nothing is decided by them"),
            Dropped("/func_infos/1/id", "nothing is decided by them"),
            Dropped("/func_infos/1/name", "nothing is decided by them"),
            Dropped("/email", "personal, and nothing is decided by it"),
        ],
    );
}

#[test]
fn every_industry_and_label_of_the_samples_is_known() {
    for ((name, sample), codes) in [
        (sample!("get_industry.skit.json"), [13, 1]),
        (sample!("get_industry_1.wxjava.json"), [1, 29]),
        (sample!("get_industry_2.wxjava.json"), [8, 29]),
    ] {
        let read: industry::Industries = serde_json::from_value(sample).unwrap();
        let secondary = read.secondary_industry.unwrap();
        let found = [read.primary_industry, secondary].map(|names| names.industry().unwrap().code);
        assert_eq!(found, codes, "{name}");
    }
    let (_, sample) = sample!("get_all_private_template.skit.json");
    let read: template::Templates = serde_json::from_value(sample).unwrap();
    let template = &read.template_list[0];
    assert_eq!(template.industry().unwrap().code, 1);
    assert_eq!(
        template.labels(),
        ["领奖金额", "领奖时间", "银行信息", "到账时间"]
    );
}

#[test]
fn a_leaf_that_no_field_reads_is_noticed() {
    let (_, mut sample) = sample!("api_component_token.skit.json");
    sample["new_field"] = Value::from(1);
    let found = complaints::<token::ComponentToken>(&sample, &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    let unused = complaints::<token::ComponentToken>(
        &sample,
        &[
            Dropped("/new_field", "for this test"),
            Dropped("/gone", "for this test"),
        ],
    );
    assert_eq!(unused, ["no leaf needs the exception `/gone`"]);
    sample["component_access_token"] = Value::from(7);
    assert_eq!(complaints::<token::ComponentToken>(&sample, &[]).len(), 1);
}
