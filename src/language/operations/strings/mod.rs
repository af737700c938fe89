//! The methods of str, to the letter of CPython 3.11.
//!
//! Characters are CPython's (`classes` and its `tables`); whatever grows is reserved first.

mod cases;
mod classes;
mod encoding;
mod layout;
mod search;
mod split;
mod tables;

pub(in crate::language) use cases::{lower, upper};
pub(in crate::language) use classes::{
    continues_identifier, identifier, is_alphanumeric, is_decimal, is_space, starts_identifier,
};

use std::sync::Arc;

pub(super) use classes::decimal_digit;
pub(super) use encoding::{decode, encode};

use super::errors::{no_attribute, type_error};
use super::{Budget, Call, iterate, shape};
use crate::language::Error;
use crate::value::Value;

/// `text.name(…)`
pub(super) fn method(own: &Arc<str>, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    if let Some(test) = classes::test(name) {
        call.none(name)?;
        budget.tick()?;
        // Each character is looked up, in several tables.
        budget.afford(own.len().saturating_mul(5))?;
        return Ok(Value::Bool(test(own)));
    }
    match name {
        "lower" | "upper" | "title" | "capitalize" | "swapcase" | "casefold" => {
            call.none(name)?;
            budget.reserve(own.len().saturating_mul(6))?;
            Ok(Value::from(cases::convert(name, own)))
        }
        "split" | "rsplit" | "splitlines" | "partition" | "rpartition" => {
            split::method(own, name, call, budget)
        }
        "find" | "rfind" | "index" | "rindex" | "count" | "startswith" | "endswith" | "replace"
        | "removeprefix" | "removesuffix" => search::method(own, name, call, budget),
        "strip" | "lstrip" | "rstrip" | "center" | "ljust" | "rjust" | "zfill" | "expandtabs" => {
            layout::method(own, name, call, budget)
        }
        "join" => join(own, &call.one("join")?, budget),
        "encode" => encode(own, call, budget),
        "maketrans" | "translate" => Err(Error::Name(format!("the server does not have str.{name}"))),
        _ => Err(no_attribute(&Value::Str(own.clone()), name)),
    }
}

fn join(between: &str, pieces: &Value, budget: &Budget) -> Result<Value, Error> {
    let items = iterate(pieces, budget).map_err(|error| match error {
        Error::Type(_) => type_error("can only join an iterable"),
        other => other,
    })?;
    let mut bytes = between.len().saturating_mul(items.len().saturating_sub(1));
    for (place, item) in items.iter().enumerate() {
        let Value::Str(text) = item else {
            return Err(type_error(format!(
                "sequence item {place}: expected str instance, {} found",
                item.type_name()
            )));
        };
        bytes = bytes.saturating_add(text.len());
    }
    if let [only] = items.as_slice() {
        return Ok(only.clone());
    }
    budget.reserve(bytes.saturating_mul(2).saturating_add(shape::ITEM))?;
    let mut out = String::with_capacity(bytes);
    for (place, item) in items.iter().enumerate() {
        budget.tick()?;
        if place > 0 {
            out.push_str(between);
        }
        if let Value::Str(text) = item {
            out.push_str(text);
        }
    }
    Ok(Value::from(out))
}

#[cfg(test)]
mod tests;
