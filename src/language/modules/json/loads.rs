//! `json.loads`: JSON as Python reads it, its errors at Python's places.

use std::sync::Arc;

use crate::language::operations::{self, Call};
use crate::language::{Budget, Error};
use crate::value::{DEPTH_MAX, Dict, Key, Value};

struct Reader<'t> {
    text: &'t str,
    at: usize,
    strict: bool,
    budget: &'t Budget,
}

/// `json.loads(text)`
pub fn loads(call: Call, budget: &Budget) -> Result<Value, Error> {
    let names = [
        "s",
        "*cls",
        "*object_hook",
        "*parse_float",
        "*parse_int",
        "*parse_constant",
        "*object_pairs_hook",
        "*strict",
    ];
    let [text, hooks @ .., strict] = call.bind("loads", names, 1)?;
    if hooks.into_iter().flatten().any(|hook| !matches!(hook, Value::None)) {
        return Err(Error::Type(String::from("the server's json.loads() takes no functions")));
    }
    let text = match &text {
        Some(Value::Str(text)) => Arc::clone(text),
        Some(Value::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Arc::from(text.strip_prefix('\u{feff}').unwrap_or(text)),
            Err(_) => return Err(Error::Value(String::from("the bytes are not valid UTF-8"))),
        },
        other => {
            let name = other.as_ref().map_or("NoneType", Value::type_name);
            return Err(Error::Type(format!("the JSON object must be str, bytes or bytearray, not {name}")));
        }
    };
    let strict = strict.is_none_or(|strict| strict.truth());
    let mut reader = Reader { text: &text, at: 0, strict, budget };
    if text.starts_with('\u{feff}') {
        return Err(reader.error("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0));
    }
    reader.blank();
    let value = reader.value(0)?;
    reader.blank();
    if reader.at < text.len() {
        return Err(reader.error("Extra data", reader.at));
    }
    Ok(value)
}

impl Reader<'_> {
    fn error(&self, message: &str, at: usize) -> Error {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let place = before.chars().count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::Value(format!("{message}: line {line} column {column} (char {place})"))
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blank(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        self.budget.tick()?;
        for (word, value) in [
            ("null", Value::None),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ] {
            if self.take(word) {
                return Ok(value);
            }
        }
        match self.peek() {
            Some('"') => self.string().map(Value::from),
            Some('[' | '{') if depth >= DEPTH_MAX => {
                Err(Error::Limit(format!("containers may be nested {DEPTH_MAX} deep")))
            }
            Some('[') => self.array(depth),
            Some('{') => self.object(depth),
            Some('-' | '0'..='9') => self.number(),
            _ => Err(self.error("Expecting value", self.at)),
        }
    }

    fn number(&mut self) -> Result<Value, Error> {
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let text = self.rest();
        let sign = usize::from(text.starts_with('-'));
        let from = |at: usize| text.get(at..).unwrap_or_default();
        let whole = if from(sign).starts_with('0') { 1 } else { digits(from(sign)) };
        if whole == 0 {
            return Err(self.error("Expecting value", self.at));
        }
        let mut end = sign + whole;
        let mut is_float = false;
        if from(end).starts_with('.') && digits(from(end + 1)) > 0 {
            end += 1 + digits(from(end + 1));
            is_float = true;
        }
        if from(end).starts_with(['e', 'E']) {
            let signed = usize::from(from(end + 1).starts_with(['+', '-']));
            let exponent = digits(from(end + 1 + signed));
            if exponent > 0 {
                end += 1 + signed + exponent;
                is_float = true;
            }
        }
        let number = text.get(..end).unwrap_or_default();
        let value = if is_float {
            Value::Float(number.parse().map_err(|_| self.error("Expecting value", self.at))?)
        } else {
            let too_big = |_| Error::Limit(String::from("the result does not fit into 64 bits"));
            Value::Int(number.parse().map_err(too_big)?)
        };
        self.at += end;
        Ok(value)
    }

    fn string(&mut self) -> Result<String, Error> {
        let begin = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.rest();
            let length = plain.find(|c: char| c == '"' || c == '\\' || (c < ' ' && self.strict));
            let Some(length) = length else {
                return Err(self.error("Unterminated string starting at", begin));
            };
            self.budget.reserve(length)?;
            out.push_str(plain.get(..length).unwrap_or_default());
            self.at += length;
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some('\\') => out.push(self.escape(begin)?),
                _ => return Err(self.error("Invalid control character at", self.at)),
            }
        }
    }

    fn escape(&mut self, begin: usize) -> Result<char, Error> {
        let start = self.at;
        self.at += 1;
        let Some(character) = self.peek() else {
            return Err(self.error("Unterminated string starting at", begin));
        };
        self.at += character.len_utf8();
        Ok(match character {
            '"' | '\\' | '/' => character,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.unit(start + 1)?;
                let second = match unit {
                    0xD800..=0xDBFF if self.take("\\u") => Some(self.unit(self.at - 1)?),
                    _ => None,
                };
                let units = [unit, second.unwrap_or_default()];
                let units = units.get(..1 + usize::from(second.is_some())).unwrap_or_default();
                let mut decoded = char::decode_utf16(units.iter().copied());
                match (decoded.next(), decoded.next()) {
                    (Some(Ok(character)), None) => character,
                    _ => {
                        return Err(Error::Value(String::from(
                            "the server does not have text with half of a surrogate pair",
                        )));
                    }
                }
            }
            _ => return Err(self.error("Invalid \\escape", start)),
        })
    }

    /// Four hexadecimal digits; `named` is where the `u` stands.
    fn unit(&mut self, named: usize) -> Result<u16, Error> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.error("Invalid \\uXXXX escape", named));
        }
        self.at += 4;
        Ok(u16::from_str_radix(digits, 16).unwrap_or_default())
    }

    fn array(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut items = Vec::new();
        self.blank();
        if self.take("]") {
            return Ok(Value::list(items));
        }
        loop {
            self.budget.reserve(48)?;
            items.push(self.value(depth + 1)?);
            self.blank();
            if self.take("]") {
                return operations::make_list(items);
            }
            if !self.take(",") {
                return Err(self.error("Expecting ',' delimiter", self.at));
            }
            self.blank();
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut entries = Dict::new();
        self.blank();
        if self.take("}") {
            return Ok(Value::Dict(Arc::new(entries)));
        }
        loop {
            if self.peek() != Some('"') {
                return Err(self.error("Expecting property name enclosed in double quotes", self.at));
            }
            self.budget.reserve(128)?;
            let key = self.string()?;
            self.blank();
            if !self.take(":") {
                return Err(self.error("Expecting ':' delimiter", self.at));
            }
            self.blank();
            let value = self.value(depth + 1)?;
            entries.insert(Key::from(key.as_str()), value);
            self.blank();
            if self.take("}") {
                return Ok(Value::Dict(Arc::new(entries)));
            }
            if !self.take(",") {
                return Err(self.error("Expecting ',' delimiter", self.at));
            }
            self.blank();
        }
    }
}
