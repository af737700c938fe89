//! The registry as a map: all of it, or one client's own part.
//!
//! Owns no more than the calls; a key that a client owns begins `client.ID.`, which the map adds and takes away.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::shared::Manner;
use super::{Session, Watch};
use crate::call::Call;
use crate::{Error, Kind, Value, from_value, to_value};

/// So many values are asked for at once where a map is gone through.
pub(crate) const BATCH: usize = 64;

/// The shared registry ([`Session::globals`]), or one client's own dict in it ([`Session::local`],
/// [`Peer::local`](super::Peer::local)). Values are of any serde type.
///
/// ```no_run
/// # let session = share_client::Session::connect("127.0.0.1:2980")?;
/// let globals = session.globals();
/// globals.set("garden.limits", &(5, 31.5))?;
/// let limits: Option<(i64, f64)> = globals.get("garden.limits")?;
/// for entry in globals.iter::<share_client::Value>("garden.*")? {
///     let (key, value) = entry?;
///     println!("{key} = {value}");
/// }
/// # Ok::<(), share_client::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Map {
    session: Session,
    keys: Keys,
}

/// What may befall every call here, beside what may befall every call of a session: `value` for what cannot be a key,
/// a pattern or a stored value, `denied` for a change under `server.`, `limit` where something is full, `state` where
/// the client that owns the map is gone; [`Error::Protocol`] where a value is of another type than asked for.
impl Map {
    pub(super) fn new(session: Session, owner: Option<&str>) -> Map {
        Map { session, keys: Keys::of(owner) }
    }

    /// The value of a key; nothing where there is none. A key that holds None reads as none, which
    /// [`Map::contains`] can tell.
    ///
    /// # Errors
    /// As every call.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        from_value(self.session.typed(&self.keys.call("getReg", key), Manner::Again)?)
    }

    /// Creates or replaces a key.
    ///
    /// # Errors
    /// As every call.
    pub fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.session.change(&self.keys.call("setReg", key).arg(to_value(value)?))
    }

    /// The same for a time: then the key is gone.
    ///
    /// # Errors
    /// As every call.
    pub fn set_for<T: Serialize + ?Sized>(&self, key: &str, value: &T, time: Duration) -> Result<(), Error> {
        self.session.change(&self.keys.call("setReg", key).arg(to_value(value)?).seconds(time))
    }

    /// Removes a key, and gives the value that it had.
    ///
    /// # Errors
    /// As every call.
    pub fn remove<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        from_value(self.session.typed(&self.keys.call("MyData.pop", key).arg(Value::None), Manner::Once)?)
    }

    /// Removes every key that matches, and says how many.
    ///
    /// # Errors
    /// As every call.
    pub fn remove_matching(&self, pattern: &str) -> Result<u64, Error> {
        self.session.run(&self.keys.call("delete", pattern.trim()).text())?.try_into()
    }

    /// Whether there is such a key.
    ///
    /// # Errors
    /// As every call.
    pub fn contains(&self, key: &str) -> Result<bool, Error> {
        from_value(self.session.literal(&self.keys.contains(key), Manner::Again)?)
    }

    /// The keys that match, sorted.
    ///
    /// # Errors
    /// As every call.
    pub fn keys(&self, pattern: &str) -> Result<Vec<String>, Error> {
        let keys: Vec<String> = self.session.read(&self.keys.call("keys", pattern.trim()))?;
        Ok(keys.into_iter().map(|key| self.keys.shown(key)).collect())
    }

    /// Goes through the keys that match, in order, with their values. The values are fetched as they are asked for, so
    /// that each is of that moment; a key that is gone by then is left out.
    ///
    /// # Errors
    /// As every call.
    pub fn iter<T: DeserializeOwned>(&self, pattern: &str) -> Result<Entries<T>, Error> {
        Ok(Entries {
            map: self.clone(),
            keys: self.keys(pattern)?.into(),
            batch: VecDeque::new(),
            values: PhantomData,
        })
    }

    /// Adds to a key's number, atomically, and gives the new one. A missing key counts as 0.
    ///
    /// # Errors
    /// As every call; `type` where the value is no number.
    pub fn incr<T: Serialize + DeserializeOwned>(&self, key: &str, by: &T) -> Result<T, Error> {
        from_value(self.session.typed(&self.keys.call("incr", key).arg(to_value(by)?), Manner::Once)?)
    }

    /// Sets `new` if the value is `old`, atomically; whether it was. A missing key's value is None.
    ///
    /// # Errors
    /// As every call.
    pub fn swap<O, N>(&self, key: &str, old: &O, new: &N) -> Result<bool, Error>
    where
        O: Serialize + ?Sized,
        N: Serialize + ?Sized,
    {
        let call = self.keys.call("swapReg", key).arg(to_value(old)?).arg(to_value(new)?);
        self.session.run(&call.text())?.try_into()
    }

    /// How long ago a key was last set; nothing where there is none.
    ///
    /// # Errors
    /// As every call.
    pub fn age(&self, key: &str) -> Result<Option<Duration>, Error> {
        let seconds: Option<f64> = self.session.read(&self.keys.call("age", key))?;
        seconds.map(|seconds| crate::client::seconds(Value::Float(seconds))).transpose()
    }

    /// Waits until a key's value differs from `old`, and gives it; `old` itself, or what it is by then, where it did
    /// not in time.
    ///
    /// # Errors
    /// As every call.
    pub fn wait_change<T: DeserializeOwned>(
        &self,
        key: &str,
        old: &(impl Serialize + ?Sized),
        wait: Duration,
    ) -> Result<Option<T>, Error> {
        let (deadline, old) = (Instant::now() + wait, to_value(old)?);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // What ends the wait comes as JSON; with its type it is read right after.
            let call = |time| self.keys.call("waitReg", key).arg(old.clone()).seconds(time);
            let _ = self.session.waiting(Instant::now() + left.min(super::waiters::PIECE), call, |_| true)?;
            let value = self.session.typed(&self.keys.call("getReg", key), Manner::Again)?;
            if value != old || Instant::now() >= deadline {
                return from_value(value);
            }
        }
    }

    /// Every later change of a matching key, as they come.
    ///
    /// ```no_run
    /// # let session = share_client::Session::connect("127.0.0.1:2980")?;
    /// for change in session.globals().watch::<f64>("garden.*")? {
    ///     let change = change?;
    ///     match change.value {
    ///         Some(value) => println!("{} is {value}", change.key),
    ///         None => println!("{} is gone", change.key),
    ///     }
    /// }
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// As every call; `limit` where the client watches too much.
    pub fn watch<T: DeserializeOwned>(&self, pattern: &str) -> Result<Watch<T>, Error> {
        Watch::open(&self.session, &self.keys.key(pattern.trim()), self.keys.clone())
    }
}

/// What everything of this client begins with.
pub(crate) fn own_prefix(id: &str) -> String {
    format!("client.{id}.")
}

/// How a map's keys are called on the server.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
}

impl Keys {
    /// All keys, or those of one client's own.
    pub(crate) fn of(owner: Option<&str>) -> Keys {
        Keys { prefix: owner.map_or(String::new(), own_prefix) }
    }

    /// A key, or a pattern, as the server knows it.
    pub(crate) fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// A key as the map shows it.
    pub(crate) fn shown(&self, key: String) -> String {
        match key.strip_prefix(&self.prefix) {
            Some(rest) => rest.to_owned(),
            None => key,
        }
    }

    /// A call whose first argument is a key or a pattern.
    pub(crate) fn call(&self, function: &str, key: &str) -> Call {
        Call::new(function).arg(self.key(key))
    }

    /// Whether there is such a key.
    pub(crate) fn contains(&self, key: &str) -> String {
        format!("repr({} in MyData)", Value::Str(self.key(key)).to_expression())
    }

    /// Those of the keys that are still there, with their values, of one moment.
    pub(crate) fn batch<'a>(&self, keys: impl Iterator<Item = &'a String>) -> String {
        let keys = Value::List(keys.map(|key| Value::Str(self.key(key))).collect()).to_expression();
        format!("repr([(k, MyData[k]) for k in {keys} if k in MyData])")
    }
}

/// How many values to ask for where so many at once came to this error; nothing where fewer would not help.
pub(crate) fn smaller_batch(count: usize, error: &Error) -> Option<usize> {
    (count > 1 && error.kind() == Some(Kind::Limit)).then(|| count.div_ceil(4))
}

/// The entries of a map that match a pattern: [`Map::iter`].
#[derive(Debug)]
pub struct Entries<T> {
    map: Map,
    keys: VecDeque<String>,
    batch: VecDeque<(String, Value)>,
    values: PhantomData<fn() -> T>,
}

impl<T> Entries<T> {
    /// Fetches values until there are some, or no keys left: as many at once as fit into one reply.
    fn fetch(&mut self) -> Result<(), Error> {
        let mut count = BATCH;
        while self.batch.is_empty() && !self.keys.is_empty() {
            count = count.min(self.keys.len());
            let text = self.map.keys.batch(self.keys.iter().take(count));
            match self.map.session.literal(&text, Manner::Again) {
                Ok(found) => {
                    self.keys.drain(..count);
                    for (key, value) in from_value::<Vec<(String, Value)>>(found)? {
                        self.batch.push_back((self.map.keys.shown(key), value));
                    }
                }
                Err(error) => match smaller_batch(count, &error) {
                    Some(smaller) => count = smaller,
                    None => {
                        self.keys.clear();
                        return Err(error);
                    }
                },
            }
        }
        Ok(())
    }
}

impl<T: DeserializeOwned> Iterator for Entries<T> {
    type Item = Result<(String, T), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Err(error) = self.fetch() {
            return Some(Err(error));
        }
        let (key, value) = self.batch.pop_front()?;
        Some(from_value(value).map(|value| (key, value)))
    }
}
