//! Answers that are not what they should be: every path of every answer gone, null, empty, of another kind, and whole
//! answers cut, doubled, deep or no JSON. Whatever they are, nothing is planned but what would be planned anyway, unless
//! the answer shows a state that an account can be in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::export::export;
use super::world::{ACCOUNT, World, account};
use crate::plan::{Reason, Verdict};
use crate::resource::world::now;
use crate::wechat::answer::read_answer;
use crate::wechat::json::read_object;
use crate::wechat::{
    Answer, Call, Endpoint, Lost, account_option, authorizer, industry, link, menu, open_account,
    subscribe_message, tag, template,
};

const APP: &str = "wx9999999999999999";

/// Whatever can be done to one place of an answer.
const HOWS: [&str; 8] = ["gone", "null", "{}", "[]", "\"\"", "7", "true", "\"x\""];

fn info() -> Value {
    let sets = [1, 2, 3, 7, 15, 24, 33].map(|id| json!({"funcscope_category": {"id": id}}));
    json!({
        "authorizer_info": {
            "nick_name": "日出", "head_img": "http://x", "user_name": "gh_1", "alias": "a", "signature": "",
            "service_type_info": {"id": 2, "name": "服务号"}, "verify_type_info": {"id": 0}, "account_status": 1,
            "principal_name": "日出舞蹈有限公司", "qrcode_url": "http://x", "idc": 1,
            "business_info": {"open_pay": 0},
        },
        "authorization_info": {
            "authorizer_appid": ACCOUNT, "authorizer_refresh_token": "refreshtoken@@@r", "func_info": sets,
        },
    })
}

fn buttons(second: &Value) -> Value {
    json!([
        {"type": "view", "name": "官网", "url": "https://a.example", "sub_button": second},
        {"type": "miniprogram", "name": "主页", "url": "https://a.example", "appid": APP, "pagepath": "p", "sub_button": second},
        {"name": "更多", "sub_button": [
            {"type": "click", "name": "联系", "key": "K", "sub_button": second},
            {"type": "media_id", "name": "图", "media_id": "M", "sub_button": second},
        ]},
    ])
}

fn menus() -> Value {
    json!({
        "menu": {"button": buttons(&json!([])), "menuid": 1},
        "conditionalmenu": [
            {"button": [{"type": "click", "name": "会员", "key": "M", "sub_button": []}],
             "matchrule": {"group_id": "100", "client_platform_type": "1"}, "menuid": 3},
            {"button": [{"type": "click", "name": "安卓", "key": "A", "sub_button": []}],
             "matchrule": {"client_platform_type": "2"}, "menuid": 2},
        ],
    })
}

fn selfmenu() -> Value {
    let mut button = buttons(&json!([]));
    let below = button[2]["sub_button"].take();
    button[2]["sub_button"] = json!({"list": below});
    json!({"is_menu_open": 1, "selfmenu_info": {"button": button}})
}

fn templates() -> Value {
    let one = |id: &str, title: &str, industry: (&str, &str), content: &str| {
        json!({"template_id": id, "title": title, "primary_industry": industry.0, "deputy_industry": industry.1,
               "content": content, "example": "e"})
    };
    json!({"template_list": [
        one("built-in", "订阅模板消息", ("", ""), "{{content.DATA}}"),
        one("id-1", "上课提醒", ("教育", "培训"), "{{first.DATA}}\n课程:{{keyword1.DATA}}"),
        one("id-2", "报名成功", ("", ""), "时间:{{time1.DATA}}"),
    ]})
}

/// The answers of an account on which everything is as the manifest says.
fn in_sync() -> Vec<(Call, Value)> {
    let bare = |endpoint: &'static Endpoint| Call::bare(endpoint, account());
    let industries = json!({
        "primary_industry": {"first_class": "教育", "second_class": "培训"},
        "secondary_industry": {"first_class": "IT科技", "second_class": "互联网|电子商务"},
    });
    let tags = json!({"tags": [
        {"id": 2, "name": "星标组", "count": 0}, {"id": 100, "name": "VIP", "count": 3}]});
    vec![
        (authorizer::info_request(&account()), info()),
        (bare(&menu::GET), menus()),
        (bare(&menu::CURRENT_SELFMENU_INFO), selfmenu()),
        (
            open_account::get_request(&account()),
            json!({"errcode": 0, "errmsg": "ok", "open_appid": "wx8888888888888888"}),
        ),
        (bare(&industry::GET), industries),
        (bare(&template::LIST), templates()),
        (
            bare(&template::CATEGORIES),
            json!({"errcode": 0, "errmsg": "ok", "data": [{"id": 616, "name": "素质教育"}]}),
        ),
        (bare(&tag::LIST), tags),
        (
            bare(&subscribe_message::LIST),
            json!({"errcode": 0, "errmsg": "ok", "data": [
                {"priTmplId": "P1", "title": "上课提醒", "content": "课程:{{thing1.DATA}}\n时间:{{time2.DATA}}\n", "type": 2}]}),
        ),
        (
            subscribe_message::titles_request(&account(), &[616], 0),
            json!({"errcode": 0, "count": 1, "data": [{"tid": 99, "title": "上课提醒", "type": 2}]}),
        ),
        (
            subscribe_message::keywords_request(&account(), "99"),
            json!({"errcode": 0, "count": 2, "data": [{"kid": 1, "name": "课程"}, {"kid": 2, "name": "时间"}]}),
        ),
        (
            account_option::get_request(&account(), "location_report"),
            json!({"option_name": "location_report", "option_value": "1"}),
        ),
        (
            bare(&link::GET),
            json!({"errcode": 0, "errmsg": "ok", "wxopens": {"items": [
                {"status": 1, "appid": APP, "username": "gh_2", "nickname": "主页"}]}}),
        ),
    ]
}

/// The start states: as declared; all else than declared; nothing there but the owner's own menu.
fn starts() -> Vec<(&'static str, Vec<(Call, Value)>)> {
    let replaced = |changes: &[(&'static Endpoint, Value)]| {
        let mut answers = in_sync();
        for (call, body) in &mut answers {
            if let Some((_, other)) = changes
                .iter()
                .find(|(endpoint, _)| **endpoint == *call.endpoint)
            {
                *body = other.clone();
            }
        }
        answers
    };
    let mut drifted = menus();
    drifted["menu"]["button"][0]["name"] = json!("旧");
    drifted["conditionalmenu"][0]["button"][0]["key"] = json!("OLD");
    let other = json!({"primary_industry": {"first_class": "餐饮", "second_class": "餐饮"}});
    let refused = |code: i64| json!({"errcode": code, "errmsg": "no rid: 1-2-3"});
    vec![
        ("in sync", in_sync()),
        (
            "drifted",
            replaced(&[
                (&menu::GET, drifted),
                (&industry::GET, other),
                (
                    &template::LIST,
                    json!({"template_list": [templates()["template_list"][0]]}),
                ),
            ]),
        ),
        (
            "new",
            replaced(&[
                (&menu::GET, refused(46003)),
                (&open_account::GET, refused(89002)),
                (&industry::GET, refused(40102)),
                (&template::LIST, json!({"template_list": []})),
                (&tag::LIST, json!({"tags": []})),
                (&subscribe_message::LIST, json!({"data": []})),
            ]),
        ),
    ]
}

fn world(answers: &[(Call, Value)]) -> World {
    let mut world = World::of(json!({
        "principal": {"name": "日出舞蹈有限公司"},
        "openAccount": {"create": true},
        "officialAccount": {
            "appId": ACCOUNT,
            "require": {"kind": "service", "verified": "qualification"},
            "industry": {"primary": "教育/培训", "secondary": "IT科技/互联网|电子商务"},
            "templates": {"foreign": "delete", "items": [
                {"name": "class", "shortId": "OPENTM1", "title": "上课提醒", "keywords": ["课程"]},
                {"name": "enrol", "shortId": "47123", "title": "报名成功", "keywords": ["时间"], "category": "素质教育"},
            ]},
            "tags": [{"name": "VIP"}],
            "options": {"locationReport": "onEntry"},
            "subscribeMessages": [{"name": "class", "tid": "99", "title": "上课提醒", "keywords": ["课程", "时间"]}],
            "menu": {
                "buttons": [
                    {"name": "官网", "view": "https://a.example"},
                    {"name": "主页", "miniProgram": {"appId": APP, "page": "p", "fallbackUrl": "https://a.example"}},
                    {"name": "更多", "subButtons": [{"name": "联系", "click": "K"}, {"name": "图", "mediaId": "M"}]},
                ],
                "conditional": [
                    {"match": {"tag": "VIP", "platform": "ios"}, "buttons": [{"name": "会员", "click": "M"}]},
                    {"match": {"platform": "android"}, "buttons": [{"name": "安卓", "click": "A"}]},
                ],
            },
        },
    }));
    for (call, body) in answers {
        world.answers_to(call.clone(), body.clone());
    }
    world
}

/// What a transport makes of bytes.
fn arrived(endpoint: &'static Endpoint, bytes: &[u8]) -> Answer {
    match read_object(bytes) {
        Ok(body) => read_answer(endpoint, body),
        Err(error) => Answer::Lost(Lost::unreadable(endpoint, error.to_string())),
    }
}

/// The writes a world plans, and the waits that send somebody to scan.
fn consequences(world: &World) -> BTreeSet<String> {
    let _ = export((&account(), super::world::platform()), now(), &world.seen);
    let entries = world.plan().entries;
    let consequence = |entry: &crate::plan::Entry| match &entry.verdict {
        Verdict::Step(step) => Some(format!("{} {:?}", entry.address, step.calls)),
        Verdict::Waiting(wait)
            if matches!(
                wait.reason,
                Reason::NotAuthorized | Reason::PermissionSetMissing
            ) =>
        {
            Some(format!("{} scan", entry.address))
        }
        Verdict::Waiting(_)
        | Verdict::Rejected { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Unknown(_) => None,
    };
    entries.iter().filter_map(consequence).collect()
}

fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                paths(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                paths(value, &format!("{at}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The answer with one thing done to one place of it, if that changes it.
fn changed(body: &Value, path: &str, how: &str) -> Option<Value> {
    let mut changed = body.clone();
    if how != "gone" {
        *changed.pointer_mut(path)? = serde_json::from_str(how).unwrap();
    } else {
        let (parent, last) = path.rsplit_once('/')?;
        match changed.pointer_mut(parent)? {
            Value::Object(fields) => drop(fields.remove(last)),
            Value::Array(items) => drop(items.remove(last.parse().ok()?)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        }
    }
    (changed != *body).then_some(changed)
}

/// Whether an account can be in the state that the changed answer shows: another text or number, no items or fewer, or
/// without what an account need not have.
fn is_a_state(body: &Value, path: &str, how: &str) -> bool {
    let was = body.pointer(path).unwrap();
    let (parent, last) = path.rsplit_once('/').unwrap_or_default();
    match how {
        "gone" => {
            let others = body.pointer(parent).and_then(Value::as_object);
            // A rule that says less is another rule; one that says nothing is none.
            let less = parent.ends_with("/matchrule") && others.is_some_and(|rule| rule.len() > 1);
            less || last.parse::<usize>().is_ok()
                || matches!(path, "/conditionalmenu" | "/secondary_industry")
        }
        "[]" | "{}" => was.is_array(),
        "\"\"" | "\"x\"" | "7" => was.is_string() || was.is_number(),
        _ => false,
    }
}

/// Whole answers that are no state of anything.
fn wild(body: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let raw = body.to_string().into_bytes();
    let joined = |parts: &[&[u8]]| parts.concat();
    vec![
        ("cut in half", raw[..raw.len() / 2].to_vec()),
        ("cut by one", raw[..raw.len() - 1].to_vec()),
        ("nothing", Vec::new()),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec()),
        ("twice", joined(&[&raw, &raw])),
        ("html", b"<html>ok</html>".to_vec()),
        ("in front", joined(&[b"callback(", &raw, b")"])),
        (
            "deep",
            joined(&[&b"{\"a\":".repeat(5_000), b"1", &b"}".repeat(5_000)]),
        ),
        ("list", joined(&[b"[", &raw, b"]"])),
        ("null", b"null".to_vec()),
        ("text", b"\"ok\"".to_vec()),
        ("empty", b"{}".to_vec()),
        ("ok", br#"{"errcode":0,"errmsg":"ok"}"#.to_vec()),
        ("big", br#"{"errcode":99999999999999999999999}"#.to_vec()),
        ("float", br#"{"errcode":0.0,"errmsg":"ok"}"#.to_vec()),
        ("no code", br#"{"errcode":null}"#.to_vec()),
        (
            "busy",
            br#"{"errcode":"-1","errmsg":"system error"}"#.to_vec(),
        ),
        ("unknown", br#"{"errcode":987654,"errmsg":"?"}"#.to_vec()),
        ("odd code", br#"{"errcode":[46003],"errmsg":"?"}"#.to_vec()),
    ]
}

/// Sound answers in other bytes.
fn the_same(body: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let raw = body.to_string();
    vec![
        ("mark", format!("\u{feff}{raw}").into_bytes()),
        ("marks", raw.replace("\":", "\":\u{feff}").into_bytes()),
        (
            "blanks",
            format!("\r\n{raw}{}", " ".repeat(20_000)).into_bytes(),
        ),
        ("control", typed_over(&raw)),
    ]
}

/// A raw control character behind every Chinese one: where people type. Keys and ids are none of their business.
fn typed_over(raw: &str) -> Vec<u8> {
    let typed = raw.chars().flat_map(|char| {
        let chinese = ('\u{4e00}'..'\u{9fff}').contains(&char);
        [Some(char), chinese.then_some('\u{7}')]
    });
    typed.flatten().collect::<String>().into_bytes()
}

#[test]
fn nothing_is_planned_for_what_is_no_state_of_an_account() {
    let mut shapes = 0;
    let mut wrong = Vec::new();
    for (start, answers) in starts() {
        let anyway = consequences(&world(&answers));
        for (call, body) in &answers {
            let mut found = Vec::new();
            paths(body, "", &mut found);
            let mut odd: Vec<(String, Vec<u8>)> = Vec::new();
            for path in &found {
                for how in HOWS {
                    let changed = changed(body, path, how).filter(|_| !is_a_state(body, path, how));
                    odd.extend(
                        changed
                            .map(|body| (format!("{path} {how}"), body.to_string().into_bytes())),
                    );
                }
            }
            odd.extend(
                wild(body)
                    .into_iter()
                    .map(|(how, bytes)| (how.to_owned(), bytes)),
            );
            shapes += odd.len();
            for (how, bytes) in odd {
                let mut world = world(&answers);
                world
                    .seen
                    .insert(call.clone(), arrived(call.endpoint, &bytes));
                let new: Vec<String> = consequences(&world).difference(&anyway).cloned().collect();
                if !new.is_empty() {
                    wrong.push(format!("{start}: {} {how}: {new:?}", call.endpoint.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {shapes}: {wrong:#?}", wrong.len());
    assert!(shapes >= 800, "only {shapes}");
}

#[test]
fn the_states_an_account_can_be_in_are_read_without_panic() {
    for (_, answers) in starts() {
        for (call, body) in &answers {
            let mut found = Vec::new();
            paths(body, "", &mut found);
            for path in &found {
                for how in HOWS {
                    let Some(changed) = changed(body, path, how) else {
                        continue;
                    };
                    let mut world = world(&answers);
                    world.answers_to(call.clone(), changed);
                    let _ = consequences(&world);
                }
            }
        }
    }
}

#[test]
fn what_can_be_read_is_read() {
    let answers = in_sync();
    assert!(
        world(&answers).lines().is_empty(),
        "{:?}",
        world(&answers).lines()
    );
    for (call, body) in &answers {
        for (how, bytes) in the_same(body) {
            let mut world = world(&answers);
            world
                .seen
                .insert(call.clone(), arrived(call.endpoint, &bytes));
            assert!(
                world.lines().is_empty(),
                "{} {how}: {:?}",
                call.endpoint.name,
                world.lines()
            );
        }
    }
}
