//! Why an expression has no value.

use share_client::wire::Kind;

use crate::functions;

/// Why an expression has no value.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The text is no expression.
    #[error("{message} (line {line}, column {column})")]
    Syntax {
        /// What is wrong.
        message: String,
        /// The line in the client's own text, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// No such function, variable, module, attribute or method.
    #[error("{0}")]
    Name(String),
    /// Values of types that do not go together.
    #[error("{0}")]
    Type(String),
    /// A value that cannot be used: division by zero, a missing dict key, an index out of range.
    #[error("{0}")]
    Value(String),
    /// A limit was met; the message names it and its value.
    #[error("{0}")]
    Limit(String),
    /// What a function said.
    #[error(transparent)]
    Function(#[from] functions::Error),
}

impl Error {
    /// The kind that a client is told.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Error::Syntax { .. } => Kind::Syntax,
            Error::Name(_) => Kind::Name,
            Error::Type(_) => Kind::Type,
            Error::Value(_) => Kind::Value,
            Error::Limit(_) => Kind::Limit,
            Error::Function(error) => error.kind(),
        }
    }
}
