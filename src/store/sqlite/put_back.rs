//! A backup that is put in place of what a store holds, and the documents of a store under another key: both are an
//! exchange (`exchange.rs`), which raises the store's incarnation. Whoever had it open may not write into it any more.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::error::{Exchange, StoreError};
use super::super::key::Key;
use super::connect::{Access, LogPages, connect};
use super::copies::{BACKUP, Copied, PARTS, look_through};
use super::exchange::{Part, exchange, untouched};
use super::files::Files;
use super::folder::{Folder, io_error};
use super::meta::{LAYOUT, Meta};
use super::row::{REVISION_BYTES, Sum};
use super::verify::{damaged, failed, rows_of};
use super::writer::put;

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
        for (part, count) in PARTS.iter().zip(&mut counts) {
            let table = part.name();
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
        caution: impl FnMut(&Key, &[u8]) -> Result<Option<Vec<u8>>, StoreError>,
        added: &(Key, Vec<u8>),
    ) -> Result<Before, StoreError> {
        // Both databases and what was acknowledged of both: either's damage is a reason to put a backup back.
        let looked = look_through(store);
        let folder = Folder::make(store).map_err(untouched)?;
        match looked {
            Ok(_) | Err(StoreError::Unfinished { .. }) => {
                self.fill(&folder, caution, added)?;
                Ok(Before::Whole)
            }
            Err(StoreError::Missing { .. }) => {
                let blank = self.build(&folder, caution, added)?;
                remove_blank(&blank);
                Ok(Before::Nothing)
            }
            Err(StoreError::Damaged { .. }) => {
                let damaged = self.build(&folder, caution, added)?;
                Ok(Before::Damaged(move_aside(&folder, &damaged)?))
            }
            Err(other) => Err(untouched(other)),
        }
    }

    /// Makes a store beside the one that is there, puts everything into it, and only then has the two change places: a
    /// store that was new and empty for a moment would be taken for one in which nothing was ever done. Gives where
    /// what was there is now.
    fn build(
        &self,
        folder: &Folder,
        caution: impl FnMut(&Key, &[u8]) -> Result<Option<Vec<u8>>, StoreError>,
        added: &(Key, Vec<u8>),
    ) -> Result<PathBuf, StoreError> {
        let _alone = folder.lock()?;
        let name = format!("restoring-{:08x}", rand::random::<u32>());
        let new = folder.beside(&name).map_err(untouched)?;
        let made = PARTS
            .iter()
            .try_for_each(|part| Files::of(&new, part.name()).make(&new, LogPages::USUAL))
            .map_err(untouched);
        let built = made
            .and_then(|()| self.fill(&new, caution, added))
            .and_then(|()| new.change_places(folder).map_err(untouched));
        match built {
            Ok(()) => Ok(new.path().to_owned()),
            Err(error) => {
                // It holds nothing but what the backup holds.
                let _ = fs::remove_dir_all(new.path());
                Err(error)
            }
        }
    }

    fn fill(
        &self,
        folder: &Folder,
        mut caution: impl FnMut(&Key, &[u8]) -> Result<Option<Vec<u8>>, StoreError>,
        added: &(Key, Vec<u8>),
    ) -> Result<(), StoreError> {
        exchange(folder, Exchange::Restore, |part, target| {
            let mut filled = Filled::begin(target, Files::of(folder, part.name()))?;
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
        })
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

/// Rewrites every document of a store that is whole, or in which this was cut off. `seal` gets a document's name and
/// bytes and gives its new bytes. Blocks.
///
/// # Errors
/// What `seal` says, [`StoreError::Unavailable`]: nothing was changed then. [`StoreError::Unfinished`].
pub fn reseal(
    store: &Path,
    mut seal: impl FnMut(&Key, &[u8]) -> Result<Vec<u8>, StoreError>,
) -> Result<Copied, StoreError> {
    let folder = Folder::make(store)?;
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

/// Removes a folder of databases in which nothing was ever written. What is in it and not ours stays, and so does it.
fn remove_blank(folder: &Path) {
    for part in PARTS {
        for ending in ["db", "db-wal", "db-shm", "ack"] {
            let _ = fs::remove_file(folder.join(format!("{}.{ending}", part.name())));
        }
    }
    let _ = fs::remove_dir(folder);
}

/// Gives a damaged store, which is out of the way already, a name that says what it is.
fn move_aside(folder: &Folder, damaged: &Path) -> Result<PathBuf, StoreError> {
    let aside = (1..1000)
        .map(|n| folder.path().with_file_name(format!("damaged-{n}")))
        .find(|aside| aside.symlink_metadata().is_err());
    // That a thousand of them lie there is no reason to fail behind what is done.
    let Some(aside) = aside else {
        return Ok(damaged.to_owned());
    };
    fs::rename(damaged, &aside).map_err(io_error(damaged))?;
    Ok(aside)
}
