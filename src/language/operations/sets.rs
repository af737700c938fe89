//! Sets: their algebra, and the methods of set and frozenset.
//!
//! Members are keys, so an operation costs one look-up a member; each is a step of the budget.

use std::borrow::Cow;
use std::sync::Arc;

use super::errors::{no_attribute, value_error};
use super::views::as_set;
use super::{Budget, Call, iterate, make_key, shape};
use crate::language::Error;
use crate::value::{Set, Value, set_in_order};

fn filtered(
    from: &Set,
    budget: &Budget,
    mut keep: impl FnMut(&crate::value::Key) -> bool,
) -> Result<Set, Error> {
    budget.reserve(from.len().saturating_mul(shape::ENTRY))?;
    let mut result = Set::new();
    for member in from {
        budget.tick()?;
        if keep(member) {
            result.insert(member.clone());
        }
    }
    Ok(result)
}

pub(super) fn subset(a: &Set, b: &Set, budget: &Budget) -> Result<bool, Error> {
    for member in a {
        budget.tick()?;
        if !b.contains(member) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Like Python, it stops at the first that is missing: what comes behind it need not even be hashable.
fn superset(own: &Set, other: Vec<Value>, budget: &Budget) -> Result<bool, Error> {
    for member in other {
        budget.tick()?;
        if !own.contains(&make_key(member, budget)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn disjoint(own: &Set, other: Vec<Value>, budget: &Budget) -> Result<bool, Error> {
    for member in other {
        budget.tick()?;
        if own.contains(&make_key(member, budget)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn union(a: &Set, b: &Set, budget: &Budget) -> Result<Set, Error> {
    budget.reserve((a.len() + b.len()).saturating_mul(shape::ENTRY))?;
    let mut result = a.clone();
    for member in b {
        budget.tick()?;
        result.insert(member.clone());
    }
    Ok(result)
}

pub(super) fn intersection(a: &Set, b: &Set, budget: &Budget) -> Result<Set, Error> {
    // Of two equal members Python keeps the one that stands in the smaller set, or in the left of two as large.
    if b.len() > a.len() { kept(a, b, budget) } else { kept(b, a, budget) }
}

/// The members of `a` that are in `b`.
pub(super) fn kept(a: &Set, b: &Set, budget: &Budget) -> Result<Set, Error> {
    filtered(a, budget, |member| b.contains(member))
}

pub(super) fn difference(a: &Set, b: &Set, budget: &Budget) -> Result<Set, Error> {
    filtered(a, budget, |member| !b.contains(member))
}

pub(super) fn symmetric_difference(a: &Set, b: &Set, budget: &Budget) -> Result<Set, Error> {
    let mut result = difference(a, b, budget)?;
    result.extend(difference(b, a, budget)?);
    Ok(result)
}

pub(super) fn collect(items: Vec<Value>, budget: &Budget) -> Result<Set, Error> {
    budget.reserve(items.len().saturating_mul(shape::ENTRY))?;
    let mut set = Set::with_capacity(items.len());
    for item in items {
        budget.tick()?;
        set.insert(make_key(item, budget)?);
    }
    Ok(set)
}

fn members<'v>(value: &'v Value, budget: &Budget) -> Result<Cow<'v, Set>, Error> {
    match as_set(value, budget)? {
        Some(set) => Ok(set),
        None => collect(iterate(value, budget)?, budget).map(Cow::Owned),
    }
}

fn fold(
    own: &Set,
    others: &[Value],
    budget: &Budget,
    operation: fn(&Set, &Set, &Budget) -> Result<Set, Error>,
) -> Result<Set, Error> {
    let mut result = match others {
        [] => filtered(own, budget, |_| true)?,
        [first, ..] => operation(own, &*members(first, budget)?, budget)?,
    };
    for other in others.iter().skip(1) {
        result = operation(&result, &*members(other, budget)?, budget)?;
    }
    Ok(result)
}

/// Of what is no set, the members that are found are kept, whatever its size.
fn intersect_all(own: &Set, others: &[Value], budget: &Budget) -> Result<Set, Error> {
    let mut result = filtered(own, budget, |_| true)?;
    for other in others {
        result = match other {
            Value::Set(other) | Value::FrozenSet(other) => intersection(&result, other, budget)?,
            _ => filtered(&collect(iterate(other, budget)?, budget)?, budget, |member| {
                result.contains(member)
            })?,
        };
    }
    Ok(result)
}

/// What set and frozenset share; None where it is none of that.
fn shared(own: &Set, name: &str, call: &Call, budget: &Budget) -> Result<Option<Outcome>, Error> {
    let others = call.positional.as_slice();
    if !call.keyword.is_empty() {
        return Err(super::errors::type_error(format!("set.{name}() takes no keyword arguments")));
    }
    let one = || match others {
        [other] => Ok(other),
        _ => Err(super::errors::type_error(format!(
            "set.{name}() takes exactly one argument ({} given)",
            others.len()
        ))),
    };
    Ok(Some(match name {
        "union" => Outcome::Set(fold(own, others, budget, union)?),
        "intersection" => Outcome::Set(intersect_all(own, others, budget)?),
        "difference" => Outcome::Set(fold(own, others, budget, difference)?),
        "symmetric_difference" => {
            Outcome::Set(symmetric_difference(own, &*members(one()?, budget)?, budget)?)
        }
        "copy" if !others.is_empty() => {
            return Err(super::errors::type_error(format!(
                "copy() takes no arguments ({} given)",
                others.len()
            )));
        }
        "copy" => Outcome::Set(filtered(own, budget, |_| true)?),
        "issubset" => Outcome::Truth(subset(own, &*members(one()?, budget)?, budget)?),
        "issuperset" => Outcome::Truth(superset(own, iterate(one()?, budget)?, budget)?),
        "isdisjoint" => Outcome::Truth(disjoint(own, iterate(one()?, budget)?, budget)?),
        _ => return Ok(None),
    }))
}

enum Outcome {
    Set(Set),
    Truth(bool),
}

/// A frozenset's methods.
pub(super) fn frozen(own: &Arc<Set>, name: &str, call: &Call, budget: &Budget) -> Result<Value, Error> {
    match shared(own, name, call, budget)? {
        Some(Outcome::Set(set)) => Ok(Value::FrozenSet(Arc::new(set))),
        Some(Outcome::Truth(truth)) => Ok(Value::Bool(truth)),
        None => Err(no_attribute(&Value::FrozenSet(own.clone()), name)),
    }
}

/// A set's methods; the mutating ones change it in place.
pub(super) fn method(own: &mut Arc<Set>, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    match shared(own, name, &call, budget)? {
        Some(Outcome::Set(set)) => return Ok(Value::Set(Arc::new(set))),
        Some(Outcome::Truth(truth)) => return Ok(Value::Bool(truth)),
        None => {}
    }
    match name {
        "add" => {
            let member = call.one("add")?;
            shape::check_member(&member)?;
            let member = make_key(member, budget)?;
            unshare(own, 1, budget)?.insert(member);
        }
        "discard" | "remove" => {
            let member = match call.one(name)? {
                Value::Set(members) => Value::FrozenSet(members),
                member => member,
            };
            let key = make_key(member, budget)?;
            let found = unshare(own, 0, budget)?.shift_remove(&key);
            if !found && name == "remove" {
                return Err(missing(key.value()));
            }
        }
        "pop" => {
            call.none("pop")?;
            budget.reserve(own.len().saturating_mul(shape::ITEM) / 8)?;
            let Some(first) = set_in_order(own).first().map(|first| (*first).clone()) else {
                return Err(value_error("pop from an empty set"));
            };
            let key = make_key(first, budget)?;
            unshare(own, 0, budget)?.shift_remove(&key);
            return Ok(key.into_value());
        }
        "clear" => {
            call.none("clear")?;
            *own = Arc::default();
        }
        "update" => *own = Arc::new(fold(own, &call.all(name)?, budget, union)?),
        "intersection_update" => *own = Arc::new(intersect_all(own, &call.all(name)?, budget)?),
        "difference_update" => *own = Arc::new(fold(own, &call.all(name)?, budget, difference)?),
        "symmetric_difference_update" => {
            *own = Arc::new(fold(own, &[call.one(name)?], budget, symmetric_difference)?);
        }
        _ => return Err(no_attribute(&Value::Set(own.clone()), name)),
    }
    Ok(Value::None)
}

/// The set for changing: copied where others hold it too.
fn unshare<'s>(own: &'s mut Arc<Set>, more: usize, budget: &Budget) -> Result<&'s mut Set, Error> {
    let copied = if Arc::get_mut(own).is_none() { own.len() } else { 0 };
    budget.reserve(copied.saturating_add(more).saturating_mul(shape::ENTRY))?;
    Ok(Arc::make_mut(own))
}

fn missing(member: &Value) -> Error {
    let text = crate::value::repr_bounded(member, 200).unwrap_or_else(|| "of that value".to_owned());
    value_error(format!("no member {text} in the set"))
}
