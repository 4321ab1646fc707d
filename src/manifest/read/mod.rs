//! Trees become typed values. Serde stops at the first mistake; here it is reported at its place, taken out of the
//! tree, and the rest is read again, so that one run finds them all.

mod collect;
mod describe;
mod ended;
mod error;
mod later;
mod reader;

pub(super) use collect::{Completeness, read, take_out_blanks};
pub(super) use describe::suggest;
#[cfg(test)]
pub(super) use later::LATER;
