//! A watch: changes of registry keys, as they come.
//!
//! Owns the end of the stream: the last of a pattern takes the watch away on the server too.

use std::marker::PhantomData;
use std::time::{Duration, Instant};

use serde_core::de::DeserializeOwned;

use super::Session;
use super::map::Keys;
use super::router::Seen;
use super::shared::Manner;
use super::slot::Waited;
use crate::call::Call;
use crate::wire::Pattern;
use crate::{Error, from_value};

/// A change of a watched key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// The key.
    pub key: String,
    /// Its new value; nothing where it was deleted, or expired, or set to None.
    pub value: Option<T>,
}

/// Changes of the keys that match a pattern: [`Map::watch`](super::Map::watch). As an iterator it waits for each, and
/// ends with the session. Values come as the JSON wire shows them; `T` says what they are.
///
/// More than 10,000 that nobody takes, or 16 MiB, are too many: the oldest are dropped, and the next item is an error
/// that says how many.
#[derive(Debug)]
pub struct Watch<T> {
    session: Session,
    id: u64,
    pattern: String,
    keys: Keys,
    values: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Watch<T> {
    pub(super) fn open(session: &Session, pattern: &str, keys: Keys) -> Result<Watch<T>, Error> {
        let compiled = Pattern::new(pattern)?;
        let link = &session.inner.link;
        link.listen()?;
        // From here on nothing can come that is not for this watch too; and what fails takes it away again.
        let id = link.shared.router.watch(compiled);
        link.shared.remember(|memory| *memory.watches.entry(pattern.to_owned()).or_default() += 1);
        let watch =
            Watch { session: session.clone(), id, pattern: pattern.to_owned(), keys, values: PhantomData };
        session.inner.link.ask(&Call::new("watch").arg(session.id()).arg(pattern).text(), Manner::Again)?;
        Ok(watch)
    }

    /// The next change, waiting for one; nothing where none came in time.
    ///
    /// # Errors
    /// [`Error::Closed`] where the session is over, [`Error::Protocol`] where the value is of another type, or where
    /// changes were dropped because nobody took them.
    pub fn next_within(&mut self, wait: Duration) -> Result<Option<Change<T>>, Error> {
        self.wait(Some(Instant::now() + wait))
    }

    fn wait(&mut self, deadline: Option<Instant>) -> Result<Option<Change<T>>, Error> {
        let shared = &self.session.inner.link.shared;
        match shared.router.change(self.id).wait(deadline) {
            Waited::Value(seen) => change(seen, &self.keys).map(Some),
            Waited::Over => Ok(None),
            Waited::Closed => Err(shared.closed()),
        }
    }
}

/// A change as the program sees it.
pub(crate) fn change<T: DeserializeOwned>(seen: Seen, keys: &Keys) -> Result<Change<T>, Error> {
    match seen {
        Seen::Change { key, value } => Ok(Change { key: keys.shown(key), value: from_value(value)? }),
        Seen::Dropped(count) => {
            Err(Error::Protocol(format!("{count} changes were dropped because nobody took them")))
        }
    }
}

impl<T: DeserializeOwned> Iterator for Watch<T> {
    type Item = Result<Change<T>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.wait(None) {
            Ok(change) => change.map(Ok),
            Err(Error::Closed(_)) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        self.session.inner.link.end_watch(self.id, &self.pattern);
    }
}
