//! A value as bytes on the disk: a tag, then its content; numbers little-endian, lengths as 32 bits.
//!
//! The tags are part of the journal's schema: one that was released keeps its meaning.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike};

use super::{DEPTH_MAX, Dict, Key, Set, Value};

/// Bytes that are no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored bytes are no value")]
pub struct DecodeError;

/// The bytes of a value. What lives only inside an expression is never stored; it would be written as None.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value);
    out
}

/// The value of these bytes.
///
/// # Errors
/// Where the bytes were not written by [`encode`].
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader { bytes };
    let value = reader.value(0)?;
    if reader.bytes.is_empty() { Ok(value) } else { Err(DecodeError) }
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::None | Value::Opaque(_) => out.push(b'N'),
        Value::Bool(truth) => out.push(if *truth { b'T' } else { b'F' }),
        Value::Int(number) => tagged(out, b'i', &number.to_le_bytes()),
        Value::Float(number) => tagged(out, b'f', &number.to_bits().to_le_bytes()),
        Value::Str(text) => sized(out, b's', text.as_bytes()),
        Value::Bytes(bytes) => sized(out, b'b', bytes),
        Value::List(items) => many(out, b'l', items.iter()),
        Value::Tuple(items) => many(out, b't', items.iter()),
        Value::Set(members) => many(out, b'S', members.iter().map(Key::value)),
        Value::FrozenSet(members) => many(out, b'Z', members.iter().map(Key::value)),
        Value::Dict(entries) => {
            out.push(b'd');
            length(out, entries.len());
            for (key, value) in entries.iter() {
                write(out, key.value());
                write(out, value);
            }
        }
        Value::DateTime(moment) => tagged(out, b'D', &moment.and_utc().timestamp_micros().to_le_bytes()),
        Value::Date(date) => tagged(out, b'y', &date.num_days_from_ce().to_le_bytes()),
        Value::Time(time) => {
            let micros = u64::from(time.num_seconds_from_midnight()) * 1_000_000
                + u64::from(time.nanosecond() / 1_000);
            tagged(out, b'h', &micros.to_le_bytes());
        }
        Value::Delta(delta) => {
            tagged(out, b'e', &delta.num_seconds().to_le_bytes());
            out.extend_from_slice(&delta.subsec_nanos().to_le_bytes());
        }
    }
}

fn tagged(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    out.extend_from_slice(bytes);
}

/// Lengths fit into 32 bits: limits keep every stored value far smaller.
fn length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn sized(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn many<'a>(out: &mut Vec<u8>, tag: u8, values: impl ExactSizeIterator<Item = &'a Value>) {
    out.push(tag);
    length(out, values.len());
    values.for_each(|value| write(out, value));
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(DecodeError)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.take(N)?.try_into().map_err(|_| DecodeError)
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| DecodeError)
    }

    fn sized(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.length()?;
        self.take(length)
    }

    fn many(&mut self, depth: usize) -> Result<Vec<Value>, DecodeError> {
        let length = self.length()?;
        // Damaged bytes may claim any length; what is not there is not allocated.
        let mut values = Vec::with_capacity(length.min(self.bytes.len()));
        for _ in 0..length {
            values.push(self.value(depth + 1)?);
        }
        Ok(values)
    }

    fn members(&mut self, depth: usize) -> Result<Arc<Set>, DecodeError> {
        let members: Result<Set, Value> = self.many(depth)?.into_iter().map(Key::new).collect();
        members.map(Arc::new).map_err(|_| DecodeError)
    }

    fn entries(&mut self, depth: usize) -> Result<Arc<Dict>, DecodeError> {
        let mut entries = Dict::new();
        for _ in 0..self.length()? {
            let key = Key::new(self.value(depth + 1)?).map_err(|_| DecodeError)?;
            entries.insert(key, self.value(depth + 1)?);
        }
        Ok(Arc::new(entries))
    }

    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        if depth > DEPTH_MAX + 1 {
            return Err(DecodeError);
        }
        let [tag] = self.array()?;
        Ok(match tag {
            b'N' => Value::None,
            b'T' => Value::Bool(true),
            b'F' => Value::Bool(false),
            b'i' => Value::Int(i64::from_le_bytes(self.array()?)),
            b'f' => Value::Float(f64::from_bits(u64::from_le_bytes(self.array()?))),
            b's' => Value::Str(Arc::from(std::str::from_utf8(self.sized()?).map_err(|_| DecodeError)?)),
            b'b' => Value::Bytes(Arc::from(self.sized()?)),
            b'l' => Value::list(self.many(depth)?),
            b't' => Value::tuple(self.many(depth)?),
            b'S' => Value::Set(self.members(depth)?),
            b'Z' => Value::FrozenSet(self.members(depth)?),
            b'd' => Value::Dict(self.entries(depth)?),
            b'y' => {
                let days = i32::from_le_bytes(self.array()?);
                Value::Date(NaiveDate::from_num_days_from_ce_opt(days).ok_or(DecodeError)?)
            }
            _ => self.moment(tag).ok_or(DecodeError)?,
        })
    }

    fn moment(&mut self, tag: u8) -> Option<Value> {
        let array = self.array();
        Some(match tag {
            b'D' => {
                Value::DateTime(DateTime::from_timestamp_micros(i64::from_le_bytes(array.ok()?))?.naive_utc())
            }
            b'h' => {
                let micros = u64::from_le_bytes(array.ok()?);
                let seconds = u32::try_from(micros / 1_000_000).ok()?;
                let nanos = u32::try_from(micros % 1_000_000).ok()? * 1_000;
                Value::Time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?)
            }
            b'e' => {
                let nanos = i32::from_le_bytes(self.array().ok()?);
                let seconds = TimeDelta::try_seconds(i64::from_le_bytes(array.ok()?))?;
                Value::Delta(seconds.checked_add(&TimeDelta::nanoseconds(i64::from(nanos)))?)
            }
            _ => return None,
        })
    }
}
