//! The ordered list of what stands between a tenant and "ready". Pure: from how it stands to lines for a person.

use crate::plan::{Text, Troubled};
use crate::reconcile::{Awaited, Stands, Thing};
use crate::resource::authorization;

/// What the list is made from.
pub(super) struct Facts<'a> {
    /// Where the tenant is written: `tenants/sunrise.yaml:3`.
    pub(super) place: String,
    /// What it declares, in the order in which it is made.
    pub(super) declared: Vec<&'static str>,
    /// The account, if it is known.
    pub(super) account: Option<String>,
    /// Whether a pass, or the plan just made, has looked at WeChat.
    pub(super) looked: bool,
    /// Whether the store knows an authorization that nobody has looked at.
    pub(super) authorized: bool,
    /// Whether the manifest says something else than when it was looked at.
    pub(super) changed_since: bool,
    pub(super) waits: &'a [Awaited],
    pub(super) things: &'a [Thing],
}

/// A line.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) sign: Sign,
    /// What it is about.
    pub(super) what: Text,
    /// How it stands.
    pub(super) text: Text,
    /// The wait, if it is one.
    pub(super) wait: Option<Awaited>,
    /// What keeps the whole platform from WeChat in one sentence, if this is that.
    pub(super) platform: Option<Text>,
}

impl Item {
    /// What keeps the tenant's platform from WeChat.
    pub(super) fn of_platform(troubled: &Troubled) -> Self {
        Self {
            sign: Sign::Failed,
            what: Text::new("平台", "platform"),
            text: troubled.whole(),
            wait: None,
            platform: Some(troubled.headline()),
        }
    }
}

/// How far a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Done,
    Waiting,
    Failed,
    /// Its turn has not come.
    Next,
    /// It cannot be told.
    Unknown,
}

impl Sign {
    pub(super) fn mark(self) -> char {
        match self {
            Self::Done => '✓',
            Self::Waiting => '⧖',
            Self::Failed => '✗',
            Self::Next => ' ',
            Self::Unknown => '?',
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Next => "next",
            Self::Unknown => "unknown",
        }
    }
}

/// The whole list.
pub(super) fn checklist(facts: &Facts<'_>) -> Vec<Item> {
    let mut items = vec![validated(facts)];
    let gates: Vec<&Awaited> = facts.waits.iter().filter(|one| is_gate(one)).collect();
    let unread = facts
        .things
        .iter()
        .find(|thing| thing.address == authorization::ADDRESS);
    let shut = match (gates.as_slice(), unread) {
        ([], Some(thing)) if thing.stands == Stands::Failed => {
            items.push(of_thing(thing, None, facts));
            true
        }
        ([], _) => {
            items.push(authorized(facts));
            !(facts.looked || facts.authorized)
        }
        (gates, _) => {
            items.extend(gates.iter().map(|one| waiting(one)));
            true
        }
    };
    for resource in &facts.declared {
        let things = facts
            .things
            .iter()
            .filter(|thing| thing.address.resource == *resource);
        let before = items.len();
        items.extend(things.map(|thing| of_thing(thing, wait_of(facts, thing), facts)));
        if items.len() == before {
            items.push(next(resource, shut));
        }
    }
    items
}

fn is_gate(one: &Awaited) -> bool {
    one.address.resource.is_empty() || one.address == authorization::ADDRESS
}

fn wait_of<'a>(facts: &Facts<'a>, thing: &Thing) -> Option<&'a Awaited> {
    facts.waits.iter().find(|one| one.address == thing.address)
}

fn plain(sign: Sign, what: Text, text: Text) -> Item {
    Item {
        sign,
        what,
        text,
        wait: None,
        platform: None,
    }
}

fn validated(facts: &Facts<'_>) -> Item {
    let place = &facts.place;
    let text = if facts.changed_since {
        Text::new(
            format!("校验通过({place});上次执行之后改过,以下是改之前的情况"),
            format!(
                "valid ({place}); changed since the last pass, what follows is from before that"
            ),
        )
    } else {
        Text::new(format!("校验通过({place})"), format!("valid ({place})"))
    };
    plain(Sign::Done, Text::new("配置", "manifest"), text)
}

fn authorized(facts: &Facts<'_>) -> Item {
    let account = facts.account.clone().unwrap_or_default();
    let (sign, text) = match (facts.looked, facts.authorized) {
        (true, _) => (
            Sign::Done,
            Text::new(
                format!("已授权,符合配置({account})"),
                format!("granted, and as declared ({account})"),
            ),
        ),
        (false, true) => (
            Sign::Done,
            Text::new(
                format!("已授权({account});尚未核对是否符合配置"),
                format!("granted ({account}); whether it is as declared, the next pass looks"),
            ),
        ),
        (false, false) => (
            Sign::Next,
            Text::new(
                "尚未查询,运行 wxops apply 后可知",
                "not looked at yet: the next wxops apply does",
            ),
        ),
    };
    plain(sign, heading(authorization::NAME), text)
}

fn waiting(one: &Awaited) -> Item {
    let name = if one.address.resource.is_empty() {
        authorization::NAME
    } else {
        &one.address.resource
    };
    Item {
        sign: Sign::Waiting,
        what: named(name, &one.address.key),
        text: one.waiting.text.clone(),
        wait: Some(one.clone()),
        platform: None,
    }
}

fn of_thing(thing: &Thing, wait: Option<&Awaited>, facts: &Facts<'_>) -> Item {
    let what = named(&thing.address.resource, &thing.address.key);
    let given = thing.text.clone();
    let (sign, text) = match thing.stands {
        Stands::InForce if facts.changed_since => (
            Sign::Done,
            Text::new(
                "与上一次运行时的配置一致；配置此后已改变",
                "as the last pass was to have it; the manifest says something else since",
            ),
        ),
        Stands::InForce => (Sign::Done, Text::new("与配置一致", "as the manifest says")),
        Stands::ToDo => (
            Sign::Next,
            given.unwrap_or_else(|| {
                Text::new(
                    "与配置不一致，下一次 apply 时更改",
                    "differs: the next apply changes it",
                )
            }),
        ),
        Stands::Waiting => match wait {
            Some(one) => {
                return Item {
                    what,
                    ..waiting(one)
                };
            }
            None => (Sign::Waiting, Text::new("等待中", "waiting")),
        },
        Stands::Failed => (
            Sign::Failed,
            given.unwrap_or_else(|| Text::new("未完成", "not done")),
        ),
        Stands::LeftAlone => (
            Sign::Done,
            given.unwrap_or_else(|| Text::new("按策略不更改", "left alone by policy")),
        ),
        Stands::NotKnown => (
            Sign::Unknown,
            given.unwrap_or_else(|| Text::new("无法比较", "cannot be compared")),
        ),
    };
    plain(sign, what, text)
}

fn next(resource: &str, shut: bool) -> Item {
    let text = if shut {
        Text::new(
            "授权后由下一次 apply 处理",
            "after authorization, by the next apply",
        )
    } else {
        Text::new("由下一次 apply 处理", "by the next apply")
    };
    plain(Sign::Next, heading(resource), text)
}

fn named(resource: &str, key: &str) -> Text {
    let Text { zh, en } = heading(resource);
    if key.is_empty() {
        return Text { zh, en };
    }
    Text::new(format!("{zh} {key}"), format!("{en} {key}"))
}

/// What people call a resource.
pub(super) fn heading(resource: &str) -> Text {
    let (zh, en) = match resource {
        authorization::NAME => ("授权", "authorization"),
        "menu" => ("菜单", "menu"),
        "openAccount" => ("开放平台账号", "open account"),
        "industry" => ("所属行业", "industry"),
        "templates" => ("模板消息", "templates"),
        other => (other, other),
    };
    Text::new(zh, en)
}
