//! The `wxops` program: parse, run, exit code.

fn main() {}
