//! How large and how deep values may grow: what an item costs, how deep containers stand, what a key may be.
//!
//! The depth of everything that is built is checked when something is put into it, so that no recursion over a
//! value can exhaust a stack.

use std::collections::HashMap;
use std::sync::Arc;

use super::Budget;
use super::errors::unhashable;
use crate::language::Error;
use crate::value::{DEPTH_MAX, Dict, Key, Set, Value};

/// Bytes of an item in a list.
pub(super) const ITEM: usize = size_of::<Value>();
/// Bytes of an entry in a dict or a set, its place in the table included.
pub(super) const ENTRY: usize = 2 * size_of::<Value>() + 24;
/// Values in one key: hashing walks all of them.
const KEY_VALUES_MAX: usize = 65_536;
/// Bytes of text in a key that count as much as a value.
const KEY_VALUE_BYTES: usize = 16;

pub(super) fn too_deep() -> Error {
    Error::Limit(format!("containers may be nested {DEPTH_MAX} deep"))
}

/// A text as a value, its bytes taken from the budget.
pub(super) fn text(text: &str, budget: &Budget) -> Result<Value, Error> {
    budget.reserve(text.len().saturating_add(ITEM))?;
    Ok(Value::from(text))
}

/// One character as a value.
pub(super) fn character(character: char) -> Value {
    let mut buffer = [0; 4];
    Value::from(&*character.encode_utf8(&mut buffer))
}

/// `[a, b]`
///
/// # Errors
/// `limit` where containers would stand too deep in each other.
pub fn make_list(items: Vec<Value>) -> Result<Value, Error> {
    check_members(&items)?;
    Ok(Value::list(items))
}

/// `(a, b)`
///
/// # Errors
/// `limit` where containers would stand too deep in each other.
pub fn make_tuple(items: Vec<Value>) -> Result<Value, Error> {
    check_members(&items)?;
    Ok(Value::tuple(items))
}

/// `{a: b}`
///
/// # Errors
/// `type` where a key is unhashable, `limit` where containers would stand too deep in each other.
pub fn make_dict(entries: Vec<(Value, Value)>, budget: &Budget) -> Result<Value, Error> {
    let mut dict = Dict::with_capacity(entries.len());
    let mut depths = Depths::default();
    for (key, value) in entries {
        depths.check(&key)?;
        depths.check(&value)?;
        dict.insert(make_key(key, budget)?, value);
    }
    Ok(Value::Dict(Arc::new(dict)))
}

/// `{a, b}`
///
/// # Errors
/// `type` where a member is unhashable, `limit` where containers would stand too deep in each other.
pub fn make_set(members: Vec<Value>, budget: &Budget) -> Result<Value, Error> {
    let mut set = Set::with_capacity(members.len());
    let mut depths = Depths::default();
    for member in members {
        depths.check(&member)?;
        set.insert(make_key(member, budget)?);
    }
    Ok(Value::Set(Arc::new(set)))
}

/// The value as a key; walking over it is work.
pub(super) fn make_key(value: Value, budget: &Budget) -> Result<Key, Error> {
    if !matches!(value, Value::Tuple(_) | Value::FrozenSet(_)) {
        budget.work(small(&value))?;
        return key(value);
    }
    let mut left = KEY_VALUES_MAX;
    walk(&value, &mut left);
    budget.work((KEY_VALUES_MAX - left).saturating_mul(KEY_VALUE_BYTES))?;
    key(value)
}

/// The same where nothing can be built in a loop.
pub(super) fn key(value: Value) -> Result<Key, Error> {
    let mut left = KEY_VALUES_MAX;
    if !walk(&value, &mut left) {
        let bytes = KEY_VALUES_MAX * KEY_VALUE_BYTES;
        return Err(Error::Limit(format!(
            "a key may hold {KEY_VALUES_MAX} values and {bytes} bytes of text"
        )));
    }
    Key::new(value).map_err(|value| {
        let culprit = culprit(&value).unwrap_or(&value);
        unhashable(culprit)
    })
}

/// The bytes of a text.
fn small(value: &Value) -> usize {
    match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}

fn walk(value: &Value, left: &mut usize) -> bool {
    let Some(rest) = left.checked_sub(1 + small(value) / KEY_VALUE_BYTES) else {
        *left = 0;
        return false;
    };
    *left = rest;
    match value {
        Value::Tuple(items) => items.iter().all(|item| walk(item, left)),
        Value::FrozenSet(members) => members.iter().all(|member| walk(member.value(), left)),
        _ => true,
    }
}

/// What in the tuple cannot be hashed.
fn culprit(value: &Value) -> Option<&Value> {
    match value {
        Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Opaque(_) => Some(value),
        Value::Tuple(items) => items.iter().find_map(culprit),
        _ => None,
    }
}

/// Fails where the value may not become a member of another.
pub(super) fn check_member(value: &Value) -> Result<(), Error> {
    Depths::default().check(value)
}

pub(super) fn check_members(items: &[Value]) -> Result<(), Error> {
    let mut depths = Depths::default();
    items.iter().try_for_each(|item| depths.check(item))
}

/// How deep containers stand in the value: 0 for a scalar. A list that stands in it a thousand times is looked at
/// once.
#[must_use]
pub fn depth(value: &Value) -> usize {
    Depths::default().of(value, 0)
}

/// Depths that were found: one list may stand in another a thousand times, and is looked at once.
#[derive(Default)]
pub(super) struct Depths(HashMap<usize, usize>);

impl Depths {
    pub(super) fn check(&mut self, value: &Value) -> Result<(), Error> {
        if self.of(value, 0) < DEPTH_MAX { Ok(()) } else { Err(too_deep()) }
    }

    fn of(&mut self, value: &Value, level: usize) -> usize {
        if level > 2 * DEPTH_MAX {
            return level;
        }
        match value {
            Value::List(items) | Value::Tuple(items) => self.known(Arc::as_ptr(items).addr(), |depths| {
                items.iter().map(|item| depths.of(item, level + 1)).max().unwrap_or(0) + 1
            }),
            Value::Dict(entries) => self.known(Arc::as_ptr(entries).addr(), |depths| {
                let of = |(key, value): (&Key, &Value)| {
                    depths.of(key.value(), level + 1).max(depths.of(value, level + 1))
                };
                entries.iter().map(of).max().unwrap_or(0) + 1
            }),
            Value::Set(members) | Value::FrozenSet(members) => {
                self.known(Arc::as_ptr(members).addr(), |depths| {
                    members.iter().map(|member| depths.of(member.value(), level + 1)).max().unwrap_or(0) + 1
                })
            }
            Value::Opaque(opaque) => opaque.depth(&mut |value| self.of(value, level + 1)),
            _ => 0,
        }
    }

    fn known(&mut self, address: usize, find: impl FnOnce(&mut Depths) -> usize) -> usize {
        if let Some(depth) = self.0.get(&address) {
            return *depth;
        }
        let depth = find(self);
        self.0.insert(address, depth);
        depth
    }
}
