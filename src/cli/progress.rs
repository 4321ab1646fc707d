//! Progress of long work: one line that is written over, and only where a person looks at it.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::wechat::raw::shown;

/// Fewer than this are done before anybody looks.
const WORTH_SHOWING: usize = 5;
/// Whoever takes longer is named.
const SLOW: Duration = Duration::from_secs(3);
/// So many are named; of the rest only the number.
const NAMED: usize = 3;

/// Counts what is done of so many, and knows what it still waits for.
pub(super) struct Progress {
    doing: &'static str,
    total: usize,
    state: Mutex<State>,
    shown: bool,
}

#[derive(Default)]
struct State {
    done: usize,
    reads: usize,
    under_way: BTreeMap<String, Instant>,
}

impl Progress {
    /// Shown on a terminal; silent in a pipe.
    pub(super) fn of(doing: &'static str, total: usize) -> Self {
        Self {
            doing,
            total,
            state: Mutex::default(),
            shown: total >= WORTH_SHOWING && std::io::stderr().is_terminal(),
        }
    }

    /// One more has begun.
    pub(super) fn begin(&self, name: &str) {
        if self.shown {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.under_way.insert(name.to_owned(), Instant::now());
        }
    }

    /// One more is done, and took so many reads.
    pub(super) fn end(&self, name: &str, reads: usize) {
        if !self.shown {
            return;
        }
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.under_way.remove(name);
            state.done += 1;
            state.reads += reads;
        }
        self.draw();
    }

    /// Draws the line anew.
    pub(super) fn draw(&self) {
        if self.shown {
            let line = {
                let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.line(self.doing, self.total, Instant::now())
            };
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K{line}");
            let _ = std::io::stderr().flush();
        }
    }
}

impl State {
    fn line(&self, doing: &str, total: usize, now: Instant) -> String {
        let mut line = format!("{doing} {}/{total}", self.done);
        if self.reads > 0 {
            line.push_str(&format!(" · {} reads", self.reads));
        }
        let mut slow: Vec<(Duration, &str)> = self
            .under_way
            .iter()
            .map(|(name, since)| (now.saturating_duration_since(*since), name.as_str()))
            .filter(|(took, _)| *took >= SLOW)
            .collect();
        slow.sort_by(|a, b| b.cmp(a));
        let named: Vec<String> = slow
            .iter()
            .take(NAMED)
            .map(|(took, name)| format!("{} ({} s)", shown(name), took.as_secs()))
            .collect();
        if !named.is_empty() {
            line.push_str(" · waiting for ");
            line.push_str(&named.join(", "));
        }
        let more = slow.len().saturating_sub(NAMED);
        if more > 0 {
            line.push_str(&format!(" and {more} more"));
        }
        line
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_what_it_waits_for() {
        let now = Instant::now();
        let mut state = State {
            done: 297,
            reads: 891,
            under_way: BTreeMap::new(),
        };
        for (name, ago) in [("a", 1), ("b", 4), ("c", 12), ("d", 5), ("e", 3)] {
            let since = now.checked_sub(Duration::from_secs(ago)).unwrap();
            state.under_way.insert(name.to_owned(), since);
        }
        assert_eq!(
            state.line("Reading", 302, now),
            "Reading 297/302 · 891 reads · waiting for c (12 s), d (5 s), b (4 s) and 1 more"
        );
        state.under_way.clear();
        assert_eq!(
            state.line("Reading", 302, now),
            "Reading 297/302 · 891 reads"
        );
    }
}
