//! The server itself: ping, its keys in the registry, and what SYSTEM takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Local};

use super::function::example;
use super::{Arguments, Context, Effect, Error, Function, Outcome};
use crate::state::Pattern;
use crate::value::{Value, str};

pub(super) const FAMILY: &str = "Server";

/// What the server's own keys begin with.
pub(super) const PREFIX: &str = "server.";

/// The server's own keys, sorted.
const KEYS: [&str; 15] = [
    "server.clients",
    "server.connections",
    "server.dropped",
    "server.durability",
    "server.errors",
    "server.groups",
    "server.keys",
    "server.memory",
    "server.messages",
    "server.name",
    "server.queues",
    "server.requests",
    "server.time",
    "server.uptime",
    "server.version",
];

/// What SYSTEM takes.
const COMMANDS: [(&str, &str); 3] = [
    ("help", "lists what SYSTEM takes"),
    ("status", "the server's own keys and their values"),
    ("ping", "answers pong"),
];

pub(super) static FUNCTIONS: &[Function] = &[Function {
    name: "ping",
    alias: None,
    form: None,
    family: FAMILY,
    parameters: &[],
    caller_first: false,
    effect: Effect::None,
    summary: "Answers `pong`.",
    details: "",
    examples: &[example("ping()", "pong")],
    run: ping,
}];

fn ping(_: &mut Context, _: Arguments) -> Result<Outcome, Error> {
    Ok(Outcome::from("pong"))
}

/// One of the server's own values.
pub(super) fn value(context: &mut Context, key: &str) -> Option<Value> {
    let counters = &context.world.counters;
    let counter = |counter: &AtomicU64| Some(super::number(counter.load(Ordering::Relaxed)));
    match key {
        "server.name" => return Some(Value::from("sharesrv")),
        "server.version" => return Some(Value::from(env!("CARGO_PKG_VERSION"))),
        "server.connections" => return counter(&counters.connections),
        "server.requests" => return Some(super::number(counters.requests.sum())),
        "server.errors" => return counter(&counters.errors),
        "server.durability" => return Some(Value::from(context.world.durability)),
        "server.memory" => return Some(resident_bytes().map_or(Value::None, Value::Int)),
        "server.time" => {
            let now = DateTime::from_timestamp_micros(context.world.clock.now().unix_micros)?;
            return Some(Value::DateTime(now.with_timezone(&Local).naive_local()));
        }
        "server.uptime" => {
            let (now, started) = (context.world.clock.now(), context.world.started);
            return Some(Value::Float(now.monotonic.saturating_sub(started.monotonic).as_secs_f64()));
        }
        _ => {}
    }
    let counts = context.state().counts();
    match key {
        "server.clients" => Some(super::count(counts.clients)),
        "server.groups" => Some(super::count(counts.groups)),
        "server.keys" => Some(super::count(counts.keys)),
        "server.queues" => Some(super::count(counts.queues)),
        "server.messages" => Some(super::count(counts.messages)),
        "server.dropped" => Some(super::number(counts.dropped)),
        _ => None,
    }
}

/// The server's own keys that match, with their values, in order.
pub(super) fn entries(context: &mut Context, pattern: &str) -> Result<Vec<(Arc<str>, Value)>, Error> {
    let pattern = Pattern::new(pattern)?;
    let matching = KEYS.into_iter().filter(|key| pattern.matches(key));
    Ok(matching.filter_map(|key| Some((Arc::from(key), value(context, key)?))).collect())
}

/// Resident memory, from the second field of /proc/self/statm, in pages of 4 KiB.
fn resident_bytes() -> Option<i64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: i64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

/// A command for SYSTEM: it answers with messages.
pub(super) fn command(context: &mut Context, from: &str, command: &str) -> Result<Outcome, Error> {
    let client = context.client(from)?;
    let answers: Vec<String> = match command.trim() {
        "help" => COMMANDS.iter().map(|(name, what)| format!("{name}: {what}")).collect(),
        "ping" => vec!["pong".to_owned()],
        "status" => entries(context, "server.*")?
            .into_iter()
            .map(|(key, value)| format!("{}: {}", key.trim_start_matches(PREFIX), str(&value)))
            .collect(),
        other => {
            vec![format!("unknown command '{}'; send 'help'", other.chars().take(60).collect::<String>())]
        }
    };
    for answer in answers {
        context.state().notify("SYSTEM", client, None, Value::from(answer))?;
    }
    Ok(Outcome::ok())
}
