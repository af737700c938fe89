//! Connections for calls that wait on the server.
//!
//! A session's lines are answered in order, so that a `get('q', 60)` would hold up every line behind it. So what waits
//! does so over a connection of its own: a session of another, nameless client, kept for the next wait. The server
//! parks it at no cost, and hands over an item the moment it comes.
//!
//! Owns these connections. An item that comes to a wait which is being ended is not lost: the connection is closed on
//! this side first, and read to its end.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::line::{Line, Reply, parse_line};
use super::lines::{Lines, Wire};
use super::memory::{granted, greeting, is_end_of_server, is_farewell};
use super::options::SessionOptions;
use super::slot::locked;
use crate::call::Call;
use crate::{Error, Timeouts, Value};

/// One wait is asked for in pieces of this length, so that a server that is gone is noticed in between.
pub(crate) const PIECE: Duration = Duration::from_secs(60);
/// A connection that was not used for so long may have been lost on the way.
pub(crate) const STALE: Duration = Duration::from_secs(60);
/// The longest pause between two attempts to open one, where the server cannot be reached for a while.
pub(crate) const PAUSE_MAX: Duration = Duration::from_millis(250);
/// So many are kept for the next wait.
pub(crate) const IDLE_MAX: usize = 4;

/// The connections of one session.
pub(super) struct Waiters {
    addresses: Vec<SocketAddr>,
    options: SessionOptions,
    pool: Mutex<Pool>,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Waiter>,
    /// Those that somebody waits on, to end them.
    busy: Vec<(u64, Wire)>,
    next: u64,
    closed: bool,
}

struct Waiter {
    wire: Wire,
    lines: Lines,
    used: Instant,
}

impl Waiters {
    pub(super) fn new(addresses: Vec<SocketAddr>, options: SessionOptions) -> Waiters {
        Waiters { addresses, options, pool: Mutex::default() }
    }

    /// The reply to a call that waits at most so long; None where the server ended before.
    pub(super) fn ask(&self, text: &str, wait: Duration) -> Result<Value, Error> {
        let mut waiter = match self.kept()? {
            Some(waiter) => waiter,
            None => self.open()?,
        };
        let Some(busy) = self.enter(&waiter) else {
            waiter.leave();
            return Err(closed());
        };
        let asked = waiter.ask(text, wait + self.options.timeouts.reply);
        let mut pool = locked(&self.pool);
        pool.busy.retain(|(id, _)| *id != busy);
        let was_closed = pool.closed;
        match asked {
            Ok(None) => Ok(Value::None),
            Ok(Some(reply)) => {
                waiter.used = Instant::now();
                if was_closed || pool.idle.len() >= IDLE_MAX {
                    drop(pool);
                    waiter.leave();
                } else {
                    pool.idle.push(waiter);
                }
                reply
            }
            Err(_) if was_closed => Err(closed()),
            Err(error) => Err(error),
        }
    }

    /// Ends every wait; what has come to one is still given to who waits.
    pub(super) fn close(&self) {
        let mut pool = locked(&self.pool);
        pool.closed = true;
        let (idle, busy) = (std::mem::take(&mut pool.idle), std::mem::take(&mut pool.busy));
        drop(pool);
        idle.into_iter().for_each(Waiter::leave);
        busy.into_iter().for_each(|(_, wire)| wire.finish());
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

    /// A new one. Nothing is asked yet, so where the server cannot be reached this tries again, as long as a reply may
    /// take.
    fn open(&self) -> Result<Waiter, Error> {
        let deadline = Instant::now() + self.options.timeouts.reply;
        let mut attempt = 0;
        loop {
            match Waiter::open(&self.addresses, self.options.timeouts) {
                Err(Error::Io(_)) if Instant::now() < deadline && !locked(&self.pool).closed => {
                    attempt += 1;
                    thread::sleep(self.options.pause(attempt).min(PAUSE_MAX));
                }
                opened => return opened,
            }
        }
    }

    fn enter(&self, waiter: &Waiter) -> Option<u64> {
        let mut pool = locked(&self.pool);
        if pool.closed {
            return None;
        }
        pool.next += 1;
        let id = pool.next;
        pool.busy.push((id, waiter.wire.clone()));
        Some(id)
    }
}

impl Waiter {
    fn open(addresses: &[SocketAddr], timeouts: Timeouts) -> Result<Waiter, Error> {
        let (wire, mut lines) = Wire::open(addresses, timeouts)?;
        // What is sent to everybody is not for this one: pushed, it is passed over and fills no inbox.
        wire.send([greeting(None).as_str(), Call::new("listen").text().as_str()])?;
        let deadline = Instant::now() + timeouts.reply;
        granted(&lines.expect(deadline)?)?;
        let mut waiter = Waiter { wire, lines, used: Instant::now() };
        match waiter.reply(deadline)? {
            Some(reply) => reply.map(|_| waiter),
            None => Err(io::Error::new(ErrorKind::ConnectionAborted, "the server ended").into()),
        }
    }

    fn ask(&mut self, text: &str, time: Duration) -> Result<Option<Reply>, Error> {
        self.wire.send([text])?;
        self.reply(Instant::now() + time)
    }

    /// The reply; nothing where the server says that it ends: then it has done nothing of what was asked.
    fn reply(&mut self, deadline: Instant) -> Result<Option<Reply>, Error> {
        loop {
            match parse_line(&self.lines.expect(deadline)?)? {
                Line::Message(_) => {}
                Line::Reply(Err(error)) if is_end_of_server(&error) => return Ok(None),
                Line::Reply(Err(error)) if is_farewell(&error) => {
                    return Err(io::Error::new(ErrorKind::ConnectionAborted, error.to_string()).into());
                }
                Line::Reply(reply) => return Ok(Some(reply)),
            }
        }
    }

    /// Frees the client that this was.
    fn leave(self) {
        let _ = self.wire.send([Call::new("exit").text().as_str()]);
        self.wire.finish();
    }
}

fn closed() -> Error {
    Error::Closed("the session was closed".to_owned())
}
