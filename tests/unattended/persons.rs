//! Mini-programs that are registered for persons, by `wxops run` alone.

use serde_json::json;

use super::house::House;

const EACH: &str = "apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {name: tenant-$N}
spec:
  platformRef: {name: main}
  miniPrograms:
    - name: main
      registration: {personal: {idName: 张三, wechatId: zhangsan01}}
      signature: 附近孩子都在跳的舞
  policy: {preapproved: [register]}
";
const CREATE: &str = "/wxa/component/fastregisterpersonalweapp";

/// The loop, with a person who has been asked; and the task.
fn asked() -> (House, String) {
    let mut house = House::with(1, EACH, "{}");
    house.stage.start_loop();
    house.stage.push_ticket();
    let link = |house: &House| {
        let told = house.stage.wxops(&["why", "tenant-000"]).stdout;
        let (_, rest) = told.split_once("taskid=")?;
        let task = rest.split_whitespace().next()?;
        Some(task.to_owned())
    };
    house.until("the person is asked", || link(&house).is_some());
    let task = link(&house).unwrap();
    (house, task)
}

fn ends(house: &House, task: &str, outcome: &str) {
    let path = format!("/_sim/registrations/{task}");
    house
        .stage
        .control
        .send("POST", &path, &json!({"outcome": outcome}));
}

#[test]
fn a_person_who_agrees_has_a_mini_program_at_once() {
    let (house, task) = asked();
    ends(&house, &task, "agreed");
    // By no clock but the real one.
    house.until("it has what is declared of it", || {
        let state = house.stage.control.state();

        state["accounts"].to_string().contains("附近孩子都在跳的舞")
    });
    assert_eq!(house.stage.control.count(CREATE).with_effect, 1);
}

#[test]
fn a_person_who_refuses_is_heard_of_at_once() {
    let (house, task) = asked();
    ends(&house, &task, "refused");
    // By no clock but the real one.
    house.until("the refusal is known", || {
        let told = house.stage.wxops(&["why", "tenant-000"]);
        told.stdout.contains("zhangsan01 refused when asked last")
    });
    assert_eq!(house.stage.control.count(CREATE).with_effect, 1);
}
