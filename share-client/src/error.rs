//! Why a request failed: the server said so, the network did, or the answer makes no sense.
//!
//! Owns the one error type of the client. May use `wire`.

use std::{fmt, io};

use crate::wire::{Kind, LiteralError, PatternTooLong};

/// Why a request failed.
#[derive(Debug)]
pub enum Error {
    /// The server refused, and says why.
    Server {
        /// What sort of thing went wrong.
        kind: Kind,
        /// What, in words.
        message: String,
    },
    /// The network: no connection, or no reply in time. Whether the server did what was asked is not known.
    Io(io::Error),
    /// What came is not what was asked for: no reply of a `sharesrv`, or a value of another type than expected.
    Protocol(String),
    /// The session is over, or the pipe is closed, and why: nothing more will come or go.
    Closed(String),
}

impl Error {
    /// The kind of the server's error, if it is one.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Error::Server { kind, .. } => Some(*kind),
            Error::Io(_) | Error::Protocol(_) | Error::Closed(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Server { kind, message } => write!(formatter, "{kind}: {message}"),
            Error::Io(error) => write!(formatter, "the server cannot be reached: {error}"),
            Error::Protocol(message) | Error::Closed(message) => formatter.write_str(message),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io(error) => Some(error),
            Error::Server { .. } | Error::Protocol(_) | Error::Closed(_) => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Io(error)
    }
}

impl From<LiteralError> for Error {
    fn from(error: LiteralError) -> Error {
        Error::Protocol(format!("the reply is no value: {error}"))
    }
}

impl From<PatternTooLong> for Error {
    fn from(error: PatternTooLong) -> Error {
        Error::Server { kind: Kind::Limit, message: error.to_string() }
    }
}
