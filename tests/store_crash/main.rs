//! The store and the journal through every crash we can make: snapshots broken by hand, processes killed for real,
//! and the at-most-once sequence cut between every two of its writes.
//!
//! `WXOPS_SOAK=1` makes the parts that depend on luck longer; the parts by construction are always complete.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod crash_points;
mod guard;
mod holder;
mod interleavings;
mod kill;
mod mortal;
mod take_over;
mod world;
