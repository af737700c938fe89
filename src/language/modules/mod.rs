//! The modules' values: what operators, attributes and methods of dates, durations and matches mean.
//!
//! Uses `operations` for its types, `value` and the budget; knows no parser and no functions.

use super::operations::{Binary, Call, Unary};
use super::{Budget, Error};
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
