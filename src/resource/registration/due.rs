//! What is to be done about one mini-program that is to be registered, and whom it waits for.

use std::collections::BTreeMap;

use serde_json::json;

use super::candidate::About;
use super::{Registration, Unregistered, journal, lacking, limit_of};
use crate::plan::{Action, Change, Costly, Person, Reason, Step, Text, Verdict, Waiting};
use crate::resource::personal_registration::earlier;
use crate::resource::{At, Resource as _, View, authorization};
use crate::wechat::{Appid, registration};

/// One item, and what is about.
pub(super) struct Due<'a> {
    pub(super) one: &'a Unregistered<'a>,
    pub(super) about: &'a About,
    pub(super) view: &'a View<'a>,
}

impl Due<'_> {
    pub(super) fn verdict(&self) -> Verdict {
        // What is about is its effect, most likely: nobody is asked before the next pass has looked.
        if let Some(verdict) = earlier::verdict(&self.one.item.name, self.view) {
            return verdict;
        }
        match self.candidate() {
            Some((_, waiting)) => Verdict::Waiting(waiting),
            None if self.view.backdrop.unnamed.contains(&self.one.item.name) => {
                Verdict::Waiting(unnamed(&self.one.item.name, self.view))
            }
            None => Verdict::Step(self.registering()),
        }
    }

    /// What may be it, and the wait for a person to say.
    pub(super) fn candidate(&self) -> Option<(Appid, Waiting)> {
        let candidates = self.about.candidates(self.view, &self.one.how.besides);
        let (appid, tenant) = candidates.first_key_value()?;
        let waiting = self.maybe_it(appid, *tenant, candidates.len());
        Some(((*appid).clone(), waiting))
    }

    fn registering(&self) -> Step {
        let (view, name) = (self.view, &self.one.item.name);
        let account = view.account();
        let call = registration::request(account, &format!("{}:{name}", view.tenant));
        let change = Change {
            path: Registration::path(&At::OFFICIAL)
                .index(self.one.index)
                .field("registration"),
            from: None,
            to: Some(json!("reuseOfficialAccount")),
        };
        let mut step = Step::new(Action::Create, account.clone(), vec![change], vec![call]);
        step.costly = Some(if view.backdrop.is_restored {
            // Whoever said yes beforehand knew nothing of that.
            Costly::AddAgain
        } else {
            Costly::Register
        });
        step.evidence = journal::evidence(self.about);
        // One after another: WeChat takes no second one while the first is under way (61057, 61058).
        step.rank = u32::try_from(self.one.index).map_or(u32::MAX - 1, |index| index + 1);
        if limit_of(view.seen, account) == Some(registration::SOLE_TRADER_LIMIT) {
            step.notes.push(Text::new(
                "主体是个体户：每月只能注册 1 个",
                "its principal is a sole trader: one a month",
            ));
        }
        if !view.backdrop.scanned.contains_key(name) {
            step.awaits = Some(Text::new(
                format!("已获批准；公众号管理员为 {name} 扫码确认之后注册"),
                format!("may be made; registered once the administrator has scanned for `{name}`"),
            ));
        }
        step
    }

    /// Registering beside what may be it would make a second one, for good.
    fn maybe_it(&self, appid: &Appid, tenant: Option<&str>, many: usize) -> Waiting {
        let (view, name) = (self.view, &self.one.item.name);
        let besides = format!("registration: {{reuseOfficialAccount: {{besides: [{appid}]}}}}");
        let (more_zh, more_en) = match many {
            0 | 1 => (String::new(), String::new()),
            more => (
                format!("（共 {more} 个这样的小程序）"),
                format!(" ({more} such mini-programs in all)"),
            ),
        };
        let text = match tenant {
            None => Text::new(
                format!(
                    "小程序 {appid} 与该公众号有关联记录，或曾通过它注册，或已授权给本平台且主体相同，但没有租户认领，它可能就是 {name}，因此不注册{more_zh}：如果是，请执行 wxops claim take {}:{name} {appid}；如果不是，请在配置中写明 {besides}",
                    view.tenant
                ),
                format!(
                    "mini-program {appid} is linked to the official account or was registered through it, or is authorized and of the \
                     same principal, and no tenant has it: it may be `{name}`, so nothing is registered{more_en}. If it is: wxops claim take {}:{name} \
                     {appid}. If it is not, say so in the manifest: {besides}",
                    view.tenant
                ),
            ),
            Some(other) => Text::new(
                format!(
                    "小程序 {appid} 与该公众号有关联记录，或曾通过它注册，归租户 {other} 管理，它可能就是 {name}，因此不注册{more_zh}：如果是，请先执行 wxops claim release {appid}，再执行 wxops claim take {}:{name} {appid}；如果不是，请在配置中写明 {besides}",
                    view.tenant
                ),
                format!(
                    "mini-program {appid} is linked to the official account or was registered through it, and belongs to tenant {other}: it may be `{name}`, \
                     so nothing is registered{more_en}. If it is: wxops claim release {appid}, then wxops claim take {}:{name} \
                     {appid}. If it is not, say so in the manifest: {besides}",
                    view.tenant
                ),
            ),
        };
        let reason = match tenant {
            None => Reason::Unclaimed,
            Some(_) => Reason::ClaimedByAnother,
        };
        Waiting::new(reason, Person::Operator, text)
    }
}

/// A person has said that it is registered (`wxops op resolve --as done`), and nothing shows as what.
pub(crate) fn unnamed(item: &str, view: &View<'_>) -> Waiting {
    let to = format!("{}:{item}", view.tenant);
    Waiting::new(
        Reason::Unclaimed,
        Person::Operator,
        Text::new(
            format!(
                "有人确认过它已经注册，但没有说明是哪个账号，因此不再注册：请执行 wxops claim take {to} APPID"
            ),
            format!(
                "somebody said that it is registered, and not as which account, so nothing is registered: wxops claim take {to} APPID"
            ),
        ),
    )
}

/// Of several that could be registered now only the first is: what the next one is settled by is looked at after it.
pub(super) fn one_at_a_time(
    all: Vec<(Unregistered<'_>, Verdict)>,
    view: &View<'_>,
) -> BTreeMap<String, Verdict> {
    let mut first: Option<String> = None;
    let each = all.into_iter().map(|(one, verdict)| {
        let name = one.item.name.clone();
        let is_due =
            matches!(verdict, Verdict::Step(_)) && view.backdrop.scanned.contains_key(&name);
        let verdict = match &first {
            Some(first) if is_due => Verdict::Waiting(after(first)),
            Some(_) | None => verdict,
        };
        if is_due && first.is_none() {
            first = Some(name.clone());
        }
        (name, verdict)
    });
    each.collect()
}

fn after(first: &str) -> Waiting {
    Waiting::new(
        Reason::AfterAnotherStep,
        Person::Nobody,
        Text::new(
            format!("同一公众号一次只注册一个：先注册 {first}"),
            format!(
                "one at a time is registered through an official account: `{first}` comes first"
            ),
        ),
    )
}

/// Why nothing can be registered through the official account, whatever is about: it is not verified, or has not granted
/// what that and looking about takes.
pub(super) fn not_now(view: &View<'_>) -> Option<Waiting> {
    let facts = view.facts;
    if let Some(missing) = lacking(facts) {
        return Some(authorization::set_missing(facts.kind, missing));
    }
    (!facts.verified).then(not_verified)
}

/// WeChat would refuse it (61052).
fn not_verified() -> Waiting {
    Waiting::new(
        Reason::NotVerified,
        Person::Owner,
        Text::new(
            "公众号未认证，不能用它的主体注册小程序；请公众号管理员在公众平台完成微信认证",
            "the official account is not verified, so no mini-program can be registered with its principal: its \
             administrator must complete verification in WeChat's console",
        ),
    )
}
