//! The sentences of Python's errors, each with the kind that a client is told.
//!
//! Uses the room's error; knows no values but their types' names.

use super::Binary;
use crate::language::Error;
use crate::value::Value;

/// What is said of a whole number that does not fit.
pub const BEYOND: &str = "the result does not fit into 64 bits";

pub(super) fn type_error(message: impl Into<String>) -> Error {
    Error::Type(message.into())
}

pub(super) fn value_error(message: impl Into<String>) -> Error {
    Error::Value(message.into())
}

/// A whole number that does not fit: never a wrap, never a float in its place.
pub(super) fn overflow() -> Error {
    Error::Limit(BEYOND.to_owned())
}

pub(super) fn no_attribute(value: &Value, name: &str) -> Error {
    if name.starts_with("__") {
        return Error::Name(format!("the server does not have the attribute '{name}'"));
    }
    Error::Name(format!("'{}' object has no attribute '{name}'", value.type_name()))
}

/// `+`, `//` and so on.
pub(super) fn symbol(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "+",
        Binary::Sub => "-",
        Binary::Mul => "*",
        Binary::TrueDiv => "/",
        Binary::FloorDiv => "//",
        Binary::Mod => "%",
        Binary::Pow => "** or pow()",
        Binary::And => "&",
        Binary::Or => "|",
        Binary::Xor => "^",
        Binary::LShift => "<<",
        Binary::RShift => ">>",
        Binary::Eq => "==",
        Binary::Ne => "!=",
        Binary::Lt => "<",
        Binary::Le => "<=",
        Binary::Gt => ">",
        Binary::Ge => ">=",
        Binary::In => "in",
        Binary::NotIn => "not in",
        Binary::Is => "is",
        Binary::IsNot => "is not",
    }
}

pub(super) fn unsupported(operator: Binary, left: &Value, right: &Value) -> Error {
    type_error(format!(
        "unsupported operand type(s) for {}: '{}' and '{}'",
        symbol(operator),
        left.type_name(),
        right.type_name()
    ))
}

pub(super) fn not_iterable(value: &Value) -> Error {
    type_error(format!("'{}' object is not iterable", value.type_name()))
}

pub(super) fn unhashable(value: &Value) -> Error {
    type_error(format!("unhashable type: '{}'", value.type_name()))
}

/// What a client sees of a missing key; long keys are cut.
pub(super) fn no_key(key: &Value) -> Error {
    let text = crate::value::repr_bounded(key, 200).unwrap_or_else(|| "of that value".to_owned());
    value_error(format!("no key {text} in the dict"))
}
