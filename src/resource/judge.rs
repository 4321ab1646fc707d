//! What is remembered of a thing, and the policy, make of a step that is due. Pure.

use super::registry::Managed;
use super::spec::OnDrift;
use super::{ResourceRecord, View, refusal, unseen};
use crate::plan::{Digest, Drift, Text, Verdict};

/// What the records and the policy make of a step: accepted before and not shown, refused before, drift, left alone.
pub(super) fn judge(
    verdict: Verdict,
    desired: Option<&Digest>,
    record: &ResourceRecord,
    on_drift: OnDrift,
    resource: &dyn Managed,
    view: &View<'_>,
) -> Verdict {
    let Verdict::Step(mut step) = verdict else {
        return verdict;
    };
    let unseen = unseen::of(record, desired);
    if let Some(held) = unseen.and_then(|unseen| unseen::held(unseen, &step, resource)) {
        return held;
    }
    let rejected = record.rejected.as_ref();
    if let Some(held) = rejected.and_then(|rejected| {
        refusal::held(rejected, &step, view, &resource.rests_on(view.account()))
    }) {
        return held;
    }
    // What was never seen in force has not moved.
    if let (Some(applied), None) = (&record.applied, unseen)
        && desired == Some(&applied.digest)
    {
        step.drift = Some(Drift {
            applied_at: applied.at,
        });
        if on_drift == OnDrift::Report {
            return Verdict::Suppressed {
                why: Text::new(
                    "线上与配置不一致；策略为只报告（onDrift: report）",
                    "changed at WeChat; the policy only reports it (onDrift: report)",
                ),
                changes: step.changes,
            };
        }
    }
    Verdict::Step(step)
}
