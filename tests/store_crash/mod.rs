//! The store and the journal through every crash we can make: disks that fail, power that goes, files damaged by hand,
//! processes killed for real, and the at-most-once sequence cut between every two of its writes.
//!
//! `WXOPS_SOAK=1` makes the parts that depend on luck longer; the parts by construction are always complete.

mod copies;
mod crash_points;
mod damage;
mod endpoint;
mod failing;
mod halfway;
mod holder;
mod interleavings;
mod kill;
mod mortal;
mod power;
mod shim;
mod world;
