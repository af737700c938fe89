//! The kinds of error a client can be told, as the word that stands after `Error: `.

use std::fmt;
use std::str::FromStr;

/// What sort of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The text is not an expression.
    Syntax,
    /// An unknown function, variable, module or attribute.
    Name,
    /// A value of the wrong type.
    Type,
    /// A value of the right type that cannot be used.
    Value,
    /// A limit on operations, time, size or count was met.
    Limit,
    /// Something is not there, or not in a state that allows this.
    State,
    /// The database refused a statement.
    Sql,
    /// Not allowed to anybody.
    Denied,
    /// The request never became complete.
    Incomplete,
    /// The daemon has too much to do.
    Busy,
    /// The change could not be written down.
    Storage,
}

impl Kind {
    /// Every kind, in the order of the contract.
    pub const ALL: [Kind; 11] = [
        Kind::Syntax,
        Kind::Name,
        Kind::Type,
        Kind::Value,
        Kind::Limit,
        Kind::State,
        Kind::Sql,
        Kind::Denied,
        Kind::Incomplete,
        Kind::Busy,
        Kind::Storage,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Syntax => "syntax",
            Kind::Name => "name",
            Kind::Type => "type",
            Kind::Value => "value",
            Kind::Limit => "limit",
            Kind::State => "state",
            Kind::Sql => "sql",
            Kind::Denied => "denied",
            Kind::Incomplete => "incomplete",
            Kind::Busy => "busy",
            Kind::Storage => "storage",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(())
    }
}
