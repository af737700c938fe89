//! Python literal text -> the client's value: what `repr()` writes, and `str()` but for a bare string.
//!
//! Owns the grammar of literals: no names, no operators, no calls but those that `repr()` itself writes
//! (`set()`, `datetime.date(2026, 11, 20)`). Pure. Text from a hostile server may be refused, no more: nesting is
//! bounded, and nothing is allocated that is not in the text.

use std::fmt;
use std::str::FromStr;

use super::{Date, DateTime, Delta, Time, Value};

/// How deep brackets may stand in each other; the server itself stores no more than 64 levels.
const DEPTH_MAX: usize = 100;

/// Why a text is no literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiteralError {
    /// The byte at which it was noticed.
    pub at: usize,
    /// What was wrong there.
    pub message: &'static str,
}

impl fmt::Display for LiteralError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at byte {}", self.message, self.at)
    }
}

impl std::error::Error for LiteralError {}

type Parsed<T> = Result<T, LiteralError>;

impl FromStr for Value {
    type Err = LiteralError;

    /// Reads what Python's `repr()` writes.
    fn from_str(text: &str) -> Parsed<Value> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0)?;
        parser.skip_blanks();
        if parser.rest().is_empty() {
            Ok(value)
        } else {
            Err(parser.error("unexpected text after the value"))
        }
    }
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
        match self.rest().chars().next() {
            Some('[') => Ok(Value::List(self.items('[', ']', depth)?.0)),
            Some('(') => match self.items('(', ')', depth)? {
                (mut items, false) if items.len() == 1 => Ok(items.remove(0)),
                (items, _) => Ok(Value::Tuple(items)),
            },
            Some('{') => self.dict_or_set(depth),
            Some('\'' | '"') => self.string(),
            Some('b') if self.rest().starts_with("b'") || self.rest().starts_with("b\"") => self.bytes(),
            Some('-' | '+' | '.' | '0'..='9') => self.number(),
            Some(first) if first.is_ascii_alphabetic() => self.word(depth),
            Some(_) => Err(self.error("unexpected character")),
            None => Err(self.error("a value is missing")),
        }
    }

    /// The items between brackets, and whether a comma followed the last.
    fn items(&mut self, open: char, close: char, depth: usize) -> Parsed<(Vec<Value>, bool)> {
        self.expect(open)?;
        let mut items = Vec::new();
        let mut comma = false;
        while !self.accept(close) {
            if !items.is_empty() && !comma {
                return Err(self.error("a comma is missing"));
            }
            items.push(self.value(depth + 1)?);
            comma = self.accept(',');
        }
        Ok((items, comma))
    }

    fn dict_or_set(&mut self, depth: usize) -> Parsed<Value> {
        self.expect('{')?;
        let (mut entries, mut members, mut comma) = (Vec::new(), Vec::new(), true);
        while !self.accept('}') {
            if !comma {
                return Err(self.error("a comma is missing"));
            }
            let key = self.value(depth + 1)?;
            if self.accept(':') {
                entries.push((key, self.value(depth + 1)?));
            } else {
                members.push(key);
            }
            if !entries.is_empty() && !members.is_empty() {
                return Err(self.error("neither a dict nor a set"));
            }
            comma = self.accept(',');
        }
        Ok(if members.is_empty() { Value::Dict(entries) } else { Value::Set(members) })
    }

    fn number(&mut self) -> Parsed<Value> {
        if self.rest().starts_with("-inf") {
            self.at += 4;
            return Ok(Value::Float(f64::NEG_INFINITY));
        }
        let start = self.at;
        let mut previous = ' ';
        let length = self
            .rest()
            .find(|character: char| {
                let sign_fits = matches!(previous, ' ' | 'e' | 'E');
                let belongs = matches!(character, '0'..='9' | '.' | 'e' | 'E')
                    || (matches!(character, '+' | '-') && sign_fits);
                previous = character;
                !belongs
            })
            .unwrap_or(self.rest().len());
        let text = self.take(length);
        let number = if text.contains(['.', 'e', 'E']) {
            text.parse().map(Value::Float).map_err(|_| "not a number")
        } else {
            text.parse().map(Value::Int).map_err(|_| "not a whole number of 64 bits")
        };
        number.map_err(|message| LiteralError { at: start, message })
    }

    fn word(&mut self, depth: usize) -> Parsed<Value> {
        let start = self.at;
        let belongs = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.');
        let length = self.rest().find(|character| !belongs(character)).unwrap_or(self.rest().len());
        let unknown = LiteralError { at: start, message: "not a literal" };
        match self.take(length) {
            "None" => Ok(Value::None),
            "True" => Ok(Value::Bool(true)),
            "False" => Ok(Value::Bool(false)),
            "inf" => Ok(Value::Float(f64::INFINITY)),
            "nan" => Ok(Value::Float(f64::NAN)),
            "set" => match self.items('(', ')', depth)?.0.as_slice() {
                [] => Ok(Value::Set(Vec::new())),
                _ => Err(unknown),
            },
            "frozenset" => match self.items('(', ')', depth)?.0.pop() {
                None => Ok(Value::FrozenSet(Vec::new())),
                Some(Value::Set(members)) => Ok(Value::FrozenSet(members)),
                Some(_) => Err(unknown),
            },
            name => self.moment(name, depth).unwrap_or(Err(unknown)),
        }
    }

    /// What `datetime.NAME(…)` makes, for each NAME that a `repr()` has.
    fn moment(&mut self, name: &str, depth: usize) -> Option<Parsed<Value>> {
        let start = self.at;
        let made = match name {
            "datetime.timedelta" => return Some(self.delta()),
            "datetime.datetime" => {
                self.fields(depth).map(|[year, month, day, hour, minute, second, microsecond]| {
                    let (date, time) = (date(year, month, day)?, time(hour, minute, second, microsecond)?);
                    Some(Value::DateTime(DateTime { date, time }))
                })
            }
            "datetime.date" => self.fields(depth).map(|fields| match fields {
                [year, month, day, 0, 0, 0, 0] => date(year, month, day).map(Value::Date),
                _ => None,
            }),
            "datetime.time" => self.fields(depth).map(|fields| match fields {
                [hour, minute, second, microsecond, 0, 0, 0] => {
                    time(hour, minute, second, microsecond).map(Value::Time)
                }
                _ => None,
            }),
            _ => return None,
        };
        let absurd = LiteralError { at: start, message: "no such date or time" };
        Some(made.and_then(|value| value.ok_or(absurd)))
    }

    /// The whole numbers between brackets, those left out at the end as 0: never more than a datetime has.
    fn fields(&mut self, depth: usize) -> Parsed<[i64; 7]> {
        let mut fields = [0; 7];
        let items = self.items('(', ')', depth)?.0;
        if items.len() > fields.len() {
            return Err(self.error("too many fields"));
        }
        for (field, item) in fields.iter_mut().zip(items) {
            let Value::Int(number) = item else { return Err(self.error("a field is no whole number")) };
            *field = number;
        }
        Ok(fields)
    }

    fn delta(&mut self) -> Parsed<Value> {
        let mut delta = Delta { days: 0, seconds: 0, microseconds: 0 };
        self.expect('(')?;
        while !self.accept(')') {
            self.skip_blanks();
            let length = self.rest().find(|character: char| !character.is_ascii_lowercase()).unwrap_or(0);
            let name = self.take(length);
            if !name.is_empty() {
                self.expect('=')?;
            }
            let Value::Int(number) = self.number()? else {
                return Err(self.error("a field is no whole number"));
            };
            let small = |below: u32| u32::try_from(number).ok().filter(|number| *number < below);
            match name {
                "days" => delta.days = number,
                "seconds" => delta.seconds = small(86_400).ok_or(self.error("too many seconds"))?,
                "microseconds" => {
                    delta.microseconds = small(1_000_000).ok_or(self.error("too many microseconds"))?;
                }
                "" if number == 0 => {}
                _ => return Err(self.error("not a field of a timedelta")),
            }
            self.accept(',');
        }
        Ok(Value::Delta(delta))
    }

    fn string(&mut self) -> Parsed<Value> {
        let mut text = String::new();
        self.quoted(|character, _| {
            text.push(character);
            true
        })?;
        Ok(Value::Str(text))
    }

    fn bytes(&mut self) -> Parsed<Value> {
        let mut bytes = Vec::new();
        self.expect('b')?;
        self.quoted(|character, escaped| match u8::try_from(u32::from(character)) {
            Ok(byte) if escaped || byte.is_ascii() => {
                bytes.push(byte);
                true
            }
            _ => false,
        })?;
        Ok(Value::Bytes(bytes))
    }

    /// Hands over each character between the quotes, and whether it was written as an escape, until `take`
    /// refuses one.
    fn quoted(&mut self, mut take: impl FnMut(char, bool) -> bool) -> Parsed<()> {
        let start = self.at;
        let unclosed = LiteralError { at: start, message: "the quote is not closed" };
        let quote = self.next().ok_or(unclosed.clone())?;
        loop {
            let (character, escaped) = match self.next().ok_or(unclosed.clone())? {
                end if end == quote => return Ok(()),
                '\\' => (self.escape()?, true),
                plain => (plain, false),
            };
            if !take(character, escaped) {
                return Err(self.error("not a byte"));
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let digits = match self.next() {
            Some('n') => return Ok('\n'),
            Some('r') => return Ok('\r'),
            Some('t') => return Ok('\t'),
            Some(same @ ('\\' | '\'' | '"')) => return Ok(same),
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => return Err(self.error("unknown escape")),
        };
        let code = self.take(digits);
        let all_hex = code.len() == digits && code.bytes().all(|byte| byte.is_ascii_hexdigit());
        let character = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
        character.filter(|_| all_hex).ok_or(self.error("not the code of a character"))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_ascii_start().len();
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest().chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// The next `length` bytes, or nothing where the text ends or a character would be cut.
    fn take(&mut self, length: usize) -> &'a str {
        let taken = self.rest().get(..length).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    fn accept(&mut self, character: char) -> bool {
        self.skip_blanks();
        let there = self.rest().starts_with(character);
        self.at += if there { character.len_utf8() } else { 0 };
        there
    }

    fn expect(&mut self, character: char) -> Parsed<()> {
        if self.accept(character) { Ok(()) } else { Err(self.error("a bracket is missing")) }
    }

    fn error(&self, message: &'static str) -> LiteralError {
        LiteralError { at: self.at, message }
    }
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    let year = i32::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
    Some(Date { year, month: within(month, 1, 12)?, day: within(day, 1, 31)? })
}

fn time(hour: i64, minute: i64, second: i64, microsecond: i64) -> Option<Time> {
    Some(Time {
        hour: within(hour, 0, 23)?,
        minute: within(minute, 0, 59)?,
        second: within(second, 0, 59)?,
        microsecond: within(microsecond, 0, 999_999)?,
    })
}

fn within(number: i64, least: u32, most: u32) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| (least..=most).contains(number))
}

#[cfg(test)]
mod tests;
