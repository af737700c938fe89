//! Between our values and Rhai's.
//!
//! None, bool, int, float and str are Rhai's own; every other value travels as [`Held`]. Rhai's arrays and maps are
//! understood where a script made them. Uses `value` and the budget; knows no operation but iteration.

use std::any::TypeId;
use std::sync::Arc;

use rhai::{Array, Blob, Dynamic, ImmutableString, Map};

use super::{Budget, Error, operations};
use crate::value::{DEPTH_MAX, Value};

/// A value that Rhai has no type for.
#[derive(Clone, Debug)]
pub struct Held(pub Value);

/// A comprehension's values on their way.
#[derive(Clone, Debug, Default)]
pub struct Gathered(pub Vec<Value>);

/// `*items` or `**mapping` inside a display: the values that stand there instead.
#[derive(Clone, Debug)]
pub struct Spread(pub Vec<Value>);

/// The registry as a dictionary, for scripts.
#[derive(Clone, Copy, Debug)]
pub struct MyData;

/// The value as Rhai's.
pub fn from_value(value: Value) -> Dynamic {
    match value {
        Value::None => Dynamic::UNIT,
        Value::Bool(truth) => Dynamic::from_bool(truth),
        Value::Int(number) => Dynamic::from_int(number),
        Value::Float(number) => Dynamic::from_float(number),
        Value::Str(text) => Dynamic::from(ImmutableString::from(&*text)),
        value => Dynamic::from(Held(value)),
    }
}

/// Rhai's value as ours.
///
/// # Errors
/// `type` for what is no value, `limit` for what is too deep or too large.
pub fn to_value(dynamic: &Dynamic, budget: &Budget) -> Result<Value, Error> {
    deep(dynamic, budget, 0)
}

fn deep(dynamic: &Dynamic, budget: &Budget, depth: usize) -> Result<Value, Error> {
    if let Some(held) = dynamic.read_lock::<Held>() {
        if depth > 0 && depth + super::operations::depth(&held.0) > DEPTH_MAX {
            return Err(too_deep());
        }
        return Ok(held.0.clone());
    }
    if dynamic.is_unit() {
        return Ok(Value::None);
    }
    if let Ok(number) = dynamic.as_int() {
        return Ok(Value::Int(number));
    }
    if let Some(text) = dynamic.read_lock::<ImmutableString>() {
        budget.reserve(if text.len() > 64 { text.len() } else { 0 })?;
        return Ok(Value::from(text.as_str()));
    }
    if let Ok(truth) = dynamic.as_bool() {
        return Ok(Value::Bool(truth));
    }
    if let Ok(number) = dynamic.as_float() {
        return Ok(Value::Float(number));
    }
    if let Ok(character) = dynamic.as_char() {
        return Ok(Value::from(String::from(character)));
    }
    container(dynamic, budget, depth)
}

fn container(dynamic: &Dynamic, budget: &Budget, depth: usize) -> Result<Value, Error> {
    if depth >= DEPTH_MAX {
        return Err(too_deep());
    }
    if let Some(items) = dynamic.read_lock::<Array>() {
        budget.reserve(items.len().saturating_mul(32))?;
        let items = items.iter().map(|item| deep(item, budget, depth + 1)).collect::<Result<_, _>>()?;
        return Ok(Value::list(items));
    }
    if let Some(entries) = dynamic.read_lock::<Map>() {
        let mut pairs = Vec::with_capacity(entries.len());
        for (key, value) in entries.iter() {
            budget.reserve(64 + key.len())?;
            pairs.push((Value::from(key.as_str()), deep(value, budget, depth + 1)?));
        }
        return operations::make_dict(pairs, budget);
    }
    if let Some(bytes) = dynamic.read_lock::<Blob>() {
        budget.reserve(bytes.len())?;
        return Ok(Value::Bytes(Arc::from(bytes.as_slice())));
    }
    if dynamic.is::<MyData>() {
        return Err(Error::Type(String::from("MyData stands before [ ] or a dot in a script")));
    }
    // What a script caught.
    if let Some(error) = dynamic.read_lock::<Error>() {
        return Ok(Value::from(format!("{}: {}", error.kind(), *error)));
    }
    let range = if let Some(range) = dynamic.read_lock::<std::ops::Range<i64>>() {
        Some((range.start, range.end))
    } else {
        dynamic
            .read_lock::<std::ops::RangeInclusive<i64>>()
            .map(|range| (*range.start(), range.end().saturating_add(1)))
    };
    match range {
        Some((start, end)) => operations::builtin(
            "range",
            operations::Call { positional: vec![start.into(), end.into()], keyword: Vec::new() },
            budget,
        ),
        None => Err(Error::Type(String::from("a function is no value here"))),
    }
}

fn too_deep() -> Error {
    Error::Limit(format!("the depth of a value may be {DEPTH_MAX}"))
}

/// The items of an array that packs arguments, with what was spread in its place.
///
/// # Errors
/// As [`to_value`].
pub fn unpack(items: Vec<Dynamic>, budget: &Budget) -> Result<Vec<Value>, Error> {
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        if item.type_id() == TypeId::of::<Spread>() {
            if let Some(spread) = item.try_cast::<Spread>() {
                values.extend(spread.0);
            }
        } else {
            values.push(to_value(&item, budget)?);
        }
    }
    Ok(values)
}

/// The entries of a mapping, as `**mapping` spreads them.
pub fn pairs(mapping: &Value) -> Result<Vec<(Value, Value)>, Error> {
    match mapping {
        Value::Dict(entries) => {
            Ok(entries.iter().map(|(key, value)| (key.value().clone(), value.clone())).collect())
        }
        other => Err(Error::Type(format!("'{}' object is not a mapping", other.type_name()))),
    }
}
