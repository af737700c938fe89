//! The dialect: Python's expression grammar with assignments, as a typed tree.
//!
//! Owns the lexer, the Pratt parser and the tree. Uses `value` and the operators' names in `operations`; knows no
//! engine, no functions and no state. Whatever comes, its recursion is bounded.

mod arguments;
mod atom;
mod format;
mod identifier;
mod lexer;
mod number;
mod parser;
mod plain;
mod statement;
mod target;
mod text;
mod token;
pub mod tree;
mod words;

pub use plain::{Literals, plain_call};
pub use statement::parse;

use super::Error;
use tree::Offset;

/// Why a text is no Python that is spoken here, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which kind of error.
    pub kind: FaultKind,
    /// What is wrong, in words.
    pub message: String,
    /// Where.
    pub at: Offset,
}

/// The kind of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Not in the grammar.
    Syntax,
    /// In Python's grammar, and refused: no other grammar is asked.
    Refused,
    /// A name that is not available.
    Name,
    /// Values of types that do not go together, whatever they are.
    Type,
    /// A limit.
    Limit,
    /// A name that cannot be assigned.
    State,
}

impl Fault {
    /// The text is not in the grammar.
    pub fn syntax(message: impl Into<String>, at: Offset) -> Fault {
        Fault { kind: FaultKind::Syntax, message: message.into(), at }
    }

    /// The text is Python, and refused.
    pub fn refused(message: impl Into<String>, at: Offset) -> Fault {
        Fault { kind: FaultKind::Refused, message: message.into(), at }
    }

    /// A number beyond 64 bits.
    pub fn too_big() -> Fault {
        let message = "the result does not fit into 64 bits".into();
        Fault { kind: FaultKind::Limit, message, at: 0 }
    }

    /// The error that the client is told, with line and column of its own text.
    pub fn into_error(self, text: &str) -> Error {
        let (line, column) = place(text, self.at);
        match self.kind {
            FaultKind::Syntax | FaultKind::Refused => Error::Syntax { message: self.message, line, column },
            FaultKind::Name => Error::Name(format!("{} (line {line}, column {column})", self.message)),
            FaultKind::Type => Error::Type(self.message),
            FaultKind::Limit => Error::Limit(self.message),
            FaultKind::State => Error::Function(crate::functions::Error::state(self.message)),
        }
    }
}

/// Line and column, from 1, in characters.
pub fn place(text: &str, at: Offset) -> (usize, usize) {
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |position| position + 1);
    let line = before.matches('\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests;
