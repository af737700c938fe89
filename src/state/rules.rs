//! The rules of names and values that hold for all families.

use super::{ClientId, Error, Result, State};
use crate::value::{DEPTH_MAX, Value};

/// Server-owned names that nobody can join or be called.
const CLOSED_NAMES: [&str; 4] = ["SYSTEM", "SQLite", "REGISTRY", "NOPLY"];
/// Server-owned groups that anybody can join.
const OPEN_NAMES: [&str; 3] = ["CONSOLE", "SYSADMIN", "EVENTS"];
/// The longest name of a client, a group or an event, in characters.
const NAME_CHARACTERS_MAX: usize = 60;
/// The longest key or name of a queue, in characters.
const KEY_CHARACTERS_MAX: usize = 255;

/// Whether the server owns the name.
pub(super) fn is_server_owned(name: &str) -> bool {
    name == "ALL" || CLOSED_NAMES.contains(&name) || OPEN_NAMES.contains(&name)
}

/// Whether the name is that of a group nobody can join.
pub(super) fn is_closed(name: &str) -> bool {
    CLOSED_NAMES.contains(&name)
}

/// The rule for names of clients, groups and events. `what`: what it is the name of.
pub(super) fn check_name(what: &str, name: &str) -> Result<()> {
    let characters = name.chars().count();
    let wrong = if name.trim().is_empty() {
        "is empty"
    } else if characters > NAME_CHARACTERS_MAX {
        "is longer than 60 characters"
    } else if name.contains('È') {
        "holds an È, which separates the parts of a message"
    } else if name.chars().any(char::is_control) {
        "holds a control character"
    } else if name == "None" {
        "is None, which is no name"
    } else {
        return Ok(());
    };
    Err(Error::Value(format!("the name of the {what} {wrong}")))
}

/// The rule for registry keys and names of queues.
pub(super) fn check_key(what: &str, key: &str) -> Result<()> {
    let characters = key.chars().count();
    if !(1..=KEY_CHARACTERS_MAX).contains(&characters) {
        let message =
            format!("the {what} must have 1 to {KEY_CHARACTERS_MAX} characters; it has {characters}");
        return Err(Error::Value(message));
    }
    if key.chars().any(char::is_control) {
        return Err(Error::Value(format!("the {what} holds a control character")));
    }
    Ok(())
}

/// The client that owns a key, queue or group of this name, where it begins `client.ID.`.
pub(super) fn owner(name: &str) -> Option<ClientId> {
    let (id, _) = name.strip_prefix("client.")?.split_once('.')?;
    ClientId::parse(id)
}

/// What everything of the client begins with.
pub(super) fn own_prefix(client: ClientId) -> String {
    format!("client.{client}.")
}

impl State {
    /// The bytes of a value that is to be stored.
    pub(super) fn weigh(&self, value: &Value) -> Result<usize> {
        let measure = value.measure();
        if !measure.storable {
            return Err(Error::Type(format!("a {} cannot be stored or sent", value.type_name())));
        }
        if measure.depth > DEPTH_MAX {
            return Err(Error::Value(format!("the value is nested deeper than {DEPTH_MAX}")));
        }
        if measure.bytes > self.limits.value_bytes_max {
            return Err(Error::limit("value_bytes_max", self.limits.value_bytes_max));
        }
        Ok(measure.bytes)
    }

    /// What begins `client.ID.` belongs to that client, which must be alive.
    pub(super) fn check_owner(&self, name: &str) -> Result<()> {
        match owner(name) {
            Some(id) if !self.by_id.contains_key(&id) => Err(Error::UnknownClient(id.to_string())),
            _ => Ok(()),
        }
    }
}
