//! The registry, one shared dictionary with dotted keys, and beside it the shared names.

use std::sync::Arc;
use std::time::Duration;

use super::dictionary::Entry;
use super::due::Due;
use super::rules::check_key;
use super::{Error, Pattern, Result, Row, Space, State, Table};
use crate::value::{Value, equals};

/// What an entry costs besides its key and value.
const ENTRY_BYTES: usize = 64;
/// The longest time to live: ten years.
const TTL_MAX: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

impl State {
    /// Creates or replaces; with a time to live the key is gone after it.
    ///
    /// # Errors
    /// `value` and `type` for keys and values that cannot be, `denied` for `server.` keys, `limit`.
    pub fn set(&mut self, space: Space, key: &str, value: Value, ttl: Option<Duration>) -> Result<()> {
        if let Some(ttl) = ttl
            && (ttl.is_zero() || ttl > TTL_MAX)
        {
            return Err(Error::Value(
                "the time to live must be more than 0 seconds and at most ten years".to_owned(),
            ));
        }
        let expires = ttl.map(|ttl| self.now.monotonic.saturating_add(ttl));
        self.store(space, key, value, expires)
    }

    /// The value (a clone costs a reference count), if there is one and it did not expire.
    #[must_use]
    pub fn get(&self, space: Space, key: &str) -> Option<Value> {
        self.dictionary(space).get(key, self.now.monotonic).map(|entry| entry.value.clone())
    }

    /// Removes one key; the value it had.
    ///
    /// # Errors
    /// `denied` for `server.` keys.
    pub fn remove(&mut self, space: Space, key: &str) -> Result<Option<Value>> {
        check_writable(space, key)?;
        let value = self.get(space, key);
        if value.is_some() {
            self.remove_entry(space, key);
        }
        Ok(value)
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self, space: Space) -> usize {
        self.dictionary(space).len()
    }

    /// Matching registry keys with their values, in key order; `None` is all.
    ///
    /// # Errors
    /// `limit` where the pattern is too long.
    pub fn entries(&self, pattern: Option<&str>) -> Result<Vec<(Arc<str>, Value)>> {
        let pattern = pattern.map(Pattern::new).transpose()?;
        let found = self.registry.matching(pattern.as_ref(), self.now.monotonic);
        Ok(found.map(|(key, entry)| (Arc::clone(key), entry.value.clone())).collect())
    }

    /// Matching registry keys, sorted; `None` is all.
    ///
    /// # Errors
    /// `limit` where the pattern is too long.
    pub fn keys(&self, pattern: Option<&str>) -> Result<Vec<Arc<str>>> {
        let pattern = pattern.map(Pattern::new).transpose()?;
        let found = self.registry.matching(pattern.as_ref(), self.now.monotonic);
        Ok(found.map(|(key, _)| Arc::clone(key)).collect())
    }

    /// Removes every registry key that matches; how many.
    ///
    /// # Errors
    /// `limit` where the pattern is too long.
    pub fn delete(&mut self, pattern: &str) -> Result<usize> {
        let keys = self.keys(Some(pattern))?;
        keys.iter().for_each(|key| self.remove_entry(Space::Registry, key));
        Ok(keys.len())
    }

    /// Atomic add of an int or a float; a missing key counts as 0; a time to live stays. The new value.
    ///
    /// # Errors
    /// `type` where the value or what is added is no number, `limit` where the sum does not fit into 64 bits.
    pub fn incr(&mut self, key: &str, by: Value) -> Result<Value> {
        let entry = self.registry.get(key, self.now.monotonic);
        let (before, expires) =
            entry.map_or((Value::Int(0), None), |entry| (entry.value.clone(), entry.expires));
        let sum = sum(&before, &by)?;
        self.store(Space::Registry, key, sum.clone(), expires)?;
        Ok(sum)
    }

    /// Sets `new` if the value equals `old` (a missing key is None); whether it did.
    ///
    /// # Errors
    /// As for [`State::set`].
    pub fn swap(&mut self, key: &str, old: &Value, new: Value) -> Result<bool> {
        check_writable(Space::Registry, key)?;
        let present = self.get(Space::Registry, key).unwrap_or(Value::None);
        if !equals(&present, old) {
            return Ok(false);
        }
        self.store(Space::Registry, key, new, None).map(|()| true)
    }

    /// Since the key was last set.
    #[must_use]
    pub fn age(&self, key: &str) -> Option<Duration> {
        let now = self.now.monotonic;
        self.registry.get(key, now).map(|entry| now.saturating_sub(entry.set))
    }

    fn dictionary(&self, space: Space) -> &super::Dictionary {
        match space {
            Space::Registry => &self.registry,
            Space::Names => &self.names,
        }
    }

    pub(super) fn dictionary_mut(&mut self, space: Space) -> &mut super::Dictionary {
        match space {
            Space::Registry => &mut self.registry,
            Space::Names => &mut self.names,
        }
    }

    pub(super) fn entry_bytes(key: &str, value: &Value) -> usize {
        value.measure().bytes + key.len() + ENTRY_BYTES
    }

    fn store(&mut self, space: Space, key: &str, value: Value, expires: Option<Duration>) -> Result<()> {
        check_key("key", key)?;
        check_writable(space, key)?;
        if space == Space::Registry {
            self.check_owner(key)?;
        }
        self.weigh(&value)?;
        let bytes = State::entry_bytes(key, &value);
        let dictionary = self.dictionary(space);
        let before = dictionary.get_even_expired(key).map(|entry| (entry.number, entry.bytes));
        if before.is_none() && dictionary.len() >= self.limits.registry_keys_max {
            return Err(Error::limit("registry_keys_max", self.limits.registry_keys_max));
        }
        let bytes_before = before.map_or(0, |(_, bytes)| bytes);
        if dictionary.bytes - bytes_before + bytes > self.limits.registry_bytes_max {
            return Err(Error::limit("registry_bytes_max", self.limits.registry_bytes_max));
        }
        self.shrink(bytes_before);
        self.grow(bytes)?;
        let key = Arc::<str>::from(key);
        let number = before.map_or_else(|| self.number(), |(number, _)| number);
        let (set_at, set) = (self.now.unix_micros, self.now.monotonic);
        let row = match space {
            Space::Registry => Row::Key {
                key: Arc::clone(&key),
                value: value.clone(),
                set_at,
                expires_at: expires.map(|deadline| self.wall(deadline)),
            },
            Space::Names => Row::Name { name: Arc::clone(&key), value: value.clone() },
        };
        if before.is_some() {
            self.record(number, row)
        } else {
            self.record_new(number, row)
        }
        let entry = Entry { number, value: value.clone(), bytes, set, expires };
        let replaced = self.dictionary_mut(space).insert(Arc::clone(&key), entry);
        let undone = Arc::clone(&key);
        self.undo(move |state| {
            let dictionary = state.dictionary_mut(space);
            match replaced {
                Some(replaced) => drop(dictionary.insert(undone, replaced)),
                None => drop(dictionary.remove(&undone)),
            }
        });
        if let Some(deadline) = expires {
            self.schedule.push(deadline, Due::Key(Arc::clone(&key)));
        }
        self.changed(space, &key, &value)
    }

    /// Takes a key out; watchers are told.
    pub(super) fn remove_entry(&mut self, space: Space, key: &str) {
        let Some((key, entry)) = self.dictionary_mut(space).remove(key) else { return };
        self.shrink(entry.bytes);
        self.record_gone(if space == Space::Registry { Table::Key } else { Table::Name }, entry.number);
        let undone = Arc::clone(&key);
        self.undo(move |state| drop(state.dictionary_mut(space).insert(undone, entry)));
        if self.changed(space, &key, &Value::None).is_err() {
            // A watcher whose inbox cannot take it misses this; the removal itself must not fail for that.
            self.dropped += 1;
        }
    }

    fn changed(&mut self, space: Space, key: &Arc<str>, value: &Value) -> Result<()> {
        if space == Space::Names {
            return Ok(());
        }
        self.transaction.keys.insert(Arc::clone(key));
        self.tell_watchers(key, value)
    }
}

fn check_writable(space: Space, key: &str) -> Result<()> {
    if space == Space::Registry && (key == "server" || key.starts_with("server.")) {
        return Err(Error::Denied(format!("the key '{key}' belongs to the server and is read-only")));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "Python's int + float rounds the int as well")]
fn sum(value: &Value, by: &Value) -> Result<Value> {
    let number = |value: &Value| match value {
        Value::Bool(truth) => Value::Int(i64::from(*truth)),
        other => other.clone(),
    };
    match (number(value), number(by)) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(b).map(Value::Int).ok_or(Error::Overflow),
        (Value::Int(a), Value::Float(b)) => Ok(Value::Float(a as f64 + b)),
        (Value::Float(a), Value::Int(b)) => Ok(Value::Float(a + b as f64)),
        (Value::Float(a), Value::Float(b)) => Ok(Value::Float(a + b)),
        (value, by) => Err(Error::Type(format!(
            "only numbers can be added: the value is of type {}, what is added of type {}",
            value.type_name(),
            by.type_name()
        ))),
    }
}
