//! The one place that knows the YAML library: texts become trees with places, values become texts.
//!
//! Trees are built from the parser's events, not through serde: only events give the places of keys and the text of
//! a plain scalar as it was written.

mod build;
mod read;
mod write;

pub(super) use read::documents;
pub use write::{NotWritable, write};
