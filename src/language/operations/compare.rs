//! Comparisons under a budget: `==`, `<` and their kin, `in`, `is`, and the stable sort.
//!
//! Uses `value`'s order of scalars. A value may hold one list a thousand times over, so every pair that is
//! compared is a step of the budget.

use std::cmp::Ordering;
use std::sync::Arc;

use super::errors::{not_iterable, symbol, type_error};
use super::kinds::Type;
use super::range::Range;
use super::source::Source;
use super::views::{Part, View, as_set};
use super::{Binary, Budget, make_key, sets};
use crate::language::{Error, modules};
use crate::value::{self, Dict, Value};

/// Python's `==`.
pub(super) fn equal(left: &Value, right: &Value, budget: &Budget) -> Result<bool, Error> {
    budget.tick()?;
    match (left, right) {
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            if Arc::ptr_eq(a, b) {
                return Ok(true);
            }
            for (a, b) in a.iter().zip(b.iter()) {
                if !same_item(a, b, budget)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Str(a), Value::Str(b)) if a.len() == b.len() => {
            budget.work(a.len())?;
            Ok(a == b)
        }
        (Value::Dict(a), Value::Dict(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (key, value) in a.iter() {
                match b.get(key) {
                    Some(other) if same_item(value, other, budget)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        (Value::Set(a) | Value::FrozenSet(a), Value::Set(b) | Value::FrozenSet(b)) => {
            Ok(a.len() == b.len() && sets::subset(a, b, budget)?)
        }
        (Value::Opaque(_), Value::Opaque(_))
            if let (Some(a), Some(b)) = (View::of(left), View::of(right))
                && (a.part == b.part || a.dict.len() != b.dict.len()) =>
        {
            match a.part {
                _ if a.part != b.part => Ok(false),
                Part::Values => Ok(value::equals(left, right)),
                Part::Keys => Ok(a.dict.len() == b.dict.len() && keys_within(&a.dict, &b.dict, budget)?),
                Part::Items => equal(&Value::Dict(a.dict.clone()), &Value::Dict(b.dict.clone()), budget),
            }
        }
        (Value::Opaque(_), _) if let Some(left) = modules::plain(left) => equal(&left, right, budget),
        (_, Value::Opaque(_)) if let Some(right) = modules::plain(right) => equal(left, &right, budget),
        (Value::Opaque(_), _) | (_, Value::Opaque(_)) => {
            match (as_set(left, budget)?, as_set(right, budget)?) {
                (Some(a), Some(b)) => Ok(a.len() == b.len() && sets::subset(&a, &b, budget)?),
                _ => Ok(value::equals(left, right)),
            }
        }
        _ => Ok(value::equals(left, right)),
    }
}

fn keys_within(a: &Dict, b: &Dict, budget: &Budget) -> Result<bool, Error> {
    for key in a.keys() {
        budget.tick()?;
        if !b.contains_key(key) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What containers ask of their members: the same object, or equal.
pub(super) fn same_item(left: &Value, right: &Value, budget: &Budget) -> Result<bool, Error> {
    Ok(value::identical(left, right) || equal(left, right, budget)?)
}

/// `<`, `<=`, `>`, `>=`.
pub(super) fn ordered(operator: Binary, left: &Value, right: &Value, budget: &Budget) -> Result<bool, Error> {
    budget.tick()?;
    match (left, right) {
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            for (a, b) in a.iter().zip(b.iter()) {
                if !same_item(a, b, budget)? {
                    return ordered(operator, a, b, budget);
                }
            }
            Ok(holds(operator, a.len().cmp(&b.len())))
        }
        (Value::Opaque(_), _) if let Some(left) = modules::plain(left) => {
            ordered(operator, &left, right, budget)
        }
        (_, Value::Opaque(_)) if let Some(right) = modules::plain(right) => {
            ordered(operator, left, &right, budget)
        }
        _ => {
            if let (Some(a), Some(b)) = (as_set(left, budget)?, as_set(right, budget)?) {
                return match operator {
                    Binary::Lt => Ok(a.len() < b.len() && sets::subset(&a, &b, budget)?),
                    Binary::Le => sets::subset(&a, &b, budget),
                    Binary::Gt => Ok(b.len() < a.len() && sets::subset(&b, &a, budget)?),
                    _ => sets::subset(&b, &a, budget),
                };
            }
            budget.work(text_bytes(left).min(text_bytes(right)))?;
            scalars(operator, left, right)
        }
    }
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}

fn scalars(operator: Binary, left: &Value, right: &Value) -> Result<bool, Error> {
    if let Some(order) = value::order(left, right) {
        return Ok(holds(operator, order));
    }
    let number = |value: &Value| matches!(value, Value::Int(_) | Value::Bool(_) | Value::Float(_));
    if number(left) && number(right) {
        // One of them is a NaN.
        return Ok(false);
    }
    Err(type_error(format!(
        "'{}' not supported between instances of '{}' and '{}'",
        symbol(operator),
        left.type_name(),
        right.type_name()
    )))
}

fn holds(operator: Binary, order: Ordering) -> bool {
    match operator {
        Binary::Lt => order.is_lt(),
        Binary::Le => order.is_le(),
        Binary::Gt => order.is_gt(),
        _ => order.is_ge(),
    }
}

/// `member in container`
pub(super) fn contains(container: &Value, member: &Value, budget: &Budget) -> Result<bool, Error> {
    match (container, member) {
        (Value::Str(text), Value::Str(part)) => {
            budget.tick()?;
            Ok(text.contains(&**part))
        }
        (Value::Str(_), _) => Err(type_error(format!(
            "'in <string>' requires string as left operand, not {}",
            member.type_name()
        ))),
        (Value::Bytes(bytes), Value::Bytes(part)) => Ok(super::bytes::find(bytes, part, budget)?.is_some()),
        (Value::Bytes(bytes), _) => {
            let byte = super::bytes::byte(member, "byte must be in range(0, 256)")?;
            Ok(bytes.contains(&byte))
        }
        (Value::List(items) | Value::Tuple(items), _) => {
            for item in items.iter() {
                if same_item(item, member, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        (Value::Dict(entries), _) => Ok(entries.contains_key(&make_key(member.clone(), budget)?)),
        (Value::Set(members) | Value::FrozenSet(members), Value::Set(inner)) => {
            Ok(members.contains(&make_key(Value::FrozenSet(inner.clone()), budget)?))
        }
        (Value::Set(members) | Value::FrozenSet(members), _) => {
            Ok(members.contains(&make_key(member.clone(), budget)?))
        }
        (Value::Opaque(opaque), _) => {
            if let Some(range) = opaque.as_any().downcast_ref::<Range>() {
                return Ok(range.position(member).is_some());
            }
            if let Some(view) = opaque.as_any().downcast_ref::<View>() {
                return view_contains(view, member, budget);
            }
            let mut source = Source::of(container, budget).map_err(|_| no_members(container))?;
            while let Some(item) = source.next(budget)? {
                if same_item(&item, member, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(no_members(container)),
    }
}

fn no_members(container: &Value) -> Error {
    match not_iterable(container) {
        Error::Type(_) => type_error(format!("argument of type '{}' is not iterable", container.type_name())),
        other => other,
    }
}

/// `left is right`: only where Python promises what identity means.
pub(super) fn is(left: &Value, right: &Value) -> Result<bool, Error> {
    let single =
        |value: &Value| matches!(value, Value::None | Value::Bool(_)) || Type::of_value(value).is_some();
    if single(left) || single(right) {
        let same_kind = matches!(
            (left, right),
            (Value::None, Value::None)
                | (Value::Bool(_), Value::Bool(_))
                | (Value::Opaque(_), Value::Opaque(_))
        );
        return Ok(same_kind && value::equals(left, right));
    }
    Err(type_error("the server's 'is' compares with None, True, False and types only; use '=='"))
}

/// Sorts, stably, as Python does: by the keys, the items going with them. Reversing keeps equals in order.
pub(super) fn sort(
    items: Vec<Value>,
    keys: Option<Vec<Value>>,
    reverse: bool,
    budget: &Budget,
) -> Result<Vec<Value>, Error> {
    budget.reserve(items.len().saturating_mul(2 * size_of::<usize>()))?;
    let by = keys.as_deref().unwrap_or(&items);
    let mut left = PARTIAL_SEEN_MAX;
    if by.len() > SHORT && by.iter().any(|key| partial(key, &mut left)) {
        return Err(type_error("the server does not sort long lists that hold nan or sets"));
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    if reverse {
        order.reverse();
    }
    let mut order = merge(&order, by, budget)?;
    if reverse {
        order.reverse();
    }
    budget.reserve(items.len().saturating_mul(size_of::<Value>()))?;
    let mut items: Vec<Option<Value>> = items.into_iter().map(Some).collect();
    Ok(order.into_iter().filter_map(|place| items.get_mut(place).and_then(Option::take)).collect())
}

/// Up to here Python sorts by insertion, and the outcome is the same even where the order is no total one.
const SHORT: usize = 63;

/// How many values are looked at for one whose order is not total.
const PARTIAL_SEEN_MAX: usize = 1_000_000;

/// Values whose order is not total.
fn partial(value: &Value, left: &mut usize) -> bool {
    *left = left.saturating_sub(1);
    match value {
        Value::Float(number) => number.is_nan(),
        Value::Set(_) | Value::FrozenSet(_) | Value::Opaque(_) => true,
        Value::List(items) | Value::Tuple(items) => {
            items.iter().take(1_000).any(|item| *left > 0 && partial(item, left))
        }
        _ => false,
    }
}

fn merge(order: &[usize], keys: &[Value], budget: &Budget) -> Result<Vec<usize>, Error> {
    if order.len() <= SHORT {
        return insertion(order, keys, budget);
    }
    let (left, right) = order.split_at(order.len() / 2);
    let (left, right) = (merge(left, keys, budget)?, merge(right, keys, budget)?);
    let mut merged = Vec::with_capacity(order.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if less(keys, *b, *a, budget)? { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

fn less(keys: &[Value], a: usize, b: usize, budget: &Budget) -> Result<bool, Error> {
    match (keys.get(a), keys.get(b)) {
        (Some(a), Some(b)) => ordered(Binary::Lt, a, b, budget),
        _ => Ok(false),
    }
}

/// CPython's: a run at the start is found (and turned, where it falls), the rest is inserted by halving.
fn insertion(order: &[usize], keys: &[Value], budget: &Budget) -> Result<Vec<usize>, Error> {
    let mut sorted: Vec<usize> = Vec::with_capacity(order.len());
    let mut falling = None;
    let mut rest = order.iter().copied();
    let mut next = rest.next();
    while let Some(item) = next {
        if let Some(last) = sorted.last() {
            let falls = less(keys, item, *last, budget)?;
            if *falling.get_or_insert(falls) != falls {
                break;
            }
        }
        sorted.push(item);
        next = rest.next();
    }
    if falling == Some(true) {
        sorted.reverse();
    }
    for item in next.into_iter().chain(rest) {
        let (mut low, mut high) = (0, sorted.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match sorted.get(middle) {
                Some(other) if less(keys, item, *other, budget)? => high = middle,
                _ => low = middle + 1,
            }
        }
        sorted.insert(low, item);
    }
    Ok(sorted)
}

/// `member in view`
fn view_contains(view: &View, member: &Value, budget: &Budget) -> Result<bool, Error> {
    match (view.part, member) {
        (Part::Keys, _) => Ok(view.dict.contains_key(&make_key(member.clone(), budget)?)),
        (Part::Values, _) => {
            for value in view.dict.values() {
                if same_item(value, member, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        (Part::Items, Value::Tuple(pair)) => match pair.as_slice() {
            [key, value] => match view.dict.get(&make_key(key.clone(), budget)?) {
                Some(found) => same_item(found, value, budget),
                None => Ok(false),
            },
            _ => Ok(false),
        },
        (Part::Items, _) => Ok(false),
    }
}
