//! The methods of dict, and `dict(…)`. The mutating ones change it in place, copied first where others hold it.

use std::sync::Arc;

use super::errors::{no_attribute, no_key, type_error, value_error};
use super::views::{Part, view};
use super::{Budget, Call, iterate, make_key, shape};
use crate::language::Error;
use crate::value::{Dict, Key, Value};

/// The dict for changing, with room for more.
fn unshare<'d>(own: &'d mut Arc<Dict>, more: usize, budget: &Budget) -> Result<&'d mut Dict, Error> {
    let copied = if Arc::get_mut(own).is_none() { own.len() } else { 0 };
    budget.reserve(copied.saturating_add(more.saturating_mul(2)).saturating_mul(shape::ENTRY))?;
    Ok(Arc::make_mut(own))
}

/// `dict.name(…)`
pub(super) fn method(own: &mut Arc<Dict>, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    match name {
        "keys" => return view(own, Part::Keys, name, call),
        "values" => return view(own, Part::Values, name, call),
        "items" => return view(own, Part::Items, name, call),
        "get" => {
            let [key, default] = call.bind(name, ["/key", "/default"], 1)?;
            let key = make_key(key.unwrap_or(Value::None), budget)?;
            return Ok(own.get(&key).cloned().or(default).unwrap_or(Value::None));
        }
        "copy" => {
            call.none(name)?;
            budget.reserve(own.len().saturating_mul(shape::ENTRY))?;
            return Ok(Value::Dict(Arc::new(own.as_ref().clone())));
        }
        "fromkeys" => return from_keys(call, budget),
        "pop" => {
            let [key, default] = call.bind(name, ["/key", "/default"], 1)?;
            let key = key.unwrap_or(Value::None);
            if own.is_empty() {
                // Python does not look at the key then.
                return default.ok_or_else(|| no_key(&key));
            }
            let key = make_key(key, budget)?;
            if !own.contains_key(&key) {
                return default.ok_or_else(|| no_key(key.value()));
            }
            let found = unshare(own, 0, budget)?.shift_remove(&key);
            return found.ok_or_else(|| no_key(key.value()));
        }
        "popitem" => {
            call.none(name)?;
            return match unshare(own, 0, budget)?.pop() {
                Some((key, value)) => Ok(Value::tuple(vec![key.into_value(), value])),
                None => Err(value_error("popitem(): dictionary is empty")),
            };
        }
        "setdefault" => {
            let [key, default] = call.bind(name, ["/key", "/default"], 1)?;
            let key = key.unwrap_or(Value::None);
            let default = default.unwrap_or(Value::None);
            shape::check_member(&key)?;
            let key = make_key(key, budget)?;
            if let Some(found) = own.get(&key) {
                return Ok(found.clone());
            }
            shape::check_member(&default)?;
            unshare(own, 1, budget)?.insert(key, default.clone());
            return Ok(default);
        }
        "update" => {
            let more = entries("update", call, budget)?;
            unshare(own, more.len(), budget)?.extend(more);
        }
        "clear" => {
            call.none(name)?;
            *own = Arc::default();
        }
        _ => return Err(no_attribute(&Value::Dict(own.clone()), name)),
    }
    Ok(Value::None)
}

/// `dict.fromkeys(keys[, value])`
pub(super) fn from_keys(call: Call, budget: &Budget) -> Result<Value, Error> {
    let [keys, value] = call.bind("fromkeys", ["/iterable", "/value"], 1)?;
    let value = value.unwrap_or(Value::None);
    shape::check_member(&value)?;
    let keys = iterate(&keys.unwrap_or(Value::None), budget)?;
    budget.reserve(keys.len().saturating_mul(shape::ENTRY))?;
    let mut dict = Dict::with_capacity(keys.len());
    for key in keys {
        shape::check_member(&key)?;
        dict.insert(make_key(key, budget)?, value.clone());
    }
    Ok(Value::Dict(Arc::new(dict)))
}

/// `dict(…)`
pub(super) fn dict(call: Call, budget: &Budget) -> Result<Value, Error> {
    entries("dict", call, budget).map(|entries| Value::Dict(Arc::new(entries)))
}

/// What `dict(…)` and `update(…)` take: a dict or pairs, and keywords.
fn entries(function: &str, call: Call, budget: &Budget) -> Result<Dict, Error> {
    if call.positional.len() > 1 {
        return Err(type_error(format!(
            "{function} expected at most 1 argument, got {}",
            call.positional.len()
        )));
    }
    let mut dict = Dict::new();
    match call.positional.first() {
        None => {}
        Some(Value::Dict(other)) => {
            budget.reserve(other.len().saturating_mul(shape::ENTRY))?;
            dict = other.as_ref().clone();
        }
        Some(pairs) => {
            for (place, pair) in iterate(pairs, budget)?.into_iter().enumerate() {
                let (key, value) = pair_of(&pair, place, budget)?;
                budget.reserve(2 * shape::ENTRY)?;
                shape::check_member(&key)?;
                shape::check_member(&value)?;
                dict.insert(make_key(key, budget)?, value);
            }
        }
    }
    for (name, value) in call.keyword {
        shape::check_member(&value)?;
        budget.reserve(shape::ENTRY)?;
        dict.insert(Key::from(name.as_str()), value);
    }
    Ok(dict)
}

fn pair_of(pair: &Value, place: usize, budget: &Budget) -> Result<(Value, Value), Error> {
    let items = iterate(pair, budget).map_err(|error| match error {
        Error::Type(_) => {
            type_error(format!("cannot convert dictionary update sequence element #{place} to a sequence"))
        }
        other => other,
    })?;
    let count = items.len();
    match <[Value; 2]>::try_from(items) {
        Ok([key, value]) => Ok((key, value)),
        Err(_) => Err(value_error(format!(
            "dictionary update sequence element #{place} has length {count}; 2 is required"
        ))),
    }
}
