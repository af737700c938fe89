//! Why a function refused.

use share_client::wire::Kind;

use crate::{database, state};

/// Why a function refused.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A rule of the state.
    #[error(transparent)]
    State(#[from] state::Error),
    /// The users' database.
    #[error(transparent)]
    Database(#[from] database::Error),
    /// An argument is missing, too many, or of the wrong type.
    #[error("{0}")]
    Type(String),
    /// An argument cannot be used.
    #[error("{0}")]
    Value(String),
    /// No such thing.
    #[error("{0}")]
    Name(String),
    /// Nobody may do this.
    #[error("{0}")]
    Denied(String),
    /// The call must run where it may block; the pipeline runs the whole expression again there. No client sees it.
    #[error("the call must run elsewhere")]
    MayBlock,
}

impl Error {
    /// The kind that a client is told.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Error::State(error) => error.kind(),
            Error::Database(error) => error.kind(),
            Error::Type(_) => Kind::Type,
            Error::Value(_) => Kind::Value,
            Error::Name(_) => Kind::Name,
            Error::Denied(_) => Kind::Denied,
            Error::MayBlock => Kind::Busy,
        }
    }
}
