//! A tenant that is as it should be is looked at without a write.

use jiff::Timestamp;

use super::house::House;
use crate::support::process::Background;

#[test]
fn a_steady_day_writes_nothing_but_tokens_and_tickets() {
    let house = House::running(6);
    house.until_all_looked_at(6);
    house.until_buttons(5, &["课程", "杭州"]);
    let before = house.documents();
    for _ in 0..4 {
        house.stage.control.send(
            "POST",
            "/_sim/clock",
            &serde_json::json!({"advance": 21600}),
        );
        house.stage.push_ticket();
        let now = house.now();
        house.until("everybody was looked at", || {
            let told = house.ask("/v1/loop");
            let all = told["tenants"].as_object().unwrap();
            all.values().all(|one| {
                one["lastPass"]
                    .as_str()
                    .unwrap()
                    .parse::<Timestamp>()
                    .unwrap()
                    >= now
            })
        });
    }
    let after = house.documents();
    let changed: Vec<&String> = after
        .iter()
        .filter(|(key, revision)| before.get(*key) != Some(*revision))
        .map(|(key, _)| key)
        .collect();
    let of_tokens = |key: &&&String| {
        let begins = |start: &str| key.starts_with(start);
        begins("cred/") || begins("platform/") || key.contains("/api_component_token/")
    };
    assert_eq!(
        changed.iter().filter(|key| !of_tokens(key)).count(),
        0,
        "{changed:#?}"
    );
}

#[test]
fn an_operator_says_how_often_everybody_is_looked_at() {
    let mut house = House::running(4);
    house.until_buttons(3, &["课程", "杭州"]);
    house.until_all_looked_at(4);
    house.stage.stop_sidecar();
    let mut command = house.stage.command("run");
    command.args(["--listen", "127.0.0.1:0", "--private-listen", "127.0.0.1:0"]);
    command.args(["--drift-every", "10m"]);
    let often = Background::start(&mut command);
    often.expect("private on http://");
    house.until("the loop has begun", || {
        house.ask("/v1/loop")["tenants"].as_object().unwrap().len() == 4
    });
    house.advance(600);
    house.until_all_looked_at(4);
    let mut command = house.stage.command("run");
    command.args(["--drift-every", "5m"]);
    let mut refused = Background::start(&mut command);
    assert_eq!(refused.ended(), Some(1));
    assert!(refused.transcript().text().contains("10m to 7d"));
}
