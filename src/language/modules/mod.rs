//! Python's modules, there without import: `math`, `datetime` and so on, and what operators, attributes and methods
//! of their values mean.
//!
//! Uses `operations` for its types, `value`, the clock and the budget; knows no parser and no functions.

mod datetime;
mod math;

use super::operations::{Binary, Call, Unary};
use super::{Budget, Error};
use crate::clock::Clock;
use crate::value::Value;

/// Every module.
const MODULES: [&str; 2] = ["math", "datetime"];

/// Whether there is a module of that name.
pub fn is_module(name: &str) -> bool {
    MODULES.contains(&name)
}

/// Whether a module has something under this path, such as `math.log10` or `datetime.datetime.now`.
pub fn has(path: &str) -> bool {
    constant(path).is_some() || function(path).is_some()
}

/// A module's constant, such as `math.pi`.
pub fn constant(path: &str) -> Option<Value> {
    match path.split_once('.')? {
        ("math", name) => math::constant(name),
        ("datetime", name) => datetime::constant(name),
        _ => None,
    }
}

/// Calls a module's function.
///
/// # Errors
/// As Python's function; `name` where there is none.
pub fn call(path: &str, call: Call, clock: &Clock, budget: &Budget) -> Result<Value, Error> {
    let known = function(path).ok_or_else(|| Error::Name(format!("the server does not have {path}")))?;
    budget.tick()?;
    match known {
        Known::Math(function) => math::call(function, call, budget),
        Known::Datetime(function) => datetime::call(function, call, clock),
    }
}

/// A function of a module.
enum Known {
    Math(&'static str),
    Datetime(&'static str),
}

fn function(path: &str) -> Option<Known> {
    match path.split_once('.')? {
        ("math", name) => math::NAMES.iter().find(|known| **known == name).map(|name| Known::Math(name)),
        ("datetime", name) => {
            datetime::NAMES.iter().find(|known| **known == name).map(|name| Known::Datetime(name))
        }
        _ => None,
    }
}

/// `left operator right` where a module owns the meaning.
pub fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    datetime::binary(operator, left, right)
}

/// `operator value` where a module owns the meaning.
pub fn unary(operator: Unary, operand: &Value) -> Option<Result<Value, Error>> {
    datetime::unary(operator, operand)
}

/// `value.name` where a module owns the meaning.
pub fn attribute(value: &Value, name: &str) -> Option<Result<Value, Error>> {
    datetime::attribute(value, name)
}

/// `value.name(…)` where a module owns the meaning.
pub fn method(value: &Value, name: &str, call: &Call, _budget: &Budget) -> Option<Result<Value, Error>> {
    datetime::method(value, name, call)
}

/// `format(value, specification)` where a module owns the meaning.
pub fn format(value: &Value, specification: &str) -> Option<Result<Value, Error>> {
    datetime::format(value, specification)
}
