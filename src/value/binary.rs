//! A value as bytes on the disk.

use super::Value;

/// Bytes that are no value.
#[derive(Debug, thiserror::Error)]
#[error("the stored bytes are no value")]
pub struct DecodeError;

/// The bytes of a value.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    super::repr(value).into_bytes()
}

/// The value of these bytes.
///
/// # Errors
/// Where the bytes were not written by [`encode`].
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    std::str::from_utf8(bytes).map(Value::from).map_err(|_| DecodeError)
}
