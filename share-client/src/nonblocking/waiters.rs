//! Connections for calls that wait on the server: as `session::waiters`, in tasks.
//!
//! Owns these connections. A wait whose task is dropped is ended on the server first and read to its end; what came all
//! the same is handed to whoever waits for the same thing, or else asks for it next.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;

use super::lines::{self, Lines};
use super::taking::Taking;
use crate::call::Call;
use crate::session::line::{Line, Reply, parse_line};
use crate::session::memory::{granted, greeting, is_end_of_server, is_farewell};
use crate::session::options::SessionOptions;
use crate::session::slot::{Slot, Waited, locked};
use crate::session::waiters::{IDLE_MAX, PAUSE_MAX, STALE};
use crate::{Error, Timeouts, Value};

/// The connections of one session.
pub(super) struct Waiters {
    addresses: Vec<SocketAddr>,
    options: SessionOptions,
    pool: Mutex<Pool>,
    closing: Notify,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Waiter>,
    /// What came to waits that nobody waited on any more.
    late: HashMap<String, VecDeque<Value>>,
    /// Who waits, and for what, in the order in which they came: what comes late to another is theirs.
    waiting: VecDeque<(String, Slot<Result<Reply, Error>>)>,
    closed: bool,
}

struct Waiter {
    wire: OwnedWriteHalf,
    lines: Lines,
    used: Instant,
}

impl Waiters {
    pub(super) fn new(addresses: Vec<SocketAddr>, options: SessionOptions) -> Arc<Waiters> {
        Arc::new(Waiters { addresses, options, pool: Mutex::default(), closing: Notify::new() })
    }

    /// The reply to a call that waits at most so long; None where the server ended before. `what` it takes, if it takes
    /// something: what comes when nobody waits any more is kept under that.
    pub(super) async fn ask(
        self: &Arc<Waiters>,
        what: Option<&str>,
        text: String,
        wait: Duration,
    ) -> Result<Value, Error> {
        let slot = Slot::new();
        // From here on, so that what another wait's end puts there is never lost.
        let taking = Taking::new(slot.clone(), |asked| self.keep(what, asked));
        if let Some(value) = what.and_then(|what| locked(&self.pool).late_or_wait(what, &slot)) {
            return Ok(value);
        }
        let kept = self.kept()?;
        let stop = Arc::new(Notify::new());
        let asking = Asking { text, wait, what: what.map(str::to_owned), slot, stop: Arc::clone(&stop) };
        tokio::spawn(Arc::clone(self).serve(kept, asking));
        // Where this task is dropped the other learns it.
        let stopping = Stopping(stop);
        let waited = taking.await;
        drop(stopping);
        match waited {
            Waited::Value(asked) => asked?,
            Waited::Over | Waited::Closed => Err(closed()),
        }
    }

    /// Serves one wait, to its end even if nobody waits any more: what is opened or asked is never left half done.
    async fn serve(self: Arc<Waiters>, kept: Option<Waiter>, asking: Asking) {
        let asked = match kept {
            Some(waiter) => self.ask_over(waiter, &asking).await,
            None => match self.open(&asking.slot).await {
                Ok(waiter) => self.ask_over(waiter, &asking).await,
                Err(error) => Err(error),
            },
        };
        let asked = if asked.is_err() && self.is_closed() { Err(closed()) } else { asked };
        if let Err(late) = asking.slot.fill(asked) {
            self.keep(asking.what.as_deref(), late);
        }
    }

    async fn ask_over(&self, mut waiter: Waiter, asking: &Asking) -> Result<Reply, Error> {
        // Before the looks, so that no end is missed in between.
        let closing = self.closing.notified();
        if self.is_closed() || !asking.slot.is_wanted() {
            self.put_back(waiter);
            return Err(closed());
        }
        let time = asking.wait + self.options.timeouts.reply;
        let asked = waiter.ask(&asking.text, time, async {
            tokio::select! {
                () = asking.stop.notified() => {}
                () = closing => {}
            }
        });
        let (asked, is_whole) = asked.await;
        match asked? {
            Some(reply) => {
                if is_whole {
                    self.put_back(waiter);
                }
                Ok(reply)
            }
            None => Ok(Ok(Value::None)),
        }
    }

    /// A new one. Nothing is asked yet, so where the server cannot be reached this tries again, as long as a reply may
    /// take.
    async fn open(&self, slot: &Slot<Result<Reply, Error>>) -> Result<Waiter, Error> {
        let deadline = Instant::now() + self.options.timeouts.reply;
        let mut attempt = 0;
        loop {
            match Waiter::open(&self.addresses, self.options.timeouts).await {
                Err(Error::Io(_)) if Instant::now() < deadline && !self.is_closed() && slot.is_wanted() => {
                    attempt += 1;
                    tokio::time::sleep(self.options.pause(attempt).min(PAUSE_MAX)).await;
                }
                opened => return opened,
            }
        }
    }

    fn is_closed(&self) -> bool {
        locked(&self.pool).closed
    }

    /// Ends every wait; what has come to one is still given to who waits.
    pub(super) fn close(&self) {
        let mut pool = locked(&self.pool);
        pool.closed = true;
        let idle = std::mem::take(&mut pool.idle);
        drop(pool);
        self.closing.notify_waiters();
        idle.into_iter().for_each(Waiter::leave);
    }

    /// Hands on what came when nobody waited any more: to who waits for the same, or to who asks for it next.
    pub(super) fn keep(&self, what: Option<&str>, asked: Result<Reply, Error>) {
        let (Some(what), Ok(Ok(mut value))) = (what, asked) else { return };
        if value == Value::None {
            return;
        }
        loop {
            let mut pool = locked(&self.pool);
            let Some(slot) = pool.next_waiting(what) else {
                pool.late.entry(what.to_owned()).or_default().push_back(value);
                return;
            };
            drop(pool);
            match slot.fill(Ok(Ok(value))) {
                Err(Ok(Ok(back))) => value = back,
                _ => return,
            }
        }
    }

    /// What came too late for an earlier wait.
    pub(super) fn late(&self, what: &str) -> Option<Value> {
        locked(&self.pool).late(what)
    }

    fn kept(&self) -> Result<Option<Waiter>, Error> {
        let mut pool = locked(&self.pool);
        if pool.closed {
            return Err(closed());
        }
        let stale: Vec<Waiter> = pool.idle.extract_if(.., |waiter| waiter.used.elapsed() > STALE).collect();
        pool.idle.retain_mut(|waiter| waiter.lines.is_open());
        let kept = pool.idle.pop();
        drop(pool);
        stale.into_iter().for_each(Waiter::leave);
        Ok(kept)
    }

    fn put_back(&self, mut waiter: Waiter) {
        waiter.used = Instant::now();
        let mut pool = locked(&self.pool);
        if pool.closed || pool.idle.len() >= IDLE_MAX {
            drop(pool);
            waiter.leave();
        } else {
            pool.idle.push(waiter);
        }
    }
}

impl Pool {
    fn late(&mut self, what: &str) -> Option<Value> {
        let value = self.late.get_mut(what)?.pop_front();
        self.late.retain(|_, values| !values.is_empty());
        value
    }

    /// The same; where there is nothing, what comes from now on is put into the slot, as long as it is wanted.
    fn late_or_wait(&mut self, what: &str, slot: &Slot<Result<Reply, Error>>) -> Option<Value> {
        let late = self.late(what);
        if late.is_none() {
            self.waiting.retain(|(_, slot)| slot.is_wanted());
            self.waiting.push_back((what.to_owned(), slot.clone()));
        }
        late
    }

    fn next_waiting(&mut self, what: &str) -> Option<Slot<Result<Reply, Error>>> {
        let place = self.waiting.iter().position(|(other, _)| other == what)?;
        self.waiting.remove(place).map(|(_, slot)| slot)
    }
}

/// One wait, as the task that serves it sees it.
struct Asking {
    text: String,
    wait: Duration,
    what: Option<String>,
    slot: Slot<Result<Reply, Error>>,
    stop: Arc<Notify>,
}

/// Tells the task that waits on the server that nobody waits for it.
struct Stopping(Arc<Notify>);

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Waiter {
    async fn open(addresses: &[SocketAddr], timeouts: Timeouts) -> Result<Waiter, Error> {
        let (mut wire, mut lines) = lines::open(addresses, timeouts).await?;
        // What is sent to everybody is not for this one: pushed, it is passed over and fills no inbox.
        lines::send(&mut wire, [greeting(None).as_str(), Call::new("listen").text().as_str()]).await?;
        let deadline = Instant::now() + timeouts.reply;
        granted(&lines.expect(deadline).await?)?;
        let mut waiter = Waiter { wire, lines, used: Instant::now() };
        match waiter.reply(deadline).await? {
            Some(reply) => reply.map(|_| waiter),
            None => Err(io::Error::new(ErrorKind::ConnectionAborted, "the server ended").into()),
        }
    }

    /// The reply, and whether the connection can be used again. When `stop` is done nothing more is sent, so that the
    /// server ends the wait; what it says then is read all the same.
    async fn ask(
        &mut self,
        text: &str,
        time: Duration,
        stop: impl Future<Output = ()>,
    ) -> (Result<Option<Reply>, Error>, bool) {
        if let Err(error) = lines::send(&mut self.wire, [text]).await {
            return (Err(error), false);
        }
        let deadline = Instant::now() + time;
        tokio::select! {
            reply = self.reply(deadline) => return (reply, true),
            () = stop => {}
        }
        let _ = self.wire.shutdown().await;
        (self.reply(deadline).await, false)
    }

    /// The reply; nothing where the server says that it ends: then it has done nothing of what was asked. May be given
    /// up and begun again: a line that has come is not lost.
    async fn reply(&mut self, deadline: Instant) -> Result<Option<Reply>, Error> {
        loop {
            match parse_line(&self.lines.expect(deadline).await?)? {
                Line::Message(_) => {}
                Line::Reply(Err(error)) if is_end_of_server(&error) => return Ok(None),
                Line::Reply(Err(error)) if is_farewell(&error) => {
                    return Err(io::Error::new(ErrorKind::ConnectionAborted, error.to_string()).into());
                }
                Line::Reply(reply) => return Ok(Some(reply)),
            }
        }
    }

    /// Frees the client that this was. Where no runtime is left to say so, it expires.
    fn leave(mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = lines::send(&mut self.wire, [Call::new("exit").text().as_str()]).await;
                let _ = self.wire.shutdown().await;
            });
        }
    }
}

fn closed() -> Error {
    Error::Closed("the session was closed".to_owned())
}
