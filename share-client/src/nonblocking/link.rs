//! The connection of a session, driven by a task.
//!
//! Owns the socket and the task that serves it; what it says and hears is `shared`'s. Any task may send; a reply comes
//! to whoever asked for it, and is dropped where nobody waits any more.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{Notify, mpsc};

use super::lines::{self, Lines};
use super::taking::Taking;
use crate::call::Call;
use crate::session::line::{Line, Message, Reply, parse_line};
use crate::session::memory::{granted, greeting, is_farewell, is_unknown};
use crate::session::options::{Identity, SessionOptions};
use crate::session::router::Interest;
use crate::session::shared::{Manner, Shared, Silence, Turn, check_line, no_reply};
use crate::session::slot::{Slot, Waited, locked};
use crate::{Client, Error, Value};

/// A session's connection.
pub(super) struct Link {
    pub(super) shared: Shared,
    pub(super) addresses: Vec<SocketAddr>,
    /// Held while a line takes its place in the order of replies and is handed to the task that sends.
    lines: Mutex<mpsc::UnboundedSender<String>>,
    /// The connection came back, or the session is over.
    changed: Notify,
    /// Ends the task.
    stop: Notify,
}

impl Link {
    /// Opens the session and starts the task that serves it.
    pub(super) async fn open(
        addresses: Vec<SocketAddr>,
        options: SessionOptions,
    ) -> Result<Arc<Link>, Error> {
        let timeouts = options.timeouts;
        let (id, name) = match &options.identity {
            Identity::New => (None, None),
            Identity::Id(id) => (Some(id.clone()), None),
            Identity::Name(name) => {
                let (addresses, wanted) = (addresses.clone(), name.clone());
                let found = tokio::task::spawn_blocking(move || {
                    Client::connect_with(addresses.as_slice(), timeouts)?.get_client_id(Some(&wanted))
                });
                let client = found.await.map_err(io::Error::other)??;
                (Some(client.id().to_owned()), Some(name.clone()))
            }
        };
        let (mut wire, mut lines) = lines::open(&addresses, timeouts).await?;
        lines::send(&mut wire, [greeting(id.as_deref()).as_str()]).await?;
        let id = granted(&lines.expect(Instant::now() + timeouts.reply).await?)?;
        let shared = Shared::new(options, id);
        shared.remember(|memory| memory.name = name);
        let (sender, receiver) = mpsc::unbounded_channel();
        let link = Arc::new(Link {
            shared,
            addresses,
            lines: Mutex::new(sender),
            changed: Notify::new(),
            stop: Notify::new(),
        });
        tokio::spawn(Arc::clone(&link).drive(wire, lines, receiver));
        Ok(link)
    }

    /// The reply to one line.
    pub(super) async fn ask(&self, text: &str, manner: Manner) -> Result<Value, Error> {
        let slot = self.send(text, manner).await?;
        let timeouts = self.shared.options.timeouts;
        match Taking::new(slot, drop).until(Instant::now() + timeouts.reply + timeouts.connect).await {
            Waited::Value(reply) => reply,
            Waited::Over => Err(no_reply()),
            Waited::Closed => Err(self.shared.closed()),
        }
    }

    /// Sends one line, as soon as there is a connection; the reply comes to the slot.
    pub(super) async fn send(&self, text: &str, manner: Manner) -> Result<Slot<Reply>, Error> {
        check_line(text)?;
        let deadline = Instant::now() + self.shared.options.timeouts.reply;
        loop {
            // Before the look, so that no change is missed in between.
            let changed = self.changed.notified();
            if let Some(slot) = self.send_at_once(text, manner)? {
                return Ok(slot);
            }
            if tokio::time::timeout_at(deadline.into(), changed).await.is_err() {
                let message = "the connection is lost and not yet back; nothing was sent";
                return Err(io::Error::new(ErrorKind::NotConnected, message).into());
            }
        }
    }

    /// The same; nothing is sent while the connection is lost.
    pub(super) fn send_at_once(&self, text: &str, manner: Manner) -> Result<Option<Slot<Reply>>, Error> {
        let lines = locked(&self.lines);
        let Turn::Send(slot) = self.shared.turn(text, manner)? else { return Ok(None) };
        // The task that receives ends only with the session, which tells all who wait.
        let _ = lines.send(text.to_owned());
        Ok(Some(slot))
    }

    /// Ends a watch: at once, or when the connection is back.
    pub(super) fn end_watch(&self, id: u64, pattern: &str) {
        let lines = locked(&self.lines);
        if let Some((text, Turn::Send(_))) = self.shared.turn_to_end_watch(id, pattern) {
            let _ = lines.send(text);
        }
    }

    /// Has messages pushed from now on.
    pub(super) async fn listen(&self) -> Result<(), Error> {
        if !self.shared.remember(|memory| memory.listening) {
            self.ask(&Call::new("listen").text(), Manner::Again).await?;
            self.shared.remember(|memory| memory.listening = true);
        }
        Ok(())
    }

    /// A message of interest, now or when it comes.
    pub(super) async fn receive(
        &self,
        interest: Interest,
        deadline: Instant,
    ) -> Result<Option<Message>, Error> {
        self.listen().await?;
        let slot = self.shared.router.receive(interest);
        match Taking::new(slot, |message| self.shared.router.give_back(message)).until(deadline).await {
            Waited::Value(message) => Ok(Some(message)),
            Waited::Over => Ok(None),
            Waited::Closed => Err(self.shared.closed()),
        }
    }

    /// Waits until the session is over, and says why.
    pub(super) async fn ended(&self) -> String {
        loop {
            let changed = self.changed.notified();
            if let Some(why) = self.shared.ended() {
                return why;
            }
            changed.await;
        }
    }

    /// Ends the session on this side.
    pub(super) fn close(&self) {
        self.shared.end("the session was closed");
        self.stop.notify_one();
        self.changed.notify_waiters();
    }

    /// Serves the connection until the session is over.
    async fn drive(
        self: Arc<Link>,
        mut wire: OwnedWriteHalf,
        mut lines: Lines,
        mut texts: mpsc::UnboundedReceiver<String>,
    ) {
        loop {
            let why = tokio::select! {
                why = self.read(&mut lines) => why,
                why = write(&mut wire, &mut texts) => why,
                () = self.stop.notified() => self.shared.closed(),
            };
            let goes_on = {
                let _order = locked(&self.lines);
                // What was not sent yet is among what is pending, and goes with it.
                while texts.try_recv().is_ok() {}
                self.shared.interrupted(&why)
            };
            self.changed.notify_waiters();
            if !goes_on {
                return;
            }
            drop((wire, lines));
            let back = tokio::select! {
                back = self.come_back() => back,
                () = self.stop.notified() => None,
            };
            self.changed.notify_waiters();
            match back {
                Some(next) => (wire, lines) = next,
                None => return,
            }
        }
    }

    /// Reads until the connection is over; why it is.
    async fn read(&self, lines: &mut Lines) -> Error {
        loop {
            let heard = match tokio::time::timeout(self.shared.patience(), lines.next()).await {
                Ok(Ok(Some(line))) => self.shared.hear(&line),
                Ok(Ok(None)) => return lines::end(),
                Ok(Err(error)) => Err(error),
                Err(_) => match self.shared.silence() {
                    Silence::Wait => Ok(()),
                    Silence::Ask => {
                        let asked = self.send_at_once(&Call::new("ping").text(), Manner::Again);
                        asked.map(|slot| slot.iter().for_each(|slot| drop(slot.abandon())))
                    }
                    Silence::Dead => return no_reply(),
                },
            };
            if let Err(error) = heard {
                return error;
            }
        }
    }

    /// Tries until the connection is back, or the session over.
    async fn come_back(&self) -> Option<(OwnedWriteHalf, Lines)> {
        let mut attempt = 0;
        let mut id = Some(self.shared.id());
        loop {
            tokio::time::sleep(self.shared.options.pause(attempt)).await;
            if self.shared.ended().is_some() {
                return None;
            }
            attempt = attempt.saturating_add(1);
            match self.try_to_come_back(id.as_deref(), attempt).await {
                Ok(connection) => return Some(connection),
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

    async fn try_to_come_back(
        &self,
        id: Option<&str>,
        attempts: u32,
    ) -> Result<(OwnedWriteHalf, Lines), Error> {
        let timeouts = self.shared.options.timeouts;
        let (mut wire, mut lines) = lines::open(&self.addresses, timeouts).await?;
        lines::send(&mut wire, [greeting(id).as_str()]).await?;
        let id = granted(&lines.expect(Instant::now() + timeouts.reply).await?)?;
        let restoration = self.shared.remember(|memory| memory.restoration(&id));
        lines::send(&mut wire, restoration.iter().map(|(_, line)| line.as_str())).await?;
        let mut replies = Vec::new();
        for (step, _) in restoration {
            let reply = loop {
                match parse_line(&lines.expect(Instant::now() + timeouts.reply).await?)? {
                    Line::Reply(Err(error)) if is_farewell(&error) => return Err(error),
                    Line::Reply(reply) => break reply,
                    Line::Message(message) => self.shared.router.deliver(message),
                }
            };
            replies.push((step, reply));
        }
        // Nobody sends before what is sent again.
        let held = locked(&self.lines);
        let (again, news) = self.shared.restored(id, replies, attempts);
        for again in again {
            let _ = held.send(again.text);
        }
        drop(held);
        self.shared.router.tell(news);
        Ok((wire, lines))
    }
}

/// Sends what is handed over, as much at once as there is; why that ended.
async fn write(wire: &mut OwnedWriteHalf, texts: &mut mpsc::UnboundedReceiver<String>) -> Error {
    let mut batch = Vec::new();
    while texts.recv_many(&mut batch, 256).await > 0 {
        if let Err(error) = lines::send(wire, batch.iter().map(String::as_str)).await {
            return error;
        }
        batch.clear();
    }
    Error::Closed("the session was closed".to_owned())
}

/// Waits a while, unless the session is over before.
pub(super) async fn pause(link: &Link, time: Duration) -> Result<(), Error> {
    let ended = link.ended();
    tokio::select! {
        _ = ended => Err(link.shared.closed()),
        () = tokio::time::sleep(time) => Ok(()),
    }
}
