//! Whether a database is whole: looked at in full when it is opened, not when something happens to be missing.
//!
//! ```text
//!   a page, a cell, the list of free pages   SQLite's own check of the file's structure
//!   a bit of a document, of its name         the checksum of its row
//!   a row, a page, a branch of the tree      the count and the sum of all checksums in `meta`
//!   commits at the end of the log            the newest acknowledged commit, in a file of its own
//!   what a lookup would not find             names in ascending order, all of them
//! ```

use std::path::Path;

use rusqlite::Connection;

use super::super::error::StoreError;
use super::acknowledged::Mark;
use super::connect::{is_damage, said};
use super::meta::{APPLICATION, LAYOUT, Meta, TABLES};
use super::row::Sum;

/// Looks at everything in a database. Blocks, for about a tenth of a second per 20,000 documents.
pub(super) fn verify(
    connection: &Connection,
    path: &Path,
    acknowledged: Mark,
) -> Result<Meta, StoreError> {
    let looked = connection
        .execute_batch("BEGIN")
        .and_then(|()| look(connection));
    // It only read; that it cannot be ended says nothing about the file.
    let _ = connection.execute_batch("COMMIT");
    let meta = match looked {
        Ok(Found::Whole(meta)) => meta,
        Ok(Found::Newer(layout)) => {
            return Err(StoreError::Refused {
                path: path.to_owned(),
                why: format!(
                    "a newer wxops wrote it (layout {layout}, this one knows {LAYOUT}); update wxops"
                ),
            });
        }
        Ok(Found::Damaged(why)) => return Err(damaged(path, why)),
        Err(error) if is_damage(&error) => return Err(damaged(path, error.to_string())),
        Err(error) => {
            return Err(StoreError::Unavailable {
                why: said(path, &error),
            });
        }
    };
    if meta.mark < acknowledged {
        return Err(damaged(
            path,
            format!(
                "it ends at commit {} of {}, so what was acknowledged after that is missing",
                meta.mark.commits, acknowledged.commits
            ),
        ));
    }
    Ok(meta)
}

/// What was found.
enum Found {
    Whole(Meta),
    /// A layout that this program does not know.
    Newer(i64),
    Damaged(String),
}

fn look(connection: &Connection) -> rusqlite::Result<Found> {
    let number =
        |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    if number("application_id")? != APPLICATION {
        return Ok(Found::Damaged("it is no store of wxops".to_owned()));
    }
    match number("user_version")? {
        LAYOUT => {}
        newer if newer > LAYOUT => return Ok(Found::Newer(newer)),
        other => return Ok(Found::Damaged(format!("its layout is {other}"))),
    }
    if !tables_are_ours(connection)? {
        return Ok(Found::Damaged(
            "its tables are not those of a store".to_owned(),
        ));
    }
    let check: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if check != "ok" {
        // Several lines, the first of which only names the database.
        let first = check.lines().find(|line| !line.starts_with("***"));
        let why = first.unwrap_or("its pages do not fit together").to_owned();
        return Ok(Found::Damaged(why));
    }
    let Some(meta) = Meta::read(connection)? else {
        return Ok(Found::Damaged(
            "its own record of itself cannot be read".to_owned(),
        ));
    };
    rows(connection, meta)
}

/// Whether the tables are exactly those that were made.
pub(super) fn tables_are_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found: Vec<(String, String)> = found.collect::<rusqlite::Result<_>>()?;
    let ours = TABLES.iter().map(|(name, sql)| (*name, *sql));
    Ok(found
        .iter()
        .map(|(name, sql)| (name.as_str(), sql.as_str()))
        .eq(ours))
}

fn rows(connection: &Connection, meta: Meta) -> rusqlite::Result<Found> {
    let seen = match rows_of(connection, "documents", |_, _, _, _| {})? {
        Ok(seen) => seen,
        Err(why) => return Ok(Found::Damaged(why)),
    };
    if (seen.documents, seen.total) == (meta.documents, meta.total) {
        return Ok(Found::Whole(meta));
    }
    let Meta { documents, .. } = meta;
    Ok(Found::Damaged(format!(
        "{} of {documents} documents are there, and not all of those that were written",
        seen.documents
    )))
}

/// Looks at every row of a table of documents and shows each: name, revision, value, checksum. Gives their count and the
/// sum of their checksums, or why they are not what was written.
pub(super) fn rows_of(
    connection: &Connection,
    table: &str,
    mut each: impl FnMut(&str, &[u8], &[u8], Sum),
) -> rusqlite::Result<Result<Meta, String>> {
    let mut seen = Meta::default();
    let mut statement = connection.prepare(&format!(
        "SELECT key, revision, value, sum FROM {table} ORDER BY key"
    ))?;
    let mut rows = statement.query([])?;
    let mut last = String::new();
    while let Some(row) = rows.next()? {
        let key = row.get_ref(0)?.as_str()?;
        let (revision, value) = (row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?);
        let sum = Sum::of(key, revision, value);
        if Sum::from_bytes(row.get_ref(3)?.as_blob()?) != Some(sum) {
            // A name that was hit may hold anything.
            let name: String = key.chars().filter(|c| !c.is_control()).take(80).collect();
            return Ok(Err(format!("`{name}` is not as it was written")));
        }
        if key <= last.as_str() {
            return Ok(Err("its documents are out of order".to_owned()));
        }
        last.clear();
        last.push_str(key);
        seen.add(sum);
        each(key, revision, value, sum);
    }
    Ok(Ok(seen))
}

/// An error of opening a file.
pub(super) fn failed(path: &Path, error: &rusqlite::Error) -> StoreError {
    if is_damage(error) {
        damaged(path, error.to_string())
    } else {
        StoreError::Unavailable {
            why: said(path, error),
        }
    }
}

/// The refusal of a damaged file.
pub(super) fn damaged(path: &Path, why: String) -> StoreError {
    StoreError::Damaged {
        path: path.to_owned(),
        why,
    }
}
