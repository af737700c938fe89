//! The names of the methods of every type: what is looked up before arguments are evaluated, and what the manual lists.
//!
//! A test calls each of them.

use crate::value::Value;

const STR: [&str; 46] = [
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];
const BYTES: [&str; 40] = [
    "capitalize",
    "center",
    "count",
    "decode",
    "endswith",
    "expandtabs",
    "find",
    "fromhex",
    "hex",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];
const LIST: [&str; 11] =
    ["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"];
const TUPLE: [&str; 2] = ["count", "index"];
const DICT: [&str; 11] =
    ["clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"];
const SET: [&str; 17] = [
    "add",
    "clear",
    "copy",
    "difference",
    "difference_update",
    "discard",
    "intersection",
    "intersection_update",
    "isdisjoint",
    "issubset",
    "issuperset",
    "pop",
    "remove",
    "symmetric_difference",
    "symmetric_difference_update",
    "union",
    "update",
];
const FROZENSET: [&str; 8] = [
    "copy",
    "difference",
    "intersection",
    "isdisjoint",
    "issubset",
    "issuperset",
    "symmetric_difference",
    "union",
];
const INT: [&str; 6] = ["as_integer_ratio", "bit_count", "bit_length", "conjugate", "from_bytes", "to_bytes"];
const FLOAT: [&str; 5] = ["as_integer_ratio", "conjugate", "fromhex", "hex", "is_integer"];

/// The methods of the type of that name, where it has a table.
#[must_use]
pub fn method_names(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "str" => &STR,
        "bytes" => &BYTES,
        "list" => &LIST,
        "tuple" => &TUPLE,
        "dict" => &DICT,
        "set" => &SET,
        "frozenset" => &FROZENSET,
        "int" | "bool" => &INT,
        "float" => &FLOAT,
        "range" => &["count", "index"],
        "dict_keys" | "dict_items" => &["isdisjoint"],
        "NoneType" | "dict_values" => &[],
        _ => return None,
    })
}

/// Whether the type of that name has an attribute of that name that is no method.
#[must_use]
pub fn is_attribute(kind: &str, name: &str) -> bool {
    match kind {
        "int" | "bool" => matches!(name, "real" | "imag" | "numerator" | "denominator"),
        "float" => matches!(name, "real" | "imag"),
        _ => false,
    }
}

/// Whether the value may have a method of that name: it has, or its type has no table.
#[must_use]
pub fn may_have(value: &Value, name: &str) -> bool {
    method_names(value.type_name()).is_none_or(|names| names.contains(&name))
}
