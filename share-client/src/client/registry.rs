//! The registry: one dictionary with dotted keys that all clients share.
//!
//! Owns no more than the calls. May use what `client` offers.

use std::time::Duration;

use super::{Client, seconds};
use crate::call::Call;
use crate::{Error, Value};

/// The registry. What may befall every call here: `value` for what cannot be a key, a pattern or a stored value,
/// `denied` for a change under `server.`, `limit` where something is full, and what may befall any request.
impl Client {
    /// Creates or replaces a key.
    ///
    /// # Errors
    /// As every call; `limit` where the registry is full.
    pub fn set_reg(&self, key: &str, value: impl Into<Value>) -> Result<(), Error> {
        self.ok(Call::new("setReg").arg(key).arg(value))
    }

    /// The same for a time: then the key is gone.
    ///
    /// # Errors
    /// As [`Client::set_reg`].
    pub fn set_reg_ttl(&self, key: &str, value: impl Into<Value>, ttl: Duration) -> Result<(), Error> {
        self.ok(Call::new("setReg").arg(key).arg(value).seconds(ttl))
    }

    /// The value of a key, or [`Value::None`].
    ///
    /// ```no_run
    /// # let server = share_client::Client::connect("127.0.0.1:2980")?;
    /// let temperature: f64 = server.get_reg("garden.temperature")?.try_into()?;
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// As every call.
    pub fn get_reg(&self, key: &str) -> Result<Value, Error> {
        self.typed(Call::new("getReg").arg(key))
    }

    /// The value of a key, or the one given.
    ///
    /// # Errors
    /// As every call.
    pub fn get_reg_or(&self, key: &str, default: impl Into<Value>) -> Result<Value, Error> {
        self.typed(Call::new("getReg").arg(key).arg(default))
    }

    /// Removes every key that matches, and says how many.
    ///
    /// # Errors
    /// As every call.
    pub fn delete(&self, pattern: &str) -> Result<u64, Error> {
        self.value(Call::new("delete").arg(pattern))?.try_into()
    }

    /// The keys that match, or all; sorted.
    ///
    /// # Errors
    /// As every call.
    pub fn keys(&self, pattern: Option<&str>) -> Result<Vec<String>, Error> {
        self.value(Call::new("keys").optional(pattern))?.try_into()
    }

    /// Adds to a key's number, atomically, and gives the new one. A missing key counts as 0.
    ///
    /// # Errors
    /// As every call; `type` where the value is no number.
    pub fn incr(&self, key: &str, by: impl Into<Value>) -> Result<Value, Error> {
        self.value(Call::new("incr").arg(key).arg(by))
    }

    /// Sets `new` if the value is `old`; whether it was.
    ///
    /// # Errors
    /// As every call.
    pub fn swap_reg(&self, key: &str, old: impl Into<Value>, new: impl Into<Value>) -> Result<bool, Error> {
        self.value(Call::new("swapReg").arg(key).arg(old).arg(new))?.try_into()
    }

    /// How long ago a key was last set; `None` where there is none.
    ///
    /// # Errors
    /// As every call.
    pub fn age(&self, key: &str) -> Result<Option<Duration>, Error> {
        match self.value(Call::new("age").arg(key))? {
            Value::None => Ok(None),
            age => seconds(age).map(Some),
        }
    }

    /// Waits until a key's value differs from `old`, and gives it; `old` itself where it did not in time.
    ///
    /// The waiting call shows a string bare, so the value is read with its type right after it: it may be newer
    /// than the one that ended the wait. Where it is `old` again by then, the wait goes on.
    ///
    /// # Errors
    /// As every call.
    pub fn wait_reg(&self, key: &str, old: impl Into<Value>, wait: Duration) -> Result<Value, Error> {
        let old = old.into();
        let changed = self.waiting(wait, |wait| {
            let waited =
                self.text(&Call::new("waitReg").arg(key).arg(old.clone()).seconds(wait).text(), wait);
            if let Err(error @ (Error::Io(_) | Error::Protocol(_))) = waited {
                return Err(error);
            }
            let value = self.get_reg(key)?;
            match waited {
                // A stored text that reads like an error is none.
                Err(error) if !matches!(&value, Value::Str(text) if text.starts_with("Error: ")) => {
                    Err(error)
                }
                _ => Ok(Some(value).filter(|value| *value != old)),
            }
        })?;
        Ok(changed.unwrap_or(old))
    }
}
