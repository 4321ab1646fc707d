//! What a person says yes to is what is done: a step that moved between the prompt and its turn is left undone.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::support::actor::{ACCOUNT, World, desired, world};
use crate::support::control::Control;
use crate::support::meddled::Meddled;
use futures::future::join_all;
use serde_json::json;
use tokio::sync::Barrier;
use wxops::plan::Digest;
use wxops::plan::approval::Approval;
use wxops::reconcile::{Actor, Consent, apply_tenant, plan_tenant};
use wxops::store::{Memory, Sealing, Store};

#[tokio::test(flavor = "multi_thread")]
async fn a_step_nobody_said_yes_to_is_not_made() {
    let (wechat, actor, desired) = world().await;
    let planned = plan_tenant(&actor.observer, &desired).await.unwrap();
    let menu_alone: BTreeSet<Digest> = planned
        .plan
        .steps()
        .filter(|(entry, _)| entry.address.resource == "menu")
        .map(|(entry, step)| entry.digest("sunrise", step))
        .collect();
    assert_eq!(planned.plan.steps().count(), 2);

    let applied = apply_tenant(
        &actor,
        &desired,
        &Consent::Steps {
            steps: menu_alone,
            follow: BTreeSet::new(),
        },
    )
    .await
    .unwrap();
    let came: Vec<(&str, bool, bool)> = applied
        .reports
        .iter()
        .map(|report| {
            (
                &*report.address.resource,
                report.outcome.done(),
                report.outcome.moved(),
            )
        })
        .collect();
    assert_eq!(came, [("menu", true, false), ("openAccount", false, true)]);

    let control = Control::at(&format!("http://{}", wechat.control));
    let creates = tokio::task::spawn_blocking(move || control.count("/cgi-bin/open/create"))
        .await
        .unwrap();
    assert_eq!(creates.received, 0);
    wechat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yes_to_an_older_plan_is_no_yes_to_this_one() {
    let (wechat, actor, mut desired) = world().await;
    let planned = plan_tenant(&actor.observer, &desired).await.unwrap();
    let seen: BTreeSet<Digest> = planned
        .plan
        .steps()
        .map(|(entry, step)| entry.digest("sunrise", step))
        .collect();
    if let Some(oa) = &mut desired.spec.official_account
        && let Some(menu) = &mut oa.menu
    {
        menu.buttons[0].name = "别的".to_owned();
    }
    let applied = apply_tenant(
        &actor,
        &desired,
        &Consent::Steps {
            steps: seen,
            follow: BTreeSet::new(),
        },
    )
    .await
    .unwrap();
    let menu = applied
        .reports
        .iter()
        .find(|report| report.address.resource == "menu")
        .unwrap();
    assert!(menu.outcome.moved(), "{menu:?}");
    let everything = apply_tenant(&actor, &desired, &Consent::Everything)
        .await
        .unwrap();
    assert!(
        everything
            .reports
            .iter()
            .all(|report| report.outcome.done())
    );
    wechat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yes_to_replacing_one_menu_is_no_yes_to_replacing_another() {
    let (wechat, actor, desired) = world().await;
    let control = format!("http://{}", wechat.control);
    let owner_makes = |key: &'static str| {
        let control = Control::at(&control);
        tokio::task::spawn_blocking(move || {
            let menu = json!({"button": [{"type": "click", "name": "今日", "key": key}]});
            control.send(
                "PATCH",
                &format!("/_sim/accounts/{ACCOUNT}"),
                &json!({"menu": {"default": menu}}),
            );
        })
    };
    owner_makes("SEEN").await.unwrap();
    let planned = plan_tenant(&actor.observer, &desired).await.unwrap();
    let seen: BTreeSet<Digest> = planned
        .plan
        .steps()
        .map(|(entry, step)| entry.digest("sunrise", step))
        .collect();
    owner_makes("MADE_MEANWHILE").await.unwrap();
    let applied = apply_tenant(
        &actor,
        &desired,
        &Consent::Steps {
            steps: seen,
            follow: BTreeSet::new(),
        },
    )
    .await
    .unwrap();
    let menu = applied
        .reports
        .iter()
        .find(|report| report.address.resource == "menu")
        .unwrap();
    assert!(menu.outcome.moved(), "{menu:?}");
    let control = Control::at(&control);
    let puts = tokio::task::spawn_blocking(move || control.count("/cgi-bin/menu/create"))
        .await
        .unwrap();
    assert_eq!(puts.received, 0);
    wechat.stop().await;
}

/// `pass/<tenant>` is economy: where three processes do not see each other's, the journal alone lets one of them send.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_yes_is_one_request_of_processes_that_do_not_take_turns() {
    let world = World::of(json!({"industry": {"primary": 1, "secondary": 2}})).await;
    let memory = Arc::new(Memory::default());
    world
        .keep_ticket(&Store::new(memory.clone(), Sealing::Plain))
        .await;
    let mut desired = desired(json!({"officialAccount": {"industry": {"primary": "教育/培训"}}}));
    // Each has made its plan before any of them begins.
    let planned = Arc::new(Barrier::new(3));
    let actors: Vec<Actor> = ["first", "second", "third"]
        .into_iter()
        .map(|owner| world.actor(&Meddled::abreast(&memory, owner, &planned), owner))
        .collect();
    let planned = plan_tenant(&actors[0].observer, &desired).await.unwrap();
    let (entry, step) = planned.plan.steps().next().unwrap();
    assert!(step.hold.is_some());
    desired.mandate.approvals = vec![Approval {
        name: "yes".to_owned(),
        steps: [entry.digest("sunrise", step).to_string()].into(),
        expires: None,
    }];
    let set = "/cgi-bin/template/api_set_industry";
    let applied = actors
        .iter()
        .map(|actor| apply_tenant(actor, &desired, &Consent::Everything));
    let mut done = 0;
    for applied in join_all(applied).await {
        let reports = applied.unwrap().reports;
        assert_eq!(reports.len(), 1, "each had its yes: {reports:?}");
        done += usize::from(reports[0].outcome.done());
    }
    assert_eq!((world.received(set), done), (1, 1));
}
