//! Asking a person: what comes of a task, and for whom a person is asked.

use serde_json::{Value, json};

use super::*;
use crate::plan::{Costly, Person, Reason, Step, Whose};
use crate::resource::Claimant;
use crate::resource::ops::LastDone;
use crate::resource::world::{World, now, platform};
use crate::wechat::authorizer;
use crate::wechat::personal_registration::PATIENCE;

const NEW: &str = "wx2222222222222222";

/// A tenant whose only mini-program is to be registered for a person, and the platform's accounts.
fn world(listed: &[&str]) -> World {
    let mut world = World::of(json!({
        "miniPrograms": [{"name": "main", "signature": "跳舞", "registration": {"personal": {"idName": "张三", "wechatId": "zhangsan01"}}}],
    }));
    world.lists(listed);
    world
}

/// The person was asked for an item, and the task stands so.
fn asked(world: &mut World, name: &str, whom: &str, status: i64) {
    let done = LastDone {
        call: personal_registration::request(platform(), name, "zhangsan01", None),
        evidence: json!({"for": whom, "item": "main"}),
        at: "2026-11-24T07:00:00Z".parse().unwrap(),
        shown: Value::Null,
        ids: [(
            "miniPrograms.main.registrationTask".to_owned(),
            "t-1".to_owned(),
        )]
        .into(),
        told: None,
    };
    world
        .ops
        .insert(platform().clone(), CREATE.action(Some("zhangsan01")), done);
    world.answers_to(
        personal_registration::query_request(platform(), "t-1"),
        json!({"taskid": "t-1", "authorize_url": "https://mp.weixin.qq.com/a", "status": status}),
    );
}

fn last_done(world: &World) -> LastDone {
    let done = world.ops.last_of(platform(), &CREATE, "zhangsan01");
    done.unwrap().clone()
}

fn verdict(world: &World) -> Verdict {
    let entries = world.plan().entries.into_iter();
    let mut own = entries.filter(|entry| entry.address.to_string() == "main:personalRegistration");
    own.next().unwrap().verdict
}

fn step(world: &World) -> Step {
    let verdict = verdict(world);
    let Verdict::Step(step) = verdict else {
        panic!("{verdict:?}");
    };
    step
}

fn waiting(world: &World) -> Waiting {
    let verdict = verdict(world);
    let Verdict::Waiting(waiting) = verdict else {
        panic!("{verdict:?}");
    };
    waiting
}

#[test]
fn a_person_who_was_never_asked_is_asked_by_the_platform_with_a_yes() {
    let step = step(&world(&[]));
    assert_eq!(step.costly, Some(Costly::Register));
    assert_eq!(step.calls[0].subject, *platform());
    assert_eq!(step.evidence["for"], "sunrise-dance:main");
}

#[test]
fn what_is_declared_of_it_waits_and_asks_nothing() {
    let plan = world(&[]).plan();
    let gate = plan
        .entries
        .iter()
        .find(|entry| entry.address.to_string() == "main:authorization");
    let Verdict::Waiting(waiting) = &gate.unwrap().verdict else {
        panic!("{gate:?}");
    };
    assert_eq!(waiting.reason, Reason::AfterAnotherStep);
    let behind: Vec<&str> = waiting.then.iter().map(|text| text.en.as_str()).collect();
    assert_eq!(behind, ["signature"]);
}

#[test]
fn a_mini_program_of_the_person_that_nobody_has_may_be_the_one() {
    let mut same = world(&[NEW]);
    same.is_app_of(NEW, "张三");
    let waiting = waiting(&same);
    assert_eq!(
        (waiting.reason, waiting.who),
        (Reason::Unclaimed, Person::Operator)
    );
    assert!(waiting.text.en.contains(NEW) && waiting.text.zh.contains(NEW));
    let mut other = world(&[NEW]);
    other.is_app_of(NEW, "李四");
    step(&other);
    let mut besides = world(&[NEW]);
    besides.is_app_of(NEW, "张三");
    let registration = besides.spec.mini_programs[0].registration.as_mut();
    registration.unwrap().personal.as_mut().unwrap().besides = vec![Appid::parse(NEW).unwrap()];
    step(&besides);
}

#[test]
fn while_the_list_is_not_read_nobody_is_asked() {
    let mut lost = world(&[]);
    lost.lost(authorizer::list_request(platform(), 0));
    assert!(matches!(verdict(&lost), Verdict::Unknown(_)));
}

#[test]
fn the_person_gets_the_link_and_a_day() {
    for status in [0, 3, 4, 6, 7, 9] {
        let mut world = world(&[]);
        asked(&mut world, "张三", "sunrise-dance:main", status);
        let waiting = waiting(&world);
        assert_eq!(waiting.who, Person::Registrant, "{status}");
        assert_eq!(waiting.link.as_deref(), Some("https://mp.weixin.qq.com/a"));
        assert_eq!(waiting.until, Some("2026-11-25T07:00:00Z".parse().unwrap()));
    }
}

#[test]
fn what_is_made_is_not_asked_for_again() {
    for status in [12, 13, 14] {
        let mut world = world(&[]);
        asked(&mut world, "张三", "sunrise-dance:main", status);
        assert_eq!(waiting(&world).reason, Reason::Unclaimed, "{status}");
    }
}

#[test]
fn after_a_refusal_somebody_says_yes_again_whatever_the_manifest_says_since() {
    for status in [2, 5, 8, 11, 1001, 1003, 1008] {
        let mut same = world(&[]);
        asked(&mut same, "张三", "sunrise-dance:main", status);
        assert_eq!(step(&same).costly, Some(Costly::AskAgain), "{status}");
        assert_eq!(step(&same).evidence["after"], "t-1");
        let mut mended = world(&[]);
        asked(&mut mended, "张山", "sunrise-dance:main", status);
        assert_eq!(step(&mended).costly, Some(Costly::AskAgain), "{status}");
    }
    let mut late = world(&[]);
    asked(&mut late, "张三", "sunrise-dance:main", 1);
    assert_eq!(step(&late).costly, Some(Costly::Register));
}

#[test]
fn a_number_that_no_page_names_is_not_guessed_about() {
    let mut world = world(&[]);
    asked(&mut world, "张三", "sunrise-dance:main", 77);
    assert!(matches!(verdict(&world), Verdict::Unknown(_)));
}

#[test]
fn one_person_is_asked_for_one_mini_program_at_a_time() {
    let mut running = world(&[]);
    asked(&mut running, "张三", "other:main", 3);
    assert_eq!(waiting(&running).reason, Reason::AfterAnotherStep);
    let mut made = world(&[]);
    asked(&mut made, "张三", "other:main", 12);
    let step = step(&made);
    assert_eq!(step.costly, Some(Costly::AskAgain));
    let said = &step.notes[0].en;
    assert!(said.contains("wxops claim take sunrise-dance:main APPID"));
}

#[test]
fn what_may_be_there_is_looked_for_whenever_the_person_is_to_be_asked() {
    for (whom, status) in [
        ("sunrise-dance:main", 1),
        ("sunrise-dance:main", 2),
        ("other:main", 1),
        ("other:main", 12),
    ] {
        // Of a person's account WeChat says 个人.
        for principal in ["张三", "个人"] {
            let mut world = world(&[NEW]);
            world.is_app_of(NEW, principal);
            asked(&mut world, "张三", whom, status);
            let reason = waiting(&world).reason;
            assert_eq!(reason, Reason::Unclaimed, "{whom} {status}");
        }
    }
}

#[test]
fn a_link_that_is_old_and_a_task_that_wechat_forgot_end_the_wait() {
    let mut late = world(&[]);
    asked(&mut late, "张三", "sunrise-dance:main", 3);
    let mut done = last_done(&late);
    done.at = "2026-11-23T06:59:59Z".parse().unwrap();
    let op = CREATE.action(Some("zhangsan01"));
    late.ops.insert(platform().clone(), op, done);
    assert_eq!(step(&late).costly, Some(Costly::AskAgain));
    let mut forgotten = world(&[]);
    asked(&mut forgotten, "张三", "other:main", 3);
    forgotten.answers_to(
        personal_registration::query_request(platform(), "t-1"),
        json!({"errcode": 89250, "errmsg": "no such task"}),
    );
    assert_eq!(step(&forgotten).costly, Some(Costly::AskAgain));
}

#[test]
fn a_wechat_id_in_another_case_is_the_same_person() {
    let mut world = world(&[]);
    asked(&mut world, "张三", "other:main", 3);
    let registration = world.spec.mini_programs[0].registration.as_mut();
    registration.unwrap().personal.as_mut().unwrap().wechat_id = "ZhangSan01".to_owned();
    assert_eq!(waiting(&world).reason, Reason::AfterAnotherStep);
}

#[test]
fn an_answer_that_names_no_task_is_not_followed_by_another_by_itself() {
    let mut world = world(&[]);
    asked(&mut world, "张三", "sunrise-dance:main", 0);
    let mut done = last_done(&world);
    done.ids.clear();
    world
        .ops
        .insert(platform().clone(), CREATE.action(Some("zhangsan01")), done);
    assert_eq!(step(&world).costly, Some(Costly::AskAgain));
}

#[test]
fn for_an_hour_after_the_day_wechat_is_left_to_say_what_came_of_it() {
    for whom in ["sunrise-dance:main", "other:main"] {
        let mut world = world(&[]);
        asked(&mut world, "张三", whom, 3);
        let mut done = last_done(&world);
        done.at = now() - PATIENCE - earlier::SETTLES;
        let op = CREATE.action(Some("zhangsan01"));
        world.ops.insert(platform().clone(), op, done);
        waiting(&world);
    }
}

#[test]
fn what_may_still_come_for_another_item_is_named_beside_the_next_task() {
    let mut world = world(&[]);
    asked(&mut world, "张三", "other:main", 12);
    assert_eq!(step(&world).evidence["beside"], "other:main");
    // Its push is not due any more.
    let claimant = Claimant {
        tenant: "other".to_owned(),
        whose: Whose::app("main"),
    };
    let claims = &mut world.backdrop.claims;
    claims.insert(Appid::parse(NEW).unwrap(), claimant);
    assert_eq!(step(&world).evidence["beside"], Value::Null);
}
