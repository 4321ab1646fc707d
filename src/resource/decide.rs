//! From what a tenant declares and what was read to the tenant's plan. Pure: same input, same plan.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::registry::{Compared, Managed, RESOURCES};
use super::spec::{Mode, OnDrift};
use super::{
    Facts, Kept, Observation, Outputs, ResourceRecord, Seen, TenantRecords, TenantSpec, View,
    authorization, unseen,
};
use crate::plan::{
    Address, Digest, Drift, Entry, Person, Reason, Step, TenantPlan, Text, Verdict, Waiting, Why,
    WhyKind,
};
use crate::wechat::authorization::AUTHORIZER_TOKEN;
use crate::wechat::errcode::names_refresh_token;
use crate::wechat::text::visible;
use crate::wechat::{Answer, ApiError, Appid, Call, ErrorClass, Who, authorizer};

/// One tenant, as a pass looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its name.
    pub tenant: &'a str,
    /// What it declares.
    pub spec: &'a TenantSpec,
    /// The account that an earlier scan pinned.
    pub pinned: Option<&'a Appid>,
    /// Whether the account came back after a revocation and no pass has looked at it since.
    pub reauthorized: bool,
    /// What is remembered of its resources.
    pub records: &'a TenantRecords,
    /// What earlier passes gave to business code.
    pub outputs: &'a Outputs,
}

impl<'a> Subject<'a> {
    fn view(&self, facts: &'a Facts, seen: &'a Seen) -> View<'a> {
        View {
            facts,
            seen,
            records: self.records,
            outputs: self.outputs,
        }
    }
}

/// What a pass learned of a tenant, beside its plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Learned {
    /// Whether the account is authorized and what the manifest says it is.
    pub gate_open: bool,
    /// What the account is, where that gate is open.
    pub facts: Option<Facts>,
    /// The resources that were compared, thing by thing.
    pub compared: BTreeSet<Address>,
    /// What is desired and in force, with its digest, by address.
    pub in_force: BTreeMap<Address, Digest>,
    /// What WeChat keeps in another spelling than it was sent, by address.
    pub kept: BTreeMap<Address, Kept>,
    /// Digest of everything desired that was compared, by address.
    pub desired: BTreeMap<Address, Digest>,
    /// What business code may ask for.
    pub outputs: Outputs,
    /// What is there now, by resource, as a manifest would say it.
    pub live: BTreeMap<Address, Value>,
}

/// The reads still missing before [`decide`] can tell; asked again until empty.
#[must_use]
pub fn needs(subject: &Subject<'_>, seen: &Seen) -> Vec<Call> {
    missing(subject, None, seen)
}

/// The reads still missing before one resource can be compared anew after a write: what its writes show in must have
/// been taken out of what was seen, see [`without_shown`].
#[must_use]
pub fn needs_of(subject: &Subject<'_>, resource: &str, seen: &Seen) -> Vec<Call> {
    missing(subject, Some(resource), seen)
}

/// What was seen, without the reads that show what a write of this resource does.
#[must_use]
pub fn without_shown(resource: &str, seen: &Seen) -> Seen {
    let shown_by = RESOURCES
        .iter()
        .find(|one| one.name() == resource)
        .map_or(&[][..], |one| one.shown_by());
    let stays = |call: &Call| !shown_by.contains(&call.endpoint);
    let kept = seen.iter().filter(|(call, _)| stays(call));
    kept.map(|(call, answer)| (call.clone(), answer.clone()))
        .collect()
}

fn missing(subject: &Subject<'_>, only: Option<&str>, seen: &Seen) -> Vec<Call> {
    let Some(account) = authorization::account(subject.spec, subject.pinned) else {
        return Vec::new();
    };
    let info = authorizer::info_request(account);
    if !seen.contains_key(&info) {
        return vec![info];
    }
    let Gate::Open { facts, .. } = gate(subject, seen) else {
        return Vec::new();
    };
    let mut calls: Vec<Call> = managed(subject)
        .filter(|resource| granted(*resource, &facts))
        .filter(|resource| only.is_none_or(|only| resource.name() == only))
        .flat_map(|resource| resource.needs(subject.spec, &subject.view(&facts, seen)))
        .collect();
    calls.sort();
    calls.dedup();
    calls
}

/// Compares everything the tenant declares with what was read.
#[must_use]
pub fn decide(subject: &Subject<'_>, seen: &Seen) -> (TenantPlan, Learned) {
    let mut plan = TenantPlan {
        tenant: subject.tenant.to_owned(),
        nick_name: None,
        account: authorization::account(subject.spec, subject.pinned).cloned(),
        entries: Vec::new(),
        observe_only: subject.spec.policy.mode == Mode::Observe || subject.reauthorized,
        error: None,
        trouble: None,
    };
    let mut learned = Learned::default();
    match gate(subject, seen) {
        Gate::Shut(verdicts) => {
            // Nothing is held back but by the gate.
            plan.observe_only = subject.spec.policy.mode == Mode::Observe;
            let behind = forecast(subject);
            plan.entries = verdicts
                .into_iter()
                .map(|verdict| Entry {
                    address: authorization::ADDRESS,
                    verdict: with_forecast(verdict, &behind),
                })
                .collect();
        }
        Gate::Open { facts, nick_name } => {
            learned.gate_open = true;
            plan.nick_name = Some(nick_name).filter(|name| !name.is_empty());
            learned.facts = Some(facts.clone());
            for resource in managed(subject) {
                let compared = compare(subject, resource, &facts, seen);
                note(resource, &compared, &mut learned);
                let name = Address::of(resource.name());
                let entries = compared.verdicts.into_iter().map(|(key, verdict)| Entry {
                    address: name.with_key(key),
                    verdict,
                });
                let mut entries: Vec<Entry> = entries.collect();
                entries.sort_by_key(|entry| rank(&entry.verdict));
                plan.entries.extend(entries);
            }
        }
    }
    (plan, learned)
}

/// Where an entry stands among those of its resource; what is no step stands first.
fn rank(verdict: &Verdict) -> u32 {
    match verdict {
        Verdict::Step(step) => step.rank,
        Verdict::Waiting(_)
        | Verdict::Rejected { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Unknown(_) => 0,
    }
}

enum Gate {
    Open { facts: Facts, nick_name: String },
    Shut(Vec<Verdict>),
}

fn gate(subject: &Subject<'_>, seen: &Seen) -> Gate {
    if subject.spec.official_account.is_none() && managed(subject).next().is_none() {
        return Gate::Shut(Vec::new());
    }
    let Some(account) = authorization::account(subject.spec, subject.pinned) else {
        return Gate::Shut(vec![Verdict::Waiting(authorization::not_authorized(None))]);
    };
    if let Some(other) = subject.pinned.filter(|pinned| *pinned != account) {
        return Gate::Shut(vec![Verdict::Waiting(pinned_elsewhere(account, other))]);
    }
    match authorization::observe(account, seen) {
        Observation::Unknown(why) => Gate::Shut(vec![unknown(why)]),
        Observation::Absent => Gate::Shut(vec![Verdict::Waiting(authorization::not_authorized(
            Some(account),
        ))]),
        Observation::Present(live) => {
            let objections = authorization::objections(subject.spec, &live.authorizer_info);
            if let Some(why) = authorization::not_said(subject.spec, &live.authorizer_info) {
                Gate::Shut(vec![Verdict::Unknown(why)])
            } else if objections.is_empty() {
                Gate::Open {
                    facts: authorization::facts(&live, account),
                    nick_name: visible(&live.authorizer_info.nick_name.unwrap_or_default()),
                }
            } else {
                Gate::Shut(objections.into_iter().map(Verdict::Waiting).collect())
            }
        }
    }
}

/// A manifest that names another account than the one pinned would silently move a customer.
fn pinned_elsewhere(declared: &Appid, pinned: &Appid) -> Waiting {
    Waiting::new(
        Reason::ClaimedByAnother,
        Person::Operator,
        Text::new(
            format!("该租户已绑定 {pinned},配置写的是 {declared};请改回,或为新账号新建租户"),
            format!(
                "the tenant is pinned to {pinned}, the manifest says {declared}: \
                 put it back, or make a new tenant for the other account"
            ),
        ),
    )
}

/// What the tenant declares and its policy leaves to us.
fn managed<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'static dyn Managed> + use<'a> {
    let spec = subject.spec;
    RESOURCES.iter().copied().filter(move |resource| {
        let policy = spec.policy.resources.get(resource.name());
        resource.declared(spec) && policy.is_none_or(|policy| policy.manage != Some(false))
    })
}

pub(super) fn granted(resource: &dyn Managed, facts: &Facts) -> bool {
    facts.grants(resource.sets())
}

fn forecast(subject: &Subject<'_>) -> Vec<Text> {
    managed(subject)
        .map(|resource| Text::new(resource.name(), resource.name()))
        .collect()
}

fn with_forecast(verdict: Verdict, behind: &[Text]) -> Verdict {
    match verdict {
        Verdict::Waiting(mut waiting) => {
            waiting.then.extend_from_slice(behind);
            Verdict::Waiting(waiting)
        }
        other @ (Verdict::Step(_)
        | Verdict::Rejected { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Unknown(_)) => other,
    }
}

fn compare(subject: &Subject<'_>, resource: &dyn Managed, facts: &Facts, seen: &Seen) -> Compared {
    if !granted(resource, facts) {
        let name = resource.name();
        let waiting = authorization::set_missing(resource.sets()).then(Text::new(name, name));
        return Compared {
            verdicts: super::only(Verdict::Waiting(waiting)),
            ..Compared::default()
        };
    }
    if let Some(waiting) = scan_again(facts, seen) {
        return Compared {
            verdicts: super::only(Verdict::Waiting(waiting)),
            ..Compared::default()
        };
    }
    let mut compared = resource.compare(subject.spec, &subject.view(facts, seen));
    for verdict in compared.verdicts.values_mut() {
        // WeChat did answer: that its owner must act first. That is a wait, not a read that failed.
        if let Verdict::Unknown(why) = verdict
            && let Some(waiting) = authorization::unread_for_want(why, facts, seen)
        {
            let name = resource.name();
            *verdict = Verdict::Waiting(waiting.then(Text::new(name, name)));
        }
    }
    let on_drift = subject
        .spec
        .policy
        .resources
        .get(resource.name())
        .and_then(|policy| policy.on_drift)
        .unwrap_or(OnDrift::Revert);
    let unknown = ResourceRecord::default();
    let name = Address::of(resource.name());
    compared.verdicts = compared
        .verdicts
        .into_iter()
        .map(|(key, verdict)| {
            let record = subject.records.get(&name.with_key(key.as_str()));
            let desired = compared.desired.get(&key);
            let record = record.unwrap_or(&unknown);
            let verdict = if let Verdict::Unknown(why) = verdict {
                self::unknown(why)
            } else {
                judge(verdict, desired, record, on_drift, resource)
            };
            (key, verdict)
        })
        .collect();
    unseen::spare(&mut compared.verdicts);
    compared
}

/// The account is authorized, but no refresh token for it works any more (61023), and WeChat has told no newer one:
/// its owner must scan again.
fn scan_again(facts: &Facts, seen: &Seen) -> Option<Waiting> {
    seen.iter().find_map(|(call, answer)| match answer {
        Answer::Refused(error)
            if call.subject == facts.account
                && error.endpoint == AUTHORIZER_TOKEN.name
                && takes_a_scan(error) =>
        {
            let mut waiting = authorization::not_authorized(Some(&facts.account));
            waiting.text = Text::new(
                format!(
                    "{} 的刷新令牌已失效({}),请公众号管理员重新扫码授权",
                    facts.account, error.errcode
                ),
                format!(
                    "the refresh token of {} is dead ({}): its administrator must scan again",
                    facts.account, error.errcode
                ),
            );
            Some(waiting)
        }
        Answer::Refused(_) | Answer::Done(_) | Answer::Lost(_) => None,
    })
}

/// Whether a refusal to give the account's token ends with a new scan. Others are about the platform, or pass.
fn takes_a_scan(error: &ApiError) -> bool {
    let owners = error.who == Who::AccountAdmin;
    names_refresh_token(error)
        || error.class == ErrorClass::Revoked
        || (error.class == ErrorClass::Human && owners)
}

/// What is not known, since WeChat refused to tell until the account's administrator has acted, is a wait for that
/// person: it must not end every plan of a fleet with an error. Everything else is a read that failed.
fn unknown(why: Why) -> Verdict {
    match why.kind {
        WhyKind::Refused {
            class: ErrorClass::Human | ErrorClass::Permission | ErrorClass::Revoked,
            who: Who::AccountAdmin,
        } => Verdict::Waiting(Waiting::new(
            Reason::AdministratorMustAct,
            Person::Owner,
            why.text,
        )),
        WhyKind::Refused { .. } | WhyKind::ReadFailed | WhyKind::NotComparable => {
            Verdict::Unknown(why)
        }
    }
}

/// What the records and the policy make of a step: accepted before and not shown, refused before, drift, left alone.
fn judge(
    verdict: Verdict,
    desired: Option<&Digest>,
    record: &ResourceRecord,
    on_drift: OnDrift,
    resource: &dyn Managed,
) -> Verdict {
    let Verdict::Step(mut step) = verdict else {
        return verdict;
    };
    let unseen = unseen::of(record, desired);
    if let Some(held) = unseen.and_then(|unseen| unseen::held(unseen, &step, resource)) {
        return held;
    }
    if let Some(rejected) = &record.rejected
        && rejected.payload == payload(&step)
    {
        return Verdict::Rejected {
            payload: rejected.payload.clone(),
            why: rejected.why.clone(),
        };
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
                    "线上与配置不一致;策略为只报告(onDrift: report)",
                    "changed at WeChat; the policy only reports it (onDrift: report)",
                ),
                changes: step.changes,
            };
        }
    }
    Verdict::Step(step)
}

/// Digest of what a step sends: a payload WeChat refused is not sent again until it changes.
#[must_use]
pub fn payload(step: &Step) -> Digest {
    Digest::of(&step.calls)
}

fn note(resource: &dyn Managed, compared: &Compared, learned: &mut Learned) {
    let name = Address::of(resource.name());
    learned.outputs.extend(compared.outputs.clone());
    let whole = compared.verdicts.get("");
    if !matches!(whole, Some(Verdict::Waiting(_) | Verdict::Unknown(_))) {
        learned.compared.insert(name.clone());
    }
    if let Some(live) = &compared.live {
        learned.live.insert(name.clone(), live.clone());
    }
    let named = |(key, digest): (&String, &Digest)| (name.with_key(key.as_str()), digest.clone());
    learned.desired.extend(compared.desired.iter().map(named));
    learned.in_force.extend(compared.in_force().map(named));
    let kept = compared.kept.iter();
    learned
        .kept
        .extend(kept.map(|(key, kept)| (name.with_key(key.as_str()), kept.clone())));
}
