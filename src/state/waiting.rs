//! Waits: parked behind each other, fulfilled inside the commit that makes it possible.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::inbox::Delivery;
use super::queues::Item;
use super::{Error, Fulfilment, Pattern, Result, Row, Space, State, Wait, WaiterId};
use crate::value::{Value, equals};

/// What is waited on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// The inbox of the client of this number.
    Inbox(u64),
    /// A queue.
    Queue(Arc<str>),
    /// A registry key.
    Key(Arc<str>),
}

/// The parked waits.
#[derive(Default)]
pub(super) struct Waiters {
    next: u64,
    parked: BTreeMap<WaiterId, Source>,
    lines: HashMap<Source, VecDeque<Parked>>,
}

struct Parked {
    waiter: WaiterId,
    event: Option<Pattern>,
    old: Value,
}

impl Waiters {
    fn park(&mut self, source: Source, event: Option<Pattern>, old: Value) -> WaiterId {
        self.next += 1;
        let waiter = WaiterId(self.next);
        self.parked.insert(waiter, source.clone());
        self.lines.entry(source).or_default().push_back(Parked { waiter, event, old });
        waiter
    }

    fn take_line(&mut self, source: &Source) -> VecDeque<Parked> {
        self.lines.remove(source).unwrap_or_default()
    }

    fn put_back(&mut self, source: Source, line: VecDeque<Parked>) {
        if !line.is_empty() {
            self.lines.insert(source, line);
        }
    }
}

impl State {
    /// Fulfils the wait at once if that is possible (inside the transaction), else parks it behind the earlier
    /// waiters of the same thing and gives its ID.
    ///
    /// # Errors
    /// `state` where there is no such client; `value` where a name cannot be one.
    pub fn wait(&mut self, wait: Wait) -> Result<std::result::Result<Fulfilment, WaiterId>> {
        match wait {
            Wait::Message { client, event } => {
                if let Some(received) = self.recv(client, event.as_deref())? {
                    return Ok(Ok(Fulfilment::Message(received)));
                }
                let pattern = event.as_deref().map(Pattern::new).transpose()?;
                let source = Source::Inbox(self.number_of(client)?);
                Ok(Err(self.waiters.park(source, pattern, Value::None)))
            }
            Wait::Item { queue } => {
                if let Some((number, value)) = self.take_first(&queue)? {
                    return Ok(Ok(Fulfilment::Item { number, value }));
                }
                Ok(Err(self.waiters.park(Source::Queue(queue), None, Value::None)))
            }
            Wait::Changed { key, old } => {
                let present = self.get(Space::Registry, &key).unwrap_or(Value::None);
                if !equals(&present, &old) {
                    return Ok(Ok(Fulfilment::Changed(present)));
                }
                Ok(Err(self.waiters.park(Source::Key(key), None, old)))
            }
        }
    }

    /// Forgets a parked wait (time over, connection gone). False where it was fulfilled already.
    pub fn cancel(&mut self, waiter: WaiterId) -> bool {
        let Some(source) = self.waiters.parked.remove(&waiter) else { return false };
        let mut line = self.waiters.take_line(&source);
        line.retain(|parked| parked.waiter != waiter);
        self.waiters.put_back(source, line);
        true
    }

    /// Gives back what fulfilled a wait whose connection vanished before it was told: to its old place in its inbox
    /// or queue.
    pub fn give_back(&mut self, wait: &Wait, fulfilment: Fulfilment) {
        let given = match (wait, fulfilment) {
            (Wait::Message { client, .. }, Fulfilment::Message(received)) => {
                let Ok(number) = self.number_of(*client) else { return };
                let bytes = State::delivery_bytes(&received.message);
                let delivery = Delivery { message: received.message, bytes, shared: None, leased: None };
                self.add_delivery(number, (true, received.number), delivery)
            }
            (Wait::Item { queue }, Fulfilment::Item { number, value }) => {
                self.give_back_item(queue, number, value)
            }
            _ => Ok(()),
        };
        if given.is_err() {
            self.dropped += 1;
        }
    }

    fn give_back_item(&mut self, queue: &Arc<str>, number: u64, value: Value) -> Result<()> {
        self.check_queue(queue)?;
        let (name, owner) = self.queue_or_new(queue)?;
        let item = Item::new(value.clone(), self.weigh(&value)?);
        self.add_item(&name, number, item)?;
        self.record_new(number, Row::Item { queue: owner, value, taken_until: None });
        Ok(())
    }

    /// Fulfils what the transaction made possible.
    pub(super) fn fulfil_touched(&mut self) -> Vec<(WaiterId, Fulfilment)> {
        let mut fulfilled = Vec::new();
        if self.waiters.parked.is_empty() {
            return fulfilled;
        }
        for queue in std::mem::take(&mut self.transaction.closed) {
            let error = Error::State(format!("the queue '{queue}' was closed"));
            self.close(&Source::Queue(queue), &error, &mut fulfilled);
        }
        for queue in std::mem::take(&mut self.transaction.queues) {
            self.fulfil(Source::Queue(queue), &mut fulfilled);
        }
        for client in std::mem::take(&mut self.transaction.inboxes) {
            let source = Source::Inbox(client);
            if self.clients.contains_key(&client) {
                self.fulfil(source, &mut fulfilled);
            } else {
                let error = Error::State("the client is gone and its inbox closed".to_owned());
                self.close(&source, &error, &mut fulfilled);
            }
        }
        for key in std::mem::take(&mut self.transaction.keys) {
            self.fulfil(Source::Key(key), &mut fulfilled);
        }
        fulfilled
    }

    fn close(&mut self, source: &Source, error: &Error, fulfilled: &mut Vec<(WaiterId, Fulfilment)>) {
        for parked in self.waiters.take_line(source) {
            self.waiters.parked.remove(&parked.waiter);
            fulfilled.push((parked.waiter, Fulfilment::Closed(error.clone())));
        }
    }

    /// Goes through the line of those who wait, in the order in which they came.
    fn fulfil(&mut self, source: Source, fulfilled: &mut Vec<(WaiterId, Fulfilment)>) {
        let mut line = self.waiters.take_line(&source);
        let mut left = VecDeque::new();
        while let Some(parked) = line.pop_front() {
            match self.fulfilment(&source, &parked) {
                Some(fulfilment) => {
                    self.waiters.parked.remove(&parked.waiter);
                    fulfilled.push((parked.waiter, fulfilment));
                }
                None => left.push_back(parked),
            }
            // Where one item was all there was, the others need not be asked.
            let is_empty = match &source {
                Source::Inbox(client) => {
                    self.clients.get(client).is_none_or(|client| client.inbox.len() == 0)
                }
                Source::Queue(queue) => self.queues.get(queue).is_none_or(|queue| queue.first().is_none()),
                Source::Key(_) => false,
            };
            if is_empty {
                left.append(&mut line);
            }
        }
        self.waiters.put_back(source, left);
    }

    fn fulfilment(&mut self, source: &Source, parked: &Parked) -> Option<Fulfilment> {
        match source {
            Source::Inbox(client) => {
                let received = self.clients.get(client)?.inbox.first(parked.event.as_ref())?;
                self.remove_delivery(*client, received.number);
                Some(Fulfilment::Message(received))
            }
            Source::Queue(queue) => {
                let (number, value) = self.take_first(queue).ok()??;
                Some(Fulfilment::Item { number, value })
            }
            Source::Key(key) => {
                let present = self.get(Space::Registry, key).unwrap_or(Value::None);
                (!equals(&present, &parked.old)).then_some(Fulfilment::Changed(present))
            }
        }
    }
}
