//! What the lexer hands to the parser.

use super::tree::Offset;
use crate::value::Value;

/// A token.
#[derive(Clone, Debug)]
pub enum Token<'a> {
    /// A name or a keyword.
    Name(&'a str),
    /// A number.
    Number(Value),
    /// `9223372036854775808`, which fits into 64 bits only behind a minus.
    Magnitude,
    /// A string literal as it stands between its quotes.
    Text(Text<'a>),
    /// An operator or a delimiter.
    Sign(&'static str),
    /// The end of a line outside of brackets.
    Newline,
    /// The end of the text.
    End,
}

/// A string literal before its escapes are read.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// What stands between the quotes.
    pub body: &'a str,
    /// Where the body begins.
    pub body_at: Offset,
    /// The body holds neither a backslash nor a carriage return.
    pub verbatim: bool,
    /// `r`
    pub raw: bool,
    /// `b`
    pub bytes: bool,
    /// `f`
    pub format: bool,
}

impl Text<'_> {
    /// Whether it is a text, as it stands: nothing in it stands for something else.
    pub fn is_plain(&self) -> bool {
        !self.bytes && !self.format && (self.verbatim || (self.raw && !self.body.contains('\r')))
    }
}
