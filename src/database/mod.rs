//! The users' own SQL, jailed: a file, a connection and a thread of its own, never the journal's.
//!
//! `run` hands a statement to the thread and waits. May use `value` and `config`; nothing here knows the state.

mod functions;
mod jail;
mod limits;
mod request;
mod thread;
mod values;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use share_client::wire::Kind;

use crate::config::Limits;
use crate::value::Value;

/// Why a statement was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
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

/// The handle: sends statements to the thread and waits for their rows. Cheap to clone; the last one dropped ends
/// the thread and closes the file.
#[derive(Clone)]
pub struct Database {
    handle: Arc<thread::Handle>,
}

impl Database {
    /// Opens the file (`None`: in memory, for `durability = memory`) and starts the thread.
    /// `full`: every commit is on the disk before the answer.
    ///
    /// # Errors
    /// Where the file cannot be opened or made, or is no database.
    pub fn open(path: Option<&Path>, full: bool, limits: &Limits) -> Result<Database, Error> {
        Ok(Database { handle: Arc::new(thread::Handle::open(path, full, limits)?) })
    }

    /// Runs one statement, blocking the calling thread for at most about `time`; its rows, each a tuple.
    /// `limit_name` is the configuration key that `time` comes from, for the error. Waiting in line behind other
    /// statements counts; one that was given up, in line or halfway, leaves nothing behind.
    ///
    /// # Errors
    /// What SQLite says of the statement, what the jail denies, parameters of a type that SQL does not have, and
    /// every limit that is met: `limit_name`, `rows_max`, `reply_bytes_max`, `value_bytes_max`,
    /// `request_bytes_max`, `expression_memory_bytes_max`, `database_bytes_max`.
    pub fn run(
        &self,
        sql: &str,
        parameters: Parameters,
        time: Duration,
        limit_name: &'static str,
    ) -> Result<Vec<Value>, Error> {
        self.handle.run(sql, parameters, time, limit_name)
    }
}

#[cfg(test)]
mod tests;
