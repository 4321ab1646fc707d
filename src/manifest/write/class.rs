//! What tenants have in common, exactly: values that are equal at the same path in all of them. Maps are looked into;
//! lists and choices are shared whole or not at all, as the merge replaces them whole.

use super::tree::Tree;
use crate::manifest::merge::is_choice;

/// What all of them share; `None` where that is nothing, or where there are not at least two to share it.
pub(super) fn shared(specs: &[Tree]) -> Option<Tree> {
    let (first, rest) = specs.split_first()?;
    let (second, rest) = rest.split_first()?;
    let mut shared = common(first, second, &mut Vec::new())?;
    for spec in rest {
        shared = common(&shared, spec, &mut Vec::new())?;
    }
    Some(shared)
}

/// What a spec has beyond what is shared.
pub(super) fn rest(spec: &Tree, shared: &Tree) -> Tree {
    let left = spec.entries().iter().filter_map(|(key, value)| {
        let Some(base) = shared.get(key) else {
            return Some((key.clone(), value.clone()));
        };
        if base == value {
            return None;
        }
        Some((key.clone(), rest(value, base)))
    });
    Tree::Map(left.collect())
}

/// What two share, in the order of the first; `None` where nothing is.
fn common<'a>(one: &'a Tree, other: &'a Tree, at: &mut Vec<&'a str>) -> Option<Tree> {
    if one == other {
        return Some(one.clone());
    }
    let (Tree::Map(entries), Tree::Map(_)) = (one, other) else {
        return None;
    };
    if is_choice(at) {
        return None;
    }
    let mut both = Vec::new();
    for (key, value) in entries {
        let Some(other) = other.get(key) else {
            continue;
        };
        at.push(key);
        if let Some(value) = common(value, other, at) {
            both.push((key.clone(), value));
        }
        at.pop();
    }
    (!both.is_empty()).then_some(Tree::Map(both))
}
