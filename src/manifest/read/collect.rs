//! Reads a value, takes what is wrong out of the tree, and reads again, until nothing is wrong any more.

use serde::de::DeserializeOwned;

use super::describe;
use super::error::{ReadError, What};
use super::reader::Reader;
use crate::manifest::problem::Problem;
use crate::manifest::tree::{Node, Value};
use crate::plan::path::{Segment, SpecPath};

/// More mistakes than this in one document are not worth a person's time.
const MAX_PROBLEMS: usize = 50;

/// Whether what is read must be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::manifest) enum Completeness {
    /// Required fields must be there.
    Whole,
    /// A class, or a tenant without its class: fields may still come from elsewhere, and placeholders are not
    /// filled in yet.
    Part,
}

/// Reads a value. What is wrong is taken out of the tree and added to `problems`. None when nothing readable is left.
pub(in crate::manifest) fn read<T: DeserializeOwned>(
    tree: &mut Node,
    completeness: Completeness,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    for _ in 0..MAX_PROBLEMS {
        let error = match T::deserialize(Reader::new(tree)) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let path = error.path();
        if is_mistake(&error, &path, tree, completeness) {
            problems.push(describe::problem(&error, &path, tree));
        }
        if !tree.take_out(path.segments()) {
            return None;
        }
    }
    None
}

/// Whether an error says something that the reader of the report can do something about.
fn is_mistake(error: &ReadError, path: &SpecPath, tree: &Node, completeness: Completeness) -> bool {
    let node = tree.locate(path).node;
    match (error.what(), completeness) {
        (What::Missing(_), Completeness::Part) => false,
        // Perhaps it is missing because it was taken out.
        (What::Missing(_), Completeness::Whole) => !node.damaged,
        (What::UnknownField { .. }, _) | (_, Completeness::Whole) => true,
        (_, Completeness::Part) => !node
            .scalar()
            .is_some_and(|scalar| scalar.text.contains("$(values.")),
    }
}

/// Takes every field without a value out and reports it. None of them means anything: an absent field is
/// unmanaged, and an empty list is written `[]`.
pub(in crate::manifest) fn take_out_blanks(tree: &mut Node, problems: &mut Vec<Problem>) {
    let mut blanks = Vec::new();
    find_blanks(tree, &mut Vec::new(), &mut blanks);
    // From the last to the first, so that the places of list items stay what they are.
    for path in blanks.into_iter().rev() {
        problems.push(describe::blank(&path, tree));
        tree.take_out(path.segments());
    }
}

fn find_blanks(node: &Node, at: &mut Vec<Segment>, found: &mut Vec<SpecPath>) {
    match &node.value {
        Value::Scalar(scalar) if scalar.is_null() => {
            found.push(
                at.iter()
                    .fold(SpecPath::root(), |path, segment| match segment {
                        Segment::Field(name) => path.field(name),
                        Segment::Index(index) => path.index(*index),
                    }),
            );
        }
        Value::Scalar(_) => {}
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push(Segment::Index(index));
                find_blanks(item, at, found);
                at.pop();
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                at.push(Segment::Field(entry.key.as_ref().to_owned()));
                find_blanks(&entry.value, at, found);
                at.pop();
            }
        }
    }
}
