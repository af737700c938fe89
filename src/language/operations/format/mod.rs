//! `format(value, specification)`: Python's mini-language, for every type.
//!
//! Owns the specification and padding; numbers are `number`'s, `str.format` is `template`'s. Dates are asked of
//! `modules`. Widths and precisions are reserved before anything is made.

mod float;
mod number;
mod specification;
pub(super) mod template;

pub(super) use float::{Digits, Notation};
pub(super) use specification::{Align, Specification};

use super::errors::type_error;
use super::indexing::character_count;
use super::texts::{ascii_text, repr_text, str_text};
use super::{Budget, shape};
use crate::language::{Error, modules};
use crate::value::Value;

/// `format(value, specification)`
pub(super) fn format(value: &Value, specification: &str, budget: &Budget) -> Result<Value, Error> {
    match value {
        Value::Str(text) if specification.is_empty() => Ok(Value::Str(text.clone())),
        Value::Str(text) => {
            let specification = Specification::parse(specification, Align::Left, "str")?;
            text_field(text, &specification, budget)
        }
        _ if specification.is_empty() => str_text(value, budget).map(Value::from),
        Value::Int(number) => {
            let specification = Specification::parse(specification, Align::Right, "int")?;
            number::int(*number, &specification, "int", budget)
        }
        Value::Bool(truth) => {
            let specification = Specification::parse(specification, Align::Right, "bool")?;
            number::int(i64::from(*truth), &specification, "bool", budget)
        }
        Value::Float(number) => {
            let specification = Specification::parse(specification, Align::Right, "float")?;
            number::float(*number, &specification, "float", budget)
        }
        _ => modules::format(value, specification).unwrap_or_else(|| {
            Err(type_error(format!("'{}' takes no format specification", value.type_name())))
        }),
    }
}

/// An f-string's replacement field: `format(value, specification)` after the conversion (`r`, `s`, `a` or none).
///
/// # Errors
/// `value` where the specification is none for that type, `limit` where the text would be too long.
pub fn format_field(
    value: &Value,
    conversion: Option<char>,
    specification: &str,
    budget: &Budget,
) -> Result<Value, Error> {
    let converted = match conversion {
        None => return format(value, specification, budget),
        Some('r') => repr_text(value, budget)?,
        Some('s') => str_text(value, budget)?,
        Some('a') => ascii_text(value, budget)?,
        Some(other) => {
            return Err(super::errors::value_error(format!(
                "unknown conversion '{other}': 's', 'r' or 'a' is needed"
            )));
        }
    };
    format(&Value::from(converted), specification, budget)
}

fn text_field(text: &str, specification: &Specification, budget: &Budget) -> Result<Value, Error> {
    specification.check_text()?;
    let kept = match specification.precision {
        Some(precision) => match text.char_indices().nth(precision) {
            Some((end, _)) => text.get(..end).unwrap_or(text),
            None => text,
        },
        None => text,
    };
    pad(kept, specification, budget)
}

/// Fills up to the width; `=` was dealt with before.
fn pad(text: &str, specification: &Specification, budget: &Budget) -> Result<Value, Error> {
    let missing = specification.width.saturating_sub(character_count(text));
    let fill = specification.fill;
    let (before, after) = match specification.align {
        Align::Left => (0, missing),
        Align::Right | Align::AfterSign => (missing, 0),
        Align::Center => (missing / 2, missing - missing / 2),
    };
    padded(text, fill, before, after, budget).map(Value::from)
}

/// The text between so many fill characters.
pub(super) fn padded(
    text: &str,
    fill: char,
    before: usize,
    after: usize,
    budget: &Budget,
) -> Result<String, Error> {
    let bytes = before.saturating_add(after).saturating_mul(fill.len_utf8()).saturating_add(text.len());
    budget.reserve(bytes.saturating_mul(2).saturating_add(shape::ITEM))?;
    let mut out = String::with_capacity(bytes);
    out.extend(std::iter::repeat_n(fill, before));
    out.push_str(text);
    out.extend(std::iter::repeat_n(fill, after));
    Ok(out)
}
