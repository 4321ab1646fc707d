//! The ordered list of what stands between a tenant and "ready". Pure: from how it stands to lines for a person.

use crate::plan::{Address, Text, Troubled, Whose};
use crate::reconcile::{Awaited, Stands, Thing};
use crate::resource::heading::{self, heading};
use crate::resource::personal_registration::PersonalRegistration;
use crate::resource::registration::Registration;
use crate::resource::{Resource as _, authorization};

/// What the list is made from.
pub(super) struct Facts<'a> {
    /// Where the tenant is written: `tenants/sunrise.yaml:3`.
    pub(super) place: String,
    /// Its accounts, the official one first.
    pub(super) accounts: Vec<Account>,
    /// Whether a pass, or the plan just made, has looked at WeChat.
    pub(super) looked: bool,
    /// Whether the manifest says something else than when it was looked at.
    pub(super) changed_since: bool,
    /// Whether the manifest has a mistake, and what follows is of the revision before.
    pub(super) is_mistaken: bool,
    pub(super) waits: &'a [Awaited],
    pub(super) things: &'a [Thing],
}

/// One of the tenant's accounts.
pub(super) struct Account {
    /// Which.
    pub(super) whose: Whose,
    /// What is declared of it, in the order in which it is made.
    pub(super) declared: Vec<&'static str>,
    /// Its appid, if it is known.
    pub(super) appid: Option<String>,
    /// Whether the store knows an authorization that nobody has looked at.
    pub(super) authorized: bool,
    /// Whether it is a mini-program that is registered where it does not exist.
    pub(super) registers: bool,
    /// Whether it is the platform itself, which nobody authorizes.
    pub(super) is_platform: bool,
}

impl Account {
    /// Whether it does not exist yet.
    fn is_unmade(&self) -> bool {
        self.registers && self.appid.is_none()
    }
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
    /// What is to be said before all else, if this is that.
    pub(super) headline: Option<Text>,
}

impl Item {
    /// What keeps the tenant's platform from WeChat.
    pub(super) fn of_platform(troubled: &Troubled) -> Self {
        Self {
            sign: Sign::Failed,
            what: Text::new("平台", "platform"),
            text: troubled.whole(),
            wait: None,
            headline: Some(troubled.headline()),
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
    for account in &facts.accounts {
        of_account(facts, account, &mut items);
    }
    items
}

fn of_account(facts: &Facts<'_>, account: &Account, items: &mut Vec<Item>) {
    if account.registers {
        items.extend(registered(facts, account));
    }
    let gate = authorization::ADDRESS.whose(account.whose.clone());
    // A wait of no resource was written by an older wxops, for which the tenant was its official account.
    let old = |one: &Awaited| one.address.resource.is_empty() && one.address.whose == account.whose;
    let gates = facts
        .waits
        .iter()
        .filter(|one| one.address == gate || old(one));
    let gates: Vec<&Awaited> = gates.collect();
    let unread = facts.things.iter().find(|thing| thing.address == gate);
    let shut = match (gates.as_slice(), unread) {
        ([], Some(thing)) if thing.stands == Stands::Failed => {
            items.push(of_thing(thing, None, facts));
            true
        }
        ([], _) if account.is_platform => false,
        ([], _) => {
            items.push(authorized(facts, account));
            !(facts.looked || account.authorized)
        }
        (gates, _) => {
            let of_gate = gates.iter().map(|one| match account.is_unmade() {
                true => Item {
                    what: registration(account),
                    ..waiting(one)
                },
                false => waiting(one),
            });
            items.extend(of_gate);
            true
        }
    };
    // They are said of the mini-program that comes of them, before all else.
    let declared = account.declared.iter();
    let registers = [Registration::NAME, PersonalRegistration::NAME];
    for resource in declared.filter(|name| !registers.contains(name)) {
        let address = Address::of(resource).whose(account.whose.clone());
        let things = facts
            .things
            .iter()
            .filter(|thing| thing.address.is_beside(&address));
        let before = items.len();
        items.extend(things.map(|thing| of_thing(thing, wait_of(facts, thing), facts)));
        if items.len() == before {
            items.push(next(&address, behind(account, shut)));
        }
    }
}

/// How a mini-program comes to be: the first line of its life. Nothing where its gate says what is waited for, and no more is
/// known.
fn registered(facts: &Facts<'_>, account: &Account) -> Option<Item> {
    let item = account.whose.item().unwrap_or_default();
    let what = registration(account);
    if let Some(appid) = &account.appid {
        let text = Text::new(
            format!("已注册（{appid}）"),
            format!("registered ({appid})"),
        );
        return Some(plain(Sign::Done, what, text));
    }
    // One through the official account is the official account's.
    let address = if account.declared.contains(&PersonalRegistration::NAME) {
        Address::of(PersonalRegistration::NAME).whose(account.whose.clone())
    } else {
        Address::of(Registration::NAME).with_key(item)
    };
    let thing = facts.things.iter().find(|thing| thing.address == address)?;
    let found = of_thing(thing, wait_of(facts, thing), facts);
    (found.sign != Sign::Next).then_some(Item { what, ..found })
}

/// What the registration of a mini-program is called.
fn registration(account: &Account) -> Text {
    named(&Address::of(Registration::NAME).whose(account.whose.clone()))
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
        headline: None,
    }
}

fn validated(facts: &Facts<'_>) -> Item {
    let place = &facts.place;
    if facts.is_mistaken {
        return Item {
            headline: Some(Text::new(
                "配置有错，生效的仍是之前的版本",
                "the manifest has a mistake; what was in force before stays so",
            )),
            ..plain(
                Sign::Failed,
                Text::new("配置", "manifest"),
                Text::new(
                    "有错，见上文；以下是之前生效的版本的情况",
                    "has a mistake, see above; what follows is of the revision in force before",
                ),
            )
        };
    }
    let text = if facts.changed_since {
        Text::new(
            format!("校验通过（{place}）；上次执行之后改过，以下是改之前的情况"),
            format!(
                "valid ({place}); changed since the last pass, what follows is from before that"
            ),
        )
    } else {
        Text::new(format!("校验通过（{place}）"), format!("valid ({place})"))
    };
    plain(Sign::Done, Text::new("配置", "manifest"), text)
}

fn authorized(facts: &Facts<'_>, of: &Account) -> Item {
    let account = of.appid.clone().unwrap_or_default();
    // One that stands in the manifest since is none that the last pass has looked at.
    let looked = facts.looked && (of.authorized || !facts.changed_since);
    let (sign, text) = match (looked, of.authorized) {
        (true, _) => (
            Sign::Done,
            Text::new(
                format!("已授权，符合配置（{account}）"),
                format!("granted, and as declared ({account})"),
            ),
        ),
        (false, true) => (
            Sign::Done,
            Text::new(
                format!("已授权（{account}）；尚未核对是否符合配置"),
                format!("granted ({account}); whether it is as declared, the next pass looks"),
            ),
        ),
        (false, false) => (
            Sign::Next,
            Text::new(
                "尚未查询，运行 wxops apply 后可知",
                "not looked at yet: the next pass does",
            ),
        ),
    };
    plain(
        sign,
        named(&authorization::ADDRESS.whose(of.whose.clone())),
        text,
    )
}

fn waiting(one: &Awaited) -> Item {
    let what = if one.address.resource.is_empty() {
        heading(authorization::NAME)
    } else {
        named(&one.address)
    };
    Item {
        sign: Sign::Waiting,
        what,
        text: one.waiting.text.clone(),
        wait: Some(one.clone()),
        headline: None,
    }
}

fn of_thing(thing: &Thing, wait: Option<&Awaited>, facts: &Facts<'_>) -> Item {
    let what = named(&thing.address);
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
                    "与配置不一致，下一次执行时更改",
                    "differs: the next pass changes it",
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
            None => (
                Sign::Waiting,
                given.unwrap_or_else(|| Text::new("等待中", "waiting")),
            ),
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

/// What comes before a thing whose turn has not come.
enum Behind {
    Nothing,
    Authorization,
    Registration,
}

fn behind(account: &Account, shut: bool) -> Behind {
    match (shut, account.is_unmade()) {
        (false, _) => Behind::Nothing,
        (true, false) => Behind::Authorization,
        (true, true) => Behind::Registration,
    }
}

fn next(address: &Address, behind: Behind) -> Item {
    let text = match behind {
        Behind::Nothing => Text::new("由下一次执行处理", "by the next pass"),
        Behind::Authorization => Text::new(
            "授权后由下一次执行处理",
            "after authorization, by the next pass",
        ),
        Behind::Registration => Text::new(
            "注册后由下一次执行处理",
            "once it is registered, by the next pass",
        ),
    };
    plain(Sign::Next, named(address), text)
}

fn named(address: &Address) -> Text {
    let (heading, key) = (
        heading(&address.resource),
        heading::key(&address.resource, &address.key),
    );
    let around = |heading: &str, key: &str| {
        let key = Some(key).filter(|key| !key.is_empty());
        let words = address.whose.item().into_iter().chain([heading]).chain(key);
        words.collect::<Vec<_>>().join(" ")
    };
    Text::new(around(&heading.zh, &key.zh), around(&heading.en, &key.en))
}
