//! A line of numbered things, first in first out, some of which are hidden for a while: an inbox, a queue.
//!
//! A hidden thing keeps its place. Owns nothing of the rules.

use std::collections::BTreeMap;

use super::deadline::Deadline;

/// A thing that stands in a line.
pub(super) trait Place {
    /// What it counts.
    fn bytes(&self) -> usize;
    /// Until when it is hidden.
    fn until(&self) -> Option<Deadline>;
}

/// The line.
#[derive(Debug)]
pub(super) struct Line<T> {
    /// Each in a box of its own: the map makes room for eleven at once, and most inboxes hold a few messages.
    ready: BTreeMap<u64, Box<T>>,
    hidden: BTreeMap<u64, Box<T>>,
    bytes: usize,
}

impl<T> Default for Line<T> {
    fn default() -> Line<T> {
        Line { ready: BTreeMap::new(), hidden: BTreeMap::new(), bytes: 0 }
    }
}

impl<T: Place> Line<T> {
    /// Puts a thing into the slot of this number, or empties it; what was there.
    pub(super) fn swap(&mut self, number: u64, new: Option<T>) -> Option<T> {
        // Most come at the end, where nothing can be.
        let old = if self.last().is_some_and(|last| number <= last) {
            self.ready.remove(&number).or_else(|| self.hidden.remove(&number))
        } else {
            None
        };
        self.bytes = self.bytes.saturating_sub(old.as_ref().map_or(0, |old| old.bytes()));
        if let Some(new) = new {
            self.bytes = self.bytes.saturating_add(new.bytes());
            let side = if new.until().is_some() { &mut self.hidden } else { &mut self.ready };
            side.insert(number, Box::new(new));
        }
        old.map(|old| *old)
    }

    fn last(&self) -> Option<u64> {
        let (ready, hidden) = (self.ready.last_key_value(), self.hidden.last_key_value());
        ready.map(|(number, _)| *number).max(hidden.map(|(number, _)| *number))
    }

    /// The thing of this number, hidden or not.
    pub(super) fn get(&self, number: u64) -> Option<&T> {
        self.ready.get(&number).or_else(|| self.hidden.get(&number)).map(|thing| &**thing)
    }

    /// The thing of this number, if it is hidden.
    pub(super) fn get_hidden(&self, number: u64) -> Option<&T> {
        self.hidden.get(&number).map(|thing| &**thing)
    }

    /// The thing of this number, if it is not hidden.
    pub(super) fn get_ready(&self, number: u64) -> Option<&T> {
        self.ready.get(&number).map(|thing| &**thing)
    }

    /// What is not hidden, oldest first.
    pub(super) fn ready(&self) -> impl DoubleEndedIterator<Item = (u64, &T)> {
        self.ready.iter().map(|(number, thing)| (*number, &**thing))
    }

    /// What is hidden, oldest first.
    pub(super) fn hidden(&self) -> impl Iterator<Item = (u64, &T)> {
        self.hidden.iter().map(|(number, thing)| (*number, &**thing))
    }

    /// The oldest thing of all that is not `except`.
    pub(super) fn oldest_but(&self, except: Option<u64>) -> Option<u64> {
        let ready = self.ready.keys().find(|number| Some(**number) != except);
        let hidden = self.hidden.keys().next();
        match (ready, hidden) {
            (Some(a), Some(b)) => Some(*a.min(b)),
            (a, b) => a.or(b).copied(),
        }
    }

    /// The numbers of all things, the hidden ones last.
    pub(super) fn numbers(&self) -> Vec<u64> {
        self.ready.keys().chain(self.hidden.keys()).copied().collect()
    }

    /// How many things there are, with the hidden ones.
    pub(super) fn len(&self) -> usize {
        self.ready.len() + self.hidden.len()
    }

    /// How many can be had now.
    pub(super) fn ready_len(&self) -> usize {
        self.ready.len()
    }

    /// What all things count together.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
