//! Opening a database's file with SQLite, and what its errors mean to us.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::backend::BackendError;

/// How long a writer waits for another process's commit, and how often it looks. A commit takes milliseconds; one that
/// takes longer belongs to a process that stands still.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// What a connection may keep of a file in memory.
const CACHE_KIB: i64 = 1024;
/// Pages that are read in one step.
const PAGES_AT_ONCE: i32 = 1000;
/// Statements that are kept ready.
const STATEMENTS: usize = 16;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To write.
    Write,
    /// To read a file whose folder can only be read. SQLite would have to write beside it to read its log; so it takes no
    /// locks, and keeps the log's index in its own memory.
    Copy,
    /// To read, beside a connection that writes.
    Read,
}

/// How much of the write-ahead log may be filled before it is written back, in pages of 4 KiB. Tests have it small.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogPages(pub u32);

impl LogPages {
    /// SQLite's own: 4 MiB.
    pub(super) const USUAL: Self = Self(1000);
}

/// Opens a file. Nothing is written into it, not even the log written back, until [`settle`] is called: a file that is
/// damaged is left as it is.
pub(super) fn connect(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let flags = match access {
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Copy => OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    };
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match access {
        Access::Write | Access::Read => Connection::open_with_flags(path, flags)?,
        Access::Copy => {
            let opened = Connection::open_with_flags(unlocked(path), flags)?;
            // Before anything is read: else the log's index would be a file.
            opened.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            opened
        }
    };
    set_up(connection)
}

/// The address of a file that is opened without locks, with its log where there is one.
fn unlocked(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._".contains(&byte);
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        if plain(*byte) {
            address.push(char::from(*byte));
        } else {
            address.push_str(&format!("%{byte:02x}"));
        }
    }
    address.push_str("?vfs=unix-none");
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = Path::new(&log).metadata().is_ok_and(|log| log.len() > 0);
    if !has_log {
        // SQLite would make one.
        address.push_str("&immutable=1");
    }
    address
}

/// Reads a whole database into memory: nothing of it lies on any disk then that a process which is killed could leave
/// behind. Gives one connection to it, and how others are opened.
pub(super) fn in_memory(from: &Connection) -> rusqlite::Result<(Connection, String)> {
    let name = format!(
        "file:wxops-{:016x}?mode=memory&cache=shared",
        rand::random::<u64>()
    );
    let mut memory = connect_memory(&name)?;
    let copying = rusqlite::backup::Backup::new(from, &mut memory)?;
    while copying.step(PAGES_AT_ONCE)? == rusqlite::backup::StepResult::More {}
    drop(copying);
    Ok((memory, name))
}

/// Opens a database that [`in_memory`] made. It is gone with the last connection.
pub(super) fn connect_memory(name: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    set_up(Connection::open_with_flags(name, flags)?)
}

fn set_up(mut connection: Connection) -> rusqlite::Result<Connection> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_handler(Some(wait))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // An answer is given only after its commit is on the disk, and after a loss of power it is still there.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Lets a connection write: its file is whole.
pub(super) fn settle(connection: &Connection, log: LogPages) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", log.0)
}

fn wait(tries: i32) -> bool {
    let waited = LOOK_EVERY.saturating_mul(u32::try_from(tries).unwrap_or(u32::MAX));
    if waited > PATIENCE {
        return false;
    }
    thread::sleep(LOOK_EVERY);
    true
}

/// Whether an error says that the file is not what was written.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    let is_another_type = matches!(
        error,
        rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    );
    let is_another_file = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    );
    // The disk gave what there is, and that is less than the database says.
    let is_cut = error
        .sqlite_error()
        .is_some_and(|failure| failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHORT_READ);
    is_another_type || is_another_file || is_cut
}

/// An error of a read, or of a write before its commit: nothing was done.
pub(super) fn before_commit(path: &Path, error: &rusqlite::Error) -> BackendError {
    if is_damage(error) {
        BackendError::Damaged(format!("`{}`: {error}", path.display()))
    } else {
        BackendError::Unavailable(said(path, error))
    }
}

/// What a person is told of an error: SQLite's words, and the file.
pub(super) fn said(path: &Path, error: &rusqlite::Error) -> String {
    let is = |code: ErrorCode| error.sqlite_error_code() == Some(code);
    let why = if is(ErrorCode::DiskFull) {
        "there is no room left on its disk; it goes on by itself when there is"
    } else if is(ErrorCode::ReadOnly) {
        "it can only be read"
    } else if is(ErrorCode::DatabaseBusy) || is(ErrorCode::DatabaseLocked) {
        "another process has been writing for longer than 15 s"
    } else {
        return format!("`{}`: {error}", path.display());
    };
    format!("`{}`: {why} ({error})", path.display())
}
