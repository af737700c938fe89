//! Python's `json`: `dumps` and `loads`, exactly Python's text.
//!
//! Bounded: texts count while they grow, and depth as every container's does.

mod dumps;
mod loads;

use super::Surroundings;
use crate::language::Error;
use crate::language::operations::Call;
use crate::value::Value;

pub(super) const CONSTANTS: [&str; 0] = [];
pub(super) const FUNCTIONS: [&str; 2] = ["dumps", "loads"];

pub(super) fn constant(_name: &str) -> Option<Value> {
    None
}

pub(super) fn call(name: &'static str, call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    match name {
        "dumps" => dumps::dumps(call, around.budget),
        _ => loads::loads(call, around.budget),
    }
}
