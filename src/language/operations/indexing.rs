//! `container[index]`, slices, and what is assigned to an index or unpacked.
//!
//! By character on text, with a short way for ASCII. What changes is copied only where others hold it too.

use std::sync::Arc;

use super::arguments::whole;
use super::errors::{no_key, type_error, value_error};
use super::range::Range;
use super::slices::{self, Bounds, bounds};
use super::{Budget, Call, iterate, shape};
use crate::language::{Error, modules};
use crate::value::Value;

/// `container[index]`
///
/// # Errors
/// `value` where there is no such place or key, `type` where the value cannot be indexed so.
pub fn index(container: &Value, index: &Value) -> Result<Value, Error> {
    if let Some(Bounds([start, stop, step])) = Bounds::of(index) {
        // Only what is changed in place is read so: a part of what is there already.
        let budget = Budget::new(&crate::config::Limits::default());
        return slice(container, start, stop, step, &budget);
    }
    match container {
        Value::Dict(entries) => {
            let key = shape::key(index.clone())?;
            entries.get(&key).cloned().ok_or_else(|| no_key(index))
        }
        Value::List(items) | Value::Tuple(items) => {
            let place = place(container, index, items.len())?;
            items.get(place).cloned().ok_or_else(|| out_of_range(container))
        }
        Value::Str(text) => {
            let place = place(container, index, character_count(text))?;
            let character = if text.is_ascii() {
                text.as_bytes().get(place).map(|byte| char::from(*byte))
            } else {
                text.chars().nth(place)
            };
            character.map(shape::character).ok_or_else(|| out_of_range(container))
        }
        Value::Bytes(bytes) => {
            let place = place(container, index, bytes.len())?;
            bytes.get(place).map(|byte| Value::Int(i64::from(*byte))).ok_or_else(|| out_of_range(container))
        }
        Value::Opaque(_) => {
            if let Some(range) = Range::of(container) {
                let count = i128::from(range.count());
                let asked = i128::from(place_number(container, index)?);
                let place = if asked < 0 { asked + count } else { asked };
                return u64::try_from(place)
                    .ok()
                    .filter(|_| place < count)
                    .map(|place| Value::Int(range.nth(place)))
                    .ok_or_else(|| value_error("range object index out of range"));
            }
            if let Some(plain @ Value::Tuple(_)) = modules::plain(container) {
                return super::index(&plain, index);
            }
            foreign(container, index).unwrap_or_else(|| Err(not_subscriptable(container)))
        }
        _ => Err(not_subscriptable(container)),
    }
}

/// A match is indexed as its method `group` is called.
fn foreign(container: &Value, index: &Value) -> Option<Result<Value, Error>> {
    if container.type_name() != "re.Match" {
        return None;
    }
    let call = Call { positional: vec![index.clone()], keyword: Vec::new() };
    let budget = Budget::new(&crate::config::Limits::default());
    modules::method(container, "group", &call, &budget)
}

fn not_subscriptable(container: &Value) -> Error {
    type_error(format!("'{}' object is not subscriptable", container.type_name()))
}

fn out_of_range(container: &Value) -> Error {
    value_error(match container {
        Value::Str(_) => "string index out of range",
        Value::Tuple(_) => "tuple index out of range",
        Value::Bytes(_) => "index out of range",
        _ => "list index out of range",
    })
}

fn place_number(container: &Value, index: &Value) -> Result<i64, Error> {
    whole(index).ok_or_else(|| {
        let own = match container {
            Value::Str(_) => "string",
            Value::Bytes(_) => "byte",
            _ => container.type_name(),
        };
        let slices = if own == "string" { "" } else { " or slices" };
        type_error(format!("{own} indices must be integers{slices}, not '{}'", index.type_name()))
    })
}

fn place(container: &Value, index: &Value, count: usize) -> Result<usize, Error> {
    wrapped(place_number(container, index)?, count).ok_or_else(|| out_of_range(container))
}

/// The place that an index means: negative ones count from the end.
pub(super) fn wrapped(index: i64, count: usize) -> Option<usize> {
    let place = if index < 0 {
        count.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(index).ok()?
    };
    (place < count).then_some(place)
}

/// `len(text)`
pub(super) fn character_count(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// The items at `start`, `start + step` … `count` of them.
fn pick<T: Clone>(items: &[T], start: i64, step: i64, count: usize) -> Vec<T> {
    let start = usize::try_from(start).unwrap_or(0);
    match step {
        1 => items.get(start..start + count).unwrap_or_default().to_vec(),
        _ if step > 0 => {
            let step = usize::try_from(step).unwrap_or(usize::MAX);
            items.iter().skip(start).step_by(step).take(count).cloned().collect()
        }
        _ => {
            let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
            items
                .iter()
                .rev()
                .skip(items.len().saturating_sub(start + 1))
                .step_by(step)
                .take(count)
                .cloned()
                .collect()
        }
    }
}

/// `container[start:stop:step]`; a missing bound is None.
///
/// # Errors
/// `type` where the value has no slices or a bound is no integer, `value` where the step is zero.
pub fn slice(
    container: &Value,
    start: &Value,
    stop: &Value,
    step: &Value,
    budget: &Budget,
) -> Result<Value, Error> {
    let within = |count: usize| bounds(i64::try_from(count).unwrap_or(i64::MAX), start, stop, step);
    match container {
        Value::List(items) => {
            let (start, _, step, count) = within(items.len())?;
            budget.reserve(count.saturating_mul(shape::ITEM))?;
            Ok(Value::list(pick(items, start, step, count)))
        }
        Value::Tuple(items) => {
            let (start, _, step, count) = within(items.len())?;
            budget.reserve(count.saturating_mul(shape::ITEM))?;
            Ok(Value::tuple(pick(items, start, step, count)))
        }
        Value::Bytes(bytes) => {
            let (start, _, step, count) = within(bytes.len())?;
            budget.reserve(count.saturating_mul(2))?;
            Ok(Value::Bytes(Arc::from(pick(bytes, start, step, count))))
        }
        Value::Str(text) => {
            let (start, _, step, count) = within(character_count(text))?;
            slice_text(text, start, step, count, budget)
        }
        _ => match Range::of(container) {
            Some(range) => {
                let (start, stop, step, _) = bounds(range.length()?, start, stop, step)?;
                range.slice(start, stop, step)
            }
            None if matches!(container, Value::Dict(_)) => Err(unhashable_slice()),
            None => match modules::plain(container) {
                Some(plain @ Value::Tuple(_)) => super::slice(&plain, start, stop, step, budget),
                _ => Err(not_subscriptable(container)),
            },
        },
    }
}

fn unhashable_slice() -> Error {
    type_error("unhashable type: 'slice'")
}

fn slice_text(text: &Arc<str>, start: i64, step: i64, count: usize, budget: &Budget) -> Result<Value, Error> {
    if text.is_ascii() {
        if step == 1 {
            let start = usize::try_from(start).unwrap_or(0);
            if count == text.len() {
                return Ok(Value::Str(text.clone()));
            }
            return shape::text(text.get(start..start + count).unwrap_or_default(), budget);
        }
        budget.reserve(count.saturating_mul(2))?;
        let bytes = pick(text.as_bytes(), start, step, count);
        return Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()));
    }
    budget.reserve(text.len().saturating_mul(4).saturating_add(count.saturating_mul(8)))?;
    if step > 0 {
        let skip = usize::try_from(start).unwrap_or(0);
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        return Ok(Value::from(text.chars().skip(skip).step_by(step).take(count).collect::<String>()));
    }
    let characters: Vec<char> = text.chars().collect();
    Ok(Value::from(pick(&characters, start, step, count).into_iter().collect::<String>()))
}

/// `container[index] = value`: the container with the item replaced.
///
/// # Errors
/// `type` where items cannot be assigned, `value` where there is no such place, `limit` where it grows too large.
pub fn set_index(container: &mut Value, index: &Value, value: Value, budget: &Budget) -> Result<(), Error> {
    shape::check_member(&value)?;
    let count = match &*container {
        Value::List(items) => items.len(),
        _ => 0,
    };
    if let (Value::List(items), Some(place)) = (&mut *container, Bounds::of(index)) {
        return slices::assign(items, place, &value, budget);
    }
    match container {
        Value::List(items) => {
            let place = whole(index)
                .ok_or_else(|| {
                    type_error(format!("list indices must be integers or slices, not {}", index.type_name()))
                })
                .map(|index| wrapped(index, count))?;
            let copied = if Arc::get_mut(items).is_none() { count } else { 0 };
            budget.reserve(copied.saturating_mul(shape::ITEM))?;
            match place.and_then(|place| Arc::make_mut(items).get_mut(place)) {
                Some(slot) => *slot = value,
                None => return Err(value_error("list assignment index out of range")),
            }
        }
        Value::Dict(entries) => {
            shape::check_member(index)?;
            let key = shape::key(index.clone())?;
            let copied = if Arc::get_mut(entries).is_none() { entries.len() } else { 0 };
            budget.reserve(copied.saturating_add(1).saturating_mul(shape::ENTRY))?;
            Arc::make_mut(entries).insert(key, value);
        }
        _ => {
            return Err(type_error(format!(
                "'{}' object does not support item assignment",
                container.type_name()
            )));
        }
    }
    Ok(())
}

/// `del container[index]`
///
/// # Errors
/// `type` where items cannot be deleted, `value` where there is no such place or key.
pub fn delete_index(container: &mut Value, index: &Value) -> Result<(), Error> {
    if let (Value::List(items), Some(place)) = (&mut *container, Bounds::of(index)) {
        return slices::delete(items, place);
    }
    match container {
        Value::List(items) => {
            let place = whole(index).ok_or_else(|| {
                type_error(format!("list indices must be integers or slices, not {}", index.type_name()))
            })?;
            let place = wrapped(place, items.len())
                .ok_or_else(|| value_error("list assignment index out of range"))?;
            Arc::make_mut(items).remove(place);
            Ok(())
        }
        Value::Dict(entries) => {
            let key = shape::key(index.clone())?;
            Arc::make_mut(entries).shift_remove(&key).map(|_| ()).ok_or_else(|| no_key(index))
        }
        _ => Err(type_error(format!("'{}' object doesn't support item deletion", container.type_name()))),
    }
}

/// `a, b = value`: exactly `count` items; with a starred target at `star`, at least `count - 1`.
///
/// # Errors
/// `type` where the value is not iterable, `value` where it has too few or too many items.
pub fn unpack(
    value: &Value,
    count: usize,
    star: Option<usize>,
    budget: &Budget,
) -> Result<Vec<Value>, Error> {
    let mut items = iterate(value, budget).map_err(|error| match error {
        Error::Type(_) => type_error(format!("cannot unpack non-iterable {} object", value.type_name())),
        other => other,
    })?;
    let given = items.len();
    match star {
        None if given == count => Ok(items),
        None if given > count => Err(value_error(format!("too many values to unpack (expected {count})"))),
        None => Err(value_error(format!("not enough values to unpack (expected {count}, got {given})"))),
        Some(_) if given + 1 < count => Err(value_error(format!(
            "not enough values to unpack (expected at least {}, got {given})",
            count.saturating_sub(1)
        ))),
        Some(star) => {
            let after = count.saturating_sub(star + 1);
            let rest: Vec<Value> = items.drain(star..given.saturating_sub(after)).collect();
            items.insert(star, Value::list(rest));
            Ok(items)
        }
    }
}
