//! WeChat's library of templates for subscription notifications, and what an account chose from it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::keyed::Keyed;

/// A template of the library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublicTemplate {
    /// Its id.
    pub tid: u64,
    /// Its title.
    pub title: String,
    /// 2 one-time, 3 long-term.
    #[serde(rename = "type", default = "one_time")]
    pub kind: i64,
    /// The service category it belongs to.
    pub category: u64,
    /// Withdrawn by WeChat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub banned: bool,
    /// The lines one can choose from.
    pub keywords: Vec<PublicKeyword>,
}

/// A line of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublicKeyword {
    /// Its id.
    pub kid: u64,
    /// `课程名称`
    pub name: String,
    /// What it may say.
    #[serde(default)]
    pub example: String,
    /// `thing`, `time`, `amount` …
    pub rule: String,
}

/// A template an account has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubscriptionTemplate {
    /// What notifications are sent with.
    pub pri_tmpl_id: String,
    /// The library's id. WeChat never tells.
    #[serde(default)]
    pub tid: u64,
    /// The title.
    pub title: String,
    /// The content.
    #[serde(default)]
    pub content: String,
    /// The example.
    #[serde(default)]
    pub example: String,
    /// 2 one-time, 3 long-term.
    #[serde(rename = "type", default = "one_time")]
    pub kind: i64,
    /// What it is for. WeChat never tells.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scene: String,
}

fn one_time() -> i64 {
    2
}

impl Keyed for PublicTemplate {
    type Key = u64;
    fn key(&self) -> u64 {
        self.tid
    }
    fn name(&self) -> impl Display {
        self.tid
    }
}

impl PublicTemplate {
    /// What an account gets that chooses these lines, in this order; none: a line is not the template's.
    pub(super) fn chosen(&self, kids: &[u64]) -> Option<SubscriptionTemplate> {
        let mut template = SubscriptionTemplate {
            tid: self.tid,
            title: self.title.clone(),
            kind: self.kind,
            ..SubscriptionTemplate::default()
        };
        for kid in kids {
            let line = self.keywords.iter().find(|one| one.kid == *kid)?;
            let (name, rule, kid) = (&line.name, &line.rule, line.kid);
            let content = format!("{name}:{{{{{rule}{kid}.DATA}}}}\n");
            template.content.push_str(&content);
            template
                .example
                .push_str(&format!("{name}:{}\n", line.example));
        }
        Some(template)
    }
}

/// Name, example, rule.
type Line = (&'static str, &'static str, &'static str);

/// Id, title, type, category, lines.
const ROWS: &[(u64, &str, i64, u64, &[Line])] = &[
    (
        99,
        "付款成功通知",
        2,
        616,
        &[
            ("物品名称", "名称", "thing"),
            ("付款金额", "￥10.00", "amount"),
            ("付款时间", "2026-11-22 10:00", "time"),
        ],
    ),
    (
        1301,
        "上课提醒",
        2,
        1301,
        &[
            ("课程名称", "少儿街舞", "thing"),
            ("上课时间", "2026-11-22 10:00", "time"),
            ("上课地点", "一号教室", "thing"),
            ("授课老师", "王老师", "name"),
            ("剩余课时", "8", "number"),
            ("备注", "请提前十分钟到", "thing"),
        ],
    ),
    (
        1302,
        "课程变更通知",
        3,
        1301,
        &[
            ("课程名称", "少儿街舞", "thing"),
            ("变更内容", "改到下周", "thing"),
        ],
    ),
];

static BUILT_IN: LazyLock<BTreeMap<u64, PublicTemplate>> = LazyLock::new(|| {
    let templates = ROWS
        .iter()
        .map(|(tid, title, kind, category, lines)| PublicTemplate {
            tid: *tid,
            title: (*title).to_owned(),
            kind: *kind,
            category: *category,
            banned: false,
            keywords: (1..)
                .zip(*lines)
                .map(|(kid, (name, example, rule))| PublicKeyword {
                    kid,
                    name: (*name).to_owned(),
                    example: (*example).to_owned(),
                    rule: (*rule).to_owned(),
                })
                .collect(),
        });
    templates.map(|one| (one.tid, one)).collect()
});

/// The library in force: the state's own, or the built-in one.
pub(super) fn library(own: &BTreeMap<u64, PublicTemplate>) -> &BTreeMap<u64, PublicTemplate> {
    if own.is_empty() { &BUILT_IN } else { own }
}
