//! Conditional menus whose tag is named.

use serde_json::{Value, json};

use crate::plan::{Action, Step, Verdict};
use crate::resource::world::{World, account};
use crate::wechat::{menu, tag};

/// A menu for a tag, one for a platform below it, and a menu of another tag that is there.
fn world(declares: bool) -> World {
    let mut spec = json!({"officialAccount": {"appId": account(), "menu": {
        "buttons": [{"name": "我的", "click": "ME"}],
        "conditional": [
            {"match": {"tag": "VIP"}, "buttons": [{"name": "会员", "click": "VIP"}]},
            {"match": {"platform": "ios"}, "buttons": [{"name": "苹果", "click": "IOS"}]},
        ],
    }}});
    if declares {
        spec["officialAccount"]["tags"] = json!([{"name": "VIP"}]);
    }
    let mut world = World::of(spec);
    let click = |name: &str, key: &str| json!([{"type": "click", "name": name, "key": key}]);
    world.answers(
        &menu::GET,
        json!({"menu": {"button": click("我的", "ME")}, "conditionalmenu": [
            {"button": click("会员", "VIP"), "matchrule": {"group_id": "101"}, "menuid": 3},
            {"button": click("苹果", "IOS"), "matchrule": {"client_platform_type": "1"}, "menuid": 2},
        ]}),
    );
    world
}

fn tags(world: &mut World, tags: &[(i64, &str)]) {
    let tags: Vec<Value> = tags
        .iter()
        .map(|(id, name)| json!({"id": id, "name": name, "count": 0}))
        .collect();
    world.answers(&tag::LIST, json!({"tags": tags}));
}

fn steps(world: &World) -> Vec<(String, Step)> {
    let entries = world.plan().entries.into_iter();
    entries
        .filter_map(|entry| {
            let Verdict::Step(step) = entry.verdict else {
                return None;
            };
            Some((entry.address.to_string(), step))
        })
        .collect()
}

#[test]
fn a_tags_name_stands_for_its_id() {
    let mut world = world(false);
    tags(&mut world, &[(101, "VIP")]);
    assert_eq!(world.lines(), Vec::<String>::new());
    // Its id is another one at this account: the menu follows.
    tags(&mut world, &[(101, "别的"), (102, "VIP")]);
    let steps = steps(&world);
    let [(added, add), (list, gone)] = steps.as_slice() else {
        panic!("{steps:?}");
    };
    assert_eq!(
        (added.as_str(), add.action),
        ("menu/conditional tag=102", Action::Create)
    );
    assert!(add.calls[0].body().contains(r#""tag_id":"102""#));
    assert_eq!(
        (list.as_str(), gone.action),
        ("menu/conditional", Action::Delete)
    );
}

#[test]
fn a_menu_waits_for_its_tag_and_nothing_is_deleted_meanwhile() {
    let mut world = world(true);
    tags(&mut world, &[]);
    assert_eq!(
        world.lines(),
        [
            "tags/VIP + officialAccount.tags[0].name",
            "menu/conditional tag=VIP waits AfterAnotherStep"
        ]
    );
    let mut world = self::world(false);
    tags(&mut world, &[]);
    assert_eq!(
        world.lines(),
        ["menu/conditional tag=VIP unknown NotComparable"]
    );
    world.lost(tag::list_request(&account()));
    assert_eq!(
        world.lines(),
        ["menu/conditional tag=VIP unknown ReadFailed"]
    );
    world.authorized(&[1, 15]);
    assert_eq!(
        world.lines(),
        ["menu/conditional tag=VIP waits PermissionSetMissing"]
    );
}

#[test]
fn a_tag_that_was_called_otherwise_keeps_its_menu() {
    let mut world = world(true);
    world
        .outputs
        .insert("tags.VIP".to_owned(), "101".to_owned());
    tags(&mut world, &[(101, "贵宾")]);
    assert_eq!(world.lines(), ["tags/VIP suppressed"]);
}
