//! JSON text -> the client's value, as a session's lines hold it.
//!
//! Owns the grammar of JSON (RFC 8259) and what of Python's types it shows: null is None, a number with a point or an
//! exponent a float, any other an int, an array a list, an object a dict. What JSON has no word for stays what it
//! came as (`"inf"`, `{"bytes": "…"}`): who knows which type is meant reads it so. Pure. Hostile text is refused, no
//! more: nesting is bounded, and nothing is allocated that is not in the text.

use super::{LiteralError, Value};

/// How deep brackets may stand in each other; the server sends no more than 130.
const DEPTH_MAX: usize = 200;

type Parsed<T> = Result<T, LiteralError>;

/// The value of a JSON text.
///
/// ```
/// use share_client::wire::parse_json;
///
/// let value = parse_json(r#"{"n": 17, "body": [1.0, null, "\u00c8"]}"#)?;
/// assert_eq!(value.repr(), "{'n': 17, 'body': [1.0, None, 'È']}");
/// # Ok::<(), share_client::wire::LiteralError>(())
/// ```
///
/// # Errors
/// Where the text is no JSON, or holds a whole number beyond 64 bits.
pub fn parse_json(text: &str) -> Parsed<Value> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    parser.skip_blanks();
    if parser.at == text.len() { Ok(value) } else { Err(parser.error("unexpected text after the value")) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Parsed<Value> {
        if depth > DEPTH_MAX {
            return Err(self.error("brackets nested too deeply"));
        }
        self.skip_blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::Str),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => [("null", Value::None), ("true", Value::Bool(true)), ("false", Value::Bool(false))]
                .into_iter()
                .find(|(word, _)| self.rest().starts_with(word))
                .map(|(word, value)| {
                    self.at += word.len();
                    value
                })
                .ok_or(self.error("a value is missing")),
        }
    }

    fn array(&mut self, depth: usize) -> Parsed<Value> {
        let mut items = Vec::new();
        self.at += 1;
        if self.accept(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.accept(b']') {
                return Ok(Value::List(items));
            }
            self.expect(b',', "a comma is missing")?;
        }
    }

    fn object(&mut self, depth: usize) -> Parsed<Value> {
        let mut entries = Vec::new();
        self.at += 1;
        if self.accept(b'}') {
            return Ok(Value::Dict(entries));
        }
        loop {
            self.skip_blanks();
            let key = Value::Str(self.string()?);
            self.expect(b':', "a colon is missing")?;
            entries.push((key, self.value(depth + 1)?));
            if self.accept(b'}') {
                return Ok(Value::Dict(entries));
            }
            self.expect(b',', "a comma is missing")?;
        }
    }

    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading = self.peek();
        let wrong = LiteralError { at: start, message: "not a number" };
        let whole = self.digits();
        if whole == 0 || (whole > 1 && leading == Some(b'0')) {
            return Err(wrong);
        }
        let mut is_float = false;
        if self.peek() == Some(b'.') {
            self.at += 1;
            is_float = self.digits() > 0;
            if !is_float {
                return Err(wrong);
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            is_float = self.digits() > 0;
            if !is_float {
                return Err(wrong);
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if is_float {
            return text.parse().map(Value::Float).map_err(|_| wrong);
        }
        let too_large = LiteralError { at: start, message: "not a whole number of 64 bits" };
        text.parse().map(Value::Int).map_err(|_| too_large)
    }

    fn digits(&mut self) -> usize {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += count;
        count
    }

    fn string(&mut self) -> Parsed<String> {
        let start = self.at;
        let mut text = String::new();
        if self.peek() != Some(b'"') {
            return Err(self.error("a text is missing"));
        }
        self.at += 1;
        loop {
            let rest = self.rest();
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let unclosed = LiteralError { at: start, message: "the quote is not closed" };
            let plain = plain.ok_or(unclosed)?;
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return Err(self.error("a control character in a text")),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let letter = self.peek();
        self.at += usize::from(letter.is_some_and(|letter| letter.is_ascii()));
        match letter {
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(same @ (b'"' | b'\\' | b'/')) => Ok(char::from(same)),
            Some(b'u') => self.code(),
            _ => Err(self.error("unknown escape")),
        }
    }

    /// What stands after `\u`: a character, or the two halves of one.
    fn code(&mut self) -> Parsed<char> {
        let wrong = self.error("not the code of a character");
        let first = self.hex().ok_or(wrong.clone())?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or(wrong);
        }
        if !self.rest().starts_with("\\u") {
            return Err(wrong);
        }
        self.at += 2;
        let second = self.hex().filter(|second| (0xdc00..0xe000).contains(second)).ok_or(wrong.clone())?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(wrong)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        let blanks = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().as_bytes().iter().take_while(|byte| blanks(byte)).count();
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8, message: &'static str) -> Parsed<()> {
        if self.accept(byte) { Ok(()) } else { Err(self.error(message)) }
    }

    fn error(&self, message: &'static str) -> LiteralError {
        LiteralError { at: self.at, message }
    }
}

#[cfg(test)]
mod tests;
