//! Sends one call that may happen at most once: open → reserve → arm → send → settle, or doubt and probe.
//!
//! Every arrow is a durable write of the journal before the next thing happens, so a crash between any two leaves a
//! state that `recover` knows how to finish.

use super::doubt::{found_without_answer, probe};
use super::operation::{Looks, op_key};
use super::word::{self, Word, so_already};
use super::work::{Work, intent, unsent};
use super::{PassError, StepOutcome, born, media, quotas};
use crate::plan::{Entry, Step, Text};
use crate::resource::registry::settles;
use crate::resource::{Outputs, Settled};
use crate::store::JournalError;
use crate::store::journal::{Arming, Journal, Look, Op, OpRef, Outcome, Reserved, Stage};
use crate::store::ledger::Taken;
use crate::wechat::calendar::second;
use crate::wechat::errcode::names_media;
use crate::wechat::registration::registered_for;
use crate::wechat::{Answer, Call, ErrorClass, Fillings, Lost};

/// A token, or a media id, that WeChat refuses is replaced once; the second refusal is the answer.
const ARMINGS: u32 = 2;

/// Sends a journaled call.
pub(super) async fn call(
    work: &Work<'_>,
    looks: &mut Looks,
    entry: &Entry,
    step: &Step,
    call: &Call,
) -> Result<Word, PassError> {
    // Only the call itself happens between arming and sending.
    if let Err(answer) = work.actor.writer.prepare(call).await {
        return Ok(Word::known(not_sent(answer, call)));
    }
    let filled = media::fill(work, call).await;
    let mut with = match filled.map_err(|error| work.desired.store_error(error))? {
        Ok(with) => with,
        Err(outcome) => return Ok(Word::known(outcome)),
    };
    let came = run(work, looks, (entry, step, call), &mut with).await;
    if let (Some(cap), Some(kind)) = (&work.desired.mandate.cap, step.costly) {
        let observer = &work.actor.observer;
        let folded = observer
            .journal
            .fold(&cap.demand(kind, observer.clock.now()))
            .await;
        folded.map_err(|error| work.desired.store_error(error))?;
    }
    match came {
        Ok(Came::Word(word)) => {
            if word.outcome.done() && registered_for(call).is_some() {
                let taken_in = born::adopt(work.actor, work.desired).await;
                taken_in.map_err(|error| work.desired.store_error(error))?;
            }
            Ok(word)
        }
        Ok(Came::Unsent(lost)) => unsent(work, &lost).await.map(Word::known),
        Err(error @ JournalError::Store(_)) => Err(work.desired.journal_error(error)),
        // Another holder moved it, or it is not where it should be: nothing was sent by us.
        Err(error) => Ok(Word::known(StepOutcome::Held(unopened(&error)))),
    }
}

/// Why the journal let nothing be sent.
fn unopened(error: &JournalError) -> Text {
    let zh = match error {
        JournalError::Fenced { .. } => "另一个 wxops 进程已接手".to_owned(),
        JournalError::StaleObservation { observe_after, .. } => {
            let time = second(*observe_after);
            format!("微信显示的可能还是上一次请求之前的情况；{time} 之后可再运行")
        }
        JournalError::ApprovalSpent { approval, .. } => format!("审批 {approval} 已经用掉"),
        JournalError::ReservationEnds { ends_at, .. } => {
            let time = second(*ends_at);
            format!("本周期的配额将于 {time} 结束，之后再运行")
        }
        JournalError::Unsettled { op, .. } | JournalError::WrongStage { op, .. } => {
            format!("操作 {op} 尚未了结")
        }
        JournalError::ProbeTooEarly { due, .. } => {
            let time = second(*due);
            format!("{time} 之后的查询才算数")
        }
        JournalError::NoSuchOp { op } => format!("没有操作 {op}"),
        JournalError::Store(error) => error.to_string(),
    };
    Text::new(format!("未发送：{zh}"), format!("not sent: {error}"))
}

/// What came of a call.
enum Came {
    /// This is what WeChat said, or what was found out since.
    Word(Word),
    /// It never left, whatever the operation has become since.
    Unsent(Lost),
}

impl From<StepOutcome> for Came {
    fn from(outcome: StepOutcome) -> Self {
        Self::Word(Word::known(outcome))
    }
}

async fn run(
    work: &Work<'_>,
    looks: &mut Looks,
    (entry, step, call): (&Entry, &Step, &Call),
    with: &mut Fillings,
) -> Result<Came, JournalError> {
    let observer = &work.actor.observer;
    let journal = &observer.journal;
    let key = op_key(call);
    // One that was not there before the observation must not be there now either, or somebody else was faster.
    let look = looks
        .remove(&key)
        .unwrap_or_else(|| Look::absent(key.clone()));
    let intent = intent(work, entry, step, call);
    let mut op = journal.open(look, intent, observer.clock.now()).await?;

    let turn = quotas::turn(observer, call).await;
    let now = observer.clock.now();
    quotas::correct(work, call).await?;
    let demands = quotas::as_shown(work, call, quotas::demands(observer, call));
    let kept = demands.iter().map(|demand| demand.keep_free).max();
    if let Reserved::Full { used, limit, until } = journal.reserve(&mut op, demands, now).await? {
        journal
            .abandon(&mut op, "no quota is left", observer.clock.now())
            .await?;
        let name = call.endpoint.name;
        return Ok(match kept.filter(|kept| *kept > 0) {
            Some(kept) => StepOutcome::kept_back(name, used, (limit, kept), until),
            None => StepOutcome::used_up(name, used, limit, until),
        }
        .into());
    }

    if let Some(text) = capped(work, step, &op).await? {
        journal
            .abandon(&mut op, "the cap per hour is reached", observer.clock.now())
            .await?;
        return Ok(StepOutcome::Guarded(text).into());
    }

    for armings in 1..=ARMINGS {
        let (now, since_boot) = (observer.clock.now(), observer.clock.since_boot());
        let arming = Arming {
            approval: step.approval.clone(),
            request_timeout: call.endpoint.timeout(),
        };
        let armed = journal.arm(&mut op, &arming, now, since_boot).await?;
        let answer = work.actor.writer.send_filled(armed, with).await;
        if let Answer::Refused(error) = &answer
            && error.class == ErrorClass::Token
            && armings < ARMINGS
        {
            journal.token_error(&mut op, observer.clock.now()).await?;
            if let Err(answer) = work.actor.writer.renew_token(call).await {
                journal
                    .abandon(&mut op, "no token", observer.clock.now())
                    .await?;
                return Ok(not_sent(answer, call).into());
            }
            continue;
        }
        if let Answer::Refused(error) = &answer
            && names_media(error)
            && armings < ARMINGS
            && !with.is_empty()
        {
            // WeChat has looked at nothing but the id, so another upload may be tried.
            let why = "WeChat does not know the uploaded file any more";
            journal.disarm(&mut op, why, observer.clock.now()).await?;
            match media::fill_anew(work, call, with).await? {
                Ok(new) => *with = new,
                Err(outcome) => {
                    journal.abandon(&mut op, why, observer.clock.now()).await?;
                    return Ok(outcome.into());
                }
            }
            continue;
        }
        if let Answer::Lost(lost) = &answer
            && !lost.sent
        {
            return unsent_op(journal, &mut op, lost, observer.clock.now()).await;
        }
        if matches!(answer, Answer::Lost(_)) {
            // What came of it takes a while to find out.
            drop(turn);
        }
        born::answered(work, call, with, &answer).await?;
        let sent = op.doc().op_ref();
        return match settle(work, &mut op, call, answer).await {
            Err(error) if !matches!(error, JournalError::Store(_)) => {
                settled_by_another(journal, &sent, &error)
                    .await
                    .map(Word::known)
            }
            came => came,
        }
        .map(Came::Word);
    }
    Ok(StepOutcome::Held(Text::new("令牌被拒绝", "the token was refused")).into())
}

/// It was armed and never left: given back. That is so whatever another process has made of the operation meanwhile.
async fn unsent_op(
    journal: &Journal,
    op: &mut Op,
    lost: &Lost,
    now: jiff::Timestamp,
) -> Result<Came, JournalError> {
    let given_back = match journal.disarm(op, &lost.why, now).await {
        Ok(()) => journal.abandon(op, &lost.why, now).await,
        Err(error) => Err(error),
    };
    match given_back {
        Err(error @ JournalError::Store(_)) => Err(error),
        Ok(()) | Err(_) => Ok(Came::Unsent(lost.clone())),
    }
}

/// Counts a costly step against the cap per hour; why it may not be made, if it is one too many. What is counted stays
/// so, whatever comes of it: the cap bounds attempts.
async fn capped(work: &Work<'_>, step: &Step, op: &Op) -> Result<Option<Text>, JournalError> {
    let (Some(cap), Some(kind)) = (&work.desired.mandate.cap, step.costly) else {
        return Ok(None);
    };
    let observer = &work.actor.observer;
    let demand = cap.demand(kind, observer.clock.now());
    let (ledger, op_ref) = (observer.journal.ledger(), op.doc().op_ref());
    match ledger.take_for_good(&demand, &op_ref).await? {
        Taken::Yes => Ok(None),
        Taken::Full { used, .. } => Ok(Some(cap.text(kind, used, demand.ends_at))),
    }
}

async fn settle(
    work: &Work<'_>,
    op: &mut Op,
    call: &Call,
    answer: Answer,
) -> Result<Word, JournalError> {
    let observer = &work.actor.observer;
    let now = observer.clock.now();
    match answer {
        Answer::Done(body) => {
            let ids = settles(call).map_or_else(Outputs::new, |resource| {
                resource.ids(call, &op.doc().evidence, &body)
            });
            if registered_for(call).is_some() && ids.is_empty() {
                // It says that it is done, and not which account came of it.
                let why = Text::new("应答中没有账号", "the answer names no account");
                observer.journal.doubt(op, &why.en, now).await?;
                let outcome = ask(work, op, &why).await?;
                return Ok(found_out(outcome, call));
            }
            observer.journal.settle_done(op, ids, now).await?;
            Ok(Word::accepted(StepOutcome::Done, call))
        }
        Answer::Refused(error) => {
            observer
                .journal
                .settle_refused(op, error.clone(), now)
                .await?;
            let outcome = match op.doc().stage {
                Stage::Doubt => {
                    let outcome = ask(work, op, &word::refused(&error)).await?;
                    return Ok(found_out(outcome, call));
                }
                Stage::Settled if op.doc().outcome.as_ref().is_some_and(Outcome::is_done) => {
                    return Ok(Word::to_be_seen(StepOutcome::Done, so_already(&error)));
                }
                // This request made nothing, since what it asks for is so already (89000): by somebody else's hand, or
                // by an earlier request that a stale read did not show. What exactly is there is read.
                Stage::Settled if error.class == ErrorClass::AlreadyDone => {
                    let answer = so_already(&error);
                    let outcome = StepOutcome::DoneAfterDoubt(Text::new(
                        format!("{} 返回 {}：{}", error.endpoint, error.errcode, error.zh),
                        format!(
                            "{} answered {}: {}",
                            error.endpoint, error.errcode, error.en
                        ),
                    ));
                    return Ok(Word::to_be_seen(outcome, answer));
                }
                Stage::Reserved => {
                    observer
                        .journal
                        .abandon(op, "the token was refused twice", now)
                        .await?;
                    StepOutcome::Refused(error)
                }
                Stage::Settled | Stage::Open | Stage::Armed | Stage::Stalled => {
                    StepOutcome::Refused(error)
                }
            };
            Ok(Word::known(outcome))
        }
        Answer::Lost(lost) => {
            observer.journal.doubt(op, &lost.why, now).await?;
            let outcome = ask(work, op, &word::lost(&lost)).await?;
            Ok(found_out(outcome, call))
        }
    }
}

/// What a probe found is there; how it is there has to be seen like after any answer, since WeChat may keep it in a
/// spelling of its own.
fn found_out(outcome: StepOutcome, call: &Call) -> Word {
    if !outcome.done() {
        return Word::known(outcome);
    }
    Word::to_be_seen(outcome, found_without_answer(call.endpoint.name))
}

/// It was sent, and another process moved the op before we could: what that one wrote down is what came of it.
async fn settled_by_another(
    journal: &Journal,
    sent: &OpRef,
    error: &JournalError,
) -> Result<StepOutcome, JournalError> {
    let look = journal.look(&sent.op).await?;
    let outcome = look
        .doc()
        .filter(|doc| doc.generation == sent.generation)
        .and_then(|doc| doc.outcome.as_ref());
    let name = &sent.op.action;
    Ok(match outcome {
        Some(Outcome::Done { .. }) => StepOutcome::DoneAfterDoubt(Text::new(
            format!("{name} 没有可靠的应答，另一进程查明已生效"),
            format!("no reliable answer to {name}; another process found that it took effect"),
        )),
        Some(Outcome::Refused(_) | Outcome::NotDone { .. } | Outcome::NotSent { .. }) => {
            StepOutcome::NotDone(Text::new(
                format!("{name} 没有可靠的应答，另一进程查明未生效"),
                format!(
                    "no reliable answer to {name}; another process found that it had no effect"
                ),
            ))
        }
        None => StepOutcome::Unknown(Text::new(
            format!("{name} 已发送，不知是否生效（{error}）；下次运行会先查明"),
            format!(
                "{name} was sent and may have taken effect ({error}); the next run finds out first"
            ),
        )),
    })
}

/// Asks the probe, as soon as it counts.
async fn ask(work: &Work<'_>, op: &mut Op, why: &Text) -> Result<StepOutcome, JournalError> {
    let probed = probe(work.actor, op).await?;
    let text = Text::new(
        format!("{}，不知是否生效；{}", why.zh, probed.text.zh),
        format!(
            "{}: it may or may not have happened · {}",
            why.en, probed.text.en
        ),
    );
    Ok(match probed.settled {
        Settled::Done(_) => StepOutcome::DoneAfterDoubt(text),
        Settled::NotDone if op.doc().holds().is_some() => StepOutcome::Withheld(text),
        Settled::NotDone => StepOutcome::NotDone(text),
        Settled::Undecided | Settled::Ambiguous => StepOutcome::Unknown(text),
    })
}

/// The outcome of a call for which there was no token: it never left.
fn not_sent(answer: Answer, call: &Call) -> StepOutcome {
    match answer {
        Answer::Refused(error) => StepOutcome::Refused(error),
        Answer::Lost(lost) => StepOutcome::not_sent(&lost),
        Answer::Done(_) => StepOutcome::Held(Text::new(
            format!("{} 未发送", call.endpoint.name),
            format!("{} was not sent", call.endpoint.name),
        )),
    }
}
