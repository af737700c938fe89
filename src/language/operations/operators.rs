//! Which type answers an operator.
//!
//! Uses every type's own file; dates and matches are asked of `modules`.

use std::sync::Arc;

use super::arguments::whole;
use super::errors::{type_error, unsupported};
use super::views::{as_set, is_view};
use super::{Binary, Budget, Unary, compare, numbers, percent, sets, shape};
use crate::language::{Error, modules};
use crate::value::Value;

/// `left operator right`
///
/// # Errors
/// As CPython: types that do not go together, division by zero, results that do not fit.
pub fn binary(operator: Binary, left: &Value, right: &Value, budget: &Budget) -> Result<Value, Error> {
    match operator {
        Binary::Eq => compare::equal(left, right, budget).map(Value::Bool),
        Binary::Ne => compare::equal(left, right, budget).map(|same| Value::Bool(!same)),
        Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge => {
            if let Some(result) = asked(left, right).then(|| modules::binary(operator, left, right)).flatten()
            {
                return result;
            }
            compare::ordered(operator, left, right, budget).map(Value::Bool)
        }
        Binary::In => compare::contains(right, left, budget).map(Value::Bool),
        Binary::NotIn => compare::contains(right, left, budget).map(|found| Value::Bool(!found)),
        Binary::Is => compare::is(left, right).map(Value::Bool),
        Binary::IsNot => compare::is(left, right).map(|same| Value::Bool(!same)),
        _ => arithmetic(operator, left, right, budget),
    }
}

fn arithmetic(operator: Binary, left: &Value, right: &Value, budget: &Budget) -> Result<Value, Error> {
    if let Some(result) = numbers::binary(operator, left, right) {
        return result;
    }
    if let Some(result) = asked(left, right).then(|| modules::binary(operator, left, right)).flatten() {
        return result;
    }
    match (operator, left, right) {
        (Binary::Mod, Value::Str(template), _) => percent::text(template, right, budget),
        (Binary::Add, ..) => add(left, right, budget),
        (Binary::Mul, ..) => multiply(left, right, budget),
        (Binary::Or, Value::Dict(a), Value::Dict(b)) => {
            budget.reserve((a.len() + b.len()).saturating_mul(shape::ENTRY))?;
            let mut merged = a.as_ref().clone();
            merged.extend(b.iter().map(|(key, value)| (key.clone(), value.clone())));
            Ok(Value::Dict(Arc::new(merged)))
        }
        (Binary::Or | Binary::And | Binary::Sub | Binary::Xor, ..) => {
            set_operator(operator, left, right, budget)
        }
        _ => Err(unsupported(operator, left, right)),
    }
}

/// Whether a module's type takes part.
fn asked(left: &Value, right: &Value) -> bool {
    let foreign = |value: &Value| {
        matches!(
            value,
            Value::DateTime(_) | Value::Date(_) | Value::Time(_) | Value::Delta(_) | Value::Opaque(_)
        )
    };
    foreign(left) || foreign(right)
}

fn set_operator(operator: Binary, left: &Value, right: &Value, budget: &Budget) -> Result<Value, Error> {
    // A view takes any iterable beside it, a set only sets.
    let other;
    let right_set = if is_view(left) && as_set(right, budget)?.is_none() {
        other = sets::collect(super::iterate(right, budget)?, budget)?;
        Some(std::borrow::Cow::Borrowed(&other))
    } else {
        as_set(right, budget)?
    };
    let (Some(a), Some(b)) = (as_set(left, budget)?, right_set) else {
        return Err(unsupported(operator, left, right));
    };
    let result = match operator {
        // Of two equal members CPython keeps the view's, unless the other side is the shorter.
        Binary::And if is_view(left) || is_view(right) => {
            let (view, other) = if is_view(left) { (&a, &b) } else { (&b, &a) };
            let beside = if is_view(left) { right } else { left };
            let views = match beside {
                Value::Set(_) => view.len() <= other.len(),
                _ => is_view(beside) && other.len() > view.len(),
            };
            if views { sets::kept(view, other, budget)? } else { sets::kept(other, view, budget)? }
        }
        Binary::Or => sets::union(&a, &b, budget)?,
        Binary::And => sets::intersection(&a, &b, budget)?,
        Binary::Sub => sets::difference(&a, &b, budget)?,
        _ => sets::symmetric_difference(&a, &b, budget)?,
    };
    Ok(match left {
        Value::FrozenSet(_) => Value::FrozenSet(Arc::new(result)),
        _ => Value::Set(Arc::new(result)),
    })
}

fn add(left: &Value, right: &Value, budget: &Budget) -> Result<Value, Error> {
    match (left, right) {
        (Value::Str(a), Value::Str(b)) => {
            budget.reserve(a.len().saturating_add(b.len()).saturating_mul(2))?;
            Ok(Value::from([&**a, &**b].concat()))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            budget.reserve(a.len().saturating_add(b.len()).saturating_mul(2))?;
            Ok(Value::Bytes(Arc::from([&**a, &**b].concat())))
        }
        (Value::List(a), Value::List(b)) => Ok(Value::list(joined(a, b, budget)?)),
        (Value::Tuple(a), Value::Tuple(b)) => Ok(Value::tuple(joined(a, b, budget)?)),
        (Value::Bytes(_), _) => Err(type_error(format!("can't concat {} to bytes", right.type_name()))),
        (Value::Str(_) | Value::List(_) | Value::Tuple(_), _) => {
            let own = left.type_name();
            Err(type_error(format!("can only concatenate {own} (not \"{}\") to {own}", right.type_name())))
        }
        _ => Err(unsupported(Binary::Add, left, right)),
    }
}

fn joined(a: &[Value], b: &[Value], budget: &Budget) -> Result<Vec<Value>, Error> {
    budget.reserve(a.len().saturating_add(b.len()).saturating_mul(shape::ITEM))?;
    Ok([a, b].concat())
}

fn multiply(left: &Value, right: &Value, budget: &Budget) -> Result<Value, Error> {
    let sequence =
        |value: &Value| matches!(value, Value::Str(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_));
    let (items, times) = match (sequence(left), sequence(right)) {
        (true, _) => (left, right),
        (false, true) => (right, left),
        _ => return Err(unsupported(Binary::Mul, left, right)),
    };
    let Some(times) = whole(times) else {
        return Err(type_error(format!(
            "can't multiply sequence by non-int of type '{}'",
            times.type_name()
        )));
    };
    let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
    let room = |count: usize, each: usize| {
        budget.reserve(count.saturating_mul(times).saturating_mul(each))?;
        Ok::<usize, Error>(if count == 0 { 0 } else { times })
    };
    Ok(match items {
        Value::Str(text) => Value::from(text.repeat(room(text.len(), 2)?)),
        Value::Bytes(bytes) => Value::Bytes(Arc::from(bytes.repeat(room(bytes.len(), 2)?))),
        Value::List(items) => Value::list(repeated(items, room(items.len(), shape::ITEM)?)),
        Value::Tuple(items) => Value::tuple(repeated(items, room(items.len(), shape::ITEM)?)),
        _ => return Err(unsupported(Binary::Mul, left, right)),
    })
}

fn repeated(items: &[Value], times: usize) -> Vec<Value> {
    let mut result = Vec::with_capacity(items.len() * times);
    for _ in 0..times {
        result.extend_from_slice(items);
    }
    result
}

/// `-x`, `+x`, `~x`, `not x`
///
/// # Errors
/// `type` where the operand is no number, `limit` where the result does not fit.
pub fn unary(operator: Unary, operand: &Value) -> Result<Value, Error> {
    if operator != Unary::Not
        && let Some(result) = asked(operand, operand).then(|| modules::unary(operator, operand)).flatten()
    {
        return result;
    }
    numbers::unary(operator, operand)
}
