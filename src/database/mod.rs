//! The users' own SQL, jailed: a file, a connection and a thread of its own, never the journal's.
//!
//! Owns the handle that expressions use; the thread and its connection are `worker`'s, what a statement may do is
//! `jail`'s. May use `value`, `config` and `clock`.

mod jail;
#[cfg(test)]
mod tests;
mod worker;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use share_client::wire::Kind;

use crate::config::Limits;
use crate::value::Value;
use worker::{Claim, Job, Worker};

/// Why a statement was refused.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// SQLite refused it.
    #[error("{0}")]
    Sql(String),
    /// It would leave the users' file or change its settings.
    #[error("{0}")]
    Denied(String),
    /// A parameter of a type that SQL does not have.
    #[error("{0}")]
    Type(String),
    /// A limit was met.
    #[error("{name} is {value}")]
    Limit {
        /// The configuration key.
        name: &'static str,
        /// Its value.
        value: u64,
    },
    /// The file cannot be read or written.
    #[error("{0}")]
    Storage(String),
}

impl Error {
    /// The kind that a client is told.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Error::Sql(_) => Kind::Sql,
            Error::Denied(_) => Kind::Denied,
            Error::Type(_) => Kind::Type,
            Error::Limit { .. } => Kind::Limit,
            Error::Storage(_) => Kind::Storage,
        }
    }
}

/// Parameters of a statement, bound, never pasted.
#[derive(Clone, Debug, Default)]
pub enum Parameters {
    /// None.
    #[default]
    None,
    /// `?` or `?1`, in order.
    Positional(Vec<Value>),
    /// `:name`, `@name` or `$name`.
    Named(Vec<(String, Value)>),
}

/// The handle: sends statements to the thread and waits for their rows. Cheap to clone; the thread ends when the last
/// handle is gone.
#[derive(Clone)]
pub struct Database {
    jobs: Sender<Job>,
}

impl Database {
    /// Opens the file (`None`: in memory, for `durability = memory`) and starts the thread.
    /// `full`: every commit is on the disk before the answer; else within a second.
    ///
    /// # Errors
    /// `storage` where the file cannot be used, or is no database.
    pub fn open(path: Option<&Path>, full: bool, limits: &Limits) -> Result<Database, Error> {
        let worker = Worker::open(path, full, limits)?;
        let (jobs, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || worker.work(&queue))
            .map_err(|_| Error::Storage("the database has no thread".to_owned()))?;
        Ok(Database { jobs })
    }

    /// Runs one statement, blocking the calling thread for at most about `time`; its rows, each a tuple. All of it
    /// is kept or, after an error, nothing. `limit_name` is the configuration key that `time` comes from, for the
    /// error.
    ///
    /// # Errors
    /// `sql` where SQLite refuses it, `denied` where the jail does, `limit` for time, rows and sizes, `type` for a
    /// parameter that SQL does not have, `storage` where the file fails.
    pub fn run(
        &self,
        sql: &str,
        parameters: Parameters,
        time: Duration,
        limit_name: &'static str,
    ) -> Result<Vec<Value>, Error> {
        let over =
            || Error::Limit { name: limit_name, value: u64::try_from(time.as_millis()).unwrap_or(u64::MAX) };
        let (answer, answered) = mpsc::sync_channel(1);
        let claim = Arc::new(Claim::default());
        let deadline = Instant::now() + time;
        let job = Job { sql: sql.to_owned(), parameters, deadline, claim: Arc::clone(&claim), answer };
        self.jobs.send(job).map_err(|_| ended())?;
        let answer = match answered.recv_timeout(time) {
            // Still in the queue behind other statements: then it must not run later, when nobody waits for it.
            Err(RecvTimeoutError::Timeout) if claim.abandon() => return Err(over()),
            // It runs, and is stopped by its own deadline; only a commit that has begun is waited for.
            Err(RecvTimeoutError::Timeout) => answered.recv().map_err(|_| ended())?,
            Err(RecvTimeoutError::Disconnected) => return Err(ended()),
            Ok(answer) => answer,
        };
        answer.map_err(|refused| refused.unwrap_or_else(over))
    }
}

fn ended() -> Error {
    Error::Storage("the database has ended".to_owned())
}
