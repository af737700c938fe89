//! Handlers of messages and of what becomes of the connection, in tasks.
//!
//! Owns the handlers and the one task that calls them, in the order in which the messages came, one after the other: a
//! handler may take its time and may use the session as it likes, for the task that serves the connection is another.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};

use super::handle::{Inner, Session};
use super::link::Link;
use crate::Error;
use crate::session::router::{Interest, Job};
use crate::session::slot::{Waited, locked};
use crate::session::{HandlerId, Message, Reconnected};

type Done = Pin<Box<dyn Future<Output = ()> + Send>>;
type Handler<T> = Arc<Mutex<dyn FnMut(Session, T) -> Done + Send>>;

/// The handlers of one session.
#[derive(Default)]
pub(super) struct Handlers(Mutex<Table>);

#[derive(Default)]
struct Table {
    messages: HashMap<u64, Handler<Message>>,
    reconnect: Vec<Handler<Reconnected>>,
    is_running: bool,
}

/// Handlers. They are called one after the other, by one task, and are given the session, so that they need not hold
/// it: one that did would keep it open for ever.
impl Session {
    /// Calls the handler for each message whose event matches the pattern; `*` for those, with an event or without,
    /// that no other handler wants. Messages that wait already are handled too; one that somebody waits for with
    /// [`Session::recv_event`] at the moment it comes is theirs.
    ///
    /// ```no_run
    /// # async fn example(session: share_client::nonblocking::Session) -> Result<(), share_client::Error> {
    /// session.join("garden").await?;
    /// session.on("rain", async |session, message| {
    ///     let _ = session.send(&message.from, "thank you").await;
    /// }).await?;
    /// session.on("*", async |_, message| println!("{:?} from {}", message.event, message.from)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As every call; `limit` for a pattern that is too long.
    pub async fn on<F>(
        &self,
        event: &str,
        handler: impl FnMut(Session, Message) -> F + Send + 'static,
    ) -> Result<HandlerId, Error>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.handle(Interest::handler(event)?, handler).await
    }

    /// Calls the handler for each message without an event.
    ///
    /// # Errors
    /// As every call.
    pub async fn on_message<F>(
        &self,
        handler: impl FnMut(Session, Message) -> F + Send + 'static,
    ) -> Result<HandlerId, Error>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.handle(Interest::Plain, handler).await
    }

    /// Calls the handler whenever a lost connection is back.
    pub fn on_reconnect<F>(&self, mut handler: impl FnMut(Session, Reconnected) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let boxed = move |session, news| -> Done { Box::pin(handler(session, news)) };
        locked(&self.inner.handlers.0).reconnect.push(Arc::new(Mutex::new(boxed)));
        self.start_calling();
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

    async fn handle<F>(
        &self,
        interest: Interest,
        mut handler: impl FnMut(Session, Message) -> F + Send + 'static,
    ) -> Result<HandlerId, Error>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let boxed = move |session, message| -> Done { Box::pin(handler(session, message)) };
        let id = {
            // Held over both, so that no job comes before its handler is there.
            let mut table = locked(&self.inner.handlers.0);
            let id = self.inner.link.shared.router.handle(interest);
            table.messages.insert(id, Arc::new(Mutex::new(boxed)));
            id
        };
        self.start_calling();
        self.inner.link.listen().await?;
        Ok(HandlerId(id))
    }

    fn start_calling(&self) {
        let mut table = locked(&self.inner.handlers.0);
        if !table.is_running {
            tokio::spawn(call_handlers(Arc::downgrade(&self.inner), Arc::clone(&self.inner.link)));
            table.is_running = true;
        }
    }
}

/// Does one job after the other until the session is over.
async fn call_handlers(inner: Weak<Inner>, link: Arc<Link>) {
    while let Waited::Value(job) = link.shared.router.job().await {
        let Some(inner) = inner.upgrade() else { return };
        let session = Session { inner };
        match job {
            Job::Handle(message, ids) => {
                let found: Vec<Handler<Message>> = {
                    let table = locked(&session.inner.handlers.0);
                    ids.iter().filter_map(|id| table.messages.get(id).cloned()).collect()
                };
                if found.is_empty() {
                    // They were taken away meanwhile.
                    link.shared.router.give_back(message);
                    continue;
                }
                for handler in found {
                    contained(handler, session.clone(), message.clone()).await;
                }
            }
            Job::Tell(news) => {
                let found = locked(&session.inner.handlers.0).reconnect.clone();
                for handler in found {
                    contained(handler, session.clone(), news.clone()).await;
                }
            }
        }
    }
}

/// A handler that panics ends itself, not the others; the panic was printed.
async fn contained<T: Send + 'static>(handler: Handler<T>, session: Session, what: T) {
    let call = tokio::spawn(async move {
        let done = (locked(&handler))(session, what);
        done.await;
    });
    let _ = call.await;
}
