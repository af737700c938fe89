//! Python's equality, hashing and order of values.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::{Key, Value};

/// Python's `==`: numbers by value across types, containers member by member, else False.
#[must_use]
pub fn equals(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::None, Value::None) => true,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            Arc::ptr_eq(a, b) || (a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_item(a, b)))
        }
        (Value::Dict(a), Value::Dict(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same_item(value, other)))
        }
        (Value::Set(a) | Value::FrozenSet(a), Value::Set(b) | Value::FrozenSet(b)) => {
            a.len() == b.len() && a.iter().all(|member| b.contains(member))
        }
        (Value::DateTime(a), Value::DateTime(b)) => a == b,
        (Value::Date(a), Value::Date(b)) => a == b,
        (Value::Time(a), Value::Time(b)) => a == b,
        (Value::Delta(a), Value::Delta(b)) => a == b,
        (Value::Opaque(a), Value::Opaque(b)) => Arc::ptr_eq(a, b) || a.equals(&**b),
        _ => number_order(left, right) == Some(Ordering::Equal),
    }
}

/// Whether the two are one object, as far as Python lets that be seen: a NaN is found in the list that holds it.
/// Every NaN that is made has a payload of its own, and keeps it.
#[must_use]
pub fn identical(left: &Value, right: &Value) -> bool {
    matches!((left, right), (Value::Float(a), Value::Float(b)) if a.is_nan() && a.to_bits() == b.to_bits())
}

fn same_item(left: &Value, right: &Value) -> bool {
    identical(left, right) || equals(left, right)
}

/// Python's order of two values, where it has one: numbers, text, bytes, lists, tuples, dates.
/// `None` where Python raises a TypeError, or where a NaN makes every comparison false.
#[must_use]
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            match a.iter().zip(b.iter()).find(|(a, b)| !same_item(a, b)) {
                Some((a, b)) => order(a, b),
                None => Some(a.len().cmp(&b.len())),
            }
        }
        (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Delta(a), Value::Delta(b)) => Some(a.cmp(b)),
        _ => number_order(left, right),
    }
}

fn as_int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Bool(truth) => Some(i64::from(*truth)),
        _ => None,
    }
}

fn number_order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Float(a), _) => int_float_order(as_int(right)?, *a).map(Ordering::reverse),
        (_, Value::Float(b)) => int_float_order(as_int(left)?, *b),
        _ => Some(as_int(left)?.cmp(&as_int(right)?)),
    }
}

/// Exact, as in Python: the int is never rounded to a float.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn int_float_order(int: i64, float: f64) -> Option<Ordering> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        None
    } else if float >= TWO_63 {
        Some(Ordering::Less)
    } else if float < -TWO_63 {
        Some(Ordering::Greater)
    } else {
        let whole = float.trunc();
        Some(
            int.cmp(&(whole as i64))
                .then_with(|| 0.0_f64.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal)),
        )
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        same_item(self.value(), other.value())
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(self.value(), state);
    }
}

fn hash<H: Hasher>(value: &Value, state: &mut H) {
    match value {
        Value::Bool(truth) => i64::from(*truth).hash(state),
        Value::Int(number) => number.hash(state),
        Value::Float(number) => hash_float(*number, state),
        Value::Str(text) => text.hash(state),
        Value::Bytes(bytes) => bytes.hash(state),
        Value::Tuple(items) => items.iter().for_each(|item| hash(item, state)),
        Value::FrozenSet(members) => {
            // The order of the members must not count.
            let sum = members.iter().fold(0_u64, |sum, member| {
                let mut hasher = DefaultHasher::new();
                hash(member.value(), &mut hasher);
                sum.wrapping_add(hasher.finish())
            });
            sum.hash(state);
        }
        Value::DateTime(moment) => moment.hash(state),
        Value::Date(date) => date.hash(state),
        Value::Time(time) => time.hash(state),
        Value::Delta(delta) => delta.hash(state),
        Value::None | Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Opaque(_) => 0_u8.hash(state),
    }
}

/// A float that equals an int hashes as that int.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
#[expect(clippy::cast_precision_loss, reason = "the round trip is what is asked")]
fn hash_float<H: Hasher>(number: f64, state: &mut H) {
    let whole = number as i64;
    if whole as f64 == number { whole.hash(state) } else { number.to_bits().hash(state) }
}
