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
    /// It takes longer than may be spent where a request stands: it must run on a script's thread.
    #[error("the expression found no place to run")]
    Long,
    /// What a function said.
    #[error(transparent)]
    Function(#[from] functions::Error),
}

/// Characters of a message: names and texts in it are the client's own and may be long.
const MESSAGE_CHARACTERS_MAX: usize = 300;
/// How many of them stand behind the place where a message is cut.
const MESSAGE_END_CHARACTERS: usize = 60;

impl Error {
    /// Whether it ends the expression whatever a script does about it.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Error::Limit(_) | Error::Long | Error::Function(functions::Error::MayBlock))
    }

    /// The error as a person is told it: one line, no longer than one reads.
    #[must_use]
    pub fn told(self) -> Error {
        match self {
            Error::Syntax { message, line, column } => {
                Error::Syntax { message: short(message), line, column }
            }
            Error::Name(message) => Error::Name(short(message)),
            Error::Type(message) => Error::Type(short(message)),
            Error::Value(message) => Error::Value(short(message)),
            Error::Limit(message) => Error::Limit(short(message)),
            Error::Long => Error::Long,
            Error::Function(error) => Error::Function(error),
        }
    }

    /// The kind that a client is told.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Error::Syntax { .. } => Kind::Syntax,
            Error::Name(_) => Kind::Name,
            Error::Type(_) => Kind::Type,
            Error::Value(_) => Kind::Value,
            Error::Limit(_) => Kind::Limit,
            Error::Long => Kind::Busy,
            Error::Function(error) => error.kind(),
        }
    }
}

fn short(message: String) -> String {
    let is_plain = message.len() <= MESSAGE_CHARACTERS_MAX && !message.contains(char::is_control);
    if is_plain {
        return message;
    }
    let characters: Vec<char> =
        message.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    if characters.len() <= MESSAGE_CHARACTERS_MAX {
        return characters.into_iter().collect();
    }
    let (start, rest) = characters.split_at(MESSAGE_CHARACTERS_MAX - MESSAGE_END_CHARACTERS);
    let end = rest.iter().skip(rest.len().saturating_sub(MESSAGE_END_CHARACTERS));
    start.iter().chain(std::iter::once(&'…')).chain(end).collect()
}
