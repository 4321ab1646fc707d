//! JSON pointers (RFC 6901) that may mean many places: `*` is every item or field, `-` the last item.

use serde_json::Value;

/// One step of a pointer.
#[derive(Debug)]
pub(super) enum Step {
    Field(String),
    Item(usize),
}

impl Step {
    pub(super) fn below<'a>(&self, parent: &'a mut Value) -> Option<&'a mut Value> {
        match self {
            Self::Field(name) => parent.get_mut(name),
            Self::Item(place) => parent.get_mut(*place),
        }
    }
}

/// Whether this is a JSON pointer (RFC 6901).
pub(super) fn is_pointer(text: &str) -> bool {
    text.is_empty() || text.starts_with('/')
}

/// Its parts, unescaped.
pub(super) fn segments(pointer: &str) -> Vec<String> {
    let unescaped = |segment: &str| segment.replace("~1", "/").replace("~0", "~");
    pointer.split('/').skip(1).map(unescaped).collect()
}

/// Goes down the path, branching at every `*`, and lets `act` on the parent of each end. Items come last first, so
/// that taking one away moves none that is still to come.
pub(super) fn walk(
    value: &mut Value,
    path: &[String],
    act: &mut impl FnMut(&mut Value, &Step) -> bool,
) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    let mut hit = false;
    for step in steps(value, first) {
        hit |= if rest.is_empty() {
            act(value, &step)
        } else {
            step.below(value)
                .is_some_and(|below| walk(below, rest, act))
        };
    }
    hit
}

fn steps(value: &Value, segment: &str) -> Vec<Step> {
    match (value, segment) {
        (Value::Object(fields), "*") => fields.keys().cloned().map(Step::Field).collect(),
        (Value::Object(_), name) => vec![Step::Field(name.to_owned())],
        (Value::Array(items), "*") => (0..items.len()).rev().map(Step::Item).collect(),
        (Value::Array(items), "-") => items
            .len()
            .checked_sub(1)
            .map(Step::Item)
            .into_iter()
            .collect(),
        (Value::Array(_), place) => place.parse().ok().map(Step::Item).into_iter().collect(),
        _ => Vec::new(),
    }
}
