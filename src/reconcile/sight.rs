//! Done is what has been seen: after WeChat accepted a call, or said that it is so already, it is read whether it is.
//!
//! ```text
//!   it shows                           done
//!   it shows, in another spelling      done, said once, the pair remembered (resource::kept)
//!   what was there before it           read again until the probe's margin is over; then said, remembered and held
//!   it cannot be read                  said, and remembered: the next pass reads first
//! ```
//!
//! One read after each accepted call; more only where the first does not show it. The steps of a steady state are none,
//! and so are these reads.

use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;

use super::look::{PATIENCE, ROUNDS};
use super::memory::remember;
use super::operation::op_key;
use super::word::Word;
use super::work::Work;
use super::{PassError, StepOutcome, checked, record};
use crate::plan::render::value_text;
use crate::plan::text::shell_word;
use crate::plan::{Address, Change, Entry, Reason, Step, TenantPlan, Text, Verdict};
use crate::resource::{Seen, Unseen, decide, kept_otherwise};
use crate::store::documents::{ClaimDoc, TenantDoc};
use crate::store::journal::{OpKey, PROBE_MARGIN};
use crate::store::{Key, Store, StoreError};
use crate::wechat::Call;
use crate::wechat::calendar::second;

/// When it is read again, counted from the read before: most lags are short, and the last read is made after the
/// margin of a probe.
const AGAIN: [Duration; 2] = [Duration::from_secs(2), PROBE_MARGIN];

/// What was seen after a call.
pub(super) struct Looked {
    pub(super) outcome: StepOutcome,
    /// What is left of the step.
    pub(super) left: Option<Step>,
    /// Whether others have to say yes now to what was asked for.
    pub(super) under_way: bool,
}

/// One look.
enum Sight {
    /// What was to be is, or nothing says that it is not.
    Shown,
    /// What was asked for is on its way: others have to say yes. Or it is there, and something beside it waits now that
    /// the plan did not say.
    UnderWay,
    /// The same, in another spelling: the differences.
    Otherwise(Vec<Change>),
    /// It is there, with something to be said of it.
    Noted(Text),
    /// The rest of the step is left, and no more.
    Rest(Box<Step>),
    /// What was there before.
    Before,
    /// Something else.
    Third(Text),
    /// It cannot be told.
    Unread(Text),
}

/// Looks whether what WeChat accepted is there. `left` is what was due before the call, the first of its calls; `rest`
/// are the calls of the step that come after it.
pub(super) async fn look(
    work: &Work<'_>,
    entry: &Entry,
    left: &Step,
    (call, rest): (&Call, &[Call]),
    word: Word,
) -> Result<Looked, PassError> {
    let Word { outcome, answer } = word;
    let Some(answer) = answer.filter(|_| outcome.done()) else {
        return Ok(Looked {
            outcome,
            left: None,
            under_way: false,
        });
    };
    let name = &entry.address;
    let clock = &work.actor.observer.clock;
    let mut unseen = Unseen {
        sent: work.planned.learned.desired.get(name).cloned(),
        changes: Change::digest(&left.changes),
        op: op_key(call).to_string(),
        answer,
        at: clock.now(),
        read_at: None,
        resolved_at: None,
    };
    let mut again = AGAIN.iter();
    let mut under_way = false;
    let (outcome, left) = loop {
        match sight(work, entry, &unseen, rest).await? {
            Sight::Shown => break (outcome, None),
            Sight::UnderWay => {
                under_way = true;
                break (outcome, None);
            }
            Sight::Noted(why) => break (StepOutcome::DoneOtherwise(why), None),
            Sight::Otherwise(changes) => {
                break (StepOutcome::DoneOtherwise(otherwise(&changes)), None);
            }
            Sight::Rest(step) => break (outcome, Some(*step)),
            Sight::Before => {
                // Before the wait: a process that dies in it leaves word of what was sent.
                record::unseen(work.actor, work.desired, name, &unseen).await?;
                if let Some(wait) = again.next() {
                    clock.sleep(*wait).await;
                    continue;
                }
                unseen.read_at = Some(clock.now());
                record::unseen(work.actor, work.desired, name, &unseen).await?;
                break (StepOutcome::NotShown(not_shown(&unseen)), None);
            }
            Sight::Third(now) => break (StepOutcome::NotShown(third(&unseen, &now)), None),
            Sight::Unread(why) => {
                record::unseen(work.actor, work.desired, name, &unseen).await?;
                break (StepOutcome::NotShown(unread(&unseen, &why)), None);
            }
        }
    };
    Ok(Looked {
        outcome,
        left,
        under_way,
    })
}

/// Reads what the resource's writes show in, and compares it as the next pass would.
async fn sight(
    work: &Work<'_>,
    entry: &Entry,
    unseen: &Unseen,
    rest: &[Call],
) -> Result<Sight, PassError> {
    let observer = &work.actor.observer;
    let name = &entry.address;
    // Anew: ids that the call made stand in the outputs by now.
    let mut memory = remember(observer, work.desired)
        .await
        .map_err(|error| work.desired.store_error(error))?;
    memory.records.entry(name.clone()).or_default().unseen = Some(unseen.clone());
    if work.desired.spec.platform_domains.is_some() {
        observer.reader.forget();
    }
    let subject = memory.subject(work.desired);
    let reader = observer.reader.within(PATIENCE);
    let mut seen: Seen = decide::without_shown(&name.resource, work.seen);
    for _ in 0..ROUNDS {
        let missing = decide::needs_of(&subject, name, &seen);
        if missing.is_empty() {
            break;
        }
        let answers = join_all(
            missing
                .iter()
                .map(|call| checked::read(observer, &reader, call)),
        )
        .await;
        seen.extend(missing.into_iter().zip(answers));
    }
    let (plan, learned) = decide::decide(&subject, &seen);
    record::signs(observer, work.desired, &learned).await?;
    let kept = learned.kept.get(name);
    if let Some(kept) = kept {
        record::kept(work.actor, work.desired, name, kept).await?;
    }
    let leads_on = waits_beside(&plan, name)
        .any(|address| !waits_beside(&work.planned.plan, name).any(|known| known == address));
    let now = plan.entries.into_iter().find(|now| now.address == *name);
    Ok(match now.map(|now| now.verdict) {
        Some(Verdict::Step(step)) if !rest.is_empty() && step.calls == rest => {
            Sight::Rest(Box::new(step))
        }
        Some(Verdict::Step(_) | Verdict::Rejected { .. }) => Sight::Third(Text::new(
            "现在的差异与发送之前、发送之后都不同，请查看计划",
            "what is there is neither what was there before nor what was sent: look at the plan",
        )),
        Some(Verdict::Waiting(waiting)) if waiting.reason == Reason::NotShown => Sight::Before,
        Some(Verdict::Waiting(waiting)) if waiting.reason.is_under_way() => Sight::UnderWay,
        Some(Verdict::Waiting(waiting)) => Sight::Third(waiting.text),
        Some(Verdict::Unknown(why)) => Sight::Unread(why.text),
        Some(Verdict::Suppressed { changes, .. }) if kept.is_some() => Sight::Otherwise(changes),
        Some(Verdict::Suppressed { why, .. }) => Sight::Noted(why),
        None if leads_on => Sight::UnderWay,
        None => Sight::Shown,
    })
}

/// The other things of the same resource that wait.
fn waits_beside<'a>(plan: &'a TenantPlan, name: &'a Address) -> impl Iterator<Item = &'a Address> {
    let waits = plan.waits().map(|(entry, _)| &entry.address);
    waits.filter(|address| address.is_beside(name))
}

/// The differences, as many as a line holds.
fn otherwise(changes: &[Change]) -> Text {
    const SAID: usize = 3;
    let one = |change: &Change| {
        let from = change.from.as_ref().map_or_else(String::new, value_text);
        format!("{} {from}", change.path)
    };
    let more = (changes.len() > SAID).then(|| "…".to_owned());
    let said = Text::list(changes.iter().take(SAID).map(one).chain(more));
    let Text { zh, en } = kept_otherwise();
    Text::new(
        format!("{zh}（{}）", said.zh),
        format!("{en} ({})", said.en),
    )
}

fn not_shown(unseen: &Unseen) -> Text {
    let Unseen { answer, at, .. } = unseen;
    let op = shell_word(&unseen.op);
    let (at, read_at) = (second(*at), second(unseen.read_at.unwrap_or(*at)));
    Text::new(
        format!(
            "微信于 {at} {}；{read_at} 查询仍未生效。不会再次发送，除非执行 wxops op resolve {op} --as not-done",
            answer.zh
        ),
        format!(
            "WeChat {} at {at}, but a read at {read_at} does not show it; it is not sent again unless you say: \
             wxops op resolve {op} --as not-done",
            answer.en
        ),
    )
}

fn third(unseen: &Unseen, now: &Text) -> Text {
    Text::new(
        format!("微信{}；查询到的是另外的内容：{}", unseen.answer.zh, now.zh),
        format!(
            "WeChat {}, but reading shows something else: {}",
            unseen.answer.en, now.en
        ),
    )
}

fn unread(unseen: &Unseen, why: &Text) -> Text {
    Text::new(
        format!(
            "微信{}；之后无法查询（{}），下次运行会先查询",
            unseen.answer.zh, why.zh
        ),
        format!(
            "WeChat {}, but it could not be read afterwards ({}); the next run reads first",
            unseen.answer.en, why.en
        ),
    )
}

/// A person says what came of a call that WeChat accepted and no read shows. The things whose hold that ends, or whose
/// state it settles; none: nothing of the kind is held.
///
/// # Errors
/// The store cannot be used.
pub async fn resolve_unseen(
    store: &Store,
    op: &OpKey,
    done: bool,
    now: Timestamp,
) -> Result<Vec<Address>, StoreError> {
    let Some(claim) = store.get::<ClaimDoc>(&Key::claim(&op.appid)).await? else {
        return Ok(Vec::new());
    };
    let mut resolved = Vec::new();
    let key = Key::tenant(&claim.value.tenant);
    store
        .update::<TenantDoc>(&key, |doc| {
            resolved = record::resolve(doc, &op.to_string(), done.then_some(now));
        })
        .await?;
    Ok(resolved)
}
