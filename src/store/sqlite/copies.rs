//! Backups: all documents of a store in one SQLite file of their own, and back.
//!
//! A backup is copied row by row within one read of each database, so it is one state of it while others write on, and
//! every row is verified on the way. It has the same checksums as a store. Putting it back and changing the key are an
//! exchange (`exchange.rs`), which raises the store's incarnation: whoever had it open may not write into it any more.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::error::StoreError;
use super::super::key::Key;
use super::connect::{Access, LogPages, connect};
use super::database::{Database, failed};
use super::exchange::{Exchange, Part, exchange};
use super::files::Files;
use super::folder::{Folder, io_error};
use super::meta::{LAYOUT, Meta};
use super::row::{REVISION_BYTES, Sum};
use super::verify::{damaged, rows_of};
use super::writer::put;
use super::{DOCUMENTS_FILE, Ended, HISTORY_FILE, Settings, Sqlite};

/// "wxob": a backup is no store that something could be written into by mistake.
const BACKUP: i64 = 0x7778_6f62;
/// The tables of a backup, each as `documents` of a database.
const PARTS: [(&str, &str); 2] = [("documents", DOCUMENTS_FILE), ("history", HISTORY_FILE)];

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// Documents without the history.
    pub documents: u64,
    /// Entries of the history.
    pub history: u64,
}

/// What stands in the place of a store's folder before a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// A whole store: it is replaced, and who had it open must start again.
    Whole,
    /// Nothing.
    Nothing,
    /// A damaged one, which was moved aside to this folder.
    Damaged(PathBuf),
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
    for ((table, file), count) in PARTS.iter().zip(&mut copied) {
        let files = Files::of(folder, file);
        let source = connect(files.database(), Access::Read)
            .map_err(|error| failed(files.database(), &error))?;
        *count = copy_into(&source, files.database(), &target, part, table)?;
    }
    target.execute_batch("COMMIT").map_err(write)?;
    let [documents, history] = copied;
    Ok(Copied { documents, history })
}

fn copy_into(
    source: &Connection,
    path: &Path,
    target: &Connection,
    part: &Path,
    table: &str,
) -> Result<u64, StoreError> {
    let read = |error: rusqlite::Error| failed(path, &error);
    let write = |error: rusqlite::Error| failed(part, &error);
    target
        .execute_batch(&format!(
            "CREATE TABLE {table} (key TEXT PRIMARY KEY NOT NULL, revision BLOB NOT NULL, value BLOB NOT NULL, sum BLOB NOT NULL) WITHOUT ROWID;
             CREATE TABLE {table}_meta (documents INTEGER NOT NULL, total BLOB NOT NULL);"
        ))
        .map_err(write)?;
    source.execute_batch("BEGIN").map_err(read)?;
    let mut insert = target
        .prepare(&format!(
            "INSERT INTO {table} (key, revision, value, sum) VALUES (?1, ?2, ?3, ?4)"
        ))
        .map_err(write)?;
    let mut wrong = None;
    let seen = rows_of(source, "documents", |key, revision, value, sum| {
        if let Err(error) = insert.execute((key, revision, value, sum.to_bytes())) {
            wrong.get_or_insert(error);
        }
    })
    .map_err(read)?;
    if let Some(error) = wrong {
        return Err(write(error));
    }
    let meta = Meta::read(source).map_err(read)?;
    let seen = seen.map_err(|why| damaged(path, why))?;
    if meta.map(|meta| (meta.documents, meta.total)) != Some((seen.documents, seen.total)) {
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

/// A backup that was looked at and is whole.
pub struct Backup {
    connection: Connection,
    path: PathBuf,
    /// What it holds.
    pub holds: Copied,
}

impl Backup {
    /// Opens a backup and looks at everything in it. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for another file, or one that is not whole.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::whole(path).map_err(|error| {
            let StoreError::Damaged { path, why } = error else {
                return error;
            };
            // What is said of a damaged store would send people away from the one they have.
            let why = format!(
                "it is not a backup, or not a whole one ({why}). The store was not touched; name another backup"
            );
            StoreError::Refused { path, why }
        })
    }

    fn whole(path: &Path) -> Result<Self, StoreError> {
        let failed = |error: rusqlite::Error| failed(path, &error);
        // SQLite would make a file that is not there only to find it empty.
        path.metadata().map_err(io_error(path))?;
        let connection = connect(path, Access::Read).map_err(failed)?;
        let number =
            |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        if number("application_id").map_err(failed)? != BACKUP {
            return Err(StoreError::Refused {
                path: path.to_owned(),
                why: "it is no backup that `wxops store backup` made".to_owned(),
            });
        }
        if number("user_version").map_err(failed)? > LAYOUT {
            return Err(StoreError::Refused {
                path: path.to_owned(),
                why: "a newer wxops made it; update wxops".to_owned(),
            });
        }
        let mut counts = [0; 2];
        for ((table, _), count) in PARTS.iter().zip(&mut counts) {
            let seen = rows_of(&connection, table, |_, _, _, _| {}).map_err(failed)?;
            let seen = seen.map_err(|why| damaged(path, why))?;
            let noted: (i64, [u8; 16]) = connection
                .query_row(
                    &format!("SELECT documents, total FROM {table}_meta"),
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .map_err(failed)?;
            if noted != (seen.documents.cast_signed(), seen.total.to_bytes()) {
                return Err(damaged(path, "documents are missing".to_owned()));
            }
            *count = seen.documents;
        }
        let [documents, history] = counts;
        Ok(Self {
            connection,
            path: path.to_owned(),
            holds: Copied { documents, history },
        })
    }

    /// The bytes of one document.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub fn document(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        use rusqlite::OptionalExtension as _;
        self.connection
            .query_row(
                "SELECT value FROM documents WHERE key = ?1",
                [key.as_str()],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| failed(&self.path, &error))
    }

    /// Puts everything in place of what a store holds. A damaged store is moved aside first. `caution` gets each document's
    /// name and bytes and gives the bytes that are put back, or nothing; `added` comes on top. All of that is one
    /// commit: a backup that stood there without its caution for a moment would be believed. Blocks.
    ///
    /// # Errors
    /// What `caution` says, [`StoreError::Refused`], [`StoreError::Io`], [`StoreError::Unavailable`]: nothing was changed
    /// then. [`StoreError::Unfinished`].
    pub fn restore(
        &self,
        store: &Path,
        mut caution: impl FnMut(&Key, &[u8]) -> Result<Option<Vec<u8>>, StoreError>,
        added: &(Key, Vec<u8>),
    ) -> Result<Before, StoreError> {
        let before = match Sqlite::open(store, Settings::existing()) {
            Ok(_) | Err(StoreError::Unfinished { .. }) => Before::Whole,
            Err(StoreError::Missing { .. }) => Before::Nothing,
            Err(StoreError::Damaged { .. }) => Before::Damaged(move_aside(store)?),
            Err(other) => return Err(other),
        };
        if before != Before::Whole {
            Sqlite::open(store, Settings::default())?;
        }
        let folder = Folder::make(store)?;
        exchange(&folder, Exchange::Restore, |part, target| {
            let mut filled = Filled::begin(target, Files::of(&folder, part.name()))?;
            let mut wrong = None;
            let mut put_back = |key: &str, revision: &[u8], value: &[u8]| {
                let parsed = parsed(key)?;
                match caution(&parsed, value)? {
                    Some(changed) if changed == value => filled.put(key, revision, value),
                    Some(changed) => filled.put_new(key, &changed),
                    None => Ok(()),
                }
            };
            rows_of(&self.connection, part.name(), |key, revision, value, _| {
                if wrong.is_none() {
                    wrong = put_back(key, revision, value).err();
                }
            })
            .map_err(|error| failed(&self.path, &error))?
            .map_err(|why| damaged(&self.path, why))?;
            if let Some(error) = wrong {
                return Err(error);
            }
            if part == Part::Documents {
                let (key, value) = added;
                filled.put_new(key.as_str(), value)?;
            }
            Ok(filled.holds)
        })?;
        Ok(before)
    }
}

/// A database whose documents are written anew, within its transaction.
struct Filled<'a> {
    target: &'a Connection,
    files: Files,
    holds: Meta,
}

impl<'a> Filled<'a> {
    fn begin(target: &'a Connection, files: Files) -> Result<Self, StoreError> {
        let emptied = target.execute("DELETE FROM documents", []);
        emptied.map_err(|error| failed(files.database(), &error))?;
        Ok(Self {
            target,
            files,
            holds: Meta::default(),
        })
    }

    fn put(&mut self, key: &str, revision: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let sum = Sum::of(key, revision, value);
        put(self.target, key, revision, value, sum)
            .map_err(|error| failed(self.files.database(), &error))?;
        self.holds.add(sum);
        Ok(())
    }

    fn put_new(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        let revision: [u8; REVISION_BYTES] = rand::random();
        self.put(key, &revision, value)
    }
}

/// The name of a document, which only a newer wxops can have made otherwise.
fn parsed(key: &str) -> Result<Key, StoreError> {
    Key::parse(key).map_err(|error| StoreError::Unavailable {
        why: format!("{error}; update wxops"),
    })
}

/// Rewrites every document of a whole store, or of one in which this was cut off. `seal` gets a document's name and
/// bytes and gives its new bytes. Blocks.
///
/// # Errors
/// What `seal` says, [`StoreError::Unavailable`]: nothing was changed then. [`StoreError::Unfinished`].
pub fn reseal(
    store: &Path,
    mut seal: impl FnMut(&Key, &[u8]) -> Result<Vec<u8>, StoreError>,
) -> Result<Copied, StoreError> {
    let folder = Sqlite::open(store, Settings::existing())?.folder();
    let mut copied = Copied::default();
    exchange(&folder, Exchange::Rekey, |part, target| {
        let files = Files::of(&folder, part.name());
        let sqlite = |error: rusqlite::Error| failed(files.database(), &error);
        let mut holds = Meta::default();
        for key in keys(target).map_err(sqlite)? {
            let value: Vec<u8> = target
                .query_row(
                    "SELECT value FROM documents WHERE key = ?1",
                    [key.as_str()],
                    |row| row.get(0),
                )
                .map_err(sqlite)?;
            let value = seal(&parsed(&key)?, &value)?;
            let revision: [u8; REVISION_BYTES] = rand::random();
            let sum = Sum::of(&key, &revision, &value);
            put(target, &key, &revision, &value, sum).map_err(sqlite)?;
            holds.add(sum);
        }
        match part {
            Part::Documents => copied.documents = holds.documents,
            Part::History => copied.history = holds.documents,
        }
        Ok(holds)
    })?;
    Ok(copied)
}

fn keys(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT key FROM documents ORDER BY key")?;
    let texts = statement.query_map([], |row| row.get(0))?;
    texts.collect()
}

/// Moves the databases of a damaged store out of the way, without a loss.
fn move_aside(store: &Path) -> Result<PathBuf, StoreError> {
    let there = Folder::make(store)?.path().to_owned();
    let aside = (1..1000)
        .map(|n| there.with_file_name(format!("damaged-{n}")))
        .find(|aside| aside.symlink_metadata().is_err());
    let aside = aside.ok_or_else(|| StoreError::Refused {
        path: there.clone(),
        why: "a thousand damaged stores lie beside it; remove them".to_owned(),
    })?;
    fs::rename(&there, &aside).map_err(io_error(&there))?;
    Ok(aside)
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
    let files = Files::of(&opened.folder(), HISTORY_FILE);
    let history = Database::open(&files, Access::Copy, LogPages::USUAL, Ended::default())?;
    let holds = Copied {
        documents: opened.documents.found.documents,
        history: history.found.documents,
    };
    Ok((holds, opened.documents.found.mark.commits))
}
