//! Backups: all documents of a store in one SQLite file of their own.
//!
//! A backup is copied row by row within one read of each database, so it is one state of it while others write on, and
//! every row is verified on the way. It has the same checksums as a store.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::error::StoreError;
use super::connect::{Access, LogPages, connect};
use super::database::Database;
use super::exchange::{Part, same_incarnation};
use super::files::Files;
use super::folder::{Folder, io_error};
use super::meta::{LAYOUT, Meta};
use super::verify::{damaged, failed, rows_of};
use super::{Ended, HISTORY_FILE, Settings, Sqlite};

/// "wxob": a backup is no store that something could be written into by mistake.
pub(super) const BACKUP: i64 = 0x7778_6f62;
/// Whose tables a backup has, each as `documents` of a database.
pub(super) const PARTS: [Part; 2] = [Part::Documents, Part::History];

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// Documents without the history.
    pub documents: u64,
    /// Entries of the history.
    pub history: u64,
}

/// Copies a store into a new file, while others use it. Blocks.
///
/// # Errors
/// [`StoreError::Refused`] where the file is there already or the store is not; [`StoreError::Damaged`].
pub fn backup(store: &Path, to: &Path) -> Result<Copied, StoreError> {
    if to.symlink_metadata().is_ok() {
        return Err(StoreError::Refused {
            path: to.to_owned(),
            why: "it is there already; name a new file".to_owned(),
        });
    }
    // It is opened first: a store that is not whole is not copied over a good backup's head.
    let opened = Sqlite::open(store, Settings::existing())?;
    let folder = opened.folder();
    let part = beside(to);
    let made = write_backup(&folder, &part).and_then(|copied| {
        fs::rename(&part, to).map_err(io_error(to))?;
        sync_folder_of(to)?;
        Ok(copied)
    });
    if made.is_err() {
        // What is half a copy is nothing; that it cannot be removed is less than why it failed.
        let _ = fs::remove_file(&part);
    }
    made
}

fn write_backup(folder: &Folder, part: &Path) -> Result<Copied, StoreError> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part);
    drop(made.map_err(io_error(part))?);
    let target = connect(part, Access::Write).map_err(|error| failed(part, &error))?;
    let mut copied = [0; 2];
    let write = |error: rusqlite::Error| failed(part, &error);
    target.execute_batch("BEGIN EXCLUSIVE").map_err(write)?;
    target
        .pragma_update(None, "application_id", BACKUP)
        .and_then(|()| target.pragma_update(None, "user_version", LAYOUT))
        .map_err(write)?;
    for (source, count) in sources(folder)?.iter().zip(&mut copied) {
        *count = source.copy_into(&target, part)?;
    }
    target.execute_batch("COMMIT").map_err(write)?;
    let [documents, history] = copied;
    Ok(Copied { documents, history })
}

/// Begins one read of each database, both of the same incarnation: a restore or a new key that came in between would
/// leave a backup that no key opens.
pub(super) fn sources(folder: &Folder) -> Result<[Source; 2], StoreError> {
    // An exchange has this lock until both databases are changed.
    let _alone = folder.lock()?;
    let documents = Source::begin(folder, Part::Documents)?;
    let history = Source::begin(folder, Part::History)?;
    let note = Meta::read_note(&history.connection).unwrap_or_default();
    let marks = [documents.meta.mark, history.meta.mark];
    same_incarnation(&history.files, marks, note)?;
    Ok([documents, history])
}

/// A database within the read that is copied.
pub(super) struct Source {
    part: Part,
    files: Files,
    connection: Connection,
    meta: Meta,
}

impl Source {
    fn begin(folder: &Folder, part: Part) -> Result<Self, StoreError> {
        let files = Files::of(folder, part.name());
        let path = files.database();
        let read = |error: rusqlite::Error| failed(path, &error);
        let connection = connect(path, folder.to_read()).map_err(read)?;
        connection.execute_batch("BEGIN").map_err(read)?;
        let meta = Meta::read(&connection).map_err(read)?;
        let meta = meta
            .ok_or_else(|| damaged(path, "its own record of itself cannot be read".to_owned()))?;
        Ok(Self {
            part,
            connection,
            meta,
            files,
        })
    }

    fn copy_into(&self, target: &Connection, part: &Path) -> Result<u64, StoreError> {
        let path = self.files.database();
        let table = self.part.name();
        let read = |error: rusqlite::Error| failed(path, &error);
        let write = |error: rusqlite::Error| failed(part, &error);
        target
            .execute_batch(&format!(
                "CREATE TABLE {table} (key TEXT PRIMARY KEY NOT NULL, revision BLOB NOT NULL, value BLOB NOT NULL, sum BLOB NOT NULL) WITHOUT ROWID;
                 CREATE TABLE {table}_meta (documents INTEGER NOT NULL, total BLOB NOT NULL);"
            ))
            .map_err(write)?;
        let mut insert = target
            .prepare(&format!(
                "INSERT INTO {table} (key, revision, value, sum) VALUES (?1, ?2, ?3, ?4)"
            ))
            .map_err(write)?;
        let mut wrong = None;
        let seen = rows_of(
            &self.connection,
            "documents",
            |key, revision, value, sum| {
                if let Err(error) = insert.execute((key, revision, value, sum.to_bytes())) {
                    wrong.get_or_insert(error);
                }
            },
        )
        .map_err(read)?;
        if let Some(error) = wrong {
            return Err(write(error));
        }
        let seen = seen.map_err(|why| damaged(path, why))?;
        if (seen.documents, seen.total) != (self.meta.documents, self.meta.total) {
            return Err(damaged(path, "documents are missing".to_owned()));
        }
        target
            .execute(
                &format!("INSERT INTO {table}_meta (documents, total) VALUES (?1, ?2)"),
                (seen.documents.cast_signed(), seen.total.to_bytes()),
            )
            .map_err(write)?;
        Ok(seen.documents)
    }
}

/// A name for a file that is not finished, in the same folder.
fn beside(to: &Path) -> PathBuf {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    to.with_file_name(format!(".{name}.{:08x}", rand::random::<u32>()))
}

fn sync_folder_of(file: &Path) -> Result<(), StoreError> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        // Some file systems cannot sync a folder; the file itself is on the disk.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced.map_err(io_error(folder)),
    }
}

/// Looks at everything in a store, the history too. Blocks.
///
/// # Errors
/// [`StoreError::Damaged`] for what is not as it was written.
pub fn look_through(store: &Path) -> Result<(Copied, u64), StoreError> {
    let opened: Sqlite = Sqlite::open(store, Settings::existing())?;
    let folder = opened.folder();
    let files = Files::of(&folder, HISTORY_FILE);
    let history = Database::open(&files, folder.to_read(), LogPages::USUAL, Ended::default())?;
    let holds = Copied {
        documents: opened.documents.found.documents,
        history: history.found.documents,
    };
    Ok((holds, opened.documents.found.mark.commits))
}
