//! Watches: every later change of a matching key comes as a message.
//!
//! A change meets many patterns at once: a `GlobSet` of the translated patterns narrows them to a few candidates,
//! and the pattern itself decides, since globset matches bytes and has rules that fnmatch does not have.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::{ClientId, Error, Pattern, Result, Row, State, Table};
use crate::value::Value;

/// How many patterns one client may watch.
const WATCHES_MAX: usize = 1000;
/// Fewer watches than that are tried one after the other.
const SET_MIN: usize = 8;

/// All watches, by the number of their row.
#[derive(Default)]
pub(super) struct Watches {
    pub(super) by_number: BTreeMap<u64, Watch>,
    /// Finds candidates; made anew at the next change of a key after a change of the watches.
    index: Option<Index>,
}

/// One watch.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    pub(super) client: u64,
    pub(super) text: Arc<str>,
    pub(super) pattern: Pattern,
}

struct Index {
    set: GlobSet,
    /// The watch of each glob in the set.
    numbers: Vec<u64>,
    /// Watches whose patterns globset does not take.
    others: Vec<u64>,
}

impl Watches {
    /// The clients whose watches match the key, each once, in the order of their watches.
    fn matching(&mut self, key: &str) -> Vec<u64> {
        if self.by_number.is_empty() {
            return Vec::new();
        }
        let mut candidates: Vec<u64> = if self.by_number.len() < SET_MIN {
            self.by_number.keys().copied().collect()
        } else {
            let watches = &self.by_number;
            let index = self.index.get_or_insert_with(|| Index::new(watches));
            let found = index.set.matches(key).into_iter().filter_map(|place| index.numbers.get(place));
            found.chain(&index.others).copied().collect()
        };
        candidates.sort_unstable();
        let mut clients = Vec::new();
        for watch in candidates.iter().filter_map(|number| self.by_number.get(number)) {
            if watch.pattern.matches(key) && !clients.contains(&watch.client) {
                clients.push(watch.client);
            }
        }
        clients
    }

    pub(super) fn insert(&mut self, number: u64, watch: Watch) {
        self.index = None;
        self.by_number.insert(number, watch);
    }

    fn remove(&mut self, number: u64) -> Option<Watch> {
        self.index = None;
        self.by_number.remove(&number)
    }
}

impl Index {
    fn new(watches: &BTreeMap<u64, Watch>) -> Index {
        let mut builder = GlobSetBuilder::new();
        let mut index = Index { set: GlobSet::empty(), numbers: Vec::new(), others: Vec::new() };
        for (number, watch) in watches {
            match translated(&watch.pattern) {
                Some(glob) => {
                    builder.add(glob);
                    index.numbers.push(*number);
                }
                None => index.others.push(*number),
            }
        }
        match builder.build() {
            Ok(set) => index.set = set,
            Err(_) => index.others = watches.keys().copied().collect(),
        }
        index
    }
}

/// A glob that matches whatever the pattern matches, and maybe more: its literal beginning and anything after it.
fn translated(pattern: &Pattern) -> Option<Glob> {
    let mut text = String::new();
    for character in pattern.prefix().chars() {
        if matches!(character, '[' | ']' | '{' | '}' | '*' | '?' | '!' | '\\') {
            text.push('[');
            text.push(character);
            text.push(']');
        } else {
            text.push(character);
        }
    }
    if text.is_empty() || text.contains("[!]") || text.contains("[]]") {
        return None;
    }
    if !pattern.is_literal() {
        text.push('*');
    }
    GlobBuilder::new(&text).literal_separator(false).backslash_escape(false).build().ok()
}

impl State {
    /// Every later change of a matching key comes to the client as a message from `REGISTRY`.
    ///
    /// # Errors
    /// `state` where there is no such client, `limit` where it watches too much or the pattern is too long.
    pub fn watch(&mut self, client: ClientId, pattern: &str) -> Result<()> {
        let owner = self.number_of(client)?;
        let text: Arc<str> = Arc::from(pattern.trim());
        let pattern = Pattern::new(&text)?;
        let own = || self.watches.by_number.values().filter(|watch| watch.client == owner);
        if own().any(|watch| watch.text == text) {
            return Ok(());
        }
        if own().count() >= WATCHES_MAX {
            return Err(Error::limit("watches_per_client_max", WATCHES_MAX));
        }
        let number = self.number();
        self.watches.insert(number, Watch { client: owner, text: Arc::clone(&text), pattern });
        self.undo(move |state| drop(state.watches.remove(number)));
        self.record_new(number, Row::Watch { client: owner, pattern: text });
        Ok(())
    }

    /// Takes one watch away, or all of the client's.
    ///
    /// # Errors
    /// `state` where there is no such client, or it does not watch that pattern.
    pub fn unwatch(&mut self, client: ClientId, pattern: Option<&str>) -> Result<()> {
        let owner = self.number_of(client)?;
        if self.remove_watches(owner, pattern) == 0
            && let Some(pattern) = pattern
        {
            return Err(Error::State(format!("the client does not watch '{}'", pattern.trim())));
        }
        Ok(())
    }

    pub(super) fn remove_watches(&mut self, client: u64, pattern: Option<&str>) -> usize {
        let pattern = pattern.map(str::trim);
        let numbers: Vec<u64> = self
            .watches
            .by_number
            .iter()
            .filter(|(_, watch)| {
                watch.client == client && pattern.is_none_or(|pattern| watch.text.as_ref() == pattern)
            })
            .map(|(number, _)| *number)
            .collect();
        for number in &numbers {
            let number = *number;
            if let Some(watch) = self.watches.remove(number) {
                self.undo(move |state| state.watches.insert(number, watch));
                self.record_gone(Table::Watch, number);
            }
        }
        numbers.len()
    }

    /// Tells those who watch the key; None for one that is gone.
    pub(super) fn tell_watchers(&mut self, key: &Arc<str>, value: &Value) -> Result<()> {
        for client in self.watches.matching(key) {
            let Some(id) = self.clients.get(&client).map(|client| client.id) else { continue };
            self.deliver("REGISTRY", id.as_str(), Some(key), value, &[client])?;
        }
        Ok(())
    }
}
