//! Values: what expressions compute, what is stored and what is sent.
//!
//! Owns the type, Python's equality, hashing and ordering of keys, its text (`text`), its
//! JSON (`json`) and its form on the disk (`binary`). May be read by every room; uses none of them. Containers are
//! immutable and shared, so that a clone costs a reference count.

mod binary;
mod compare;
mod json;
mod scan;
mod text;

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use indexmap::{IndexMap, IndexSet};

pub use binary::{DecodeError, decode, encode};
pub use compare::{equals, identical, order};
pub use json::{json, json_bounded, write_json, write_json_bounded, write_json_string};
pub use scan::first_special;
pub use text::{
    date_fields, datetime_fields, delta_fields, repr, repr_bounded, set_in_order, str, str_bounded,
    time_fields, write_repr, write_str,
};

/// How deep containers may stand in each other: deeper values are refused, so that no recursion over a value
/// can exhaust a stack.
pub const DEPTH_MAX: usize = 64;

/// Where [`Value::measure`] stops counting, in bytes: no limit on a stored value is as large.
pub const MEASURE_BYTES_MAX: usize = 64 << 20;

/// A value as Python knows it.
#[derive(Clone, Debug)]
pub enum Value {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// A floating point number of 64 bits.
    Float(f64),
    /// Text.
    Str(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A list.
    List(Arc<Vec<Value>>),
    /// A tuple.
    Tuple(Arc<Vec<Value>>),
    /// A dict, in order of insertion.
    Dict(Arc<Dict>),
    /// A set, in order of insertion.
    Set(Arc<Set>),
    /// A frozenset, in order of insertion.
    FrozenSet(Arc<Set>),
    /// A naive `datetime.datetime`, to the microsecond.
    DateTime(NaiveDateTime),
    /// A `datetime.date`.
    Date(NaiveDate),
    /// A naive `datetime.time`, to the microsecond.
    Time(NaiveTime),
    /// A `datetime.timedelta`, to the microsecond.
    Delta(TimeDelta),
    /// Something that lives only while an expression runs: a range, an iterator, a match. Never stored.
    Opaque(Arc<dyn Opaque>),
}

/// The entries of a dict.
pub type Dict = IndexMap<Key, Value>;
/// The members of a set.
pub type Set = IndexSet<Key>;

/// A value that exists only inside an expression.
pub trait Opaque: Debug + Send + Sync {
    /// Python's name of its type, such as `range`.
    fn type_name(&self) -> &'static str;
    /// Its text, such as `range(0, 3)`.
    fn repr(&self) -> String;
    /// Python's truth of it: an empty range is false.
    fn truth(&self) -> bool {
        true
    }
    /// Python's `==` with another; identity is equality already.
    fn equals(&self, _other: &dyn Opaque) -> bool {
        false
    }
    /// How deep containers stand in it; `deepest` tells it of a value that it holds.
    fn depth(&self, _deepest: &mut dyn FnMut(&Value) -> usize) -> usize {
        0
    }
    /// Itself, to be downcast by the room that made it.
    fn as_any(&self) -> &dyn Any;
}

/// A hashable value: the key of a dict or the member of a set. Numbers that are equal are the same key.
#[derive(Clone, Debug)]
pub struct Key(Value);

impl Key {
    /// The key, or the value given back where Python calls it unhashable.
    ///
    /// # Errors
    /// A list, a dict, a set, or a tuple that holds one, is given back.
    pub fn new(value: Value) -> Result<Key, Value> {
        if hashable(&value) { Ok(Key(value)) } else { Err(value) }
    }

    /// The value that is the key.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The value that was the key.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Key {
        Key(Value::from(text))
    }
}

fn hashable(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Opaque(_) => false,
        Value::Tuple(items) => items.iter().all(hashable),
        _ => true,
    }
}

impl Value {
    /// A list of these items.
    #[must_use]
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// A tuple of these items.
    #[must_use]
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Arc::new(items))
    }

    /// A dict with text keys, in this order.
    #[must_use]
    pub fn dict<const N: usize>(entries: [(&str, Value); N]) -> Value {
        Value::Dict(Arc::new(entries.into_iter().map(|(key, value)| (Key::from(key), value)).collect()))
    }

    /// Python's name of the type, such as `int` or `datetime.datetime`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Dict(_) => "dict",
            Value::Set(_) => "set",
            Value::FrozenSet(_) => "frozenset",
            Value::DateTime(_) => "datetime.datetime",
            Value::Date(_) => "datetime.date",
            Value::Time(_) => "datetime.time",
            Value::Delta(_) => "datetime.timedelta",
            Value::Opaque(opaque) => opaque.type_name(),
        }
    }

    /// Python's truth of the value: empty containers, zeros and None are false.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(truth) => *truth,
            Value::Int(number) => *number != 0,
            Value::Float(number) => *number != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::List(items) | Value::Tuple(items) => !items.is_empty(),
            Value::Dict(entries) => !entries.is_empty(),
            Value::Set(members) | Value::FrozenSet(members) => !members.is_empty(),
            Value::Delta(delta) => !delta.is_zero(),
            Value::DateTime(_) | Value::Date(_) | Value::Time(_) => true,
            Value::Opaque(opaque) => opaque.truth(),
        }
    }

    /// The size in bytes that limits count, and how deep containers stand in it. Walks the value, no deeper
    /// than a little past [`DEPTH_MAX`] and no further than [`MEASURE_BYTES_MAX`]: containers that share their
    /// items can be larger than any memory.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure_within(MEASURE_BYTES_MAX)
    }

    /// The same, but gives up once more than `bytes_max` bytes are counted.
    #[must_use]
    pub fn measure_within(&self, bytes_max: usize) -> Measure {
        let mut measure = Measure { bytes: 0, depth: 0, storable: true };
        measure.add(self, 0, bytes_max);
        measure
    }
}

/// What [`Value::measure`] finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Bytes of content: 16 for each value, and the bytes of text and byte strings. Counted up to a little more
    /// than 64 MiB; what is larger is not looked at further.
    pub bytes: usize,
    /// 0 for a scalar, 1 for a container of scalars.
    pub depth: usize,
    /// Whether the value may be stored: nothing in it lives only inside an expression.
    pub storable: bool,
}

impl Measure {
    fn add(&mut self, value: &Value, depth: usize, bytes_max: usize) {
        self.bytes = self.bytes.saturating_add(16);
        self.depth = self.depth.max(depth);
        // One list may stand in another a thousand times: what is this large is refused whatever follows.
        if depth > DEPTH_MAX || self.bytes > bytes_max {
            return;
        }
        match value {
            Value::Str(text) => self.bytes += text.len(),
            Value::Bytes(bytes) => self.bytes += bytes.len(),
            Value::List(items) | Value::Tuple(items) => {
                self.depth = self.depth.max(depth + 1);
                items.iter().for_each(|item| self.add(item, depth + 1, bytes_max));
            }
            Value::Dict(entries) => {
                self.depth = self.depth.max(depth + 1);
                for (key, value) in entries.iter() {
                    self.add(key.value(), depth + 1, bytes_max);
                    self.add(value, depth + 1, bytes_max);
                }
            }
            Value::Set(members) | Value::FrozenSet(members) => {
                self.depth = self.depth.max(depth + 1);
                members.iter().for_each(|member| self.add(member.value(), depth + 1, bytes_max));
            }
            Value::Opaque(_) => self.storable = false,
            _ => {}
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Str(Arc::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Str(Arc::from(text))
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Value {
        Value::Str(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Float(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl PartialEq for Value {
    /// Python's `==`.
    fn eq(&self, other: &Value) -> bool {
        equals(self, other)
    }
}
