//! Waits: parked in the order they came, fulfilled by the commit that makes them possible.
//!
//! Owns the parked waits. They are in memory only; what fulfils one leaves records like any change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ahash::AHashMap;

use super::inboxes::event_matches;
use super::rows::{Delivery, Item, Thing, Touched, Waiter, message_size};
use super::transaction::Undo;
use super::{Fulfilment, Message, Pattern, Received, Result, Space, State, Wait, WaiterId};
use crate::value::{Value, encode, equals};

/// All parked waits. IDs rise, so that their order is the order of coming.
#[derive(Default)]
pub(super) struct Waiters {
    last: u64,
    parked: BTreeMap<WaiterId, Box<Waiter>>,
    inboxes: AHashMap<u64, InboxWaiters>,
    queues: BTreeMap<Arc<str>, BTreeSet<WaiterId>>,
    /// By the bytes of the value that they believe in, so that thousands who believe the same are asked once.
    keys: AHashMap<Arc<str>, BTreeMap<Vec<u8>, BTreeSet<WaiterId>>>,
}

/// Who waits on one inbox.
#[derive(Debug, Default)]
struct InboxWaiters {
    /// For whatever comes.
    any: BTreeSet<WaiterId>,
    /// For one event, by its name: found without asking the others.
    events: BTreeMap<Arc<str>, BTreeSet<WaiterId>>,
    /// For the events of a pattern, by its text, so that thousands who wait for the same are asked once.
    patterns: BTreeMap<Arc<str>, BTreeSet<WaiterId>>,
}

impl InboxWaiters {
    fn is_empty(&self) -> bool {
        self.any.is_empty() && self.events.is_empty() && self.patterns.is_empty()
    }

    fn note(&mut self, pattern: Option<&Pattern>, id: WaiterId, parked: bool) {
        match pattern {
            None => {
                note(&mut self.any, id, parked);
            }
            Some(pattern) if pattern.is_plain() => note_under(&mut self.events, pattern.text(), id, parked),
            Some(pattern) => note_under(&mut self.patterns, pattern.text(), id, parked),
        }
    }
}

impl Waiters {
    pub(super) fn wait_for_inbox(&self, client: u64) -> bool {
        self.inboxes.contains_key(&client)
    }

    pub(super) fn wait_for_queue(&self, queue: &str) -> bool {
        self.queues.contains_key(queue)
    }

    pub(super) fn of_inbox(&self, client: u64) -> Vec<WaiterId> {
        let Some(inbox) = self.inboxes.get(&client) else { return Vec::new() };
        let for_events = inbox.events.values().chain(inbox.patterns.values()).flatten();
        let mut waiters: Vec<WaiterId> = inbox.any.iter().chain(for_events).copied().collect();
        waiters.sort_unstable();
        waiters
    }

    /// The first in line who takes this message.
    fn taker(&self, client: u64, message: &Message) -> Option<WaiterId> {
        let inbox = self.inboxes.get(&client)?;
        let takes = |id: &WaiterId| match self.parked.get(id).map(|waiter| &waiter.on) {
            Some(Thing::Message { pattern, .. }) => event_matches(pattern.as_ref(), message),
            _ => false,
        };
        let for_event = message.event.as_ref().and_then(|event| inbox.events.get(event)?.first());
        let for_pattern = inbox.patterns.values().filter_map(BTreeSet::first).filter(|id| takes(id)).min();
        [inbox.any.first(), for_event, for_pattern].into_iter().flatten().min().copied()
    }

    pub(super) fn of_queue(&self, queue: &str) -> Vec<WaiterId> {
        self.queues.get(queue).map_or_else(Vec::new, |waiters| waiters.iter().copied().collect())
    }

    pub(super) fn of_queues_under(&self, prefix: &str) -> Vec<WaiterId> {
        super::range(&self.queues, prefix).flat_map(|(_, waiters)| waiters.iter().copied()).collect()
    }

    /// Those who wait for a key to have another value than this one, in order of coming.
    fn of_key(&self, key: &str, value: &Value) -> Vec<WaiterId> {
        let differs = |waiters: &&BTreeSet<WaiterId>| {
            let first = waiters.first().and_then(|first| self.parked.get(first));
            matches!(first.map(|waiter| &waiter.on), Some(Thing::Key { old, .. }) if !equals(value, old))
        };
        let believers = self.keys.get(key).into_iter().flat_map(BTreeMap::values);
        let mut waiters: Vec<WaiterId> = believers.filter(differs).flatten().copied().collect();
        waiters.sort_unstable();
        waiters
    }

    /// What the parked waits count.
    #[cfg(test)]
    pub(super) fn cost(&self) -> usize {
        self.parked.values().map(|waiter| waiter.on.cost()).sum()
    }

    /// The parked waits as text.
    #[cfg(test)]
    pub(super) fn dump(&self) -> String {
        let parked: Vec<_> = self.parked.keys().collect();
        let inboxes: BTreeMap<_, _> = self.inboxes.iter().collect();
        let keys: BTreeMap<_, _> = self.keys.iter().collect();
        format!("{parked:?} {inboxes:?} {:?} {keys:?}", self.queues)
    }

    fn index(&mut self, id: WaiterId, on: &Thing, parked: bool) {
        match on {
            Thing::Message { client, pattern } => {
                let inbox = self.inboxes.entry(*client).or_default();
                inbox.note(pattern.as_ref(), id, parked);
                if inbox.is_empty() {
                    self.inboxes.remove(client);
                }
            }
            Thing::Item { queue } => note_under(&mut self.queues, queue, id, parked),
            Thing::Key { key, old } => {
                let believers = self.keys.entry(Arc::clone(key)).or_default();
                let belief = encode(old);
                let waiters = believers.entry(belief.clone()).or_default();
                if !note(waiters, id, parked) {
                    believers.remove(&belief);
                }
                if believers.is_empty() {
                    self.keys.remove(key);
                }
            }
        }
    }
}

/// Adds or removes one of those under a text.
fn note_under(waiters: &mut BTreeMap<Arc<str>, BTreeSet<WaiterId>>, text: &str, id: WaiterId, parked: bool) {
    if let Some(under) = waiters.get_mut(text) {
        if !note(under, id, parked) {
            waiters.remove(text);
        }
    } else if parked {
        waiters.insert(Arc::from(text), BTreeSet::from([id]));
    }
}

/// Adds or removes one; whether any are left.
fn note(waiters: &mut BTreeSet<WaiterId>, id: WaiterId, parked: bool) -> bool {
    if parked {
        waiters.insert(id);
    } else {
        waiters.remove(&id);
    }
    !waiters.is_empty()
}

impl State {
    /// Fulfils the wait at once if that is possible, inside the transaction and after the earlier waiters that
    /// the transaction made possible; else parks it behind them and gives its ID. A rollback takes either back.
    ///
    /// # Errors
    /// [`super::Error::UnknownClient`], [`super::Error::State`] for the queue of a client that is gone, what is
    /// no key, the limit on patterns, `state_bytes_max` for what is large and must be kept meanwhile.
    pub fn wait(&mut self, wait: Wait) -> Result<std::result::Result<Fulfilment, WaiterId>> {
        let on = match wait {
            Wait::Message { client, event } => Thing::Message {
                client: self.number_of(client)?,
                pattern: event.as_deref().map(Pattern::new).transpose()?,
            },
            Wait::Item { queue } => {
                self.check_queue(&queue)?;
                Thing::Item { queue }
            }
            Wait::Changed { key, old } => {
                super::check::key(&key, "a key")?;
                Thing::Key { key, old }
            }
        };
        self.fulfil_earlier(&on);
        if let Some(fulfilment) = self.try_now(&on) {
            return Ok(Ok(fulfilment));
        }
        self.room_for(on.cost(), 0)?;
        self.waiters.last += 1;
        let id = WaiterId(self.waiters.last);
        self.change_waiter(id, Some(Box::new(Waiter { on })));
        Ok(Err(id))
    }

    /// Forgets a parked wait (its time is over, its connection gone). False where it was fulfilled already.
    /// Needs no transaction.
    pub fn cancel(&mut self, waiter: WaiterId) -> bool {
        self.swap_waiter(waiter, None).is_some()
    }

    /// Gives back what fulfilled a wait whose connection vanished before it was told, to its place in its inbox
    /// or queue and under its number; the next waiter gets it. Inside a transaction. Nothing where the client or
    /// the queue is gone meanwhile.
    pub fn give_back(&mut self, wait: &Wait, fulfilment: Fulfilment) {
        match (wait, fulfilment) {
            (Wait::Message { client, .. }, Fulfilment::Message(received)) => {
                if let Ok(client) = self.number_of(*client) {
                    let size = message_size(&received.message);
                    let delivery = Delivery::new(received.message, None, size);
                    self.change_delivery(client, received.number, Some(delivery));
                }
            }
            (Wait::Item { queue }, Fulfilment::Item { number, value }) => {
                let item = Item::new(value.clone(), value.measure().bytes);
                self.change_item(queue, number, Some(item));
            }
            _ => {}
        }
    }

    fn try_now(&mut self, on: &Thing) -> Option<Fulfilment> {
        match on {
            Thing::Message { client, pattern } => {
                self.take_message(*client, pattern.as_ref()).map(Fulfilment::Message)
            }
            Thing::Item { queue } => {
                self.take_item(queue).map(|(number, value)| Fulfilment::Item { number, value })
            }
            Thing::Key { key, old } => {
                let value = self.get(Space::Registry, key).unwrap_or(Value::None);
                (!equals(&value, old)).then_some(Fulfilment::Changed(value))
            }
        }
    }

    /// Fulfils whoever waits for what this transaction changed.
    pub(super) fn fulfil_touched(&mut self) {
        while let Some(touched) =
            (!self.transaction.touched.is_empty()).then(|| std::mem::take(&mut self.transaction.touched))
        {
            touched.iter().for_each(|touched| self.fulfil(touched));
        }
    }

    fn fulfil_earlier(&mut self, on: &Thing) {
        let same = |touched: &&Touched| match (touched, on) {
            (Touched::Message { client, .. }, Thing::Message { client: own, .. }) => client == own,
            (Touched::Queue(queue), Thing::Item { queue: own }) => queue == own,
            _ => false,
        };
        let touched: Vec<Touched> = self.transaction.touched.iter().filter(same).cloned().collect();
        touched.iter().for_each(|touched| self.fulfil(touched));
    }

    fn fulfil(&mut self, touched: &Touched) {
        match touched {
            Touched::Message { client, number } => self.fulfil_message(*client, *number),
            Touched::Queue(queue) => {
                while let Some(waiter) = self.waiters.queues.get(queue).and_then(|all| all.first().copied()) {
                    let Some((number, value)) = self.take_item(queue) else { return };
                    self.finish_waiter(waiter, Fulfilment::Item { number, value });
                }
            }
            Touched::Key(key) => {
                let value = self.get(Space::Registry, key).unwrap_or(Value::None);
                for waiter in self.waiters.of_key(key, &value) {
                    self.finish_waiter(waiter, Fulfilment::Changed(value.clone()));
                }
            }
        }
    }

    /// Gives one message to the first waiter that takes it. Message by message comes to the same as waiter by
    /// waiter, for both have one order, and looks at no message that was there before.
    fn fulfil_message(&mut self, client: u64, number: u64) {
        let inbox = self.clients.live.get(&client).map(|client| &client.inbox);
        let Some(delivery) = inbox.and_then(|inbox| inbox.get_ready(number)) else { return };
        let message = Arc::clone(&delivery.message);
        let Some(waiter) = self.waiters.taker(client, &message) else { return };
        self.change_delivery(client, number, None);
        self.finish_waiter(waiter, Fulfilment::Message(Received { number, message }));
    }

    /// Notes that a key changed, where somebody waits for that.
    pub(super) fn touch_key(&mut self, key: &Arc<str>) {
        if self.waiters.keys.contains_key(key) {
            self.transaction.touched.push(Touched::Key(Arc::clone(key)));
        }
    }

    /// Ends a parked wait.
    pub(super) fn finish_waiter(&mut self, id: WaiterId, fulfilment: Fulfilment) {
        self.change_waiter(id, None);
        self.transaction.fulfilled.push((id, fulfilment));
    }

    fn change_waiter(&mut self, id: WaiterId, new: Option<Box<Waiter>>) {
        let was = self.swap_waiter(id, new);
        self.transaction.undo.push(Undo::Waiter { id, was });
    }

    pub(super) fn swap_waiter(&mut self, id: WaiterId, new: Option<Box<Waiter>>) -> Option<Box<Waiter>> {
        let old = self.waiters.parked.remove(&id);
        if let Some(old) = &old {
            self.account(0, old.on.cost());
            self.waiters.index(id, &old.on, false);
            // Its request was under way until now.
            if let Thing::Message { client, .. } = &old.on
                && let Some(client) = self.clients.live.get_mut(client)
            {
                client.last_seen = client.last_seen.max(self.now.monotonic);
            }
        }
        if let Some(new) = new {
            self.account(new.on.cost(), 0);
            self.waiters.index(id, &new.on, true);
            self.waiters.parked.insert(id, new);
        }
        old
    }
}
