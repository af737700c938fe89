//! The builtin functions: `len`, `sorted`, `int` and so on.
//!
//! Owns their names and arguments; what they do with a type is that type's file. `key=` comes as the keyword
//! `__keys__`, a list with one key for each item; the loops of `map` and `filter` were run by the lowering.

mod collections;
mod scalars;

use super::errors::type_error;
use super::kinds::{self, Type};
use super::range::Range;
use super::source;
use super::texts::{ascii_text, repr_text, str_text};
use super::{Budget, Call, bytes, dicts, format_field, strings};
use crate::language::Error;
use crate::value::Value;

const NAMES: [&str; 46] = [
    "__dict_keys__",
    "__filter__",
    "__map__",
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "bytes",
    "bytes.fromhex",
    "chr",
    "dict",
    "dict.fromkeys",
    "divmod",
    "enumerate",
    "filter",
    "float",
    "float.fromhex",
    "format",
    "frozenset",
    "hex",
    "int",
    "int.from_bytes",
    "isinstance",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "oct",
    "ord",
    "pow",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
    "zip",
];

/// Whether there is a builtin function of that name (`len`, `sorted`, …).
#[must_use]
pub fn is_builtin(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Calls a builtin. `key=` functions were turned into lists of keys by the lowering: it passes the keyword
/// `__keys__`.
///
/// # Errors
/// As CPython: wrong arguments, values that have no result; `limit` where the result would be too large.
pub fn builtin(name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    match name {
        "abs" | "bin" | "chr" | "divmod" | "hex" | "oct" | "ord" | "pow" | "round" => {
            scalars::builtin(name, call)
        }
        "int" => {
            let [value, base] = call.bind(name, ["/x", "base"], 0)?;
            match (value, base) {
                (None, None) => Ok(Value::Int(0)),
                (None, Some(_)) => Err(type_error("int() missing string argument")),
                (Some(value), base) => super::convert::int(&value, base.as_ref()).map(Value::Int),
            }
        }
        "float" => match optional(name, call)? {
            None => Ok(Value::Float(0.0)),
            Some(value) => super::convert::float(&value).map(Value::Float),
        },
        "bool" => Ok(Value::Bool(optional(name, call)?.is_some_and(|value| value.truth()))),
        "str" => text(call, budget),
        "repr" => repr_text(&call.one(name)?, budget).map(Value::from),
        "ascii" => ascii_text(&call.one(name)?, budget).map(Value::from),
        "format" => {
            let [value, specification] = call.bind(name, ["/value", "/format_spec"], 1)?;
            let specification = match &specification {
                None => "",
                Some(specification) => super::arguments::text(name, specification)?,
            };
            format_field(&value.unwrap_or(Value::None), None, specification, budget)
        }
        "bytes" => bytes::bytes(call, budget),
        "dict" => dicts::dict(call, budget),
        "bytes.fromhex" => bytes::from_hex(&call.one("fromhex")?, budget),
        "dict.fromkeys" => dicts::from_keys(call, budget),
        "float.fromhex" => super::scalars::from_hex(&call.one("fromhex")?),
        "int.from_bytes" => super::scalars::from_bytes(call, budget),
        "range" => Range::call(call),
        "isinstance" => {
            let [value, kind] = call.bind(name, ["/obj", "/class_or_tuple"], 2)?;
            kinds::is_instance(&value.unwrap_or(Value::None), &kind.unwrap_or(Value::None)).map(Value::Bool)
        }
        "type" => match <[Value; 1]>::try_from(call.all(name)?) {
            Ok([value]) => Ok(Type::of(&value).value()),
            Err(_) => Err(type_error("type() takes 1 argument")),
        },
        "iter" => source::iterator(&call.one(name)?, budget),
        "next" => {
            let [iterator, default] = call.bind(name, ["/iterator", "/default"], 1)?;
            source::next(&iterator.unwrap_or(Value::None), default, budget)
        }
        _ => collections::builtin(name, call, budget),
    }
}

/// The one argument, which may be missing.
fn optional(name: &str, call: Call) -> Result<Option<Value>, Error> {
    call.bind(name, ["/x"], 0).map(|[value]| value)
}

/// `str(…)`
fn text(call: Call, budget: &Budget) -> Result<Value, Error> {
    let [value, encoding, errors] = call.bind("str", ["object", "encoding", "errors"], 0)?;
    super::bytes::check_names([&encoding, &errors])?;
    let Some(value) = value else { return Ok(Value::from("")) };
    if encoding.is_none() && errors.is_none() {
        return match &value {
            Value::Str(_) => Ok(value),
            _ => str_text(&value, budget).map(Value::from),
        };
    }
    let Value::Bytes(bytes) = &value else {
        return Err(type_error(format!(
            "decoding to str: need a bytes-like object, {} found",
            value.type_name()
        )));
    };
    let named = [("encoding", encoding), ("errors", errors)];
    let keyword =
        named.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect();
    strings::decode(bytes, Call { positional: Vec::new(), keyword }, budget)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "tests")]

    #[test]
    fn the_page_of_the_language_lists_what_there_is() {
        let page = include_str!("../../../../docs/language.md");
        let (_, list) = page.split_once("### Built-ins\n\n`").expect("a list");
        let (list, _) = list.split_once('`').expect("its end");
        let own = super::NAMES.into_iter().filter(|name| !name.contains('.') && !name.starts_with("__"));
        assert_eq!(list.split_whitespace().collect::<Vec<_>>(), own.collect::<Vec<_>>());
    }
}
