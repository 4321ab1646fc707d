//! A put whose answer cannot be relied on: read again, and only then decided about.

use serde_json::{Value, json};
use wxops::reconcile::{Consent, Desired, StepOutcome, apply_tenant};

use crate::support::actor::{ACCOUNT, World, desired};

const CREATE: &str = "/cgi-bin/menu/create";
const BUSY: i64 = -1;

fn wants_a_menu() -> Desired {
    desired(json!({"officialAccount": {"menu": {"buttons": [{"name": "课程", "click": "K"}]}}}))
}

fn has_another_menu() -> Value {
    json!({"menu": {"default": {"button": [{"type": "click", "name": "旧", "key": "OLD"}]}}})
}

/// Applies everything; what came of the step of one resource.
async fn outcome(world: &World, desired: &Desired, resource: &str) -> StepOutcome {
    let actor = world.actor(&world.store().await, "test");
    let applied = apply_tenant(&actor, desired, &Consent::Everything).await;
    let mut reports = applied.unwrap().reports.into_iter();
    let report = reports.find(|report| report.address.resource == resource);
    report.unwrap().outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_answer_to_a_put_proves_nothing() {
    let world = World::of(json!({})).await;
    world
        .fault(json!({"endpoint": CREATE, "kind": "errcodeAfterEffect", "code": BUSY, "count": 1}));
    let came = outcome(&world, &wants_a_menu(), "menu").await;
    assert!(matches!(came, StepOutcome::DoneAfterDoubt(_)), "{came:?}");
    assert_eq!(world.received(CREATE), 1, "it took effect the first time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_put_without_effect_is_made_again_and_not_for_ever() {
    for (count, received) in [(1, 2), (2, 3), (99, 3)] {
        let world = World::of(json!({})).await;
        world.fault(json!({"endpoint": CREATE, "kind": "errcode", "code": BUSY, "count": count}));
        let came = outcome(&world, &wants_a_menu(), "menu").await;
        assert_eq!(came.done(), count < 3, "{came:?}");
        assert_eq!(world.received(CREATE), received);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_put_is_not_made_again_over_what_somebody_changed_meanwhile() {
    let world = World::of(has_another_menu()).await;
    world.fault(json!({"endpoint": CREATE, "kind": "latency", "ms": 500}));
    world.fault(json!({"endpoint": CREATE, "kind": "resetBefore", "count": 1}));
    let control = world.control.clone();
    let owner = std::thread::spawn(move || {
        while control.count(CREATE).received == 0 {
            std::thread::yield_now();
        }
        let menu = json!({"menu": {"default": {"button": [{"type": "click", "name": "店主的", "key": "OWN"}]}}});
        control.send("PATCH", &format!("/_sim/accounts/{ACCOUNT}"), &menu);
    });
    let came = outcome(&world, &wants_a_menu(), "menu").await;
    owner.join().unwrap();
    assert!(matches!(came, StepOutcome::Moved(_)), "{came:?}");
    assert_eq!(world.received(CREATE), 1);
}
