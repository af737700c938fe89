//! The one table from error to reply.

use std::fmt;

use share_client::wire::Kind;

use crate::{functions, journal, language, state};

/// The longest message, in characters; what a client sent may be quoted in it.
const MESSAGE_CHARACTERS_MAX: usize = 300;

/// What a client is told instead of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub kind: Kind,
    /// What went wrong, in words, on one line.
    pub message: String,
}

impl Failure {
    /// A failure; the message becomes one line of bounded length.
    #[must_use]
    pub fn new(kind: Kind, message: &str) -> Failure {
        let mut line: String = message
            .chars()
            .take(MESSAGE_CHARACTERS_MAX)
            .map(|character| if character.is_control() { ' ' } else { character })
            .collect();
        if message.chars().nth(MESSAGE_CHARACTERS_MAX).is_some() {
            line.push('…');
        }
        Failure { kind, message: line }
    }
}

impl fmt::Display for Failure {
    /// The one-shot reply.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Error: {}: {}", self.kind, self.message)
    }
}

impl From<language::Error> for Failure {
    fn from(error: language::Error) -> Failure {
        Failure::new(error.kind(), &error.to_string())
    }
}

impl From<functions::Error> for Failure {
    fn from(error: functions::Error) -> Failure {
        Failure::new(error.kind(), &error.to_string())
    }
}

impl From<state::Error> for Failure {
    fn from(error: state::Error) -> Failure {
        Failure::new(error.kind(), &error.to_string())
    }
}

impl From<journal::Error> for Failure {
    fn from(error: journal::Error) -> Failure {
        Failure::new(Kind::Storage, &error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        let failure = Failure::new(Kind::Name, "no\r\nname\u{7}");
        assert_eq!(failure.to_string(), "Error: name: no  name ");
        let long = Failure::new(Kind::Value, &"è".repeat(100_000));
        assert_eq!(long.message.chars().count(), MESSAGE_CHARACTERS_MAX + 1);
    }
}
