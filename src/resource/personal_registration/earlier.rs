//! What was begun for an item before its manifest said otherwise: a registration through the official account, another person
//! who was asked, or the same one by another platform. Until it is known what comes of that, nothing else is begun. Pure.

use jiff::SignedDuration;

use crate::plan::{Person, Reason, Text, Verdict, Waiting, Why};
use crate::resource::registration::AskedBefore;
use crate::resource::{View, payload};
use crate::wechat::errcode::names_no_task;
use crate::wechat::personal_registration::{PATIENCE, QUERY, Stage, Task, query_request};
use crate::wechat::{Answer, Call};

/// How long after a day WeChat may still show a task as running.
pub(super) const SETTLES: SignedDuration = SignedDuration::from_hours(1);

/// The read that tells how far it is, where it is missing.
pub(crate) fn needs(item: &str, view: &View<'_>) -> Vec<Call> {
    let query = view
        .backdrop
        .asked
        .get(item)
        .and_then(|asked| query(asked, view));
    let missing = query
        .into_iter()
        .filter(|query| !view.seen.contains_key(query));
    missing.collect()
}

/// What an item waits for before anything else is begun for it. `None`: nothing comes of what was.
pub(crate) fn verdict(item: &str, view: &View<'_>) -> Option<Verdict> {
    let backdrop = view.backdrop;
    if let Some(waiting) = backdrop.in_doubt.get(item) {
        return Some(Verdict::Waiting(waiting.clone()));
    }
    let asked = backdrop.asked.get(item)?;
    let until = asked.at + PATIENCE + SETTLES;
    let Some(query) = query(asked, view) else {
        return (view.now <= until).then(|| Verdict::Waiting(with_person(asked, view)));
    };
    let answer = view.seen.get(&query);
    if let Some(Answer::Refused(error)) = answer
        && names_no_task(error)
    {
        return None;
    }
    let task = match payload::<Task>(&QUERY, answer) {
        Ok(task) => task,
        Err(why) => return Some(Verdict::Unknown(why)),
    };
    match task.stage() {
        Stage::WithPerson if view.now > until => None,
        Stage::WithPerson | Stage::WithWechat => Some(Verdict::Waiting(with_person(asked, view))),
        Stage::Made => Some(Verdict::Waiting(made(item, asked, view))),
        Stage::TimedOut | Stage::Failed(_) => None,
        Stage::Unknown => {
            let why = Why::unreadable(QUERY.name, &format!("status {}", task.status));
            Some(Verdict::Unknown(why))
        }
    }
}

/// A task of another platform can be asked for by that alone.
fn query(asked: &AskedBefore, view: &View<'_>) -> Option<Call> {
    let task = asked
        .task
        .as_ref()
        .filter(|_| asked.platform == *view.platform)?;
    Some(query_request(view.platform, task))
}

fn with_person(asked: &AskedBefore, view: &View<'_>) -> Waiting {
    let who = &asked.person;
    let (zh, en) = if asked.platform == *view.platform {
        (String::new(), String::new())
    } else {
        let by = &asked.platform;
        (format!("由平台 {by} "), format!(" by platform {by}"))
    };
    let mut waiting = Waiting::new(
        Reason::AfterAnotherStep,
        Person::Nobody,
        Text::new(
            format!(
                "此前已{zh}征求 {who} 的同意，可能还会因此创建小程序，因此不发起别的注册；24 小时无人同意则继续"
            ),
            format!(
                "{who} was asked before{en} and may still agree, which makes a mini-program, so nothing else is begun; it goes on where \
                 nobody has agreed within 24 hours"
            ),
        ),
    );
    waiting.until = Some(asked.at + PATIENCE);
    waiting
}

/// The person agreed before the manifest said otherwise.
fn made(item: &str, asked: &AskedBefore, view: &View<'_>) -> Waiting {
    let (to, who) = (format!("{}:{item}", view.tenant), &asked.person);
    Waiting::new(
        Reason::Unclaimed,
        Person::Operator,
        Text::new(
            format!(
                "此前征求过 {who} 的同意，小程序已经创建，因此不发起别的注册：请执行 wxops claim take {to} APPID；如果需要另一个小程序，请在配置中另起一项"
            ),
            format!(
                "{who} was asked before and has agreed, and the mini-program is made, so nothing else is begun: wxops claim take {to} APPID; \
                 where another one is wanted, give it an item of its own in the manifest"
            ),
        ),
    )
}
