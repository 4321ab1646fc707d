//! Progress of long work: one line that is written over, and only where a person looks at it.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Fewer than this are done before anybody looks.
const WORTH_SHOWING: usize = 5;

/// Counts what is done of so many.
pub(super) struct Progress {
    doing: &'static str,
    total: usize,
    done: AtomicUsize,
    shown: bool,
}

impl Progress {
    /// Shown on a terminal; silent in a pipe.
    pub(super) fn of(doing: &'static str, total: usize) -> Self {
        Self {
            doing,
            total,
            done: AtomicUsize::new(0),
            shown: total >= WORTH_SHOWING && std::io::stderr().is_terminal(),
        }
    }

    /// One more is done.
    pub(super) fn step(&self, name: &str) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown {
            let line = format!("{} {done}/{} · {name}", self.doing, self.total);
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K{line}");
            let _ = std::io::stderr().flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K");
        }
    }
}
