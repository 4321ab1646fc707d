//! The one thread that writes a database: writes that wait share a commit.
//!
//! ```text
//!   jobs ──► BEGIN IMMEDIATE · each compared and swapped · meta · COMMIT ──► acknowledged file ──► answers
//!            └──────── an error: nothing was done ────────┘└──── an error: it may have been done ───┘
//! ```
//!
//! A disk takes about as long to sync one write as a hundred. Of those that came while the last commit was under way
//! all go into the next one, each with its own comparison and its own answer.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::oneshot;

use super::super::backend::{BackendError, Expected, Revision};
use super::super::key::Key;
use super::acknowledged::{Acknowledged, Mark};
use super::connect::{before_commit, said};
use super::ended::Ended;
use super::meta::Meta;
use super::row::{REVISION_BYTES, Sum, revision_of};

/// The most writes that share a commit: as many as one log of the usual size has room for, and no answer waits long.
const MAX_SHARED: usize = 256;

/// One write that waits.
struct Job {
    key: Key,
    expected: Expected,
    /// What is to stand there; nothing: it is removed.
    value: Option<Vec<u8>>,
    answer: oneshot::Sender<Result<Revision, BackendError>>,
}

/// What the thread has, and what readers must know of it.
pub(super) struct Desk {
    /// The database.
    pub path: PathBuf,
    /// Which file that is: device and number.
    pub identity: (u64, u64),
    /// The incarnation that was opened.
    pub incarnation: u64,
    /// Where the newest acknowledged commit stands.
    pub acknowledged: Acknowledged,
    /// A commit that is done and could not be acknowledged.
    pub owed: Mutex<Option<Mark>>,
    /// Told when this process may not write any more.
    pub ended: Ended,
}

/// The handle of the thread. When it is dropped, what waits is still written, and the database closed.
pub(super) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Desk {
    /// Acknowledges a commit that could not be acknowledged when it was made.
    pub(super) fn pay(&self) -> Result<(), BackendError> {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mark) = *owed else { return Ok(()) };
        self.acknowledged.raise(mark).map_err(|error| {
            BackendError::Unavailable(format!("`{}`: {error}", self.acknowledged.path().display()))
        })?;
        *owed = None;
        Ok(())
    }

    fn acknowledge(&self, mark: Mark) -> Result<(), BackendError> {
        *self.owed.lock().unwrap_or_else(PoisonError::into_inner) = Some(mark);
        self.pay()
    }

    /// Refuses where the file is not the one that was opened any more. One look at the folder for each read and write:
    /// who only reads must notice it as well.
    pub(super) fn in_place(&self) -> Result<(), BackendError> {
        match identity(&self.path) {
            Ok(found) if found == self.identity => Ok(()),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(
                BackendError::Unavailable(format!("`{}`: {error}", self.path.display())),
            ),
            Ok(_) | Err(_) => Err(self
                .end("was moved away or removed while this process had it open; start it again")),
        }
    }

    /// Ends this process's part in a store that is another one now.
    pub(super) fn end(&self, why: &str) -> BackendError {
        let why = format!("`{}` {why}", self.path.display());
        self.ended.tell(&why);
        BackendError::Ended(why)
    }

    /// Refuses another incarnation than the one that was opened.
    pub(super) fn check(&self, incarnation: u64) -> Result<(), BackendError> {
        if incarnation == self.incarnation {
            return Ok(());
        }
        Err(self.end(
            "was restored from a backup, or got another key, after this process had opened it; start it again",
        ))
    }
}

/// Which file a path leads to.
pub(super) fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    path.metadata().map(|found| (found.dev(), found.ino()))
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection, desk: Arc<Desk>) -> std::io::Result<Self> {
        let (jobs, waiting) = channel();
        let thread = thread::Builder::new()
            .name("wxops-store".into())
            .spawn(move || work(&connection, &desk, &waiting))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Hands a write over and waits for its answer. It is made even when nobody waits for it any more.
    pub(super) async fn write(
        &self,
        key: &Key,
        expected: Expected,
        value: Option<Vec<u8>>,
    ) -> Result<Revision, BackendError> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            key: key.clone(),
            expected,
            value,
            answer,
        };
        let handed = self.jobs.as_ref().map(|jobs| jobs.send(job));
        match handed {
            Some(Ok(())) => answered
                .await
                .unwrap_or_else(|_| Err(BackendError::Lost("its writer has ended".to_owned()))),
            Some(Err(_)) | None => {
                Err(BackendError::Unavailable("its writer has ended".to_owned()))
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // It has no result; a panic in it was reported where it happened.
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, desk: &Desk, waiting: &Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(MAX_SHARED - 1));
        let results = commit(connection, desk, &jobs);
        if !connection.is_autocommit() {
            // Where even this fails, the next transaction says so.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for (job, result) in jobs.into_iter().zip(results) {
            // Whoever asked may be gone.
            let _ = job.answer.send(result);
        }
    }
}

/// Makes all of these writes in one commit. An answer for each, in their order.
fn commit(
    connection: &Connection,
    desk: &Desk,
    jobs: &[Job],
) -> Vec<Result<Revision, BackendError>> {
    let all = |error: BackendError| jobs.iter().map(|_| Err(error.clone())).collect();
    let (mark, swapped) = match swap_all(connection, desk, jobs) {
        Ok(swapped) => swapped,
        Err(error) => return all(error),
    };
    if swapped.iter().all(Result::is_err) {
        return swapped;
    }
    // From here on an error does not mean that nothing happened.
    let committed = connection
        .execute_batch("COMMIT")
        .map_err(|error| said(&desk.path, &error))
        .and_then(|()| desk.acknowledge(mark).map_err(|error| error.to_string()));
    match committed {
        Ok(()) => swapped,
        Err(why) => swapped
            .into_iter()
            .map(|result| match result {
                Ok(_) => Err(BackendError::Lost(why.clone())),
                // It was compared with what may not be there after all; it itself did nothing.
                Err(BackendError::Conflict) => Err(BackendError::Unavailable(why.clone())),
                Err(other) => Err(other),
            })
            .collect(),
    }
}

type Swapped = (Mark, Vec<Result<Revision, BackendError>>);

/// Compares and swaps within a transaction that is left open.
fn swap_all(connection: &Connection, desk: &Desk, jobs: &[Job]) -> Result<Swapped, BackendError> {
    let failed = |error: rusqlite::Error| before_commit(&desk.path, &error);
    desk.pay()?;
    desk.in_place()?;
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(failed)?;
    let mut meta = read_meta(connection, &desk.path)?;
    desk.check(meta.mark.incarnation)?;
    meta.mark.commits += 1;
    let swapped = jobs
        .iter()
        .map(|job| match swap(connection, &mut meta, job) {
            Ok(Some(revision)) => Ok(Ok(revision)),
            Ok(None) => Ok(Err(BackendError::Conflict)),
            Err(error) => Err(failed(error)),
        })
        .collect::<Result<_, _>>()?;
    meta.write(connection).map_err(failed)?;
    Ok((meta.mark, swapped))
}

/// What a database says of itself, where it can be read.
pub(super) fn read_meta(connection: &Connection, path: &Path) -> Result<Meta, BackendError> {
    let meta = Meta::read(connection).map_err(|error| before_commit(path, &error))?;
    meta.ok_or_else(|| BackendError::Damaged(format!("`{}`", path.display())))
}

/// Replaces one document, if it is what is expected; `None` if it is not.
fn swap(connection: &Connection, meta: &mut Meta, job: &Job) -> rusqlite::Result<Option<Revision>> {
    let key = job.key.as_str();
    let mut there =
        connection.prepare_cached("SELECT revision, sum FROM documents WHERE key = ?1")?;
    let there = there
        .query_row([key], |row| {
            Ok((
                row.get::<_, [u8; REVISION_BYTES]>(0)?,
                row.get::<_, [u8; 16]>(1)?,
            ))
        })
        .optional()?;
    let as_expected = match (&job.expected, &there) {
        (Expected::Absent, None) => true,
        (Expected::At(expected), Some((revision, _))) => *expected == revision_of(*revision),
        (Expected::Absent, Some(_)) | (Expected::At(_), None) => false,
    };
    if !as_expected {
        return Ok(None);
    }
    if let Some((_, sum)) = there {
        meta.remove(Sum::from_bytes(&sum).unwrap_or_default());
    }
    let revision: [u8; REVISION_BYTES] = rand::random();
    match &job.value {
        Some(value) => {
            let sum = Sum::of(key, &revision, value);
            put(connection, key, &revision, value, sum)?;
            meta.add(sum);
        }
        None => {
            connection
                .prepare_cached("DELETE FROM documents WHERE key = ?1")?
                .execute([key])?;
        }
    }
    Ok(Some(revision_of(revision)))
}

/// Writes one row.
pub(super) fn put(
    connection: &Connection,
    key: &str,
    revision: &[u8],
    value: &[u8],
    sum: Sum,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO documents (key, revision, value, sum) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![key, revision, value, sum.to_bytes()])?;
    Ok(())
}
