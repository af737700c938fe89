//! `range`: three numbers, whatever its length.
//!
//! Uses values alone; iteration over it is `source`'s.

use std::any::Any;
use std::sync::Arc;

use super::arguments::integer;
use super::errors::{no_attribute, overflow, type_error, value_error};
use super::{Budget, Call};
use crate::language::Error;
use crate::value::{Opaque, Value};

/// A range of Python's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: i64,
    pub(super) stop: i64,
    /// Never 0.
    pub(super) step: i64,
}

impl Range {
    /// The range that the value is.
    pub(super) fn of(value: &Value) -> Option<Range> {
        match value {
            Value::Opaque(opaque) => opaque.as_any().downcast_ref().copied(),
            _ => None,
        }
    }

    /// `range(stop)`, `range(start, stop)`, `range(start, stop, step)`
    pub(super) fn call(call: Call) -> Result<Value, Error> {
        let values = call.all("range")?;
        let range = match values.as_slice() {
            [] => return Err(type_error("range expected at least 1 argument, got 0")),
            [stop] => Range { start: 0, stop: integer(stop)?, step: 1 },
            [start, stop] => Range { start: integer(start)?, stop: integer(stop)?, step: 1 },
            [start, stop, step] => {
                Range { start: integer(start)?, stop: integer(stop)?, step: integer(step)? }
            }
            more => {
                return Err(type_error(format!("range expected at most 3 arguments, got {}", more.len())));
            }
        };
        if range.step == 0 {
            return Err(value_error("range() arg 3 must not be zero"));
        }
        Ok(range.value())
    }

    pub(super) fn value(self) -> Value {
        Value::Opaque(Arc::new(self))
    }

    /// How many numbers it holds.
    pub(super) fn count(self) -> u64 {
        let (low, high) = if self.step > 0 { (self.start, self.stop) } else { (self.stop, self.start) };
        if low >= high {
            return 0;
        }
        let span = i128::from(high) - i128::from(low);
        let step = i128::from(self.step).abs();
        u64::try_from((span - 1) / step + 1).unwrap_or(u64::MAX)
    }

    /// `len(range)`
    pub(super) fn length(self) -> Result<i64, Error> {
        i64::try_from(self.count()).map_err(|_| overflow())
    }

    /// The number at that place, which is below the count.
    pub(super) fn nth(self, place: u64) -> i64 {
        let number = i128::from(self.start) + i128::from(self.step) * i128::from(place);
        i64::try_from(number).unwrap_or(self.stop)
    }

    /// Where the number stands.
    pub(super) fn position(self, value: &Value) -> Option<u64> {
        let number = match value {
            Value::Int(number) => *number,
            Value::Bool(truth) => i64::from(*truth),
            #[expect(clippy::cast_possible_truncation, reason = "checked by the comparison that follows")]
            Value::Float(number) => {
                let whole = *number as i64;
                if !crate::value::equals(&Value::Int(whole), value) {
                    return None;
                }
                whole
            }
            _ => return None,
        };
        let (from_start, step) = (i128::from(number) - i128::from(self.start), i128::from(self.step));
        if from_start % step != 0 {
            return None;
        }
        u64::try_from(from_start / step).ok().filter(|place| *place < self.count())
    }

    /// `range[start:stop:step]` of places that were brought into it.
    pub(super) fn slice(self, start: i64, stop: i64, step: i64) -> Result<Value, Error> {
        let at = |place: i64| {
            let number = i128::from(self.start) + i128::from(self.step) * i128::from(place);
            i64::try_from(number).map_err(|_| overflow())
        };
        let step = self.step.checked_mul(step).ok_or_else(overflow)?;
        Ok(Range { start: at(start)?, stop: at(stop)?, step }.value())
    }

    /// The same numbers from the end.
    pub(super) fn reversed(self) -> Result<Range, Error> {
        let count = self.count();
        if count == 0 {
            return Ok(Range { start: 0, stop: 0, step: 1 });
        }
        let stop = self.start.checked_sub(self.step).ok_or_else(overflow)?;
        let step = self.step.checked_neg().ok_or_else(overflow)?;
        Ok(Range { start: self.nth(count - 1), stop, step })
    }

    /// `range.start` and so on.
    pub(super) fn attribute(self, name: &str) -> Option<Value> {
        Some(Value::Int(match name {
            "start" => self.start,
            "stop" => self.stop,
            "step" => self.step,
            _ => return None,
        }))
    }

    /// `range.index(…)`, `range.count(…)`
    pub(super) fn method(self, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
        budget.tick()?;
        match name {
            "index" => {
                let member = call.one(name)?;
                let place = self
                    .position(&member)
                    .ok_or_else(|| value_error(format!("{} is not in range", shown(&member))))?;
                i64::try_from(place).map(Value::Int).map_err(|_| overflow())
            }
            "count" => Ok(Value::Int(i64::from(self.position(&call.one(name)?).is_some()))),
            _ => Err(no_attribute(&self.value(), name)),
        }
    }
}

fn shown(value: &Value) -> String {
    crate::value::repr_bounded(value, 200).unwrap_or_else(|| "the value".to_owned())
}

impl Opaque for Range {
    fn type_name(&self) -> &'static str {
        "range"
    }

    fn repr(&self) -> String {
        if self.step == 1 {
            format!("range({}, {})", self.start, self.stop)
        } else {
            format!("range({}, {}, {})", self.start, self.stop, self.step)
        }
    }

    fn truth(&self) -> bool {
        self.count() > 0
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        let Some(other) = other.as_any().downcast_ref::<Range>() else { return false };
        let count = self.count();
        count == other.count()
            && (count == 0 || self.start == other.start && (count == 1 || self.step == other.step))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
