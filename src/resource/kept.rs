//! Comparing with what WeChat makes of what it is sent: a value that it keeps in a spelling of its own is as good as
//! the one that was sent. Pure.
//!
//! ```text
//!   after a write WeChat shows
//!     what was sent                    in force
//!     what was there before            it accepted and did nothing, or the read lags: `decide` holds the step
//!       but for the spelling           kept otherwise: it made of it what it makes of it every time
//!     a third thing                    kept otherwise, if nobody has looked since the write; else somebody's change
//! ```
//!
//! The pair of digests, sent and shown, is remembered. What is observed is then put back into our spelling before it is
//! compared, so that a third thing is told from it, and things that depend on one another are compared as they are meant.

use std::collections::BTreeMap;

use super::compared::Compared;
use super::{Kept, Observation, Resource, Unseen, View, spelling};
use crate::plan::{Action, Change, Digest, Text, Verdict};

/// Compares, each thing as WeChat keeps it.
pub(super) fn compare<R: Resource>(
    spec: &R::Spec,
    desired: &R::State,
    observed: &Observation<R::State>,
    view: &View<'_>,
) -> Compared {
    let plain = R::diff(spec, desired, observed, view);
    let digests = R::digests(desired);
    let Observation::Present(live) = observed else {
        return done(plain, digests, BTreeMap::new());
    };
    let shown = R::shown(desired, live);
    let name = view.address(R::NAME);
    let kept: BTreeMap<String, Kept> = shown
        .iter()
        .filter_map(|(key, shown)| {
            let sent = digests.get(key)?;
            let kept = Kept {
                sent: sent.clone(),
                shown: shown.clone(),
            };
            let record = view.records.get(&name.with_key(key.as_str()))?;
            let known = record.kept.as_ref() == Some(&kept);
            let unseen = record
                .unseen
                .as_ref()
                .filter(|one| one.sent.as_ref() == Some(sent));
            let new = || unseen.is_some_and(|unseen| is_kept(unseen, plain.get(key)));
            (sent != shown && (known || new())).then(|| (key.clone(), kept))
        })
        .collect();
    if kept.is_empty() {
        return done(plain, digests, kept);
    }
    let pairs = kept
        .iter()
        .map(|(key, kept)| (key.clone(), kept.shown.clone()));
    let respelled = R::respelled(desired, live, &pairs.collect());
    let mut verdicts = R::diff(spec, desired, &Observation::Present(respelled), view);
    for key in kept.keys() {
        if let (None, Some(Verdict::Step(step))) = (verdicts.get(key), plain.get(key)) {
            verdicts.insert(key.clone(), noted(step.changes.clone()));
        }
    }
    done(verdicts, digests, kept)
}

fn done(
    verdicts: BTreeMap<String, Verdict>,
    desired: BTreeMap<String, Digest>,
    kept: BTreeMap<String, Kept>,
) -> Compared {
    Compared {
        verdicts,
        desired,
        kept,
        ..Compared::default()
    }
}

/// Whether what is there since a write is what WeChat made of it.
fn is_kept(unseen: &Unseen, verdict: Option<&Verdict>) -> bool {
    let Some(Verdict::Step(step)) = verdict else {
        return false;
    };
    if step.action == Action::Delete {
        return false;
    }
    let moved = unseen.changes != Change::digest(&step.changes);
    spelling::alike(&step.changes) || moved && unseen.read_at.is_none()
}

/// In sync, but for the spelling.
fn noted(changes: Vec<Change>) -> Verdict {
    Verdict::Suppressed {
        why: text(),
        changes,
    }
}

/// What is said of it.
#[must_use]
pub fn text() -> Text {
    Text::new(
        "微信保存的写法与发送的不同，视为一致，不会再次写入",
        "WeChat keeps it otherwise than it was sent; that counts as the same and is not written again",
    )
}
