//! What has come and waits to be taken: bounded, for anybody may send to a program that does not look.
//!
//! Owns the bound and the count of what was dropped because of it, oldest first.

use std::collections::{VecDeque, vec_deque};

use super::slot::Slot;
use crate::Value;

/// How many items may wait in one place, and how much memory they may take, before the oldest are dropped.
pub(super) const WAITING_MAX: usize = 10_000;
pub(super) const WAITING_BYTES_MAX: usize = 16 << 20;

/// Something that takes memory.
pub(super) trait Weigh {
    /// How many bytes, nearly.
    fn weight(&self) -> usize;
}

impl Weigh for Value {
    fn weight(&self) -> usize {
        let content = match self {
            Value::Str(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
                items.iter().map(Weigh::weight).sum()
            }
            Value::Dict(entries) => entries.iter().map(|(key, value)| key.weight() + value.weight()).sum(),
            _ => 0,
        };
        size_of::<Value>() + content
    }
}

/// Items in order.
#[derive(Debug)]
pub(super) struct Backlog<T> {
    items: VecDeque<T>,
    weight: usize,
    dropped: u64,
}

impl<T: Weigh> Backlog<T> {
    pub(super) const fn new() -> Backlog<T> {
        Backlog { items: VecDeque::new(), weight: 0, dropped: 0 }
    }

    pub(super) fn iter(&self) -> vec_deque::Iter<'_, T> {
        self.items.iter()
    }

    /// Puts an item at its place.
    pub(super) fn insert(&mut self, place: usize, item: T) {
        self.weight += item.weight();
        self.items.insert(place, item);
        while self.items.len() > WAITING_MAX || self.weight > WAITING_BYTES_MAX {
            self.remove(0);
            self.dropped += 1;
        }
    }

    pub(super) fn push(&mut self, item: T) {
        self.insert(self.items.len(), item);
    }

    pub(super) fn remove(&mut self, place: usize) -> Option<T> {
        let item = self.items.remove(place)?;
        self.weight -= item.weight();
        Some(item)
    }

    /// All of them.
    pub(super) fn take(&mut self) -> VecDeque<T> {
        self.weight = 0;
        std::mem::take(&mut self.items)
    }

    /// How many were dropped.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The same, counted anew from here on.
    pub(super) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

/// Items in order, and who waits for one.
#[derive(Debug)]
pub(super) struct Mailbox<T> {
    pub(super) items: Backlog<T>,
    waiting: VecDeque<Slot<T>>,
}

impl<T: Weigh> Mailbox<T> {
    pub(super) const fn new() -> Mailbox<T> {
        Mailbox { items: Backlog::new(), waiting: VecDeque::new() }
    }

    pub(super) fn push(&mut self, mut item: T) {
        while let Some(slot) = self.waiting.pop_front() {
            match slot.fill(item) {
                Ok(()) => return,
                Err(back) => item = back,
            }
        }
        self.items.push(item);
    }

    pub(super) fn next(&mut self, closed: bool) -> Slot<T> {
        let slot = Slot::new();
        match self.items.remove(0) {
            Some(item) => drop(slot.fill(item)),
            None if closed => slot.close(),
            None => {
                self.waiting.retain(Slot::is_wanted);
                self.waiting.push_back(slot.clone());
            }
        }
        slot
    }

    pub(super) fn close(&mut self) {
        self.waiting.drain(..).for_each(|slot| slot.close());
    }
}

#[cfg(test)]
mod tests {
    use super::{Backlog, WAITING_BYTES_MAX, WAITING_MAX, Weigh};
    use crate::Value;

    #[test]
    fn too_many_or_too_large_drop_the_oldest_and_count_them() {
        let mut backlog = Backlog::new();
        (0..WAITING_MAX + 3).for_each(|_| backlog.push(Value::None));
        assert_eq!((backlog.iter().len(), backlog.take_dropped(), backlog.dropped()), (WAITING_MAX, 3, 0));
        backlog.push(Value::Bytes(vec![0; WAITING_BYTES_MAX - 1000]));
        assert!(backlog.iter().len() < 1000 / Value::None.weight() + 2);
        backlog.push(Value::List(vec![Value::from("x".repeat(2000).as_str())]));
        assert_eq!(backlog.iter().len(), 1, "the large one is the oldest by now");
        assert_eq!(backlog.weight, backlog.iter().map(Weigh::weight).sum());
        assert!(backlog.remove(0).is_some() && backlog.remove(0).is_none());
        assert_eq!(backlog.weight, 0);
        // One that is too large by itself is dropped as well.
        backlog.push(Value::Bytes(vec![0; WAITING_BYTES_MAX]));
        assert_eq!((backlog.iter().len(), backlog.weight), (0, 0));
    }
}
