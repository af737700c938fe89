//! A value as Python's `str()` and `repr()` write it.

use super::Value;

/// Python's `str(value)`.
#[must_use]
pub fn str(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        _ => repr(value),
    }
}

/// Python's `repr(value)`.
#[must_use]
pub fn repr(value: &Value) -> String {
    format!("{value:?}")
}
