//! Queues: each item goes to exactly one getter.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::due::Due;
use super::rules::check_key;
use super::{Error, Pattern, Result, Row, State, Table};
use crate::value::Value;

/// What an item costs besides its value.
const ITEM_BYTES: usize = 48;

/// A queue, which exists until it is dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    pub(super) number: u64,
    /// By number, so in order.
    pub(super) items: BTreeMap<u64, Item>,
    pub(super) bytes: usize,
}

/// An item of a queue.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) bytes: usize,
    /// Until when it is taken.
    pub(super) taken: Option<Duration>,
}

impl Item {
    pub(super) fn new(value: Value, bytes: usize) -> Item {
        Item { value, bytes: bytes + ITEM_BYTES, taken: None }
    }
}

impl Queue {
    pub(super) fn first(&self) -> Option<(u64, Value)> {
        let found = self.items.iter().find(|(_, item)| item.taken.is_none());
        found.map(|(number, item)| (*number, item.value.clone()))
    }
}

impl State {
    /// Appends an item; the queue appears where need be.
    ///
    /// # Errors
    /// `value` and `type` for names and values that cannot be, `limit` where the queue is full.
    pub fn put(&mut self, queue: &str, value: Value) -> Result<()> {
        check_key("name of the queue", queue)?;
        self.check_owner(queue)?;
        let item = Item::new(value.clone(), self.weigh(&value)?);
        let (name, number) = self.queue_or_new(queue)?;
        if let Some(found) = self.queues.get(&name) {
            if found.items.len() >= self.limits.queue_items_max {
                return Err(Error::limit("queue_items_max", self.limits.queue_items_max));
            }
            if found.bytes + item.bytes > self.limits.queue_bytes_max {
                return Err(Error::limit("queue_bytes_max", self.limits.queue_bytes_max));
            }
        }
        let row = self.number();
        self.add_item(&name, row, item)?;
        self.record_new(row, Row::Item { queue: number, value, taken_until: None });
        Ok(())
    }

    /// The oldest item, removed.
    ///
    /// # Errors
    /// `value` where the name cannot be one, `state` where its client is gone.
    pub fn take_out(&mut self, queue: &str) -> Result<Option<Value>> {
        Ok(self.take_first(queue)?.map(|(_, value)| value))
    }

    /// The oldest item and its number, hidden until it is done or the time is over.
    ///
    /// # Errors
    /// As for [`State::take_out`].
    pub fn take(&mut self, queue: &str, time: Duration) -> Result<Option<(u64, Value)>> {
        self.check_queue(queue)?;
        let found = self.queues.get_key_value(queue);
        let Some((name, (number, value))) =
            found.and_then(|(name, found)| Some((Arc::clone(name), found.first()?)))
        else {
            return Ok(None);
        };
        let until = self.now.monotonic.saturating_add(time);
        self.set_taken(&name, number, Some(until));
        self.schedule.push(until, Due::Item(name, number));
        Ok(Some((number, value)))
    }

    /// A taken item is done: it is gone.
    ///
    /// # Errors
    /// `state` where nothing of that number is taken.
    pub fn done(&mut self, queue: &str, number: u64) -> Result<()> {
        let found = self.queues.get_key_value(queue);
        let name = found
            .filter(|(_, found)| found.items.get(&number).is_some_and(|item| item.taken.is_some()))
            .map(|(name, _)| Arc::clone(name));
        let missing =
            || Error::State(format!("no item {number} of '{queue}' is taken; its time may be over"));
        self.remove_item(&name.ok_or_else(missing)?, number);
        Ok(())
    }

    /// Items that can be had now; 0 where there is no such queue.
    ///
    /// # Errors
    /// As for [`State::take_out`].
    pub fn size(&self, queue: &str) -> Result<usize> {
        self.check_queue(queue)?;
        let free = |found: &Queue| found.items.values().filter(|item| item.taken.is_none()).count();
        Ok(self.queues.get(queue).map_or(0, free))
    }

    /// The names of the queues that match, sorted; `None` is all.
    ///
    /// # Errors
    /// `limit` where the pattern is too long.
    pub fn queues(&self, pattern: Option<&str>) -> Result<Vec<Arc<str>>> {
        let pattern = pattern.map(Pattern::new).transpose()?;
        let matches = |name: &&Arc<str>| pattern.as_ref().is_none_or(|pattern| pattern.matches(name));
        Ok(self.queues.keys().filter(matches).cloned().collect())
    }

    /// Removes the queue; whoever waits on it is told. How many items went.
    ///
    /// # Errors
    /// `state` where there is no such queue.
    pub fn drop_queue(&mut self, queue: &str) -> Result<usize> {
        let found =
            self.queues.get_key_value(queue).map(|(name, found)| (Arc::clone(name), found.items.len()));
        let (name, items) = found.ok_or_else(|| Error::State(format!("there is no queue '{queue}'")))?;
        self.remove_queue(&name);
        Ok(items)
    }

    pub(super) fn check_queue(&self, queue: &str) -> Result<()> {
        check_key("name of the queue", queue)?;
        self.check_owner(queue)
    }

    pub(super) fn take_first(&mut self, queue: &str) -> Result<Option<(u64, Value)>> {
        self.check_queue(queue)?;
        let found = self.queues.get_key_value(queue);
        let first = found.and_then(|(name, found)| Some((Arc::clone(name), found.first()?)));
        Ok(first.map(|(name, (number, value))| {
            self.remove_item(&name, number);
            (number, value)
        }))
    }

    pub(super) fn queues_beginning_with(&self, prefix: &str) -> Vec<Arc<str>> {
        self.queues
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(prefix))
            .map(|(name, _)| Arc::clone(name))
            .collect()
    }

    pub(super) fn queue_or_new(&mut self, queue: &str) -> Result<(Arc<str>, u64)> {
        if let Some((name, found)) = self.queues.get_key_value(queue) {
            return Ok((Arc::clone(name), found.number));
        }
        if self.queues.len() >= self.limits.queues_max {
            return Err(Error::limit("queues_max", self.limits.queues_max));
        }
        let (name, number) = (Arc::<str>::from(queue), self.number());
        self.queues.insert(Arc::clone(&name), Queue { number, ..Queue::default() });
        let undone = Arc::clone(&name);
        self.undo(move |state| drop(state.queues.remove(&undone)));
        self.record_new(number, Row::Queue { name: Arc::clone(&name) });
        Ok((name, number))
    }

    pub(super) fn remove_queue(&mut self, name: &Arc<str>) {
        let numbers: Vec<u64> =
            self.queues.get(name).map(|found| found.items.keys().copied().collect()).unwrap_or_default();
        numbers.iter().for_each(|number| self.remove_item(name, *number));
        if let Some(found) = self.queues.remove(name) {
            self.record_gone(Table::Queue, found.number);
            let undone = Arc::clone(name);
            self.undo(move |state| drop(state.queues.insert(undone, found)));
            self.transaction.closed.insert(Arc::clone(name));
        }
    }

    /// Puts an item into the queue; its record is the caller's.
    pub(super) fn add_item(&mut self, name: &Arc<str>, number: u64, item: Item) -> Result<()> {
        self.grow(item.bytes)?;
        self.insert_item(name, number, item);
        let undone = Arc::clone(name);
        self.undo(move |state| drop(state.pull_item(&undone, number)));
        self.transaction.queues.insert(Arc::clone(name));
        Ok(())
    }

    pub(super) fn insert_item(&mut self, name: &Arc<str>, number: u64, item: Item) {
        if let Some(found) = self.queues.get_mut(name) {
            found.bytes += item.bytes;
            found.items.insert(number, item);
        }
    }

    fn pull_item(&mut self, name: &Arc<str>, number: u64) -> Option<Item> {
        let found = self.queues.get_mut(name)?;
        let item = found.items.remove(&number)?;
        found.bytes -= item.bytes;
        Some(item)
    }

    fn remove_item(&mut self, name: &Arc<str>, number: u64) {
        let Some(item) = self.pull_item(name, number) else { return };
        self.shrink(item.bytes);
        self.record_gone(Table::Item, number);
        let undone = Arc::clone(name);
        self.undo(move |state| state.insert_item(&undone, number, item));
    }

    /// A taken item whose time is over.
    pub(super) fn item_due(&mut self, name: &Arc<str>, number: u64) {
        let taken = self.queues.get(name).and_then(|found| found.items.get(&number)?.taken);
        if taken.is_some_and(|until| until <= self.now.monotonic) {
            self.set_taken(name, number, None);
            self.transaction.queues.insert(Arc::clone(name));
        }
    }

    fn set_taken(&mut self, name: &Arc<str>, number: u64, until: Option<Duration>) {
        let taken_until = until.map(|until| self.wall(until));
        let Some(found) = self.queues.get_mut(name) else { return };
        let queue = found.number;
        let Some(item) = found.items.get_mut(&number) else { return };
        let before = std::mem::replace(&mut item.taken, until);
        let row = Row::Item { queue, value: item.value.clone(), taken_until };
        self.record(number, row);
        let undone = Arc::clone(name);
        self.undo(move |state| {
            if let Some(item) = state.queues.get_mut(&undone).and_then(|found| found.items.get_mut(&number)) {
                item.taken = before;
            }
        });
    }
}
