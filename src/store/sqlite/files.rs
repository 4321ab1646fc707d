//! The two files of a database, whether they are there, and how they are made.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::error::StoreError;
use super::acknowledged::{Acknowledged, Known, Mark};
use super::connect::{Access, LogPages, connect, settle};
use super::folder::{Folder, io_error};
use super::meta::{APPLICATION, LAYOUT, Meta, TABLES};
use super::verify::{damaged, failed};

/// The first incarnation, and its first commit: the tables.
pub(super) const FIRST: Mark = Mark {
    incarnation: 1,
    commits: 1,
};

/// The files of one database of a folder.
#[derive(Debug, Clone)]
pub(super) struct Files {
    database: PathBuf,
    acknowledged: PathBuf,
}

/// Whether a database was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It was not, or a crash came in between: nothing is lost if it is made now.
    New,
    /// It was.
    Made,
}

impl Files {
    /// The files of the database with this name.
    pub(super) fn of(folder: &Folder, name: &str) -> Self {
        Self {
            database: folder.file(&format!("{name}.db")),
            acknowledged: folder.file(&format!("{name}.ack")),
        }
    }

    /// SQLite's file. Only SQLite opens it: closing a file drops every lock that the process has on it.
    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// The file with the newest acknowledged commit.
    pub(super) fn acknowledged(&self) -> &Path {
        &self.acknowledged
    }

    /// Whether the database was made; refused where only a part of it is left.
    pub(super) fn state(&self) -> Result<State, StoreError> {
        let size = size(&self.database)?;
        let Some(ack) = size_of_existing(&self.acknowledged)? else {
            return match size {
                0 => Ok(State::New),
                _ => Err(damaged(
                    &self.acknowledged,
                    "it is missing, and the database beside it is not".to_owned(),
                )),
            };
        };
        if ack == 0 {
            return match size {
                0 => Ok(State::New),
                _ => Err(damaged(&self.acknowledged, "it is empty".to_owned())),
            };
        }
        let acknowledged =
            Acknowledged::open_to_read(&self.acknowledged).map_err(io_error(&self.acknowledged))?;
        let known = acknowledged.read().map_err(io_error(&self.acknowledged))?;
        match (known, size) {
            (Known::Newest(mark), 0) if mark.commits > 0 => Err(damaged(
                &self.database,
                format!(
                    "it is missing or empty, and it had {} commits",
                    mark.commits
                ),
            )),
            (Known::Newest(mark), _) if mark.commits == 0 => Ok(State::New),
            (Known::Newest(_) | Known::Damaged, _) => Ok(State::Made),
            (Known::Blank, _) => Ok(State::New),
        }
    }

    /// Takes from others what they may do with these files, and with what SQLite puts beside them: a copy, or somebody's
    /// hand, may have left them open.
    pub(super) fn keep_private(&self, folder: &Folder) -> Result<(), StoreError> {
        folder.keep_private(&self.acknowledged)?;
        for beside in ["", "-wal", "-shm"] {
            let mut path = self.database.as_os_str().to_owned();
            path.push(beside);
            folder.keep_private(Path::new(&path))?;
        }
        Ok(())
    }

    /// Makes the database, or what a crash left out of it. The caller keeps other processes out.
    pub(super) fn make(&self, folder: &Folder, log: LogPages) -> Result<(), StoreError> {
        let ack = |error| io_error(&self.acknowledged)(error);
        let acknowledged = Acknowledged::open_or_make(&self.acknowledged).map_err(ack)?;
        folder.keep_file(&self.acknowledged)?;
        let begun = Mark {
            commits: 0,
            ..FIRST
        };
        acknowledged.raise(begun).map_err(ack)?;
        self.make_private(folder)?;
        folder.sync()?;
        let connection = connect(&self.database, Access::Write)
            .and_then(|connection| {
                settle(&connection, log)?;
                make_tables(&connection)?;
                Ok(connection)
            })
            .map_err(|error| failed(&self.database, &error))?;
        folder.sync()?;
        acknowledged.raise(FIRST).map_err(ack)?;
        drop(connection);
        Ok(())
    }

    /// An empty file that nobody else may read, before SQLite writes anything into it. What SQLite puts beside it gets
    /// its rights and its owner.
    fn make_private(&self, folder: &Folder) -> Result<(), StoreError> {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.database);
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(io_error(&self.database)(error));
            }
            Ok(_) | Err(_) => {}
        }
        folder.keep_file(&self.database)
    }
}

fn make_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let made: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if made == 0 {
        connection.pragma_update(None, "application_id", APPLICATION)?;
        connection.pragma_update(None, "user_version", LAYOUT)?;
        for (_, sql) in TABLES {
            connection.execute_batch(sql)?;
        }
        let meta = Meta {
            mark: FIRST,
            ..Meta::default()
        };
        meta.write(connection)?;
    }
    connection.execute_batch("COMMIT")
}

fn size(path: &Path) -> Result<u64, StoreError> {
    Ok(size_of_existing(path)?.unwrap_or_default())
}

fn size_of_existing(path: &Path) -> Result<Option<u64>, StoreError> {
    match path.metadata() {
        Ok(found) => Ok(Some(found.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error(path)(error)),
    }
}
