//! The lexer of the dialect: Python's tokens, with lines joined inside brackets.
//!
//! Must not know what tokens mean together.

use smallvec::SmallVec;

use super::Fault;
use super::identifier;
use super::number;
use super::token::{Text, Token};
use super::tree::Offset;
use crate::value::first_special;

/// Longest first, so that the first that fits is the token.
const SIGNS: [&str; 48] = [
    "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", ":=", "+=",
    "-=", "*=", "/=", "%=", "@=", "&=", "|=", "^=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<",
    ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "=", "!",
];

/// Reads a text token by token.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    position: usize,
    /// Where the text begins in the client's own text: an f-string's field is read by a lexer of its own.
    base: usize,
    open: SmallVec<[(char, usize); 2]>,
    /// Inside of a field every newline is a blank.
    joined: bool,
}

impl<'a> Lexer<'a> {
    /// A lexer for a whole text.
    pub fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, position: 0, base: 0, open: SmallVec::new(), joined: false }
    }

    /// A lexer for an f-string's field that stands at `base`.
    pub fn field(text: &'a str, base: usize) -> Lexer<'a> {
        Lexer { text, position: 0, base, open: SmallVec::new(), joined: true }
    }

    /// The next token and where it begins.
    ///
    /// # Errors
    /// Where no token of Python's begins.
    pub fn token(&mut self) -> Result<(Token<'a>, Offset), Fault> {
        if self.at_blank()
            && let Some(newline_at) = self.skip_blanks()?
        {
            return Ok((Token::Newline, self.offset(newline_at)));
        }
        let at = self.offset(self.position);
        let rest = self.rest();
        match *rest.as_bytes() {
            [] => self.end(at),
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => self.name(rest, at),
            [quote @ (b'\'' | b'"'), ..] => Ok((Token::Text(self.string("", quote, at)?), at)),
            [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => {
                let (token, length) = number::read(rest, at)?;
                self.position += length;
                Ok((token, at))
            }
            _ => match rest.chars().next() {
                Some(first) if identifier::begins(first) => self.name(rest, at),
                first => self.sign(rest, first.unwrap_or_default(), at),
            },
        }
    }

    fn end(&self, at: Offset) -> Result<(Token<'a>, Offset), Fault> {
        match self.open.last() {
            None => Ok((Token::End, at)),
            Some((bracket, opened)) => {
                Err(Fault::syntax(format!("'{bracket}' was never closed"), self.offset(*opened)))
            }
        }
    }

    /// A name, or the string whose prefix it is.
    fn name(&mut self, rest: &'a str, at: Offset) -> Result<(Token<'a>, Offset), Fault> {
        let (name, behind) = rest.split_at_checked(identifier::length(rest)).unwrap_or_default();
        self.position += name.len();
        match behind.as_bytes().first() {
            Some(quote @ (b'\'' | b'"')) if prefix(name) => {
                Ok((Token::Text(self.string(name, *quote, at)?), at))
            }
            _ => Ok((Token::Name(name), at)),
        }
    }

    fn sign(&mut self, rest: &str, first: char, at: Offset) -> Result<(Token<'a>, Offset), Fault> {
        let Some(sign) =
            single(first, rest).or_else(|| SIGNS.iter().copied().find(|sign| rest.starts_with(sign)))
        else {
            return Err(Fault::syntax(unknown_character(first), at));
        };
        match first {
            '(' | '[' | '{' => self.open.push((first, self.position)),
            ')' | ']' | '}' => self.close(first, at)?,
            _ => {}
        }
        self.position += sign.len();
        Ok((Token::Sign(sign), at))
    }

    fn close(&mut self, bracket: char, at: Offset) -> Result<(), Fault> {
        let Some((opening, _)) = self.open.pop() else {
            return Err(Fault::syntax(format!("unmatched '{bracket}'"), at));
        };
        if matches!((opening, bracket), ('(', ')') | ('[', ']') | ('{', '}')) {
            return Ok(());
        }
        let message =
            format!("closing parenthesis '{bracket}' does not match opening parenthesis '{opening}'");
        Err(Fault::syntax(message, at))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    /// The request's length is limited far below 4 GB.
    fn offset(&self, position: usize) -> Offset {
        Offset::try_from(self.base + position).unwrap_or(Offset::MAX)
    }

    /// Whether something to go over may stand here.
    fn at_blank(&self) -> bool {
        let byte = self.text.as_bytes().get(self.position);
        matches!(byte, Some(b' ' | b'\t' | 0x0c | b'\n' | b'\r' | b'#' | b'\\'))
    }

    /// Goes over blanks, comments and joined lines; a newline that ends a statement is given back.
    fn skip_blanks(&mut self) -> Result<Option<usize>, Fault> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.position) {
                Some(b' ' | b'\t' | 0x0c) => self.position += 1,
                Some(b'\n' | b'\r') => {
                    self.position += 1;
                    if !self.joined && self.open.is_empty() {
                        return Ok(Some(self.position - 1));
                    }
                }
                Some(b'#') if self.joined => {
                    let at = self.offset(self.position);
                    return Err(Fault::syntax("f-string expression part cannot include '#'", at));
                }
                Some(b'#') => {
                    let length = self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
                    self.position += length;
                }
                Some(b'\\') => self.continue_line()?,
                _ => return Ok(None),
            }
        }
    }

    fn continue_line(&mut self) -> Result<(), Fault> {
        let rest = self.rest();
        let length =
            ["\\\r\n", "\\\n", "\\\r"].iter().find(|end| rest.starts_with(**end)).map(|end| end.len());
        match length {
            Some(length) if rest.len() > length => self.position += length,
            _ => {
                let at = self.offset(self.position + 1);
                return Err(Fault::syntax("unexpected character after line continuation character", at));
            }
        }
        Ok(())
    }

    /// Reads a string literal from its quote on.
    fn string(&mut self, prefix: &str, quote: u8, at: Offset) -> Result<Text<'a>, Fault> {
        let rest = self.rest();
        let long = rest.as_bytes().get(..3).is_some_and(|three| three == [quote; 3]);
        let quotes = if long { 3 } else { 1 };
        let body = rest.get(quotes..).unwrap_or_default();
        let body_at = self.offset(self.position + quotes);
        let Some(Body { length, verbatim }) = body_of(body.as_bytes(), quote, long) else {
            let message = if long {
                "unterminated triple-quoted string literal"
            } else {
                "unterminated string literal"
            };
            return Err(Fault::syntax(message, at));
        };
        self.position += quotes + length + quotes;
        let has = |letter: u8| prefix.bytes().any(|byte| byte.eq_ignore_ascii_case(&letter));
        Ok(Text {
            body: body.get(..length).unwrap_or_default(),
            body_at,
            verbatim,
            raw: has(b'r'),
            bytes: has(b'b'),
            format: has(b'f'),
        })
    }
}

/// The signs that are all of their token, whatever follows or because of what follows.
fn single(first: char, rest: &str) -> Option<&'static str> {
    let alone = match first {
        '(' => return Some("("),
        ')' => return Some(")"),
        ',' => return Some(","),
        '[' => return Some("["),
        ']' => return Some("]"),
        '{' => return Some("{"),
        '}' => return Some("}"),
        ';' => return Some(";"),
        '~' => return Some("~"),
        '+' => "+",
        '-' => "-",
        '*' => "*",
        '/' => "/",
        '%' => "%",
        '<' => "<",
        '>' => ">",
        '=' => "=",
        ':' => ":",
        '.' => ".",
        _ => return None,
    };
    let longer = matches!(rest.as_bytes().get(1), Some(b'=' | b'*' | b'/' | b'<' | b'>' | b'.'));
    (!longer).then_some(alone)
}

/// What stands between the quotes of a string.
struct Body {
    length: usize,
    /// Holds neither a backslash nor a carriage return.
    verbatim: bool,
}

/// The body of a string; nothing where it does not end.
fn body_of(bytes: &[u8], quote: u8, long: bool) -> Option<Body> {
    let mut length = 0;
    let mut verbatim = true;
    loop {
        length += first_special(bytes.get(length..)?, is_special)?;
        match *bytes.get(length)? {
            b'\\' => {
                verbatim = false;
                // A backslash and a CRLF are one line end.
                let line_end = bytes.get(length + 1..length + 3) == Some(b"\r\n");
                length += if line_end { 3 } else { 2 };
            }
            b'\n' | b'\r' if !long => return None,
            byte if byte == quote && (!long || bytes.get(length..length + 3) == Some(&[quote; 3])) => {
                return Some(Body { length, verbatim });
            }
            byte => {
                verbatim &= byte != b'\r';
                length += 1;
            }
        }
    }
}

/// Whether the byte may mean something within a string.
fn is_special(byte: u8) -> bool {
    (byte == b'\'') | (byte == b'"') | (byte == b'\\') | (byte == b'\n') | (byte == b'\r')
}

fn prefix(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "r" | "u" | "b" | "f" | "br" | "rb" | "fr" | "rf")
        && name.len() <= 2
}

fn unknown_character(character: char) -> String {
    if !share_client::wire::is_printable(character) {
        format!("invalid non-printable character U+{:04X}", u32::from(character))
    } else if character.is_ascii() {
        format!("'{character}' means nothing here")
    } else {
        format!("invalid character '{character}' (U+{:04X})", u32::from(character))
    }
}
