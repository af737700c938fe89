//! Why a statement was refused.

use share_client::wire::Kind;

/// Why a statement was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
