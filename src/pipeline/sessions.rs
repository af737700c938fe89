//! Sessions: which are open, what is on its way to each, and how one ends.
//!
//! Owns the outboxes (`outbox`). A commit puts messages into them with the lock on the state held; whoever serves the
//! connection is woken when that commit is done, takes them, and tells when they are written. What was not written
//! when a session ends goes back to its client's inbox.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context as Task, Poll};

use ahash::AHashMap;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::form::Rendered;
use super::outbox::{Ended, Flight, Inner, Outbox, Pushed};
use super::{Form, Waits};
use crate::functions::{Caller, Context, WorldHandle};
use crate::state::{ClientId, Push, SessionId, Window};

/// The open sessions.
#[derive(Default)]
pub struct Sessions {
    last: AtomicU64,
    open: Mutex<AHashMap<SessionId, Arc<Outbox>>>,
    closed: AtomicBool,
}

impl Sessions {
    /// Puts the messages of a commit into the outboxes; gives a call that wakes whoever serves them, for when the
    /// commit is done. Called with the lock on the state held.
    pub(super) fn push(&self, pushes: Vec<Push>, sequence: u64) -> impl FnOnce() + Send + 'static {
        let open = self.open.lock();
        let mut told: Vec<Arc<Outbox>> = Vec::new();
        for push in pushes {
            let flight = Arc::new(Flight {
                row: push.row,
                message: push.message,
                size: push.size,
                rendered: Rendered::default(),
                left: AtomicUsize::new(push.receivers.len()),
            });
            for (number, window) in push.receivers {
                // Where it closed just now, its row stays, and is found at the next start.
                let Some(outbox) = open.get(&window.session()) else { continue };
                let pushed = Pushed { number, sequence, flight: Arc::clone(&flight) };
                let was = outbox.with(|inner| {
                    let was = inner.pushed.back().map(|last| last.sequence);
                    inner.pushed.push_back(pushed);
                    was
                });
                if was != Some(sequence) {
                    told.push(Arc::clone(outbox));
                }
            }
        }
        move || told.iter().for_each(|outbox| outbox.with(Inner::wake))
    }

    /// Something waits in the inbox of this session's client.
    pub(super) fn fall_behind(&self, session: SessionId) {
        if let Some(outbox) = self.open.lock().get(&session) {
            outbox.with(|inner| {
                inner.behind = true;
                inner.wake();
            });
        }
    }

    /// Ends a session.
    pub(super) fn end(&self, session: SessionId, why: Ended) {
        if let Some(outbox) = self.open.lock().get(&session) {
            outbox.with(|inner| inner.end(why));
        }
    }

    /// Ends all sessions, also those that open later.
    pub(super) fn end_all(&self) {
        self.closed.store(true, Ordering::Release);
        for outbox in self.open.lock().values() {
            outbox.with(|inner| inner.end(Ended::Closing));
        }
    }

    fn add(&self, window: &Arc<Window>) -> Arc<Outbox> {
        let outbox = Arc::new(Outbox::new(window));
        self.open.lock().insert(window.session(), Arc::clone(&outbox));
        if self.closed.load(Ordering::Acquire) {
            outbox.with(|inner| inner.end(Ended::Closing));
        }
        outbox
    }
}

/// An open session; dropping it ends it, and loses nothing that was not written.
pub struct Session {
    /// A handle of its own, for it is counted with each line.
    world: WorldHandle,
    sessions: Arc<Sessions>,
    waits: Arc<Waits>,
    outbox: Arc<Outbox>,
    client: ClientId,
    address: IpAddr,
    form: Form,
    /// Taken from the outbox and not yet written: with its place in the connection's output.
    unwritten: VecDeque<(Range<u64>, Pushed)>,
    /// Resolves when the session that this one carries on has given back what it did not write.
    predecessor: Option<oneshot::Receiver<()>>,
}

impl Session {
    /// Opens a session for the client of this ID or name, or for a new one; the commit to be waited for.
    pub(super) fn open(
        world: &WorldHandle,
        sessions: &Arc<Sessions>,
        waits: &Arc<Waits>,
        hello: &super::Hello,
        address: IpAddr,
    ) -> Result<(Session, u64), crate::functions::Error> {
        let caller = Caller { address, session: None, objects: false };
        let mut context = Context::new(Arc::clone(world), caller, false, false);
        let client = match &hello.client {
            Some(id) => context.client(id)?,
            None => context.state().client(None, address)?,
        };
        let id = SessionId(sessions.last.fetch_add(1, Ordering::Relaxed) + 1);
        let window = Arc::new(Window::new(id));
        let before = context.state().connect(client, Arc::clone(&window))?;
        let predecessor = before.and_then(|before| sessions.hand_back(before, &mut context));
        let session = Session {
            world: Arc::new(Arc::clone(world)),
            sessions: Arc::clone(sessions),
            waits: Arc::clone(waits),
            outbox: sessions.add(&window),
            client,
            address,
            form: hello.form,
            unwritten: VecDeque::new(),
            predecessor,
        };
        let sequence = context.finish(true).unwrap_or(0);
        Ok((session, sequence))
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> ClientId {
        self.client
    }

    /// How replies are written.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// The session's handle on the world.
    #[must_use]
    pub fn world(&self) -> &WorldHandle {
        &self.world
    }

    /// Who calls from this session.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller { address: self.address, session: Some(self.client), objects: self.form == Form::Json }
    }

    /// Why it must end, if it must.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        if self.outbox.is_quiet() { None } else { self.outbox.with(|inner| inner.ended) }
    }

    /// Ready where there is something to take, to refill or to end. `settled` tells the last commit that is done;
    /// it is asked with the outbox locked, so that a commit is either seen here or finds the waker.
    pub fn poll_woken(&self, settled: impl FnOnce() -> u64, task: &mut Task<'_>) -> Poll<()> {
        self.outbox.poll_woken(settled, task)
    }

    /// Appends the messages whose commits are done to the output, which so far is `written + out.len()` long,
    /// until it holds `bytes_max`.
    pub fn take(&mut self, out: &mut Vec<u8>, written: u64, settled: u64, bytes_max: usize) {
        if self.outbox.is_quiet() {
            return;
        }
        self.outbox.with(|inner| {
            while out.len() < bytes_max {
                let Some(pushed) = inner.pushed.pop_front_if(|first| first.sequence <= settled) else {
                    return;
                };
                let start = written + out.len() as u64;
                pushed.flight.rendered.write(out, self.form, pushed.number, &pushed.flight.message);
                self.unwritten.push_back((start..written + out.len() as u64, pushed));
            }
        });
    }

    /// So much of the output is written.
    pub fn wrote(&mut self, written: u64) {
        while let Some((_, pushed)) = self.unwritten.pop_front_if(|(place, _)| place.end <= written) {
            self.outbox.window.release(pushed.flight.size);
            if pushed.flight.left.fetch_sub(1, Ordering::AcqRel) == 1 {
                self.waits.arrived(pushed.flight.row);
            }
        }
    }

    /// Sends on what waits in the client's inbox, where there is some and there is room.
    pub fn refill(&self) {
        if self.outbox.is_quiet() {
            return;
        }
        let refills = self.outbox.with(|inner| {
            let refills = inner.behind && self.outbox.window.has_room();
            inner.behind &= !refills;
            refills
        });
        if !refills {
            return;
        }
        let mut context = Context::new(Arc::clone(&self.world), self.caller(), false, false);
        context.state().refill(self.client);
        context.finish(true);
    }

    /// Waits until the session that this one carries on, if there is one, has given back what it did not write, so
    /// that nothing that comes later is heard earlier.
    pub async fn predecessor_gone(&mut self) {
        if let Some(predecessor) = self.predecessor.take() {
            // It never says anything; it lets go.
            let _ = predecessor.await;
        }
    }

    /// Gives everything back that was not wholly written, and lets whoever carries the client on begin; the places
    /// in the output where it stands.
    pub fn give_back(&mut self) -> Vec<Range<u64>> {
        let unwritten = std::mem::take(&mut self.unwritten);
        let places = unwritten.iter().map(|(place, _)| place.clone()).collect();
        let mut context = Context::new(Arc::clone(&self.world), self.caller(), false, false);
        give_back(unwritten.into_iter().map(|(_, pushed)| pushed), &mut context);
        context.finish(true);
        self.outbox.with(|inner| inner.successor = None);
        places
    }
}

impl Sessions {
    /// Takes a session's messages back that nobody took, in the transaction that ends it. The ones that its
    /// connection is about to write it gives back itself: what this returns resolves when it has.
    fn hand_back(&self, session: SessionId, context: &mut Context) -> Option<oneshot::Receiver<()>> {
        let outbox = self.open.lock().get(&session).cloned()?;
        let (successor, predecessor) = oneshot::channel();
        let pushed = outbox.with(|inner| {
            inner.end(Ended::TakenOver);
            inner.successor = Some(successor);
            std::mem::take(&mut inner.pushed)
        });
        give_back(pushed, context);
        Some(predecessor)
    }
}

fn give_back(pushed: impl IntoIterator<Item = Pushed>, context: &mut Context) {
    for pushed in pushed {
        let last = pushed.flight.left.fetch_sub(1, Ordering::AcqRel) == 1;
        context.state().push_back(pushed.flight.row, pushed.number);
        if last {
            context.state().arrived(pushed.flight.row);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut context = Context::new(Arc::clone(&self.world), self.caller(), false, false);
        let session = self.outbox.window.session();
        // First of all, so that what is given back goes to the inbox.
        context.state().disconnect(self.client, session);
        self.sessions.open.lock().remove(&session);
        let pushed = self.outbox.with(|inner| std::mem::take(&mut inner.pushed));
        let unwritten = std::mem::take(&mut self.unwritten);
        give_back(unwritten.into_iter().map(|(_, pushed)| pushed).chain(pushed), &mut context);
        context.finish(true);
        self.outbox.with(|inner| inner.successor = None);
    }
}
