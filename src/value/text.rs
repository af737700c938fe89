//! A value as Python's `str()` and `repr()` write it, to the letter of CPython 3.11.
//!
//! Owns how containers are written; the atoms are the codec's in `share_client::wire`. One writer appends to one
//! `String`, and stops where the text would exceed what was asked for.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use share_client::wire::{self, text};

use super::{DEPTH_MAX, Key, Set, Value, order};

/// Python's `str(value)`.
#[must_use]
pub fn str(value: &Value) -> String {
    let mut out = String::new();
    write_str(&mut out, value);
    out
}

/// Python's `repr(value)`.
#[must_use]
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(&mut out, value);
    out
}

/// `str(value)`, or `None` as soon as it is clear that it takes more than `bytes_max` bytes.
#[must_use]
pub fn str_bounded(value: &Value, bytes_max: usize) -> Option<String> {
    let mut out = String::new();
    Writer { out: &mut out, end: bytes_max }.str(value).ok()?;
    Some(out)
}

/// `repr(value)`, or `None` as soon as it is clear that it takes more than `bytes_max` bytes.
#[must_use]
pub fn repr_bounded(value: &Value, bytes_max: usize) -> Option<String> {
    let mut out = String::new();
    Writer { out: &mut out, end: bytes_max }.repr(value, 0).ok()?;
    Some(out)
}

/// Appends `str(value)`.
pub fn write_str(out: &mut String, value: &Value) {
    // Without a bound the writer never stops early.
    let _ = Writer { out, end: usize::MAX }.str(value);
}

/// Appends `repr(value)`.
pub fn write_repr(out: &mut String, value: &Value) {
    let _ = Writer { out, end: usize::MAX }.repr(value, 0);
}

/// The members of a set in the order in which its text shows them: sorted where all can be compared, else as
/// they were inserted.
#[must_use]
pub fn set_in_order(members: &Set) -> Vec<&Value> {
    let inserted: Vec<&Value> = members.iter().map(Key::value).collect();
    merge_sort(&inserted).unwrap_or(inserted)
}

/// A date as plain fields, for the codec.
#[must_use]
pub fn date_fields(date: NaiveDate) -> wire::Date {
    wire::Date { year: date.year(), month: date.month(), day: date.day() }
}

/// A time of day as plain fields, for the codec. A leap second shows as the last moment before it ends.
#[must_use]
pub fn time_fields(time: NaiveTime) -> wire::Time {
    let microsecond = (time.nanosecond() / 1_000).min(999_999);
    wire::Time { hour: time.hour(), minute: time.minute(), second: time.second(), microsecond }
}

/// A datetime as plain fields, for the codec.
#[must_use]
pub fn datetime_fields(moment: NaiveDateTime) -> wire::DateTime {
    wire::DateTime { date: date_fields(moment.date()), time: time_fields(moment.time()) }
}

/// A timedelta as Python normalises it, for the codec.
#[must_use]
pub fn delta_fields(delta: TimeDelta) -> wire::Delta {
    const DAY: i64 = 86_400;
    let microseconds = delta.subsec_nanos().div_euclid(1_000);
    let borrowed = i64::from(microseconds < 0);
    let seconds = delta.num_seconds() - borrowed;
    let narrow = |number: i64| u32::try_from(number).unwrap_or_default();
    wire::Delta {
        days: seconds.div_euclid(DAY),
        seconds: narrow(seconds.rem_euclid(DAY)),
        microseconds: narrow(i64::from(microseconds) + borrowed * 1_000_000),
    }
}

/// The text would exceed its bound.
struct TooLong;

type Written = Result<(), TooLong>;

struct Writer<'a> {
    out: &'a mut String,
    /// The length that the text may reach.
    end: usize,
}

impl Writer<'_> {
    fn str(&mut self, value: &Value) -> Written {
        match value {
            Value::Str(text) => self.push(text),
            Value::DateTime(moment) => self.atom(|out| datetime_fields(*moment).write_str(out)),
            Value::Date(date) => self.atom(|out| date_fields(*date).write_str(out)),
            Value::Time(time) => self.atom(|out| time_fields(*time).write_str(out)),
            Value::Delta(delta) => self.atom(|out| delta_fields(*delta).write_str(out)),
            _ => self.repr(value, 0),
        }
    }

    fn repr(&mut self, value: &Value, depth: usize) -> Written {
        match value {
            Value::None => self.push("None"),
            Value::Bool(truth) => self.push(if *truth { "True" } else { "False" }),
            Value::Int(number) => self.atom(|out| {
                let _ = std::fmt::Write::write_fmt(out, format_args!("{number}"));
            }),
            Value::Float(number) => self.atom(|out| text::write_float(out, *number)),
            Value::Str(string) => {
                // Nothing gets shorter by being quoted, so what cannot fit is not even written.
                self.room_for(string.len())?;
                self.atom(|out| text::write_quoted(out, string))
            }
            Value::Bytes(bytes) => {
                self.room_for(bytes.len())?;
                self.atom(|out| text::write_quoted_bytes(out, bytes))
            }
            Value::DateTime(moment) => self.atom(|out| datetime_fields(*moment).write_repr(out)),
            Value::Date(date) => self.atom(|out| date_fields(*date).write_repr(out)),
            Value::Time(time) => self.atom(|out| time_fields(*time).write_repr(out)),
            Value::Delta(delta) => self.atom(|out| delta_fields(*delta).write_repr(out)),
            Value::Opaque(opaque) => self.push(&opaque.repr()),
            Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) | Value::FrozenSet(_) => {
                self.container(value, depth)
            }
        }
    }

    fn container(&mut self, value: &Value, depth: usize) -> Written {
        // Nothing this deep is ever stored; what an expression builds for the moment is cut short as Python
        // cuts short a list that holds itself.
        if depth > DEPTH_MAX * 2 {
            return self.push("...");
        }
        match value {
            Value::List(items) => self.items("[", items.iter(), "]", depth),
            Value::Tuple(items) => {
                let close = if items.len() == 1 { ",)" } else { ")" };
                self.items("(", items.iter(), close, depth)
            }
            Value::Set(members) if members.is_empty() => self.push("set()"),
            Value::Set(members) => self.items("{", set_in_order(members).into_iter(), "}", depth),
            Value::FrozenSet(members) if members.is_empty() => self.push("frozenset()"),
            Value::FrozenSet(members) => {
                self.items("frozenset({", set_in_order(members).into_iter(), "})", depth)
            }
            Value::Dict(entries) => {
                self.push("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.separate(index)?;
                    self.repr(key.value(), depth + 1)?;
                    self.push(": ")?;
                    self.repr(value, depth + 1)?;
                }
                self.push("}")
            }
            _ => self.repr(value, depth),
        }
    }

    fn items<'v>(
        &mut self,
        open: &str,
        items: impl Iterator<Item = &'v Value>,
        close: &str,
        depth: usize,
    ) -> Written {
        self.push(open)?;
        for (index, item) in items.enumerate() {
            self.separate(index)?;
            self.repr(item, depth + 1)?;
        }
        self.push(close)
    }

    fn separate(&mut self, index: usize) -> Written {
        if index == 0 { Ok(()) } else { self.push(", ") }
    }

    fn push(&mut self, text: &str) -> Written {
        self.room_for(text.len())?;
        self.out.push_str(text);
        Ok(())
    }

    fn atom(&mut self, write: impl FnOnce(&mut String)) -> Written {
        write(self.out);
        self.room_for(0)
    }

    fn room_for(&self, bytes: usize) -> Written {
        if self.out.len().saturating_add(bytes) > self.end { Err(TooLong) } else { Ok(()) }
    }
}

/// Sorted, or `None` where two members that meet cannot be compared. The standard library's sort may panic where
/// the order is not total, which a mixture of types is not.
fn merge_sort<'v>(members: &[&'v Value]) -> Option<Vec<&'v Value>> {
    if members.len() < 2 {
        return Some(members.to_vec());
    }
    let (left, right) = members.split_at(members.len() / 2);
    let (left, right) = (merge_sort(left)?, merge_sort(right)?);
    let mut merged = Vec::with_capacity(members.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if order(a, b)? == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Some(merged)
}

#[cfg(test)]
mod tests;
