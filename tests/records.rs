//! What a pass remembers of a tenant, whom it works beside, and what that decides for the next one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wxops::plan::{Address, Hold, Reason, Text, Verdict};
use wxops::reconcile::{Actor, Consent, Desired, Restores, StepReport, apply_tenant, plan_tenant};
use wxops::store::documents::LastPass;
use wxops::store::{CredDoc, Key, Memory, PassDoc, Sealing, Store, TenantDoc};
use wxops::wechat::Appid;

use crate::support::actor::{ACCOUNT, World, desired};
use crate::support::meddled::Meddled;

const CREATE: &str = "/cgi-bin/menu/create";

fn wants_a_menu() -> Desired {
    desired(json!({"officialAccount": {"menu": {"buttons": [{"name": "课程", "click": "K"}]}}}))
}

fn menu(name: &str, key: &str) -> Value {
    json!({"menu": {"default": {"button": [{"type": "click", "name": name, "key": key}]}}})
}

fn as_wanted() -> Value {
    menu("课程", "K")
}

fn by_the_owner(world: &World, change: &Value) {
    let path = format!("/_sim/accounts/{ACCOUNT}");
    world.control.send("PATCH", &path, change);
}

async fn apply(actor: &Actor, desired: &Desired) -> Vec<StepReport> {
    let applied = apply_tenant(actor, desired, &Consent::Everything).await;
    applied.unwrap().reports
}

async fn tenant(store: &Store) -> TenantDoc {
    let stored = store.get::<TenantDoc>(&Key::tenant("sunrise")).await;
    stored.unwrap().unwrap().value
}

async fn last(store: &Store) -> LastPass {
    tenant(store).await.last_pass.unwrap()
}

/// When the menu that is in force was put in force.
async fn applied_at(store: &Store) -> Timestamp {
    let records: BTreeMap<String, Value> = tenant(store).await.records;
    let at = records["menu"]["applied"]["at"].as_str();
    at.unwrap().parse().unwrap()
}

fn held_as_a_whole(desired: Desired) -> Desired {
    let mut desired = desired;
    desired.mandate.fleet = Some(Hold {
        reason: Reason::FleetGuard,
        text: Text::new("改动的租户过多", "too many tenants change"),
        command: None,
    });
    desired
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_is_not_remembered_as_applied() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "test");
    world.fault(json!({"endpoint": CREATE, "kind": "errcode", "code": 48004}));
    apply(&actor, &wants_a_menu()).await;
    assert_eq!(last(&store).await.result, "failed");
    assert_eq!(
        tenant(&store).await.manifest,
        None,
        "no revision was applied"
    );
    // Else what was never there would look like somebody's change.
    let planned = plan_tenant(&actor.observer, &wants_a_menu()).await.unwrap();
    let drifts = |verdict: &Verdict| matches!(verdict, Verdict::Step(step) if step.drift.is_some());
    assert!(!planned.plan.entries.is_empty());
    assert!(
        !planned
            .plan
            .entries
            .iter()
            .any(|entry| drifts(&entry.verdict))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_is_in_force_since_it_was_put_so_last() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "test");
    apply(&actor, &wants_a_menu()).await;
    let first = applied_at(&store).await;
    assert!(tenant(&store).await.manifest.is_some());
    apply(&actor, &wants_a_menu()).await;
    assert_eq!(applied_at(&store).await, first, "nothing was to be done");
    by_the_owner(&world, &menu("店主的", "OWN"));
    apply(&actor, &wants_a_menu()).await;
    assert!(applied_at(&store).await > first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_counts_until_the_state_was_in_force() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "test");
    world.fault(json!({"endpoint": CREATE, "kind": "errcode", "code": 40018, "count": 1}));
    apply(&actor, &wants_a_menu()).await;
    let verdict = async || {
        let planned = plan_tenant(&actor.observer, &wants_a_menu()).await.unwrap();
        planned.plan.entries.into_iter().next().unwrap().verdict
    };
    assert!(matches!(verdict().await, Verdict::Rejected { .. }));
    by_the_owner(&world, &as_wanted());
    apply(&actor, &wants_a_menu()).await;
    by_the_owner(&world, &menu("店主的", "OWN"));
    assert!(matches!(verdict().await, Verdict::Step(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_held_against_what_was_refused() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "test");
    let mut desired = wants_a_menu();
    desired.spec.open_account = Some(serde_json::from_value(json!({"create": true})).unwrap());
    world.fault(json!({"endpoint": CREATE, "kind": "errcode", "code": 48004}));
    world.fault(json!({"endpoint": "/cgi-bin/open/create", "kind": "errcode", "code": 40018}));
    apply(&actor, &desired).await;
    let planned = plan_tenant(&actor.observer, &desired).await.unwrap();
    let rejected = planned.plan.entries.iter().map(|entry| {
        let rejected = matches!(entry.verdict, Verdict::Rejected { .. });
        (&*entry.address.resource, rejected)
    });
    let expected = [("menu", false), ("openAccount", true)];
    assert_eq!(rejected.collect::<BTreeMap<_, _>>(), expected.into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_revision_counts_as_applied_only_where_it_is_in_force() {
    for (account, applied, result) in [(json!({}), false, "waiting"), (as_wanted(), true, "ready")]
    {
        let world = World::of(account).await;
        let store = world.store().await;
        let actor = world.actor(&store, "test");
        apply(&actor, &held_as_a_whole(wants_a_menu())).await;
        let doc = tenant(&store).await;
        assert_eq!(doc.manifest.is_some(), applied);
        assert_eq!(last(&store).await.result, result);
        assert_eq!(world.received(CREATE), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pass_that_could_not_read_or_that_waits_says_so() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "test");
    world.fault(json!({"endpoint": "/cgi-bin/menu/get", "kind": "errcode", "code": 47001}));
    apply(&actor, &wants_a_menu()).await;
    assert_eq!(last(&store).await.result, "failed");
    assert_eq!(tenant(&store).await.manifest, None);
    world.control.send("DELETE", "/_sim/faults", &Value::Null);
    let revoke = json!({"platform": "wx0000000000000001", "account": ACCOUNT});
    world.control.send("POST", "/_sim/revoke", &revoke);
    apply(&actor, &wants_a_menu()).await;
    assert_eq!(last(&store).await.result, "waiting");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_back_is_no_revision_and_nothing_else_is_changed() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let mut actor = world.actor(&store, "test");
    actor.author.restores = Some(Restores {
        keeps: false,
        entry: 1,
        address: Address::of("menu"),
    });
    let mut desired = wants_a_menu();
    desired.spec.open_account = Some(serde_json::from_value(json!({"create": true})).unwrap());
    let reports = apply(&actor, &desired).await;
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert_eq!(world.received("/cgi-bin/open/create"), 0);
    assert_eq!(tenant(&store).await.manifest, None);
    assert_eq!(last(&store).await.result, "restored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_after_a_step_that_failed_is_not_sent() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "test");
    world.fault(json!({"endpoint": CREATE, "kind": "errcode", "code": 48004}));
    let desired = desired(json!({"officialAccount": {"menu": {
        "buttons": [{"name": "课程", "click": "K"}],
        "conditional": [{"match": {"platform": "ios"}, "buttons": [{"name": "苹果", "click": "IOS"}]}],
    }}}));
    let reports = apply(&actor, &desired).await;
    assert!(
        reports.iter().all(|report| !report.outcome.done()),
        "{reports:?}"
    );
    assert_eq!(reports.len(), 2, "{reports:?}");
    assert_eq!(world.received(CREATE), 1);
    assert_eq!(world.received("/cgi-bin/menu/addconditional"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_came_back_is_looked_at_before_it_is_changed() {
    let world = World::of(json!({})).await;
    let store = world.store().await;
    let actor = world.actor(&store, "test");
    apply(&actor, &wants_a_menu()).await;
    let key = Key::cred(&Appid::parse(ACCOUNT).unwrap());
    let came_back = |cred: &mut CredDoc| cred.reauthorized = true;
    store.amend::<CredDoc, ()>(&key, came_back).await.unwrap();
    by_the_owner(&world, &menu("店主的", "OWN"));
    world.control.reset_calls();
    let waits = async || {
        store
            .get::<CredDoc>(&key)
            .await
            .unwrap()
            .unwrap()
            .value
            .reauthorized
    };
    // A pass that cannot read has looked at nothing.
    world.fault(json!({"endpoint": "/cgi-bin/menu/get", "kind": "errcode", "code": 47001}));
    apply(&actor, &wants_a_menu()).await;
    assert!(waits().await);
    world.control.send("DELETE", "/_sim/faults", &Value::Null);
    for (received, waited) in [(0, true), (1, false)] {
        assert_eq!(waits().await, waited);
        apply(&actor, &wants_a_menu()).await;
        assert_eq!(world.received(CREATE), received);
    }
}

fn pass(owner: &str, life: SignedDuration) -> PassDoc {
    let doc = json!({"owner": owner, "expires_at": Timestamp::now() + life});
    serde_json::from_value(doc).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pass_is_waited_for_while_it_lives_and_given_back() {
    let world = World::of(as_wanted()).await;
    for (owner, millis, at_least) in [
        ("another", 900, 900),
        ("another", -1, 0),
        ("test", 30_000, 0),
    ] {
        let store = world.store().await;
        let actor = world.actor(&store, "test");
        let held = pass(owner, SignedDuration::from_millis(millis));
        store.create(&Key::pass("sunrise"), &held).await.unwrap();
        let began = Instant::now();
        apply(&actor, &wants_a_menu()).await;
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(at_least), "{took:?}");
        assert!(took < Duration::from_secs(25), "{took:?}");
        let left = store.get::<PassDoc>(&Key::pass("sunrise")).await;
        assert_eq!(left.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pass_that_another_process_took_is_not_given_back_for_it() {
    let world = World::of(as_wanted()).await;
    let memory = Arc::new(Memory::default());
    let plain = Store::new(memory.clone(), Sealing::Plain);
    world.keep_ticket(&plain).await;
    let (key, theirs) = (Key::pass("sunrise"), plain.clone());
    let takes = async move {
        let stored = theirs.get::<PassDoc>(&key).await.unwrap().unwrap();
        let taken = pass("another", SignedDuration::from_secs(60));
        theirs.replace(&key, &taken, &stored.version).await.unwrap();
    };
    let actor = world.actor(&Meddled::before(&memory, "tenant", takes.boxed()), "test");
    drop(apply_tenant(&actor, &wants_a_menu(), &Consent::Everything).await);
    let left = plain.get::<PassDoc>(&Key::pass("sunrise")).await;
    assert_eq!(left.unwrap().unwrap().value.owner, "another");
}
