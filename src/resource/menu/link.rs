//! Buttons that open a mini-program: what they are until it is linked to the official account.
//!
//! A menu with a mini-program that is not linked is refused whole (85005), so such a button is a plain link until
//! both administrators have confirmed. Nobody tells us when they do: the next pass reads it.

use std::collections::{BTreeMap, BTreeSet};

use super::spec::{ButtonSpec, MenuSpec, MiniProgramButton};
use crate::plan::{Person, Reason, Text, Verdict, Waiting, Why};
use crate::resource::{Kind, View, authorization, payload};
use crate::wechat::link::{self, Link, LinkStatus};
use crate::wechat::menu::{Button, Does};
use crate::wechat::{Appid, Call};

/// What is known of the account's links.
pub(super) enum Links {
    /// Everything.
    Known(Vec<Link>),
    /// The permission set to ask is not granted.
    NotGranted,
    /// Nobody asked.
    NotAsked,
    /// It was asked in vain.
    Failed(Why),
}

/// A button that is a plain link though a mini-program is declared.
pub(super) struct Plain {
    appid: String,
    button: String,
}

/// The read it takes, where a mini-program is declared and may be asked about.
pub(super) fn needs(spec: &MenuSpec, view: &View<'_>) -> Option<Call> {
    let read = link::get_request(view.account());
    let wanted = granted(view) && declared(spec) && !view.seen.contains_key(&read);
    wanted.then_some(read)
}

/// What the read said.
pub(super) fn links(view: &View<'_>) -> Links {
    if !granted(view) {
        return Links::NotGranted;
    }
    match view.seen.get(&link::get_request(view.account())) {
        None => Links::NotAsked,
        answer => match payload::<link::Links>(&link::GET, answer) {
            Ok(links) => Links::Known(links.wxopens.items),
            Err(why) => Links::Failed(why),
        },
    }
}

fn granted(view: &View<'_>) -> bool {
    view.facts.grants(link::GET.sets)
}

/// Whether any button of any menu opens a mini-program.
fn declared(spec: &MenuSpec) -> bool {
    fn any(buttons: &[ButtonSpec]) -> bool {
        buttons.iter().any(|button| {
            button.mini_program.is_some() || button.sub_buttons.as_deref().is_some_and(any)
        })
    }
    let conditional = spec.conditional.iter().flatten();
    any(&spec.buttons) || conditional.into_iter().any(|menu| any(&menu.buttons))
}

impl Links {
    /// Whether a mini-program is linked; `None` where that is not known.
    fn linked(&self, appid: &str) -> Option<bool> {
        match self {
            Self::Known(links) => {
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
            Self::NotGranted | Self::NotAsked | Self::Failed(_) => None,
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
        let appid = target.app_id.as_ref().map(ToString::to_string);
        let appid = appid.unwrap_or_default();
        let linked = self
            .linked(&appid)
            .unwrap_or_else(|| live_form(name, target, &appid, own, all));
        if linked {
            return Does::MiniProgram {
                url: target.fallback_url.clone(),
                appid,
                pagepath: target.page.clone(),
            };
        }
        plain.push(Plain {
            appid,
            button: name.to_owned(),
        });
        Does::View {
            url: target.fallback_url.clone(),
        }
    }

    /// What is said of buttons that are plain links for now, by mini-program. Never a step: the plan stays empty.
    pub(super) fn waits(&self, plain: &[Plain]) -> BTreeMap<String, Verdict> {
        if let Self::Failed(why) = self {
            return BTreeMap::from([("links".to_owned(), Verdict::Unknown(why.clone()))]);
        }
        let appids: BTreeSet<&str> = plain.iter().map(|plain| plain.appid.as_str()).collect();
        appids
            .into_iter()
            .filter_map(|appid| {
                let names: Vec<&str> = plain
                    .iter()
                    .filter(|plain| plain.appid == appid)
                    .map(|plain| plain.button.as_str())
                    .collect();
                let waiting = self.waiting(appid, &names.join(", "))?;
                Some((format!("link {appid}"), Verdict::Waiting(waiting)))
            })
            .collect()
    }

    fn waiting(&self, appid: &str, names: &str) -> Option<Waiting> {
        let button = Text::new(
            format!("按钮变为小程序:{names}"),
            format!("the button opens the mini-program: {names}"),
        );
        match self {
            Self::NotGranted => {
                let mut waiting = authorization::set_missing(Kind::Official, link::GET.sets);
                waiting.text = Text::new(
                    format!(
                        "{};不知 {appid} 是否已关联,按钮暂为普通链接",
                        waiting.text.zh
                    ),
                    format!(
                        "{}; whether {appid} is linked is not known, so the button is a plain link",
                        waiting.text.en
                    ),
                );
                Some(waiting.then(button))
            }
            Self::Known(links) => {
                let asked = asked(links, appid);
                Some(
                    Waiting::new(
                        Reason::NotLinked,
                        Person::Owner,
                        Text::new(
                            format!("{appid} 尚未关联到该公众号,按钮暂为普通链接;{}", asked.zh),
                            format!(
                                "{appid} is not linked to the account, so the button is a plain link; {}",
                                asked.en
                            ),
                        ),
                    )
                    .then(button),
                )
            }
            Self::NotAsked | Self::Failed(_) => None,
        }
    }
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

/// Who has to confirm. While an app is not linked WeChat leaves its appid out, so what is asked for is named as the
/// list names it.
fn asked(links: &[Link], appid: &str) -> Text {
    let open: Vec<Text> = links
        .iter()
        .filter(|link| link.appid.as_deref().is_none_or(|live| same(live, appid)))
        .filter_map(said)
        .collect();
    if open.is_empty() {
        return Text::new(
            "也没有待确认的关联申请:请公众号管理员在公众平台「小程序管理」中关联",
            "nobody has asked for the link: the account's administrator adds it in WeChat's console (mp.weixin.qq.com)",
        );
    }
    let zh: Vec<String> = open.iter().map(|text| text.zh.clone()).collect();
    let en: Vec<String> = open.iter().map(|text| text.en.clone()).collect();
    Text::new(
        format!("待确认的关联:{}", zh.join(";")),
        format!("asked for: {}", en.join("; ")),
    )
}

fn said(link: &Link) -> Option<Text> {
    let (zh, en) = match link.status() {
        LinkStatus::Linked => return None,
        LinkStatus::AsksOfficialAccount => (
            "等公众号管理员确认,之后等小程序管理员确认(状态 12)".to_owned(),
            "the official account's administrator confirms, then the mini-program's (status 12)"
                .to_owned(),
        ),
        LinkStatus::AsksMiniProgram => (
            "等小程序管理员确认(状态 2)".to_owned(),
            "the mini-program's administrator confirms (status 2)".to_owned(),
        ),
        LinkStatus::Refused => (
            "小程序管理员已拒绝(状态 3),需重新申请".to_owned(),
            "the mini-program's administrator refused (status 3): ask again".to_owned(),
        ),
        LinkStatus::Unknown(status) => (format!("状态 {status}"), format!("status {status}")),
    };
    let who = link.nickname.as_deref().filter(|name| !name.is_empty());
    let who = who.or(link.username.as_deref()).unwrap_or("-");
    Some(Text::new(format!("{who}:{zh}"), format!("{who}: {en}")))
}
