//! Makes one call that may be repeated: after a doubtful outcome the resource is read again, and only then decided
//! about. What it takes from a quota is counted before it is sent.

use super::look::observe;
use super::operation::op_key;
use super::word::{self, Word, so_already};
use super::work::{Work, another_took_over, intent, unsent};
use super::{PassError, StepOutcome, media, quotas, record};
use crate::plan::{Entry, Step, Text, Verdict};
use crate::resource::{Seen, decide};
use crate::store::JournalError;
use crate::store::journal::PROBE_MARGIN;
use crate::store::ledger::{Demand, Taken};
use crate::wechat::errcode::is_listed;
use crate::wechat::{Answer, ApiError, Call, Effect, ErrorClass, Lost};

/// A put whose answer was lost is made again at most this often, each time after reading.
const PUTS: u32 = 3;

/// A put, the step's `n`th call.
pub(super) async fn put(
    work: &Work<'_>,
    entry: &Entry,
    step: &Step,
    n: usize,
    call: &Call,
) -> Result<Word, PassError> {
    // Once: what was read for the plan knows nothing of what is made here.
    let corrected = quotas::correct(work, call).await;
    corrected.map_err(|error| work.desired.store_error(error))?;
    let filled = media::fill(work, call).await;
    let with = match filled.map_err(|error| work.desired.store_error(error))? {
        Ok(with) => with,
        Err(outcome) => return Ok(Word::known(outcome)),
    };
    let mut doubted = None;
    for _ in 0..PUTS {
        let units = match Units::take(work, call).await? {
            Ok(units) => units,
            Err(outcome) => return Ok(Word::known(outcome)),
        };
        let why = match work.actor.writer.put_filled(call, &with).await {
            Answer::Done(body) => {
                let outcome = match record::partly(work, entry, call, &body).await? {
                    Some(left_out) => StepOutcome::DoneOtherwise(left_out),
                    None => settled(doubted, call),
                };
                return Ok(Word::accepted(outcome, call));
            }
            Answer::Refused(error) if error.effect == Effect::Done => {
                return Ok(Word::to_be_seen(settled(doubted, call), so_already(&error)));
            }
            Answer::Refused(error) if error.class == ErrorClass::AlreadyDone => {
                units.give_back(work).await?;
                return Ok(Word::to_be_seen(settled(doubted, call), so_already(&error)));
            }
            Answer::Refused(error) if error.effect == Effect::None => {
                units.give_back(work).await?;
                return Ok(Word::known(StepOutcome::Refused(error)));
            }
            Answer::Refused(error) if !is_listed(error.errcode) => {
                let outcome = unknown_code(work, entry, step, n, &error).await?;
                return Ok(Word::known(outcome));
            }
            Answer::Refused(error) => word::refused(&error),
            Answer::Lost(lost) if !lost.sent => {
                units.give_back(work).await?;
                return unsent(work, &lost).await.map(Word::known);
            }
            Answer::Lost(Lost { why, .. }) => Text::new(why.clone(), why),
        };
        let scarce = call.endpoint.quotas.iter().any(|quota| quota.scarce);
        if scarce {
            // One of a few: WeChat answers from several machines, and what one has done another may not show at once.
            work.actor.observer.clock.sleep(PROBE_MARGIN).await;
        }
        let before = quotas::before(&work.actor.observer, call).await;
        let before = before.map_err(|error| work.desired.store_error(error))?;
        let (found, seen) = read_again(work, entry, step, n).await;
        match found {
            Found::Done => return Ok(Word::known(found_done(call, &why))),
            Found::NotDone => {
                // Of a scarce quota what may have been spent stays so, unless WeChat's own count says otherwise.
                if scarce {
                    let observer = &work.actor.observer;
                    let corrected = quotas::put_right(observer, call, &seen, before).await;
                    corrected.map_err(|error| work.desired.store_error(error))?;
                } else {
                    units.give_back(work).await?;
                }
                doubted = Some(why);
            }
            Found::Moved => return Ok(Word::known(moved(call, &why))),
            Found::Unknown => return Ok(Word::known(unknown(call, &why))),
        }
        // Reading may have taken any time.
        if !work.is_ours().await? {
            return Ok(Word::known(another_took_over()));
        }
    }
    let Text { zh, en } = doubted.unwrap_or_else(|| Text::new("", ""));
    let name = call.endpoint.name;
    Ok(Word::known(StepOutcome::NotDone(Text::new(
        format!("{name} 多次没有可靠的应答（{zh}），经查询未生效"),
        format!(
            "no reliable answer to {name} ({en}), tried {PUTS} times; reading shows that it had no effect"
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
    let why = word::refused(error);
    let (found, _) = read_again(work, entry, step, n).await;
    if let Found::Done = found {
        return Ok(found_done(call, &why));
    }
    hold(work, entry, step, call, error)
        .await
        .map_err(|error| work.desired.journal_error(error))?;
    Ok(match found {
        Found::Done | Found::NotDone => StepOutcome::Withheld(Text::new(
            format!("{}；错误码未知，经查询未生效，不再自动重试", why.zh),
            format!(
                "{}: the code is not known; reading shows no effect, and it is not sent again by itself",
                why.en
            ),
        )),
        Found::Moved => moved(call, &why),
        Found::Unknown => unknown(call, &why),
    })
}

/// A put was answered with an errcode that is in no table: the same is not sent again by itself.
async fn hold(
    work: &Work<'_>,
    entry: &Entry,
    step: &Step,
    call: &Call,
    error: &ApiError,
) -> Result<(), JournalError> {
    let observer = &work.actor.observer;
    let intent = intent(work, entry, step, call);
    let now = observer.clock.now();
    observer
        .journal
        .hold(&op_key(call), intent, error, now)
        .await
}

/// What a put has taken from its quotas.
struct Units(Vec<Demand>);

impl Units {
    /// Takes them; what comes of the step where one has nothing left.
    async fn take(work: &Work<'_>, call: &Call) -> Result<Result<Self, StepOutcome>, PassError> {
        let observer = &work.actor.observer;
        let mut units = Self(Vec::new());
        for demand in quotas::demands(observer, call) {
            let taken = observer.journal.ledger().take_unnamed(&demand).await;
            let taken = taken.map_err(|error| work.desired.store_error(error))?;
            if let Taken::Full { used, limit } = taken {
                units.give_back(work).await?;
                let name = call.endpoint.name;
                return Ok(Err(StepOutcome::used_up(name, used, limit, demand.ends_at)));
            }
            units.0.push(demand);
        }
        Ok(Ok(units))
    }

    /// The call surely had no effect.
    async fn give_back(self, work: &Work<'_>) -> Result<(), PassError> {
        let ledger = work.actor.observer.journal.ledger();
        for demand in &self.0 {
            let given = ledger.give_back(demand).await;
            given.map_err(|error| work.desired.store_error(error))?;
        }
        Ok(())
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
async fn read_again(work: &Work<'_>, entry: &Entry, step: &Step, n: usize) -> (Found, Seen) {
    let subject = work.memory.subject(work.desired);
    let seen = observe(&work.actor.observer, &subject).await;
    let (plan, learned) = decide(&subject, &seen);
    if learned.in_force.contains_key(&entry.address) {
        return (Found::Done, seen);
    }
    let now = plan.entries.iter().find(|now| now.address == entry.address);
    let found = match now.map(|now| &now.verdict) {
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
    };
    (found, seen)
}

fn settled(doubted: Option<Text>, call: &Call) -> StepOutcome {
    match doubted {
        None => StepOutcome::Done,
        Some(why) => StepOutcome::DoneAfterDoubt(Text::new(
            format!(
                "{} 先没有应答（{}），经查询未生效，重发成功",
                call.endpoint.name, why.zh
            ),
            format!(
                "no answer to {} at first ({}); reading showed no effect, so it was put again",
                call.endpoint.name, why.en
            ),
        )),
    }
}

fn found_done(call: &Call, why: &Text) -> StepOutcome {
    StepOutcome::DoneAfterDoubt(Text::new(
        format!(
            "{} 没有可靠的应答（{}），经查询已生效",
            call.endpoint.name, why.zh
        ),
        format!(
            "no reliable answer to {} ({}); reading shows that it took effect",
            call.endpoint.name, why.en
        ),
    ))
}

fn moved(call: &Call, why: &Text) -> StepOutcome {
    StepOutcome::Moved(Text::new(
        format!(
            "{} 没有可靠的应答（{}），期间线上已被他人修改，不再重发；请重新查看计划",
            call.endpoint.name, why.zh
        ),
        format!(
            "no reliable answer to {} ({}), and somebody else changed it meanwhile, so it was not sent again: look at the plan anew",
            call.endpoint.name, why.en
        ),
    ))
}

fn unknown(call: &Call, why: &Text) -> StepOutcome {
    StepOutcome::Unknown(Text::new(
        format!(
            "{} 没有可靠的应答（{}），目前也读不到结果；下次运行会先读取",
            call.endpoint.name, why.zh
        ),
        format!(
            "no reliable answer to {} ({}), and its effect cannot be read now; the next run reads first",
            call.endpoint.name, why.en
        ),
    ))
}
