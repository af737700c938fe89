//! Queues: each item goes to exactly one getter, first in first out; taken items come back unless they are done.
//!
//! Owns the queue and item tables.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::deadline::{Deadline, Due};
use super::line::Line;
use super::rows::{Item, QUEUE_BYTES, Queue, Touched};
use super::transaction::Undo;
use super::{Error, Fulfilment, Pattern, Result, Row, State, Table, check};
use crate::value::Value;

impl State {
    /// Appends to a queue, which appears if it was not there.
    ///
    /// # Errors
    /// [`Error::Value`] for what is no name, [`Error::State`] where the queue belongs to a client that is gone,
    /// what cannot be stored, and the limits `queues_max`, `queue_items_max`, `queue_bytes_max`,
    /// `value_bytes_max` and `state_bytes_max`.
    pub fn put(&mut self, queue: &str, value: Value) -> Result<()> {
        self.check_queue(queue)?;
        let item = Item::new(value.clone(), check::value(&value, self.limits.value_bytes_max)?);
        let existing = self.queues.get_key_value(queue);
        let (items, bytes) = existing.map_or((0, 0), |(_, queue)| (queue.line.len(), queue.line.bytes()));
        if existing.is_none() && self.queues.len() >= self.limits.queues_max {
            return Err(check::limit("queues_max", self.limits.queues_max, ""));
        }
        if items >= self.limits.queue_items_max {
            return Err(check::limit("queue_items_max", self.limits.queue_items_max, ": the queue is full"));
        }
        if bytes.saturating_add(item.cost) > self.limits.queue_bytes_max {
            return Err(check::limit("queue_bytes_max", self.limits.queue_bytes_max, ": the queue is full"));
        }
        let new_queue = if existing.is_none() { QUEUE_BYTES + queue.len() } else { 0 };
        self.room_for(item.cost + new_queue, 0)?;
        let name = match existing {
            Some((name, _)) => Arc::clone(name),
            None => self.add_queue(queue),
        };
        let number = self.allocate();
        self.change_item(&name, number, Some(item));
        Ok(())
    }

    /// The oldest item, removed. None where there is none or no such queue.
    ///
    /// # Errors
    /// [`Error::Value`] for what is no name, [`Error::State`] where the queue belongs to a client that is gone.
    pub fn take_out(&mut self, queue: &str) -> Result<Option<Value>> {
        self.check_queue(queue)?;
        Ok(self.take_item(queue).map(|(_, value)| value))
    }

    /// The oldest item and its number, hidden until it is done or the time, at most a day, is over.
    ///
    /// # Errors
    /// As [`State::take_out`]; [`Error::Value`] for a time that cannot be.
    pub fn take(&mut self, queue: &str, time: Duration) -> Result<Option<(u64, Value)>> {
        self.check_queue(queue)?;
        check::lease(time)?;
        self.surface_items(queue);
        let Some((name, number, mut item)) = self.oldest_item(queue) else { return Ok(None) };
        item.until = Some(Deadline::after(self.now, time));
        let value = item.value.clone();
        self.change_item(&name, number, Some(item));
        Ok(Some((number, value)))
    }

    /// Removes an item that was taken.
    ///
    /// # Errors
    /// [`Error::State`] where nothing of that number is taken (any more).
    pub fn done(&mut self, queue: &str, number: u64) -> Result<()> {
        self.check_queue(queue)?;
        let now = self.now;
        let found = self.queues.get_key_value(queue);
        let taken = found.and_then(|(name, queue)| Some((name, queue.line.get_hidden(number)?.until?)));
        let Some((name, _)) = taken.filter(|(_, until)| !until.due(now)) else {
            return Err(Error::State(format!("no item {number} is taken; its time may be over")));
        };
        let name = Arc::clone(name);
        self.change_item(&name, number, None);
        Ok(())
    }

    /// How many items can be had now, taken ones not counted; 0 for no such queue.
    ///
    /// # Errors
    /// [`Error::Value`] for what is no name.
    pub fn size(&self, queue: &str) -> Result<usize> {
        check::key(queue, "a queue's name")?;
        let Some(queue) = self.queues.get(queue) else { return Ok(0) };
        let mut size = queue.line.ready_len();
        if self.backlog() {
            let due = |item: &Item| item.until.is_some_and(|until| until.due(self.now));
            size += queue.line.hidden().filter(|(_, item)| due(item)).count();
        }
        Ok(size)
    }

    /// The queues, or those that match; sorted.
    ///
    /// # Errors
    /// The limit on patterns.
    pub fn queues(&self, pattern: Option<&str>) -> Result<Vec<Arc<str>>> {
        let pattern = pattern.map(Pattern::new).transpose()?;
        let prefix = pattern.as_ref().map_or("", Pattern::prefix);
        Ok(self
            .queues
            .under(prefix)
            .map(|(name, _)| name)
            .filter(|name| pattern.as_ref().is_none_or(|pattern| pattern.matches(name)))
            .cloned()
            .collect())
    }

    /// Removes a queue; whoever waits on it, be it there already or not, is told that it is closed. How many items
    /// went with it.
    ///
    /// # Errors
    /// [`Error::Value`] for what is no name, [`Error::State`] where there is no such queue and nobody waits on it.
    pub fn drop_queue(&mut self, queue: &str) -> Result<usize> {
        check::key(queue, "a queue's name")?;
        if !self.queues.contains_key(queue) && !self.waiters.wait_for_queue(queue) {
            return Err(Error::State(format!("there is no queue '{}'", check::shown(queue))));
        }
        Ok(self.remove_queue(queue))
    }

    pub(super) fn remove_queue(&mut self, queue: &str) -> usize {
        let waiters = self.waiters.of_queue(queue);
        for waiter in waiters {
            let reason = format!("the queue '{}' is closed", check::shown(queue));
            self.finish_waiter(waiter, Fulfilment::Closed(Error::State(reason)));
        }
        let Some((name, row)) = self.queues.get_key_value(queue) else { return 0 };
        let (name, number, items) = (Arc::clone(name), row.number, row.line.numbers());
        for item in &items {
            self.change_item(&name, *item, None);
        }
        let was = self.swap_queue(&name, None);
        self.record_delete(Table::Queue, number);
        self.transaction.undo.push(Undo::Queue { name, was });
        items.len()
    }

    /// Removes the oldest item.
    pub(super) fn take_item(&mut self, queue: &str) -> Option<(u64, Value)> {
        self.surface_items(queue);
        let (name, number, item) = self.oldest_item(queue)?;
        self.change_item(&name, number, None);
        Some((number, item.value))
    }

    /// Ends the taking of an item.
    pub(super) fn return_item(&mut self, queue: &Arc<str>, number: u64) {
        let hidden = self.queues.get(queue).and_then(|queue| queue.line.get_hidden(number));
        let Some(mut item) = hidden.cloned() else { return };
        item.until = None;
        self.change_item(queue, number, Some(item));
    }

    pub(super) fn check_queue(&self, queue: &str) -> Result<()> {
        check::key(queue, "a queue's name")?;
        self.owner_lives(queue, "queue")
    }

    fn add_queue(&mut self, queue: &str) -> Arc<str> {
        let name: Arc<str> = Arc::from(queue);
        let number = self.allocate();
        let was = self.swap_queue(&name, Some(Box::new(Queue { number, line: Line::default() })));
        self.record_put(number, Row::Queue { name: Arc::clone(&name) }, was.is_some());
        self.transaction.undo.push(Undo::Queue { name: Arc::clone(&name), was });
        name
    }

    fn oldest_item(&self, queue: &str) -> Option<(Arc<str>, u64, Item)> {
        let (name, queue) = self.queues.get_key_value(queue)?;
        let (number, item) = queue.line.ready().next()?;
        Some((Arc::clone(name), number, item.clone()))
    }

    /// Brings back what is taken no longer, where the sweep did not get to it.
    fn surface_items(&mut self, queue: &str) {
        if !self.backlog() {
            return;
        }
        let now = self.now;
        let Some((name, row)) = self.queues.get_key_value(queue) else { return };
        let due = |item: &Item| item.until.is_some_and(|until| until.due(now));
        let numbers: Vec<u64> =
            row.line.hidden().filter(|(_, item)| due(item)).map(|(number, _)| number).collect();
        let name = Arc::clone(name);
        for number in numbers {
            self.return_item(&name, number);
        }
    }

    pub(super) fn change_item(&mut self, queue: &Arc<str>, number: u64, new: Option<Item>) {
        let Some(owner) = self.queues.get(queue).map(|queue| queue.number) else { return };
        let row = new.as_ref().map(|new| new.row(owner));
        let ready = new.as_ref().is_some_and(|new| new.until.is_none());
        let was = self.swap_item(queue, number, new);
        match row {
            Some(row) => self.record_put(number, row, was.is_some()),
            None => self.record_delete(Table::Item, number),
        }
        self.transaction.undo.push(Undo::Item { queue: Arc::clone(queue), number, was });
        if ready && self.waiters.wait_for_queue(queue) {
            self.transaction.touched.push(Touched::Queue(Arc::clone(queue)));
        }
    }

    pub(super) fn swap_item(&mut self, queue: &Arc<str>, number: u64, new: Option<Item>) -> Option<Item> {
        let cost = |item: &Option<Item>| item.as_ref().map_or(0, |item| item.cost);
        let until = |item: &Option<Item>| item.as_ref()?.until.map(|until| until.at);
        let (added, new_until) = (cost(&new), until(&new));
        let old = self.queues.get_mut(queue)?.line.swap(number, new);
        self.account(added, cost(&old));
        if new_until.is_some() || until(&old).is_some() {
            self.reschedule(&Due::Item { queue: Arc::clone(queue), number }, until(&old), new_until);
        }
        old
    }

    /// The slot of a queue that has no items.
    pub(super) fn swap_queue(&mut self, name: &Arc<str>, new: Option<Box<Queue>>) -> Option<Box<Queue>> {
        let cost = |there: bool| if there { QUEUE_BYTES + name.len() } else { 0 };
        let added = cost(new.is_some());
        let old = match new {
            Some(new) => self.queues.insert(Cow::Borrowed(name), new).map(|(_, old)| old),
            None => self.queues.remove(name),
        };
        self.account(added, cost(old.is_some()));
        old
    }
}
