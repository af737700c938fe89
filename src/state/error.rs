//! What the rules of the state refuse.

use share_client::wire::Kind;

/// Why the state refused a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody has this ID or name.
    #[error("no client is called '{0}'; getClientID() makes one")]
    UnknownClient(String),
    /// Another live client has this name.
    #[error("the name '{0}' belongs to another client")]
    NameTaken(String),
    /// Something that must exist does not, or is closed.
    #[error("{0}")]
    State(String),
    /// Nobody may do this.
    #[error("{0}")]
    Denied(String),
    /// The argument has the right type and cannot be used.
    #[error("{0}")]
    Value(String),
    /// The argument or the stored value is of the wrong type.
    #[error("{0}")]
    Type(String),
    /// A whole number grew beyond 64 bits.
    #[error("the result does not fit into 64 bits")]
    Overflow,
    /// A limit was met.
    #[error("{name} is {value}{detail}")]
    Limit {
        /// The configuration key.
        name: &'static str,
        /// Its value.
        value: u64,
        /// What would have crossed it, with a leading colon and blank, or nothing.
        detail: String,
    },
}

impl Error {
    /// The kind that a client is told.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Error::UnknownClient(_) | Error::NameTaken(_) | Error::State(_) => Kind::State,
            Error::Denied(_) => Kind::Denied,
            Error::Value(_) => Kind::Value,
            Error::Type(_) => Kind::Type,
            Error::Limit { .. } | Error::Overflow => Kind::Limit,
        }
    }
}
