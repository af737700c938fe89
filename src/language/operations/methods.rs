//! The calls of methods: which type's they are.

use super::errors::{no_attribute, type_error};
use super::format::template;
use super::kinds::Type;
use super::members::{attribute, mutates};
use super::range::Range;
use super::views::View;
use super::{Budget, Call, bytes, dicts, kinds, lists, method_names, scalars, sets, strings, view_methods};
use crate::language::{Error, modules};
use crate::value::Value;

/// `receiver.name(…)`: a mutating method changes `receiver` in place (copy on write).
///
/// # Errors
/// `name` where there is no such method, and whatever the method itself refuses.
pub fn method(receiver: &mut Value, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    if name.starts_with("__") {
        return Err(no_attribute(receiver, name));
    }
    check_method(receiver, name)?;
    match receiver {
        // Reads attributes of what it formats, so it stands above the methods of text.
        Value::Str(text) if name == "format" => template::text(text, &call, budget),
        Value::Str(text) if name == "format_map" => template::mapped(text, &call.one("format_map")?, budget),
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
                return view_methods::method(view, name, call, budget);
            }
            foreign(receiver, name, &call, budget)
        }
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) | Value::Delta(_) => {
            foreign(receiver, name, &call, budget)
        }
    }
}

/// Refuses a method that the receiver has not, which Python notices before it evaluates the arguments.
///
/// # Errors
/// `name` where there is no such method, `type` where there is an attribute that is none.
pub fn check_method(receiver: &Value, name: &str) -> Result<(), Error> {
    if method_names::may_have(receiver, name) {
        return Ok(());
    }
    if matches!((receiver, name), (Value::Str(_) | Value::Bytes(_), "maketrans" | "translate")) {
        return Err(Error::Name(format!("the server does not have {}.{name}()", receiver.type_name())));
    }
    match attribute(receiver, name) {
        Ok(value) => Err(type_error(format!("'{}' object is not callable", value.type_name()))),
        Err(_) => Err(no_attribute(receiver, name)),
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
