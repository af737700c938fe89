//! Any serde type as a value, and back.
//!
//! Owns how Rust's types map to Python's: a struct or a map is a dict, a sequence a list, a tuple a tuple, `None` and
//! `()` are None, an enum is its variant's name or a dict of it. Reading goes by the type that is asked for, so that
//! nothing is lost where the wire is JSON: `"inf"` is a float to who wants a float, `{"bytes": "…"}` bytes to who
//! wants bytes, and a dict's keys are numbers to who wants numbers. Uses `wire`.

mod deserialize;
mod serialize;
mod value;

use std::fmt::Display;

use serde_core::de::DeserializeOwned;
use serde_core::{Serialize, de, ser};

use crate::{Error, Value};

/// By this name a [`Value`] knows its own serializer and deserializer, which keep what serde has no word for.
const LITERAL: &str = "$share_client::Value";

/// The value of anything that serde can serialize.
///
/// ```
/// use share_client::to_value;
///
/// let value = to_value(&("x", vec![1.0, f64::INFINITY], None::<bool>))?;
/// assert_eq!(value.repr(), "('x', [1.0, inf], None)");
/// # Ok::<(), share_client::Error>(())
/// ```
///
/// # Errors
/// For a whole number beyond 64 bits with a sign, and where the type's own `Serialize` fails.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Error> {
    value.serialize(serialize::ValueSerializer::default())
}

/// A value as any type that serde can deserialize.
///
/// ```
/// use share_client::{Value, from_value};
///
/// let value: Value = "{'low': 5, 'high': 31.5}".parse()?;
/// let limits: std::collections::BTreeMap<String, f64> = from_value(value)?;
/// assert_eq!(limits["low"], 5.0);
/// # Ok::<(), share_client::Error>(())
/// ```
///
/// # Errors
/// Where the value is of another type.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(deserialize::ValueDeserializer(value))
}

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Error {
        Error::Protocol(message.to_string())
    }
}

impl de::Error for Error {
    fn custom<T: Display>(message: T) -> Error {
        Error::Protocol(message.to_string())
    }
}

#[cfg(test)]
mod tests;
