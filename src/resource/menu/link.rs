//! Buttons that open a mini-program: what they are until it is linked to the official account.
//!
//! A menu with a mini-program that is not linked is refused whole (85005), so such a button is a plain link until
//! both administrators have confirmed. Nobody tells us when they do: the next pass reads it.

use std::collections::{BTreeMap, BTreeSet};

use super::spec::{MenuSpec, MiniProgramButton};
use crate::plan::path::SpecPath;
use crate::plan::{Person, Reason, Text, Verdict, Waiting, Whose, Why};
use crate::resource::links::LinkSpec;
use crate::resource::{Facts, Gate, Gates, Kind, Sibling, View, authorization, payload};
use crate::wechat::link::{self, Link, LinkStatus};
use crate::wechat::menu::{Button, Does};
use crate::wechat::{Appid, Call};

/// What is known of the account's links, and of the mini-programs that buttons refer to.
pub(super) struct Links<'a> {
    asked: Asked,
    siblings: &'a [Sibling],
    /// What is known of the tenant's accounts.
    gates: &'a Gates,
    /// The links that the tenant declares.
    declared: &'a [LinkSpec],
}

/// What is known of the account's links.
enum Asked {
    /// Everything.
    Known(Vec<Link>),
    /// The permission set to ask is not granted.
    NotGranted,
    /// Nobody asked.
    NotYet,
    /// It was asked in vain.
    Failed(Why),
}

/// A button that is a plain link though a mini-program is declared.
pub(super) struct Plain {
    target: Target,
    button: String,
}

/// The mini-program behind a button.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    /// It has this appid.
    Known(String),
    /// The tenant's own of this name, whose administrator has not scanned yet.
    Awaited(String),
}

/// The read it takes, where a mini-program is declared and may be asked about.
pub(super) fn needs(spec: &MenuSpec, view: &View<'_>) -> Option<Call> {
    let read = link::get_request(view.account());
    let wanted = granted(view) && declared(spec) && !view.seen.contains_key(&read);
    wanted.then_some(read)
}

/// What the read said.
pub(super) fn links<'a>(view: &View<'a>) -> Links<'a> {
    let asked = match view.seen.get(&link::get_request(view.account())) {
        _ if !granted(view) => Asked::NotGranted,
        None => Asked::NotYet,
        answer => match payload::<link::Links>(&link::GET, answer) {
            Ok(links) => Asked::Known(links.wxopens.items),
            Err(why) => Asked::Failed(why),
        },
    };
    let official = view.spec.official_account.as_ref();
    Links {
        asked,
        siblings: view.siblings,
        gates: view.gates,
        declared: official
            .and_then(|one| one.links.as_deref())
            .unwrap_or_default(),
    }
}

fn granted(view: &View<'_>) -> bool {
    view.facts.grants(link::GET.sets)
}

/// Whether any button of any menu opens a mini-program.
fn declared(spec: &MenuSpec) -> bool {
    !spec.mini_programs(&SpecPath::root()).is_empty()
}

impl Links<'_> {
    /// The mini-program that a button names.
    fn target(&self, button: &MiniProgramButton) -> Target {
        let Some(name) = &button.reference else {
            let appid = button.app_id.as_ref().map(ToString::to_string);
            return Target::Known(appid.unwrap_or_default());
        };
        let whose = Whose::app(name);
        let mut siblings = self.siblings.iter();
        let its = siblings.find(|sibling| sibling.at.whose == whose);
        match its.and_then(|sibling| sibling.appid.as_ref()) {
            Some(appid) => Target::Known(appid.to_string()),
            None => Target::Awaited(name.clone()),
        }
    }

    /// Whether the tenant declares the link with a mini-program.
    fn declares(&self, appid: &str) -> bool {
        let is_it = |known: Option<&Appid>| known.is_some_and(|known| known.as_str() == appid);
        self.declared.iter().any(|link| {
            let named =
                |sibling: &&Sibling| sibling.at.whose.item() == link.mini_program.as_deref();
            let own = || self.siblings.iter().find(named)?.appid.as_ref();
            is_it(link.app_id.as_ref()) || link.mini_program.is_some() && is_it(own())
        })
    }

    /// Whether a mini-program is linked; `None` where that is not known.
    fn linked(&self, appid: &str) -> Option<bool> {
        match &self.asked {
            Asked::Known(links) => {
                let linked = || {
                    links
                        .iter()
                        .filter(|link| link.status() == LinkStatus::Linked)
                };
                let named =
                    |link: &Link| link.appid.as_deref().is_some_and(|live| same(live, appid));
                if linked().any(named) {
                    return Some(true);
                }
                // What is linked has an appid; one that the answer does not say may be this one.
                linked().all(|link| link.appid.is_some()).then_some(false)
            }
            Asked::NotGranted | Asked::NotYet | Asked::Failed(_) => None,
        }
    }

    /// The form a button should have now. `own` is the live menu it stands in, `all` every live button.
    pub(super) fn form(
        &self,
        name: &str,
        target: &MiniProgramButton,
        (own, all): (&[Button], &[&Button]),
        plain: &mut Vec<Plain>,
    ) -> Does {
        let to = self.target(target);
        if let Target::Known(appid) = &to
            && self
                .linked(appid)
                .unwrap_or_else(|| live_form(name, target, appid, own, all))
        {
            return Does::MiniProgram {
                url: target.fallback_url.clone(),
                appid: appid.clone(),
                pagepath: target.page.clone(),
            };
        }
        plain.push(Plain {
            target: to,
            button: name.to_owned(),
        });
        Does::View {
            url: target.fallback_url.clone(),
        }
    }

    /// What is said of buttons that are plain links for now, by mini-program. Never a step: the plan stays empty.
    pub(super) fn waits(&self, plain: &[Plain]) -> BTreeMap<String, Verdict> {
        let mut found = BTreeMap::new();
        if let Asked::Failed(why) = &self.asked {
            found.insert("links".to_owned(), Verdict::Unknown(why.clone()));
        }
        let targets: BTreeSet<&Target> = plain.iter().map(|plain| &plain.target).collect();
        for target in targets {
            let its = plain.iter().filter(|plain| plain.target == *target);
            let names: Vec<&str> = its.map(|plain| plain.button.as_str()).collect();
            let Text { zh, en } = Text::list(names);
            let button = Text::new(
                format!("按钮变为小程序：{zh}"),
                format!("the button opens the mini-program: {en}"),
            );
            let (name, waiting) = match target {
                Target::Known(appid) => (appid, self.waiting(appid, button)),
                Target::Awaited(name) => (name, Some(self.awaited(name).then(button))),
            };
            let waiting = waiting.map(Verdict::Waiting);
            found.extend(waiting.map(|waiting| (format!("link {name}"), waiting)));
        }
        found
    }

    /// What the wait is for of a mini-program that has no appid.
    fn awaited(&self, name: &str) -> Waiting {
        let gate = self.gates.get(&Whose::app(name));
        let mut registers = [Reason::NotRegistered, Reason::AfterAnotherStep].into_iter();
        if registers.any(|reason| gate.is_some_and(|gate| gate.waits_for(reason).is_some())) {
            return Waiting::new(
                Reason::NotLinked,
                Person::Nobody,
                Text::new(
                    format!("小程序 {name} 尚未注册，按钮暂为普通链接"),
                    format!(
                        "mini-program `{name}` is not registered yet, so the button is a plain link"
                    ),
                ),
            );
        }
        awaited(name)
    }

    fn waiting(&self, appid: &str, button: Text) -> Option<Waiting> {
        match &self.asked {
            Asked::NotGranted => {
                let mut waiting = authorization::set_missing(Kind::Official, link::GET.sets);
                waiting.text = Text::new(
                    format!(
                        "{}；不知 {appid} 是否已关联，按钮暂为普通链接",
                        waiting.text.zh
                    ),
                    format!(
                        "{}; whether {appid} is linked is not known, so the button is a plain link",
                        waiting.text.en
                    ),
                );
                Some(waiting.then(button))
            }
            Asked::Known(links) => {
                let may_be = links.iter().filter(|link| self.may_be(link, appid));
                let (who, asked) = asked(may_be, self.declares(appid));
                Some(
                    Waiting::new(
                        Reason::NotLinked,
                        who,
                        Text::new(
                            format!("{appid} 尚未关联到该公众号，按钮暂为普通链接；{}", asked.zh),
                            format!(
                                "{appid} is not linked to the account, so the button is a plain link; {}",
                                asked.en
                            ),
                        ),
                    )
                    .then(button),
                )
            }
            Asked::NotYet | Asked::Failed(_) => None,
        }
    }
}

impl Links<'_> {
    /// Whether an entry of the list may be about a mini-program. While it is not linked WeChat leaves the appid out: then
    /// its original id tells, or its name does where that is another one's of the tenant.
    fn may_be(&self, link: &Link, appid: &str) -> bool {
        if let Some(live) = &link.appid {
            return same(live, appid);
        }
        let username = link.username.as_deref().filter(|id| !id.is_empty());
        let nickname = link.nickname.as_deref().filter(|name| !name.is_empty());
        let open = self.gates.values().filter_map(|gate| match gate {
            Gate::Open { facts, nick_name } => Some((facts, nick_name.as_str())),
            Gate::Shut(_) | Gate::Unborn { .. } => None,
        });
        let (own, others): (Vec<_>, Vec<_>) =
            open.partition(|(facts, _)| facts.account.as_str() == appid);
        let by_id = |facts: &Facts| Some(facts.original_id.as_deref()? == username?);
        if let Some(told) = own.iter().find_map(|(facts, _)| by_id(facts)) {
            return told;
        }
        let is_another = |(facts, name): &(&Facts, &str)| {
            by_id(facts).unwrap_or_else(|| nickname == Some(*name))
        };
        !others.iter().any(is_another)
    }
}

/// The tenant's own mini-program has no appid yet.
fn awaited(name: &str) -> Waiting {
    Waiting::new(
        Reason::NotLinked,
        Person::AppAdmin,
        Text::new(
            format!("小程序 {name} 尚未扫码授权，还不知道其 appid，按钮暂为普通链接"),
            format!(
                "mini-program `{name}` has no appid before its administrator scans, so the button is a plain link"
            ),
        ),
    )
}

/// Whether what the list names is this mini-program.
fn same(live: &str, appid: &str) -> bool {
    live == appid || Appid::parse(live).is_ok_and(|live| live.as_str() == appid)
}

/// Keeps the form that is live: of the button of that name, else of any button with that mini-program.
fn live_form(
    name: &str,
    target: &MiniProgramButton,
    appid: &str,
    own: &[Button],
    all: &[&Button],
) -> bool {
    let opens = |button: &Button| matches!(&button.does, Does::MiniProgram { appid: live, .. } if live == appid);
    let leads =
        |button: &Button| matches!(&button.does, Does::View { url } if *url == target.fallback_url);
    let own = flat(own);
    let named: Vec<&&Button> = own.iter().filter(|button| button.name == name).collect();
    if named.iter().any(|button| opens(button)) {
        return true;
    }
    if named.iter().any(|button| leads(button)) {
        return false;
    }
    all.iter().any(|button| opens(button))
}

/// Every button of both levels.
pub(super) fn flat(buttons: &[Button]) -> Vec<&Button> {
    buttons
        .iter()
        .flat_map(|button| {
            if let Does::Container(below) = &button.does {
                below.iter().collect()
            } else {
                vec![button]
            }
        })
        .collect()
}

/// Who has to act, and on what. While an app is not linked WeChat leaves its appid out, so what is asked for is named as
/// the list names it.
fn asked<'l>(links: impl Iterator<Item = &'l Link>, declared: bool) -> (Person, Text) {
    let open: Vec<(Person, Text)> = links.filter_map(said).collect();
    if open.is_empty() && declared {
        let text = Text::new(
            "officialAccount.links 已声明该关联，提出申请后由两位管理员先后确认",
            "officialAccount.links declares the link: once it is asked for, two administrators confirm it",
        );
        return (Person::Owner, text);
    }
    if open.is_empty() {
        let text = Text::new(
            "也没有待确认的关联申请：请在 officialAccount.links 中声明，或由公众号管理员在公众平台「小程序管理」中关联",
            "nobody has asked for the link: declare it in officialAccount.links, or the account's administrator adds it in \
             WeChat's console (mp.weixin.qq.com)",
        );
        return (Person::Owner, text);
    }
    let all_of_the_app = open.iter().all(|(who, _)| *who == Person::AppAdmin);
    let who = if all_of_the_app {
        Person::AppAdmin
    } else {
        Person::Owner
    };
    let zh: Vec<&str> = open.iter().map(|(_, text)| text.zh.as_str()).collect();
    let en: Vec<&str> = open.iter().map(|(_, text)| text.en.as_str()).collect();
    let text = Text::new(
        format!("待确认的关联：{}", zh.join("；")),
        format!("asked for: {}", en.join("; ")),
    );
    (who, text)
}

fn said(link: &Link) -> Option<(Person, Text)> {
    let person = match link.status() {
        LinkStatus::AsksMiniProgram => Person::AppAdmin,
        LinkStatus::Linked
        | LinkStatus::AsksOfficialAccount
        | LinkStatus::Refused
        | LinkStatus::Unknown(_) => Person::Owner,
    };
    let (zh, en) = match link.status() {
        LinkStatus::Linked => return None,
        LinkStatus::AsksOfficialAccount => (
            "等公众号管理员确认，之后等小程序管理员确认（状态 12）".to_owned(),
            "the official account's administrator confirms, then the mini-program's (status 12)"
                .to_owned(),
        ),
        LinkStatus::AsksMiniProgram => (
            "等小程序管理员确认（状态 2）".to_owned(),
            "the mini-program's administrator confirms (status 2)".to_owned(),
        ),
        LinkStatus::Refused => (
            "小程序管理员已拒绝（状态 3），需重新申请".to_owned(),
            "the mini-program's administrator refused (status 3): ask again".to_owned(),
        ),
        LinkStatus::Unknown(status) => (format!("状态 {status}"), format!("status {status}")),
    };
    let who = link.nickname.as_deref().filter(|name| !name.is_empty());
    let who = who.or(link.username.as_deref()).unwrap_or("-");
    let text = Text::new(format!("{who}：{zh}"), format!("{who}: {en}"));
    Some((person, text))
}
