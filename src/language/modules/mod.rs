//! The modules' values: what operators, attributes and methods of dates, durations and matches mean.
//!
//! Uses `operations` for its types, `value` and the budget; knows no parser and no functions.

#![allow(missing_docs, clippy::missing_errors_doc, dead_code)]
use super::operations::{Binary, Call, Unary};
use super::{Budget, Error};
use crate::clock::Clock;
use crate::value::Value;

/// `left operator right` where a module owns the meaning.
pub fn binary(_operator: Binary, _left: &Value, _right: &Value) -> Option<Result<Value, Error>> {
    None
}

/// `operator value` where a module owns the meaning.
pub fn unary(_operator: Unary, _operand: &Value) -> Option<Result<Value, Error>> {
    None
}

/// `value.name` where a module owns the meaning.
pub fn attribute(_value: &Value, _name: &str) -> Option<Result<Value, Error>> {
    None
}

/// `value.name(…)` where a module owns the meaning.
pub fn method(_value: &Value, _name: &str, _call: &Call, _budget: &Budget) -> Option<Result<Value, Error>> {
    None
}

/// `format(value, specification)` where a module owns the meaning.
pub fn format(_value: &Value, _specification: &str) -> Option<Result<Value, Error>> {
    None
}

pub fn is_module(name: &str) -> bool {
    matches!(name, "math" | "datetime" | "time" | "random" | "json" | "statistics" | "re")
}
pub fn has(path: &str) -> bool {
    matches!(path, "math.sqrt" | "math.pi")
}
pub fn constant(path: &str) -> Option<Value> {
    (path == "math.pi").then_some(Value::Float(std::f64::consts::PI))
}
pub fn call(path: &str, call: Call, _clock: &Clock, _budget: &Budget) -> Result<Value, Error> {
    match (path, call.positional.as_slice()) {
        ("math.sqrt", [Value::Int(n)]) => Ok(Value::Float((*n as f64).sqrt())),
        _ => Err(Error::Name(path.to_owned())),
    }
}
