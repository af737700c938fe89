//! The users' own SQL, jailed: a file, a connection and a thread of its own, never the journal's.
//!
//! May use `value`, `config` and `clock`.

use std::path::Path;
use std::time::Duration;

use share_client::wire::Kind;

use crate::config::Limits;
use crate::value::Value;

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

/// The handle: sends statements to the thread and waits for their rows. Cheap to clone.
#[derive(Clone)]
pub struct Database {}

#[expect(clippy::todo, unused_variables, reason = "skeleton")]
#[allow(missing_docs, clippy::missing_errors_doc, clippy::unused_self)]
impl Database {
    /// Opens the file (`None`: in memory, for `durability = memory`) and starts the thread.
    /// `full`: every commit is on the disk before the answer.
    pub fn open(path: Option<&Path>, full: bool, limits: &Limits) -> Result<Database, Error> {
        todo!()
    }
    /// Runs one statement, blocking the calling thread for at most about `time`; its rows, each a tuple.
    /// `limit_name` is the configuration key that `time` comes from, for the error.
    pub fn run(
        &self,
        sql: &str,
        parameters: Parameters,
        time: Duration,
        limit_name: &'static str,
    ) -> Result<Vec<Value>, Error> {
        todo!()
    }
}
