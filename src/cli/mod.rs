//! The command line: one file per verb. Everything a verb does, the library can do without it.

mod exit;
mod io;

pub use exit::Exit;
pub use io::{Hooks, Io};
