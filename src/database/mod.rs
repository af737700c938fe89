//! The users' own SQL, jailed: a file, a connection and a thread of its own, never the journal's.
//!
//! Owns the thread and who waits for it; the jail is `jail`'s, one statement `statement`'s. May use `value` and
//! `config`.

mod error;
mod jail;
mod statement;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::config::Limits;
use crate::value::Value;
pub use error::Error;
use jail::Jail;

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

/// The handle: sends statements to the thread and waits for their rows. Cheap to clone; the thread ends with the
/// last of them.
#[derive(Clone)]
pub struct Database {
    requests: Sender<Request>,
}

/// A statement on its way.
struct Request {
    sql: String,
    parameters: Parameters,
    deadline: Instant,
    /// The limit that the deadline comes from, for the error.
    limit: Error,
    stage: Arc<AtomicU8>,
    reply: Sender<Result<Vec<Value>, Error>>,
}

/// A request that nobody has begun.
const WAITING: u8 = 0;
/// The thread has begun it: it will answer.
const RUNNING: u8 = 1;
/// Whoever sent it has given up: it must not run any more.
const GIVEN_UP: u8 = 2;

impl Database {
    /// Opens the file (`None`: in memory) and starts the thread. `full`: every statement is on the disk before its
    /// answer.
    ///
    /// # Errors
    /// `storage` where the file cannot be used.
    pub fn open(path: Option<&Path>, full: bool, limits: &Limits) -> Result<Database, Error> {
        let jail = Jail::open(path, full, limits)?;
        let (requests, received) = mpsc::channel();
        std::thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || serve(jail, &received))
            .map_err(|error| Error::Storage(format!("no thread for the database: {error}")))?;
        Ok(Database { requests })
    }

    /// Runs one statement, blocking the calling thread for at most about `time`, waiting in line included; its rows,
    /// each a tuple. `limit_name` is the configuration key that `time` comes from.
    ///
    /// # Errors
    /// What SQLite or the jail refuses; `limit` where the time is over or there is too much.
    pub fn run(
        &self,
        sql: &str,
        parameters: Parameters,
        time: Duration,
        limit_name: &'static str,
    ) -> Result<Vec<Value>, Error> {
        let value = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let limit = Error::Limit { name: limit_name, value };
        let stage = Arc::new(AtomicU8::new(WAITING));
        let (reply, answer) = mpsc::channel();
        let request = Request {
            sql: sql.to_owned(),
            parameters,
            deadline: Instant::now() + time,
            limit: limit.clone(),
            stage: Arc::clone(&stage),
            reply,
        };
        let ended = || Error::Storage("the database has ended".to_owned());
        self.requests.send(request).map_err(|_| ended())?;
        match answer.recv_timeout(time) {
            Ok(rows) => rows,
            Err(RecvTimeoutError::Disconnected) => Err(ended()),
            Err(RecvTimeoutError::Timeout) => {
                let given_up = stage.compare_exchange(WAITING, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire);
                // What has begun will answer soon, and may have been done.
                if given_up.is_ok() { Err(limit) } else { answer.recv().unwrap_or_else(|_| Err(ended())) }
            }
        }
    }
}

fn serve(mut jail: Jail, requests: &Receiver<Request>) {
    while let Ok(request) = requests.recv() {
        let begun = request.stage.compare_exchange(WAITING, RUNNING, Ordering::AcqRel, Ordering::Acquire);
        if begun.is_err() {
            continue;
        }
        let rows = jail.run(&request.sql, request.parameters, request.deadline, &request.limit);
        // Nobody there to be told is no reason to end.
        let _ = request.reply.send(rows);
    }
}
