//! An operation in doubt: the wait that stands in place of its step, and the probe that ends it.

use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::operation::op_key;
use super::{Actor, Observer};
use crate::plan::text::shell_word;
use crate::plan::{Lang, Person, Reason, Text, Waiting};
use crate::resource::registry::settles;
use crate::resource::{Seen, Settled};
use crate::store::JournalError;
use crate::store::journal::{Op, OpDoc, OpKey, Probe, Stage};
use crate::wechat::Call;
use crate::wechat::calendar::{minute, second};
use crate::wechat::registration::{BY_OFFICIAL_ACCOUNT, registered_for};

/// Several times what any probe waits for.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// What stands for the answer that a call did not get, where a probe found its effect.
pub(super) fn found_without_answer(name: &str) -> Text {
    Text::new(
        format!("没有应答 {name}，但查询到已生效"),
        format!("gave no answer to {name}, and a read found that it took effect"),
    )
}

/// What a probe came to.
pub(super) struct Probed {
    pub(super) settled: Settled,
    pub(super) text: Text,
}

/// Waits until a probe counts, makes it, and writes down what it says. Where probes are left to a later pass nothing is
/// waited for: what is not due is still in doubt.
pub(super) async fn probe(actor: &Actor, op: &mut Op) -> Result<Probed, JournalError> {
    let observer = &actor.observer;
    let call = op.doc().call.clone();
    if actor.passes.leaves_probes
        && let Some(due) = op.doc().probe_due()
        && observer.clock.now() <= due
    {
        let wait = due.duration_since(observer.clock.now());
        let is_soon = Duration::try_from(wait).is_ok_and(|wait| wait <= LONGEST_WAIT);
        return Ok(if is_soon {
            not_yet(op, due)
        } else {
            set_back(op)
        });
    }
    if !wait_until_due(observer, op).await {
        return Ok(set_back(op));
    }
    let begun_at = observer.clock.now();
    let Some(resource) = settles(&call) else {
        let why = "no probe knows this call".to_owned();
        observer
            .journal
            .settle_probe(op, &Probe::Undecided { why }, begun_at, begun_at)
            .await?;
        return Ok(probed(&call, Settled::Undecided));
    };
    let reads = resource.probe(&call);
    let answers = join_all(reads.iter().map(|read| observer.reader.read(read))).await;
    let seen: Seen = reads.into_iter().zip(answers).collect();
    let settled = resource.settle(&call, &op.doc().evidence, &seen);
    if settled == Settled::NotDone
        && let Some(due) = shown_by(op.doc()).filter(|due| begun_at < *due)
    {
        return Ok(not_shown(op, due));
    }
    let found = match &settled {
        Settled::Done(ids) => Some(Probe::Done { ids: ids.clone() }),
        Settled::NotDone => Some(Probe::NotDone {
            why: "WeChat says that there is none".to_owned(),
        }),
        Settled::Ambiguous => Some(Probe::Undecided {
            why: "what is there may be its effect or not".to_owned(),
        }),
        // A probe that was not answered is made again by the next pass.
        Settled::Undecided => None,
    };
    if let Some(found) = found {
        observer
            .journal
            .settle_probe(op, &found, begun_at, observer.clock.now())
            .await?;
    }
    Ok(probed(&call, settled))
}

/// Whether the time has come. It never does where the clock has been set back by more than any probe waits: the op
/// then stays in doubt, and nobody is kept waiting for as long as the clock was wrong.
async fn wait_until_due(observer: &Observer, op: &Op) -> bool {
    let Some(due) = op.doc().probe_due() else {
        return true;
    };
    // The store keeps milliseconds at least; one more makes sure that the probe begins after, not at, the margin.
    let wait = due.duration_since(observer.clock.now());
    let Ok(wait) = Duration::try_from(wait) else {
        return true;
    };
    if wait > LONGEST_WAIT {
        return false;
    }
    observer.clock.sleep(wait + Duration::from_millis(1)).await;
    true
}

/// From when on a probe that finds nothing is believed.
fn shown_by(doc: &OpDoc) -> Option<Timestamp> {
    let within = settles(&doc.call)?.shown_within(&doc.call);
    let within = SignedDuration::try_from(within).unwrap_or(SignedDuration::MAX);
    Some(
        doc.armed_at?
            .saturating_add(within)
            .unwrap_or(Timestamp::MAX),
    )
}

fn not_yet(op: &Op, due: Timestamp) -> Probed {
    let (name, due) = (&op.doc().op.action, second(due));
    Probed {
        settled: Settled::Undecided,
        text: Text::new(
            format!("{name} 没有应答，{due} 之后查询是否生效"),
            format!("{name} got no answer: whether it took effect can be asked after {due}"),
        ),
    }
}

/// WeChat shows nothing of it, which says nothing before `due`.
fn not_shown(op: &Op, due: Timestamp) -> Probed {
    let (name, due) = (&op.doc().op.action, minute(due));
    Probed {
        settled: Settled::Undecided,
        text: Text::new(
            format!(
                "{name} 没有应答，微信也还查不到它的结果；微信的显示可能延迟，{due} 之后仍查不到，才认为没有生效"
            ),
            format!(
                "{name} got no answer, and WeChat shows nothing of it yet; it may show it late, so it counts as without effect only \
                 if nothing shows after {due}"
            ),
        ),
    }
}

fn set_back(op: &Op) -> Probed {
    let (name, due) = (&op.doc().op.action, op.doc().probe_due());
    let due = due.map_or_else(String::new, minute);
    Probed {
        settled: Settled::Undecided,
        text: Text::new(
            format!(
                "{name} 此前没有应答，记录的时间在未来（本机时钟被拨回过？）：{due} 之后才能查询"
            ),
            format!(
                "an earlier {name} got no answer, at a time that is still to come (was this machine's clock set \
                 back?): it can be asked about after {due}"
            ),
        ),
    }
}

fn probed(call: &Call, settled: Settled) -> Probed {
    let name = call.endpoint.name;
    let text = match &settled {
        Settled::Done(ids) => {
            let made: Vec<&str> = ids.values().map(String::as_str).collect();
            let made = |lang: Lang| match made.as_slice() {
                [] => String::new(),
                made => lang.aside(Text::list(made).in_lang(lang)),
            };
            let (made_zh, made_en) = (made(Lang::Zh), made(Lang::En));
            Text::new(
                format!("{name} 此前没有应答，经查询已生效{made_zh}，记为完成"),
                format!(
                    "settled: an earlier {name} without answer took effect{made_en}, recorded as done"
                ),
            )
        }
        Settled::NotDone => Text::new(
            format!("{name} 此前没有应答，经查询未生效"),
            format!("settled: an earlier {name} without answer had no effect"),
        ),
        Settled::Ambiguous => Text::new(
            format!("{name} 此前没有应答，查到的内容可能是它的结果，也可能不是，需要人工确认"),
            format!(
                "an earlier {name} got no answer, and what is there may be its effect or not: a person has to say"
            ),
        ),
        Settled::Undecided => Text::new(
            format!("{name} 此前没有应答，是否生效仍无法查明"),
            format!("whether an earlier {name} took effect still cannot be told"),
        ),
    };
    Probed { settled, text }
}

/// For a dry run: the wait that stands in place of a step whose operation is not settled.
pub(super) async fn in_doubt(
    observer: &Observer,
    call: &Call,
) -> Result<Option<Waiting>, JournalError> {
    of(observer, &op_key(call), call.endpoint.name).await
}

/// The same of one operation, by its key and the name of what it calls.
pub(super) async fn of(
    observer: &Observer,
    key: &OpKey,
    name: &str,
) -> Result<Option<Waiting>, JournalError> {
    let look = observer.journal.look(key).await?;
    let now = observer.clock.now();
    Ok(look.doc().and_then(|doc| unsettled(doc, name, now)))
}

/// The same of a registration through an official account, for an item that is to be registered otherwise by now: nobody
/// sends its ticket again, so what is not proved stays so until a person has looked.
pub(super) async fn of_former_registration(
    observer: &Observer,
    key: &OpKey,
    tenant: &str,
) -> Result<Option<Waiting>, JournalError> {
    let look = observer.journal.look(key).await?;
    let is_ours = |doc: &&OpDoc| {
        let whose = registered_for(&doc.call);
        whose.is_none_or(|whose| whose.split(':').next() == Some(tenant))
    };
    let now = observer.clock.now();
    Ok(look.doc().filter(is_ours).and_then(|doc| {
        let unproved = || doc.is_unproved().then(|| unproved_registration(&doc.op));
        unsettled(doc, BY_OFFICIAL_ACCOUNT.name, now).or_else(unproved)
    }))
}

/// The wait for what came of an operation that was sent.
fn unsettled(doc: &OpDoc, name: &str, now: Timestamp) -> Option<Waiting> {
    let word = shell_word(&doc.op.to_string());
    let waiting = match doc.stage {
        Stage::Settled | Stage::Open | Stage::Reserved => return None,
        Stage::Armed | Stage::Doubt => {
            let mut waiting = Waiting::new(
                Reason::OutcomeUnknown,
                Person::Nobody,
                Text::new(
                    format!("此前的 {name} 没有应答，不知是否生效；下次 apply 会先查明"),
                    format!(
                        "an earlier {name} got no answer; the next pass finds out before anything is sent"
                    ),
                ),
            );
            // The first probe may find it; that it finds nothing is believed later.
            let due = doc.probe_due();
            waiting.until = if due.is_some_and(|due| due > now) {
                due
            } else {
                due.max(shown_by(doc))
            };
            waiting
        }
        Stage::Stalled => Waiting::new(
            Reason::OutcomeUnknown,
            Person::Operator,
            Text::new(
                format!(
                    "无法查明此前的 {name} 是否生效，请在公众平台核对后执行：wxops op resolve {word} --as done|not-done"
                ),
                format!(
                    "nothing can tell whether an earlier {name} took effect: look in WeChat's console, then \
                     wxops op resolve {word} --as done|not-done"
                ),
            ),
        ),
    };
    Some(waiting)
}

/// More than 5 s, says the SDK of the field: until then a second one is refused (61058) as if its ticket were bad.
const BETWEEN_REGISTRATIONS: SignedDuration = SignedDuration::from_secs(10);

/// What is known of a registration in doubt is what the official account is linked to: another one beside it, for
/// whichever item or tenant, would be taken for it.
pub(super) async fn of_another_registration(
    observer: &Observer,
    call: &Call,
) -> Result<Option<Waiting>, JournalError> {
    if call.endpoint != &BY_OFFICIAL_ACCOUNT {
        return Ok(None);
    }
    for key in observer.journal.of_account(&call.subject).await? {
        let (name, _item) = key.action.split_once('+').unwrap_or((&key.action, ""));
        if name != BY_OFFICIAL_ACCOUNT.name {
            continue;
        }
        let look = observer.journal.look(&key).await?;
        let waiting = look
            .doc()
            .and_then(|doc| before_another(doc, call, observer.clock.now()));
        if waiting.is_some() {
            return Ok(waiting);
        }
    }
    Ok(None)
}

/// The wait of a registration for what came of an earlier one.
fn before_another(earlier: &OpDoc, call: &Call, now: Timestamp) -> Option<Waiting> {
    let waiting = unsettled(earlier, BY_OFFICIAL_ACCOUNT.name, now);
    if waiting.is_some() {
        return waiting;
    }
    // For the same item it is made again with the ticket that it was made with, which WeChat takes once.
    if earlier.is_unproved() && registered_for(&earlier.call) != registered_for(call) {
        return Some(unproved_registration(&earlier.op));
    }
    let of_another = earlier.op != op_key(call);
    let free_at = earlier.armed_at.filter(|_| of_another)? + BETWEEN_REGISTRATIONS;
    (free_at > now).then(|| too_soon(&earlier.op, free_at))
}

fn too_soon(key: &OpKey, free_at: Timestamp) -> Waiting {
    let text = Text::new(
        format!("{key} 刚刚发送；微信处理期间不接受同一公众号的下一次注册"),
        format!(
            "{key} was sent just now; WeChat takes no other one of the same official account meanwhile"
        ),
    );
    Waiting {
        until: Some(free_at),
        ..Waiting::new(Reason::AfterAnotherStep, Person::Nobody, text)
    }
}

/// An item or a tenant has another name since: nobody would find out any more what came of its registration.
fn unproved_registration(key: &OpKey) -> Waiting {
    let word = shell_word(&key.to_string());
    Waiting::new(
        Reason::HeldAfterTrying,
        Person::Operator,
        Text::new(
            format!(
                "此前通过该公众号的一次注册（{key}）没有应答，查询时未见结果，但可能已经注册，因此不再注册：请在公众平台核对后执行 wxops op resolve {word} --as done|not-done"
            ),
            format!(
                "an earlier registration through this official account ({key}) got no answer and nothing shows of it, yet it may \
                 have been made, so no other is: look in WeChat's console, then wxops op resolve {word} --as done|not-done"
            ),
        ),
    )
}
