//! Carries out one step of a plan: makes its calls and chooses nothing. Done is what has been seen: see `sight`.

use std::time::Duration;

use super::observe::{Memory, Planned, observe};
use super::pass::Pass;
use super::recover::Looks;
use super::sight::{self, Word};
use super::{Actor, Desired, PassError, StepOutcome, StepReport, history, journaled, tried};
use crate::plan::{Entry, Step, Text, Verdict};
use crate::resource::{Seen, decide};
use crate::wechat::errcode::is_listed;
use crate::wechat::{Answer, ApiError, Call, Effect, ErrorClass, Lost};

/// A put whose answer was lost is made again at most this often, each time after reading.
const PUTS: u32 = 3;

/// What carrying out steps needs beside the actor.
pub(super) struct Work<'a> {
    pub(super) actor: &'a Actor,
    pub(super) desired: &'a Desired,
    pub(super) memory: &'a Memory,
    /// The plan whose steps are carried out.
    pub(super) planned: &'a Planned,
    /// What was seen for it.
    pub(super) seen: &'a Seen,
    /// The pass that everything is done under.
    pub(super) pass: &'a Pass,
}

impl Work<'_> {
    /// Whether the tenant is still ours to change.
    pub(super) async fn is_ours(&self) -> Result<bool, PassError> {
        let ours = self.pass.is_ours().await;
        ours.map_err(|error| self.desired.store_error(error))
    }
}

/// Whether a call goes through the journal: it may happen at most once, or somebody's yes is spent on it.
pub(super) fn journaled(step: &Step, call: &Call) -> bool {
    call.endpoint.class.journaled() || step.costly.is_some()
}

/// Carries out one step.
pub(super) async fn step(
    work: &Work<'_>,
    looks: &mut Looks,
    entry: &Entry,
    step: &Step,
) -> Result<StepReport, PassError> {
    let clock = &work.actor.observer.clock;
    let started = clock.since_boot();
    let number = history::begin(work, entry, step).await?;
    let mut outcome = StepOutcome::Done;
    let mut left = step.clone();
    let mut calls = step.calls.iter();
    let mut n = 0;
    while let Some(call) = calls.next() {
        let word = if !work.is_ours().await? {
            Word::known(another_took_over())
        } else if journaled(step, call) {
            journaled::call(work, looks, entry, step, call).await?
        } else {
            put(work, entry, step, n, call).await?
        };
        n += 1;
        let looked = sight::look(work, entry, &left, (call, calls.as_slice()), word).await?;
        left = looked.left.unwrap_or(left);
        let came = looked.outcome;
        let done = came.done();
        if outcome == StepOutcome::Done || !done {
            outcome = came;
        }
        if !done {
            break;
        }
    }
    let report = StepReport {
        address: entry.address.clone(),
        endpoints: step.calls.iter().map(|call| call.endpoint.name).collect(),
        outcome,
        took: clock.since_boot().saturating_sub(started),
    };
    history::end(work, number, &report).await;
    Ok(report)
}

/// A put, the step's `n`th call: after a doubtful outcome the resource is read again, and only then decided about.
async fn put(
    work: &Work<'_>,
    entry: &Entry,
    step: &Step,
    n: usize,
    call: &Call,
) -> Result<Word, PassError> {
    let mut doubted = None;
    for _ in 0..PUTS {
        let why = match work.actor.writer.put(call).await {
            Answer::Done(_) => return Ok(Word::accepted(settled(doubted, call), call)),
            Answer::Refused(error)
                if error.class == ErrorClass::AlreadyDone || error.effect == Effect::Done =>
            {
                return Ok(Word::to_be_seen(settled(doubted, call), so_already(&error)));
            }
            Answer::Refused(error) if error.effect == Effect::None => {
                return Ok(Word::known(StepOutcome::Refused(error)));
            }
            Answer::Refused(error) if !is_listed(error.errcode) => {
                let outcome = unknown_code(work, entry, step, n, &error).await?;
                return Ok(Word::known(outcome));
            }
            Answer::Refused(error) => error.to_string(),
            Answer::Lost(lost) if !lost.sent => {
                return unsent(work, &lost).await.map(Word::known);
            }
            Answer::Lost(Lost { why, .. }) => why,
        };
        match read_again(work, entry, step, n).await {
            Found::Done => return Ok(Word::known(found_done(call, &why))),
            Found::NotDone => doubted = Some(why),
            Found::Moved => return Ok(Word::known(moved(call, &why))),
            Found::Unknown => return Ok(Word::known(unknown(call, &why))),
        }
        // Reading may have taken any time.
        if !work.is_ours().await? {
            return Ok(Word::known(another_took_over()));
        }
    }
    let why = doubted.unwrap_or_default();
    Ok(Word::known(StepOutcome::NotDone(Text::new(
        format!(
            "{} 多次没有可靠的应答({why}),经查询未生效",
            call.endpoint.name
        ),
        format!(
            "no reliable answer to {} ({why}), tried {PUTS} times; reading shows that it had no effect",
            call.endpoint.name
        ),
    ))))
}

/// WeChat answered a put with an errcode that is in no table: sent once, whatever reading shows, and then held.
async fn unknown_code(
    work: &Work<'_>,
    entry: &Entry,
    step: &Step,
    n: usize,
    error: &ApiError,
) -> Result<StepOutcome, PassError> {
    let Some(call) = step.calls.get(n) else {
        return Ok(StepOutcome::Refused(error.clone()));
    };
    let why = error.to_string();
    let found = read_again(work, entry, step, n).await;
    if let Found::Done = found {
        return Ok(found_done(call, &why));
    }
    tried::hold(work, entry, step, call, error)
        .await
        .map_err(|error| work.desired.journal_error(error))?;
    Ok(match found {
        Found::Done | Found::NotDone => StepOutcome::Withheld(Text::new(
            format!("{why}：错误码未知，经查询未生效，不再自动重试"),
            format!(
                "{why}: the code is not known; reading shows no effect, and it is not sent again by itself"
            ),
        )),
        Found::Moved => moved(call, &why),
        Found::Unknown => unknown(call, &why),
    })
}

/// The outcome of a request that never left: it may be because the tenant is another process's now.
pub(super) async fn unsent(work: &Work<'_>, lost: &Lost) -> Result<StepOutcome, PassError> {
    if work.is_ours().await? {
        Ok(StepOutcome::not_sent(lost))
    } else {
        Ok(another_took_over())
    }
}

fn another_took_over() -> StepOutcome {
    StepOutcome::Moved(Text::new(
        "本进程停顿期间，另一个 wxops 进程已接管该租户；未发送，请重新运行",
        "another wxops took this tenant over while this one stood still: nothing was sent, run it again",
    ))
}

/// A refusal that stands for "it is so already", as in "WeChat …".
pub(super) fn so_already(error: &ApiError) -> Text {
    let ApiError {
        endpoint,
        errcode,
        zh,
        en,
        ..
    } = error;
    Text::new(
        format!("对 {endpoint} 返回 {errcode}（{zh}）"),
        format!("answered {errcode} to {endpoint} ({en})"),
    )
}

/// A step that another process has become responsible for.
pub(super) fn taken_over(entry: &Entry, step: &Step) -> StepReport {
    StepReport {
        address: entry.address.clone(),
        endpoints: step.calls.iter().map(|call| call.endpoint.name).collect(),
        outcome: another_took_over(),
        took: Duration::ZERO,
    }
}

/// What reading again after a doubtful put shows.
enum Found {
    /// What was put is there.
    Done,
    /// The rest of the step, from this call on, is to be done as before.
    NotDone,
    /// Somebody else changed it meanwhile: what is to be done now nobody has seen, and maybe nobody said yes to.
    Moved,
    /// It cannot be read.
    Unknown,
}

/// Reads again, and compares what is to be done now with what was left of the step.
async fn read_again(work: &Work<'_>, entry: &Entry, step: &Step, n: usize) -> Found {
    let subject = work.memory.subject(work.desired);
    let seen = observe(&work.actor.observer, &subject).await;
    let (plan, learned) = decide(&subject, &seen);
    if learned.in_force.contains_key(&entry.address) {
        return Found::Done;
    }
    let now = plan.entries.iter().find(|now| now.address == entry.address);
    match now.map(|now| &now.verdict) {
        Some(Verdict::Step(now)) => {
            let rest = |n: usize| step.calls.get(n..).unwrap_or_default();
            // Before its first call nothing of the step itself has changed what is there.
            let same = now.costly == step.costly && (n > 0 || now.changes == step.changes);
            if now.calls == rest(n) && same {
                Found::NotDone
            } else if now.calls == rest(n.saturating_add(1)) {
                Found::Done
            } else {
                Found::Moved
            }
        }
        Some(Verdict::Waiting(_) | Verdict::Rejected { .. } | Verdict::Suppressed { .. }) => {
            Found::Moved
        }
        Some(Verdict::Unknown(_)) | None => Found::Unknown,
    }
}

fn settled(doubted: Option<String>, call: &Call) -> StepOutcome {
    match doubted {
        None => StepOutcome::Done,
        Some(why) => StepOutcome::DoneAfterDoubt(Text::new(
            format!(
                "{} 先没有应答({why}),经查询未生效,重发成功",
                call.endpoint.name
            ),
            format!(
                "no answer to {} at first ({why}); reading showed no effect, so it was put again",
                call.endpoint.name
            ),
        )),
    }
}

fn found_done(call: &Call, why: &str) -> StepOutcome {
    StepOutcome::DoneAfterDoubt(Text::new(
        format!("{} 没有可靠的应答({why}),经查询已生效", call.endpoint.name),
        format!(
            "no reliable answer to {} ({why}); reading shows that it took effect",
            call.endpoint.name
        ),
    ))
}

fn moved(call: &Call, why: &str) -> StepOutcome {
    StepOutcome::Moved(Text::new(
        format!(
            "{} 没有可靠的应答({why}),期间线上已被他人修改,不再重发;请重新查看计划",
            call.endpoint.name
        ),
        format!(
            "no reliable answer to {} ({why}), and somebody else changed it meanwhile, so it was not sent again: look at the plan anew",
            call.endpoint.name
        ),
    ))
}

fn unknown(call: &Call, why: &str) -> StepOutcome {
    StepOutcome::Unknown(Text::new(
        format!(
            "{} 没有可靠的应答({why}),目前也读不到结果;下次运行会先读取",
            call.endpoint.name
        ),
        format!(
            "no reliable answer to {} ({why}), and its effect cannot be read now; the next run reads first",
            call.endpoint.name
        ),
    ))
}
