//! What is to be done about one link, and whom it waits for.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{LinkSpec, LinkState, Links, Stands, journal};
use crate::plan::{
    Action, Change, Costly, Person, Reason, Step, Text, Verdict, Waiting, Why, WhyKind,
};
use crate::resource::ops::LastDone;
use crate::resource::{At, Resource as _, View};
use crate::wechat::calendar::{minute, second};
use crate::wechat::{Appid, link};

/// By then WeChat lists what was asked for: somewhat more than the margin of a probe.
const LATE: SignedDuration = SignedDuration::from_mins(1);

/// One declared link, and what WeChat lists.
pub(super) struct Due<'a> {
    pub(super) item: &'a LinkSpec,
    pub(super) index: usize,
    pub(super) wanted: &'a LinkState,
    pub(super) live: &'a [LinkState],
    pub(super) view: &'a View<'a>,
}

impl<'a> Due<'a> {
    /// None: as declared.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        let Some(app_id) = self.item.app_id(self.view) else {
            let asked = self.wanted.stands == Stands::Linked;
            let wait = || {
                let renamed = self.view.maybe_renamed(&self.wanted.key);
                renamed.unwrap_or_else(|| self.not_scanned())
            };
            return asked.then(|| Verdict::Waiting(wait()));
        };
        let found = self.found();
        if self.wanted.stands == Stands::Absent {
            let linked = found.is_some_and(|live| live.stands == Stands::Linked);
            return linked.then(|| Verdict::Step(self.unlinking(app_id)));
        }
        let Some(live) = found else {
            return Some(match (self.unnamed().first(), self.gone()) {
                (Some(other), _) => Verdict::Waiting(self.maybe_asked(app_id, other)),
                (None, Some(asked)) => Verdict::Waiting(self.taken_away(app_id, asked.at)),
                (None, None) => Verdict::Step(self.asking(app_id)),
            });
        };
        if let Stands::Odd(status) = live.stands {
            return Some(Verdict::Unknown(odd(app_id, status)));
        }
        let (who, text) = waits_for(live.stands)?;
        let text = Text::new(
            format!("已申请关联 {app_id}：{}", text.zh),
            format!("the link with {app_id} is asked for: {}", text.en),
        );
        Some(Verdict::Waiting(Waiting::new(Reason::NotLinked, who, text)))
    }

    /// What the list has of it. While it is not linked, only its original id tells.
    fn found(&self) -> Option<&LinkState> {
        let by_appid =
            |live: &&LinkState| live.app_id.is_some() && live.app_id == self.wanted.app_id;
        let by_name = |live: &&LinkState| {
            live.original_id.is_some() && live.original_id == self.wanted.original_id
        };
        let mut live = self.live.iter();
        live.clone().find(by_appid).or_else(|| live.find(by_name))
    }

    /// What the list has that may be this one: it says no appid, and an original id that is nobody's we know.
    fn unnamed(&self) -> Vec<&LinkState> {
        let facts = || self.view.gates.values().filter_map(|gate| gate.facts());
        let of_another = |id: &String| facts().any(|facts| facts.original_id.as_ref() == Some(id));
        let may_be = |live: &&LinkState| match &live.original_id {
            None => true,
            Some(id) => self.wanted.original_id.is_none() && !of_another(id),
        };
        // A request that was refused is none that is open.
        let unnamed = self
            .live
            .iter()
            .filter(|live| live.app_id.is_none() && live.stands != Stands::Refused);
        unnamed.filter(may_be).collect()
    }

    /// Our request for a link that WeChat lists no more, unless we ended it or a person said that it may be asked for
    /// again. While no read has shown the request at all, the step's own record of that holds it.
    pub(super) fn gone(&self) -> Option<&'a LastDone> {
        let app_id = self.item.app_id(self.view)?;
        let (account, ops) = (self.view.account(), self.view.ops);
        let asked = ops.last_of(account, &link::LINK, app_id.as_str())?;
        let ended = ops.last_of(account, &link::UNLINK, app_id.as_str());
        let address = self.view.address(Links::NAME);
        let record = self.view.records.get(&address.with_key(&*self.wanted.key));
        let unseen = record.is_some_and(|record| record.unseen.is_some());
        let over = journal::is_over(asked) || ended.is_some_and(|ended| ended.at >= asked.at);
        let listed = self.found().is_some() || self.wanted.stands == Stands::Absent;
        (!unseen && !over && !listed).then_some(asked)
    }

    fn asking(&self, app_id: &Appid) -> Step {
        let account = self.view.account();
        let LinkSpec {
            show_profile,
            notify_users,
            ..
        } = *self.item;
        let call = link::link_request(account, app_id, notify_users, show_profile);
        let changes = vec![self.change(None, Some(json!(app_id)))];
        let mut step = Step::new(Action::Create, account.clone(), changes, vec![call]);
        step.evidence = journal::evidence(self.wanted.original_id.as_deref(), self.live);
        step.notes.push(Text::new(
            "随后须两位管理员在微信中确认：先公众号管理员，后小程序管理员",
            "two administrators confirm it in WeChat then: the official account's first, and the mini-program's",
        ));
        step
    }

    fn unlinking(&self, app_id: &Appid) -> Step {
        let account = self.view.account();
        let call = link::unlink_request(account, app_id);
        let changes = vec![self.change(Some(json!(app_id)), None)];
        let mut step = Step::new(Action::Delete, account.clone(), changes, vec![call]);
        step.costly = Some(Costly::Unlink);
        step
    }

    fn change(&self, from: Option<Value>, to: Option<Value>) -> Change {
        Change {
            path: Links::path(&At::OFFICIAL).index(self.index),
            from,
            to,
        }
    }

    fn not_scanned(&self) -> Waiting {
        let name = &self.wanted.key;
        Waiting::new(
            Reason::NotLinked,
            Person::AppAdmin,
            Text::new(
                format!("小程序 {name} 尚未扫码授权，还不知道其 appid；授权后再申请关联"),
                format!(
                    "mini-program `{name}` has no appid before its administrator scans; the link is asked for then"
                ),
            ),
        )
    }

    /// It was asked for, and is in the list no more: people have ended it, and another request costs another of the month.
    fn taken_away(&self, app_id: &Appid, at: Timestamp) -> Waiting {
        let shows_by = at.checked_add(LATE).unwrap_or(Timestamp::MAX);
        if self.view.now < shows_by {
            let time = second(shows_by);
            let text = Text::new(
                format!(
                    "刚刚申请关联 {app_id}，微信显示的可能还是申请之前的情况；{time} 之后再查看"
                ),
                format!(
                    "the link with {app_id} was asked for just now, and WeChat may still show what was before; it is \
                     looked at again after {time}"
                ),
            );
            let mut waiting = Waiting::new(Reason::NotLinked, Person::Nobody, text);
            waiting.until = Some(shows_by);
            return waiting;
        }
        let (key, at) = (&self.wanted.key, minute(at));
        let tenant = self.view.tenant;
        let command = format!("wxops op assume {tenant} links/{key} --differs");
        Waiting::new(
            Reason::NotLinked,
            Person::Owner,
            Text::new(
                format!(
                    "已于 {at} 申请关联 {app_id}，微信的列表中已没有它：管理员拒绝了，或取消了关联，因此不会自动再次申请；商定之后，由公众号管理员在公众平台「小程序管理」中关联，或允许再申请一次：{command}"
                ),
                format!(
                    "the link with {app_id} was asked for at {at} and is in WeChat's list no more: an administrator refused \
                     it or took it away, so it is not asked for again by itself. Agree with them; then the account's \
                     administrator links it in WeChat's console (mp.weixin.qq.com), or let it be asked for once more: \
                     {command}"
                ),
            ),
        )
    }

    /// The list has a request of which it does not say for whom. A second message to an administrator who has one is
    /// worse than a wait.
    fn maybe_asked(&self, app_id: &Appid, other: &LinkState) -> Waiting {
        let (who, text) = waits_for(other.stands).unwrap_or_else(|| {
            (
                Person::Operator,
                Text::new("请在公众平台查看", "look in WeChat's console"),
            )
        });
        let name = &other.name;
        Waiting::new(
            Reason::NotLinked,
            who,
            Text::new(
                format!(
                    "微信未说明公众号的关联申请（{name}）是否就是 {app_id}，有结果之前不再申请：{}",
                    text.zh
                ),
                format!(
                    "WeChat does not say whether the request that is open ({name}) is for {app_id}, and none is made \
                     beside it: {}",
                    text.en
                ),
            ),
        )
    }
}

/// Who ends the wait. None: it is linked.
fn waits_for(stands: Stands) -> Option<(Person, Text)> {
    Some(match stands {
        Stands::Linked | Stands::Absent | Stands::Odd(_) => return None,
        Stands::AsksOfficialAccount => (
            Person::Owner,
            Text::new(
                "等待公众号管理员在微信中确认，之后由小程序管理员确认（状态 12）",
                "the official account's administrator confirms in WeChat, then the mini-program's (status 12)",
            ),
        ),
        Stands::AsksMiniProgram => (
            Person::AppAdmin,
            Text::new(
                "等待小程序管理员在微信中确认（状态 2）",
                "the mini-program's administrator confirms in WeChat (status 2)",
            ),
        ),
        Stands::Refused => (
            Person::Owner,
            Text::new(
                "小程序管理员已拒绝（状态 3），不会自动再次申请；商定之后，由公众号管理员在公众平台「小程序管理」中重新关联",
                "the mini-program's administrator refused (status 3), and it is not asked again by itself: agree with \
                 them, then the account's administrator links it in WeChat's console (mp.weixin.qq.com)",
            ),
        ),
    })
}

/// Two entries are about one mini-program, by its name and by its appid: what one asks for the other could end.
pub(super) fn twice(key: &str, first: &str) -> Why {
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            format!("{key} 与 {first} 是同一个小程序，只按 {first} 处理；请去掉其中一项"),
            format!(
                "`{key}` is the same mini-program as `{first}`, which alone counts: remove one of them"
            ),
        ),
    }
}

fn odd(app_id: &Appid, status: i64) -> Why {
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            format!("与 {app_id} 的关联处于状态 {status}，文档没有说明其含义"),
            format!("the link with {app_id} has status {status}, which no page explains"),
        ),
    }
}
