//! The thread of the users' SQL and its connection: one statement at a time, each a transaction by itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Batch, Connection, ErrorCode, Statement};

use super::{Error, Parameters, jail};
use crate::config::Limits;
use crate::value::{Value, str};

/// How many of SQLite's steps pass between two looks at the clock: a fraction of a millisecond.
const STEPS: i32 = 1000;
/// Where commits are not synced one by one, the disk has them after that long.
const SYNC_PAUSE: Duration = Duration::from_secs(1);

/// Whether a job was begun, or given up before.
#[derive(Debug, Default)]
pub(super) struct Claim(AtomicU8);

const BEGUN: u8 = 1;
const ABANDONED: u8 = 2;

impl Claim {
    /// Gives the job up, unless it was begun.
    pub(super) fn abandon(&self) -> bool {
        self.0.compare_exchange(0, ABANDONED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn begin(&self) -> bool {
        self.0.compare_exchange(0, BEGUN, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Why there are no rows; nothing where the time was over.
pub(super) type Refused = Option<Error>;

/// A statement on its way to the thread.
pub(super) struct Job {
    pub(super) sql: String,
    pub(super) parameters: Parameters,
    pub(super) deadline: Instant,
    pub(super) claim: Arc<Claim>,
    pub(super) answer: SyncSender<Result<Vec<Value>, Refused>>,
}

/// The connection, as the thread has it.
pub(super) struct Worker {
    connection: Connection,
    limits: Limits,
    /// What is run is our own, not the users'.
    ours: Arc<AtomicBool>,
    started: Instant,
    /// Until when the statement may run, in microseconds since `started`.
    deadline: Arc<AtomicU64>,
    /// Commits are on the disk when they return.
    full: bool,
}

impl Worker {
    pub(super) fn open(path: Option<&Path>, full: bool, limits: &Limits) -> Result<Worker, Error> {
        let connection = path.map_or_else(Connection::open_in_memory, Connection::open).map_err(storage)?;
        let ours = Arc::new(AtomicBool::new(true));
        let started = Instant::now();
        let deadline = Arc::new(AtomicU64::new(u64::MAX));
        let mut worker = Worker { connection, limits: limits.clone(), ours, started, deadline, full };
        worker.prepare(path.is_some()).map_err(storage)?;
        Ok(worker)
    }

    fn prepare(&mut self, on_disk: bool) -> rusqlite::Result<()> {
        let synchronous = if self.full { "FULL" } else { "NORMAL" };
        if on_disk {
            self.connection.execute_batch("PRAGMA journal_mode = WAL")?;
        }
        self.connection.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA cache_size = -4096; PRAGMA foreign_keys = ON"
        ))?;
        let page: usize = self.connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = (self.limits.database_bytes_max / page.max(1)).max(1);
        self.connection.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?;
        let (started, deadline) = (self.started, Arc::clone(&self.deadline));
        self.connection.progress_handler(
            STEPS,
            Some(move || started.elapsed() > Duration::from_micros(deadline.load(Ordering::Relaxed))),
        )?;
        jail::close(&mut self.connection, &self.limits, Arc::clone(&self.ours))?;
        self.ours.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Runs what comes until nobody is left to send any.
    pub(super) fn work(mut self, jobs: &Receiver<Job>) {
        let mut unsynced = false;
        loop {
            let job = match jobs.recv_timeout(SYNC_PAUSE) {
                Ok(job) => job,
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    if std::mem::take(&mut unsynced) {
                        self.sync();
                    }
                    continue;
                }
            };
            if job.claim.begin() {
                let rows = self.run(&job.sql, &job.parameters, job.deadline);
                unsynced |= !self.full;
                // Whoever asked may be gone.
                let _ = job.answer.send(rows);
            }
        }
    }

    /// Has the disk have what was committed: a checkpoint syncs the log before it moves it into the file.
    fn sync(&self) {
        self.ours.store(true, Ordering::Relaxed);
        self.deadline.store(u64::MAX, Ordering::Relaxed);
        if let Err(error) = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::warn!("the users' database could not be synced: {error}");
        }
        self.ours.store(false, Ordering::Relaxed);
    }

    fn run(&mut self, sql: &str, parameters: &Parameters, deadline: Instant) -> Result<Vec<Value>, Refused> {
        let deadline = deadline.saturating_duration_since(self.started).as_micros();
        self.deadline.store(u64::try_from(deadline).unwrap_or(u64::MAX), Ordering::Relaxed);
        let rows = self.begin().and_then(|()| self.rows(sql, parameters));
        // What was computed in time is written down in full, however long the disk takes.
        self.deadline.store(u64::MAX, Ordering::Relaxed);
        let end = if rows.is_ok() { "COMMIT" } else { "ROLLBACK" };
        match (rows, self.own(end)) {
            (Ok(rows), Ok(())) => Ok(rows),
            (Ok(_), Err(error)) => {
                let refused = self.refused(&error);
                let _ = self.own("ROLLBACK");
                Err(refused)
            }
            // Some errors have rolled back already; then there is nothing to be undone.
            (Err(refused), _) => Err(refused),
        }
    }

    fn begin(&self) -> Result<(), Refused> {
        self.own("BEGIN").map_err(|error| self.refused(&error))
    }

    /// Runs a statement of ours.
    fn own(&self, sql: &str) -> rusqlite::Result<()> {
        self.ours.store(true, Ordering::Relaxed);
        let done = self.connection.execute_batch(sql);
        self.ours.store(false, Ordering::Relaxed);
        done
    }

    fn rows(&self, sql: &str, parameters: &Parameters) -> Result<Vec<Value>, Refused> {
        let refused = |error| self.refused(&error);
        let mut statements = Batch::new(&self.connection, sql);
        let mut statement = statements
            .next()
            .map_err(refused)?
            .ok_or_else(|| Some(Error::Sql("there is no statement in it".to_owned())))?;
        // A second one may not even parse before the first was run; that there is something is enough.
        if !matches!(statements.next(), Ok(None)) {
            return Err(Some(Error::Sql("one statement at a time".to_owned())));
        }
        bind(&mut statement, parameters).map_err(|error| error.unwrap_or_else(refused))?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let (mut found, mut bytes) = (Vec::new(), 0_usize);
        while let Some(row) = rows.next().map_err(refused)? {
            if found.len() >= self.limits.rows_max {
                return Err(Some(limit("rows_max", self.limits.rows_max)));
            }
            let values: Vec<Value> = (0..columns)
                .map(|column| row.get_ref(column).map(value))
                .collect::<rusqlite::Result<_>>()
                .map_err(refused)?;
            let row = Value::tuple(values);
            bytes = bytes.saturating_add(row.measure().bytes);
            if bytes > self.limits.expression_memory_bytes_max {
                let most = self.limits.expression_memory_bytes_max;
                return Err(Some(limit("expression_memory_bytes_max", most)));
            }
            found.push(row);
        }
        Ok(found)
    }

    /// What the client is told instead of rows.
    fn refused(&self, error: &rusqlite::Error) -> Refused {
        let message = match error {
            rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
            rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
            other => other.to_string(),
        };
        let denied = || {
            Error::Denied(
                "a statement must stay in the users' database and leave its settings alone".to_owned(),
            )
        };
        Some(match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => return None,
            Some(ErrorCode::AuthorizationForStatementDenied) => denied(),
            // In a transaction of ours it is refused before the authorizer is asked.
            _ if message.starts_with("not authorized") || message.starts_with("cannot VACUUM") => denied(),
            Some(ErrorCode::DiskFull) => limit("database_bytes_max", self.limits.database_bytes_max),
            Some(ErrorCode::TooBig) => limit("reply_bytes_max", self.limits.reply_bytes_max),
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied,
            ) => Error::Storage(message),
            _ => Error::Sql(message),
        })
    }
}

fn limit(name: &'static str, value: usize) -> Error {
    Error::Limit { name, value: u64::try_from(value).unwrap_or(u64::MAX) }
}

fn storage(error: rusqlite::Error) -> Error {
    Error::Storage(error.to_string())
}

/// Binds the parameters. The inner error is ours to word where there is one, else SQLite's.
fn bind(
    statement: &mut Statement<'_>,
    parameters: &Parameters,
) -> Result<(), Result<Refused, rusqlite::Error>> {
    let expected = statement.parameter_count();
    let wrong = |message: String| Err(Ok(Some(Error::Sql(message))));
    match parameters {
        Parameters::None if expected == 0 => {}
        Parameters::None => {
            return wrong(format!("the statement takes {expected} parameters, none were given"));
        }
        Parameters::Positional(values) => {
            if values.len() != expected {
                let given = values.len();
                return wrong(format!("the statement takes {expected} parameters, {given} were given"));
            }
            for (index, value) in (1..).zip(values) {
                statement.raw_bind_parameter(index, parameter(value)?).map_err(Err)?;
            }
        }
        Parameters::Named(values) => {
            for index in 1..=expected {
                let Some(name) = statement.parameter_name(index).map(str::to_owned) else {
                    return wrong("a parameter without a name takes its value from a list".to_owned());
                };
                let bare = name.get(1..).unwrap_or_default();
                let Some((_, value)) = values.iter().find(|(given, _)| given == bare || *given == name)
                else {
                    return wrong(format!("the parameter {name} was not given"));
                };
                statement.raw_bind_parameter(index, parameter(value)?).map_err(Err)?;
            }
        }
    }
    Ok(())
}

/// A value as SQL knows it; dates as their text, as Python's sqlite3 does it.
fn parameter(value: &Value) -> Result<ToSqlOutput<'_>, Result<Refused, rusqlite::Error>> {
    Ok(match value {
        Value::None => ToSqlOutput::Borrowed(ValueRef::Null),
        Value::Bool(truth) => ToSqlOutput::from(i64::from(*truth)),
        Value::Int(number) => ToSqlOutput::from(*number),
        Value::Float(number) => ToSqlOutput::from(*number),
        Value::Str(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        Value::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) => ToSqlOutput::from(str(value)),
        other => {
            let message = format!(
                "SQL has no {}; a parameter is None, a bool, an int, a float, a str, bytes or a date",
                other.type_name()
            );
            return Err(Ok(Some(Error::Type(message))));
        }
    })
}

fn value(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::None,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(bytes) => Value::from(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.into()),
    }
}
