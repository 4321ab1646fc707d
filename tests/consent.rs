//! What a person says yes to is what is done: a step that moved between the prompt and its turn is left undone.

use std::collections::BTreeSet;

use crate::support::actor::{ACCOUNT, world};
use crate::support::control::Control;
use serde_json::json;
use wxops::plan::Digest;
use wxops::reconcile::{Consent, apply_tenant, plan_tenant};

#[tokio::test(flavor = "multi_thread")]
async fn a_step_nobody_said_yes_to_is_not_made() {
    let (wechat, actor, desired) = world().await;
    let planned = plan_tenant(&actor.observer, &desired).await.unwrap();
    let menu_alone: BTreeSet<Digest> = planned
        .plan
        .steps()
        .filter(|(entry, _)| entry.resource == "menu")
        .map(|(entry, step)| entry.digest("sunrise", step))
        .collect();
    assert_eq!(planned.plan.steps().count(), 2);

    let applied = apply_tenant(&actor, &desired, &Consent::Steps(menu_alone))
        .await
        .unwrap();
    let came: Vec<(&str, bool, bool)> = applied
        .reports
        .iter()
        .map(|report| {
            (
                report.resource,
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
    let applied = apply_tenant(&actor, &desired, &Consent::Steps(seen))
        .await
        .unwrap();
    let menu = applied
        .reports
        .iter()
        .find(|report| report.resource == "menu")
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
    let applied = apply_tenant(&actor, &desired, &Consent::Steps(seen))
        .await
        .unwrap();
    let menu = applied
        .reports
        .iter()
        .find(|report| report.resource == "menu")
        .unwrap();
    assert!(menu.outcome.moved(), "{menu:?}");
    let control = Control::at(&control);
    let puts = tokio::task::spawn_blocking(move || control.count("/cgi-bin/menu/create"))
        .await
        .unwrap();
    assert_eq!(puts.received, 0);
    wechat.stop().await;
}
