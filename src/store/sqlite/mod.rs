//! The embedded backend: SQLite, in a folder of this machine, which several processes open at once.
//!
//! ```text
//!   <store>/db/documents.db    what is read in full, and verified, whenever the store is opened
//!   <store>/db/documents.ack   the newest commit of it that was acknowledged
//!   <store>/db/history.db      the history of changes: verified when it is first read
//!   <store>/db/history.ack
//! ```
//!
//! What is acknowledged is on the disk and is found again, or the store is refused: see `writer.rs` and `verify.rs`.

mod acknowledged;
mod connect;
mod copies;
mod database;
mod ended;
mod exchange;
mod files;
mod folder;
mod meta;
mod put_back;
mod row;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use futures::future::{BoxFuture, FutureExt};
use tokio::sync::Mutex;

use super::backend::{Backend, BackendError, Document, Expected, PAGE_KEYS, Page, Revision};
use super::error::StoreError;
use super::key::Key;
use connect::{Access, LogPages};
pub use copies::{Copied, backup, look_through};
use database::Database;
pub use ended::Ended;
use files::{Files, State};
use folder::Folder;
pub use put_back::{Backup, Before, reseal};
use row::{HISTORY, is_history};

const DOCUMENTS_FILE: &str = "documents";
const HISTORY_FILE: &str = "history";

/// How a store is opened. Tests open it otherwise than usual.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    log: LogPages,
    /// Whether a store is made where there is none.
    make: bool,
}

/// The documents of one folder.
pub struct Sqlite {
    documents: Database,
    history: Late,
    ended: Ended,
    is_new: bool,
    folder: Folder,
}

/// The history's database, opened when it is first needed.
struct Late {
    files: Files,
    access: Access,
    settings: Settings,
    ended: Ended,
    /// The documents' incarnation: a history of another one is not written beside them.
    incarnation: u64,
    opened: OnceLock<Arc<Database>>,
    opening: Mutex<()>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            log: LogPages::USUAL,
            make: true,
        }
    }
}

impl Settings {
    /// Has the log written back after so many pages of 4 KiB.
    #[must_use]
    pub fn log_pages(pages: u32) -> Self {
        Self {
            log: LogPages(pages),
            ..Self::default()
        }
    }

    /// Refuses a folder without a store.
    #[must_use]
    pub fn existing() -> Self {
        Self {
            make: false,
            ..Self::default()
        }
    }
}

impl Sqlite {
    /// Opens the store of a folder, if it is whole, or makes one. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for one that is not whole, [`StoreError::Missing`] where none may be made, [`StoreError::Refused`] for a folder or a layout that cannot be
    /// used, [`StoreError::Unfinished`], [`StoreError::Io`], [`StoreError::Unavailable`].
    pub fn open(path: &Path, settings: Settings) -> Result<Self, StoreError> {
        Self::open_told(path, settings, Ended::default())
    }

    /// As [`Sqlite::open`], with whom to tell when the store becomes another one.
    pub(super) fn open_told(
        path: &Path,
        settings: Settings,
        ended: Ended,
    ) -> Result<Self, StoreError> {
        if !settings.make && !path.is_dir() {
            return Err(missing(path));
        }
        let folder = Folder::make(path)?;
        let (access, settings) = if folder.is_read_only() {
            let make = false;
            (Access::Copy, Settings { make, ..settings })
        } else {
            (Access::Write, settings)
        };
        let files = Files::of(&folder, DOCUMENTS_FILE);
        let history = Files::of(&folder, HISTORY_FILE);
        let is_new = prepare(&folder, &files, &history, settings)?;
        let documents = Database::open(&files, access, settings.log, ended.clone())?;
        Ok(Self {
            history: Late {
                files: history,
                access,
                settings,
                ended: ended.clone(),
                incarnation: documents.found.mark.incarnation,
                opened: OnceLock::new(),
                opening: Mutex::default(),
            },
            documents,
            ended,
            is_new,
            folder,
        })
    }

    /// Where its files are.
    fn folder(&self) -> Folder {
        self.folder.clone()
    }

    /// Whether there was nothing before.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Whether nothing can be written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.folder.is_read_only()
    }

    /// Tells when the store is another one than the one that was opened.
    #[must_use]
    pub fn ended(&self) -> Ended {
        self.ended.clone()
    }
}

/// Makes what is not there yet. Refused where a part of a store is left. Gives whether everything was new.
fn prepare(
    folder: &Folder,
    documents: &Files,
    history: &Files,
    settings: Settings,
) -> Result<bool, StoreError> {
    // Two processes that make the same store do so one after the other.
    let _alone = folder.lock()?;
    let (state, of_history) = (documents.state()?, history.state()?);
    match (state, of_history) {
        (State::Made, State::Made) => {
            documents.keep_private(folder)?;
            history.keep_private(folder)?;
            exchange::finished(folder)?;
            return Ok(false);
        }
        (State::Made, State::New) => {
            return Err(verify::damaged(
                history.database(),
                "it is missing, and the documents beside it are not".to_owned(),
            ));
        }
        (State::New, State::New) if !settings.make => return Err(missing(folder.path())),
        (State::New, State::New) => history.make(folder, settings.log)?,
        // A crash came in between, unless something was ever done in it.
        (State::New, State::Made) => {
            let made = Database::open(history, folder.to_read(), settings.log, Ended::default())?;
            if made.found.documents > 0 || made.found.mark != files::FIRST {
                return Err(verify::damaged(
                    documents.database(),
                    "it is missing, and the history beside it is not".to_owned(),
                ));
            }
            if !settings.make {
                return Err(missing(folder.path()));
            }
        }
    }
    documents.make(folder, settings.log)?;
    Ok(true)
}

fn missing(path: &Path) -> StoreError {
    StoreError::Missing {
        path: path.to_owned(),
    }
}

impl Late {
    async fn get(&self) -> Result<Arc<Database>, BackendError> {
        if let Some(opened) = self.opened.get() {
            return Ok(Arc::clone(opened));
        }
        let _one_at_a_time = self.opening.lock().await;
        if let Some(opened) = self.opened.get() {
            return Ok(Arc::clone(opened));
        }
        let (files, access, log) = (self.files.clone(), self.access, self.settings.log);
        let ended = self.ended.clone();
        let opening = move || Database::open(&files, access, log, ended);
        let opened = tokio::task::spawn_blocking(opening)
            .await
            .map_err(|error| BackendError::Unavailable(error.to_string()))?
            .map_err(|error| {
                if matches!(
                    error,
                    StoreError::Damaged { .. } | StoreError::Refused { .. }
                ) {
                    BackendError::Damaged(error.to_string())
                } else {
                    BackendError::Unavailable(error.into_why())
                }
            })?;
        opened.is_of(self.incarnation)?;
        Ok(Arc::clone(self.opened.get_or_init(|| Arc::new(opened))))
    }
}

impl Backend for Sqlite {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        // On the spot: what is read is a page or two that are in memory mostly, and a thread of its own would cost more
        // than the read. A plan makes six of them for each tenant.
        async move {
            if is_history(key) {
                self.history.get().await?.get(key)
            } else {
                self.documents.get(key)
            }
        }
        .boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        async move {
            if is_history(key) {
                let history = self.history.get().await?;
                history.swap(key, expected, Some(value)).await
            } else {
                self.documents.swap(key, expected, Some(value)).await
            }
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        async move {
            let expected = Expected::At(revision);
            let removed = if is_history(key) {
                let history = self.history.get().await?;
                history.swap(key, expected, None).await
            } else {
                self.documents.swap(key, expected, None).await
            };
            removed.map(drop)
        }
        .boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        async move {
            if prefix.starts_with(HISTORY) {
                return self.history.get().await?.list(prefix, after);
            }
            let documents = self.documents.list(prefix, after)?;
            if !HISTORY.starts_with(prefix) {
                return Ok(documents);
            }
            let history = self.history.get().await?.list(prefix, after)?;
            Ok(merged(documents, history))
        }
        .boxed()
    }
}

/// The first page of two lists.
fn merged(one: Page, other: Page) -> Page {
    let mut keys = [one.keys, other.keys].concat();
    keys.sort();
    let more = one.more || other.more || keys.len() > PAGE_KEYS;
    keys.truncate(PAGE_KEYS);
    Page { keys, more }
}
