//! What is remembered of what was done about a mini-program's code: what its answers leave out is known from here.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::machine::Is;
use super::target::{Target, is_known, is_named};
use crate::resource::ops::LastDone;
use crate::resource::{Outputs, View};
use crate::wechat::Endpoint;
use crate::wechat::code::{self, Version, committed};

/// By so much WeChat's clock and ours may differ.
pub(super) const SKEW: SignedDuration = SignedDuration::from_mins(2);

/// What an output with an audit's id is called, behind the item's name.
const AUDIT: &str = "codeAudit";

/// What was so before a step, and what it was made for: its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Before {
    /// The mini-program's item in the manifest.
    pub(super) item: String,
    /// The tag of what the step was made for.
    pub(super) tag: String,
    /// Its template.
    pub(super) template: i64,
    /// Its version.
    pub(super) version: String,
    /// The last audit then.
    pub(super) audit: Option<u64>,
    /// Since when there was what there was in the slot that changes.
    pub(super) since: Option<i64>,
    /// The tags of what was submitted before and did not pass: none of them is submitted again by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<String>,
}

impl Before {
    /// By which name and tag what it was made for is known again.
    pub(super) fn known(&self) -> (&str, &str) {
        (&self.version, &self.tag)
    }
}

/// So many of them are remembered.
const REFUSED: usize = 20;

/// What was submitted before and did not pass, the last submission included where `last` says so.
pub(super) fn refused(view: &View<'_>, last_ended: bool) -> Vec<String> {
    let Some(done) = done(view, &code::SUBMIT) else {
        return Vec::new();
    };
    let Before {
        mut refused, tag, ..
    } = done.before;
    if last_ended {
        refused.retain(|one| *one != tag);
        refused.push(tag);
    }
    let more = refused.len().saturating_sub(REFUSED);
    refused.split_off(more)
}

/// Whether what is wanted was submitted before, and cannot be told from that: it did not pass, or another review came since.
pub(super) fn submitted(view: &View<'_>, target: &Target) -> bool {
    let last = done(view, &code::SUBMIT).is_some_and(|done| done.before.tag == target.tag);
    last || refused(view, false).contains(&target.tag)
}

/// Something that was done.
pub(super) struct Done<'a> {
    pub(super) before: Before,
    pub(super) last: &'a LastDone,
}

/// The last operation of an endpoint that took effect.
pub(super) fn done<'a>(view: &View<'a>, endpoint: &Endpoint) -> Option<Done<'a>> {
    let last = view.ops.last(view.account(), endpoint)?;
    let before = Before::deserialize(&last.evidence).ok()?;
    Some(Done { before, last })
}

/// What put the version online that is online by our hand.
pub(super) fn put_online<'a>(view: &View<'a>) -> Option<Done<'a>> {
    let all = [&code::RELEASE, &code::REVERT];
    let each = all.into_iter().filter_map(|endpoint| done(view, endpoint));
    each.max_by_key(|done| done.last.at)
}

/// The gray release that we began and, as far as we know, have not ended.
pub(super) fn gray_of_ours<'a>(view: &View<'a>) -> Option<Done<'a>> {
    let gray = done(view, &code::GRAY)?;
    let ends = [&code::RELEASE, &code::REVERT, &code::REVERT_GRAY];
    let mut ends = ends
        .into_iter()
        .filter_map(|endpoint| view.ops.last(view.account(), endpoint));
    (!ends.any(|end| end.at > gray.last.at)).then_some(gray)
}

/// The outputs that say what is online, of what was just put there.
pub(super) fn went_online(before: &Before) -> Outputs {
    let Before {
        item,
        version,
        template,
        ..
    } = before;
    live(item, version, Some(*template))
}

/// The outputs that say what is online.
pub(super) fn live(item: &str, version: &str, template: Option<i64>) -> Outputs {
    let mut outputs = Outputs::new();
    if !version.is_empty() {
        outputs.insert(
            format!("miniPrograms.{item}.liveVersion"),
            version.to_owned(),
        );
    }
    if let Some(template) = template {
        outputs.insert(
            format!("miniPrograms.{item}.liveTemplate"),
            template.to_string(),
        );
    }
    outputs
}

/// The output that keeps an audit's id.
pub(super) fn kept_as(item: &str, id: u64) -> Outputs {
    Outputs::from([(format!("miniPrograms.{item}.{AUDIT}"), id.to_string())])
}

/// The id of the audit that was submitted last. The item may have been renamed since.
pub(super) fn audit_id(last: &LastDone) -> Option<u64> {
    let is_it = |name: &&String| name.rsplit('.').next() == Some(AUDIT);
    let name = last.ids.keys().find(is_it)?;
    last.ids.get(name)?.parse().ok()
}

/// Whether a version is what is wanted. Its free text tells; where an answer leaves that out, what was done last does.
pub(super) fn is(version: &Version, target: &Target, done: Option<&Done<'_>>) -> Is {
    if !version.description.trim().is_empty() {
        let known = (target.version(), target.tag.as_str());
        let ours = is_known(&version.version, &version.description, known);
        return if ours { Is::Wanted } else { Is::Other };
    }
    let named = |name: &str| is_named(&version.version, name);
    let untold = if named(target.version()) {
        Is::Unknown
    } else {
        Is::Other
    };
    let Some(Done { before, last }) = done else {
        return untold;
    };
    let newer = version.since.is_some_and(|since| is_after(since, last.at));
    let older = version.since.is_some() && version.since == before.since;
    if newer || older || !named(&before.version) {
        return untold;
    }
    if before.tag == target.tag {
        Is::Wanted
    } else {
        Is::Other
    }
}

/// Whether WeChat's time is after ours, whatever the clocks.
pub(super) fn is_after(seconds: i64, at: Timestamp) -> bool {
    Timestamp::from_second(seconds).is_ok_and(|time| time.duration_since(at) > SKEW)
}

/// What was committed last.
pub(super) fn last_ext_json(view: &View<'_>) -> Option<String> {
    let last = view.ops.last(view.account(), &code::COMMIT)?;
    Some(committed(&last.call)?.ext_json)
}
