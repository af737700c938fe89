//! Queues: each item goes to exactly one getter.
//!
//! Owns no more than the calls. May use what `client` offers.

use std::time::Duration;

use super::Client;
use super::handle::whole;
use crate::call::Call;
use crate::{Error, Value};

/// An item that is handed out again unless it is done in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// Its number: what [`Client::done`] takes.
    pub number: u64,
    /// The item.
    pub value: Value,
}

/// The queues. What may befall every call here: `value` for what cannot be a queue's name, and what may befall
/// any request.
impl Client {
    /// Appends an item.
    ///
    /// # Errors
    /// As every call; `limit` where the queue is full.
    pub fn put(&self, queue: &str, value: impl Into<Value>) -> Result<(), Error> {
        self.ok(Call::new("put").arg(queue).arg(value))
    }

    /// The oldest item, removed; [`Value::None`] where there is none.
    ///
    /// # Errors
    /// As every call.
    pub fn get(&self, queue: &str) -> Result<Value, Error> {
        self.typed(Call::new("get").arg(queue))
    }

    /// The text of the oldest item, removed, waiting for one; `None` where none came.
    ///
    /// A call that waits answers on the one-shot wire as Python's `str()` shows the value: `'5'` and `5` are the
    /// same text, an item that is None or `'None'` is none, and one that reads `Error: KIND: …` is an error. Where an
    /// item's type matters, or where it must not be lost with the connection, [`Client::take`] keeps both.
    ///
    /// # Errors
    /// As every call; `state` where the queue is closed while it waits.
    pub fn get_wait(&self, queue: &str, wait: Duration) -> Result<Option<String>, Error> {
        self.waiting(wait, |wait| {
            let reply = self.text(&Call::new("get").arg(queue).seconds(wait).text(), wait)?;
            Ok(Some(reply).filter(|reply| reply != "None"))
        })
    }

    /// The oldest item, which is handed out again unless it is done in time; `None` where there is none.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # let server = share_client::Client::connect("127.0.0.1:2980")?;
    /// if let Some(job) = server.take("jobs", Duration::from_secs(60))? {
    ///     println!("{}", job.value);
    ///     server.done("jobs", job.number)?;
    /// }
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// As every call.
    pub fn take(&self, queue: &str, time: Duration) -> Result<Option<Taken>, Error> {
        let reply = self.value(Call::new("take").arg(queue).seconds(time))?;
        if reply == Value::None {
            return Ok(None);
        }
        let parts = <[Value; 2]>::try_from(Vec::<Value>::try_from(reply)?);
        let [number, value] = parts.map_err(|_| Error::Protocol("a taken item has two parts".to_owned()))?;
        Ok(Some(Taken { number: number.try_into()?, value }))
    }

    /// A taken item is done with: it is gone.
    ///
    /// # Errors
    /// `state` where no item of that number is taken.
    pub fn done(&self, queue: &str, number: u64) -> Result<(), Error> {
        self.ok(Call::new("done").arg(queue).arg(whole(number)?))
    }

    /// How many items wait.
    ///
    /// # Errors
    /// As every call.
    pub fn size(&self, queue: &str) -> Result<u64, Error> {
        self.value(Call::new("size").arg(queue))?.try_into()
    }

    /// The queues that match, or all.
    ///
    /// # Errors
    /// As every call.
    pub fn queues(&self, pattern: Option<&str>) -> Result<Vec<String>, Error> {
        self.value(Call::new("queues").optional(pattern))?.try_into()
    }

    /// Removes a queue and what is in it. Whoever waits on it is told that it is closed.
    ///
    /// # Errors
    /// As every call.
    pub fn drop_queue(&self, queue: &str) -> Result<(), Error> {
        // The contract leaves open what it answers.
        self.text(&Call::new("drop").arg(queue).text(), Duration::ZERO).map(drop)
    }
}
