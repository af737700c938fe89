//! `all`, `any`, `enumerate`, `filter`, `frozenset`, `len`, `list`, `map`, `max`, `min`, `reversed`, `set`,
//! `sorted`, `sum`, `tuple`, `zip`.

use std::sync::Arc;

use crate::language::operations::arguments::{integer_or, length};
use crate::language::operations::errors::{overflow, type_error, value_error};
use crate::language::operations::indexing::character_count;
use crate::language::operations::lists::{keys_of, sort_arguments};
use crate::language::operations::numbers::{Number, fresh};
use crate::language::operations::range::Range;
use crate::language::operations::source::{Iterating, Source};
use crate::language::operations::views::View;
use crate::language::operations::{Binary, Budget, Call, binary, compare, iterate, sets, shape};
use crate::language::{Error, modules};
use crate::value::Value;

pub(super) fn builtin(name: &str, mut call: Call, budget: &Budget) -> Result<Value, Error> {
    match name {
        "len" => len(&call.one(name)?),
        "all" | "any" => {
            let mut source = Source::of(&call.one(name)?, budget)?;
            while let Some(item) = source.next(budget)? {
                if item.truth() == (name == "any") {
                    return Ok(Value::Bool(name == "any"));
                }
            }
            Ok(Value::Bool(name == "all"))
        }
        "list" | "tuple" => {
            let [items] = call.bind(name, ["/iterable"], 0)?;
            let items = match items {
                Some(Value::Tuple(items)) if name == "tuple" => return Ok(Value::Tuple(items)),
                Some(items) => iterate(&items, budget)?,
                None => Vec::new(),
            };
            if name == "list" { shape::make_list(items) } else { shape::make_tuple(items) }
        }
        "set" | "frozenset" => {
            let [items] = call.bind(name, ["/iterable"], 0)?;
            let members = match items {
                Some(Value::FrozenSet(members)) if name == "frozenset" => {
                    return Ok(Value::FrozenSet(members));
                }
                Some(items) => sets::collect(iterate(&items, budget)?, budget)?,
                None => Default::default(),
            };
            let members = Arc::new(members);
            Ok(if name == "set" { Value::Set(members) } else { Value::FrozenSet(members) })
        }
        "enumerate" => {
            let [items, start] = call.bind(name, ["iterable", "start"], 1)?;
            let source = Source::of(&items.unwrap_or(Value::None), budget)?;
            Iterating::enumerate(source, integer_or(start.as_ref(), 0)?)
        }
        "reversed" => reversed(&call.one(name)?, budget),
        "zip" => {
            let strict = match call.keyword.pop() {
                None => false,
                Some((keyword, value)) if keyword == "strict" => value.truth(),
                Some((keyword, _)) => {
                    return Err(type_error(format!("'{keyword}' is an invalid keyword argument for zip()")));
                }
            };
            let sources =
                call.all(name)?.iter().map(|items| Source::of(items, budget)).collect::<Result<_, _>>()?;
            Iterating::zip(sources, strict)
        }
        "__map__" => Iterating::plain("map", Source::of(&call.one("map")?, budget)?),
        "__filter__" => Iterating::plain("filter", Source::of(&call.one("filter")?, budget)?),
        "__dict_keys__" => View::of_keys(iterate(&call.one(name)?, budget)?, budget),
        "filter" => filter(call, budget),
        "map" => Err(no_function(name, &call)),
        "max" | "min" => extreme(name, call, budget),
        "sorted" => {
            let items = match call.positional.len() {
                1 => iterate(&call.positional.remove(0), budget)?,
                count => return Err(type_error(format!("sorted expected 1 argument, got {count}"))),
            };
            let (keys, reverse) = sort_arguments(name, call, &items)?;
            compare::sort(items, keys, reverse, budget).map(Value::list)
        }
        "sum" => sum(call, budget),
        _ => Err(Error::Name(format!("no function '{name}'"))),
    }
}

fn len(value: &Value) -> Result<Value, Error> {
    match value {
        Value::Str(text) => length(character_count(text)),
        Value::Bytes(bytes) => length(bytes.len()),
        Value::List(items) | Value::Tuple(items) => length(items.len()),
        Value::Dict(entries) => length(entries.len()),
        Value::Set(members) | Value::FrozenSet(members) => length(members.len()),
        _ => match (Range::of(value), View::of(value)) {
            (Some(range), _) => range.length().map(Value::Int),
            (_, Some(view)) => length(view.dict.len()),
            _ => match modules::plain(value) {
                Some(Value::Tuple(items)) => length(items.len()),
                _ => Err(type_error(format!("object of type '{}' has no len()", value.type_name()))),
            },
        },
    }
}

fn reversed(value: &Value, budget: &Budget) -> Result<Value, Error> {
    if let Value::Str(_) | Value::Bytes(_) | Value::Dict(_) | Value::Opaque(_) = value {
        let count = match (value, View::of(value)) {
            (Value::Str(text), _) => text.len(),
            (Value::Bytes(bytes), _) => bytes.len(),
            (Value::Dict(entries), _) => entries.len().saturating_mul(shape::ITEM),
            (_, Some(view)) => view.dict.len().saturating_mul(6 * shape::ITEM),
            _ => 0,
        };
        budget.reserve(count.saturating_mul(2))?;
    }
    let (kind, source) = match value {
        Value::List(items) => ("list_reverseiterator", Source::Backward(items.clone(), 0)),
        Value::Tuple(items) => ("reversed", Source::Backward(items.clone(), 0)),
        Value::Str(text) => {
            let back: String = text.chars().rev().collect();
            ("reversed", Source::Characters(Arc::from(back), 0))
        }
        Value::Bytes(bytes) => ("reversed", Source::Bytes(bytes.iter().rev().copied().collect(), 0)),
        Value::Dict(entries) => {
            let keys = entries.keys().rev().map(|key| key.value().clone()).collect();
            ("dict_reversekeyiterator", Source::Items(Arc::new(keys), 0))
        }
        _ => match (Range::of(value), View::of(value)) {
            (Some(range), _) => ("range_iterator", Source::Range(range.reversed()?, 0)),
            (_, Some(view)) => {
                let items = (0..view.dict.len()).rev().filter_map(|place| view.nth(place)).collect();
                ("dict_reverseitemiterator", Source::Items(Arc::new(items), 0))
            }
            _ => return Err(type_error(format!("'{}' object is not reversible", value.type_name()))),
        },
    };
    Iterating::plain(kind, source)
}

/// `map` and `filter` that the lowering could not run.
fn no_function(name: &str, call: &Call) -> Error {
    type_error(match call.keyword.is_empty() {
        true => format!("{name}() takes a function and something to iterate over"),
        false => format!("{name}() takes no keyword arguments"),
    })
}

/// `filter(None, items)`: what is true; with a function the lowering has run it.
fn filter(call: Call, budget: &Budget) -> Result<Value, Error> {
    let [function, items] = call.bind("filter", ["/function", "/iterable"], 2)?;
    if !matches!(function, Some(Value::None)) {
        return Err(no_function("filter", &Call::default()));
    }
    let mut items = iterate(&items.unwrap_or(Value::None), budget)?;
    items.retain(Value::truth);
    Iterating::plain("filter", Source::Items(Arc::new(items), 0))
}

fn extreme(name: &str, mut call: Call, budget: &Budget) -> Result<Value, Error> {
    let positional = std::mem::take(&mut call.positional);
    let [keys, key, default] = call.bind(name, ["*__keys__", "*key", "*default"], 0)?;
    let items = match <[Value; 1]>::try_from(positional) {
        Ok([items]) => iterate(&items, budget)?,
        Err(none) if none.is_empty() => {
            return Err(type_error(format!("{name} expected at least 1 argument, got 0")));
        }
        Err(_) if default.is_some() => {
            return Err(type_error(format!(
                "Cannot specify a default for {name}() with multiple positional arguments"
            )));
        }
        Err(many) => many,
    };
    let keys = keys_of(keys, key, &items)?;
    let operator = if name == "max" { Binary::Gt } else { Binary::Lt };
    let by = keys.as_deref().unwrap_or(&items);
    let mut best: Option<(usize, &Value)> = None;
    for (place, key) in by.iter().enumerate() {
        let better = match best {
            None => true,
            Some((_, sofar)) => compare::ordered(operator, key, sofar, budget)?,
        };
        if better {
            best = Some((place, key));
        }
    }
    match best.and_then(|(place, _)| items.get(place)).cloned().or(default) {
        Some(value) => Ok(value),
        None => Err(value_error(format!("{name}() arg is an empty sequence"))),
    }
}

/// Ints are summed exactly, and only the sum must fit.
fn sum(call: Call, budget: &Budget) -> Result<Value, Error> {
    let [items, start] = call.bind("sum", ["/iterable", "start"], 1)?;
    let mut source = Source::of(&items.unwrap_or(Value::None), budget)?;
    let mut total = start.unwrap_or(Value::Int(0));
    match &total {
        Value::Str(_) => return Err(type_error("sum() can't sum strings [use ''.join(seq) instead]")),
        Value::Bytes(_) => return Err(type_error("sum() can't sum bytes [use b''.join(seq) instead]")),
        _ => {}
    }
    while let Some(item) = source.next(budget)? {
        let numbers = (Number::of(&total), Number::of(&item));
        total = match numbers {
            (Some(Number::Int(sum)), Some(Number::Int(number))) => {
                let mut exact = i128::from(sum) + i128::from(number);
                let mut pending = None;
                while let Some(next) = source.next(budget)? {
                    match Number::of(&next) {
                        Some(Number::Int(number)) => exact += i128::from(number),
                        _ => {
                            pending = Some(next);
                            break;
                        }
                    }
                }
                let sum = Value::Int(i64::try_from(exact).map_err(|_| overflow())?);
                match pending {
                    Some(next) => binary(Binary::Add, &sum, &next, budget)?,
                    None => sum,
                }
            }
            (Some(Number::Float(sum)), Some(number)) => Value::Float(fresh(sum + number.float())),
            _ => binary(Binary::Add, &total, &item, budget)?,
        };
    }
    Ok(total)
}
