//! `value.name`: which type answers, and which methods change their receiver.
//!
//! Uses every type's own file; what is not found there is asked of `modules`.

use super::errors::no_attribute;
use super::kinds::Type;
use super::method_names::method_names;
use super::range::Range;
use super::scalars;
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
    if method_names(value.type_name()).is_some_and(|names| names.contains(&name)) {
        return Err(Error::Name(format!("'{name}' is a method and no value here; call it")));
    }
    modules::attribute(value, name).unwrap_or_else(|| Err(no_attribute(value, name)))
}
