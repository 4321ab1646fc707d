//! The shape for programs, held to its published schema.

use serde_json::{Value, json};

use super::world::{context, drifted, everything, plan, spent, tenant, unknown};
use crate::plan::render::{json as as_json, schema};
use crate::plan::{Costly, Digest, Plan, Text, Verdict, WhyKind, budget};

/// What the schema says of a value; nothing is good.
fn objections(value: &Value) -> Option<String> {
    let schema: Value = serde_json::from_str(schema()).unwrap();
    let at = "https://wxops.io/schema/plan/1";
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource(at, schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile(at, &mut schemas).unwrap();
    schemas
        .validate(value, index)
        .err()
        .map(|error| format!("{error:#}"))
}

fn of(plan: &Plan) -> Value {
    let budget = budget(plan, |_| None);
    as_json(plan, &context(&budget))
}

#[test]
fn a_plan_with_one_of_everything_keeps_to_the_schema() {
    let mut plan = everything();
    let mut left = tenant("left", 30, vec![drifted(30, "2026-11-20T06:02:00Z")]);
    let why = Text::new("只报告", "only reported");
    let changes = super::super::fold::changes(&left.entries[0]).to_vec();
    left.entries.push(super::world::entry(
        "menu",
        Verdict::Suppressed {
            why: why.clone(),
            changes,
        },
    ));
    left.entries.push(super::world::entry(
        "menu",
        Verdict::Rejected {
            payload: Digest::of(&1),
            why,
        },
    ));
    left.entries.push(unknown(WhyKind::ReadFailed, "x", "x"));
    left.accounts[0].observe_only = true;
    plan.tenants.push(left);
    let value = of(&plan);
    assert_eq!(objections(&value), None, "{value:#}");
    let empty = of(&super::world::plan(Vec::new()));
    assert_eq!(objections(&empty), None, "{empty:#}");
}

#[test]
fn the_schema_takes_no_field_it_does_not_know_and_misses_none() {
    let good = of(&everything());
    for at in [
        "",
        "/counts",
        "/tenants/0",
        "/tenants/3/steps/0",
        "/budget/0",
    ] {
        let mut more = good.clone();
        let Some(Value::Object(fields)) = more.pointer_mut(at) else {
            continue;
        };
        fields.insert("surprise".to_owned(), json!(1));
        assert!(objections(&more).is_some(), "{at}");
        let names: Vec<String> = fields_of(&good, at);
        assert!(!names.is_empty());
        for name in names {
            let mut less = good.clone();
            less.pointer_mut(at)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(&name);
            assert!(objections(&less).is_some(), "{at} {name}");
        }
    }
}

fn fields_of(value: &Value, at: &str) -> Vec<String> {
    let object = value.pointer(at).unwrap().as_object().unwrap();
    object.keys().cloned().collect()
}

#[test]
fn every_object_of_the_schema_is_closed() {
    fn open(value: &Value, at: &str, found: &mut Vec<String>) {
        if let Value::Object(fields) = value {
            if fields.get("type") == Some(&json!("object"))
                && fields.get("additionalProperties") != Some(&json!(false))
            {
                found.push(at.to_owned());
            }
            for (name, inner) in fields {
                open(inner, &format!("{at}/{name}"), found);
            }
        }
        if let Value::Array(items) = value {
            for item in items {
                open(item, at, found);
            }
        }
    }
    let mut found = Vec::new();
    open(&serde_json::from_str(schema()).unwrap(), "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_schema_knows_every_costly_action() {
    let schema: Value = serde_json::from_str(schema()).unwrap();
    let known = schema["$defs"]["step"]["properties"]["costly"]["enum"].clone();
    let mut ours: Vec<Value> = Costly::ALL
        .iter()
        .chain([&Costly::AddAgain, &Costly::AskAgain])
        .map(|costly| json!(costly.as_str()))
        .collect();
    ours.push(Value::Null);
    assert_eq!(known, json!(ours));
}

#[test]
fn a_tenant_that_cannot_be_planned_says_why_in_its_place() {
    let value = of(&everything());
    let closed = &value["tenants"][1];
    assert_eq!(closed["name"], "closed-store");
    assert_eq!(closed["errors"][0]["why"]["en"], "the store is gone");
    assert_eq!(closed["errors"][0]["resource"], Value::Null);
    assert_eq!(value["counts"]["broken"], 1);
    assert_eq!(value["counts"]["inSync"], 1);
}

#[test]
fn a_source_names_the_class_it_comes_from() {
    let value = of(&plan(vec![tenant(
        "a",
        1,
        vec![drifted(1, "2026-11-20T06:02:00Z")],
    )]));
    let step = &value["tenants"][0]["steps"][0];
    assert_eq!(
        step["changes"][0]["source"],
        json!({"file": "classes/dance.yaml", "line": 15, "column": 9, "class": "dance-school"})
    );
    assert_eq!(step["drift"]["appliedAt"], "2026-11-20T06:02:00Z");
}

#[test]
fn a_budget_says_when_it_starts_again() {
    let budget = [spent(1, 1, 1)];
    let value = as_json(&everything(), &context(&budget));
    assert_eq!(value["budget"][0]["resets"], "2026-11-30T16:00:00Z");
    assert_eq!(value["budget"][0]["after"], 2);
}
