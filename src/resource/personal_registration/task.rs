//! How far asking a person is, and what is to be done next.

use serde::Deserialize as _;
use serde_json::json;

use super::{PersonSpec, PersonalRegistration, earlier};
use crate::plan::{
    Action, Change, Costly, Person, Reason, Step, Text, Verdict, Waiting, Whose, Why,
};
use crate::resource::ops::LastDone;
use crate::resource::registration::due::unnamed as unnamed_before;
use crate::resource::{Resource as _, View, payload, principal, same_principal};
use crate::wechat::errcode::names_no_task;
use crate::wechat::personal_registration::{
    self, AskedFor, CREATE, Failure, PATIENCE, QUERY, Stage, Task,
};
use crate::wechat::{Answer, Appid, Call};

/// What the person was asked last, for whichever tenant.
pub(super) struct Last<'a> {
    done: &'a LastDone,
    asked: Option<AskedFor>,
}

pub(super) fn last<'a>(spec: &PersonSpec, view: &View<'a>) -> Option<Last<'a>> {
    let person = personal_registration::person(&spec.wechat_id);
    let done = view.ops.last_of(view.platform, &CREATE, &person)?;
    let asked = AskedFor::deserialize(&done.evidence).ok();
    Some(Last { done, asked })
}

impl Last<'_> {
    fn task(&self) -> Option<&str> {
        self.done.ids.values().next().map(String::as_str)
    }

    /// The read that tells how far it is.
    pub(super) fn query(&self, view: &View<'_>) -> Option<Call> {
        let task = self.task()?;
        Some(personal_registration::query_request(view.platform, task))
    }

    /// Whether the person's address works no more, and WeChat has had time to say so.
    fn is_late(&self, view: &View<'_>) -> bool {
        view.now > self.done.at + PATIENCE + earlier::SETTLES
    }

    fn is_for(&self, view: &View<'_>) -> bool {
        let asked = self.asked.as_ref();
        asked.is_some_and(|asked| asked.r#for == whom(view))
    }
}

/// The item, as a push's addressee: `tenant:item`.
fn whom(view: &View<'_>) -> String {
    format!("{}:{}", view.tenant, item(view))
}

fn item<'a>(view: &View<'a>) -> &'a str {
    view.at.whose.item().unwrap_or_default()
}

/// What becomes of an item without an account.
pub(super) fn verdict(spec: &PersonSpec, view: &View<'_>) -> Verdict {
    match next(spec, view) {
        Next::Is(verdict) => *verdict,
        Next::Ask(asking) => match orphan(spec, view) {
            Ok(Some(waiting)) => Verdict::Waiting(waiting),
            Ok(None) => Verdict::Step(asking.step(spec, view)),
            Err(why) => Verdict::Unknown(why),
        },
    }
}

/// Whether the person is to be asked now, so that it must be known what is there.
pub(super) fn is_due(spec: &PersonSpec, view: &View<'_>) -> bool {
    matches!(next(spec, view), Next::Ask(_))
}

enum Next {
    Is(Box<Verdict>),
    Ask(Asking),
}

impl Next {
    fn is(verdict: Verdict) -> Self {
        Self::Is(Box::new(verdict))
    }
}

/// Asking a person, and what is to be said of it.
struct Asking {
    /// The task before it.
    after: Option<String>,
    /// Whom a task before it may still make a mini-program for.
    beside: Option<String>,
    costly: Costly,
    note: Option<Text>,
}

impl Asking {
    /// Whether to ask again, whoever was asked for whatever before, is nobody's to say beforehand.
    fn again(last: &Last<'_>, note: Text) -> Next {
        Next::Ask(Self {
            after: last.task().map(str::to_owned),
            beside: last.asked.as_ref().and_then(|asked| asked.beside.clone()),
            costly: Costly::AskAgain,
            note: Some(note),
        })
    }

    /// The same, where something may still come of the last task.
    fn beside(last: &Last<'_>, note: Text) -> Next {
        Next::Ask(Self {
            after: last.task().map(str::to_owned),
            beside: last.asked.as_ref().map(|asked| asked.r#for.clone()),
            costly: Costly::AskAgain,
            note: Some(note),
        })
    }

    fn step(self, spec: &PersonSpec, view: &View<'_>) -> Step {
        let change = Change {
            path: PersonalRegistration::path(view.at),
            from: None,
            to: Some(json!(spec.wechat_id)),
        };
        let call = call(spec, view);
        let account = view.platform.clone();
        let mut step = Step::new(Action::Create, account, vec![change], vec![call]);
        step.costly = Some(if view.backdrop.is_restored {
            Costly::AddAgain
        } else {
            self.costly
        });
        step.notes.extend(self.note);
        let asked = AskedFor {
            r#for: whom(view),
            item: item(view).to_owned(),
            after: self.after,
            beside: self.beside,
        };
        step.evidence = serde_json::to_value(asked).unwrap_or_default();
        step
    }
}

fn next(spec: &PersonSpec, view: &View<'_>) -> Next {
    if let Some(verdict) = earlier::verdict(item(view), view) {
        return Next::is(verdict);
    }
    if view.backdrop.unnamed.contains(item(view)) {
        return Next::is(Verdict::Waiting(unnamed_before(item(view), view)));
    }
    if let Some(waiting) = made_before(spec, view) {
        return Next::is(Verdict::Waiting(waiting));
    }
    if let Some(first) = first_for(spec, view) {
        return Next::is(Verdict::Waiting(after(first)));
    }
    let Some(last) = last(spec, view) else {
        return Next::Ask(Asking {
            after: None,
            beside: None,
            costly: Costly::Register,
            note: None,
        });
    };
    let Some(query) = last.query(view) else {
        let text = Text::new(
            "上次的应答没有任务编号，无从得知结果",
            "the last answer named no task, so nothing tells what came of it",
        );
        return Asking::beside(&last, text);
    };
    let answer = view.seen.get(&query);
    if let Some(Answer::Refused(error)) = answer
        && names_no_task(error)
    {
        let text = Text::new(
            "微信已查不到上次的任务，无从得知结果",
            "WeChat knows the last task no more, so nothing tells what came of it",
        );
        return Asking::beside(&last, text);
    }
    match payload(&QUERY, answer) {
        Ok(task) if last.is_for(view) => own(spec, view, &last, &task),
        Ok(task) => of_another(spec, view, &last, &task),
        Err(why) => Next::is(Verdict::Unknown(why)),
    }
}

/// A mini-program that was registered through the official account before the manifest named a person, and that nobody has.
fn made_before(spec: &PersonSpec, view: &View<'_>) -> Option<Waiting> {
    let ours = |appid: &&Appid| {
        view.siblings
            .iter()
            .any(|one| one.appid.as_ref() == Some(*appid))
    };
    let mut made = view.backdrop.made.iter();
    let appid = made.find(|appid| {
        let is_free = !view.backdrop.claims.contains_key(*appid) && !ours(appid);
        is_free && !spec.besides.contains(appid)
    })?;
    Some(maybe_it(spec, appid, view))
}

/// The item before this one for which the same person is to be asked.
fn first_for<'a>(spec: &PersonSpec, view: &View<'a>) -> Option<&'a str> {
    let person = personal_registration::person(&spec.wechat_id);
    if last(spec, view).is_some_and(|last| last.is_for(view)) {
        return None;
    }
    let items = view.spec.mini_programs.iter();
    let mut before = items.take_while(|one| one.name != item(view));
    let first = before.find(|one| {
        let same = one
            .person()
            .is_some_and(|of| personal_registration::person(&of.wechat_id) == person);
        let sibling = view.sibling(&Whose::app(&one.name));
        same && sibling.is_none_or(|own| own.appid.is_none())
    });
    first.map(|one| one.name.as_str())
}

fn after(first: &str) -> Waiting {
    Waiting::new(
        Reason::AfterAnotherStep,
        Person::Nobody,
        Text::new(
            format!("同一个人一次只征求一个小程序：先 {first}"),
            format!("a person is asked for one mini-program at a time: `{first}` comes first"),
        ),
    )
}

fn own(spec: &PersonSpec, view: &View<'_>, last: &Last<'_>, task: &Task) -> Next {
    let who = &spec.wechat_id;
    let waiting = match task.stage() {
        Stage::WithPerson if last.is_late(view) => {
            return Asking::beside(last, late(who, task.status));
        }
        Stage::WithPerson => {
            let mut waiting = Waiting::new(
                Reason::UnderReview,
                Person::Registrant,
                Text::new(
                    format!(
                        "等待 {who} 打开链接并完成确认，24 小时内有效（任务状态 {}）",
                        task.status
                    ),
                    format!(
                        "{who} has to open the link and agree to everything it asks within 24 hours (status {} of the task)",
                        task.status
                    ),
                ),
            );
            waiting.link = task.link().map(str::to_owned);
            waiting.until = Some(last.done.at + PATIENCE);
            waiting
        }
        Stage::WithWechat => Waiting::new(
            Reason::UnderReview,
            Person::Wechat,
            Text::new(
                format!("{who} 已确认，微信正在创建小程序"),
                format!("{who} has agreed; WeChat makes the mini-program"),
            ),
        ),
        Stage::Made => unnamed(&whom(view)),
        Stage::TimedOut => {
            return Next::Ask(Asking {
                after: last.task().map(str::to_owned),
                beside: last.asked.as_ref().and_then(|asked| asked.beside.clone()),
                costly: Costly::Register,
                note: Some(Text::new(
                    format!("{who} 没有在 24 小时内确认"),
                    format!("{who} did not agree within 24 hours"),
                )),
            });
        }
        Stage::Failed(failure) => return Asking::again(last, failed(failure, who, task.status)),
        Stage::Unknown => return Next::is(Verdict::Unknown(unknown(task.status))),
    };
    Next::is(Verdict::Waiting(waiting))
}

/// The person is asked for one mini-program at a time, or the push could not tell whose it is. It may be the same one, under
/// the name that its item or tenant had before.
fn of_another(spec: &PersonSpec, view: &View<'_>, last: &Last<'_>, task: &Task) -> Next {
    let who = &spec.wechat_id;
    let other = last
        .asked
        .as_ref()
        .map_or("?", |asked| asked.r#for.as_str());
    match task.stage() {
        Stage::WithPerson if last.is_late(view) => Asking::beside(last, late(who, task.status)),
        Stage::WithPerson | Stage::WithWechat => {
            let mut waiting = Waiting::new(
                Reason::AfterAnotherStep,
                Person::Nobody,
                Text::new(
                    format!("正在为 {other} 征求 {who} 的同意；同一个人一次只征求一个，结束后继续"),
                    format!(
                        "{who} is being asked for {other}, and for one mini-program at a time; goes on after that"
                    ),
                ),
            );
            waiting.until = Some(last.done.at + PATIENCE);
            Next::is(Verdict::Waiting(waiting))
        }
        Stage::Made => {
            let own = whom(view);
            let text = Text::new(
                format!(
                    "已为 {other} 给 {who} 注册过一个小程序：如果就是它，请执行 wxops claim take {own} APPID；确实需要另一个，且前一个已有归属，才再次发起"
                ),
                format!(
                    "a mini-program of {who} was registered for {other}: if it is this one, wxops claim take {own} APPID; ask again only if \
                     another is wanted and that one is somebody's"
                ),
            );
            // Where it has its account no push is due for it.
            let mut claims = view.backdrop.claims.values();
            if claims.any(|one| one.is_called(other)) {
                Asking::again(last, text)
            } else {
                Asking::beside(last, text)
            }
        }
        Stage::TimedOut => Asking::again(
            last,
            Text::new(
                format!("{who} 上一次（{other}）没有在 24 小时内确认"),
                format!("{who} did not agree within 24 hours when asked for {other}"),
            ),
        ),
        Stage::Failed(failure) => Asking::again(last, failed(failure, who, task.status)),
        Stage::Unknown => Next::is(Verdict::Unknown(unknown(task.status))),
    }
}

fn late(who: &str, status: i64) -> Text {
    Text::new(
        format!("{who} 的链接已过 24 小时，微信仍显示任务状态 {status}"),
        format!(
            "the link of {who} is older than 24 hours, and WeChat still shows status {status} of the task"
        ),
    )
}

fn call(spec: &PersonSpec, view: &View<'_>) -> Call {
    let phone = spec.component_phone.as_deref();
    personal_registration::request(view.platform, &spec.id_name, &spec.wechat_id, phone)
}

fn failed(failure: Failure, who: &str, status: i64) -> Text {
    match failure {
        Failure::Refused => Text::new(
            format!("{who} 拒绝了上一次请求"),
            format!("{who} refused when asked last"),
        ),
        Failure::Face => Text::new(
            format!("{who} 上一次没有通过人脸核验"),
            format!("{who} did not pass the face check last time"),
        ),
        Failure::Phone => Text::new(
            format!("{who} 上一次没有通过手机号验证"),
            format!("{who} did not confirm the phone number last time"),
        ),
        Failure::Limit => Text::new(
            format!("{who} 名下的小程序已达上限（{status}），须先注销一个"),
            format!(
                "{who} has as many mini-programs as WeChat allows ({status}), and must close one first"
            ),
        ),
        Failure::NotMade => Text::new(
            format!("微信没有为 {who} 创建小程序（任务状态 {status}）"),
            format!("WeChat did not make the mini-program of {who} (status {status} of the task)"),
        ),
    }
}

fn unknown(status: i64) -> Why {
    Why::unreadable(QUERY.name, &format!("status {status}"))
}

/// It is there, and the push that names it has not come, or came to a store that was put back since.
fn unnamed(to: &str) -> Waiting {
    Waiting::new(
        Reason::Unclaimed,
        Person::Operator,
        Text::new(
            format!(
                "小程序已创建，微信会推送它的 appid；如果一直没有收到，请让其管理员在公众平台查看，再执行 wxops claim take {to} APPID"
            ),
            format!(
                "the mini-program is made, and WeChat pushes its appid; if that does not come, have its administrator look in WeChat's \
                 console, then: wxops claim take {to} APPID"
            ),
        ),
    )
}

/// A mini-program of the person's that is authorized and nobody's may be the one: an earlier task is forgotten where the
/// store was lost.
fn orphan(spec: &PersonSpec, view: &View<'_>) -> Result<Option<Waiting>, Why> {
    let found = same_principal::observe(view, &[&spec.id_name, principal::A_PERSON])?;
    let appid: Option<&Appid> = found.iter().find(|appid| !spec.besides.contains(appid));
    Ok(appid.map(|appid| maybe_it(spec, appid, view)))
}

/// A mini-program that may be the item, and the wait for a person to say.
fn maybe_it(spec: &PersonSpec, appid: &Appid, view: &View<'_>) -> Waiting {
    let to = whom(view);
    let besides = format!("registration: {{personal: {{besides: [{appid}]}}}}");
    Waiting::new(
        Reason::Unclaimed,
        Person::Operator,
        Text::new(
            format!(
                "小程序 {appid} 没有租户认领，它的主体也是 {}，或者此前为该租户注册，可能就是 {}，因此不发起注册：如果是，请执行 wxops claim take {to} {appid}；如果不是，请在配置中写明 {besides}",
                spec.id_name,
                item(view)
            ),
            format!(
                "mini-program {appid} is of the same person, or was registered for this tenant before, and no tenant has it: it may be `{}`, so \
                 nobody is asked. If it is: wxops claim take {to} {appid}. If it is not, say so in the manifest: {besides}",
                item(view)
            ),
        ),
    )
}
