//! A document as a tree: every node keeps its place and every scalar its text, so that `1.10` stays `1.10`.

use std::sync::Arc;

use super::source::Span;
use crate::plan::diagnostic::On;
use crate::plan::path::{Segment, SpecPath};

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written. For what came from an anchor, the anchor's place.
    pub span: Span,
    /// Something below was taken out because it is wrong, and reported. What is said of this node as a whole may
    /// only follow from that.
    pub damaged: bool,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One text.
    Scalar(Scalar),
    /// A list.
    Seq(Vec<Node>),
    /// A map, in the order in which it was written. Keys are unique.
    Map(Vec<Entry>),
}

/// A scalar as it was written, escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text.
    pub text: Arc<str>,
    /// Written without quotes: what it means depends on what is wanted. Quoted ones are texts.
    pub plain: bool,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Arc<str>,
    /// Where the key was written.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
pub struct Located<'a> {
    /// The node, or the nearest one above it.
    pub node: &'a Node,
    /// The key the node stands under; list items have none.
    pub key: Option<Span>,
    /// Whether the path led all the way.
    pub exact: bool,
}

impl Scalar {
    /// Whether YAML reads it as null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.plain && matches!(&*self.text, "" | "~" | "null" | "Null" | "NULL")
    }
}

impl Node {
    /// A node that nothing was taken out of.
    #[must_use]
    pub fn new(value: Value, span: Span) -> Self {
        Self {
            value,
            span,
            damaged: false,
        }
    }

    /// The scalar, if it is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Seq(_) | Value::Map(_) => None,
        }
    }

    /// The entry of a key, if the node is a map that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| &*entry.key == key),
            Value::Scalar(_) | Value::Seq(_) => None,
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text at a chain of keys.
    #[must_use]
    pub fn text_at(&self, keys: &[&str]) -> Option<&Arc<str>> {
        let mut node = self;
        for key in keys {
            node = node.get(key)?;
        }
        node.scalar().map(|scalar| &scalar.text)
    }

    /// Follows a path as far as it leads.
    #[must_use]
    pub fn locate(&self, path: &SpecPath) -> Located<'_> {
        let mut found = Located {
            node: self,
            key: None,
            exact: true,
        };
        for segment in path.segments() {
            let next = match (segment, &found.node.value) {
                (Segment::Field(name), Value::Map(_)) => found
                    .node
                    .entry(name)
                    .map(|entry| (&entry.value, Some(entry.key_span))),
                (Segment::Index(index), Value::Seq(items)) => {
                    items.get(*index).map(|item| (item, None))
                }
                (Segment::Field(_) | Segment::Index(_), _) => None,
            };
            let Some((node, key)) = next else {
                found.exact = false;
                return found;
            };
            found.node = node;
            found.key = key;
        }
        found
    }

    /// Takes a value out and marks everything above it. False for the root, which cannot be taken out of itself.
    pub(super) fn take_out(&mut self, path: &[Segment]) -> bool {
        let Some((first, rest)) = path.split_first() else {
            return false;
        };
        self.damaged = true;
        match (first, &mut self.value) {
            (Segment::Field(name), Value::Map(entries)) => {
                let Some(at) = entries.iter().position(|entry| *entry.key == **name) else {
                    return false;
                };
                let inner = entries
                    .get_mut(at)
                    .is_some_and(|entry| entry.value.take_out(rest));
                if rest.is_empty() {
                    entries.remove(at);
                }
                inner || rest.is_empty()
            }
            (Segment::Index(index), Value::Seq(items)) => {
                let inner = items
                    .get_mut(*index)
                    .is_some_and(|item| item.take_out(rest));
                let here = rest.is_empty() && *index < items.len();
                if here {
                    items.remove(*index);
                }
                inner || here
            }
            (Segment::Field(_) | Segment::Index(_), _) => false,
        }
    }

    /// How many nodes there are from here down, and how deep they go.
    pub(super) fn measure(&self) -> (usize, usize) {
        let add = |(count, depth): (usize, usize), child: &Self| {
            let (more, deeper) = child.measure();
            (count + more, depth.max(deeper + 1))
        };
        match &self.value {
            Value::Scalar(_) => (1, 1),
            Value::Seq(items) => items.iter().fold((1, 1), add),
            Value::Map(entries) => entries.iter().map(|entry| &entry.value).fold((1, 1), add),
        }
    }
}

impl Located<'_> {
    /// Where to point. What is said of a map or list as a whole points at its key.
    #[must_use]
    pub fn span(&self, on: On) -> Span {
        let value_is_one_text = self.exact && self.node.scalar().is_some();
        match (on, value_is_one_text) {
            (On::Value, true) => self.node.span,
            (On::Key, _) | (On::Value, false) => self.key.unwrap_or(self.node.span),
        }
    }
}
