//! Connections for calls that wait on the server: as `session::waiters`, in tasks.
//!
//! Owns these connections. A wait whose task is dropped is ended on the server first and read to its end; what came all
//! the same is handed to whoever asks for the same thing next.

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
use crate::session::memory::{granted, greeting, is_farewell};
use crate::session::slot::{Slot, Waited, locked};
use crate::session::waiters::{IDLE_MAX, STALE};
use crate::{Error, Timeouts, Value};

/// The connections of one session.
pub(super) struct Waiters {
    addresses: Vec<SocketAddr>,
    timeouts: Timeouts,
    pool: Mutex<Pool>,
    closing: Notify,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Waiter>,
    /// What came to waits that nobody waited on any more.
    late: HashMap<String, VecDeque<Value>>,
    closed: bool,
}

struct Waiter {
    wire: OwnedWriteHalf,
    lines: Lines,
    used: Instant,
}

impl Waiters {
    pub(super) fn new(addresses: Vec<SocketAddr>, timeouts: Timeouts) -> Arc<Waiters> {
        Arc::new(Waiters { addresses, timeouts, pool: Mutex::default(), closing: Notify::new() })
    }

    /// The reply to a call that waits at most so long. `what` it waits for: a value that comes when nobody waits any
    /// more is kept under that.
    pub(super) async fn ask(
        self: &Arc<Waiters>,
        what: &str,
        text: String,
        wait: Duration,
    ) -> Result<Value, Error> {
        let waiter = match self.kept(what)? {
            Kept::Late(value) => return Ok(value),
            Kept::Waiter(waiter) => *waiter,
            Kept::None => Waiter::open(&self.addresses, self.timeouts).await?,
        };
        let slot = Slot::new();
        let stop = Arc::new(Notify::new());
        let (waiters, what) = (Arc::clone(self), what.to_owned());
        tokio::spawn(waiters.serve(waiter, what.clone(), text, wait, slot.clone(), Arc::clone(&stop)));
        let taking = Taking::new(slot, |asked: Result<Reply, Error>| {
            if let Ok(Ok(value)) = asked {
                self.keep(&what, value);
            }
        });
        // Where this task is dropped the other learns it.
        let stopping = Stopping(stop);
        let waited = taking.await;
        drop(stopping);
        match waited {
            Waited::Value(asked) => asked?,
            Waited::Over | Waited::Closed => Err(closed()),
        }
    }

    async fn serve(
        self: Arc<Waiters>,
        mut waiter: Waiter,
        what: String,
        text: String,
        wait: Duration,
        slot: Slot<Result<Reply, Error>>,
        stop: Arc<Notify>,
    ) {
        let asked = waiter.ask(&text, wait + self.timeouts.reply, async {
            tokio::select! {
                () = stop.notified() => {}
                () = self.closing.notified() => {}
            }
        });
        let (asked, is_whole) = asked.await;
        if is_whole && asked.is_ok() {
            self.put_back(waiter);
        }
        if let Err(Ok(Ok(value))) = slot.fill(asked) {
            self.keep(&what, value);
        }
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

    fn keep(&self, what: &str, value: Value) {
        if value != Value::None {
            locked(&self.pool).late.entry(what.to_owned()).or_default().push_back(value);
        }
    }

    /// What came too late for an earlier wait.
    pub(super) fn late(&self, what: &str) -> Option<Value> {
        let mut pool = locked(&self.pool);
        let value = pool.late.get_mut(what)?.pop_front();
        pool.late.retain(|_, values| !values.is_empty());
        value
    }

    fn kept(&self, what: &str) -> Result<Kept, Error> {
        if let Some(value) = self.late(what) {
            return Ok(Kept::Late(value));
        }
        let mut pool = locked(&self.pool);
        if pool.closed {
            return Err(closed());
        }
        let stale: Vec<Waiter> = pool.idle.extract_if(.., |waiter| waiter.used.elapsed() > STALE).collect();
        let kept = pool.idle.pop();
        drop(pool);
        stale.into_iter().for_each(Waiter::leave);
        Ok(kept.map_or(Kept::None, |waiter| Kept::Waiter(Box::new(waiter))))
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

enum Kept {
    Late(Value),
    Waiter(Box<Waiter>),
    None,
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
        waiter.reply(deadline).await??;
        Ok(waiter)
    }

    /// The reply, and whether the connection can be used again. When `stop` is done nothing more is sent, so that the
    /// server ends the wait; what it says then is read all the same.
    async fn ask(
        &mut self,
        text: &str,
        time: Duration,
        stop: impl Future<Output = ()>,
    ) -> (Result<Reply, Error>, bool) {
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

    /// May be given up and begun again: a line that has come is not lost.
    async fn reply(&mut self, deadline: Instant) -> Result<Reply, Error> {
        loop {
            match parse_line(&self.lines.expect(deadline).await?)? {
                Line::Message(_) => {}
                Line::Reply(Err(error)) if is_farewell(&error) => {
                    return Err(io::Error::new(ErrorKind::ConnectionAborted, error.to_string()).into());
                }
                Line::Reply(reply) => return Ok(reply),
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
