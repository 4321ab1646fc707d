//! What may be done while nobody knows what came of an operation, and what an operation that was not sent leaves.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use wxops::plan::{Costly, Entry, Person, Reason, Step, Verdict};
use wxops::reconcile::{
    Actor, Cap, Consent, Desired, Mandate, StepOutcome, apply_tenant, op_key, plan_tenant,
};
use wxops::store::journal::{Arming, Intent, Op, OpDoc, OpRef, Outcome, Probe, Reserved, Stage};
use wxops::store::ledger::{Demand, Taken};
use wxops::store::{CredDoc, Journal, Key, Ledger, Memory, Sealing, Store};
use wxops::wechat::{Appid, Call, menu, open_account, template};

use crate::support::actor::{ACCOUNT, World, desired};
use crate::support::meddled::Meddled;

const CREATE: &str = "/cgi-bin/open/create";

fn account() -> Appid {
    Appid::parse(ACCOUNT).unwrap()
}

fn create() -> Call {
    open_account::create_request(&account())
}

fn wants_an_open_account() -> Desired {
    desired(json!({"openAccount": {"create": true}}))
}

/// An account that wants its owner's own menu replaced, and may.
fn wants_the_owners_menu() -> Desired {
    desired(json!({
        "officialAccount": {"menu": {"buttons": [{"name": "课程", "click": "K"}]}},
        "policy": {"preapproved": ["replaceOwnerMenu"]},
    }))
}

fn owners_menu() -> Value {
    json!({"menu": {"websiteMenu": {"button": [{"type": "text", "name": "你好", "value": "欢迎"}]}}})
}

/// Leads a call's operation to a stage, as a process that died there.
async fn left_behind(store: &Store, call: &Call, stage: Stage) -> Op {
    let journal = Journal::new(store.clone(), "a process that died");
    let at = |seconds: u64| Timestamp::now() - Duration::from_secs(seconds);
    let look = journal.look(&op_key(call)).await.unwrap();
    let intent = Intent {
        wanted: String::new(),
        tenant: "sunrise".into(),
        call: call.clone(),
        step: "a step".into(),
        evidence: Value::Null,
        observed_at: at(91),
    };
    let mut op = journal.open(look, intent, at(90)).await.unwrap();
    if stage == Stage::Open {
        return op;
    }
    if stage == Stage::Settled {
        journal.abandon(&mut op, "changed", at(89)).await.unwrap();
        return op;
    }
    let reserved = journal.reserve(&mut op, Vec::new(), at(89)).await.unwrap();
    assert_eq!(reserved, Reserved::Yes);
    if stage == Stage::Reserved {
        return op;
    }
    let arming = Arming {
        approval: None,
        request_timeout: Duration::from_secs(10),
    };
    let armed = journal.arm(&mut op, &arming, at(88), Duration::ZERO).await;
    drop(armed.unwrap());
    if stage == Stage::Armed {
        return op;
    }
    journal.doubt(&mut op, "no answer", at(80)).await.unwrap();
    if stage == Stage::Stalled {
        let unclear = Probe::Undecided {
            why: "48001".into(),
        };
        journal
            .settle_probe(&mut op, &unclear, at(10), at(10))
            .await
            .unwrap();
    }
    op
}

async fn planned(actor: &Actor, desired: &Desired, resource: &str) -> Entry {
    let planned = plan_tenant(&actor.observer, desired).await.unwrap();
    let mut entries = planned.plan.entries.into_iter();
    entries
        .find(|entry| entry.address.resource == resource)
        .unwrap()
}

/// The step that is planned for a resource.
async fn step(actor: &Actor, desired: &Desired, resource: &str) -> Step {
    let entry = planned(actor, desired, resource).await;
    let Verdict::Step(step) = entry.verdict else {
        panic!("no step: {entry:?}");
    };
    step
}

/// Applies everything; what came of the one step.
async fn outcome(actor: &Actor, desired: &Desired) -> StepOutcome {
    let applied = apply_tenant(actor, desired, &Consent::Everything).await;
    let mut reports = applied.unwrap().reports;
    assert_eq!(reports.len(), 1, "{reports:?}");
    reports.remove(0).outcome
}

async fn op(store: &Store, call: &Call) -> OpDoc {
    let key = Key::op(&op_key(call));
    store.get::<OpDoc>(&key).await.unwrap().unwrap().value
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_whose_operation_is_in_doubt_is_a_wait() {
    let world = World::of(json!({})).await;
    for (stage, waits_for) in [
        (Stage::Open, None),
        (Stage::Reserved, None),
        (Stage::Settled, None),
        (Stage::Armed, Some(Person::Nobody)),
        (Stage::Doubt, Some(Person::Nobody)),
        (Stage::Stalled, Some(Person::Operator)),
    ] {
        let store = world.store().await;
        let actor = world.actor(&store, "planner");
        let op = left_behind(&store, &create(), stage).await;
        let entry = planned(&actor, &wants_an_open_account(), "openAccount").await;
        match (entry.verdict, waits_for) {
            (Verdict::Step(_), None) => {}
            (Verdict::Waiting(waiting), Some(who)) => {
                assert_eq!((waiting.reason, waiting.who), (Reason::OutcomeUnknown, who));
                // A person may look at any time.
                let until = op.doc().probe_due().filter(|_| who == Person::Nobody);
                assert_eq!(waiting.until, until, "{stage}");
            }
            (verdict, _) => panic!("{stage}: {verdict:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_costly_put_is_in_doubt_like_any_other_operation() {
    let world = World::of(owners_menu()).await;
    let store = world.store().await;
    let actor = world.actor(&store, "planner");
    let desired = wants_the_owners_menu();
    let step = step(&actor, &desired, "menu").await;
    assert_eq!(step.costly, Some(Costly::ReplaceOwnerMenu));
    left_behind(&store, &step.calls[0], Stage::Doubt).await;
    let entry = planned(&actor, &desired, "menu").await;
    assert!(
        matches!(&entry.verdict, Verdict::Waiting(waiting) if waiting.reason == Reason::OutcomeUnknown),
        "{entry:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_must_settle_shows_in_the_outcome_until_a_probe_can_tell() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "second");
    left_behind(&store, &create(), Stage::Stalled).await;
    world.fault(json!({"endpoint": "/cgi-bin/open/get", "kind": "errcode", "code": 48001}));
    let desired = wants_an_open_account();
    let applied = apply_tenant(&actor, &desired, &Consent::Everything)
        .await
        .unwrap();
    assert!(applied.outcome_unknown());
    assert_eq!(world.received(CREATE), 0);
    world.control.send("DELETE", "/_sim/faults", &Value::Null);
    let applied = apply_tenant(&actor, &desired, &Consent::Everything)
        .await
        .unwrap();
    assert!(!applied.outcome_unknown());
    assert_eq!(world.received(CREATE), 1, "it was not there");
}

#[test]
fn an_account_has_an_operation_for_each_of_its_things() {
    let action = |call: &Call| op_key(call).action;
    assert_eq!(action(&create()), "open/create");
    assert_eq!(
        action(&menu::create_request(&account(), &[])),
        "menu/create"
    );
    let add = |short_id| action(&template::add_request(&account(), short_id, &[]));
    assert!(add("43216").starts_with("template/api_add_template+43216"));
    assert_ne!(add("43216"), add("46232"));
}

/// Nothing was sent: the operation is over, and what it had taken is free.
async fn is_over(store: &Store, call: &Call) {
    let doc = op(store, call).await;
    assert!(doc.stage == Stage::Settled && doc.closed, "{doc:?}");
    assert!(
        !doc.outcome.as_ref().is_some_and(Outcome::is_done),
        "{doc:?}"
    );
    for demand in &doc.reservations {
        let ledger = Ledger::new(store.clone());
        let rows = ledger.rows(Timestamp::now()).await.unwrap();
        let reserved: Vec<_> = rows
            .iter()
            .filter(|row| row.quota == demand.quota)
            .collect();
        assert!(reserved.iter().all(|row| row.reserved == 0), "{rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_quota_nothing_is_sent_and_nothing_stays_open() {
    let world = World::of(json!({"industry": {"primary": 1, "secondary": 2}})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "first");
    let desired = desired(json!({
        "officialAccount": {"industry": {"primary": "教育/培训"}},
        "policy": {"preapproved": ["setIndustry"]},
    }));
    let step = step(&actor, &desired, "industry").await;
    let call = step.calls[0].clone();
    let quota = call.endpoint.quota().unwrap();
    let demand = Demand::new(ACCOUNT, call.endpoint.name, quota, Timestamp::now());
    actor
        .observer
        .journal
        .ledger()
        .exhausted(&demand)
        .await
        .unwrap();
    let came = outcome(&actor, &desired).await;
    assert!(matches!(came, StepOutcome::OutOfQuota(_)), "{came:?}");
    is_over(&store, &call).await;
    assert_eq!(world.received(call.endpoint.path), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_twice_leaves_nothing_open() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "first");
    world.fault(json!({"endpoint": CREATE, "kind": "errcode", "code": 40001}));
    let came = outcome(&actor, &wants_an_open_account()).await;
    assert!(matches!(came, StepOutcome::Refused(_)), "{came:?}");
    is_over(&store, &create()).await;
    assert_eq!(world.received(CREATE), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_new_token_nothing_stays_open() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "first");
    world.fault(json!({"endpoint": CREATE, "kind": "errcode", "code": 40001}));
    // The first token is got; the one that would replace it is not.
    let desired = wants_an_open_account();
    plan_tenant(&actor.observer, &desired).await.unwrap();
    let token = "/cgi-bin/component/api_authorizer_token";
    world.fault(json!({"endpoint": token, "kind": "errcode", "code": 40013}));
    let came = outcome(&actor, &desired).await;
    assert!(matches!(came, StepOutcome::Refused(_)), "{came:?}");
    is_over(&store, &create()).await;
    assert_eq!(world.received(CREATE), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_and_then_moved_by_another_process_is_not_known() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "first");
    world.fault(json!({"endpoint": CREATE, "kind": "latencyAfterEffect", "ms": 600}));
    let passing = tokio::spawn(async move { outcome(&actor, &wants_an_open_account()).await });
    while world.received(CREATE) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Somebody took it for undone, began again, and ended that.
    let key = Key::op(&op_key(&create()));
    let ahead = |doc: &mut OpDoc| {
        doc.generation = 2;
        doc.stage = Stage::Settled;
        doc.epoch = "another".to_owned();
        doc.outcome = Some(Outcome::Done { ids: [].into() });
        doc.settled_at = Some(Timestamp::now());
        doc.closed = true;
    };
    store.amend::<OpDoc, ()>(&key, ahead).await.unwrap();
    let came = passing.await.unwrap();
    assert!(matches!(came, StepOutcome::Unknown(_)), "{came:?}");
}

fn capped(desired: Desired, per_hour: u32) -> Desired {
    let limits = wxops::plan::limits::Limits {
        per_hour,
        ..Default::default()
    };
    let cap = Cap {
        platform: "wx0000000000000001".to_owned(),
        limits: limits.clone(),
        written: limits,
        revision: String::new(),
        audit_reserve: 0,
    };
    Desired {
        mandate: Mandate {
            cap: Some(cap),
            ..Mandate::default()
        },
        ..desired
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cap_holds_what_would_be_one_too_many_and_only_what_is_costly() {
    let world = World::of(owners_menu()).await;
    let store = world.store().await;
    let actor = world.actor(&store, "first");
    let reason = |step: Step| step.hold.map(|hold| hold.reason);
    for (per_hour, held) in [(0, Some(Reason::HourlyCap)), (1, None)] {
        let desired = capped(wants_the_owners_menu(), per_hour);
        assert_eq!(reason(step(&actor, &desired, "menu").await), held);
    }
    // What waits for a yes waits for that first.
    let mut unapproved = capped(wants_the_owners_menu(), 0);
    unapproved.spec.policy.preapproved.clear();
    let held = reason(step(&actor, &unapproved, "menu").await);
    assert_eq!(held, Some(Reason::NeedsApproval));

    let free = capped(wants_an_open_account(), 0);
    assert_eq!(reason(step(&actor, &free, "openAccount").await), None);
    assert!(outcome(&actor, &free).await.done());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_too_many_at_the_last_moment_is_not_sent_and_leaves_nothing_open() {
    let world = World::of(owners_menu()).await;
    let memory = Arc::new(Memory::default());
    // Another tenant's step takes the last one, after this tenant was planned.
    let plain = Store::new(memory.clone(), Sealing::Plain);
    world.keep_ticket(&plain).await;
    let hour = Demand::per_hour(
        "wx0000000000000001",
        "costly steps replaceOwnerMenu",
        1,
        Timestamp::now(),
    );
    let ledger = Ledger::new(plain);
    let another = OpRef {
        op: op_key(&create()),
        generation: 7,
    };
    let takes = async move {
        let taken = ledger.take_for_good(&hour, &another).await.unwrap();
        assert_eq!(taken, Taken::Yes);
    };
    let store = Meddled::before(&memory, "history", takes.boxed());
    let actor = world.actor(&store, "first");
    let desired = capped(wants_the_owners_menu(), 1);
    let came = outcome(&actor, &desired).await;
    assert!(matches!(came, StepOutcome::Guarded(_)), "{came:?}");
    let put = step(&actor, &desired, "menu").await.calls.remove(0);
    is_over(&store, &put).await;
    assert_eq!(world.received("/cgi-bin/menu/create"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_token_no_operation_is_begun() {
    let world = World::of(json!({})).await;
    let memory = Arc::new(Memory::default());
    let plain = Store::new(memory.clone(), Sealing::Plain);
    world.keep_ticket(&plain).await;
    // The token that served to plan is gone, and there is no other.
    let (key, forgets) = (Key::cred(&account()), plain.clone());
    let control = world.control.clone();
    let lost = async move {
        let token = "/cgi-bin/component/api_authorizer_token";
        let refused = json!({"endpoint": token, "kind": "errcode", "code": 40013});
        control.send("POST", "/_sim/faults", &refused);
        let forget = |cred: &mut CredDoc| cred.access_token = None;
        forgets.amend::<CredDoc, ()>(&key, forget).await.unwrap();
    };
    let store = Meddled::before(&memory, "history", lost.boxed());
    let actor = world.actor(&store, "first");
    let came = outcome(&actor, &wants_an_open_account()).await;
    assert!(!came.done(), "{came:?}");
    let begun = plain.get::<OpDoc>(&Key::op(&op_key(&create()))).await;
    assert_eq!(begun.unwrap().map(|op| op.value.stage), None);
}
