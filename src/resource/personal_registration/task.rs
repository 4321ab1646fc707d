//! How far asking a person is, and what is to be done next.

use serde::Deserialize as _;
use serde_json::json;

use super::{PersonSpec, PersonalRegistration};
use crate::plan::{Action, Change, Costly, Person, Reason, Step, Text, Verdict, Waiting, Why};
use crate::resource::ops::LastDone;
use crate::resource::{Resource as _, View, payload, same_principal};
use crate::wechat::personal_registration::{
    self, AskedFor, CREATE, Failure, PATIENCE, QUERY, Stage, Task,
};
use crate::wechat::{Appid, Call};

/// What the person was asked last, for whichever tenant.
pub(super) struct Last<'a> {
    done: &'a LastDone,
    asked: Option<AskedFor>,
}

pub(super) fn last<'a>(spec: &PersonSpec, view: &View<'a>) -> Option<Last<'a>> {
    let done = view.ops.last_of(view.platform, &CREATE, &spec.wechat_id)?;
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
    let Some(last) = last(spec, view) else {
        return match orphan(spec, view) {
            Ok(Some(waiting)) => Verdict::Waiting(waiting),
            Ok(None) => asking(spec, view, None, Costly::Register, None),
            Err(why) => Verdict::Unknown(why),
        };
    };
    let Some(query) = last.query(view) else {
        let text = Text::new(
            "上次的应答没有任务编号，无从得知结果",
            "the last answer named no task, so nothing tells what came of it",
        );
        return asking(spec, view, None, Costly::AskAgain, Some(text));
    };
    let task: Task = match payload(&QUERY, view.seen.get(&query)) {
        Ok(task) => task,
        Err(why) => return Verdict::Unknown(why),
    };
    if last.is_for(view) {
        own(spec, view, &last, &task)
    } else {
        of_another(spec, view, &last, &task)
    }
}

fn own(spec: &PersonSpec, view: &View<'_>, last: &Last<'_>, task: &Task) -> Verdict {
    let who = &spec.wechat_id;
    match task.stage() {
        Stage::WithPerson => {
            let mut waiting = Waiting::new(
                Reason::UnderReview,
                Person::AppAdmin,
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
            Verdict::Waiting(waiting)
        }
        Stage::WithWechat => Verdict::Waiting(Waiting::new(
            Reason::UnderReview,
            Person::Wechat,
            Text::new(
                format!("{who} 已确认，微信正在创建小程序"),
                format!("{who} has agreed; WeChat makes the mini-program"),
            ),
        )),
        Stage::Made => Verdict::Waiting(unnamed(&whom(view))),
        Stage::TimedOut => {
            let text = Text::new(
                format!("{who} 没有在 24 小时内确认，再次发起"),
                format!("{who} did not agree within 24 hours, and is asked again"),
            );
            asking(spec, view, last.task(), Costly::Register, Some(text))
        }
        Stage::Failed(failure) => {
            let text = failed(failure, who, task.status);
            // What is asked for is another thing now: somebody has put it right.
            let costly = if call(spec, view) == last.done.call {
                Costly::AskAgain
            } else {
                Costly::Register
            };
            asking(spec, view, last.task(), costly, Some(text))
        }
        Stage::Unknown => Verdict::Unknown(unknown(task.status)),
    }
}

/// The person is asked for one mini-program at a time, or the push could not tell whose it is.
fn of_another(spec: &PersonSpec, view: &View<'_>, last: &Last<'_>, task: &Task) -> Verdict {
    let who = &spec.wechat_id;
    let other = last
        .asked
        .as_ref()
        .map_or("?", |asked| asked.r#for.as_str());
    match task.stage() {
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
            Verdict::Waiting(waiting)
        }
        // The push that names it would be taken for this one's.
        Stage::Made if !is_claimed(other, view) => Verdict::Waiting(unnamed(other)),
        Stage::Made | Stage::TimedOut | Stage::Failed(_) => {
            asking(spec, view, last.task(), Costly::Register, None)
        }
        Stage::Unknown => Verdict::Unknown(unknown(task.status)),
    }
}

fn call(spec: &PersonSpec, view: &View<'_>) -> Call {
    let phone = spec.component_phone.as_deref();
    personal_registration::request(view.platform, &spec.id_name, &spec.wechat_id, phone)
}

fn asking(
    spec: &PersonSpec,
    view: &View<'_>,
    before: Option<&str>,
    costly: Costly,
    note: Option<Text>,
) -> Verdict {
    let change = Change {
        path: PersonalRegistration::path(view.at),
        from: None,
        to: Some(json!(spec.wechat_id)),
    };
    let call = call(spec, view);
    let mut step = Step::new(
        Action::Create,
        view.platform.clone(),
        vec![change],
        vec![call],
    );
    step.costly = Some(costly);
    step.notes.extend(note);
    let asked = AskedFor {
        r#for: whom(view),
        item: item(view).to_owned(),
        after: before.map(str::to_owned),
    };
    step.evidence = serde_json::to_value(asked).unwrap_or_default();
    Verdict::Step(step)
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

/// Whether the item that somebody was asked for has its account.
fn is_claimed(whom: &str, view: &View<'_>) -> bool {
    let mut claims = view.backdrop.claims.values();
    claims.any(|claim| {
        let item = claim.whose.item();
        item.is_some_and(|item| whom == format!("{}:{item}", claim.tenant))
    })
}

/// A mini-program of the person's that is authorized and nobody's may be the one: an earlier task is forgotten where the
/// store was lost.
fn orphan(spec: &PersonSpec, view: &View<'_>) -> Result<Option<Waiting>, Why> {
    let found = same_principal::observe(view, Some(&spec.id_name))?;
    let appid: Option<&Appid> = found.iter().find(|appid| !spec.besides.contains(appid));
    Ok(appid.map(|appid| {
        let to = whom(view);
        let besides = format!("registration: {{personal: {{besides: [{appid}]}}}}");
        Waiting::new(
            Reason::Unclaimed,
            Person::Operator,
            Text::new(
                format!(
                    "小程序 {appid} 的主体也是 {}，已授权给本平台但没有租户认领，它可能就是 {}，因此不发起注册：如果是，请执行 wxops claim take {to} {appid}；如果不是，请在配置中写明 {besides}",
                    spec.id_name,
                    item(view)
                ),
                format!(
                    "mini-program {appid} is of the same person, is authorized, and no tenant has it: it may be `{}`, so nobody is asked. If it is: \
                     wxops claim take {to} {appid}. If it is not, say so in the manifest: {besides}",
                    item(view)
                ),
            ),
        )
    }))
}
