//! A world with templates in it, and what is asked of it.

mod check;
mod due;
mod journal;
mod matching;

use serde_json::{Value, json};

use super::*;
use crate::plan::{Address, Costly, Entry, Reason, Step, WhyKind};
use crate::resource::record::Applied;
use crate::resource::world::{World, account};
use crate::resource::{AtMostOnce, ResourceRecord, Settled, decide};
use crate::wechat::answer::read_answer;

fn declared(templates: Value) -> World {
    World::of(json!({"officialAccount": {"appId": "wx1111111111111111", "templates": templates}}))
}

fn reminder() -> Value {
    json!({"name": "class-reminder", "shortId": "43216", "title": "上课提醒", "keywords": ["课程名称", "上课时间"]})
}

fn paid() -> Value {
    json!({"name": "paid", "shortId": "OPENTM200565259", "title": "订单支付成功"})
}

fn live(id: &str, title: &str, labels: &[&str]) -> Value {
    let lines: Vec<String> = labels
        .iter()
        .enumerate()
        .map(|(n, label)| format!("{label}:{{{{thing{n}.DATA}}}}"))
        .collect();
    json!({
        "template_id": id, "title": title, "primary_industry": "", "deputy_industry": "",
        "content": lines.join("\n"), "example": "",
    })
}

fn live_reminder(id: &str) -> Value {
    live(id, "上课提醒", &["课程名称", "上课时间"])
}

fn list(templates: impl IntoIterator<Item = Value>) -> Value {
    json!({"template_list": templates.into_iter().collect::<Vec<_>>()})
}

/// Every entry in short, with its key.
fn lines(world: &World) -> Vec<String> {
    let entries = world.plan().entries;
    let short = world.lines();
    entries
        .iter()
        .zip(short)
        .map(|(entry, line)| {
            format!(
                "{}: {}",
                entry.address.key,
                line.trim_start_matches(&format!("{} ", entry.address))
            )
        })
        .collect()
}

fn verdict(world: &World, key: &str) -> Verdict {
    let entries = world.plan().entries;
    let found = entries.into_iter().find(|entry| entry.address.key == key);
    found.map(|Entry { verdict, .. }| verdict).unwrap()
}

fn step(world: &World, key: &str) -> Step {
    match verdict(world, key) {
        Verdict::Step(step) => step,
        other @ (Verdict::Waiting(_)
        | Verdict::Rejected { .. }
        | Verdict::Suppressed { .. }
        | Verdict::Unknown(_)) => panic!("{other:?}"),
    }
}

fn text(world: &World, key: &str) -> String {
    match verdict(world, key) {
        Verdict::Waiting(waiting) => waiting.text.en,
        Verdict::Unknown(why) => why.text.en,
        Verdict::Suppressed { why, .. } => why.en,
        other @ (Verdict::Step(_) | Verdict::Rejected { .. }) => panic!("{other:?}"),
    }
}

fn address(name: &str) -> Address {
    Address::of(Templates::NAME).with_key(name)
}

fn remember(world: &mut World, name: &str, id: &str, digest: Digest) {
    world
        .outputs
        .insert(output(Templates::NAME, name), id.to_owned());
    let record = ResourceRecord {
        applied: Some(Applied {
            digest,
            at: jiff::Timestamp::UNIX_EPOCH,
        }),
        ..ResourceRecord::default()
    };
    world.records.insert(address(name), record);
}

fn desired(world: &World, name: &str) -> Digest {
    decide(&world.subject(), &world.seen).1.desired[&address(name)].clone()
}
