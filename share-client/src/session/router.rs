//! Where a received message goes: to a watch, to who waits for it, to a handler, or to those that wait to be taken.
//!
//! Owns the messages that have come and that nobody has taken yet, and who wants which. Knows no socket and calls no
//! handler: whoever drives it takes the jobs. No message goes to two takers, and none that somebody gave up on is
//! lost.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard};

use super::backlog::{Backlog, Mailbox, Weigh};
use super::line::Message;
use super::memory::Reconnected;
use super::slot::{Slot, locked};
use crate::Value;
use crate::wire::{Pattern, PatternTooLong};

/// How many message numbers are remembered, so that none comes twice.
const SEEN_MAX: usize = 4_096;

/// The event of the mark that a session sends to itself when it ends a watch: what came before it may be a change that
/// was on its way, what comes after it is none.
pub(crate) const LAST_CHANGE: &str = "share-client.last-change";

/// Which messages somebody wants.
#[derive(Clone, Debug)]
pub(crate) enum Interest {
    /// Any at all.
    Any,
    /// Those without an event.
    Plain,
    /// Those whose event matches.
    Event(Pattern),
    /// Those that no other handler wants.
    Rest,
}

impl Interest {
    /// What a filtered receive asks for.
    pub(crate) fn event(pattern: &str) -> Result<Interest, PatternTooLong> {
        Pattern::new(pattern).map(Interest::Event)
    }

    /// What a handler is registered for: `*` is what nobody else handles.
    pub(crate) fn handler(pattern: &str) -> Result<Interest, PatternTooLong> {
        if pattern.trim() == "*" { Ok(Interest::Rest) } else { Interest::event(pattern) }
    }

    fn wants(&self, message: &Message) -> bool {
        match self {
            Interest::Any => true,
            Interest::Plain => message.event.is_none(),
            Interest::Event(pattern) => message.event.as_ref().is_some_and(|event| pattern.matches(event)),
            Interest::Rest => false,
        }
    }
}

/// What is to be done by whoever calls the handlers.
#[derive(Debug)]
pub(crate) enum Job {
    /// A message for the handlers of these numbers.
    Handle(Message, Vec<u64>),
    /// The connection is back.
    Tell(Reconnected),
}

/// A change of a watched key, or how many changes were dropped before the next.
#[derive(Debug)]
pub(crate) enum Seen {
    Change { key: String, value: Value },
    Dropped(u64),
}

impl Weigh for Message {
    fn weight(&self) -> usize {
        let names = self.from.len() + self.to.len() + self.event.as_ref().map_or(0, String::len);
        size_of::<Message>() + names + self.body.weight()
    }
}

impl Weigh for Job {
    fn weight(&self) -> usize {
        match self {
            Job::Handle(message, handlers) => message.weight() + size_of_val(handlers.as_slice()),
            Job::Tell(_) => size_of::<Job>(),
        }
    }
}

impl Weigh for Seen {
    fn weight(&self) -> usize {
        match self {
            Seen::Change { key, value } => key.len() + value.weight(),
            Seen::Dropped(_) => 0,
        }
    }
}

struct Watching {
    id: u64,
    pattern: Pattern,
    changes: Mailbox<Seen>,
    /// Nobody looks any more, but changes may still come, until the mark that was sent behind the last one.
    is_ending: bool,
}

/// The one router of a session.
pub(crate) struct Router(Mutex<Routes>);

struct Routes {
    unclaimed: Backlog<Message>,
    receivers: VecDeque<(Interest, Slot<Message>)>,
    handlers: Vec<(u64, Interest)>,
    jobs: Mailbox<Job>,
    watches: Vec<Watching>,
    seen: HashSet<u64>,
    seen_order: VecDeque<u64>,
    next_id: u64,
    closed: bool,
}

impl Router {
    pub(crate) fn new() -> Router {
        Router(Mutex::new(Routes {
            unclaimed: Backlog::new(),
            receivers: VecDeque::new(),
            handlers: Vec::new(),
            jobs: Mailbox::new(),
            watches: Vec::new(),
            seen: HashSet::new(),
            seen_order: VecDeque::new(),
            next_id: 0,
            closed: false,
        }))
    }

    fn routes(&self) -> MutexGuard<'_, Routes> {
        locked(&self.0)
    }

    /// A message that has come.
    pub(crate) fn deliver(&self, message: Message) {
        let mut routes = self.routes();
        if routes.is_new(message.number) {
            routes.route(message);
        }
    }

    /// A message that its taker gave up on: to another, or back to its place.
    pub(crate) fn give_back(&self, message: Message) {
        self.routes().route(message);
    }

    /// The oldest message of interest, now or when it comes.
    pub(crate) fn receive(&self, interest: Interest) -> Slot<Message> {
        let mut routes = self.routes();
        let slot = Slot::new();
        match routes.unclaimed.iter().position(|message| interest.wants(message)) {
            Some(place) => {
                if let Some(message) = routes.unclaimed.remove(place) {
                    let _ = slot.fill(message);
                }
            }
            None if routes.closed => slot.close(),
            None => {
                routes.receivers.retain(|(_, slot)| slot.is_wanted());
                routes.receivers.push_back((interest, slot.clone()));
            }
        }
        slot
    }

    /// Has messages of interest become jobs, those that wait already as well. Its number.
    pub(crate) fn handle(&self, interest: Interest) -> u64 {
        let mut routes = self.routes();
        let id = routes.id();
        routes.handlers.push((id, interest));
        for message in routes.unclaimed.take() {
            routes.route(message);
        }
        id
    }

    /// No more jobs for this handler.
    pub(crate) fn forget_handler(&self, id: u64) {
        self.routes().handlers.retain(|(other, _)| *other != id);
    }

    /// What whoever calls the handlers does next.
    pub(crate) fn job(&self) -> Slot<Job> {
        let mut routes = self.routes();
        let closed = routes.closed;
        routes.jobs.next(closed)
    }

    /// The connection is back.
    pub(crate) fn tell(&self, news: Reconnected) {
        self.routes().jobs.push(Job::Tell(news));
    }

    /// Has changes of matching keys come to a watch of its own. Its number.
    pub(crate) fn watch(&self, pattern: Pattern) -> u64 {
        let mut routes = self.routes();
        let id = routes.id();
        routes.watches.push(Watching { id, pattern, changes: Mailbox::new(), is_ending: false });
        id
    }

    /// The watch's next change.
    pub(crate) fn change(&self, id: u64) -> Slot<Seen> {
        let mut routes = self.routes();
        let closed = routes.closed;
        match routes.watches.iter_mut().find(|watch| watch.id == id) {
            Some(watch) if watch.changes.items.dropped() > 0 => {
                let slot = Slot::new();
                let _ = slot.fill(Seen::Dropped(watch.changes.items.take_dropped()));
                slot
            }
            Some(watch) => watch.changes.next(closed),
            None => {
                let slot = Slot::new();
                slot.close();
                slot
            }
        }
    }

    /// Nobody looks at the watch any more; what still comes is nobody's.
    pub(crate) fn end_watch(&self, id: u64) {
        if let Some(watch) = self.routes().watches.iter_mut().find(|watch| watch.id == id) {
            watch.is_ending = true;
            watch.changes = Mailbox::new();
        }
    }

    /// The watch is over.
    pub(crate) fn forget_watch(&self, id: u64) {
        self.routes().watches.retain(|watch| watch.id != id);
    }

    /// Nothing more will come: whoever waits is told; what has come can still be taken.
    pub(crate) fn close(&self) {
        let mut routes = self.routes();
        routes.closed = true;
        routes.receivers.drain(..).for_each(|(_, slot)| slot.close());
        routes.jobs.close();
        routes.watches.iter_mut().for_each(|watch| watch.changes.close());
    }

    /// How many messages that nobody took were dropped, because too many waited.
    pub(crate) fn dropped(&self) -> u64 {
        let routes = self.routes();
        routes.unclaimed.dropped() + routes.jobs.items.dropped()
    }
}

impl Routes {
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn is_new(&mut self, number: u64) -> bool {
        if !self.seen.insert(number) {
            return false;
        }
        self.seen_order.push_back(number);
        if self.seen_order.len() > SEEN_MAX
            && let Some(oldest) = self.seen_order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }

    fn route(&mut self, message: Message) {
        if self.is_mark(&message) {
            return;
        }
        let Some(message) = self.for_watches(message) else { return };
        let Some(message) = self.for_receiver(message) else { return };
        let wanted = |wants: &dyn Fn(&Interest) -> bool| -> Vec<u64> {
            self.handlers.iter().filter(|(_, interest)| wants(interest)).map(|(id, _)| *id).collect()
        };
        let mut handlers = wanted(&|interest| interest.wants(&message));
        if handlers.is_empty() {
            handlers = wanted(&|interest| matches!(interest, Interest::Rest));
        }
        if !handlers.is_empty() {
            self.jobs.push(Job::Handle(message, handlers));
            return;
        }
        // What was given back is older than what came since.
        let place = self.unclaimed.iter().rposition(|other| other.number < message.number);
        self.unclaimed.insert(place.map_or(0, |place| place + 1), message);
    }

    /// Whether this is the mark behind a watch's last change: then the watch is over.
    fn is_mark(&mut self, message: &Message) -> bool {
        if message.event.as_deref() != Some(LAST_CHANGE) {
            return false;
        }
        let Ok(id) = u64::try_from(message.body.clone()) else { return false };
        let count = self.watches.len();
        self.watches.retain(|watch| !watch.is_ending || watch.id != id);
        self.watches.len() < count
    }

    /// Changes of watched keys are nobody else's.
    fn for_watches(&mut self, message: Message) -> Option<Message> {
        let Some(key) = message.event.as_ref().filter(|_| message.from == "REGISTRY") else {
            return Some(message);
        };
        let mut wanted = false;
        for watch in self.watches.iter_mut().filter(|watch| watch.pattern.matches(key)) {
            wanted = true;
            if watch.is_ending {
                continue;
            }
            watch.changes.push(Seen::Change { key: key.clone(), value: message.body.clone() });
        }
        if wanted { None } else { Some(message) }
    }

    /// To the first of those that wait for it.
    fn for_receiver(&mut self, mut message: Message) -> Option<Message> {
        let mut place = 0;
        while let Some((interest, _)) = self.receivers.get(place) {
            if !interest.wants(&message) {
                place += 1;
                continue;
            }
            let Some((_, slot)) = self.receivers.remove(place) else { break };
            match slot.fill(message) {
                Ok(()) => return None,
                Err(back) => message = back,
            }
        }
        Some(message)
    }
}

#[cfg(test)]
mod tests;
