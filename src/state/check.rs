//! What may be a name, a key, an event or a stored value, and whose a name is.
//!
//! Pure checks; may use `value`; touches no state.

use std::time::Duration;

use super::{ClientId, Error, Result};
use crate::value::{DEPTH_MAX, Value};

/// Names of clients, groups and events.
pub(super) const NAME_CHARACTERS_MAX: usize = 60;
/// Keys of the registry and names of queues.
pub(super) const KEY_CHARACTERS_MAX: usize = 255;
/// The longest lease; longer ones could not be told from a clock that was set back over a restart.
pub(super) const LEASE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest time to live of a key.
pub(super) const TTL_MAX: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

const CLOSED_GROUPS: [&str; 4] = ["SYSTEM", "SQLite", "REGISTRY", "NOPLY"];
const OPEN_GROUPS: [&str; 4] = ["ALL", "CONSOLE", "SYSADMIN", "EVENTS"];

/// The error of a limit, with its configuration key and value.
pub(super) fn limit(name: &'static str, value: usize, detail: &str) -> Error {
    Error::Limit { name, value: value as u64, detail: detail.to_owned() }
}

/// Text of a client as it stands in a message: on one line, and not endless.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String =
        text.chars().take(NAME_CHARACTERS_MAX).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(NAME_CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// Checks a display name.
pub(super) fn display_name(name: &str) -> Result<()> {
    plain_name(name, "a client's name")?;
    if CLOSED_GROUPS.contains(&name) || OPEN_GROUPS.contains(&name) {
        return Err(Error::Denied(format!("the name '{name}' belongs to the server")));
    }
    Ok(())
}

/// Checks the name of a group that somebody wants to join.
pub(super) fn group_name(name: &str) -> Result<()> {
    plain_name(name, "a group's name")?;
    if CLOSED_GROUPS.contains(&name) {
        return Err(Error::Denied(format!("the group '{name}' belongs to the server and cannot be joined")));
    }
    Ok(())
}

/// Checks where a message goes that reaches nobody: it may be any name, but must be one.
pub(super) fn destination(name: &str) -> Result<()> {
    plain_name(name, "a destination")
}

/// Checks the name of an event.
pub(super) fn event_name(name: &str) -> Result<()> {
    length_and_controls(name, "an event's name", NAME_CHARACTERS_MAX)?;
    no_separator(name, "an event's name")
}

/// Checks a registry key or the name of a queue; `what` says which, for the message.
pub(super) fn key(key: &str, what: &str) -> Result<()> {
    length_and_controls(key, what, KEY_CHARACTERS_MAX)
}

/// Checks a registry key that is to be changed.
pub(super) fn writable_key(text: &str) -> Result<()> {
    key(text, "a key")?;
    if text.starts_with("server.") {
        return Err(Error::Denied(format!("'{}' is read-only: the server keeps it", shown(text))));
    }
    Ok(())
}

/// The client that what is called `client.ID.…` belongs to.
pub(super) fn owner(name: &str) -> Option<ClientId> {
    let rest = name.strip_prefix("client.")?;
    let id = ClientId::parse(rest.get(..8)?)?;
    rest.get(8..)?.starts_with('.').then_some(id)
}

/// What everything that belongs to a client begins with.
pub(super) fn owned_prefix(id: ClientId) -> String {
    format!("client.{id}.")
}

/// The bytes of a value that is to be stored or sent.
pub(super) fn value(value: &Value, value_bytes_max: usize) -> Result<usize> {
    let measure = value.measure_within(value_bytes_max);
    if measure.depth > DEPTH_MAX {
        return Err(Error::Value(format!("the value is nested deeper than {DEPTH_MAX}")));
    }
    if !measure.storable {
        return Err(Error::Type(match value {
            Value::Opaque(opaque) => format!("a {} cannot be stored or sent", opaque.type_name()),
            _ => "the value holds something that cannot be stored or sent".to_owned(),
        }));
    }
    if measure.bytes > value_bytes_max {
        return Err(limit("value_bytes_max", value_bytes_max, ": the value is larger"));
    }
    Ok(measure.bytes)
}

/// Checks a time to live.
pub(super) fn ttl(time: Duration) -> Result<()> {
    span(time, TTL_MAX, "ten years")
}

/// Checks how long something may be leased.
pub(super) fn lease(time: Duration) -> Result<()> {
    span(time, LEASE_MAX, "a day")
}

fn span(time: Duration, max: Duration, max_words: &str) -> Result<()> {
    if time.is_zero() {
        return Err(Error::Value("the time must be more than 0 seconds".to_owned()));
    }
    if time > max {
        return Err(Error::Value(format!("the time must be at most {max_words}")));
    }
    Ok(())
}

fn plain_name(name: &str, what: &str) -> Result<()> {
    length_and_controls(name, what, NAME_CHARACTERS_MAX)?;
    no_separator(name, what)?;
    if name == "None" {
        return Err(Error::Value("'None' is no name".to_owned()));
    }
    Ok(())
}

fn length_and_controls(text: &str, what: &str, max: usize) -> Result<()> {
    if text.is_empty() || (text.len() > max && text.chars().nth(max).is_some()) {
        return Err(Error::Value(format!("{what} must have 1 to {max} characters")));
    }
    // Of those that are not ASCII each begins with this byte.
    let any_control = |text: &str| text.bytes().any(|byte| byte.is_ascii_control() || byte == 0xc2);
    if any_control(text) && text.contains(char::is_control) {
        return Err(Error::Value(format!("{what} must hold no control character")));
    }
    Ok(())
}

fn no_separator(text: &str, what: &str) -> Result<()> {
    if text.contains('È') {
        return Err(Error::Value(format!("{what} must not hold È, which separates the parts of a message")));
    }
    Ok(())
}
