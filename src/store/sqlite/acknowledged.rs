//! The newest commit that was acknowledged, synced into a small file of its own before the acknowledgement.
//!
//! ```text
//!   0     "wxopsack" | incarnation 8 | commits 8 | checksum 8
//!   4096  the same
//! ```
//!
//! SQLite drops all of a write-ahead log behind its first bad frame and calls what is left fine. This file is what
//! tells: a database that is behind it has lost something. Two places far apart are written in turn, so that a write
//! that is torn leaves the other one. The file is also the mark of a store that is not new: it is made first.
//!
//! It is no file of SQLite's, so opening and closing it drops none of SQLite's locks.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"wxopsack";
const SLOT_BYTES: usize = 32;
const SUMMED: usize = 24;
/// Far enough apart that no sector and no page of a disk holds both.
const SLOTS: [u64; 2] = [0, 4096];

/// A commit: which incarnation of the store made it, and its number there. Later commits are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Mark {
    /// Raised by a restore and by a new key: what was open before may not write any more.
    pub incarnation: u64,
    /// How many commits there were.
    pub commits: u64,
}

/// What stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing was ever written into it.
    Blank,
    /// The newest acknowledged commit.
    Newest(Mark),
    /// Neither place can be read.
    Damaged,
}

/// The open file. Cheap to use from several processes: every use takes its lock.
#[derive(Debug)]
pub(super) struct Acknowledged {
    file: File,
    path: PathBuf,
}

/// The file while no other process uses it.
pub(super) struct Locked<'a>(&'a Acknowledged);

impl Acknowledged {
    /// Opens the file; makes it, readable by its owner only, where it is not there.
    pub(super) fn open_or_make(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// Opens the file to read it.
    pub(super) fn open_to_read(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::open(path)?,
            path: path.to_owned(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps other processes out of the file.
    pub(super) fn lock(&self) -> io::Result<Locked<'_>> {
        self.file.lock()?;
        Ok(Locked(self))
    }

    /// Reads what is there.
    pub(super) fn read(&self) -> io::Result<Known> {
        self.lock()?.read()
    }

    /// Makes sure that the file names this commit or a later one, on disk.
    pub(super) fn raise(&self, mark: Mark) -> io::Result<()> {
        self.lock()?.raise(mark)
    }
}

impl Locked<'_> {
    /// Reads what is there.
    pub(super) fn read(&self) -> io::Result<Known> {
        if self.0.file.metadata()?.len() == 0 {
            return Ok(Known::Blank);
        }
        let newest = self.slots()?.into_iter().flatten().max();
        Ok(newest.map_or(Known::Damaged, Known::Newest))
    }

    /// Makes sure that the file names this commit or a later one, on disk.
    pub(super) fn raise(&self, mark: Mark) -> io::Result<()> {
        let [first, second] = self.slots()?;
        if first.max(second) >= Some(mark) {
            return Ok(());
        }
        let place = if first > second { SLOTS[1] } else { SLOTS[0] };
        self.0.file.write_all_at(&encode(mark), place)?;
        self.0.file.sync_data()
    }

    fn slots(&self) -> io::Result<[Option<Mark>; 2]> {
        Ok([self.slot(SLOTS[0])?, self.slot(SLOTS[1])?])
    }

    fn slot(&self, place: u64) -> io::Result<Option<Mark>> {
        let mut bytes = [0; SLOT_BYTES];
        match self.0.file.read_exact_at(&mut bytes, place) {
            Ok(()) => Ok(decode(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Closing the file gives the lock up as well; a failure here only makes others wait for that.
        let _ = self.0.file.unlock();
    }
}

fn encode(mark: Mark) -> [u8; SLOT_BYTES] {
    let mut bytes = [0; SLOT_BYTES];
    let (summed, sum) = bytes.split_at_mut(SUMMED);
    let fields = [
        MAGIC.as_slice(),
        &mark.incarnation.to_be_bytes(),
        &mark.commits.to_be_bytes(),
    ];
    summed.copy_from_slice(&fields.concat());
    sum.copy_from_slice(&checksum(summed));
    bytes
}

fn decode(bytes: &[u8; SLOT_BYTES]) -> Option<Mark> {
    let (summed, sum) = bytes.split_at(SUMMED);
    if sum != checksum(summed) {
        return None;
    }
    let (incarnation, commits) = summed.strip_prefix(MAGIC)?.split_first_chunk()?;
    Some(Mark {
        incarnation: u64::from_be_bytes(*incarnation),
        commits: u64::from_be_bytes(*commits.first_chunk()?),
    })
}

fn checksum(bytes: &[u8]) -> [u8; SLOT_BYTES - SUMMED] {
    let digest = Sha256::digest(bytes);
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(incarnation: u64, commits: u64) -> Mark {
        Mark {
            incarnation,
            commits,
        }
    }

    fn opened() -> (tempfile::TempDir, Acknowledged) {
        let folder = tempfile::tempdir().unwrap();
        let file = Acknowledged::open_or_make(&folder.path().join("ack")).unwrap();
        (folder, file)
    }

    #[test]
    fn the_newest_commit_stands_whatever_comes_late() {
        let (_folder, file) = opened();
        assert_eq!(file.read().unwrap(), Known::Blank);
        for (written, newest) in [
            (mark(1, 0), mark(1, 0)),
            (mark(1, 7), mark(1, 7)),
            (mark(1, 5), mark(1, 7)),
            (mark(1, 8), mark(1, 8)),
            (mark(2, 1), mark(2, 1)),
            (mark(1, 9), mark(2, 1)),
        ] {
            file.raise(written).unwrap();
            assert_eq!(file.read().unwrap(), Known::Newest(newest));
        }
    }

    #[test]
    fn a_torn_write_leaves_the_commit_before() {
        for torn in 0..SLOT_BYTES {
            let (_folder, file) = opened();
            file.raise(mark(1, 1)).unwrap();
            file.raise(mark(1, 2)).unwrap();
            let new = encode(mark(1, 3));
            file.file.write_all_at(&new[..torn], SLOTS[0]).unwrap();
            // Up to where the numbers differ a torn write changes nothing.
            let known = file.read().unwrap();
            assert_eq!(known, Known::Newest(mark(1, 2)), "{torn} bytes");
        }
    }

    #[test]
    fn one_damaged_place_leaves_the_other_and_two_are_said() {
        let (_folder, file) = opened();
        file.raise(mark(3, 40)).unwrap();
        file.raise(mark(3, 41)).unwrap();
        file.file.write_all_at(b"x", 20).unwrap();
        assert_eq!(file.read().unwrap(), Known::Newest(mark(3, 41)));
        file.file.write_all_at(b"x", SLOTS[1] + 3).unwrap();
        assert_eq!(file.read().unwrap(), Known::Damaged);
    }
}
