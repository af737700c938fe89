//! `value.name` and `value.name(…)`: which type answers.
//!
//! Uses every type's own file; what is not found there is asked of `modules`.

use super::errors::{no_attribute, type_error};
use super::kinds::Type;
use super::range::Range;
use super::views::View;
use super::{Budget, Call, bytes, dicts, kinds, lists, scalars, sets, strings};
use crate::language::{Error, modules};
use crate::value::Value;

/// Methods that change their receiver, of any type.
const MUTATING: [&str; 15] = [
    "add",
    "append",
    "clear",
    "difference_update",
    "discard",
    "extend",
    "insert",
    "intersection_update",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "symmetric_difference_update",
];

/// Whether the method of that name changes its receiver (`append`, `sort`, `update`, …), for any type that has it.
#[must_use]
pub fn mutates(name: &str) -> bool {
    name == "update" || MUTATING.contains(&name)
}

/// `value.name`, where it is not called.
///
/// # Errors
/// `name` where the value has no such attribute, or one that the server does not have.
pub fn attribute(value: &Value, name: &str) -> Result<Value, Error> {
    if let Some(kind) = Type::of_value(value)
        && matches!(name, "__name__" | "__qualname__")
    {
        return Ok(Value::from(kind.short_name()));
    }
    if name.starts_with("__") {
        return Err(no_attribute(value, name));
    }
    if let Some(found) = scalars::attribute(value, name) {
        return Ok(found);
    }
    if let Some(found) = Range::of(value).and_then(|range| range.attribute(name)) {
        return Ok(found);
    }
    modules::attribute(value, name).unwrap_or_else(|| Err(no_attribute(value, name)))
}

/// `receiver.name(…)`: a mutating method changes `receiver` in place (copy on write).
///
/// # Errors
/// `name` where there is no such method, and whatever the method itself refuses.
pub fn method(receiver: &mut Value, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    if name.starts_with("__") {
        return Err(no_attribute(receiver, name));
    }
    match receiver {
        Value::Str(text) => strings::method(text, name, call, budget),
        Value::Bytes(own) => bytes::method(own, name, call, budget),
        Value::List(items) => lists::method(items, name, call, budget),
        Value::Tuple(items) => lists::tuple_method(items, name, call, budget),
        Value::Dict(entries) => dicts::method(entries, name, call, budget),
        Value::Set(members) => sets::method(members, name, call, budget),
        Value::FrozenSet(members) => sets::frozen(members, name, &call, budget),
        Value::Int(_) | Value::Bool(_) => scalars::int_method(receiver, name, call, budget),
        Value::Float(number) => scalars::float_method(*number, name, call),
        Value::None => Err(no_attribute(receiver, name)),
        Value::Opaque(_) => {
            if let Some(kind) = Type::of_value(receiver) {
                return of_type(kind, name, call, budget);
            }
            if let Some(range) = Range::of(receiver) {
                return range.method(name, call, budget);
            }
            if let Some(view) = View::of(receiver) {
                return view.method(name, call, budget);
            }
            foreign(receiver, name, &call, budget)
        }
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) | Value::Delta(_) => {
            foreign(receiver, name, &call, budget)
        }
    }
}

fn foreign(receiver: &Value, name: &str, call: &Call, budget: &Budget) -> Result<Value, Error> {
    modules::method(receiver, name, call, budget).unwrap_or_else(|| Err(no_attribute(receiver, name)))
}

/// `dict.fromkeys(…)`, `int.from_bytes(…)`, and `str.upper('a')`: the first argument is the receiver.
fn of_type(kind: Type, name: &str, mut call: Call, budget: &Budget) -> Result<Value, Error> {
    match (kind.name, name) {
        ("dict", "fromkeys") => return dicts::from_keys(call, budget),
        ("int" | "bool", "from_bytes") => return scalars::from_bytes(call, budget),
        ("float", "fromhex") => return scalars::from_hex(&call.one(name)?),
        ("bytes", "fromhex") => return bytes::from_hex(&call.one(name)?, budget),
        _ => {}
    }
    if kind.name.starts_with("datetime.") {
        return foreign(&kind.value(), name, &call, budget);
    }
    if mutates(name) {
        return Err(type_error(format!("call {name}() on the value itself: what it changes would be lost")));
    }
    if call.positional.is_empty() {
        return Err(type_error(format!("unbound method {}.{name}() needs an argument", kind.name)));
    }
    let mut receiver = call.positional.remove(0);
    if !kinds::is_instance(&receiver, &kind.value())? {
        return Err(type_error(format!(
            "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
            kind.name,
            receiver.type_name()
        )));
    }
    method(&mut receiver, name, call, budget)
}
