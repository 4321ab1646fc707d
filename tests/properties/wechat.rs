//! A WeChat of one account, as small as the tests need it, and a pass over it without I/O.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wxops::plan::TenantPlan;
use wxops::resource::PlatformWaits;
use wxops::resource::decide::Learned;
use wxops::resource::export::{Export, export, needs_to_export};
use wxops::resource::registration::Backdrop;
use wxops::resource::{
    Files, Ops, Outputs, Seen, Subject, TenantRecords, TenantSpec, decide, needs,
};
use wxops::wechat::answer::read_answer;
use wxops::wechat::{Answer, Appid, Call, Lost};

use super::rest::Rest;

const PLATFORM: &str = "wx0000000000000001";
pub const ACCOUNT: &str = "wx1111111111111111";
/// A mini-program that is linked to the account.
pub const LINKED: &str = "wx3333333333333333";

/// When everything is looked at.
const NOW: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

/// What is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wechat {
    /// Made through the API, as it was sent.
    pub menu: Option<Vec<Value>>,
    /// Conditional ones as `menu/get` shows them, but for `sub_button`; ids ascend.
    pub conditional: Vec<Value>,
    /// Made by the owner.
    pub owners_menu: Option<Vec<Value>>,
    pub open_account: Option<String>,
    /// Codes of both industries.
    pub industry: Option<[usize; 2]>,
    /// As `get_all_private_template` lists them.
    pub templates: Vec<Value>,
    /// Everything else.
    pub rest: Rest,
    /// What it makes of the texts of menus.
    pub spelling: Vec<Spelling>,
}

/// A way of keeping a text otherwise than it was sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spelling {
    LowerCase,
    NoBlanks,
    Cut,
    Encoded,
    /// Nothing that a reader would call the same.
    Other,
}

impl Spelling {
    pub const ALL: [Self; 5] = [
        Self::LowerCase,
        Self::NoBlanks,
        Self::Cut,
        Self::Encoded,
        Self::Other,
    ];

    fn of(self, text: &str) -> String {
        match self {
            Self::LowerCase => text.to_lowercase(),
            Self::NoBlanks => text.split_whitespace().collect(),
            Self::Cut => text.chars().take(6).collect(),
            Self::Encoded => text.replace('é', "%C3%A9"),
            Self::Other => text.replace('a', "*"),
        }
    }
}

/// Both levels of some industries, by code.
const INDUSTRIES: [(usize, &str, &str); 3] = [
    (1, "IT科技", "互联网|电子商务"),
    (13, "运输与仓储", "快递"),
    (16, "教育", "培训"),
];

/// Titles and lines in the library, by short id. Those of digits have the keywords that are asked for.
const LIBRARY: [(&str, &str, &[&str]); 4] = [
    ("43216", "上课提醒", &[]),
    ("46232", "课时消耗提醒", &[]),
    ("OPENTM405456204", "上课提醒", &["课程名称", "上课地点"]),
    ("TM00001", "订单支付成功", &["支付金额"]),
];

/// A template as it is listed. The n-th of an account.
pub fn template(n: usize, title: &str, labels: &[&str]) -> Value {
    let lines: Vec<String> = labels
        .iter()
        .map(|label| format!("{label}: {{{{keyword.DATA}}}}"))
        .collect();
    json!({
        "template_id": format!("id-{n}"), "title": title, "primary_industry": "", "deputy_industry": "",
        "content": format!("{{{{first.DATA}}}}\n{}", lines.join("\n")), "example": "",
    })
}

impl Wechat {
    /// Takes any call and answers it.
    pub fn answer(&mut self, call: &Call) -> Value {
        let body: Value = serde_json::from_str(call.body()).unwrap_or(Value::Null);
        match call.endpoint.name {
            "component/api_get_authorizer_info" | "api_get_authorizer_info" => authorizer_info(),
            "menu/get" => match &self.menu {
                Some(menu) => {
                    let of = |menu: &[Value]| menu.iter().map(as_answered).collect::<Vec<_>>();
                    let mut conditional = self.conditional.clone();
                    for one in &mut conditional {
                        one["button"] = json!(of(one["button"].as_array().unwrap()));
                    }
                    json!({"menu": {"button": of(menu)}, "conditionalmenu": conditional})
                }
                None => json!({"errcode": 46003, "errmsg": "menu no exist"}),
            },
            "get_current_selfmenu_info" => match (&self.menu, &self.owners_menu) {
                (None, Some(menu)) => json!({"is_menu_open": 1, "selfmenu_info": {"button": menu}}),
                (Some(_), _) => json!({"is_menu_open": 1, "selfmenu_info": {"button": []}}),
                (None, None) => json!({"is_menu_open": 0, "selfmenu_info": {"button": []}}),
            },
            "menu/create" => {
                self.menu = Some(self.spelled(&body["button"]).as_array().unwrap().clone());
                self.owners_menu = None;
                json!({"errcode": 0, "errmsg": "ok"})
            }
            "menu/delete" => {
                self.menu = None;
                self.conditional.clear();
                json!({"errcode": 0, "errmsg": "ok"})
            }
            "menu/addconditional" => {
                assert!(self.menu.is_some(), "65303");
                let newest = self
                    .conditional
                    .iter()
                    .filter_map(|menu| menu["menuid"].as_i64())
                    .max();
                let id = newest.unwrap_or(100) + 1;
                let mut rule = body["matchrule"].clone();
                if let Some(tag) = rule.as_object_mut().and_then(|rule| rule.remove("tag_id")) {
                    rule["group_id"] = tag;
                }
                let button = self.spelled(&body["button"]);
                let menu = json!({"button": button, "matchrule": rule, "menuid": id});
                self.conditional.push(menu);
                json!({"errcode": 0, "menuid": id.to_string()})
            }
            "menu/delconditional" => {
                let id: i64 = body["menuid"].as_str().unwrap().parse().unwrap();
                let count = self.conditional.len();
                self.conditional.retain(|menu| menu["menuid"] != id);
                assert_eq!(self.conditional.len(), count - 1, "65301");
                json!({"errcode": 0, "errmsg": "ok"})
            }
            "wxopen/wxamplinkget" => {
                json!({"errcode": 0, "wxopens": {"items": [{"status": 1, "appid": LINKED}]}})
            }
            "open/get" => match &self.open_account {
                Some(open) => json!({"errcode": 0, "errmsg": "ok", "open_appid": open}),
                None => json!({"errcode": 89002, "errmsg": "open not exists"}),
            },
            "open/create" => {
                assert_eq!(self.open_account, None, "created twice");
                self.open_account = Some("wx9000000000000002".to_owned());
                json!({"errcode": 0, "errmsg": "ok", "open_appid": self.open_account})
            }
            "template/get_industry" => match self.industry {
                Some([primary, secondary]) => {
                    json!({"primary_industry": names(primary), "secondary_industry": names(secondary)})
                }
                None => json!({"errcode": 40102, "errmsg": "invalid industry id"}),
            },
            "template/api_set_industry" => {
                let code = |field: &str| body[field].as_str().unwrap().parse().unwrap();
                self.industry = Some([code("industry_id1"), code("industry_id2")]);
                json!({"errcode": 0, "errmsg": "ok"})
            }
            "template/get_all_private_template" => json!({"template_list": self.templates}),
            "template/api_add_template" => self.add_template(&body),
            "template/del_private_template" => {
                let before = self.templates.len();
                self.templates
                    .retain(|template| template["template_id"] != body["template_id"]);
                assert_eq!(
                    self.templates.len() + 1,
                    before,
                    "deleted what was not there"
                );
                json!({"errcode": 0, "errmsg": "ok"})
            }
            other => match self.rest.answer(other, &body) {
                Some(answer) => answer,
                None => panic!("nobody said how {other} behaves"),
            },
        }
    }

    /// Buttons as they are kept.
    fn spelled(&self, buttons: &Value) -> Value {
        let mut buttons = buttons.clone();
        for button in buttons.as_array_mut().into_iter().flatten() {
            for field in ["name", "url", "key"] {
                if let Some(text) = button[field].as_str() {
                    let kept = self
                        .spelling
                        .iter()
                        .fold(text.to_owned(), |text, how| how.of(&text));
                    button[field] = json!(kept);
                }
            }
            if button.get("sub_button").is_some() {
                button["sub_button"] = self.spelled(&button["sub_button"]);
            }
        }
        buttons
    }

    fn add_template(&mut self, body: &Value) -> Value {
        assert!(self.templates.len() < 25, "the 26th template");
        let short_id = body["template_id_short"].as_str().unwrap();
        let (_, title, labels) = LIBRARY.iter().find(|(id, ..)| *id == short_id).unwrap();
        let keywords: Vec<&str> = body["keyword_name_list"]
            .as_array()
            .map(|names| names.iter().map(|name| name.as_str().unwrap()).collect())
            .unwrap_or(labels.to_vec());
        let added = template(100 + self.templates.len(), title, &keywords);
        let id = added["template_id"].clone();
        self.templates.push(added);
        json!({"errcode": 0, "errmsg": "ok", "template_id": id})
    }

    /// Reads what a plan needs and plans.
    pub fn plan(&mut self, spec: &TenantSpec) -> TenantPlan {
        self.plan_with(spec, &|_| None)
    }

    /// The same where some reads fail: `Some(None)` is no answer at all.
    pub fn plan_with(
        &mut self,
        spec: &TenantSpec,
        fails: &dyn Fn(&str) -> Option<Option<Value>>,
    ) -> TenantPlan {
        self.plan_remembering(spec, &TenantRecords::new(), fails).0
    }

    /// The same with what earlier passes remember.
    pub fn plan_remembering(
        &mut self,
        spec: &TenantSpec,
        records: &TenantRecords,
        fails: &dyn Fn(&str) -> Option<Option<Value>>,
    ) -> (TenantPlan, Learned) {
        let (outputs, known) = (Outputs::new(), BTreeMap::new());
        let platform = Appid::parse(PLATFORM).unwrap();
        let subject = Subject {
            tenant: "sunrise-dance",
            spec,
            platform: &platform,
            backdrop: &Backdrop::NONE,
            lists: &PlatformWaits::new(),
            now: NOW,
            known: &known,
            vanished: &BTreeMap::new(),
            files: &Files::new(),
            ops: &Ops::NONE,
            records,
            outputs: &outputs,
        };
        let seen = self.read(&|seen| needs(&subject, seen), fails);
        decide(&subject, &seen)
    }

    /// Reads what an import needs, and exports.
    pub fn export_with(&mut self, fails: &dyn Fn(&str) -> Option<Option<Value>>) -> Export {
        let (account, platform) = (
            Appid::parse(ACCOUNT).unwrap(),
            Appid::parse(PLATFORM).unwrap(),
        );
        let both = (&account, &platform);
        let seen = self.read(&|seen| needs_to_export(both, NOW, seen), fails);
        export(both, NOW, &seen)
    }

    fn read(
        &mut self,
        missing: &dyn Fn(&Seen) -> Vec<Call>,
        fails: &dyn Fn(&str) -> Option<Option<Value>>,
    ) -> Seen {
        let mut seen = Seen::new();
        loop {
            let calls = missing(&seen);
            if calls.is_empty() {
                return seen;
            }
            for call in calls {
                let answer = match fails(call.endpoint.name) {
                    Some(None) => Answer::Lost(Lost {
                        endpoint: call.endpoint.name.to_owned(),
                        why: "connection reset".to_owned(),
                        sent: true,
                        answered: false,
                    }),
                    Some(Some(body)) => read_answer(call.endpoint, body),
                    None => read_answer(call.endpoint, self.answer(&call)),
                };
                seen.insert(call, answer);
            }
        }
    }

    /// Makes the calls of a plan, and chooses nothing.
    pub fn apply(&mut self, plan: &TenantPlan) {
        for (_, step) in plan.steps() {
            for call in &step.calls {
                let answer = self.answer(call);
                assert_eq!(answer["errcode"], 0);
            }
        }
    }
}

/// `menu/get` gives every button a `sub_button`.
fn as_answered(sent: &Value) -> Value {
    let mut button = sent.clone();
    let below = sent["sub_button"].as_array().cloned().unwrap_or_default();
    button["sub_button"] = below.iter().map(as_answered).collect();
    button
}

fn names(code: usize) -> Value {
    let (_, first, second) = INDUSTRIES
        .iter()
        .find(|(known, ..)| *known == code)
        .unwrap();
    json!({"first_class": first, "second_class": second})
}

fn authorizer_info() -> Value {
    let sets: Vec<Value> = [1, 2, 3, 7, 15, 24, 30, 33]
        .iter()
        .map(|id| json!({"funcscope_category": {"id": id}}))
        .collect();
    json!({
        "authorizer_info": {
            "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
            "service_type_info": {"id": 2}, "verify_type_info": {"id": 0}, "account_status": 1,
        },
        "authorization_info": {"authorizer_appid": ACCOUNT, "func_info": sets},
    })
}

/// A button of a manifest as WeChat is to have it, written down a second time.
pub fn on_the_wire(button: &Value) -> Value {
    let name = &button["name"];
    if let Some(below) = button["subButtons"].as_array() {
        let below: Vec<Value> = below.iter().map(on_the_wire).collect();
        return json!({"name": name, "sub_button": below});
    }
    if let Some(target) = button.get("miniProgram") {
        return json!({
            "type": "miniprogram", "name": name, "url": target["fallbackUrl"],
            "appid": target["appId"], "pagepath": target["page"],
        });
    }
    let kinds = [
        ("click", "click", "key"),
        ("view", "view", "url"),
        ("scancodePush", "scancode_push", "key"),
        ("scancodeWaitmsg", "scancode_waitmsg", "key"),
        ("picSysphoto", "pic_sysphoto", "key"),
        ("picPhotoOrAlbum", "pic_photo_or_album", "key"),
        ("picWeixin", "pic_weixin", "key"),
        ("locationSelect", "location_select", "key"),
        ("mediaId", "media_id", "media_id"),
        ("viewLimited", "view_limited", "media_id"),
        ("articleId", "article_id", "article_id"),
        ("articleViewLimited", "article_view_limited", "article_id"),
    ];
    let (field, kind, argument) = kinds
        .into_iter()
        .find(|(field, _, _)| button.get(field).is_some())
        .unwrap();
    let mut wire = json!({"type": kind, "name": name});
    wire[argument] = button[field].clone();
    wire
}
