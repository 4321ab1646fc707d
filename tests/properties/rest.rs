//! Tags, templates of subscription notifications and options of the account.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

/// What is there of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rest {
    /// Names by id, beside WeChat's own.
    pub tags: BTreeMap<i64, String>,
    /// As `gettemplate` lists them.
    pub messages: Vec<Value>,
    /// Values by name; "0" where there is none.
    pub options: BTreeMap<String, String>,
}

/// The library: number, title, keywords by their numbers from 1.
const LIBRARY: [(&str, &str, &[&str]); 2] = [
    ("1301", "上课提醒", &["课程名称", "上课时间", "上课地点"]),
    ("1302", "课程变更通知", &["课程名称", "变更内容"]),
];

fn message(n: usize, title: &str, labels: &[&str]) -> Value {
    let lines: Vec<String> = labels
        .iter()
        .map(|label| format!("{label}:{{{{thing.DATA}}}}\n"))
        .collect();
    json!({"priTmplId": format!("P{n}"), "title": title, "content": lines.concat(), "example": "", "type": 2})
}

impl Rest {
    /// Answers a call that is about them.
    pub fn answer(&mut self, name: &str, body: &Value) -> Option<Value> {
        let library = |tid: &Value| LIBRARY.iter().find(|(id, ..)| *tid == *id).unwrap();
        let ok = json!({"errcode": 0, "errmsg": "ok"});
        Some(match name {
            "tags/get" => {
                let made = self.tags.iter();
                let mut tags: Vec<Value> = made
                    .map(|(id, name)| json!({"id": id, "name": name, "count": 0}))
                    .collect();
                tags.insert(0, json!({"id": 2, "name": "星标组", "count": 0}));
                json!({"tags": tags})
            }
            "tags/create" => {
                let name = body["tag"]["name"].as_str().unwrap();
                assert!(self.tags.values().all(|other| other != name), "45157");
                let id = self.tags.keys().max().unwrap_or(&99) + 1;
                self.tags.insert(id, name.to_owned());
                json!({"errcode": 0, "tag": {"id": id, "name": name}})
            }
            "newtmpl/getcategory" => {
                json!({"errcode": 0, "data": [{"id": 1301, "name": "素质教育"}]})
            }
            "newtmpl/getpubtemplatetitles" => {
                let titles = LIBRARY.map(|(tid, title, _)| json!({"tid": tid, "title": title}));
                json!({"errcode": 0, "count": titles.len(), "data": titles})
            }
            "newtmpl/getpubtemplatekeywords" => {
                let (.., keywords) = library(&body["tid"]);
                let keywords = keywords.iter().zip(1..);
                let data: Vec<Value> = keywords
                    .map(|(name, kid)| json!({"kid": kid, "name": name}))
                    .collect();
                json!({"errcode": 0, "count": data.len(), "data": data})
            }
            "newtmpl/addtemplate" => {
                let (_, title, keywords) = library(&body["tid"]);
                let kids = body["kidList"].as_array().unwrap().iter();
                let labels: Vec<&str> = kids
                    .map(|kid| keywords[usize::try_from(kid.as_u64().unwrap()).unwrap() - 1])
                    .collect();
                let added = message(100 + self.messages.len(), title, &labels);
                let answer = json!({"errcode": 0, "priTmplId": added["priTmplId"]});
                self.messages.push(added);
                answer
            }
            "newtmpl/gettemplate" => json!({"errcode": 0, "data": self.messages}),
            "api_get_authorizer_option" => {
                let name = body["option_name"].as_str().unwrap();
                let value = self.options.get(name).map_or("0", String::as_str);
                json!({"option_name": name, "option_value": value})
            }
            "api_set_authorizer_option" => {
                let text = |field: &str| body[field].as_str().unwrap().to_owned();
                self.options
                    .insert(text("option_name"), text("option_value"));
                ok
            }
            _ => return None,
        })
    }

    /// Whether an option is not off.
    pub fn is_on(&self) -> bool {
        self.options.values().any(|value| value != "0")
    }
}

/// What was there before.
pub fn rest() -> impl Strategy<Value = Rest> {
    let tags = vec![(100, "VIP"), (101, "老学员"), (107, "别的")];
    let tags = prop::sample::subsequence(tags, 0..=3);
    let messages = vec![
        message(1, "上课提醒", &["上课时间", "课程名称"]),
        message(2, "上课提醒", &["上课时间", "课程名称"]),
        message(3, "别的", &["甲"]),
    ];
    let messages = prop::sample::subsequence(messages, 0..=3);
    let options = vec![("location_report", "2"), ("voice_recognize", "1")];
    let options = prop::sample::subsequence(options, 0..=2);
    (tags, messages, options).prop_map(|(tags, messages, options)| Rest {
        tags: tags
            .into_iter()
            .map(|(id, name)| (id, name.to_owned()))
            .collect(),
        messages,
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    })
}

/// What a manifest declares of them.
pub fn declared() -> impl Strategy<Value = BTreeMap<&'static str, Value>> {
    let tags = prop::sample::subsequence(vec!["VIP", "老学员", "新", "星标组"], 0..=4);
    let tags = tags.prop_map(|names| {
        let tags = names.iter().map(|name| json!({"name": name}));
        tags.collect::<Vec<Value>>()
    });
    let messages = vec![
        json!({"name": "reminder", "tid": "1301", "title": "上课提醒", "keywords": ["上课时间", "课程名称"]}),
        json!({"name": "where", "tid": "1301", "title": "上课提醒", "keywords": ["上课地点", "课程名称"]}),
        json!({"name": "moved", "tid": "1302", "title": "课程变更通知", "keywords": ["课程名称", "变更内容"]}),
    ];
    let messages = prop::sample::subsequence(messages, 0..=3).prop_shuffle();
    let options = prop::sample::select(vec![
        json!({"locationReport": "onEntry"}),
        json!({"locationReport": "off", "voiceRecognition": true}),
        json!({"customerService": false}),
    ]);
    (
        prop::option::of(tags),
        prop::option::of(messages),
        prop::option::of(options),
    )
        .prop_map(|(tags, messages, options)| {
            let fields = [
                ("tags", tags.map(Value::from)),
                ("subscribeMessages", messages.map(Value::from)),
                ("options", options),
            ];
            let given = fields.into_iter();
            given
                .filter_map(|(name, value)| Some((name, value?)))
                .collect()
        })
}
