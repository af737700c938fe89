//! The registry: one shared dictionary with dotted keys, and the server's own keys in it.

use std::sync::Arc;

use super::arguments::{optional, required};
use super::function::example;
use super::{Arguments, Context, Effect, Error, Function, Outcome, Pending, server, wait_max};
use crate::state::{ClientId, Space, State, Wait};
use crate::value::Value;

const FAMILY: &str = "Registry";

/// The longest time to live, in seconds: ten years of 365 days.
const TTL_MAX: u32 = 315_360_000;

macro_rules! row {
    ($name:literal, [$($parameter:expr),*], $own:literal, $run:ident, $summary:literal, $details:literal, [$($example:expr),+ $(,)?]) => {
        Function {
            name: $name,
            alias: None,
            form: None,
            family: FAMILY,
            parameters: &[$($parameter),*],
            caller_first: $own,
            effect: Effect::State,
            summary: $summary,
            details: $details,
            examples: &[$($example),+],
            run: $run,
        }
    };
}

pub(super) static FUNCTIONS: &[Function] = &[
    row!(
        "setReg",
        [required("key"), required("value"), optional("ttl")],
        false,
        set_reg,
        "Creates the key, or replaces its value.",
        "A key has 1 to 255 characters and no control character. With `ttl`, a number of seconds, it is gone after \
         that time. `server.` keys are read-only (`denied`); a key that begins `client.ID.` belongs to that client \
         and goes with it.",
        [
            example("setReg('garden.soil.temp', 56)", "OK"),
            example("setReg('garden.gate', 'open', ttl=60)", "OK"),
            example("setReg('server.time', 1)", "Error: denied: …")
        ]
    ),
    row!(
        "getReg",
        [required("key"), optional("default")],
        false,
        get_reg,
        "The key's value; else the default; else None.",
        "",
        [
            example("setReg('garden.soil.temp', 56)", "OK"),
            example("getReg('garden.soil.temp')", "56"),
            example("getReg('garden.air.temp', 'unknown')", "unknown"),
            example("getReg('garden.air.temp')", "None")
        ]
    ),
    row!(
        "fetch",
        [required("id"), required("pattern")],
        true,
        fetch,
        "Sends the client one message per matching key, in key order, and returns how many.",
        "The messages come from `REGISTRY`, their event is the key and their body the value, so that their text is \
         `key:value`. The server's own keys are only among them where the pattern begins `server.`.",
        [
            example("getClientID('alice')", "…"),
            example("setReg('garden.soil.temp', 56)", "OK"),
            example("fetch('alice', 'garden.*')", "1"),
            example("recv('alice')", "REGISTRYÈ…Ègarden.soil.temp:56")
        ]
    ),
    row!(
        "delete",
        [required("pattern")],
        false,
        delete,
        "Removes every key that matches, and returns how many.",
        "",
        [
            example("setReg('garden.soil.temp', 56)", "OK"),
            example("delete('garden.*')", "1"),
            example("delete('garden.*')", "0")
        ]
    ),
    row!(
        "keys",
        [optional("pattern")],
        false,
        keys,
        "The matching keys, sorted.",
        "The server's own keys are only among them where the pattern begins `server.`.",
        [
            example("setReg('b', 2)", "OK"),
            example("setReg('a', 1)", "OK"),
            example("keys()", "['a', 'b']"),
            example("keys('[!a]')", "['b']")
        ]
    ),
    row!(
        "incr",
        [required("key"), optional("by")],
        false,
        incr,
        "Adds to the number under the key, by default 1, and returns the new value.",
        "A missing key counts as 0. A time to live stays.",
        [
            example("incr('visits')", "1"),
            example("incr('visits', 10)", "11"),
            example("incr('visits', 0.5)", "11.5")
        ]
    ),
    row!(
        "swapReg",
        [required("key"), required("old"), required("new")],
        false,
        swap_reg,
        "Sets the key to `new` if its value equals `old`, and returns whether it did.",
        "A missing key's value is None.",
        [example("swapReg('lock', None, 'alice')", "True"), example("swapReg('lock', None, 'bob')", "False")]
    ),
    row!(
        "age",
        [required("key")],
        false,
        age,
        "Seconds since the key was last set, or None.",
        "",
        [example("setReg('a', 1)", "OK"), example("age('a') < 60", "True"), example("age('b')", "None")]
    ),
    row!(
        "watch",
        [required("id"), required("pattern")],
        true,
        watch,
        "Every later change of a matching key comes to the client as a message like fetch's.",
        "The body of a deleted or expired key is None. A client may watch 1000 patterns.",
        [
            example("getClientID('alice')", "…"),
            example("watch('alice', 'garden.*')", "OK"),
            example("setReg('garden.gate', 'open')", "OK"),
            example("recv('alice')", "REGISTRYÈ…Ègarden.gate:open")
        ]
    ),
    row!(
        "unwatch",
        [required("id"), optional("pattern")],
        true,
        unwatch,
        "Takes one watch away, or all of the client's.",
        "",
        [
            example("getClientID('alice')", "…"),
            example("watch('alice', 'garden.*')", "OK"),
            example("unwatch('alice')", "OK"),
            example("unwatch('alice', 'garden.*')", "Error: state: …")
        ]
    ),
    row!(
        "waitReg",
        [required("key"), required("old"), required("seconds")],
        false,
        wait_reg,
        "Waits until the key's value differs from `old`, and returns it.",
        "A missing key's value is None. When the time is over it returns the value all the same. At most 15 seconds \
         in one-shot, 3600 in a session, and only as the whole expression.",
        [example("setReg('gate', 'open')", "OK"), example("waitReg('gate', 'closed', 5)", "open")]
    ),
];

fn set_reg(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (key, value) = (arguments.text(0)?, arguments.value(1));
    let ttl = arguments.optional_seconds(2, TTL_MAX)?;
    context.state().set(Space::Registry, &key, value, ttl)?;
    Ok(Outcome::ok())
}

fn get_reg(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let key = arguments.text(0)?;
    let found = get(context, &key)?;
    Ok(Outcome::Value(found.unwrap_or_else(|| arguments.value(1))))
}

/// A registry value, or one of the server's own.
pub(super) fn get(context: &mut Context, key: &str) -> Result<Option<Value>, Error> {
    if key.starts_with(server::PREFIX) {
        return Ok(server::value(context, key));
    }
    Ok(context.state().get(Space::Registry, key))
}

fn fetch(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (id, pattern) = (arguments.text(0)?, arguments.text(1)?);
    let client = context.client(&id)?;
    Ok(Outcome::Value(super::count(fetch_to(context, client, &pattern)?)))
}

/// Sends the client what matches.
pub(super) fn fetch_to(context: &mut Context, client: ClientId, pattern: &str) -> Result<usize, Error> {
    if !pattern.trim().starts_with(server::PREFIX) {
        return Ok(context.scan(Some(pattern), |state, scan| state.fetch(client, scan))??);
    }
    let found = server::entries(context, pattern)?;
    let count = found.len();
    for (key, value) in found {
        context.state().notify("REGISTRY", client, Some(&key), value)?;
    }
    Ok(count)
}

fn delete(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let pattern = arguments.text(0)?;
    let removed = context.scan(Some(&pattern), State::delete)?;
    Ok(Outcome::Value(super::count(removed)))
}

fn keys(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let pattern = arguments.optional_text(0)?;
    Ok(Outcome::Value(texts(matching_keys(context, pattern.as_deref())?)))
}

fn matching_keys(context: &mut Context, pattern: Option<&str>) -> Result<Vec<Arc<str>>, Error> {
    match pattern {
        Some(pattern) if pattern.trim().starts_with(server::PREFIX) => {
            Ok(server::entries(context, pattern)?.into_iter().map(|(key, _)| key).collect())
        }
        _ => context.scan(pattern, |state, scan| state.keys(scan)),
    }
}

pub(super) fn texts(texts: Vec<Arc<str>>) -> Value {
    Value::list(texts.into_iter().map(Value::Str).collect())
}

fn incr(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let key = arguments.text(0)?;
    let by = arguments.optional(1).unwrap_or(Value::Int(1));
    Ok(Outcome::Value(context.state().incr(&key, by)?))
}

fn swap_reg(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (key, old, new) = (arguments.text(0)?, arguments.value(1), arguments.value(2));
    Ok(Outcome::Value(Value::Bool(context.state().swap(&key, &old, new)?)))
}

fn age(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let key = arguments.text(0)?;
    let age = context.state().age(&key);
    Ok(Outcome::Value(age.map_or(Value::None, |age| Value::Float(age.as_secs_f64()))))
}

fn watch(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (id, pattern) = (arguments.text(0)?, arguments.text(1)?);
    let client = context.client(&id)?;
    context.state().watch(client, &pattern)?;
    Ok(Outcome::ok())
}

fn unwatch(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (id, pattern) = (arguments.text(0)?, arguments.optional_text(1)?);
    // In a session `unwatch('garden.*')` leaves the ID out and gives the pattern.
    if let (Some(own), None, Err(_)) = (context.caller.session, &pattern, context.state().find(&id)) {
        context.state().unwatch(own, Some(&id))?;
        return Ok(Outcome::ok());
    }
    let client = context.client(&id)?;
    context.state().unwatch(client, pattern.as_deref())?;
    Ok(Outcome::ok())
}

fn wait_reg(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (key, old) = (arguments.text(0)?, arguments.value(1));
    let time = arguments.seconds(2, wait_max(context.caller))?;
    if time.is_zero() {
        let present = get(context, &key)?;
        return Ok(Outcome::Value(present.unwrap_or(Value::None)));
    }
    if key.starts_with(server::PREFIX) {
        return Err(Error::Value(format!(
            "waitReg() cannot wait for '{key}'; only users' keys can be waited for"
        )));
    }
    Ok(Outcome::Wait(Pending { wait: Wait::Changed { key, old }, time }))
}
