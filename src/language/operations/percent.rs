//! `'%d of %s' % values`: printf formatting, to the letter of CPython.
//!
//! Uses `format`'s digits. Widths and precisions are reserved before anything is made.

use std::iter::Peekable;
use std::str::Chars;

use super::arguments::whole;
use super::errors::{overflow, type_error, value_error};
use super::format::{Digits, Notation};
use super::indexing::{self, character_count};
use super::numbers::{Number, to_float};
use super::texts::{ascii_text, repr_text, str_text};
use super::{Budget, shape};
use crate::language::Error;
use crate::value::Value;

/// `template % values`
pub(super) fn text(template: &str, values: &Value, budget: &Budget) -> Result<Value, Error> {
    let single = [values.clone()];
    let items = match values {
        Value::Tuple(items) => items.as_slice(),
        _ => &single,
    };
    let mapping = matches!(values, Value::Dict(_) | Value::List(_) | Value::Bytes(_))
        || matches!(values.type_name(), "range" | "re.Match");
    let mut feed = Feed { items, at: 0, mapping: mapping.then_some(values), chosen: None };
    let mut out = String::new();
    let mut rest = template.chars().peekable();
    budget.reserve(template.len())?;
    while let Some(character) = rest.next() {
        budget.tick()?;
        if character != '%' || rest.next_if_eq(&'%').is_some() {
            out.push(character);
            continue;
        }
        let field = Field::read(&mut rest, &mut feed)?;
        let piece = field.write(&mut feed, budget)?;
        budget.reserve(piece.len())?;
        out.push_str(&piece);
    }
    if feed.at < feed.items.len() && feed.mapping.is_none() {
        return Err(type_error("not all arguments converted during string formatting"));
    }
    shape::text(&out, budget)
}

/// The values, as they are taken.
struct Feed<'v> {
    items: &'v [Value],
    at: usize,
    mapping: Option<&'v Value>,
    /// What a `(key)` chose.
    chosen: Option<Value>,
}

impl Feed<'_> {
    fn next(&mut self) -> Result<Value, Error> {
        if let Some(chosen) = self.chosen.take() {
            return Ok(chosen);
        }
        let item = self.items.get(self.at).cloned();
        self.at += 1;
        item.ok_or_else(|| type_error("not enough arguments for format string"))
    }
}

#[derive(Default)]
struct Field {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

impl Field {
    fn read(rest: &mut Peekable<Chars<'_>>, feed: &mut Feed<'_>) -> Result<Field, Error> {
        let mut field = Field::default();
        if rest.next_if_eq(&'(').is_some() {
            let Some(mapping) = feed.mapping else { return Err(type_error("format requires a mapping")) };
            let mut depth = 1;
            let mut key = String::new();
            loop {
                match rest.next() {
                    Some(')') if depth == 1 => break,
                    Some(character) => {
                        depth += match character {
                            '(' => 1,
                            ')' => -1,
                            _ => 0,
                        };
                        key.push(character);
                    }
                    None => return Err(value_error("incomplete format key")),
                }
            }
            // From now on the chosen value is all there is.
            feed.chosen = Some(indexing::index(mapping, &Value::from(key))?);
            feed.items = &[];
        }
        loop {
            match rest.peek() {
                Some('-') => field.left = true,
                Some('+') => field.plus = true,
                Some(' ') => field.blank = true,
                Some('#') => field.alternate = true,
                Some('0') => field.zero = true,
                _ => break,
            }
            rest.next();
        }
        if let Some(width) = number(rest, feed)? {
            field.left |= width < 0;
            field.width = usize::try_from(width.unsigned_abs()).map_err(|_| overflow())?;
        }
        if rest.next_if_eq(&'.').is_some() {
            let precision = number(rest, feed)?.unwrap_or(0);
            if i32::try_from(precision).is_err() {
                return Err(value_error("precision too big"));
            }
            let precision = precision.max(0);
            field.precision = Some(usize::try_from(precision).map_err(|_| overflow())?);
        }
        rest.next_if(|character| matches!(character, 'h' | 'l' | 'L'));
        field.kind = rest.next().ok_or_else(|| value_error("incomplete format"))?;
        Ok(field)
    }

    fn write(mut self, feed: &mut Feed<'_>, budget: &Budget) -> Result<String, Error> {
        let value = feed.next()?;
        match self.kind {
            's' => self.text(str_text(&value, budget)?, budget),
            'r' => self.text(repr_text(&value, budget)?, budget),
            'a' => self.text(ascii_text(&value, budget)?, budget),
            'c' => {
                self.precision = None;
                self.text(character(&value)?, budget)
            }
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => self.integer(&value, budget),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => self.float(&value, budget),
            other => Err(value_error(format!("unsupported format character '{other}'"))),
        }
    }

    fn text(&self, text: String, budget: &Budget) -> Result<String, Error> {
        let text = match self.precision.and_then(|precision| text.char_indices().nth(precision)) {
            Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
            None => text,
        };
        self.padded("", &text, ' ', budget)
    }

    /// Sign (and prefix) first, then zeros or before it blanks, then the digits.
    fn padded(&self, sign: &str, digits: &str, fill: char, budget: &Budget) -> Result<String, Error> {
        let missing = self.width.saturating_sub(sign.len() + character_count(digits));
        budget.reserve(missing.saturating_add(digits.len()).saturating_mul(2))?;
        let blanks = |count: usize, fill: char| fill.to_string().repeat(count);
        Ok(if self.left {
            [sign, digits, &blanks(missing, ' ')].concat()
        } else if fill == '0' {
            [sign, &blanks(missing, '0'), digits].concat()
        } else {
            [&blanks(missing, ' '), sign, digits].concat()
        })
    }

    fn fill(&self) -> char {
        if self.zero { '0' } else { ' ' }
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.blank) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        }
    }

    fn integer(&self, value: &Value, budget: &Budget) -> Result<String, Error> {
        let decimal = matches!(self.kind, 'd' | 'i' | 'u');
        let number = match value {
            Value::Float(number) if decimal => super::convert::truncated(*number)?,
            _ => whole(value).ok_or_else(|| {
                let wanted = if decimal { "a real number is required" } else { "an integer is required" };
                type_error(format!("%{} format: {wanted}, not {}", self.kind, value.type_name()))
            })?,
        };
        let size = number.unsigned_abs();
        let (digits, prefix) = match self.kind {
            'o' => (format!("{size:o}"), "0o"),
            'x' => (format!("{size:x}"), "0x"),
            'X' => (format!("{size:X}"), "0X"),
            _ => (size.to_string(), ""),
        };
        let zeros = self.precision.unwrap_or(0).saturating_sub(digits.len());
        budget.reserve(zeros.saturating_mul(2))?;
        let digits = format!("{}{digits}", "0".repeat(zeros));
        let prefix = if self.alternate { prefix } else { "" };
        let sign = format!("{}{prefix}", self.sign(number < 0));
        self.padded(&sign, &digits, self.fill(), budget)
    }

    fn float(&self, value: &Value, budget: &Budget) -> Result<String, Error> {
        let number = match Number::of(value) {
            Some(Number::Int(number)) => to_float(number),
            Some(Number::Float(number)) => number,
            None => return Err(type_error(format!("must be real number, not {}", value.type_name()))),
        };
        let notation = match self.kind {
            'e' | 'E' => Notation::Exponent,
            'f' | 'F' => Notation::Fixed,
            _ => Notation::General,
        };
        let precision = self.precision.unwrap_or(6);
        if precision > i32::MAX as usize {
            return Err(value_error("precision too big"));
        }
        let digits = Digits::of(number.abs(), notation, precision, self.alternate, budget)?;
        let mut text = digits.whole + digits.rest.as_str();
        if self.kind.is_uppercase() {
            text.make_ascii_uppercase();
        }
        let negative = number.is_sign_negative() && !number.is_nan();
        self.padded(self.sign(negative), &text, self.fill(), budget)
    }
}

/// Digits, or `*`, which takes the next value.
fn number(rest: &mut Peekable<Chars<'_>>, feed: &mut Feed<'_>) -> Result<Option<i64>, Error> {
    if rest.next_if_eq(&'*').is_some() {
        return match feed.next()? {
            Value::Int(number) => Ok(Some(number)),
            Value::Bool(truth) => Ok(Some(i64::from(truth))),
            _ => Err(type_error("* wants int")),
        };
    }
    let mut found: Option<i64> = None;
    while let Some(digit) = rest.peek().and_then(|character| character.to_digit(10)) {
        let next = found.unwrap_or(0).checked_mul(10).and_then(|next| next.checked_add(i64::from(digit)));
        found = Some(next.ok_or_else(|| value_error("width too big"))?);
        rest.next();
    }
    Ok(found)
}

fn character(value: &Value) -> Result<String, Error> {
    match value {
        Value::Str(text) if character_count(text) == 1 => Ok(text.to_string()),
        _ => {
            let number = whole(value).ok_or_else(|| type_error("%c requires int or char"))?;
            let character = u32::try_from(number).ok().and_then(char::from_u32);
            character.map(String::from).ok_or_else(|| value_error("%c arg not in range(0x110000)"))
        }
    }
}
