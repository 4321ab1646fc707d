//! What is said once, and what is not.

use std::collections::BTreeSet;

use super::world::{
    change, context, drifted, entry, industry, menu_step, open_account, plan, renamed, tenant,
    unknown,
};
use crate::plan::render::{Context, human};
use crate::plan::{Plan, TenantPlan, Verdict, WhyKind};

fn text(plan: &Plan) -> String {
    human(plan, &context(&[]))
}

/// So many tenants, each with what a function gives it.
fn many(count: usize, of: impl Fn(usize) -> TenantPlan) -> Plan {
    plan((0..count).map(of).collect())
}

fn school(n: usize, to: &str) -> TenantPlan {
    tenant(&format!("school-{n:03}"), n, vec![menu_step(n, to)])
}

#[test]
fn three_tenants_are_many_and_two_are_not() {
    assert!(text(&many(3, |n| school(n, "本周课程"))).contains("3 tenants · the same change"));
    let two = text(&many(2, |n| school(n, "本周课程")));
    assert!(!two.contains("the same"), "{two}");
    assert!(two.contains("school-001"), "{two}");
}

#[test]
fn a_folded_change_names_its_class_and_the_place_there() {
    let text = text(&many(27, |n| school(n, "本周课程")));
    let line = text.lines().next().unwrap();
    assert!(
        line.contains("27 tenants · the same change, from class dance-school"),
        "{line}"
    );
    assert!(line.contains("classes/dance.yaml:15"), "{line}");
    assert!(text.contains(":15:9"), "{text}");
    assert!(text.contains("school-000, school-001, "), "{text}");
    assert!(text.contains("(--all lists them)"), "{text}");
    assert_eq!(
        text.matches("school-").count(),
        text.lines().nth(1).unwrap().matches("school-").count()
    );
}

#[test]
fn a_change_in_each_tenants_own_file_is_the_same_change_without_a_place() {
    let own = |n| {
        tenant(
            &format!("school-{n}-own"),
            n,
            vec![menu_step(n, "本周课程")],
        )
    };
    let text = text(&many(3, own));
    assert!(text.contains("3 tenants · the same change"), "{text}");
    assert!(!text.contains("class"), "{text}");
    assert!(!text.contains(":15:9"), "{text}");
}

#[test]
fn a_class_and_a_tenants_own_file_are_two_places() {
    let mixed = |n: usize| {
        let own = if n < 3 { "-own" } else { "" };
        tenant(
            &format!("school-{n}{own}"),
            n,
            vec![menu_step(n, "本周课程")],
        )
    };
    assert_eq!(
        text(&many(6, mixed))
            .matches("3 tenants · the same change")
            .count(),
        2
    );
}

#[test]
fn a_value_that_differs_is_another_change() {
    let text = text(&many(9, |n| school(n, &format!("{n}年级"))));
    assert!(!text.contains("the same"), "{text}");
    assert_eq!(text.matches("\u{1b}[1mschool-").count(), 9, "{text}");
}

#[test]
fn what_only_differs_in_what_is_live_is_another_change() {
    let live = |n: usize| {
        let mut step = renamed(n, "本周课程");
        step.changes = vec![change(
            "officialAccount.menu.buttons[1].name",
            n.into(),
            "本周课程".into(),
        )];
        tenant(
            &format!("school-{n}"),
            n,
            vec![entry("menu", Verdict::Step(step))],
        )
    };
    assert!(!text(&many(3, live)).contains("the same"));
}

#[test]
fn a_command_of_its_own_keeps_a_tenant_apart() {
    let text = text(&many(3, |n| {
        let name = format!("school-{n}");
        tenant(&name, n, vec![industry(&name, n)])
    }));
    assert!(!text.contains("the same"), "{text}");
    for n in 0..3 {
        assert!(
            text.contains(&format!("wxops approve s9c41d0 --tenant school-{n}")),
            "{text}"
        );
    }
}

#[test]
fn the_same_hold_of_many_is_said_once() {
    let held = |n: usize| {
        let mut step = renamed(n, "本周课程");
        step.hold = Some(crate::plan::Hold {
            reason: crate::plan::Reason::FleetGuard,
            text: crate::plan::Text::new("", "too many at once"),
            command: Some("wxops apply --yes-to-many".to_owned()),
        });
        tenant(
            &format!("school-{n}"),
            n,
            vec![entry("menu", Verdict::Step(step))],
        )
    };
    let text = text(&many(4, held));
    assert_eq!(
        text.matches("too many at once: wxops apply --yes-to-many")
            .count(),
        1,
        "{text}"
    );
}

#[test]
fn drift_at_different_times_is_the_same_drift() {
    let text = text(&many(3, |n| {
        tenant(
            &format!("school-{n}"),
            n,
            vec![drifted(n, &format!("2026-11-20T06:0{n}:00Z"))],
        )
    }));
    assert!(text.contains("3 tenants · the same change"), "{text}");
    assert!(
        text.contains("changed at WeChat since our last apply\u{1b}"),
        "{text}"
    );
}

#[test]
fn drift_and_a_changed_manifest_are_not_the_same() {
    let text = text(&many(4, |n| {
        let entry = if n < 2 {
            drifted(n, "2026-11-20T06:00:00Z")
        } else {
            menu_step(n, "本周课程")
        };
        tenant(&format!("school-{n}"), n, vec![entry])
    }));
    assert!(!text.contains("the same"), "{text}");
}

#[test]
fn several_equal_changes_of_the_same_tenants_are_one_block() {
    let text = text(&many(5, |n| {
        tenant(
            &format!("school-{n}"),
            n,
            vec![menu_step(n, "本周课程"), open_account(n)],
        )
    }));
    assert!(text.contains("5 tenants · the same 2 changes"), "{text}");
    assert_eq!(text.matches("5 tenants").count(), 2, "{text}");
}

#[test]
fn a_tenant_with_more_than_the_common_change_says_that_there_is_more() {
    let text = text(&many(4, |n| {
        let mut tenant = school(n, "本周课程");
        if n == 2 {
            tenant.entries.push(open_account(n));
        }
        tenant
    }));
    assert!(text.contains("4 tenants · the same change"), "{text}");
    assert!(text.contains("\u{1b}[1mschool-002"), "{text}");
    assert!(
        text.contains("… and 1 change shared with other tenants, below"),
        "{text}"
    );
}

#[test]
fn one_outage_is_one_line() {
    let text = text(&many(800, |n| {
        let why = unknown(
            WhyKind::ReadFailed,
            "没有票据",
            "WeChat has pushed no ticket",
        );
        tenant(&format!("school-{n}"), n, vec![why])
    }));
    assert!(text.contains("800 tenants · the same for all"), "{text}");
    assert_eq!(
        text.matches("WeChat has pushed no ticket").count(),
        1,
        "{text}"
    );
    assert!(text.lines().count() < 10, "{text}");
}

#[test]
fn those_that_only_observe_are_not_those_that_change() {
    let text = text(&many(6, |n| {
        let mut one = school(n, "本周课程");
        one.accounts[0].observe_only = n < 3;
        one
    }));
    assert_eq!(
        text.matches("3 tenants · the same change").count(),
        2,
        "{text}"
    );
    assert_eq!(text.matches("observing only").count(), 1, "{text}");
}

#[test]
fn all_lists_every_tenant() {
    let schools = many(30, |n| school(n, "本周课程"));
    let all = Context {
        all: true,
        ..context(&[])
    };
    let text = human(&schools, &all);
    assert!(!text.contains("the same"), "{text}");
    assert_eq!(text.matches("\u{1b}[1mschool-").count(), 30);
}

#[test]
fn a_tenant_is_told_alone_or_in_a_block_and_never_lost() {
    let plan = many(50, |n| school(n, ["a", "b", "c"][n % 3]));
    let text = text(&plan);
    let told: usize = text
        .lines()
        .filter_map(|line| line.split_once(" tenants · "))
        .map(|(count, _)| {
            count
                .trim_start_matches("\u{1b}[1m")
                .parse::<usize>()
                .unwrap()
        })
        .sum();
    assert_eq!(told, 50, "{text}");
    let names: BTreeSet<&str> = text
        .split([' ', ','])
        .filter(|word| word.starts_with("school-"))
        .collect();
    assert!(
        names.contains("school-000")
            && names.contains("school-001")
            && names.contains("school-002")
    );
}
