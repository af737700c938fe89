//! The connection of a session, driven by a thread: lines out in the order of their replies, lines in, and back again
//! after it was lost.
//!
//! Owns the socket and the thread that reads it. Any thread may send; a reply comes to whoever asked for it.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, TryLockError};
use std::thread;
use std::time::Instant;

use super::line::{Line, Reply, parse_line};
use super::lines::{Came, Lines, Wire};
use super::memory::{granted, greeting, is_farewell, is_unknown};
use super::options::{Identity, SessionOptions};
use super::router::Interest;
use super::shared::{Manner, Shared, Silence, Turn, check_line, no_reply};
use super::slot::{Slot, Waited, locked};
use crate::call::Call;
use crate::{Client, Error, Value};

/// A session's connection.
pub(super) struct Link {
    pub(super) shared: Shared,
    pub(super) addresses: Vec<SocketAddr>,
    /// Held while a line takes its place in the order of replies and is sent.
    wire: Mutex<Wire>,
    /// The same socket for whoever ends the connection, who must not wait for one that sends.
    end: Mutex<Wire>,
}

impl Link {
    /// Opens the session and starts the thread that reads.
    pub(super) fn open(addresses: Vec<SocketAddr>, options: SessionOptions) -> Result<Arc<Link>, Error> {
        let timeouts = options.timeouts;
        let (id, name) = match &options.identity {
            Identity::New => (None, None),
            Identity::Id(id) => (Some(id.clone()), None),
            Identity::Name(name) => {
                let client =
                    Client::connect_with(addresses.as_slice(), timeouts)?.get_client_id(Some(name))?;
                (Some(client.id().to_owned()), Some(name.clone()))
            }
        };
        let (wire, mut lines) = Wire::open(&addresses, timeouts)?;
        wire.send([greeting(id.as_deref()).as_str()])?;
        let id = granted(&lines.expect(Instant::now() + timeouts.reply)?)?;
        let shared = Shared::new(options, id);
        shared.remember(|memory| memory.name = name);
        let link =
            Arc::new(Link { shared, addresses, end: Mutex::new(wire.clone()), wire: Mutex::new(wire) });
        let driver = Arc::clone(&link);
        thread::Builder::new().name("share-session".to_owned()).spawn(move || driver.drive(lines))?;
        Ok(link)
    }

    /// The reply to one line.
    pub(super) fn ask(&self, text: &str, manner: Manner) -> Result<Value, Error> {
        let slot = self.send(text, manner)?;
        let timeouts = self.shared.options.timeouts;
        match slot.wait(Some(Instant::now() + timeouts.reply + timeouts.connect)) {
            Waited::Value(reply) => reply,
            Waited::Over => Err(no_reply()),
            Waited::Closed => Err(self.shared.closed()),
        }
    }

    /// Sends one line; the reply comes to the slot.
    pub(super) fn send(&self, text: &str, manner: Manner) -> Result<Slot<Reply>, Error> {
        check_line(text)?;
        let deadline = Instant::now() + self.shared.options.timeouts.reply;
        loop {
            if let Some(slot) = self.send_at_once(text, manner)? {
                return Ok(slot);
            }
            if !self.shared.wait_until_up(deadline) {
                let message = "the connection is lost and not yet back; nothing was sent";
                return Err(io::Error::new(ErrorKind::NotConnected, message).into());
            }
        }
    }

    /// The same; nothing is sent while the connection is lost.
    pub(super) fn send_at_once(&self, text: &str, manner: Manner) -> Result<Option<Slot<Reply>>, Error> {
        let wire = locked(&self.wire);
        let Turn::Send(slot) = self.shared.turn(text, manner)? else { return Ok(None) };
        if wire.send([text]).is_err() {
            // Part of it may be on its way. The thread that reads notices, and tells all who wait.
            wire.close();
        }
        Ok(Some(slot))
    }

    /// Ends a watch: at once, or when the connection is back.
    pub(super) fn end_watch(&self, id: u64, pattern: &str) {
        let wire = locked(&self.wire);
        if let Some((text, Turn::Send(_))) = self.shared.turn_to_end_watch(id, pattern)
            && wire.send([text.as_str()]).is_err()
        {
            wire.close();
        }
    }

    /// Has messages pushed from now on.
    pub(super) fn listen(&self) -> Result<(), Error> {
        if !self.shared.remember(|memory| std::mem::replace(&mut memory.listening, true)) {
            let asked = self.ask(&Call::new("listen").text(), Manner::Again);
            if let Err(error) = asked {
                self.shared.remember(|memory| memory.listening = false);
                return Err(error);
            }
        }
        Ok(())
    }

    /// A message of interest, now or when it comes.
    pub(super) fn receive(
        &self,
        interest: Interest,
        deadline: Option<Instant>,
    ) -> Result<Option<super::Message>, Error> {
        self.listen()?;
        match self.shared.router.receive(interest).wait(deadline) {
            Waited::Value(message) => Ok(Some(message)),
            Waited::Over => Ok(None),
            Waited::Closed => Err(self.shared.closed()),
        }
    }

    /// Ends the session on this side.
    pub(super) fn close(&self) {
        self.shared.end("the session was closed");
        locked(&self.end).close();
    }

    /// Reads until the session is over.
    fn drive(&self, mut lines: Lines) {
        loop {
            let why = self.read(&mut lines);
            locked(&self.end).close();
            if !self.shared.interrupted(&why) {
                return;
            }
            match self.come_back() {
                Some(next) => lines = next,
                None => return,
            }
        }
    }

    /// Reads until the connection is over; why it is.
    fn read(&self, lines: &mut Lines) -> Error {
        loop {
            let heard = match lines.next(Instant::now() + self.shared.patience()) {
                Ok(Came::Line(line)) => self.shared.hear(&line),
                Ok(Came::End) => {
                    let message = "the server closed the connection";
                    return io::Error::new(ErrorKind::UnexpectedEof, message).into();
                }
                Ok(Came::Nothing) => match self.shared.silence() {
                    Silence::Wait => Ok(()),
                    Silence::Ask => self.ask_for_life(),
                    Silence::Dead => return no_reply(),
                },
                Err(error) => Err(error),
            };
            if let Err(error) = heard {
                return error;
            }
        }
    }

    /// Asks whether the server is there, unless somebody is sending something just now: this thread must not wait for
    /// those that send.
    fn ask_for_life(&self) -> Result<(), Error> {
        let wire = match self.wire.try_lock() {
            Ok(wire) => wire,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        let text = Call::new("ping").text();
        match self.shared.turn(&text, Manner::Once)? {
            Turn::Send(slot) => {
                slot.abandon();
                wire.send([text.as_str()])
            }
            Turn::Wait => Ok(()),
        }
    }

    /// Tries until the connection is back, or the session over.
    fn come_back(&self) -> Option<Lines> {
        let mut attempt = 0;
        let mut id = Some(self.shared.id());
        loop {
            if !self.shared.pause(self.shared.options.pause(attempt)) {
                return None;
            }
            attempt = attempt.saturating_add(1);
            match self.try_to_come_back(id.as_deref(), attempt) {
                Ok(lines) => return Some(lines),
                Err(error) if id.is_some() && is_unknown(&error) => {
                    // The server has forgotten the client: the next attempt takes a new one, at once.
                    id = None;
                    attempt = attempt.saturating_sub(1);
                }
                Err(error) => {
                    if !self.shared.tries_again(&error) {
                        return None;
                    }
                }
            }
        }
    }

    fn try_to_come_back(&self, id: Option<&str>, attempts: u32) -> Result<Lines, Error> {
        let timeouts = self.shared.options.timeouts;
        let (wire, mut lines) = Wire::open(&self.addresses, timeouts)?;
        wire.send([greeting(id).as_str()])?;
        let id = granted(&lines.expect(Instant::now() + timeouts.reply)?)?;
        let restoration = self.shared.remember(|memory| memory.restoration(&id));
        wire.send(restoration.iter().map(|(_, line)| line.as_str()))?;
        let mut replies = Vec::new();
        for (step, _) in restoration {
            let reply = loop {
                match parse_line(&lines.expect(Instant::now() + timeouts.reply)?)? {
                    Line::Reply(Err(error)) if is_farewell(&error) => return Err(error),
                    Line::Reply(reply) => break reply,
                    Line::Message(message) => self.shared.router.deliver(message),
                }
            };
            replies.push((step, reply));
        }
        // Nobody sends before what is sent again.
        let mut held = locked(&self.wire);
        let (again, news) = self.shared.restored(id, replies, attempts);
        *locked(&self.end) = wire.clone();
        *held = wire;
        let sent = held.send(again.iter().map(|again| again.text.as_str()));
        if sent.is_err() {
            held.close();
        }
        drop(held);
        if self.shared.ended().is_some() {
            locked(&self.end).close();
        }
        self.shared.changed.notify_all();
        self.shared.router.tell(news);
        Ok(lines)
    }
}
