//! Why a tree is not the wanted value, with the path to the mistake.

use std::fmt;

use crate::plan::diagnostic::On;
use crate::plan::path::{Segment, SpecPath};

/// A mistake and the way to it.
#[derive(Debug)]
pub(super) struct ReadError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    /// From the mistake outwards: segments are added while the error travels up.
    way: Vec<Segment>,
    on: On,
    what: What,
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum What {
    /// A map has a field that its type does not.
    UnknownField { known: &'static [&'static str] },
    /// A map lacks a field.
    Missing(&'static str),
    /// A text is none of the words.
    UnknownWord { known: &'static [&'static str] },
    /// The value has another type.
    Wrong { wanted: &'static str },
    /// A map with these fields is wanted.
    NotAMap { known: &'static [&'static str] },
    /// A choice with none or several of its keys.
    Choice { known: &'static [&'static str] },
    /// What a type says of its own values.
    Value(String),
}

impl ReadError {
    pub(super) fn new(what: What) -> Self {
        Self(Box::new(Inner {
            way: Vec::new(),
            on: On::Value,
            what,
        }))
    }

    pub(super) fn wrong(wanted: &'static str) -> Self {
        Self::new(What::Wrong { wanted })
    }

    pub(super) fn under(mut self, key: &str) -> Self {
        self.0.way.push(Segment::Field(key.to_owned()));
        self
    }

    pub(super) fn at(mut self, index: usize) -> Self {
        self.0.way.push(Segment::Index(index));
        self
    }

    pub(super) fn on_key(mut self) -> Self {
        self.0.on = On::Key;
        self
    }

    pub(super) fn on(&self) -> On {
        self.0.on
    }

    pub(super) fn what(&self) -> &What {
        &self.0.what
    }

    pub(super) fn path(&self) -> SpecPath {
        let outwards_in = self.0.way.iter().rev();
        outwards_in.fold(SpecPath::root(), |path, segment| match segment {
            Segment::Field(name) => path.field(name),
            Segment::Index(index) => path.index(*index),
        })
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.0.what, self.path())
    }
}

impl std::error::Error for ReadError {}

impl serde::de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(What::Value(message.to_string()))
    }

    fn unknown_field(_field: &str, known: &'static [&'static str]) -> Self {
        Self::new(What::UnknownField { known })
    }

    fn unknown_variant(_word: &str, known: &'static [&'static str]) -> Self {
        Self::new(What::UnknownWord { known })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(What::Missing(field))
    }
}
