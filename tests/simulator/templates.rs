//! Template messages: industries, the account's templates, service categories.

use serde_json::{Value, json};
use wxops::simulator::State;

use super::world::{MINI, OFFICIAL, OTHER, SUBSCRIPTION, World, text};

const SET: &str = "/cgi-bin/template/api_set_industry";
const GET: &str = "/cgi-bin/template/get_industry";
const ADD: &str = "/cgi-bin/template/api_add_template";
const LIST: &str = "/cgi-bin/template/get_all_private_template";
const DELETE: &str = "/cgi-bin/template/del_private_template";
const CATEGORIES: &str = "/wxaapi/newtmpl/getcategory";

/// An account and its token.
struct Account {
    world: World,
    token: String,
}

fn account() -> Account {
    let world = World::start();
    let token = world.token(OFFICIAL);
    Account { world, token }
}

impl Account {
    fn set(&self, primary: &str, secondary: &str) -> Value {
        let body = json!({"industry_id1": primary, "industry_id2": secondary});
        self.world.post(SET, &self.token, &body)["errcode"].clone()
    }

    fn industry(&self) -> Value {
        self.world.get(GET, &self.token)
    }

    fn add(&self, short_id: &str, keywords: Option<&[&str]>) -> Value {
        let mut body = json!({"template_id_short": short_id});
        if let Some(keywords) = keywords {
            body["keyword_name_list"] = json!(keywords);
        }
        self.world.post(ADD, &self.token, &body)
    }

    /// The account's own templates: every list begins with one of WeChat's.
    fn list(&self) -> Vec<Value> {
        let answer = self.world.get(LIST, &self.token);
        assert!(answer.get("errcode").is_none(), "{answer}");
        let mut list = answer["template_list"].as_array().unwrap().clone();
        assert_eq!(list.remove(0)["title"], "订阅模板消息");
        list
    }

    fn titles(&self) -> Vec<String> {
        let list = self.list();
        list.iter().map(|one| text(&one["title"])).collect()
    }

    fn delete(&self, template_id: &str) -> Value {
        let body = json!({"template_id": template_id});
        self.world.post(DELETE, &self.token, &body)["errcode"].clone()
    }

    /// The owner's hand.
    fn owner(&self, change: Value) -> Value {
        self.world
            .control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &change)
    }

    fn teaches(&self) {
        self.owner(json!({"categories": [{"id": 1301, "name": "教育/素质教育"}]}));
    }
}

#[test]
fn an_industry_that_was_never_set_is_40102() {
    assert_eq!(account().industry()["errcode"], 40102);
}

#[test]
fn industries_are_named_with_a_bar_and_no_errcode() {
    let account = account();
    assert_eq!(account.set("1", "16"), 0);
    assert_eq!(
        account.industry(),
        json!({
            "primary_industry": {"first_class": "IT科技", "second_class": "互联网|电子商务"},
            "secondary_industry": {"first_class": "教育", "second_class": "培训"},
        })
    );
}

#[test]
fn an_industry_is_a_code_from_1_to_41_given_as_text() {
    let account = account();
    for (primary, secondary) in [("0", "1"), ("1", "42"), ("教育", "1"), ("", "1")] {
        assert_eq!(account.set(primary, secondary), 40102);
    }
    for body in [
        json!({"industry_id1": 16, "industry_id2": 1}),
        json!({"industry_id1": "16"}),
    ] {
        let answer = account.world.post(SET, &account.token, &body);
        assert_eq!(answer["errcode"], 40102, "{body}");
    }
    assert_eq!(account.industry()["errcode"], 40102, "nothing happened");
    assert_eq!(account.set("41", "1"), 0);
}

#[test]
fn the_industry_changes_once_a_month_of_shanghai() {
    let account = account();
    let set_clock = |to: &str| {
        account
            .world
            .control("POST", "/_sim/clock", &json!({"set": to}));
    };
    set_clock("2031-11-30T23:30:00+08:00");
    let again = account.world.token(OFFICIAL);
    let account = Account {
        token: again,
        ..account
    };
    assert_eq!(account.set("1", "16"), 0);
    assert_eq!(account.set("2", "16"), 43100);
    assert_eq!(
        account.industry()["primary_industry"]["second_class"],
        "互联网|电子商务"
    );
    account.world.advance(1800);
    assert_eq!(account.set("2", "16"), 0);
}

#[test]
fn giving_up_an_industry_deletes_its_templates() {
    let account = account();
    account.set("1", "16");
    account.add("TM00001", None);
    account.add("OPENTM405456204", None);
    account.teaches();
    account.add("43216", Some(&["课程名称"]));
    account.world.advance(32 * 86_400);
    let token = account.world.token(OFFICIAL);
    let account = Account { token, ..account };
    assert_eq!(account.set("16", "7"), 0);
    assert_eq!(account.titles(), ["上课提醒", "上课提醒"]);
    let list = account.list();
    let industries = [0, 1].map(|at| text(&list[at]["deputy_industry"]));
    assert_eq!(industries, ["培训", ""]);
}

#[test]
fn on_the_new_model_setting_an_industry_does_nothing() {
    let account = account();
    account.owner(json!({"newTemplateModel": true}));
    assert_eq!(account.set("1", "16"), 0);
    assert_eq!(account.set("2", "16"), 0, "nothing was spent");
    assert_eq!(account.industry()["errcode"], 40102);
    assert_eq!(account.set("99", "16"), 40102);
    let calls = account.world.calls("");
    assert_eq!(calls["endpoints"][SET]["withEffect"], 0);
}

#[test]
fn an_old_template_wants_its_industry() {
    let account = account();
    assert_eq!(account.add("OPENTM405456204", None)["errcode"], 45027);
    account.set("1", "16");
    assert_eq!(account.add("OPENTM405456204", None)["errcode"], 0);
    assert_eq!(account.add("OPENTM200746866", None)["errcode"], 45027);
    assert_eq!(account.add("OPENTM000000000", None)["errcode"], 45027);
    assert_eq!(account.titles(), ["上课提醒"]);
    let nothing = account.world.post(ADD, &account.token, &json!({}));
    assert_eq!(nothing["errcode"], 40097);
}

#[test]
fn a_template_reads_as_wechats_page_shows_it() {
    let account = account();
    account.set("13", "1");
    let added = account.add("TM00015", None);
    let id = text(&added["template_id"]);
    assert_eq!(id.len(), 43, "{id}");
    assert_eq!(
        account.list(),
        [json!({
            "template_id": id,
            "title": "领取奖金提醒",
            "primary_industry": "IT科技",
            "deputy_industry": "互联网|电子商务",
            "content": "{{result.DATA}}\n\n领奖金额:{{withdrawMoney.DATA}}\n领奖  时间:    {{withdrawTime.DATA}}\n银行信息:{{cardInfo.DATA}}\n到账时间:  {{arrivedTime.DATA}}\n{{remark.DATA}}",
            "example": "您已提交领奖申请\n\n领奖金额：xxxx元\n领奖时间：2013-10-10 12:22:22\n银行信息：xx银行(尾号xxxx)\n到账时间：预计xxxxxxx\n\n预计将于xxxx到达您的银行卡",
        })]
    );
    account.add("TM00001", None);
    assert_eq!(
        account.list()[1]["content"],
        "{{first.DATA}}\n支付金额:{{orderMoneySum.DATA}}\n商品信息:{{orderProductName.DATA}}\n{{remark.DATA}}"
    );
}

#[test]
fn a_category_template_wants_its_category() {
    let account = account();
    let add = || account.add("43216", Some(&["课程名称"]))["errcode"].clone();
    assert_eq!(add(), 45027);
    account.teaches();
    assert_eq!(add(), 0);
    assert_eq!(
        account.add("47019", Some(&["预约项目"]))["errcode"],
        45027,
        "another category"
    );
}

#[test]
fn a_category_template_wants_keywords_of_its_own() {
    let account = account();
    account.teaches();
    for keywords in [
        None,
        Some(&[][..]),
        Some(&["地点"]),
        Some(&["课程名称", "地点"]),
        Some(&["课程名称", "课程名称"]),
    ] {
        let answer = account.add("43216", keywords);
        assert_eq!(answer["errcode"], 40246, "{keywords:?}");
    }
    let no_list = json!({"template_id_short": "43216", "keyword_name_list": "课程名称"});
    let answer = account.world.post(ADD, &account.token, &no_list);
    assert_eq!(answer["errcode"], 40246);
    assert!(account.list().is_empty());

    account.add("43216", Some(&["上课时间", "课程名称"]));
    let list = account.list();
    assert_eq!(
        list[0]["content"], "上课时间:{{time2.DATA}}\n课程名称:{{thing1.DATA}}",
        "in the order they were asked for"
    );
    assert_eq!(list[0]["primary_industry"], "");
}

#[test]
fn escaped_keywords_are_no_keywords() {
    let account = account();
    account.teaches();
    // 课程名称
    let body = r#"{"template_id_short":"43216","keyword_name_list":["\u8bfe\u7a0b\u540d\u79f0"]}"#;
    let answer = account.world.raw("POST", ADD, &account.token, body).json();
    assert_eq!(answer["errcode"], 40246);
    let body = r#"{"industry_id1":"\u0031","industry_id2":"16"}"#;
    let answer = account.world.raw("POST", SET, &account.token, body).json();
    assert_eq!(answer["errcode"], 40033);
}

#[test]
fn adding_twice_makes_two() {
    let account = account();
    account.set("1", "16");
    let ids = [0, 1].map(|_| text(&account.add("TM00001", None)["template_id"]));
    assert_ne!(ids[0], ids[1]);
    assert_eq!(account.list().len(), 2);
}

#[test]
fn there_is_room_for_25_templates() {
    let account = account();
    account.set("1", "16");
    for _ in 0..25 {
        assert_eq!(account.add("TM00001", None)["errcode"], 0);
    }
    assert_eq!(account.add("TM00001", None)["errcode"], 45026);
    let first = text(&account.list()[0]["template_id"]);
    assert_eq!(account.delete(&first), 0);
    let next = account.add("TM00001", None);
    assert_eq!(next["errcode"], 0);
    assert_ne!(next["template_id"], first, "an id is never given out again");
}

#[test]
fn deleting_takes_one_that_is_there() {
    let account = account();
    account.set("1", "16");
    let id = text(&account.add("TM00001", None)["template_id"]);
    assert_eq!(account.delete("nonsense"), 40037);
    assert_eq!(account.delete(""), 40037);
    assert_eq!(account.delete(&id), 0);
    assert_eq!(account.delete(&id), 40037);
    assert!(account.list().is_empty());
}

#[test]
fn templates_are_for_verified_service_accounts() {
    let world = World::start();
    for appid in [SUBSCRIPTION, MINI] {
        let cat = world.component_token();
        let token = text(&world.authorized(&cat, appid, None)["authorizer_access_token"]);
        assert_eq!(world.get(LIST, &token)["errcode"], 48001, "{appid}");
    }
    let path = format!("/_sim/accounts/{SUBSCRIPTION}");
    world.control("PATCH", &path, &json!({"verifyType": 0}));
    let token = world.token(SUBSCRIPTION);
    assert_eq!(world.get(LIST, &token)["errcode"], 48001, "a 订阅号");
    let path = format!("/_sim/accounts/{OTHER}");
    world.control("PATCH", &path, &json!({"verifyType": -1}));
    let token = world.token(OTHER);
    assert_eq!(world.get(LIST, &token)["errcode"], 48001, "not verified");
    assert_eq!(world.get(CATEGORIES, &token)["errcode"], 0);
}

#[test]
fn each_of_three_permission_sets_opens_templates() {
    let world = World::start();
    let cat = world.component_token();
    for (sets, code) in [
        (&[7][..], Value::Null),
        (&[100], Value::Null),
        (&[101], Value::Null),
        (&[15, 33], json!(61007)),
    ] {
        let token = text(&world.authorized(&cat, OFFICIAL, Some(sets))["authorizer_access_token"]);
        assert_eq!(world.get(LIST, &token)["errcode"], code, "{sets:?}");
    }
}

#[test]
fn categories_are_listed_and_set_by_the_owner_alone() {
    let account = account();
    let list = || account.world.get(CATEGORIES, &account.token);
    assert_eq!(list(), json!({"errcode": 0, "errmsg": "ok", "data": []}));
    account.teaches();
    assert_eq!(
        list()["data"],
        json!([{"id": 1301, "name": "教育/素质教育"}])
    );
}

#[test]
fn a_category_that_the_owner_gives_up_takes_its_templates_along() {
    let account = account();
    account.set("16", "1");
    account.add("TM00001", None);
    account.teaches();
    account.add("46232", Some(&["剩余课时"]));
    account.owner(json!({"categories": [{"id": 1402, "name": "生活服务/丽人"}]}));
    assert_eq!(account.titles(), ["订单支付成功"]);
}

#[test]
fn an_industry_that_the_owner_changes_counts_as_the_months() {
    let account = account();
    account.set("16", "1");
    account.add("TM00001", None);
    account.owner(json!({"industry": {"changedIn": "2020-01"}}));
    assert_eq!(account.titles(), ["订单支付成功"], "nothing was given up");
    let changed = account.owner(json!({"industry": {"primary": 17, "secondary": 16}}));
    assert_ne!(changed["industry"]["changedIn"], "2020-01");
    assert!(account.list().is_empty());
    assert_eq!(account.set("1", "16"), 43100);
}

#[test]
fn templates_written_by_hand_are_filled_from_the_library() {
    let account = account();
    account.owner(json!({"templates": [
        {"shortId": "43216", "keywords": ["上课时间"]},
        {"templateId": "own", "title": "自编", "content": "{{a.DATA}}", "industry": 29},
    ]}));
    let list = account.list();
    assert_eq!(list[0]["content"], "上课时间:{{time2.DATA}}");
    assert_eq!(list[0]["template_id"].as_str().unwrap().len(), 43);
    assert_eq!(
        list[1],
        json!({
            "template_id": "own", "title": "自编", "primary_industry": "房地产",
            "deputy_industry": "建筑", "content": "{{a.DATA}}", "example": "",
        })
    );
    let path = format!("/_sim/accounts/{OFFICIAL}");
    for wrong in [
        json!([{"shortId": "43216"}]),
        json!([{"shortId": "nonsense"}]),
        json!([{"title": "no content"}]),
        json!([{"title": "t", "content": "c", "industry": 42}]),
        json!([{"templateId": "x", "title": "t", "content": "c"}, {"templateId": "x", "title": "u", "content": "c"}]),
    ] {
        let change = json!({"templates": wrong});
        assert_eq!(account.world.refused("PATCH", &path, &change), 400);
    }
    assert_eq!(account.list(), list, "a refused change changes nothing");
}

#[test]
fn a_library_of_ones_own_takes_the_place_of_the_built_in_one() {
    let yaml = r"
platforms:
  - {appId: wx00000000000000aa, appSecret: platform-secret, token: t, encodingAesKey: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG}
messageTemplates:
  - {shortId: TM7, title: 到期提醒, industry: 16, keywords: [{field: first}, {name: 日期, field: date, example: 今天}]}
  - {shortId: '77', title: 新课, category: 5, keywords: [{name: 课程, field: thing1}]}
accounts:
  - appId: wx1111111111111111
    kind: officialAccount
    industry: {primary: 16, secondary: 1}
    categories: [{id: 5, name: 教育/素质教育}]
    templates: [{shortId: TM7}]
";
    let world = World::of(State::from_yaml(yaml).unwrap().settled().unwrap());
    let token = world.token(OFFICIAL);
    let account = Account { world, token };
    assert_eq!(
        account.list()[0]["content"],
        "{{first.DATA}}\n日期:{{date.DATA}}"
    );
    assert_eq!(account.add("77", Some(&["课程"]))["errcode"], 0);
    assert_eq!(account.add("TM00001", None)["errcode"], 45027);

    let state = account.world.control("GET", "/_sim/state", &json!({}));
    account.world.control("PUT", "/_sim/state", &state);
    let back = account.world.control("GET", "/_sim/state", &json!({}));
    assert_eq!(back, state);

    for (at, wrong) in [
        ("/messageTemplates/0/industry", json!(16)),
        ("/messageTemplates/1/industry", json!(42)),
        ("/accounts/0/industry/primary", json!(42)),
    ] {
        let mut bad = state.clone();
        let (parent, key) = at.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap()[key] = wrong;
        assert_eq!(
            account.world.refused("PUT", "/_sim/state", &bad),
            400,
            "{at}"
        );
    }
}

#[test]
fn template_ids_are_the_same_in_every_run() {
    let ids = || {
        let account = account();
        account.set("1", "16");
        text(&account.add("TM00001", None)["template_id"])
    };
    assert_eq!(ids(), ids());
}
