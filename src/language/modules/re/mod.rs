//! Python's `re`: its syntax, its choices, its empty matches, in time that grows with pattern and text alone.
//!
//! The engine is our own, since none of another language means the same by every pattern. What would need more than
//! that time, references to groups and conditions on them, is refused by name.

mod cases;
mod charset;
mod escapes;
mod flags;
mod functions;
mod inline;
mod matcher;
mod members;
mod objects;
mod parser;
mod program;
mod syntax;
mod template;
mod tokens;

pub(super) use members::{attribute, method};

pub(super) use crate::language::operations::characters::is_space;

use super::Surroundings;
use crate::language::operations::characters::identifier as is_identifier;
use crate::language::operations::{Binary, Call};
use crate::language::{Budget, Error};
use crate::value::Value;

pub(super) const CONSTANTS: [&str; 13] = [
    "A",
    "ASCII",
    "DOTALL",
    "I",
    "IGNORECASE",
    "M",
    "MULTILINE",
    "NOFLAG",
    "S",
    "U",
    "UNICODE",
    "VERBOSE",
    "X",
];
pub(super) const FUNCTIONS: [&str; 11] = [
    "compile",
    "escape",
    "findall",
    "finditer",
    "fullmatch",
    "match",
    "purge",
    "search",
    "split",
    "sub",
    "subn",
];

pub(super) fn constant(name: &str) -> Option<Value> {
    flags::constant(name)
}

pub(super) fn call(name: &'static str, call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    functions::call(name, call, around.budget)
}

pub(super) fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    flags::binary(operator, left, right)
}

/// The number that flags are.
pub(super) fn as_int(value: &Value) -> Option<Value> {
    flags::of(value).map(|bits| Value::Int(i64::from(bits)))
}

/// Groups with names, and where their match ends.
type NamedGroups = (Vec<(String, String)>, usize);

/// The groups with names of a match at the text's beginning that ignores case, and the byte where it ends.
pub(super) fn named_groups(
    pattern: &str,
    text: &std::sync::Arc<str>,
    budget: &Budget,
) -> Result<Option<NamedGroups>, Error> {
    let pattern = objects::Pattern::new(pattern, syntax::flag::IGNORECASE, budget)?;
    let subject = matcher::Subject::new(text.clone(), budget)?;
    let mut matcher = matcher::Matcher::new(&pattern.program, &subject, (0, subject.len()), budget)?;
    let Some((start, end)) = matcher.search(0, false, matcher::Goal::default())? else { return Ok(None) };
    let mut groups = Vec::new();
    for (name, number) in &pattern.names {
        let place = *number as usize;
        let ends = (matcher.slots.get(2 * place - 2).copied(), matcher.slots.get(2 * place - 1).copied());
        if let (Some(from), Some(to)) = ends
            && to != matcher::NOWHERE
        {
            groups.push((name.clone(), subject.between(from, to)));
        }
    }
    Ok(Some((groups, subject.between(start, end).len())))
}
