//! Ints and floats in a format specification.
//!
//! Uses `float` for digits; owns signs, prefixes, grouping and the fill after the sign.

use super::float::{Digits, Notation};
use super::specification::{Align, Specification, unknown};
use super::{Budget, pad, padded};
use crate::language::Error;
use crate::language::operations::errors::value_error;
use crate::language::operations::numbers::to_float;
use crate::value::Value;

/// An int (or a bool) as the specification has it.
pub(super) fn int(
    number: i64,
    specification: &Specification,
    type_name: &str,
    budget: &Budget,
) -> Result<Value, Error> {
    let size = number.unsigned_abs();
    let (digits, prefix) = match specification.kind {
        None | Some('d' | 'n') => (size.to_string(), ""),
        Some('b') => (format!("{size:b}"), "0b"),
        Some('o') => (format!("{size:o}"), "0o"),
        Some('x') => (format!("{size:x}"), "0x"),
        Some('X') => (format!("{size:X}"), "0X"),
        Some('c') => {
            check_int(specification)?;
            return character(number, specification, budget);
        }
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            return float(to_float(number), specification, type_name, budget);
        }
        Some(kind) => return Err(unknown(kind, type_name)),
    };
    check_int(specification)?;
    let group = if matches!(specification.kind, Some('b' | 'o' | 'x' | 'X')) { 4 } else { 3 };
    let prefix = if specification.alternate { prefix } else { "" };
    let parts = Parts { negative: number < 0, prefix, whole: &digits, rest: "", group };
    parts.assemble(specification, budget)
}

fn check_int(specification: &Specification) -> Result<(), Error> {
    if specification.precision.is_some() {
        return Err(value_error("Precision not allowed in integer format specifier"));
    }
    if specification.no_negative_zero {
        return Err(value_error(
            "Negative zero coercion (z) not allowed in format specifier with integer presentation type",
        ));
    }
    Ok(())
}

fn character(number: i64, specification: &Specification, budget: &Budget) -> Result<Value, Error> {
    if specification.sign.is_some() {
        return Err(value_error("Sign not allowed with integer format specifier 'c'"));
    }
    if specification.alternate {
        return Err(value_error("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let character = u32::try_from(number).ok().and_then(char::from_u32);
    let character = character.ok_or_else(|| value_error("%c arg not in range(0x110000)"))?;
    pad(character.encode_utf8(&mut [0; 4]), specification, budget)
}

/// A float as the specification has it.
pub(super) fn float(
    number: f64,
    specification: &Specification,
    type_name: &str,
    budget: &Budget,
) -> Result<Value, Error> {
    let kind = specification.kind;
    let (notation, precision) = match (kind, specification.precision) {
        (None, None) => (Notation::Shortest, 0),
        (None, Some(precision)) => (Notation::GeneralFloat, precision),
        (Some('e' | 'E'), precision) => (Notation::Exponent, precision.unwrap_or(6)),
        (Some('f' | 'F' | '%'), precision) => (Notation::Fixed, precision.unwrap_or(6)),
        (Some('g' | 'G' | 'n'), precision) => (Notation::General, precision.unwrap_or(6)),
        (Some(other), _) => return Err(unknown(other, type_name)),
    };
    if precision > i32::MAX as usize {
        return Err(value_error("precision too big"));
    }
    let number = if kind == Some('%') { number * 100.0 } else { number };
    let mut digits = Digits::of(number.abs(), notation, precision, specification.alternate, budget)?;
    if kind == Some('%') {
        digits.rest.push('%');
    }
    if kind.is_some_and(char::is_uppercase) {
        digits.whole.make_ascii_uppercase();
        digits.rest.make_ascii_uppercase();
    }
    let mut negative = number.is_sign_negative() && !number.is_nan();
    if negative && specification.no_negative_zero && number.is_finite() {
        let written = Digits { whole: digits.whole.to_lowercase(), rest: digits.rest.to_lowercase() };
        negative = !written.is_zero();
    }
    let group = if number.is_finite() { 3 } else { 0 };
    let parts = Parts { negative, prefix: "", whole: &digits.whole, rest: &digits.rest, group };
    parts.assemble(specification, budget)
}

/// A number's text, in parts.
struct Parts<'a> {
    negative: bool,
    prefix: &'a str,
    whole: &'a str,
    rest: &'a str,
    /// Digits in a group; 0 where nothing is grouped (infinities).
    group: usize,
}

impl Parts<'_> {
    fn assemble(&self, specification: &Specification, budget: &Budget) -> Result<Value, Error> {
        let sign = match (self.negative, specification.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            (false, _) => "",
        };
        let outside = sign.len() + self.prefix.len() + self.rest.len();
        let after_sign = specification.align == Align::AfterSign;
        let zeros = after_sign && specification.fill == '0';
        let width = if zeros { specification.width.saturating_sub(outside) } else { 0 };
        budget.reserve(width.saturating_mul(3))?;
        let whole = match specification.grouping {
            Some(separator) if self.group > 0 => grouped(self.whole, self.group, separator, width),
            _ => format!("{}{}", "0".repeat(width.saturating_sub(self.whole.len())), self.whole),
        };
        if after_sign {
            let missing = specification.width.saturating_sub(outside + whole.len());
            let body = padded(&whole, specification.fill, missing, 0, budget)?;
            budget.reserve(body.len().saturating_mul(2))?;
            return Ok(Value::from([sign, self.prefix, &body, self.rest].concat()));
        }
        pad(&[sign, self.prefix, &whole, self.rest].concat(), specification, budget)
    }
}

/// The digits in groups from the right, with zeros before them up to the width; a separator never comes first.
fn grouped(digits: &str, group: usize, separator: char, width: usize) -> String {
    let mut reversed: Vec<char> = Vec::with_capacity(digits.len().max(width) * 2);
    let mut rest = digits.chars().rev();
    let (mut left, mut width) = (digits.len(), width);
    loop {
        let length = group.min(left.max(width).max(1));
        for _ in 0..length {
            reversed.push(rest.next().unwrap_or('0'));
        }
        left = left.saturating_sub(length);
        width = width.saturating_sub(length);
        if left == 0 && width == 0 {
            break;
        }
        reversed.push(separator);
        width = width.saturating_sub(1);
    }
    reversed.into_iter().rev().collect()
}
