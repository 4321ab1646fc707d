//! Simulated time: the system clock plus an offset, kept in memory or in a file shared with other processes.
//!
//! The file holds one decimal integer, milliseconds. It is read afresh each time (a change of the same length
//! within one tick of the file system's clock must not be missed) and replaced by rename, so no reader sees
//! half a number.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Longest offset: a hundred years either way keeps every sum within what a timestamp can hold.
const FURTHEST_MS: i64 = 100 * 366 * 24 * 3600 * 1000;

/// The one clock of a simulator.
pub(super) struct Clock {
    file: Option<PathBuf>,
    /// The offset, or the last one read from the file.
    offset_ms: AtomicI64,
}

impl Clock {
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        Self {
            file,
            offset_ms: AtomicI64::new(0),
        }
    }

    /// Simulated now.
    pub(super) fn now(&self) -> Timestamp {
        system_now()
            .saturating_add(SignedDuration::from_millis(self.offset_ms()))
            .unwrap_or(Timestamp::MAX)
    }

    /// Milliseconds ahead of the system clock. A missing file means none; an unreadable one, the last known.
    pub(super) fn offset_ms(&self) -> i64 {
        if let Some(file) = &self.file {
            match std::fs::read_to_string(file) {
                Ok(text) => {
                    if let Ok(offset) = text.trim().parse::<i64>() {
                        self.remember(offset);
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.remember(0),
                Err(error) => tracing::warn!(%error, "the clock file could not be read"),
            }
        }
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Replaces the offset.
    pub(super) fn set_offset_ms(&self, offset: i64) -> std::io::Result<()> {
        let offset = offset.clamp(-FURTHEST_MS, FURTHEST_MS);
        if let Some(file) = &self.file {
            replace(file, &offset.to_string())?;
        }
        self.remember(offset);
        Ok(())
    }

    /// Makes `now` the given time.
    pub(super) fn set(&self, to: Timestamp) -> std::io::Result<()> {
        // Rounded up: the time that was asked for is never still to come.
        let ahead = to.duration_since(system_now()).as_micros();
        let ahead = ahead.saturating_add(999).div_euclid(1000);
        self.set_offset_ms(i64::try_from(ahead).unwrap_or(FURTHEST_MS))
    }

    fn remember(&self, offset: i64) {
        self.offset_ms
            .store(offset.clamp(-FURTHEST_MS, FURTHEST_MS), Ordering::Relaxed);
    }
}

fn system_now() -> Timestamp {
    Timestamp::now()
}

/// Writes the file beside its place and moves it there.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{text}")?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_means_no_offset() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::new(Some(dir.path().join("clock")));
        assert_eq!(clock.offset_ms(), 0);
    }

    #[test]
    fn the_file_is_shared_between_clocks() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clock");
        let (ours, theirs) = (
            Clock::new(Some(path.clone())),
            Clock::new(Some(path.clone())),
        );
        ours.set_offset_ms(86_400_000).unwrap();
        assert_eq!(theirs.offset_ms(), 86_400_000);
        std::fs::write(&path, "5000").unwrap();
        assert_eq!(ours.offset_ms(), 5000);
        std::fs::write(&path, "half a numb").unwrap();
        assert_eq!(ours.offset_ms(), 5000, "the last known offset stays");
    }

    #[test]
    fn set_moves_now_to_the_given_time() {
        let clock = Clock::new(None);
        let then: Timestamp = "2031-01-31T23:59:00+08:00".parse().unwrap();
        clock.set(then).unwrap();
        let ahead = clock.now().duration_since(then);
        assert!(
            !ahead.is_negative() && ahead < SignedDuration::from_secs(5),
            "{ahead}"
        );
    }
}
