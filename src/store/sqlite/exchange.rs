//! Other documents in place of all that a store holds: a backup that is put back, and a new key.
//!
//! ```text
//!   both: BEGIN EXCLUSIVE · every row anew · log written ──► history: COMMIT ──► documents: COMMIT ──► acknowledged
//!         └──── an error, a kill: all is as it was ────┘└── incarnations differ ──┘
//! ```
//!
//! Two files have no commit in common. So everything that takes room is done in both before either commits, and both get
//! the same incarnation: where the history's is ahead of the documents', a process was cut off in between, and the store
//! is refused until the same is done again.

use rusqlite::Connection;

use super::super::error::{Exchange, StoreError};
use super::acknowledged::{Acknowledged, Mark};
use super::connect::{Access, LogPages, connect, said, settle};
use super::database::newest;
use super::files::Files;
use super::folder::{Folder, io_error};
use super::meta::Meta;
use super::verify::{damaged, failed, verify};
use super::{DOCUMENTS_FILE, HISTORY_FILE};

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Documents,
    History,
}

impl Part {
    /// The name of its files, and of its table in a backup.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Documents => DOCUMENTS_FILE,
            Self::History => HISTORY_FILE,
        }
    }
}

impl Exchange {
    const ALL: [Self; 2] = [Self::Restore, Self::Rekey];

    const fn number(self) -> u64 {
        match self {
            Self::Restore => 1,
            Self::Rekey => 2,
        }
    }
}

/// Writes everything in both databases anew. `fill` does it for one of them, within its transaction, and gives what is
/// in it then. Blocks.
pub(super) fn exchange(
    folder: &Folder,
    why: Exchange,
    mut fill: impl FnMut(Part, &Connection) -> Result<Meta, StoreError>,
) -> Result<(), StoreError> {
    folder.writable()?;
    // Who opens the store or copies it waits for the second commit.
    let _alone = folder.lock()?;
    let mut begun = || {
        let mut documents = Side::begin(folder, Part::Documents)?;
        let mut history = Side::begin(folder, Part::History)?;
        let incarnation = 1 + documents.last.incarnation.max(history.last.incarnation);
        for side in [&mut history, &mut documents] {
            let filled = fill(side.part, &side.connection)?;
            side.finish(filled, incarnation)?;
        }
        let note = Meta {
            mark: Mark {
                incarnation,
                commits: why.number(),
            },
            ..Meta::default()
        };
        history.run(|connection| note.write_note(connection))?;
        // What is left for the commits hardly needs room.
        history.run(Connection::cache_flush)?;
        documents.run(Connection::cache_flush)?;
        Ok((documents, history))
    };
    let (documents, history) = begun().map_err(untouched)?;
    let committed = history
        .commit()
        .and_then(|()| documents.commit())
        .map_err(|error| match finished(folder) {
            Err(StoreError::Unfinished { path, why, by }) => StoreError::Unfinished {
                path,
                why: format!("{why} ({})", error.into_why()),
                by,
            },
            Ok(()) | Err(_) => error,
        });
    match committed {
        Err(error @ StoreError::Unfinished { .. }) => return Err(error),
        Err(error) => return Err(untouched(error)),
        Ok(()) => {}
    }
    history.acknowledge()?;
    documents.acknowledge()
}

/// Refuses a store in which one was cut off between its two commits. The caller keeps others from being there now.
pub(super) fn finished(folder: &Folder) -> Result<(), StoreError> {
    let [documents, history] = [DOCUMENTS_FILE, HISTORY_FILE].map(|name| Files::of(folder, name));
    let peek = |files: &Files| {
        let connection = connect(files.database(), folder.to_read()).ok()?;
        let meta = Meta::read(&connection).ok()??;
        Some((meta.mark, Meta::read_note(&connection).ok().flatten()))
    };
    // What cannot be read is damage, and is said when it is opened.
    let (Some((of_documents, _)), Some((of_history, note))) = (peek(&documents), peek(&history))
    else {
        return Ok(());
    };
    let why = note.filter(|note| note.mark.incarnation == of_history.incarnation);
    same_incarnation(&history, [of_documents, of_history], why)
}

/// Refuses two databases, documents and history, that are not of the same restore or key.
pub(super) fn same_incarnation(
    history: &Files,
    marks: [Mark; 2],
    note: Option<Meta>,
) -> Result<(), StoreError> {
    let [documents, ahead] = marks.map(|mark| mark.incarnation);
    if documents == ahead {
        return Ok(());
    }
    let path = history.database();
    if documents > ahead {
        return Err(damaged(
            path,
            "it is from before the last restore or the last change of the key, and the documents beside it are not"
                .to_owned(),
        ));
    }
    let why = Exchange::ALL
        .into_iter()
        .find(|why| note.is_some_and(|note| note.mark.commits == why.number()));
    Err(StoreError::Unfinished {
        path: path.to_owned(),
        why: match why {
            Some(Exchange::Rekey) => {
                "a change of the store's key was cut off: the history is under the new key already, the documents are \
                 not. Run `wxops store rekey` again with the same two keys"
            }
            Some(Exchange::Restore) => {
                "a restore was cut off: the history is the backup's already, the documents are not. Run \
                 `wxops store restore FILE` again"
            }
            None => {
                "a restore or a change of the store's key was cut off: the history is the new one already, the documents \
                 are not. Run the same command again"
            }
        }
        .to_owned(),
        by: why,
    })
}

/// Says of an error that nothing came of it.
pub(super) fn untouched(error: StoreError) -> StoreError {
    if matches!(
        error,
        StoreError::Unavailable { .. } | StoreError::Io { .. }
    ) {
        StoreError::Unavailable {
            why: format!("{}. The store is as it was", error.into_why()),
        }
    } else {
        error
    }
}

/// One database within its exclusive transaction.
struct Side {
    part: Part,
    files: Files,
    connection: Connection,
    acknowledged: Acknowledged,
    /// Its last commit; that of this transaction from [`Side::finish`] on.
    last: Mark,
}

impl Side {
    fn begin(folder: &Folder, part: Part) -> Result<Self, StoreError> {
        let files = Files::of(folder, part.name());
        let path = files.database();
        let sqlite = |error: rusqlite::Error| failed(path, &error);
        let acknowledged = Acknowledged::open_or_make(files.acknowledged())
            .map_err(io_error(files.acknowledged()))?;
        let known = newest(&acknowledged)?;
        let connection = connect(path, Access::Write).map_err(sqlite)?;
        verify(&connection, path, known)?;
        settle(&connection, LogPages::USUAL).map_err(sqlite)?;
        connection
            .execute_batch("BEGIN EXCLUSIVE")
            .map_err(sqlite)?;
        let now = Meta::read(&connection).map_err(sqlite)?;
        let now =
            now.ok_or_else(|| damaged(path, "its own record of itself cannot be read".to_owned()))?;
        if now.mark < known {
            return Err(damaged(path, "commits are missing".to_owned()));
        }
        Ok(Self {
            part,
            connection,
            acknowledged,
            last: now.mark,
            files,
        })
    }

    fn run(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        work(&self.connection).map_err(|error| failed(self.files.database(), &error))
    }

    /// Writes what the database says of itself.
    fn finish(&mut self, filled: Meta, incarnation: u64) -> Result<(), StoreError> {
        self.last = Mark {
            incarnation,
            commits: self.last.commits + 1,
        };
        let meta = Meta {
            mark: self.last,
            ..filled
        };
        self.run(|connection| meta.write(connection))
    }

    fn commit(&self) -> Result<(), StoreError> {
        let committed = self.connection.execute_batch("COMMIT");
        committed.map_err(|error| {
            // Where even this fails, it is undone when the file is closed.
            let _ = self.connection.execute_batch("ROLLBACK");
            StoreError::Unavailable {
                why: said(self.files.database(), &error),
            }
        })
    }

    /// From here on the commit must be found again.
    fn acknowledge(&self) -> Result<(), StoreError> {
        let path = self.files.acknowledged();
        self.acknowledged
            .raise(self.last)
            .map_err(|error| StoreError::Unavailable {
                why: format!(
                    "everything is written, but `{}` cannot be: {error}. Run the same command again",
                    path.display()
                ),
            })
    }
}
