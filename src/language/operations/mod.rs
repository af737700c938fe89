//! Python's operations on values: what every operator, index, slice, attribute, method and builtin means.
//!
//! Pure: uses `value` and the budget, knows no parser, no Rhai and no functions. The interface below is all that
//! the lowering calls.

mod arguments;
mod builtins;
mod bytes;
mod compare;
mod convert;
mod dicts;
mod errors;
mod format;
mod indexing;
mod kinds;
mod lists;
mod members;
mod method_names;
mod methods;
mod numbers;
mod operators;
mod percent;
mod range;
mod scalars;
mod sets;
mod shape;
mod slices;
mod source;
mod strings;
mod texts;
mod view_methods;
mod views;

use super::Budget;
use crate::value::Value;

pub(in crate::language) use arguments::{integer, integer_or};
pub use builtins::{builtin, is_builtin};
pub use errors::BEYOND;
pub use format::format_field;
pub use indexing::{delete_index, index, set_index, slice, unpack};
pub use kinds::type_object;
pub use members::{attribute, mutates};
pub use method_names::{is_attribute, method_names};
pub use methods::{check_method, method};
pub use numbers::fresh;
pub use operators::{binary, unary};
pub use shape::{depth, make_dict, make_list, make_set, make_tuple};
pub use slices::{is_slice_index, slice_index};
pub use source::{Iteration, iterate};

use shape::make_key;

/// What characters are and their cases, as patterns ask it.
pub(in crate::language) mod characters {
    pub(in crate::language) use super::strings::{
        continues_identifier, identifier, is_alphanumeric, is_decimal, is_space, lower, starts_identifier,
        upper,
    };
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

#[cfg(test)]
mod tests;
