//! Python's modules, there without import: `math`, `datetime`, `re` and so on, and what operators, attributes and
//! methods of their values mean.
//!
//! Owns the table of modules. Uses `operations` for its types, `value`, the clock, chance and the budget; knows no
//! parser and no functions.

mod datetime;
mod json;
mod math;
mod named;
mod random;
mod re;
mod statistics;
mod time;

use super::operations::{self, Binary, Call, Unary};
use super::{Budget, Error};
use crate::clock::Clock;
use crate::value::Value;

/// What a function of a module finds around it.
#[derive(Clone, Copy)]
pub struct Surroundings<'w> {
    /// The time.
    pub clock: &'w Clock,
    /// Chance: 64 fresh bits a call.
    pub random: &'w (dyn Fn() -> u64 + Send + Sync),
    /// What may still be used.
    pub budget: &'w Budget,
}

/// One module: what it holds, and how its functions are called.
struct Module {
    name: &'static str,
    functions: &'static [&'static str],
    constants: &'static [&'static str],
    constant: fn(&str) -> Option<Value>,
    call: fn(&'static str, Call, &Surroundings<'_>) -> Result<Value, Error>,
}

macro_rules! modules {
    ($($name:ident),*) => {
        [$(Module {
            name: stringify!($name),
            functions: &$name::FUNCTIONS,
            constants: &$name::CONSTANTS,
            constant: $name::constant,
            call: $name::call,
        }),*]
    };
}

const MODULES: [Module; 7] = modules![datetime, json, math, random, re, statistics, time];

fn find(path: &str) -> Option<(&'static Module, &str)> {
    let (module, name) = path.split_once('.')?;
    MODULES.iter().find(|known| known.name == module).map(|module| (module, name))
}

/// Whether there is a module of that name.
pub fn is_module(name: &str) -> bool {
    MODULES.iter().any(|module| module.name == name)
}

/// Each module: its name, its functions, its constants. A dot stands before a function of a class.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [&'static str], &'static [&'static str])> {
    MODULES.iter().map(|module| (module.name, module.functions, module.constants))
}

/// Whether a module has something under this path, such as `math.log10` or `datetime.datetime.now`.
pub fn has(path: &str) -> bool {
    constant(path).is_some() || function(path).is_some()
}

/// A module's constant, such as `math.pi`.
pub fn constant(path: &str) -> Option<Value> {
    let (module, name) = find(path)?;
    (module.constant)(name)
}

/// Why the server does not have what Python has there, where there is more to say than that.
pub fn absent(path: &str) -> Option<String> {
    let why = match path {
        "time.sleep" => "nobody's call may hold up the server; wait in the client, or with recv(id, seconds)",
        "datetime.timezone" | "datetime.timezone.utc" | "datetime.UTC" | "datetime.tzinfo" => {
            "it has no time zones; times are local, and datetime.utcnow() is UTC"
        }
        "random.seed" | "random.getstate" | "random.setstate" | "random.Random" => {
            "its numbers come from the system and cannot be repeated"
        }
        "re.LOCALE" | "re.L" | "re.DEBUG" | "re.TEMPLATE" | "re.T" => "it has no such patterns",
        _ => return None,
    };
    Some(format!("the server does not have {path}: {why}"))
}

fn function(path: &str) -> Option<(&'static Module, &'static str)> {
    let (module, name) = find(path)?;
    module.functions.iter().find(|known| **known == name).map(|name| (module, *name))
}

/// Calls a module's function.
///
/// # Errors
/// As Python's function; `name` where there is none.
pub fn call(path: &str, call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    let (module, name) =
        function(path).ok_or_else(|| Error::Name(format!("the server does not have {path}")))?;
    around.budget.tick()?;
    let value = (module.call)(name, call, around)?;
    Ok(match value {
        Value::Float(number) if !gives_what_it_got(name) => Value::Float(operations::fresh(number)),
        value => value,
    })
}

/// Whether the function gives one of the values that it was given, and not one that it made.
fn gives_what_it_got(name: &str) -> bool {
    matches!(name, "choice" | "loads" | "median_high" | "median_low" | "mode" | "median")
}

/// `left operator right` where a module owns the meaning.
pub fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    datetime::binary(operator, left, right).or_else(|| re::binary(operator, left, right))
}

/// `operator value` where a module owns the meaning.
pub fn unary(operator: Unary, operand: &Value) -> Option<Result<Value, Error>> {
    datetime::unary(operator, operand)
}

/// What the value is to operators: a tuple with names (`time.localtime()`) a tuple, flags (`re.I`) a number.
pub fn plain(value: &Value) -> Option<Value> {
    named::Named::of(value).map(named::Named::tuple).or_else(|| re::as_int(value))
}

/// `value.name` where a module owns the meaning.
pub fn attribute(value: &Value, name: &str) -> Option<Result<Value, Error>> {
    named::attribute(value, name)
        .or_else(|| datetime::attribute(value, name))
        .or_else(|| re::attribute(value, name))
}

/// `value.name(…)` where a module owns the meaning.
pub fn method(value: &Value, name: &str, call: &Call, budget: &Budget) -> Option<Result<Value, Error>> {
    datetime::method(value, name, call, budget).or_else(|| re::method(value, name, call, budget))
}

/// `format(value, specification)` where a module owns the meaning.
pub fn format(value: &Value, specification: &str) -> Option<Result<Value, Error>> {
    datetime::format(value, specification)
}
