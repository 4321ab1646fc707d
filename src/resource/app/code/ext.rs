//! What an `ext.json` changes, line by line: compared with what was committed last, since WeChat does not give it back.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Code;
use super::memory::last_ext_json;
use crate::plan::Change;
use crate::resource::{Resource as _, View};

/// Its lines that differ from the last one's.
pub(super) fn changes(view: &View<'_>, ext_json: &str) -> Vec<Change> {
    let path = Code::path(view.at).field("ext");
    let before = last_ext_json(view)
        .map(|text| lines(&text))
        .unwrap_or_default();
    let now = lines(ext_json);
    let names = before.keys().chain(now.keys());
    let mut names: Vec<&Vec<Part>> = names.collect();
    names.sort();
    names.dedup();
    let changed = names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name));
    let change = |name: &Vec<Part>| Change {
        path: name.iter().fold(path.clone(), |path, part| match part {
            Part::Field(name) => path.field(name),
            Part::Item(index) => path.index(*index),
        }),
        from: before.get(name).cloned(),
        to: now.get(name).cloned(),
    };
    changed.map(change).collect()
}

/// A step into `ext.json`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Field(String),
    Item(usize),
}

fn lines(text: &str) -> BTreeMap<Vec<Part>, Value> {
    let mut found = BTreeMap::new();
    if let Ok(Value::Object(fields)) = serde_json::from_str(text) {
        for (name, value) in fields {
            // Put in by itself, and the same for ever.
            if name != "extAppid" {
                collect(value, vec![Part::Field(name)], &mut found);
            }
        }
    }
    found
}

fn collect(value: Value, at: Vec<Part>, found: &mut BTreeMap<Vec<Part>, Value>) {
    let below = |part: Part| {
        let mut at = at.clone();
        at.push(part);
        at
    };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                collect(value, below(Part::Field(name)), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.into_iter().enumerate() {
                collect(value, below(Part::Item(index)), found);
            }
        }
        value @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_)) => {
            found.insert(at, value);
        }
    }
}
