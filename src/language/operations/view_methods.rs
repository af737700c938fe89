//! The methods of `dict.keys()`, `.values()` and `.items()`.

use super::errors::no_attribute;
use super::views::{Part, View};
use super::{Budget, Call, iterate, sets};
use crate::language::Error;
use crate::value::Value;

pub(super) fn method(view: &View, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    match name {
        "isdisjoint" if view.part != Part::Values => {
            let other = iterate(&call.one(name)?, budget)?;
            let own = view.set(budget)?;
            Ok(Value::Bool(sets::disjoint(&own, other, budget)?))
        }
        _ => Err(no_attribute(&view.clone().value(), name)),
    }
}
