//! The tags that conditional menus name: a menu is made with a tag's id, and only with one that WeChat shows.

use std::collections::BTreeMap;

use super::rule::Rule;
use super::spec::MenuSpec;
use crate::plan::{Person, Reason, Text, Verdict, Waiting, Why, WhyKind};
use crate::resource::{Kind, View, authorization, tags};
use crate::wechat::{Call, tag};

/// What is known of the account's tags.
pub(super) enum Tags<'a> {
    /// Their ids by name, and the names that the manifest declares.
    Known {
        ids: BTreeMap<String, i64>,
        view: &'a View<'a>,
    },
    /// The permission set to ask is not granted.
    NotGranted,
    /// It was asked in vain, or not at all.
    Failed(Why),
}

/// The read it takes, where a rule names a tag and tags may be asked about.
pub(super) fn needs(spec: &MenuSpec, view: &View<'_>) -> Option<Call> {
    let named = spec
        .conditional
        .iter()
        .flatten()
        .any(|menu| menu.rule.tag.is_some());
    let read = tag::list_request(view.account());
    (named && granted(view) && !view.seen.contains_key(&read)).then_some(read)
}

fn granted(view: &View<'_>) -> bool {
    view.facts.grants(tag::LIST.sets)
}

impl<'a> Tags<'a> {
    /// What the read said.
    pub(super) fn of(view: &'a View<'a>) -> Self {
        if !granted(view) {
            return Self::NotGranted;
        }
        match tags::read(view.seen.get(&tag::list_request(view.account()))) {
            Ok(ids) => Self::Known { ids, view },
            Err(why) => Self::Failed(why),
        }
    }

    /// A rule with the id of the tag it names, as far as there is one.
    pub(super) fn resolve(&self, rule: Rule) -> Rule {
        match (self, rule.named()) {
            (Self::Known { ids, view }, Some(name)) => {
                let id = ids.get(name).copied();
                match id.or_else(|| tags::remembered(name, ids, view)) {
                    Some(id) => rule.with_tag(id),
                    None => rule,
                }
            }
            (Self::Known { .. } | Self::NotGranted | Self::Failed(_), _) => rule,
        }
    }

    /// What keeps a menu whose tag has no id yet.
    pub(super) fn missing(&self, name: &str) -> Verdict {
        let then = Text::new(
            format!("添加标签 {name} 的个性化菜单"),
            format!("add the menu for tag {name}"),
        );
        match self {
            Self::NotGranted => Verdict::Waiting(
                authorization::set_missing(Kind::Official, tag::LIST.sets).then(then),
            ),
            Self::Failed(why) => Verdict::Unknown(why.clone()),
            Self::Known { view, .. } if tags::declares(view.spec, name) => Verdict::Waiting(
                Waiting::new(
                    Reason::AfterAnotherStep,
                    Person::Nobody,
                    Text::new(
                        format!("须在 {} 之后进行", tags::address(name)),
                        format!("comes after {}", tags::address(name)),
                    ),
                )
                .then(then),
            ),
            Self::Known { .. } => Verdict::Unknown(Why {
                kind: WhyKind::NotComparable,
                text: Text::new(
                    format!(
                        "账号没有标签 {name}，其个性化菜单无法添加；请写入 officialAccount.tags，或在公众平台新建该标签"
                    ),
                    format!(
                        "the account has no tag {name}, so the menu for it cannot be added: declare the tag in \
                         `officialAccount.tags`, or make it in WeChat's console"
                    ),
                ),
            }),
        }
    }
}
