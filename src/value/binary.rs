//! A value as bytes on the disk.
//!
//! A tag byte, then the content: whole numbers as variable-length integers, text and byte strings with their
//! length before them, containers with their count. The form has no version of its own: the journal's schema
//! version covers it, so a tag never changes its meaning. Uses nothing but the value itself.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::{DEPTH_MAX, Dict, Key, Set, Value};

/// Bytes that are no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored bytes are no value")]
pub struct DecodeError;

/// The bytes of a value. Something that lives only inside an expression, which is never stored, is written as
/// None.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16);
    put(&mut bytes, value);
    bytes
}

/// The value of these bytes.
///
/// # Errors
/// Where the bytes were not written by [`encode`]: an unknown tag, a number out of its range, a key that is
/// none or comes twice, containers deeper than [`DEPTH_MAX`], bytes missing or left over.
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(0)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(DecodeError) }
}

const NONE: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const STR: u8 = 5;
const BYTES: u8 = 6;
const LIST: u8 = 7;
const TUPLE: u8 = 8;
const DICT: u8 = 9;
const SET: u8 = 10;
const FROZEN_SET: u8 = 11;
const DATE_TIME: u8 = 12;
const DATE: u8 = 13;
const TIME: u8 = 14;
const DELTA: u8 = 15;

/// What a container reserves before its members are read: a count on the disk may lie.
const RESERVE_MAX: usize = 256;

fn put(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::None | Value::Opaque(_) => bytes.push(NONE),
        Value::Bool(truth) => bytes.push(if *truth { TRUE } else { FALSE }),
        Value::Int(number) => {
            bytes.push(INT);
            put_signed(bytes, *number);
        }
        Value::Float(number) => {
            bytes.push(FLOAT);
            bytes.extend_from_slice(&number.to_bits().to_le_bytes());
        }
        Value::Str(text) => put_bytes(bytes, STR, text.as_bytes()),
        Value::Bytes(content) => put_bytes(bytes, BYTES, content),
        Value::List(items) => put_items(bytes, LIST, items),
        Value::Tuple(items) => put_items(bytes, TUPLE, items),
        Value::Dict(entries) => {
            bytes.push(DICT);
            put_unsigned(bytes, entries.len() as u64);
            for (key, value) in entries.iter() {
                put(bytes, key.value());
                put(bytes, value);
            }
        }
        Value::Set(members) => put_members(bytes, SET, members),
        Value::FrozenSet(members) => put_members(bytes, FROZEN_SET, members),
        Value::DateTime(moment) => {
            bytes.push(DATE_TIME);
            put_date(bytes, moment.date());
            put_time(bytes, moment.time());
        }
        Value::Date(date) => {
            bytes.push(DATE);
            put_date(bytes, *date);
        }
        Value::Time(time) => {
            bytes.push(TIME);
            put_time(bytes, *time);
        }
        Value::Delta(delta) => put_delta(bytes, *delta),
    }
}

fn put_unsigned(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

/// Zigzag: small numbers of either sign stay short.
fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put_unsigned(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn put_bytes(bytes: &mut Vec<u8>, tag: u8, content: &[u8]) {
    bytes.reserve(content.len() + 10);
    bytes.push(tag);
    put_unsigned(bytes, content.len() as u64);
    bytes.extend_from_slice(content);
}

fn put_items(bytes: &mut Vec<u8>, tag: u8, items: &[Value]) {
    bytes.push(tag);
    put_unsigned(bytes, items.len() as u64);
    for item in items {
        put(bytes, item);
    }
}

fn put_members(bytes: &mut Vec<u8>, tag: u8, members: &Set) {
    bytes.push(tag);
    put_unsigned(bytes, members.len() as u64);
    for member in members {
        put(bytes, member.value());
    }
}

fn put_date(bytes: &mut Vec<u8>, date: NaiveDate) {
    put_signed(bytes, i64::from(date.num_days_from_ce()));
}

fn put_time(bytes: &mut Vec<u8>, time: NaiveTime) {
    put_unsigned(bytes, u64::from(time.num_seconds_from_midnight()));
    put_unsigned(bytes, u64::from(time.nanosecond()));
}

fn put_delta(bytes: &mut Vec<u8>, delta: TimeDelta) {
    let (mut seconds, mut nanos) = (delta.num_seconds(), delta.subsec_nanos());
    if nanos < 0 {
        seconds -= 1;
        nanos += 1_000_000_000;
    }
    bytes.push(DELTA);
    put_signed(bytes, seconds);
    put_unsigned(bytes, u64::from(nanos.cast_unsigned()));
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// One value that stands in `depth` containers.
    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let tag = self.byte()?;
        if matches!(tag, LIST | TUPLE | DICT | SET | FROZEN_SET) && depth >= DEPTH_MAX {
            return Err(DecodeError);
        }
        Ok(match tag {
            NONE => Value::None,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int(self.signed()?),
            FLOAT => {
                let bits = self.take(8)?.try_into().map_err(|_| DecodeError)?;
                Value::Float(f64::from_bits(u64::from_le_bytes(bits)))
            }
            STR => Value::from(std::str::from_utf8(self.content()?).map_err(|_| DecodeError)?),
            BYTES => Value::Bytes(Arc::from(self.content()?)),
            LIST => Value::List(Arc::new(self.items(depth)?)),
            TUPLE => Value::Tuple(Arc::new(self.items(depth)?)),
            DICT => Value::Dict(Arc::new(self.entries(depth)?)),
            SET => Value::Set(Arc::new(self.members(depth)?)),
            FROZEN_SET => Value::FrozenSet(Arc::new(self.members(depth)?)),
            DATE_TIME => Value::DateTime(NaiveDateTime::new(self.date()?, self.time()?)),
            DATE => Value::Date(self.date()?),
            TIME => Value::Time(self.time()?),
            DELTA => {
                let seconds = self.signed()?;
                Value::Delta(TimeDelta::new(seconds, self.small()?).ok_or(DecodeError)?)
            }
            _ => return Err(DecodeError),
        })
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.rest.split_first().ok_or(DecodeError)?;
        self.rest = rest;
        Ok(*first)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(DecodeError)?;
        self.rest = rest;
        Ok(taken)
    }

    fn unsigned(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(DecodeError);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(DecodeError)
    }

    fn signed(&mut self) -> Result<i64, DecodeError> {
        let number = self.unsigned()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn small(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.unsigned()?).map_err(|_| DecodeError)
    }

    /// The length or count that comes next; every byte or member takes at least a byte, so a larger one lies.
    fn count(&mut self) -> Result<usize, DecodeError> {
        let count = usize::try_from(self.unsigned()?).map_err(|_| DecodeError)?;
        if count > self.rest.len() { Err(DecodeError) } else { Ok(count) }
    }

    fn content(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.count()?;
        self.take(length)
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Value>, DecodeError> {
        let count = self.count()?;
        let mut items = Vec::with_capacity(count.min(RESERVE_MAX));
        for _ in 0..count {
            items.push(self.value(depth + 1)?);
        }
        Ok(items)
    }

    fn entries(&mut self, depth: usize) -> Result<Dict, DecodeError> {
        let count = self.count()?;
        let mut entries = Dict::with_capacity(count.min(RESERVE_MAX));
        for _ in 0..count {
            let key = self.key(depth)?;
            let value = self.value(depth + 1)?;
            if entries.insert(key, value).is_some() {
                return Err(DecodeError);
            }
        }
        Ok(entries)
    }

    fn members(&mut self, depth: usize) -> Result<Set, DecodeError> {
        let count = self.count()?;
        let mut members = Set::with_capacity(count.min(RESERVE_MAX));
        for _ in 0..count {
            if !members.insert(self.key(depth)?) {
                return Err(DecodeError);
            }
        }
        Ok(members)
    }

    fn key(&mut self, depth: usize) -> Result<Key, DecodeError> {
        Key::new(self.value(depth + 1)?).map_err(|_| DecodeError)
    }

    fn date(&mut self) -> Result<NaiveDate, DecodeError> {
        let days = i32::try_from(self.signed()?).map_err(|_| DecodeError)?;
        NaiveDate::from_num_days_from_ce_opt(days).ok_or(DecodeError)
    }

    fn time(&mut self) -> Result<NaiveTime, DecodeError> {
        let seconds = self.small()?;
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, self.small()?).ok_or(DecodeError)
    }
}

#[cfg(test)]
mod tests;
