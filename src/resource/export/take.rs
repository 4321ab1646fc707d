//! One resource of an account: what a manifest would say of it, and why it cannot.

use serde_json::Value;

use super::left_out::LeftOut;
use crate::plan::diagnostic::{Diagnostics, Severity};
use crate::plan::path::{Segment, SpecPath};
use crate::plan::{Reason, Text, Verdict, Why, WhyKind};
use crate::resource::registry::{Managed, granted};
use crate::resource::{TenantSpec, View, authorization, texts};
use crate::wechat::Call;

/// The reads it takes to export a resource, then those it takes to compare what was exported.
pub(super) fn missing(resource: &dyn Managed, base: &TenantSpec, view: &View<'_>) -> Vec<Call> {
    let missing = resource.needs_to_export(view);
    if !missing.is_empty() {
        return missing;
    }
    match said(resource, base, view) {
        Ok(Some(spec)) => resource.needs(&spec, view),
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// The spec with one resource more; `None` where there is nothing to declare.
pub(super) fn take(
    resource: &dyn Managed,
    spec: &TenantSpec,
    view: &View<'_>,
) -> Result<Option<TenantSpec>, Box<LeftOut>> {
    let left_out = |why: Text, failed: bool| {
        Box::new(LeftOut {
            resource: resource.name(),
            why,
            failed,
            by_memory: false,
        })
    };
    if !granted(resource, view.facts) {
        let waiting = authorization::set_missing(view.facts.kind, resource.sets(view.facts.kind));
        return Err(left_out(waiting.text, false));
    }
    let with = said(resource, spec, view).map_err(|why| match wants(&why, view) {
        Some(text) => left_out(text, false),
        None => Box::new(LeftOut {
            resource: resource.name(),
            failed: why.kind.failed(),
            by_memory: why.kind == WhyKind::NotComparable && resource.never_shown(),
            why: why.text,
        }),
    })?;
    let Some(with) = with else {
        return Ok(None);
    };
    match objection(resource, &with, view) {
        None => Ok(Some(with)),
        Some((why, failed)) => Err(left_out(why, failed)),
    }
}

/// What the account's owner must do first, where that is why something was not read.
fn wants(why: &Why, view: &View<'_>) -> Option<Text> {
    let waiting = authorization::unread_for_want(why, view.facts, view.seen)?;
    Some(waiting.text)
}

/// The spec with what a resource exports put where it belongs.
fn said(
    resource: &dyn Managed,
    spec: &TenantSpec,
    view: &View<'_>,
) -> Result<Option<TenantSpec>, Why> {
    let Some(value) = resource.export(view)? else {
        return Ok(None);
    };
    put(spec, &resource.path(view.at), value)
        .map(Some)
        .ok_or_else(|| Why::not_writable(resource.name()))
}

fn put(spec: &TenantSpec, path: &SpecPath, value: Value) -> Option<TenantSpec> {
    let mut whole = serde_json::to_value(spec).ok()?;
    let mut at = &mut whole;
    for segment in path.segments() {
        at = match segment {
            Segment::Field(name) => at
                .as_object_mut()?
                .entry(name)
                .or_insert_with(|| Value::Object(serde_json::Map::new())),
            Segment::Index(index) => at.get_mut(index)?,
        };
    }
    *at = value;
    serde_json::from_value(whole).ok()
}

pub(super) fn refused(code: &str, path: &str, message: &str) -> Text {
    Text::new(
        format!("线上内容写进配置会被校验拒绝：{code} {path}：{message}"),
        format!("what is there would be refused in a manifest: {code} {path}: {message}"),
    )
}

/// What stands at a path of fields.
fn at<'a>(value: &'a Value, path: &SpecPath) -> Option<&'a Value> {
    path.segments()
        .iter()
        .try_fold(value, |value, segment| match segment {
            Segment::Field(name) => value.get(name),
            Segment::Index(index) => value.get(index),
        })
}

/// What is stored as declared, though a release changes what users have.
fn waits_for_a_release(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Waiting(waiting)
        if matches!(waiting.reason, Reason::NotInForce | Reason::HostNotOnPlatform))
}

/// Why a manifest that says this would be refused, or would not come out as "nothing to do".
fn objection(resource: &dyn Managed, spec: &TenantSpec, view: &View<'_>) -> Option<(Text, bool)> {
    let mut found = Diagnostics::default();
    resource.check(spec, &mut found);
    let (path, whole) = (resource.path(view.at), serde_json::to_value(spec));
    if let Some(value) = whole.ok().as_ref().and_then(|whole| at(whole, &path)) {
        texts::check(value, &path, &mut found);
    }
    let objection = found
        .into_vec()
        .into_iter()
        .find(|diagnostic| diagnostic.severity == Severity::Error);
    if let Some(objection) = objection {
        let (code, path, message) = (objection.code, objection.path, objection.message);
        return Some((refused(code, &path.to_string(), &message), false));
    }
    let mut verdicts = resource.compare(spec, view).verdicts.into_values();
    let verdict = verdicts.find(|verdict| !waits_for_a_release(verdict))?;
    Some(match verdict {
        Verdict::Unknown(why) => match wants(&why, view) {
            Some(text) => (text, false),
            None => (why.text, why.kind.failed()),
        },
        Verdict::Waiting(waiting) => (waiting.text, false),
        Verdict::Suppressed { why, .. } => (why, false),
        Verdict::Step(_) | Verdict::Rejected { .. } => {
            (Why::not_writable(resource.name()).text, false)
        }
    })
}
