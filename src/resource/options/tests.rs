//! Which options are set, and what an import says of them.

use serde_json::{Value, json};

use super::*;
use crate::resource::world::{World, account};

fn world(options: Value) -> World {
    World::of(json!({"officialAccount": {"appId": account(), "options": options}}))
}

fn says(world: &mut World, name: &str, value: Value) {
    world.answers_to(
        account_option::get_request(&account(), name),
        json!({"authorizer_appid": account(), "option_name": name, "option_value": value}),
    );
}

#[test]
fn only_what_is_declared_is_asked_for_and_set() {
    let mut world = world(json!({"locationReport": "every5s", "voiceRecognition": true}));
    let subject = world.subject();
    let needs = crate::resource::needs(&subject, &world.seen);
    let names: Vec<&str> = needs.iter().map(Call::body).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    says(&mut world, "location_report", json!("1"));
    says(&mut world, "voice_recognize", json!(1));
    assert_eq!(
        world.lines(),
        ["options/locationReport ~ officialAccount.options.locationReport"]
    );
    let plan = world.plan();
    let (_, step) = plan.steps().next().unwrap();
    assert_eq!(
        (&step.changes[0].from, &step.changes[0].to),
        (&Some(json!("onEntry")), &Some(json!("every5s")))
    );
    assert_eq!(
        step.calls,
        [account_option::set_request(
            &account(),
            "location_report",
            "2"
        )]
    );
    says(&mut world, "location_report", json!("2"));
    assert_eq!(world.lines(), Vec::<String>::new());
}

#[test]
fn a_value_that_no_page_knows_is_not_set_over() {
    let mut world = world(json!({"customerService": false}));
    for odd in [json!("2"), json!(""), json!(null), json!({})] {
        says(&mut world, "customer_service", odd.clone());
        assert_eq!(world.lines(), ["options unknown ReadFailed"], "{odd}");
    }
    world.answers_to(
        account_option::get_request(&account(), "customer_service"),
        json!({"option_name": "voice_recognize", "option_value": "1"}),
    );
    assert_eq!(world.lines(), ["options unknown ReadFailed"]);
}

#[test]
fn an_import_says_what_somebody_switched_on() {
    let mut world = world(json!({}));
    for known in &KNOWN {
        says(&mut world, known.wire, json!("0"));
    }
    let observed = |world: &World| match world.view(Options::observe) {
        Observation::Present(live) => live,
        other @ (Observation::Absent | Observation::Unknown(_)) => panic!("{other:?}"),
    };
    assert!(Options::is_nothing(&observed(&world)));
    says(&mut world, "location_report", json!("1"));
    let live = observed(&world);
    assert!(!Options::is_nothing(&live));
    let spec = Options::export(&live).unwrap();
    assert_eq!(
        serde_json::to_value(spec).unwrap(),
        json!({"locationReport": "onEntry", "voiceRecognition": false, "customerService": false})
    );
    assert_eq!(spec.state(), live);
}
