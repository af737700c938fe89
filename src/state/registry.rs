//! The registry, one shared dictionary with dotted keys, and the names assigned at top level, kept apart.
//!
//! Owns the key and name tables. Every change of a registry key is told to its watches and waiters.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::deadline::{Deadline, Due, micros};
use super::rows::{Dictionary, Entry};
use super::transaction::Undo;
use super::{ClientId, Error, Result, Scan, Space, State, Table, check};
use crate::value::{Value, equals};

impl State {
    /// Creates or replaces a key. With a time to live, at most ten years, it is gone after that; names have none.
    ///
    /// # Errors
    /// [`Error::Value`] for what is no key or no time, [`Error::Denied`] for `server.*`, [`Error::State`] where
    /// the key belongs to a client that is gone, what cannot be stored, and the limits `registry_keys_max`,
    /// `registry_bytes_max`, `value_bytes_max` and `state_bytes_max`.
    pub fn set(&mut self, space: Space, key: &str, value: Value, ttl: Option<Duration>) -> Result<()> {
        let expires = match (space, ttl) {
            (Space::Registry, Some(ttl)) => {
                check::ttl(ttl)?;
                Some(Box::new(Deadline::after(self.now, ttl)))
            }
            _ => None,
        };
        self.store(space, key, value, expires)
    }

    /// The value (a clone costs a reference count), if there is one and it did not expire.
    #[must_use]
    pub fn get(&self, space: Space, key: &str) -> Option<Value> {
        self.present(space, key).map(|(_, entry)| entry.value.clone())
    }

    /// Removes one key; the value it had.
    ///
    /// # Errors
    /// [`Error::Denied`] for `server.*`, [`Error::Value`] for what is no key.
    pub fn remove(&mut self, space: Space, key: &str) -> Result<Option<Value>> {
        check::writable_key(key)?;
        let found = self.present(space, key).map(|(key, entry)| (Arc::clone(key), entry.value.clone()));
        let Some((key, value)) = found else { return Ok(None) };
        self.change_entry(space, &key, None);
        Ok(Some(value))
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self, space: Space) -> usize {
        let len = self.dictionary(space).entries.len();
        let gone = if space == Space::Registry {
            self.due().filter(|due| matches!(due, Due::Key(_))).count()
        } else {
            0
        };
        len - gone
    }

    /// The registry keys that a scan finds, with their values, in key order. Like all that take a scan it brings
    /// it up to date first, and leaves it to be dropped where nobody waits for that.
    #[must_use]
    pub fn entries(&self, scan: &mut Scan) -> Vec<(Arc<str>, Value)> {
        self.complete(scan);
        let entry = |key: &Arc<str>| {
            let entry = self.registry.entries.get(key)?;
            Some((Arc::clone(key), entry.value.clone()))
        };
        scan.found().filter_map(entry).collect()
    }

    /// The registry keys that a scan finds, sorted.
    #[must_use]
    pub fn keys(&self, scan: &mut Scan) -> Vec<Arc<str>> {
        self.complete(scan);
        scan.found().cloned().collect()
    }

    /// Removes every registry key that a scan finds; how many.
    pub fn delete(&mut self, scan: &mut Scan) -> usize {
        self.complete(scan);
        for key in scan.found() {
            self.change_entry(Space::Registry, key, None);
        }
        scan.count()
    }

    /// Sends a client one message for each registry key that a scan finds, in key order: event the key, body the
    /// value. How many keys there are; of more than an inbox holds the first are dropped, and it says so.
    ///
    /// # Errors
    /// [`Error::UnknownClient`], the limit `state_bytes_max`.
    pub fn fetch(&mut self, client: ClientId, scan: &mut Scan) -> Result<usize> {
        let number = self.number_of(client)?;
        self.complete(scan);
        let count = scan.count();
        let dropped = count.saturating_sub(self.limits.inbox_messages_max);
        if dropped > 0 {
            self.lose_messages(number, dropped as u64);
        }
        for key in scan.found().skip(dropped) {
            let Some(value) = self.get(Space::Registry, key) else { continue };
            self.notify_number("REGISTRY", number, Some(key), value)?;
        }
        Ok(count)
    }

    /// Adds to an int or a float in one step; a missing key counts as 0; a time to live stays. The new value.
    ///
    /// # Errors
    /// [`Error::Type`] where either is no number, [`Error::Overflow`], and what [`State::set`] refuses.
    pub fn incr(&mut self, key: &str, by: Value) -> Result<Value> {
        check::writable_key(key)?;
        let present = self.present(Space::Registry, key);
        let expires = present.and_then(|(_, entry)| entry.expires.clone());
        let old = present.map_or(Value::Int(0), |(_, entry)| entry.value.clone());
        let new = add(&old, &by)?;
        self.store(Space::Registry, key, new.clone(), expires)?;
        Ok(new)
    }

    /// Sets `new`, without a time to live, if the value equals `old` (a missing key is None); whether it did.
    ///
    /// # Errors
    /// What [`State::set`] refuses.
    pub fn swap(&mut self, key: &str, old: &Value, new: Value) -> Result<bool> {
        check::writable_key(key)?;
        let present = self.get(Space::Registry, key).unwrap_or(Value::None);
        if !equals(&present, old) {
            return Ok(false);
        }
        self.set(Space::Registry, key, new, None)?;
        Ok(true)
    }

    /// Since the key was last set.
    #[must_use]
    pub fn age(&self, key: &str) -> Option<Duration> {
        let (_, entry) = self.present(Space::Registry, key)?;
        let age = micros(self.now.monotonic).saturating_sub(entry.set_at_monotonic);
        Some(Duration::from_micros(u64::try_from(age).unwrap_or(0)))
    }

    fn store(&mut self, space: Space, key: &str, value: Value, expires: Option<Box<Deadline>>) -> Result<()> {
        check::writable_key(key)?;
        if space == Space::Registry {
            self.owner_lives(key, "key")?;
        }
        let value_bytes = check::value(&value, self.limits.value_bytes_max)?;
        let cost = Entry::cost(key, value_bytes);
        let dictionary = self.dictionary(space);
        let old = dictionary.entries.get_key_value(key);
        let freed = old.map_or(0, |(_, entry)| entry.cost);
        if old.is_none() && dictionary.entries.len() >= self.limits.registry_keys_max {
            return Err(check::limit("registry_keys_max", self.limits.registry_keys_max, ""));
        }
        if cost > freed && dictionary.bytes - freed + cost > self.limits.registry_bytes_max {
            return Err(check::limit("registry_bytes_max", self.limits.registry_bytes_max, ""));
        }
        self.room_for(cost, freed)?;
        let (key, number) = match old {
            Some((key, entry)) => (Arc::clone(key), entry.number),
            None => (Arc::from(key), self.allocate()),
        };
        let entry = Entry {
            number,
            value,
            cost,
            set_at: self.now.unix_micros,
            set_at_monotonic: micros(self.now.monotonic),
            expires,
        };
        self.change_entry(space, &key, Some(Box::new(entry)));
        Ok(())
    }

    fn dictionary(&self, space: Space) -> &Dictionary {
        match space {
            Space::Registry => &self.registry,
            Space::Names => &self.names,
        }
    }

    pub(super) fn lasts(&self, entry: &Entry) -> bool {
        entry.expires.as_ref().is_none_or(|expires| !expires.due(self.now))
    }

    fn present(&self, space: Space, key: &str) -> Option<(&Arc<str>, &Entry)> {
        let (key, entry) = self.dictionary(space).entries.get_key_value(key)?;
        self.lasts(entry).then_some((key, &**entry))
    }

    /// Puts a value under a key or takes it away, and tells who watches or waits.
    pub(super) fn change_entry(&mut self, space: Space, key: &Arc<str>, new: Option<Box<Entry>>) {
        let row = new.as_ref().map(|new| (new.number, new.row(space, key)));
        let was = self.swap_entry(space, Cow::Borrowed(key), new);
        match (row, &was) {
            (Some((number, row)), was) => self.record_put(number, row, was.is_some()),
            (None, Some(was)) => {
                let table = if space == Space::Registry { Table::Key } else { Table::Name };
                self.record_delete(table, was.number);
            }
            (None, None) => return,
        }
        self.transaction.undo.push(Undo::Entry { space, key: Arc::clone(key), was });
        if space == Space::Registry {
            self.touch_key(key);
            for watcher in self.watches.watchers(key) {
                let value = self.registry.entries.get(key).map_or(Value::None, |entry| entry.value.clone());
                self.deliver_from_server("REGISTRY", watcher, Some(key), value);
            }
        }
    }

    pub(super) fn swap_entry(
        &mut self,
        space: Space,
        key: Cow<'_, Arc<str>>,
        new: Option<Box<Entry>>,
    ) -> Option<Box<Entry>> {
        let cost = |entry: &Option<Box<Entry>>| entry.as_ref().map_or(0, |entry| entry.cost);
        let until = |entry: &Option<Box<Entry>>| entry.as_ref()?.expires.as_ref().map(|expires| expires.at);
        let (added, new_until) = (cost(&new), until(&new));
        let dictionary = match space {
            Space::Registry => &mut self.registry,
            Space::Names => &mut self.names,
        };
        let mut due = new_until.is_some().then(|| Due::Key(Arc::clone(&key)));
        let old = match new {
            Some(new) => dictionary.entries.insert(key, new),
            None => dictionary.entries.remove(&key).map(|old| (key, old)),
        };
        let old = old.map(|(key, old)| {
            if old.expires.is_some() {
                due.get_or_insert_with(|| Due::Key(key.into_owned()));
            }
            old
        });
        dictionary.bytes = (dictionary.bytes + added).saturating_sub(cost(&old));
        self.account(added, cost(&old));
        if let Some(due) = due {
            self.reschedule(&due, until(&old), new_until);
        }
        old
    }
}

#[expect(clippy::cast_precision_loss, reason = "as in Python, an int becomes the nearest float")]
fn add(old: &Value, by: &Value) -> Result<Value> {
    // As in Python, True is 1.
    let number = |value: &Value| match value {
        Value::Bool(truth) => Value::Int(i64::from(*truth)),
        other => other.clone(),
    };
    match (&number(old), &number(by)) {
        (Value::Int(old), Value::Int(by)) => old.checked_add(*by).map(Value::Int).ok_or(Error::Overflow),
        (Value::Float(old), Value::Float(by)) => Ok(Value::Float(old + by)),
        (Value::Float(old), Value::Int(by)) => Ok(Value::Float(old + *by as f64)),
        (Value::Int(old), Value::Float(by)) => Ok(Value::Float(*old as f64 + by)),
        (Value::Int(_) | Value::Float(_), by) => {
            Err(Error::Type(format!("only an int or a float can be added, not a {}", by.type_name())))
        }
        (old, _) => Err(Error::Type(format!("the value is a {}, not an int or a float", old.type_name()))),
    }
}
