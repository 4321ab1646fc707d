//! What an earlier pass, or a crash, left unsettled: taken over, and settled by its probe.

use super::doubt::{found_without_answer, probe};
use super::operation::Looks;
use super::{Actor, Desired, PassError, history, record};
use crate::plan::{Digest, Text};
use crate::resource::{Settled, Unseen};
use crate::store::JournalError;
use crate::store::journal::{Look, OpDoc, OpKey};
use crate::wechat::Appid;

/// Looks at every operation of an account before it is observed, and settles by its probe what is in doubt.
pub(super) async fn recover(
    actor: &Actor,
    desired: &Desired,
    account: &Appid,
    notes: &mut Vec<Text>,
) -> Result<Looks, PassError> {
    let mut looks = Looks::new();
    let keys = actor
        .observer
        .journal
        .of_account(account)
        .await
        .map_err(|error| desired.journal_error(error))?;
    for key in keys {
        let recovered = recover_one(actor, &key, notes)
            .await
            .map_err(|error| desired.journal_error(error))?;
        if let (true, Some(op)) = (recovered.found_out, recovered.look.doc()) {
            sent_and_found(actor, desired, op).await?;
        }
        looks.insert(key, recovered.look);
    }
    Ok(looks)
}

/// An operation as an earlier pass left it, or as it is now.
struct Recovered {
    look: Look,
    /// Whether a probe found just now that it took effect.
    found_out: bool,
}

/// What a probe found is there; how WeChat keeps it nobody has seen. Written down as what was sent, so that another
/// spelling of it is known for what it is.
async fn sent_and_found(actor: &Actor, desired: &Desired, op: &OpDoc) -> Result<(), PassError> {
    let entry = history::entry_of(actor, desired, op).await?;
    let Some((entry, sent)) = entry.and_then(|doc| Some((history::address_of(&doc), doc.desired?)))
    else {
        return Ok(());
    };
    let unseen = Unseen {
        sent: Some(Digest::from_hex(sent)),
        // Whatever is due now is not what was due before it: that it took effect is known.
        changes: Digest::of(&op.step),
        op: op.op.to_string(),
        answer: found_without_answer(&op.op.action),
        at: op.armed_at.unwrap_or(op.observed_at),
        read_at: None,
        resolved_at: None,
    };
    record::unseen(actor, desired, &entry, &unseen).await
}

async fn recover_one(
    actor: &Actor,
    key: &OpKey,
    notes: &mut Vec<Text>,
) -> Result<Recovered, JournalError> {
    let observer = &actor.observer;
    let look = observer.journal.recover(key, observer.clock.now()).await?;
    match look.in_doubt() {
        Err(settled) => Ok(Recovered {
            look: settled,
            found_out: false,
        }),
        Ok(mut op) => {
            let mut found_out = false;
            match probe(actor, &mut op).await {
                Ok(probed) => {
                    found_out = matches!(probed.settled, Settled::Done(_));
                    notes.push(probed.text);
                }
                Err(error @ JournalError::Store(_)) => return Err(error),
                // Another process or a person settled it while we waited.
                Err(error) => tracing::info!(op = %key, %error, "a probe came second"),
            }
            Ok(Recovered {
                look: observer.journal.look(key).await?,
                found_out,
            })
        }
    }
}
