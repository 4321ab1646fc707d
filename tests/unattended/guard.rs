//! A revision that changes many tenants is held by its guard until somebody says yes, and let in once.

use serde_json::Value;

use super::house::House;

const TENANTS: usize = 25;

fn held(house: &House) -> Vec<Value> {
    house.ask("/v1/loop")["held"].as_array().unwrap().clone()
}

#[test]
fn a_slip_in_a_class_is_held_and_what_was_in_force_stays_so_until_a_yes() {
    let house = House::running(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
    house.edit("class.yaml", "课程", "课呈");
    house.until("it is held", || held(&house).len() == 1);
    // What an owner changes meanwhile is put back to what was in force.
    house.meddle(0, "别的");
    house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    // A commit for one tenant goes in beside it, and does not void the yes that comes after it.
    let revision = held(&house)[0]["revision"].as_str().unwrap().to_owned();
    house.write(
        "yes.yaml",
        &format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Approval\nmetadata: {{name: yes}}\nspec:\n  \
             platformRef: {{name: main}}\n  revision: {revision}\n  changedTenants: {TENANTS}\n"
        ),
    );
    house.until_buttons(1, &["课呈", "杭州"]);
    house.until_buttons(TENANTS - 1, &["课呈", "杭州"]);
    assert!(held(&house).is_empty());
}

#[test]
fn a_yes_at_the_command_line_lets_a_held_revision_in() {
    let house = House::running(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
    house.edit("class.yaml", "课程", "课表");
    house.until("it is held", || held(&house).len() == 1);
    let revision = held(&house)[0]["revision"].as_str().unwrap().to_owned();
    let yes = house.stage.wxops(&["approve", &revision, "--by", "li"]);
    assert_eq!(yes.code, 0, "{yes:?}");
    house.until_buttons(TENANTS - 1, &["课表", "杭州"]);
    // A later commit for one tenant finds nothing held, and holds nothing again.
    house.edit(&House::file(3), "杭州", "宁波");
    house.until_buttons(3, &["课表", "宁波"]);
    assert!(held(&house).is_empty());
}
