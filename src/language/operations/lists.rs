//! The methods of list and tuple. The mutating ones change the list in place, copied first where others hold it.

use std::sync::Arc;

use super::arguments::{bound_or, integer, integer_or};
use super::errors::{no_attribute, type_error, value_error};
use super::indexing::wrapped;
use super::{Budget, Call, compare, iterate, shape};
use crate::language::Error;
use crate::value::Value;

/// The list for changing, with room for more.
fn unshare<'l>(
    own: &'l mut Arc<Vec<Value>>,
    more: usize,
    budget: &Budget,
) -> Result<&'l mut Vec<Value>, Error> {
    let copied = if Arc::get_mut(own).is_none() { own.len() } else { 0 };
    // A list that grows by one is moved now and then: what it costs over time is twice its length.
    budget.reserve(copied.saturating_add(more.saturating_mul(2)).saturating_mul(shape::ITEM))?;
    Ok(Arc::make_mut(own))
}

/// `list.name(…)`
pub(super) fn method(
    own: &mut Arc<Vec<Value>>,
    name: &str,
    call: Call,
    budget: &Budget,
) -> Result<Value, Error> {
    match name {
        "append" => {
            let item = call.one(name)?;
            shape::check_member(&item)?;
            unshare(own, 1, budget)?.push(item);
        }
        "extend" => {
            let items = iterate(&call.one(name)?, budget)?;
            shape::check_members(&items)?;
            unshare(own, items.len(), budget)?.extend(items);
        }
        "insert" => {
            let [place, item] = call.bind(name, ["/index", "/object"], 2)?;
            let item = item.unwrap_or(Value::None);
            shape::check_member(&item)?;
            let place = integer(&place.unwrap_or(Value::None))?;
            let place = wrapped(place, own.len()).unwrap_or(if place < 0 { 0 } else { own.len() });
            unshare(own, 1, budget)?.insert(place, item);
        }
        "remove" => {
            let item = call.one(name)?;
            let place = position(own, &item, 0, own.len(), budget)?;
            let place = place.ok_or_else(|| value_error("list.remove(x): x not in list"))?;
            unshare(own, 0, budget)?.remove(place);
        }
        "pop" => {
            let [place] = call.bind(name, ["/index"], 0)?;
            let place = integer_or(place.as_ref(), -1)?;
            if own.is_empty() {
                return Err(value_error("pop from empty list"));
            }
            let place = wrapped(place, own.len());
            let place = place.ok_or_else(|| value_error("pop index out of range"))?;
            return Ok(unshare(own, 0, budget)?.remove(place));
        }
        "clear" => {
            call.none(name)?;
            *own = Arc::default();
        }
        "reverse" => {
            call.none(name)?;
            unshare(own, 0, budget)?.reverse();
        }
        "sort" => {
            let (keys, reverse) = sort_arguments(name, call, own)?;
            budget.reserve(own.len().saturating_mul(shape::ITEM))?;
            *own = Arc::new(compare::sort(own.as_ref().clone(), keys, reverse, budget)?);
        }
        "copy" => {
            call.none(name)?;
            budget.reserve(own.len().saturating_mul(shape::ITEM))?;
            return Ok(Value::list(own.as_ref().clone()));
        }
        _ => {
            return shared(own, name, call, budget)
                .unwrap_or_else(|| Err(no_attribute(&Value::List(own.clone()), name)));
        }
    }
    Ok(Value::None)
}

/// `tuple.name(…)`
pub(super) fn tuple_method(
    own: &Arc<Vec<Value>>,
    name: &str,
    call: Call,
    budget: &Budget,
) -> Result<Value, Error> {
    shared(own, name, call, budget).unwrap_or_else(|| Err(no_attribute(&Value::Tuple(own.clone()), name)))
}

/// `key=` became a list of keys, one an item.
pub(super) fn sort_arguments(
    name: &str,
    call: Call,
    items: &[Value],
) -> Result<(Option<Vec<Value>>, bool), Error> {
    let [keys, key, reverse] = call.bind(name, ["*__keys__", "*key", "*reverse"], 0)?;
    let reverse = match reverse {
        None => false,
        Some(reverse) => integer(&reverse)? != 0,
    };
    Ok((keys_of(keys, key, items)?, reverse))
}

/// The keys that the lowering has computed.
pub(super) fn keys_of(
    keys: Option<Value>,
    key: Option<Value>,
    items: &[Value],
) -> Result<Option<Vec<Value>>, Error> {
    if !matches!(key, None | Some(Value::None)) {
        return Err(type_error("key= takes a function"));
    }
    match keys {
        None => Ok(None),
        Some(Value::List(keys)) if keys.len() == items.len() => Ok(Some(keys.as_ref().clone())),
        Some(_) => Err(value_error("key= gave not one key for each item")),
    }
}

fn position(
    items: &[Value],
    wanted: &Value,
    start: usize,
    stop: usize,
    budget: &Budget,
) -> Result<Option<usize>, Error> {
    for (place, item) in items.iter().enumerate().take(stop).skip(start) {
        if compare::same_item(item, wanted, budget)? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// What lists and tuples share.
fn shared(own: &Arc<Vec<Value>>, name: &str, call: Call, budget: &Budget) -> Option<Result<Value, Error>> {
    match name {
        "index" => Some(index(own, call, budget)),
        "count" => Some(call.one(name).and_then(|wanted| {
            let mut count = 0;
            for item in own.iter() {
                count += i64::from(compare::same_item(item, &wanted, budget)?);
            }
            Ok(Value::Int(count))
        })),
        _ => None,
    }
}

fn index(own: &Arc<Vec<Value>>, call: Call, budget: &Budget) -> Result<Value, Error> {
    let [wanted, start, stop] = call.bind("index", ["/value", "/start", "/stop"], 1)?;
    let wanted = wanted.unwrap_or(Value::None);
    if [&start, &stop].into_iter().flatten().any(|bound| matches!(bound, Value::None)) {
        return Err(type_error("slice indices must be integers"));
    }
    let count = i64::try_from(own.len()).unwrap_or(i64::MAX);
    let placed = |bound: i64| {
        let bound = if bound < 0 { bound.saturating_add(count).max(0) } else { bound };
        usize::try_from(bound).unwrap_or(usize::MAX)
    };
    let (start, stop) = (placed(bound_or(start.as_ref(), 0)?), placed(bound_or(stop.as_ref(), i64::MAX)?));
    match position(own, &wanted, start, stop, budget)? {
        Some(place) => super::arguments::length(place),
        None => {
            let text = crate::value::repr_bounded(&wanted, 200).unwrap_or_else(|| "the value".to_owned());
            Err(value_error(format!("{text} is not in list")))
        }
    }
}
