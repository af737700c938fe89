//! The database's thread: opens the connection, closes it in, and runs one statement after the other.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::{Batch, Connection, ErrorCode, InterruptHandle, OpenFlags};

use super::failure::Failure;
use super::jail::Jail;
use super::limits::{Bounds, Watch};
use super::request::{Request, stopped};
use super::values::{Gather, bind};
use super::{Error, Parameters, functions};
use crate::config::Limits;
use crate::value::Value;

/// SQLite's parser and planner recurse; its limits keep them far below this.
const STACK_BYTES: usize = 8 * 1_024 * 1_024;

/// An error names at most so much of the statement.
const ERROR_CHARACTERS_MAX: usize = 200;

/// A disk with less than that free is full.
const DISK_FULL_BYTES: u64 = 1_048_576;

/// The thread and the line before it. Dropped, it closes the file.
pub(super) struct Handle {
    line: Option<Sender<Ticket>>,
    thread: Option<JoinHandle<()>>,
    interrupt: InterruptHandle,
    request_bytes: usize,
}

impl Handle {
    /// Opens the file, closes its connection in, and starts the thread.
    pub(super) fn open(path: Option<&Path>, full: bool, limits: &Limits) -> Result<Handle, Error> {
        let bounds = Bounds::new(limits);
        let request_bytes = bounds.request_bytes;
        let worker = Worker::open(path, full, bounds).map_err(|error| opening(&error))?;
        let interrupt = worker.connection.get_interrupt_handle();
        let (line, requests) = channel();
        let thread = std::thread::Builder::new()
            .name("database".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(move || worker.run(&requests))
            .map_err(|_| Error::Storage("the database's thread cannot be started".to_owned()))?;
        Ok(Handle { line: Some(line), thread: Some(thread), interrupt, request_bytes })
    }

    /// Runs one statement and waits for its rows.
    pub(super) fn run(
        &self,
        sql: &str,
        parameters: Parameters,
        time: Duration,
        limit_name: &'static str,
    ) -> Result<Vec<Value>, Error> {
        if sql.len() > self.request_bytes {
            return Err(Error::Limit { name: "request_bytes_max", value: self.request_bytes as u64 });
        }
        if sql.contains('\0') {
            return Err(Error::Sql("the statement holds a null character".to_owned()));
        }
        let request = Arc::new(Request::new(sql, parameters, time, limit_name));
        let line = self.line.as_ref().ok_or_else(stopped)?;
        line.send(Ticket(Arc::clone(&request))).map_err(|_| stopped())?;
        request.answer(&self.interrupt)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Whoever waited for a statement held this, so none is running but one that was interrupted already. A
        // further interrupt would meet the checkpoint that closing the file makes.
        self.line = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A place in line. Dropped, it answers, so that no caller waits for a thread that has ended.
struct Ticket(Arc<Request>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.finish(Err(stopped()));
    }
}

struct Worker {
    connection: Connection,
    /// Where its file is, unless it is in memory only.
    folder: Option<PathBuf>,
    jail: Jail,
    watch: Arc<Watch>,
    bounds: Bounds,
}

impl Worker {
    fn open(path: Option<&Path>, full: bool, bounds: Bounds) -> rusqlite::Result<Worker> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let mut connection = match path {
            Some(path) => Connection::open_with_flags(path, flags)?,
            None => Connection::open_in_memory_with_flags(flags)?,
        };
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", if full { "FULL" } else { "NORMAL" })?;
        connection.pragma_update(None, "journal_size_limit", 4_194_304)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -2_000)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        connection.pragma_update(None, "recursive_triggers", false)?;
        let page: usize = connection
            .pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0))
            .map(|bytes| usize::try_from(bytes).unwrap_or(4_096).max(512))?;
        let pages = i64::try_from(bounds.database_bytes / page).unwrap_or(i64::MAX).clamp(1, 4_294_967_294);
        connection.pragma_update(None, "max_page_count", pages)?;
        functions::install(&connection)?;
        bounds.apply(&connection)?;
        let jail = Jail::install(&mut connection)?;
        let watch = Watch::install(&mut connection, &bounds)?;
        let folder = path.and_then(Path::parent).map(Path::to_owned);
        Ok(Worker { connection, folder, jail, watch, bounds })
    }

    fn run(self, requests: &Receiver<Ticket>) {
        for ticket in requests {
            let request = &ticket.0;
            if !request.begin() {
                request.finish(Err(request.time_limit.clone()));
                continue;
            }
            self.watch.begin(Arc::clone(request));
            let _ = self.connection.busy_timeout(request.deadline.saturating_duration_since(Instant::now()));
            let result = self.statement(request);
            let stopped = self.watch.end();
            let denial = self.jail.denial();
            request.finish(match (result, stopped, denial) {
                (Ok(rows), None, _) => Ok(rows),
                (_, Some(reason), _) => Err(reason),
                (Err(Failure::Sqlite(error)), None, Some(reason)) if is_denial(&error) => {
                    Err(Error::Denied(reason))
                }
                (Err(Failure::Sqlite(error)), None, _) => Err(self.explain(&error, request)),
                (Err(Failure::Own(error)), None, _) => Err(error),
            });
            self.leave_no_transaction();
        }
    }

    fn statement(&self, request: &Request) -> Result<Vec<Value>, Failure> {
        let mut batch = Batch::new(&self.connection, &request.sql);
        let Some(mut statement) = batch.next()? else {
            return Err(Failure::Own(Error::Sql("there is no statement".to_owned())));
        };
        if !matches!(batch.next(), Ok(None)) {
            return Err(Failure::Own(Error::Sql("only one statement at a time can be run".to_owned())));
        }
        bind(&mut statement, &request.parameters)?;
        let columns = statement.column_count();
        let mut gather = Gather::new(&self.bounds);
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if let Err(failure) = gather.add(row, columns) {
                if let Failure::Own(error) = &failure {
                    // `INSERT … RETURNING` has done its work by now and would commit as it is let go.
                    self.watch.stop(error.clone());
                }
                return Err(failure);
            }
        }
        Ok(gather.rows())
    }

    /// The jail lets nobody begin a transaction, so none can be open: but if one were, it would hold up everybody
    /// from here on.
    fn leave_no_transaction(&self) {
        if !self.connection.is_autocommit() {
            self.jail.open_for(|| {
                // There is nobody to tell: the statement has its answer, and the next one meets the same.
                let _ = self.connection.execute_batch("ROLLBACK");
            });
        }
    }

    /// What is free on the disk, where that can be told.
    fn free_bytes(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(self.folder.as_deref()?).ok()?;
        disk.f_bavail.checked_mul(disk.f_frsize)
    }

    fn explain(&self, error: &rusqlite::Error, request: &Request) -> Error {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => full(self.free_bytes(), &self.bounds),
            Some(ErrorCode::TooBig) => {
                Error::Limit { name: "value_bytes_max", value: self.bounds.value_bytes as u64 }
            }
            Some(ErrorCode::OperationInterrupted) => request.time_limit.clone(),
            _ => plain(error),
        }
    }
}

fn is_denial(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(code, message) => {
            code.code == ErrorCode::AuthorizationForStatementDenied
                || message.as_deref().is_some_and(|message| message.contains("not authorized"))
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => {
            error.code == ErrorCode::AuthorizationForStatementDenied || msg.contains("not authorized")
        }
        _ => false,
    }
}

/// SQLite says the same of a database that has come to its limit and of a disk that is full. What it could not write
/// of a statement it leaves in its log, so that the disk is still full afterwards.
fn full(free_bytes: Option<u64>, bounds: &Bounds) -> Error {
    match free_bytes {
        Some(..DISK_FULL_BYTES) => Error::Storage("the disk is full".to_owned()),
        _ => Error::Limit { name: "database_bytes_max", value: bounds.database_bytes as u64 },
    }
}

/// What SQLite says, in a line.
fn plain(error: &rusqlite::Error) -> Error {
    let message = match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message,
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        _ => "the statement cannot be run",
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Error::Storage("the database file is damaged".to_owned())
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
            Error::Storage("the database file cannot be read or written".to_owned())
        }
        // So says SQLite of a program of too many steps as well; Linux itself hardly ever refuses memory.
        Some(ErrorCode::OutOfMemory) => Error::Sql("the statement is too large".to_owned()),
        _ => Error::Sql(line(message)),
    }
}

fn line(message: &str) -> String {
    let mut line: String = message
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(ERROR_CHARACTERS_MAX)
        .collect();
    if line.len() < message.len() {
        line.push('…');
    }
    line
}

fn opening(error: &rusqlite::Error) -> Error {
    Error::Storage(match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            "the database file is not a database; it is left as it is".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt) => "the database file is damaged".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "the database file is in use by another program".to_owned()
        }
        _ => "the database file cannot be opened for writing".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_not_a_database_that_has_come_to_its_limit() {
        let bounds = Bounds::new(&Limits::default());
        let limit = Error::Limit { name: "database_bytes_max", value: 268_435_456 };
        assert_eq!(full(Some(100 << 20), &bounds), limit);
        assert_eq!(full(None, &bounds), limit);
        for free in [0, 500_000] {
            assert_eq!(full(Some(free), &bounds), Error::Storage("the disk is full".to_owned()));
        }
    }
}
