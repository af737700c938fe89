//! A dictionary of keys in order: the registry, or the shared names.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::Pattern;
use crate::value::Value;

/// What is stored under a key.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) value: Value,
    /// Bytes of key and value.
    pub(super) bytes: usize,
    /// When it was set.
    pub(super) set: Duration,
    /// When it goes.
    pub(super) expires: Option<Duration>,
}

/// Keys in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    entries: BTreeMap<Arc<str>, Entry>,
    pub(super) bytes: usize,
}

impl Dictionary {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry, unless its time is over.
    pub(super) fn get(&self, key: &str, now: Duration) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.is_live(now))
    }

    pub(super) fn get_even_expired(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.get_mut(key)
    }

    pub(super) fn insert(&mut self, key: Arc<str>, entry: Entry) -> Option<Entry> {
        self.bytes += entry.bytes;
        let before = self.entries.insert(key, entry);
        self.bytes -= before.as_ref().map_or(0, |before| before.bytes);
        before
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<(Arc<str>, Entry)> {
        let removed = self.entries.remove_entry(key)?;
        self.bytes -= removed.1.bytes;
        Some(removed)
    }

    /// The live entries that match, in order; a literal prefix narrows the search to a range.
    pub(super) fn matching<'a>(
        &'a self,
        pattern: Option<&'a Pattern>,
        now: Duration,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Entry)> {
        let prefix = pattern.map_or("", Pattern::prefix);
        self.from(prefix).filter(move |(key, entry)| {
            entry.is_live(now) && pattern.is_none_or(|pattern| pattern.matches(key))
        })
    }

    /// All keys that begin so, expired ones too.
    pub(super) fn beginning_with(&self, prefix: &str) -> Vec<Arc<str>> {
        self.from(prefix).map(|(key, _)| Arc::clone(key)).collect()
    }

    fn from<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a Arc<str>, &'a Entry)> {
        self.entries
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(prefix))
    }
}

impl Entry {
    fn is_live(&self, now: Duration) -> bool {
        self.expires.is_none_or(|deadline| deadline > now)
    }
}
