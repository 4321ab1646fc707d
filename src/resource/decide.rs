//! From what a tenant declares and what was read to the tenant's plan. Pure: same input, same plan.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::at::{At, accounts};
use super::authorization::Past;
use super::compared::Compared;
use super::gate::{self, Gate};
use super::heading::heading;
use super::registry::{Managed, RESOURCES, granted, managed};
use super::spec::{Mode, OnDrift};
use super::subject::Subject;
use super::{
    Assumption, Facts, Gates, Kept, Outputs, ResourceRecord, Seen, Shown, Sibling, View,
    authorization, judge, order, unseen,
};
use crate::plan::{AccountPlan, Address, Digest, Entry, TenantPlan, Text, Verdict, Waiting, Whose};
use crate::resource::{refusal, registry};
use crate::wechat::authorization::AUTHORIZER_TOKEN;
use crate::wechat::errcode::names_refresh_token;
use crate::wechat::{Answer, ApiError, Call, ErrorClass, Who};

impl<'a> Subject<'a> {
    fn view(&self, at: &'a At, facts: &'a Facts, around: Around<'a>) -> View<'a> {
        View {
            tenant: self.tenant,
            at,
            facts,
            siblings: around.siblings,
            spec: self.spec,
            platform: self.platform,
            backdrop: self.backdrop,
            lists: self.lists,
            gates: around.gates,
            now: self.now,
            seen: around.seen,
            files: self.files,
            ops: self.ops,
            records: self.records,
            outputs: self.outputs,
        }
    }
}

/// What was seen, and what it says of the gates.
#[derive(Clone, Copy)]
struct Around<'a> {
    siblings: &'a [Sibling],
    gates: &'a Gates,
    seen: &'a Seen,
}

/// What a pass learned of a tenant, beside its plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Learned {
    /// Whether every account is authorized and what the manifest says it is, so that everything was compared.
    pub gates_open: bool,
    /// What each account is whose gate is open.
    pub facts: BTreeMap<Whose, Facts>,
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
    /// What WeChat shows of what was done last, and nobody has noted.
    pub signs: Vec<Shown>,
}

/// The reads still missing before [`decide`] can tell; asked again until empty.
#[must_use]
pub fn needs(subject: &Subject<'_>, seen: &Seen) -> Vec<Call> {
    missing(subject, None, seen)
}

/// The reads still missing before one resource of an account can be compared anew after a write: what its writes show
/// in must have been taken out of what was seen, see [`without_shown`].
#[must_use]
pub fn needs_of(subject: &Subject<'_>, address: &Address, seen: &Seen) -> Vec<Call> {
    missing(subject, Some(address), seen)
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

fn missing(subject: &Subject<'_>, only: Option<&Address>, seen: &Seen) -> Vec<Call> {
    let gates = gate::gates(subject, seen);
    let siblings = subject.siblings();
    let around = Around {
        siblings: &siblings,
        gates: &gates,
        seen,
    };
    let mut calls = gate::missing(subject, &gates, seen);
    for at in accounts(subject.spec) {
        let Some(gate) = gates.get(&at.whose) else {
            continue;
        };
        if only.is_none()
            && let Some(facts) = gate.facts()
        {
            calls.extend(refusals(subject, facts, &at.whose, seen));
        }
        let concerns = |resource: &dyn Managed| {
            only.is_none_or(|only| resource.name() == only.resource && at.whose == only.whose)
        };
        calls.extend(
            managed(subject.spec, &at)
                .filter(|resource| concerns(*resource))
                .filter_map(|resource| Some((resource, gate.facts_for(resource)?)))
                .filter(|(resource, facts)| granted(*resource, facts))
                .flat_map(|(resource, facts)| {
                    resource.needs(subject.spec, &subject.view(&at, facts, around))
                }),
        );
    }
    calls.sort();
    calls.dedup();
    calls
}

/// The reads that may show that refusals of an account's things are over.
fn refusals(subject: &Subject<'_>, facts: &Facts, whose: &Whose, seen: &Seen) -> Vec<Call> {
    let of_it = subject
        .records
        .iter()
        .filter(|(name, _)| name.whose == *whose);
    let reads = of_it.filter_map(|(name, record)| {
        let rests_on = || registry::rests_on(&name.resource, &facts.account);
        let rejected = record.rejected.as_ref()?;
        Some(refusal::needs(rejected, facts, rests_on, subject.now))
    });
    reads
        .flatten()
        .filter(|read| !seen.contains_key(read))
        .collect()
}

/// Compares everything the tenant declares with what was read.
#[must_use]
pub fn decide(subject: &Subject<'_>, seen: &Seen) -> (TenantPlan, Learned) {
    let gates = gate::gates(subject, seen);
    let mut plan = TenantPlan {
        tenant: subject.tenant.to_owned(),
        accounts: Vec::new(),
        entries: Vec::new(),
        error: None,
        trouble: None,
    };
    let mut learned = Learned {
        gates_open: gates.values().all(|gate| gate.facts().is_some()),
        ..Learned::default()
    };
    let siblings = subject.siblings();
    let around = Around {
        siblings: &siblings,
        gates: &gates,
        seen,
    };
    for at in accounts(subject.spec) {
        let mut account = AccountPlan {
            whose: at.whose.clone(),
            appid: subject.appid(&at).cloned(),
            nick_name: None,
            // Behind a shut gate nothing is held back but by the gate.
            observe_only: subject.spec.policy.mode == Mode::Observe,
        };
        match gates.get(&at.whose) {
            None => {}
            Some(Gate::Shut(verdicts)) => {
                let behind = forecast(subject, &at);
                let address = authorization::ADDRESS.whose(at.whose.clone());
                plan.entries.extend(verdicts.iter().map(|verdict| Entry {
                    address: address.clone(),
                    verdict: with_forecast(verdict.clone(), &behind),
                }));
            }
            Some(gate @ Gate::Unborn { waiting, .. }) => {
                let address = authorization::ADDRESS.whose(at.whose.clone());
                let waiting = Verdict::Waiting(waiting.clone());
                plan.entries.push(Entry {
                    address,
                    verdict: with_forecast(waiting, &forecast(subject, &at)),
                });
                for resource in managed(subject.spec, &at) {
                    if let Some(facts) = gate.facts_for(resource) {
                        let view = subject.view(&at, facts, around);
                        plan.entries
                            .extend(entries(subject, resource, &view, &mut learned));
                    }
                }
            }
            Some(Gate::Open { facts, nick_name }) => {
                account.observe_only |= subject.known(&at.whose).reauthorized;
                account.nick_name = Some(nick_name.clone()).filter(|name| !name.is_empty());
                learned.outputs.extend(gate::outputs(&at.whose, facts));
                learned.facts.insert(at.whose.clone(), facts.clone());
                for resource in managed(subject.spec, &at) {
                    let view = subject.view(&at, facts, around);
                    plan.entries
                        .extend(entries(subject, resource, &view, &mut learned));
                }
            }
        }
        plan.accounts.push(account);
    }
    plan.entries = order::in_order(plan.entries);
    (plan, learned)
}

/// What a resource of an account comes to, in the order of its steps.
fn entries(
    subject: &Subject<'_>,
    resource: &dyn Managed,
    view: &View<'_>,
    learned: &mut Learned,
) -> Vec<Entry> {
    let compared = compare(subject, resource, view);
    let name = view.address(resource.name());
    note(&name, &compared, learned);
    let entries = compared.verdicts.into_iter().map(|(key, verdict)| Entry {
        address: name.with_key(key),
        verdict,
    });
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort_by_key(|entry| rank(&entry.verdict));
    entries
}

/// What is remembered of one resource when a person says that what is there is what the manifest says (`same`), or is
/// not. `None`: the resource is not declared, its account cannot be looked at, or it is compared without memory.
///
/// # Errors
/// Why nobody may say so now.
pub fn assume(
    subject: &Subject<'_>,
    seen: &Seen,
    address: &Address,
    same: bool,
) -> Result<Option<Assumption>, Text> {
    let gates = gate::gates(subject, seen);
    let siblings = subject.siblings();
    let around = Around {
        siblings: &siblings,
        gates: &gates,
        seen,
    };
    let Some(at) = super::at::find(subject.spec, &address.whose) else {
        return Ok(None);
    };
    let facts = gates.get(&at.whose).and_then(Gate::facts);
    let resource = managed(subject.spec, &at).find(|one| one.name() == address.resource);
    let (Some(facts), Some(resource)) = (facts, resource) else {
        return Ok(None);
    };
    let view = subject.view(&at, facts, around);
    resource.assume(subject.spec, &view, &address.key, same)
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

fn forecast(subject: &Subject<'_>, at: &At) -> Vec<Text> {
    managed(subject.spec, at)
        .filter(|resource| !resource.makes_the_account())
        .map(|resource| forecast_of(resource.name()))
        .collect()
}

/// What follows is named as people say it; in English that is how a manifest calls it.
fn forecast_of(resource: &str) -> Text {
    Text::new(heading(resource).zh, resource)
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

fn compare(subject: &Subject<'_>, resource: &dyn Managed, view: &View<'_>) -> Compared {
    let (facts, seen) = (view.facts, view.seen);
    if !granted(resource, facts) {
        let name = resource.name();
        let waiting = authorization::set_missing(facts.kind, resource.sets(facts.kind))
            .then(forecast_of(name));
        return Compared {
            verdicts: super::only(Verdict::Waiting(waiting)),
            ..Compared::default()
        };
    }
    if let Some(waiting) = scan_again(view) {
        return Compared {
            verdicts: super::only(Verdict::Waiting(waiting)),
            ..Compared::default()
        };
    }
    let mut compared = resource.compare(subject.spec, view);
    for verdict in compared.verdicts.values_mut() {
        // WeChat did answer: that its owner must act first. That is a wait, not a read that failed.
        if let Verdict::Unknown(why) = verdict
            && let Some(waiting) = authorization::unread_for_want(why, facts, seen)
        {
            let name = resource.name();
            *verdict = Verdict::Waiting(waiting.then(forecast_of(name)));
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
    let name = view.address(resource.name());
    compared.verdicts = compared
        .verdicts
        .into_iter()
        .map(|(key, verdict)| {
            let record = subject.records.get(&name.with_key(key.as_str()));
            let desired = compared.desired.get(&key);
            let record = record.unwrap_or(&unknown);
            let verdict = if let Verdict::Unknown(why) = verdict {
                gate::unknown(why, facts.kind)
            } else {
                judge::judge(verdict, desired, record, on_drift, resource, view)
            };
            (key, verdict)
        })
        .collect();
    unseen::spare(&mut compared.verdicts);
    compared
}

/// The account is authorized, but no refresh token for it works any more (61023), and WeChat has told no newer one:
/// its owner must scan again.
fn scan_again(view: &View<'_>) -> Option<Waiting> {
    let facts = view.facts;
    view.seen.iter().find_map(|(call, answer)| match answer {
        Answer::Refused(error)
            if call.subject == facts.account
                && error.endpoint == AUTHORIZER_TOKEN.name
                && takes_a_scan(error) =>
        {
            let mut waiting = authorization::not_authorized(
                view.at.kind(),
                Some(&facts.account),
                Past::Authorized,
            );
            let who = waiting.who.text().zh;
            waiting.text = Text::new(
                format!(
                    "{} 的刷新令牌已失效（{}），请{who}重新扫码授权",
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

fn note(name: &Address, compared: &Compared, learned: &mut Learned) {
    learned.outputs.extend(compared.outputs.clone());
    learned.signs.extend(compared.sign.clone());
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
