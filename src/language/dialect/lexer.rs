//! The lexer of the dialect: Python's tokens, with lines joined inside brackets.
//!
//! Must not know what tokens mean together.

use smallvec::SmallVec;

use super::Fault;
use super::number;
use super::token::{Text, Token};
use super::tree::Offset;

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
        if let Some(newline_at) = self.skip_blanks()? {
            return Ok((Token::Newline, self.offset(newline_at)));
        }
        let start = self.position;
        let at = self.offset(start);
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            if let Some((bracket, opened)) = self.open.last() {
                return Err(Fault::syntax(format!("'{bracket}' was never closed"), self.offset(*opened)));
            }
            return Ok((Token::End, at));
        };
        if first == '_' || first.is_alphabetic() {
            let length = name_length(rest);
            let name = rest.get(..length).unwrap_or_default();
            self.position += length;
            return match rest.as_bytes().get(length) {
                Some(quote @ (b'\'' | b'"')) if prefix(name) => {
                    Ok((Token::Text(self.string(name, char::from(*quote), at)?), at))
                }
                _ => Ok((Token::Name(name), at)),
            };
        }
        if first == '\'' || first == '"' {
            return Ok((Token::Text(self.string("", first, at)?), at));
        }
        let digit_follows = || rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if first.is_ascii_digit() || (first == '.' && digit_follows()) {
            let (token, length) = number::read(rest, at)?;
            self.position += length;
            return Ok((token, at));
        }
        self.sign(rest, first, at)
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
    fn string(&mut self, prefix: &str, quote: char, at: Offset) -> Result<Text<'a>, Fault> {
        let rest = self.rest();
        let long = rest.starts_with(if quote == '"' { "\"\"\"" } else { "'''" });
        let quotes = if long { 3 } else { 1 };
        let body = rest.get(quotes..).unwrap_or_default();
        let body_at = self.offset(self.position + quotes);
        let Some(length) = body_length(body, quote, long) else {
            let message = if long {
                "unterminated triple-quoted string literal"
            } else {
                "unterminated string literal"
            };
            return Err(Fault::syntax(message, at));
        };
        self.position += quotes + length + quotes;
        let has = |letter: char| prefix.chars().any(|c| c.eq_ignore_ascii_case(&letter));
        Ok(Text {
            body: body.get(..length).unwrap_or_default(),
            body_at,
            raw: has('r'),
            bytes: has('b'),
            format: has('f'),
        })
    }
}

/// How long the name is that the text begins with. Most are ASCII, which needs no tables.
fn name_length(text: &str) -> usize {
    let ascii = text.bytes().position(|byte| byte != b'_' && !byte.is_ascii_alphanumeric());
    let length = ascii.unwrap_or(text.len());
    match text.get(length..) {
        Some(rest) if !rest.starts_with(|c: char| c.is_ascii()) => {
            length + rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len())
        }
        _ => length,
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

/// How long the body of a string is; nothing where it does not end.
fn body_length(body: &str, quote: char, long: bool) -> Option<usize> {
    let bytes = body.as_bytes();
    let mut position = 0;
    loop {
        let byte = *bytes.get(position)?;
        if byte == b'\\' {
            // A backslash and a CRLF are one line end.
            let line_end = bytes.get(position + 1) == Some(&b'\r') && bytes.get(position + 2) == Some(&b'\n');
            position += if line_end { 3 } else { 2 };
            continue;
        }
        if !long && matches!(byte, b'\n' | b'\r') {
            return None;
        }
        if char::from(byte) == quote {
            let closed = !long || bytes.get(position..position + 3).is_some_and(|three| three == [byte; 3]);
            if closed {
                return Some(position);
            }
        }
        position += 1;
    }
}

fn prefix(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "r" | "u" | "b" | "f" | "br" | "rb" | "fr" | "rf")
        && name.len() <= 2
}

fn unknown_character(character: char) -> String {
    if character.is_control() {
        format!("invalid non-printable character U+{:04X}", u32::from(character))
    } else if character.is_ascii() {
        format!("'{character}' means nothing here")
    } else {
        format!("invalid character '{character}' (U+{:04X})", u32::from(character))
    }
}
