//! A watch, for tasks: changes of registry keys, as they come.
//!
//! Owns the end of the stream: the last of a pattern takes the watch away on the server too.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_core::Stream;
use serde_core::de::DeserializeOwned;

use super::Session;
use crate::Error;
use crate::call::Call;
use crate::session::Change;
use crate::session::map::Keys;
use crate::session::router::Seen;
use crate::session::shared::Manner;
use crate::session::slot::{Slot, Waited};
use crate::session::watch::change;
use crate::wire::Pattern;

/// Changes of the keys that match a pattern: [`Map::watch`](super::Map::watch). It ends with the session. Values come
/// as the JSON wire shows them; `T` says what they are.
///
/// More than 10,000 that nobody takes, or 16 MiB, are too many: the oldest are dropped, and the next item is an error
/// that says how many.
#[derive(Debug)]
pub struct Watch<T> {
    session: Session,
    id: u64,
    pattern: String,
    keys: Keys,
    next: Option<Slot<Seen>>,
    values: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Watch<T> {
    pub(super) async fn open(session: &Session, pattern: &str, keys: Keys) -> Result<Watch<T>, Error> {
        let compiled = Pattern::new(pattern)?;
        let link = &session.inner.link;
        link.listen().await?;
        // From here on nothing can come that is not for this watch too; and what fails takes it away again.
        let id = link.shared.router.watch(compiled);
        link.shared.remember(|memory| *memory.watches.entry(pattern.to_owned()).or_default() += 1);
        let (session, pattern) = (session.clone(), pattern.to_owned());
        let watch = Watch { session, id, pattern, keys, next: None, values: PhantomData };
        let call = watch.session.own("watch").arg(watch.pattern.as_str());
        watch.session.inner.link.ask(&Call::text(call), Manner::Again).await?;
        Ok(watch)
    }

    /// The next change, waiting for it; nothing where the session is over.
    ///
    /// # Errors
    /// [`Error::Protocol`] where the value is of another type, or where changes were dropped because nobody took them.
    pub async fn next(&mut self) -> Option<Result<Change<T>, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next change, waiting for one; nothing where none came in time.
    ///
    /// # Errors
    /// As [`Watch::next`]; [`Error::Closed`] where the session is over.
    pub async fn next_within(&mut self, wait: Duration) -> Result<Option<Change<T>>, Error> {
        let deadline = Instant::now() + wait;
        match tokio::time::timeout_at(deadline.into(), self.next()).await {
            Ok(Some(change)) => change.map(Some),
            Ok(None) => Err(self.session.inner.link.shared.closed()),
            Err(_) => Ok(None),
        }
    }
}

impl<T: DeserializeOwned> Stream for Watch<T> {
    type Item = Result<Change<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Watch { session, id, next, keys, .. } = &mut *self;
        let slot = next.get_or_insert_with(|| session.inner.link.shared.router.change(*id));
        let waited = std::task::ready!(Pin::new(slot).poll(context));
        *next = None;
        Poll::Ready(match waited {
            Waited::Value(seen) => Some(change(seen, keys)),
            Waited::Over | Waited::Closed => None,
        })
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        self.session.inner.link.end_watch(self.id, &self.pattern);
    }
}
