//! Python's operations on values: what every operator, index, slice, attribute, method and builtin means.
//!
//! Pure: uses `value` and the budget, knows no parser, no Rhai and no functions. The interface below is all that
//! the lowering calls.

use super::{Budget, Error};
use crate::value::Value;

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the operator's name in Python's operator module")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    And,
    Or,
    Xor,
    LShift,
    RShift,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
    Is,
    IsNot,
}

/// A unary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the operator's name in Python's operator module")]
pub enum Unary {
    Neg,
    Pos,
    Invert,
    Not,
}

/// The arguments of a call of a builtin, a method or a module's function.
#[derive(Debug, Default)]
pub struct Call {
    /// In order.
    pub positional: Vec<Value>,
    /// By name.
    pub keyword: Vec<(String, Value)>,
}

pub use skeleton::*;

#[expect(clippy::todo, unused_variables, reason = "skeleton")]
#[allow(clippy::missing_errors_doc, missing_docs)]
mod skeleton {
    use super::{Binary, Budget, Call, Error, Unary, Value};
    pub fn binary(operator: Binary, left: &Value, right: &Value, budget: &Budget) -> Result<Value, Error> {
        todo!()
    }
    pub fn unary(operator: Unary, operand: &Value) -> Result<Value, Error> {
        todo!()
    }
    /// `container[index]`
    pub fn index(container: &Value, index: &Value) -> Result<Value, Error> {
        todo!()
    }
    /// `container[start:stop:step]`; a missing bound is None.
    pub fn slice(
        container: &Value,
        start: &Value,
        stop: &Value,
        step: &Value,
        budget: &Budget,
    ) -> Result<Value, Error> {
        todo!()
    }
    /// `container[index] = value`: the container with the item replaced.
    pub fn set_index(
        container: &mut Value,
        index: &Value,
        value: Value,
        budget: &Budget,
    ) -> Result<(), Error> {
        todo!()
    }
    /// `del container[index]`
    pub fn delete_index(container: &mut Value, index: &Value) -> Result<(), Error> {
        todo!()
    }
    /// All items that iterating over the value yields. Ranges too: the budget bounds them.
    pub fn iterate(value: &Value, budget: &Budget) -> Result<Vec<Value>, Error> {
        todo!()
    }
    /// `value.name`, where it is not called.
    pub fn attribute(value: &Value, name: &str) -> Result<Value, Error> {
        todo!()
    }
    /// `receiver.name(…)`: a mutating method changes `receiver` in place (copy on write).
    pub fn method(receiver: &mut Value, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
        todo!()
    }
    /// Whether the method of that name changes its receiver (`append`, `sort`, `update`, …), for any type that has it.
    pub fn mutates(name: &str) -> bool {
        todo!()
    }
    /// Whether there is a builtin function of that name (`len`, `sorted`, …).
    pub fn is_builtin(name: &str) -> bool {
        todo!()
    }
    /// Calls a builtin. `key=` functions were turned into lists of keys by the lowering: it passes the keyword `__keys__`.
    pub fn builtin(name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
        todo!()
    }
    /// An f-string's replacement field: `format(value, specification)` after the conversion (`r`, `s`, `a` or none).
    pub fn format_field(
        value: &Value,
        conversion: Option<char>,
        specification: &str,
        budget: &Budget,
    ) -> Result<Value, Error> {
        todo!()
    }
    /// Builds displays, checking sizes and hashability.
    pub fn make_dict(entries: Vec<(Value, Value)>) -> Result<Value, Error> {
        todo!()
    }
    pub fn make_set(members: Vec<Value>) -> Result<Value, Error> {
        todo!()
    }
    /// `a, b = value`: exactly `count` items; with a starred target at `star`, at least `count - 1`.
    pub fn unpack(
        value: &Value,
        count: usize,
        star: Option<usize>,
        budget: &Budget,
    ) -> Result<Vec<Value>, Error> {
        todo!()
    }
}
