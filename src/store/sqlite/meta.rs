//! What a database says of itself, in one row that every commit replaces: how many commits there were, how many
//! documents there are, and the sum of their checksums. A database from which anything is gone does not fit it.

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest, Sha256};

use super::acknowledged::Mark;
use super::row::Sum;

/// "wxop", so that `file(1)` and `sqlite3` can tell whose file it is.
pub(super) const APPLICATION: i64 = 0x7778_6f70;
/// The layout of the tables. A newer one is refused.
pub(super) const LAYOUT: i64 = 1;

/// The row about the database, and the one about its last restore or new key.
const ITSELF: i64 = 1;
const NOTE: i64 = 2;

/// The tables, word for word as they stand in the file: anything else is damage, or not ours.
pub(super) const TABLES: [(&str, &str); 2] = [
    (
        "documents",
        "CREATE TABLE documents (key TEXT PRIMARY KEY NOT NULL, revision BLOB NOT NULL, value BLOB NOT NULL, sum BLOB NOT NULL) WITHOUT ROWID",
    ),
    (
        "meta",
        "CREATE TABLE meta (id INTEGER PRIMARY KEY, incarnation INTEGER NOT NULL, commits INTEGER NOT NULL, documents INTEGER NOT NULL, total BLOB NOT NULL, sum BLOB NOT NULL)",
    ),
];

/// The one row of `meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Meta {
    /// The newest commit.
    pub mark: Mark,
    /// How many documents there are.
    pub documents: u64,
    /// The sum of their checksums, modulo 2¹²⁸: which documents, whatever the order they came in.
    pub total: Sum,
}

impl Meta {
    /// A document is there from now on.
    pub(super) fn add(&mut self, row: Sum) {
        self.documents = self.documents.wrapping_add(1);
        self.total = Sum(self.total.0.wrapping_add(row.0));
    }

    /// A document is gone from now on.
    pub(super) fn remove(&mut self, row: Sum) {
        self.documents = self.documents.wrapping_sub(1);
        self.total = Sum(self.total.0.wrapping_sub(row.0));
    }

    /// Reads the row; `None` where there is none, or one that was not written so.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        Self::read_row(connection, ITSELF)
    }

    /// Reads the row that tells of the last restore or new key: its incarnation, and as number of commits which of them
    /// it was. An older wxops does not look at it.
    pub(super) fn read_note(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        Self::read_row(connection, NOTE)
    }

    fn read_row(connection: &Connection, id: i64) -> rusqlite::Result<Option<Self>> {
        let mut statement = connection.prepare_cached(
            "SELECT incarnation, commits, documents, total, sum FROM meta WHERE id = ?1",
        )?;
        let row = statement.query_row([id], |row| {
            let number = |at: usize| row.get::<_, i64>(at).map(i64::cast_unsigned);
            let meta = Self {
                mark: Mark {
                    incarnation: number(0)?,
                    commits: number(1)?,
                },
                documents: number(2)?,
                total: Sum::from_bytes(row.get_ref(3)?.as_bytes()?).unwrap_or_default(),
            };
            Ok((meta, Sum::from_bytes(row.get_ref(4)?.as_bytes()?)))
        });
        let row = row.optional()?;
        Ok(row.and_then(|(meta, sum)| (sum == Some(meta.sum())).then_some(meta)))
    }

    /// Writes the row, within the transaction of the commit it tells of.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.write_row(connection, ITSELF)
    }

    /// Writes what [`Meta::read_note`] reads.
    pub(super) fn write_note(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.write_row(connection, NOTE)
    }

    fn write_row(&self, connection: &Connection, id: i64) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(
            "INSERT OR REPLACE INTO meta (id, incarnation, commits, documents, total, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        statement.execute(params![
            id,
            self.mark.incarnation.cast_signed(),
            self.mark.commits.cast_signed(),
            self.documents.cast_signed(),
            self.total.to_bytes(),
            self.sum().to_bytes(),
        ])?;
        Ok(())
    }

    fn sum(&self) -> Sum {
        let Self {
            mark,
            documents,
            total,
        } = self;
        let digest = Sha256::new()
            .chain_update(mark.incarnation.to_be_bytes())
            .chain_update(mark.commits.to_be_bytes())
            .chain_update(documents.to_be_bytes())
            .chain_update(total.to_bytes())
            .finalize();
        Sum::from_bytes(digest.get(..16).unwrap_or_default()).unwrap_or_default()
    }
}
