//! From what was read of an account to what a manifest would say of it: the pure half of an import.
//!
//! Nothing is guessed. What was not read, what no manifest can say, and what would not compare equal with what was
//! just read, is left out with its reason; so the plan of what is left is empty.

use jiff::Timestamp;
use serde_json::Value;

use super::decide::granted;
use super::registry::{Managed, RESOURCES};
use super::spec::{AccountKind, OfficialAccountSpec, PrincipalSpec, RequireSpec};
use super::texts::{self, Flaw};
use super::{
    At, Facts, Files, Gates, Observation, Ops, Outputs, Seen, Sibling, TenantRecords, TenantSpec,
    View, authorization,
};
use crate::plan::diagnostic::{Diagnostics, Severity};
use crate::plan::path::{Segment, SpecPath};
use crate::plan::{Text, Verdict, Why};
use crate::wechat::authorizer::{self, Info};
use crate::wechat::text::visible;
use crate::wechat::{Appid, Call};

/// What an account turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Export {
    /// An official account.
    Account(Box<Exported>),
    /// A mini-program: no tenant of its own.
    MiniProgram,
    /// It has not authorized the platform, or has left.
    NotAuthorized,
    /// It could not be asked what it is.
    Unknown(Why),
}

/// An official account as a manifest would say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The account.
    pub account: Appid,
    /// The name users see; may be empty.
    pub nick_name: String,
    /// The WeChat id that people can search for; may be empty.
    pub alias: String,
    /// 服务号 or 订阅号.
    pub kind: AccountKind,
    /// The legal entity (主体); may be empty.
    pub principal: String,
    /// What it has. Who it belongs to among the manifests is not said yet: no platform, no policy.
    pub spec: TenantSpec,
    /// What could not be said, and why.
    pub left_out: Vec<LeftOut>,
}

/// A resource that stays unmanaged, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The resource, or the authorization gate.
    pub resource: &'static str,
    /// Why.
    pub why: Text,
    /// Whether it would have been known, had nothing gone wrong.
    pub failed: bool,
}

/// The reads still missing before [`export`] can tell; asked again until empty.
#[must_use]
pub fn needs_to_export(account: &Appid, now: Timestamp, seen: &Seen) -> Vec<Call> {
    let read = authorizer::info_request(account);
    if !seen.contains_key(&read) {
        return vec![read];
    }
    let Observation::Present(info) = authorization::observe(account, seen) else {
        return Vec::new();
    };
    if !open(&info) {
        return Vec::new();
    }
    let base = base(account, &info);
    let mut calls: Vec<Call> = with_view(account, &info, now, seen, |view| {
        RESOURCES
            .iter()
            .filter(|resource| resource.is_of(view.at.kind()))
            .filter(|resource| granted(**resource, view.facts))
            .flat_map(|resource| missing(*resource, &base, view))
            .collect()
    });
    calls.sort();
    calls.dedup();
    calls
}

/// Says of an account what a manifest can.
#[must_use]
pub fn export(account: &Appid, now: Timestamp, seen: &Seen) -> Export {
    let info = match authorization::observe(account, seen) {
        Observation::Present(info) => info,
        Observation::Absent => return Export::NotAuthorized,
        Observation::Unknown(why) => return Export::Unknown(why),
    };
    if info.authorizer_info.is_mini_program() {
        return Export::MiniProgram;
    }
    let mut spec = base(account, &info);
    let mut left_out = Vec::new();
    let principal = spec
        .principal
        .as_ref()
        .and_then(|said| said.name.as_deref());
    if let Some(flaw) = principal.and_then(Flaw::of) {
        spec.principal = None;
        left_out.push(LeftOut {
            resource: "principal",
            why: refused(flaw.code(), "principal.name", flaw.message()),
            failed: false,
        });
    }
    if let Some(waiting) = authorization::status_objection(&info.authorizer_info) {
        left_out.push(LeftOut {
            resource: authorization::NAME,
            why: waiting.text,
            failed: true,
        });
    } else {
        with_view(account, &info, now, seen, |view| {
            for resource in RESOURCES.iter().filter(|one| one.is_of(view.at.kind())) {
                match take(*resource, &spec, view) {
                    Ok(Some(with)) => spec = with,
                    Ok(None) => {}
                    Err(one) => left_out.push(*one),
                }
            }
        });
    }
    let text = |text: Option<String>| visible(&text.unwrap_or_default());
    Export::Account(Box::new(Exported {
        account: account.clone(),
        kind: kind(&info),
        nick_name: text(info.authorizer_info.nick_name),
        alias: text(info.authorizer_info.alias),
        principal: text(info.authorizer_info.principal_name),
        spec,
        left_out,
    }))
}

/// Whether anything can be read of the account beyond what it is.
fn open(info: &Info) -> bool {
    let account = &info.authorizer_info;
    !account.is_mini_program() && authorization::status_objection(account).is_none()
}

fn with_view<T>(
    account: &Appid,
    info: &Info,
    now: Timestamp,
    seen: &Seen,
    look: impl FnOnce(&View<'_>) -> T,
) -> T {
    let facts: Facts = authorization::facts(info, account);
    // An account that has no tenant yet: nothing is remembered.
    let (records, outputs, gates) = (TenantRecords::new(), Outputs::new(), Gates::new());
    let spec = TenantSpec::default();
    let siblings = [Sibling {
        at: At::OFFICIAL,
        appid: Some(account.clone()),
    }];
    let files = Files::new();
    look(&View {
        at: &At::OFFICIAL,
        facts: &facts,
        siblings: &siblings,
        spec: &spec,
        gates: &gates,
        now,
        seen,
        files: &files,
        ops: &Ops::NONE,
        records: &records,
        outputs: &outputs,
    })
}

fn kind(info: &Info) -> AccountKind {
    if authorization::is_service_account(&info.authorizer_info) {
        AccountKind::Service
    } else {
        AccountKind::Subscription
    }
}

/// What the account is, with nothing declared of it.
fn base(account: &Appid, info: &Info) -> TenantSpec {
    let principal = info.authorizer_info.principal_name.as_deref().map(visible);
    let principal = principal.filter(|name| !name.is_empty());
    TenantSpec {
        principal: principal.map(|name| PrincipalSpec {
            name: Some(name),
            license: None,
        }),
        official_account: Some(OfficialAccountSpec {
            app_id: Some(account.clone()),
            require: Some(RequireSpec {
                kind: Some(kind(info)),
                verified: None,
            }),
            ..OfficialAccountSpec::default()
        }),
        ..TenantSpec::default()
    }
}

/// The reads it takes to export a resource, then those it takes to compare what was exported.
fn missing(resource: &dyn Managed, base: &TenantSpec, view: &View<'_>) -> Vec<Call> {
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
fn take(
    resource: &dyn Managed,
    spec: &TenantSpec,
    view: &View<'_>,
) -> Result<Option<TenantSpec>, Box<LeftOut>> {
    let left_out = |why: Text, failed: bool| {
        Box::new(LeftOut {
            resource: resource.name(),
            why,
            failed,
        })
    };
    if !granted(resource, view.facts) {
        let waiting = authorization::set_missing(view.facts.kind, resource.sets(view.facts.kind));
        return Err(left_out(waiting.text, false));
    }
    let with = said(resource, spec, view).map_err(|why| match wants(&why, view) {
        Some(text) => left_out(text, false),
        None => left_out(why.text, why.kind.failed()),
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
        let Segment::Field(name) = segment else {
            return None;
        };
        at = at
            .as_object_mut()?
            .entry(name)
            .or_insert_with(|| Value::Object(serde_json::Map::new()));
    }
    *at = value;
    serde_json::from_value(whole).ok()
}

fn refused(code: &str, path: &str, message: &str) -> Text {
    Text::new(
        format!("线上内容写进配置会被校验拒绝：{code} {path}： {message}"),
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
    let verdict = resource.compare(spec, view).verdicts.into_values().next()?;
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
