//! What is to be done about one link, and whom it waits for.

use serde_json::{Value, json};

use super::{LinkSpec, LinkState, Links, Stands, journal};
use crate::plan::{
    Action, Change, Costly, Person, Reason, Step, Text, Verdict, Waiting, Why, WhyKind,
};
use crate::resource::{At, Resource as _, View};
use crate::wechat::{Appid, link};

/// One declared link, and what WeChat lists.
pub(super) struct Due<'a> {
    pub(super) item: &'a LinkSpec,
    pub(super) index: usize,
    pub(super) wanted: &'a LinkState,
    pub(super) live: &'a [LinkState],
    pub(super) view: &'a View<'a>,
}

impl Due<'_> {
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
            return Some(match self.unnamed().first() {
                Some(other) => Verdict::Waiting(self.maybe_asked(app_id, other)),
                None => Verdict::Step(self.asking(app_id)),
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
        let unnamed = self.live.iter().filter(|live| live.app_id.is_none());
        unnamed.filter(may_be).collect()
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

fn odd(app_id: &Appid, status: i64) -> Why {
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            format!("与 {app_id} 的关联处于状态 {status}，文档没有说明其含义"),
            format!("the link with {app_id} has status {status}, which no page explains"),
        ),
    }
}
