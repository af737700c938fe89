//! Types as values: `int`, `str`, what `type(x)` gives and `isinstance` takes.
//!
//! Uses values alone.

use std::any::Any;
use std::sync::Arc;

use super::errors::type_error;
use crate::language::Error;
use crate::value::{Opaque, Value};

/// A type of Python's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) name: &'static str,
}

/// The types that have a name in every expression.
const NAMED: [&str; 19] = [
    "bool",
    "bytes",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "int",
    "list",
    "map",
    "object",
    "range",
    "reversed",
    "set",
    "str",
    "tuple",
    "type",
    "zip",
    "NoneType",
];

/// The type of that name as a value: `int`, `datetime.date`.
#[must_use]
pub fn type_object(name: &str) -> Option<Value> {
    let dated = ["datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta"];
    let known = NAMED.iter().filter(|known| **known != "NoneType").chain(&dated);
    known.into_iter().find(|known| **known == name).map(|name| Type { name }.value())
}

impl Type {
    /// The type that the value is, where it is one.
    pub(super) fn of_value(value: &Value) -> Option<Type> {
        match value {
            Value::Opaque(opaque) => opaque.as_any().downcast_ref().copied(),
            _ => None,
        }
    }

    /// `type(value)`
    pub(super) fn of(value: &Value) -> Type {
        Type { name: value.type_name() }
    }

    pub(super) fn value(self) -> Value {
        Value::Opaque(Arc::new(self))
    }

    /// `type.__name__`
    pub(super) fn short_name(self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    fn holds(self, value: &Value) -> bool {
        let name = value.type_name();
        self.name == name
            || match self.name {
                "object" => true,
                "int" => name == "bool",
                "datetime.date" => name == "datetime.datetime",
                _ => false,
            }
    }
}

/// `isinstance(value, kind)`
pub(super) fn is_instance(value: &Value, kind: &Value) -> Result<bool, Error> {
    is_one_of(value, kind, 0)
}

fn is_one_of(value: &Value, kind: &Value, depth: usize) -> Result<bool, Error> {
    if let Some(kind) = Type::of_value(kind) {
        return Ok(kind.holds(value));
    }
    match kind {
        Value::Tuple(kinds) if depth <= crate::value::DEPTH_MAX => {
            for kind in kinds.iter() {
                if is_one_of(value, kind, depth + 1)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(type_error("isinstance() arg 2 must be a type, a tuple of types, or a union")),
    }
}

impl Opaque for Type {
    fn type_name(&self) -> &'static str {
        "type"
    }

    fn repr(&self) -> String {
        format!("<class '{}'>", self.name)
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        other.as_any().downcast_ref::<Type>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
