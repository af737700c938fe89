//! The natives of lowered texts that call something by its name, and those that change something in place.
//!
//! Their one argument packs a name, keywords and values.

use std::sync::Arc;

use rhai::Engine;

use super::natives::{BINARY, packed};
use crate::functions;
use crate::language::Error;
use crate::language::current::Current;
use crate::language::direct::key_text;
use crate::language::lower::binary_name;
use crate::language::objects::Root;
use crate::language::operations::{Binary, Call};
use crate::language::places::Change;
use crate::value::Value;

/// A name and its arguments: `["name", keywords, keyword…, positional…, value…]`.
struct Named {
    name: Arc<str>,
    call: Call,
}

impl Named {
    fn read(parts: Vec<Value>) -> Result<Named, Error> {
        let mut parts = parts.into_iter();
        let (Some(Value::Str(name)), Some(Value::Int(count))) = (parts.next(), parts.next()) else {
            return Err(Error::Value(String::from("internal error")));
        };
        let count = usize::try_from(count).unwrap_or(0);
        let keywords: Vec<String> = parts.by_ref().take(count).map(|name| crate::value::str(&name)).collect();
        let mut positional: Vec<Value> = parts.collect();
        let values = positional.split_off(positional.len().saturating_sub(count));
        let keyword = keywords.into_iter().zip(values).collect();
        Ok(Named { name, call: Call { positional, keyword } })
    }

    /// The receiver of a method is its first argument.
    fn receiver(&mut self) -> Value {
        if self.call.positional.is_empty() { Value::None } else { self.call.positional.remove(0) }
    }
}

/// Registers them.
pub fn register(engine: &mut Engine) {
    packed(engine, "__builtin", |current, parts| {
        let Named { name, call } = Named::read(parts)?;
        current.run.builtin(&name, call)
    });
    packed(engine, "__call", |current, parts| {
        let Named { name, call } = Named::read(parts)?;
        let function =
            functions::find(&name).ok_or_else(|| Error::Name(format!("there is no function '{name}'")))?;
        current.run.catalogue(function, call)
    });
    packed(engine, "__module", |current, parts| {
        let Named { name, call } = Named::read(parts)?;
        current.run.module(&name, call)
    });
    packed(engine, "__my_data_method", |current, parts| {
        let Named { name, call } = Named::read(parts)?;
        current.run.my_data_method(&name, call)
    });
    packed(engine, "__class", |current, parts| {
        let Named { name, call } = Named::read(parts)?;
        let method = name.split_once('.').map_or("", |(_, method)| method);
        current.run.class(&name, method, call)
    });
    for (native, kept) in [("__method", false), ("__method_of_kept", true)] {
        packed(engine, native, move |current, parts| {
            let mut named = Named::read(parts)?;
            let receiver = named.receiver();
            current.run.method(receiver, &named.name, named.call, kept)
        });
    }
    packed(engine, "__change", change);
    packed(engine, "__peek", |current, parts| {
        let mut parts = parts.into_iter().skip(1);
        let (Some(is_key), Some(root)) = (parts.next(), parts.next()) else { return Ok(Value::None) };
        let text = key_text(&root)?;
        let root = if is_key.truth() { Root::Key(text) } else { Root::Name(text) };
        let path: Vec<Value> = parts.skip(1).collect();
        current.run.peek(&root, &path, None)
    });
}

/// `["what", whether a key of MyData, root, length of the path, path…, …]`
fn change(current: &mut Current, parts: Vec<Value>) -> Result<Value, Error> {
    let internal = || Error::Value(String::from("internal error"));
    let mut parts = parts.into_iter();
    let (Some(what), Some(is_key), Some(root)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(internal());
    };
    let what = crate::value::str(&what);
    match what.as_str() {
        "set_key" => {
            let value = parts.next_back().unwrap_or(Value::None);
            return current.run.my_data_row("set", vec![root, value]);
        }
        "delete_key" => return current.run.my_data_row("delete", vec![root]),
        _ => {}
    }
    let text = key_text(&root)?;
    let root = if is_key.truth() { Root::Key(text) } else { Root::Name(text) };
    let Some(Value::Int(length)) = parts.next() else { return Err(internal()) };
    let path: Vec<Value> = parts.by_ref().take(usize::try_from(length).unwrap_or(0)).collect();
    let rest: Vec<Value> = parts.collect();
    let change = match (what.as_str(), rest.as_slice()) {
        ("set", [index, value]) => Change::Set(index.clone(), value.clone()),
        ("delete", [index]) => Change::Delete(index.clone()),
        ("augment", [operator, value]) => Change::Augment(operator_of(operator)?, value.clone()),
        ("augment_item", [index, operator, value]) => {
            Change::AugmentItem(index.clone(), operator_of(operator)?, value.clone())
        }
        ("method", _) => {
            let Named { name, call } = Named::read(rest)?;
            Change::Method(name.to_string(), call)
        }
        _ => return Err(internal()),
    };
    current.run.change(&root, &path, change)
}

fn operator_of(name: &Value) -> Result<Binary, Error> {
    let name = crate::value::str(name);
    BINARY
        .into_iter()
        .find(|operator| binary_name(*operator) == name)
        .ok_or_else(|| Error::Value(String::from("internal error")))
}
