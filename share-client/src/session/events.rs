//! Handlers of messages and of what becomes of the connection.
//!
//! Owns the handlers and the one thread that calls them, in the order in which the messages came: a handler may take
//! its time and may use the session as it likes, for the thread that reads from the socket is another.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

use super::handle::{Inner, Session};
use super::line::Message;
use super::link::Link;
use super::memory::Reconnected;
use super::router::{Interest, Job};
use super::slot::{Waited, locked};
use crate::Error;

type OnMessage = Arc<Mutex<dyn FnMut(&Session, &Message) + Send>>;
type OnReconnect = Arc<Mutex<dyn FnMut(&Session, &Reconnected) + Send>>;

/// A handler, to be taken away again with [`Session::off`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandlerId(pub(crate) u64);

/// The handlers of one session.
#[derive(Default)]
pub(super) struct Handlers(Mutex<Table>);

#[derive(Default)]
struct Table {
    messages: HashMap<u64, OnMessage>,
    reconnect: Vec<OnReconnect>,
    is_running: bool,
}

/// Handlers. They are called one after the other, by one thread, and are given the session, so that they need not
/// hold it: one that did would keep it open for ever.
impl Session {
    /// Calls the handler for each message whose event matches the pattern; `*` for those, with an event or without,
    /// that no other handler wants. Messages that wait already are handled too; one that somebody waits for with
    /// [`Session::recv_event`] at the moment it comes is theirs.
    ///
    /// ```no_run
    /// # let session = share_client::Session::connect("127.0.0.1:2980")?;
    /// session.join("garden")?;
    /// session.on("rain", |session, message| {
    ///     let millimetres: f64 = message.read().unwrap_or_default();
    ///     let _ = session.send(&message.from, &format!("{millimetres} mm, thank you"));
    /// })?;
    /// session.on("*", |_, message| println!("{:?} from {}", message.event, message.from))?;
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// As every call; `limit` for a pattern that is too long.
    pub fn on(
        &self,
        event: &str,
        handler: impl FnMut(&Session, &Message) + Send + 'static,
    ) -> Result<HandlerId, Error> {
        self.handle(Interest::handler(event)?, handler)
    }

    /// Calls the handler for each message without an event.
    ///
    /// # Errors
    /// As every call.
    pub fn on_message(
        &self,
        handler: impl FnMut(&Session, &Message) + Send + 'static,
    ) -> Result<HandlerId, Error> {
        self.handle(Interest::Plain, handler)
    }

    /// Calls the handler whenever a lost connection is back.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn on_reconnect(
        &self,
        handler: impl FnMut(&Session, &Reconnected) + Send + 'static,
    ) -> Result<(), Error> {
        locked(&self.inner.handlers.0).reconnect.push(Arc::new(Mutex::new(handler)));
        self.start_calling()
    }

    /// Takes a handler away; whether it was there.
    pub fn off(&self, handler: HandlerId) -> bool {
        self.inner.link.shared.router.forget_handler(handler.0);
        locked(&self.inner.handlers.0).messages.remove(&handler.0).is_some()
    }

    /// How many messages were dropped because nobody took them: more than 10,000 of them, or 16 MiB, waited to be
    /// taken or for their handlers.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.inner.link.shared.router.dropped()
    }

    fn handle(
        &self,
        interest: Interest,
        handler: impl FnMut(&Session, &Message) + Send + 'static,
    ) -> Result<HandlerId, Error> {
        let id = {
            // Held over both, so that no job comes before its handler is there.
            let mut table = locked(&self.inner.handlers.0);
            let id = self.inner.link.shared.router.handle(interest);
            table.messages.insert(id, Arc::new(Mutex::new(handler)));
            id
        };
        self.start_calling()?;
        self.inner.link.listen()?;
        Ok(HandlerId(id))
    }

    fn start_calling(&self) -> Result<(), Error> {
        let mut table = locked(&self.inner.handlers.0);
        if !table.is_running {
            let (inner, link) = (Arc::downgrade(&self.inner), Arc::clone(&self.inner.link));
            thread::Builder::new()
                .name("share-handlers".to_owned())
                .spawn(move || call_handlers(&inner, &link))?;
            table.is_running = true;
        }
        Ok(())
    }
}

/// Does one job after the other until the session is over.
fn call_handlers(inner: &Weak<Inner>, link: &Link) {
    while let Waited::Value(job) = link.shared.router.job().wait(None) {
        let Some(inner) = inner.upgrade() else { return };
        let session = Session { inner };
        match job {
            Job::Handle(message, ids) => {
                let found: Vec<OnMessage> = {
                    let table = locked(&session.inner.handlers.0);
                    ids.iter().filter_map(|id| table.messages.get(id).cloned()).collect()
                };
                if found.is_empty() {
                    // They were taken away meanwhile.
                    link.shared.router.give_back(message);
                    continue;
                }
                for handler in found {
                    contained(|| (locked(&handler))(&session, &message));
                }
            }
            Job::Tell(news) => {
                let found = locked(&session.inner.handlers.0).reconnect.clone();
                for handler in found {
                    contained(|| (locked(&handler))(&session, &news));
                }
            }
        }
    }
}

/// A handler that panics ends itself, not the others; the panic was printed.
fn contained(call: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(call));
}
