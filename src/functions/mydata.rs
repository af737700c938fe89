//! MyData: the registry as a Python dictionary. The language turns `MyData['key']` and its like into these calls.

use super::arguments::{optional, required};
use super::function::example;
use super::{Arguments, Context, Effect, Error, Function, Outcome, registry};
use crate::state::{self, Space};
use crate::value::Value;

const FAMILY: &str = "MyData";

macro_rules! row {
    ($name:literal, $form:literal, [$($parameter:expr),*], $run:ident, $summary:literal, [$($example:expr),+ $(,)?]) => {
        Function {
            name: $name,
            alias: None,
            form: Some($form),
            family: FAMILY,
            parameters: &[$($parameter),*],
            caller_first: false,
            effect: Effect::State,
            summary: $summary,
            details: "",
            examples: &[$($example),+],
            run: $run,
        }
    };
}

pub(super) static FUNCTIONS: &[Function] = &[
    row!(
        "MyData.item",
        "MyData['key']",
        [required("key")],
        item,
        "The key's value; a `state` error where there is none.",
        [
            example("setReg('TheAnswer', 42)", "OK"),
            example("MyData['TheAnswer']", "42"),
            example("MyData['x']", "Error: state: …'x'…")
        ]
    ),
    row!(
        "MyData.set",
        "MyData['key'] = value",
        [required("key"), required("value")],
        set,
        "Creates the key, or replaces its value.",
        [
            example("MyData['project17.Address'] = '1313 Mocking Bird Lane.'", "OK"),
            example("getReg('project17.Address')", "1313 Mocking Bird Lane.")
        ]
    ),
    row!(
        "MyData.get",
        "MyData.get(key[, default])",
        [required("key"), optional("default")],
        get,
        "The key's value; else the default; else None.",
        [example("MyData.get('TheAnswer', 'I don\\'t know.')", "I don't know.")]
    ),
    row!(
        "MyData.has",
        "'key' in MyData",
        [required("key")],
        has,
        "Whether the key is there.",
        [
            example("'a' in MyData", "False"),
            example("MyData['a'] = 1", "OK"),
            example("'a' in MyData", "True")
        ]
    ),
    row!(
        "MyData.len",
        "len(MyData)",
        [],
        len,
        "How many keys there are.",
        [example("MyData['a'] = 1", "OK"), example("len(MyData)", "1")]
    ),
    row!(
        "MyData.keys",
        "MyData.keys()",
        [],
        keys,
        "The keys, sorted.",
        [example("MyData['a'] = 1", "OK"), example("list(MyData.keys())", "['a']")]
    ),
    row!(
        "MyData.values",
        "MyData.values()",
        [],
        values,
        "The values, in the order of their keys.",
        [example("MyData['a'] = 1", "OK"), example("list(MyData.values())", "[1]")]
    ),
    row!(
        "MyData.items",
        "MyData.items()",
        [],
        items,
        "The keys with their values, in the order of the keys.",
        [example("MyData['a'] = 1", "OK"), example("list(MyData.items())", "[('a', 1)]")]
    ),
    row!(
        "MyData.pop",
        "MyData.pop(key[, default])",
        [required("key"), optional("default")],
        pop,
        "The key's value, removed; else the default; else a `state` error.",
        [
            example("MyData['a'] = 1", "OK"),
            example("MyData.pop('a')", "1"),
            example("MyData.pop('a', 'gone')", "gone"),
            example("MyData.pop('a')", "Error: state: …")
        ]
    ),
    row!(
        "MyData.delete",
        "del MyData['key']",
        [required("key")],
        delete,
        "Removes the key; a `state` error where there is none.",
        [
            example("MyData['a'] = 1", "OK"),
            example("del MyData['a']", "OK"),
            example("del MyData['a']", "Error: state: …")
        ]
    ),
];

fn missing(key: &str) -> Error {
    state::Error::State(format!("MyData has no key '{key}'")).into()
}

fn item(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let key = arguments.text(0)?;
    registry::get(context, &key)?.map(Outcome::Value).ok_or_else(|| missing(&key))
}

fn set(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (key, value) = (arguments.text(0)?, arguments.value(1));
    context.state().set(Space::Registry, &key, value, None)?;
    Ok(Outcome::ok())
}

fn get(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let key = arguments.text(0)?;
    let found = registry::get(context, &key)?;
    Ok(Outcome::Value(found.unwrap_or_else(|| arguments.value(1))))
}

fn has(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let Value::Str(key) = arguments.value(0) else { return Ok(Outcome::Value(Value::Bool(false))) };
    Ok(Outcome::Value(Value::Bool(registry::get(context, &key)?.is_some())))
}

fn len(context: &mut Context, _: Arguments) -> Result<Outcome, Error> {
    Ok(Outcome::Value(super::count(context.state().len(Space::Registry))))
}

fn keys(context: &mut Context, _: Arguments) -> Result<Outcome, Error> {
    let keys = context.scan(None, |state, scan| state.keys(scan))?;
    Ok(Outcome::Value(registry::texts(keys)))
}

fn values(context: &mut Context, _: Arguments) -> Result<Outcome, Error> {
    let entries = context.scan(None, |state, scan| state.entries(scan))?;
    Ok(Outcome::Value(Value::list(entries.into_iter().map(|(_, value)| value).collect())))
}

fn items(context: &mut Context, _: Arguments) -> Result<Outcome, Error> {
    let entries = context.scan(None, |state, scan| state.entries(scan))?;
    let pair = |(key, value)| Value::tuple(vec![Value::Str(key), value]);
    Ok(Outcome::Value(Value::list(entries.into_iter().map(pair).collect())))
}

fn pop(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let key = arguments.text(0)?;
    let removed = context.state().remove(Space::Registry, &key)?;
    removed.or_else(|| arguments.optional(1)).map(Outcome::Value).ok_or_else(|| missing(&key))
}

fn delete(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let key = arguments.text(0)?;
    let removed = context.state().remove(Space::Registry, &key)?;
    removed.map(|_| Outcome::ok()).ok_or_else(|| missing(&key))
}
