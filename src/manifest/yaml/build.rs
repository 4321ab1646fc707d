//! Builds one document's tree from the parser's events, with an explicit stack and a budget against documents that
//! repeat themselves through aliases.

use std::collections::HashMap;
use std::sync::Arc;

use serde_saphyr::granit_parser::{Event, ScalarStyle, Tag};

use super::read::{MAX_DEPTH, too_deep};
use crate::manifest::codes;
use crate::manifest::problem::Problem;
use crate::manifest::secrets::quoted;
use crate::manifest::source::{FileId, Span};
use crate::manifest::tree::{Entry, Node, Scalar, Value};

/// How many nodes aliases may add to a file. Nobody writes that many by hand; a bomb has billions.
const MAX_REPEATED: usize = 50_000;

/// The document cannot be read on; the reason is among the problems.
pub(super) struct GivenUp;

pub(super) struct Builder {
    file: FileId,
    open: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    repeated: usize,
    root: Option<Node>,
    problems: Vec<Problem>,
}

/// A list or map whose end has not come yet.
struct Frame {
    start: Span,
    anchor: usize,
    holds: Holds,
}

enum Holds {
    Items(Vec<Node>),
    Entries(Vec<Entry>, Pending),
}

/// What a map waits for.
enum Pending {
    Key,
    Value(Arc<str>, Span),
    /// The value of a key that is none; it is dropped.
    Dropped,
}

impl Builder {
    pub(super) fn new(file: FileId) -> Self {
        Self {
            file,
            open: Vec::new(),
            anchors: HashMap::new(),
            repeated: 0,
            root: None,
            problems: Vec::new(),
        }
    }

    /// Ends a document: its tree, unless it is empty or was given up. What is wrong with it is added to `problems`.
    /// The budget goes on, so that many small bombs are one big one.
    pub(super) fn finish(&mut self, problems: &mut Vec<Problem>) -> Option<Node> {
        let empty = |node: &Node| node.scalar().is_some_and(Scalar::is_null);
        self.open.clear();
        self.anchors.clear();
        problems.append(&mut self.problems);
        self.root.take().filter(|node| !empty(node))
    }

    /// Takes the next event.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the library's events may grow; none of the others is a node"
    )]
    pub(super) fn take(
        &mut self,
        event: Event<'_>,
        span: Span,
        tag_span: Option<Span>,
    ) -> Result<(), GivenUp> {
        let tagged = tag_span.unwrap_or(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text_tag = self.tag(tag.as_deref(), tagged);
                let plain = style == ScalarStyle::Plain && !text_tag;
                let text = Arc::from(&*text);
                let node = Node::new(Value::Scalar(Scalar { text, plain }), span);
                self.complete(node, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), tagged);
                self.push(span, anchor, Holds::Items(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), tagged);
                self.push(span, anchor, Holds::Entries(Vec::new(), Pending::Key))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => self.repeat(id, span),
            _ => Ok(()),
        }
    }

    /// Refuses tags that mean something; true for `!!str` and `!`, which make any scalar a text.
    fn tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else { return false };
        if tag.is_yaml_core_schema_tag("str") || tag.original() == "!" {
            return true;
        }
        if !tag.is_yaml_core_schema() {
            self.problems.push(
                Problem::error(codes::TAG, span, "this tag means nothing here")
                    .help("remove it; in quotes every value is a text"),
            );
        }
        false
    }

    fn push(&mut self, start: Span, anchor: usize, holds: Holds) -> Result<(), GivenUp> {
        if self.open.len() >= MAX_DEPTH {
            self.problems.push(too_deep(start));
            return Err(GivenUp);
        }
        self.open.push(Frame {
            start,
            anchor,
            holds,
        });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), GivenUp> {
        let Some(Frame {
            start,
            anchor,
            holds,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        // A block collection ends with its last child; a flow collection with its bracket, which is not empty.
        let (value, last) = match holds {
            Holds::Items(items) => {
                let last = items.last().map(|item| item.span);
                (Value::Seq(items), last)
            }
            Holds::Entries(entries, _) => {
                let entries = self.entries(entries);
                let last = entries.last().map(|entry| entry.value.span);
                (Value::Map(entries), last)
            }
        };
        let flow_end = (end.end > end.start).then_some(end.end);
        let last_end = last
            .filter(|last| last.start >= start.start)
            .map_or(start.end, |last| last.end);
        let span = Span {
            file: self.file,
            start: start.start,
            end: flow_end.unwrap_or(last_end).max(start.start),
        };
        self.complete(Node::new(value, span), anchor)
    }

    fn repeat(&mut self, id: usize, span: Span) -> Result<(), GivenUp> {
        let Some(node) = self.anchors.get(&id).cloned() else {
            self.problems.push(
                Problem::error(
                    codes::TOO_MUCH,
                    span,
                    "this alias stands inside what it repeats",
                )
                .help("write it out"),
            );
            return Err(GivenUp);
        };
        let (count, depth) = node.measure();
        self.repeated = self.repeated.saturating_add(count);
        if self.repeated > MAX_REPEATED {
            self.problems.push(
                Problem::error(codes::TOO_MUCH, span, "this file repeats itself too much")
                    .label(format!("its aliases add more than {MAX_REPEATED} values"))
                    .help("what many tenants share belongs in a TenantClass"),
            );
            return Err(GivenUp);
        }
        if self.open.len() + depth > MAX_DEPTH {
            self.problems.push(too_deep(span));
            return Err(GivenUp);
        }
        self.complete(node, 0)
    }

    /// Puts a finished node where it belongs.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), GivenUp> {
        if anchor != 0 {
            self.repeated = self.repeated.saturating_add(node.measure().0);
            self.anchors.insert(anchor, node.clone());
        }
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut frame.holds {
            Holds::Items(items) => items.push(node),
            Holds::Entries(entries, pending) => {
                match std::mem::replace(pending, Pending::Key) {
                    Pending::Key => match node.value {
                        Value::Scalar(scalar) => *pending = Pending::Value(scalar.text, node.span),
                        Value::Seq(_) | Value::Map(_) => {
                            *pending = Pending::Dropped;
                            self.problems.push(
                            Problem::error(codes::NOT_A_KEY, node.span, "a key must be a text")
                                .label("this is a list or a map")
                                .help("write `name: value`; a text that holds brackets needs quotes"),
                        );
                        }
                    },
                    Pending::Value(key, key_span) => entries.push(Entry {
                        key,
                        key_span,
                        value: node,
                    }),
                    Pending::Dropped => {}
                }
            }
        }
        Ok(())
    }

    /// Refuses keys given twice, and merges `<<`.
    fn entries(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut first: HashMap<Arc<str>, Span> = HashMap::with_capacity(entries.len());
        let mut kept = Vec::with_capacity(entries.len());
        let mut merged = Vec::new();
        for entry in entries {
            if &*entry.key == "<<" {
                merged.push(entry);
            } else if let Some(first) = first.get(&entry.key) {
                self.problems.push(
                    Problem::error(
                        codes::DUPLICATE_KEY,
                        entry.key_span,
                        format!("{} is given twice", quoted(&entry.key)),
                    )
                    .label("given again here")
                    .related(*first, "given first here")
                    .help("remove one of them"),
                );
            } else {
                first.insert(Arc::clone(&entry.key), entry.key_span);
                kept.push(entry);
            }
        }
        for entry in merged {
            for map in self.merged_maps(entry) {
                // Earlier keys win, as in YAML 1.1, where merge keys come from.
                for one in map {
                    if !first.contains_key(&one.key) {
                        first.insert(Arc::clone(&one.key), one.key_span);
                        kept.push(one);
                    }
                }
            }
        }
        kept
    }

    fn merged_maps(&mut self, entry: Entry) -> Vec<Vec<Entry>> {
        let nodes = match entry.value.value {
            Value::Seq(items) => items,
            Value::Map(_) | Value::Scalar(_) => vec![entry.value],
        };
        let mut maps = Vec::new();
        for node in nodes {
            match node.value {
                Value::Map(entries) => maps.push(entries),
                Value::Scalar(_) | Value::Seq(_) => self.problems.push(
                    Problem::error(codes::MERGE_KEY, entry.key_span, "`<<` merges maps")
                        .label("something else is given here")
                        .help("what many tenants share belongs in a TenantClass"),
                ),
            }
        }
        maps
    }
}
