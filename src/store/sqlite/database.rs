//! One database of documents: opened, verified, read by several connections, written by one thread.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

use super::super::backend::{
    BackendError, Document, Expected, PAGE_KEYS, Page, Revision, check_size,
};
use super::super::error::StoreError;
use super::super::key::Key;
use super::acknowledged::{Acknowledged, Known, Mark};
use super::connect::{Access, LogPages, before_commit, connect, connect_memory, in_memory, settle};
use super::ended::Ended;
use super::files::Files;
use super::folder::io_error;
use super::meta::Meta;
use super::row::{REVISION_BYTES, Sum, revision_of};
use super::verify::{damaged, failed, verify};
use super::writer::{Desk, Writer, identity};

/// Connections for reading. Reads are short; more would only keep more pages in memory.
const READERS: usize = 3;

/// An open database.
pub(super) struct Database {
    desk: Arc<Desk>,
    readers: [Mutex<Connection>; READERS],
    /// None where the file can only be read.
    writer: Option<Writer>,
    /// What was found when it was opened.
    pub found: Meta,
}

impl Database {
    /// Opens a database that was made, if it is whole. Blocks.
    pub(super) fn open(
        files: &Files,
        access: Access,
        log: LogPages,
        ended: Ended,
    ) -> Result<Self, StoreError> {
        let path = files.database();
        let acknowledged = match access {
            Access::Write => Acknowledged::open_or_make(files.acknowledged()),
            Access::Read | Access::Copy => Acknowledged::open_to_read(files.acknowledged()),
        };
        let acknowledged = acknowledged.map_err(io_error(files.acknowledged()))?;
        // Read first: what is acknowledged meanwhile is then in the database that is looked at.
        let newest = newest(&acknowledged)?;
        let sqlite = |error: rusqlite::Error| failed(path, &error);
        let connection = connect(path, access).map_err(sqlite)?;
        let (connection, memory) = match access {
            Access::Write | Access::Read => (connection, None),
            Access::Copy => {
                let (copy, name) = in_memory(&connection).map_err(sqlite)?;
                (copy, Some(name))
            }
        };
        let found = verify(&connection, path, newest)?;
        if access == Access::Write {
            settle(&connection, log).map_err(sqlite)?;
        }
        let reader = || {
            let reader = match &memory {
                Some(name) => connect_memory(name)?,
                None => connect(path, Access::Read)?,
            };
            if access == Access::Write {
                settle_reader(&reader)?;
            }
            Ok(Mutex::new(reader))
        };
        let readers = [
            reader().map_err(sqlite)?,
            reader().map_err(sqlite)?,
            reader().map_err(sqlite)?,
        ];
        let desk = Arc::new(Desk {
            path: path.to_owned(),
            identity: identity(path).map_err(io_error(path))?,
            incarnation: found.mark.incarnation,
            acknowledged,
            owed: Mutex::default(),
            ended,
        });
        let writer = match access {
            Access::Copy | Access::Read => None,
            Access::Write => {
                let writer = Writer::start(connection, Arc::clone(&desk));
                Some(writer.map_err(io_error(path))?)
            }
        };
        Ok(Self {
            desk,
            readers,
            writer,
            found,
        })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.desk.path
    }

    /// Refuses where this is another incarnation.
    pub(super) fn is_of(&self, incarnation: u64) -> Result<(), BackendError> {
        self.desk.check(incarnation)
    }

    /// Reads one document.
    pub(super) fn get(&self, key: &Key) -> Result<Option<Document>, BackendError> {
        self.desk.in_place()?;
        self.desk.pay()?;
        let read = self
            .reader()
            .prepare_cached(
                "SELECT (SELECT incarnation FROM meta WHERE id = 1), revision, value, sum \
             FROM (SELECT 1) LEFT JOIN documents ON key = ?1",
            )
            .and_then(|mut statement| {
                statement.query_row([key.as_str()], |row| {
                    let incarnation = row.get::<_, Option<i64>>(0)?.map(i64::cast_unsigned);
                    let revision: Option<[u8; REVISION_BYTES]> = row.get(1)?;
                    let value: Option<Vec<u8>> = row.get(2)?;
                    let sum: Option<[u8; 16]> = row.get(3)?;
                    Ok((incarnation, revision.zip(value).zip(sum)))
                })
            });
        let (incarnation, row) = read.map_err(|error| before_commit(self.path(), &error))?;
        let damaged = || BackendError::Damaged(format!("`{}`", self.path().display()));
        self.desk.check(incarnation.ok_or_else(damaged)?)?;
        let Some(((revision, value), sum)) = row else {
            return Ok(None);
        };
        if Sum::from_bytes(&sum) != Some(Sum::of(key.as_str(), &revision, &value)) {
            return Err(damaged());
        }
        Ok(Some(Document {
            value,
            revision: revision_of(revision),
        }))
    }

    /// Lists keys that start with `prefix`, in order, behind `after`.
    pub(super) fn list(&self, prefix: &str, after: Option<&Key>) -> Result<Page, BackendError> {
        self.desk.pay()?;
        let failed = |error: rusqlite::Error| before_commit(self.path(), &error);
        let reader = self.reader();
        let mut statement = reader
            .prepare_cached("SELECT key FROM documents WHERE key >= ?1 AND key > ?2 ORDER BY key")
            .map_err(failed)?;
        let after = after.map_or("", Key::as_str);
        let mut rows = statement.query([prefix, after]).map_err(failed)?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let text = row.get_ref(0).map_err(failed)?;
            let text = text.as_str().unwrap_or_default();
            if !text.starts_with(prefix) {
                break;
            }
            if keys.len() == PAGE_KEYS {
                return Ok(Page { keys, more: true });
            }
            // A name of another kind than this program makes is none of its documents.
            keys.extend(Key::parse(text));
        }
        Ok(Page { keys, more: false })
    }

    /// Replaces what is there by `value` (or by nothing), if it is what is expected, and makes it durable.
    pub(super) async fn swap(
        &self,
        key: &Key,
        expected: Expected,
        value: Option<Vec<u8>>,
    ) -> Result<Revision, BackendError> {
        if let Some(value) = &value {
            check_size(value)?;
        }
        match &self.writer {
            Some(writer) => writer.write(key, expected, value).await,
            None => Err(BackendError::Unavailable(format!(
                "`{}` can only be read",
                self.path().display()
            ))),
        }
    }

    /// A connection that nobody uses right now; else the first that becomes free.
    fn reader(&self) -> MutexGuard<'_, Connection> {
        let free = self
            .readers
            .iter()
            .find_map(|reader| match reader.try_lock() {
                Ok(free) => Some(free),
                Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => None,
            });
        let [first, ..] = &self.readers;
        free.unwrap_or_else(|| first.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Lets a reader end like any other connection: the last one writes the log back.
fn settle_reader(reader: &Connection) -> rusqlite::Result<()> {
    use rusqlite::config::DbConfig;
    reader
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
        .map(drop)
}

/// The newest commit that was acknowledged.
pub(super) fn newest(acknowledged: &Acknowledged) -> Result<Mark, StoreError> {
    let path = acknowledged.path();
    match acknowledged.read().map_err(io_error(path))? {
        Known::Newest(mark) => Ok(mark),
        Known::Blank => Err(damaged(path, "it is empty".to_owned())),
        Known::Damaged => Err(damaged(
            path,
            "neither of its two places can be read".to_owned(),
        )),
    }
}
