//! Sums, differences and quotients of dates and durations.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::delta::{by_float, quotient, times_float};
use super::{EPOCH_DAYS, MICROS_PER_DAY, delta, from_ordinal, micros, moment, out_of_range, value_error};
use crate::language::Error;
use crate::language::operations::{Binary, Unary};
use crate::value::Value;

fn moved(from: NaiveDateTime, by: i128) -> Result<NaiveDateTime, Error> {
    let (seconds, part) = (from.and_utc().timestamp(), from.and_utc().timestamp_subsec_micros());
    moment(i128::from(seconds) * 1_000_000 + i128::from(part) + by).map_err(|_| out_of_range())
}

fn moved_date(date: NaiveDate, days: i128) -> Result<NaiveDate, Error> {
    let ordinal = i128::from(chrono::Datelike::num_days_from_ce(&date)) + days;
    let ordinal = i64::try_from(ordinal).unwrap_or(EPOCH_DAYS * 10_000);
    from_ordinal(ordinal).map_err(|_| out_of_range())
}

/// The days of a duration, as Python splits it.
fn days(by: TimeDelta) -> i128 {
    micros(by).div_euclid(MICROS_PER_DAY)
}

pub fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    use Binary::{Add, FloorDiv, Mod, Mul, Sub, TrueDiv};
    let right = &plain(right);
    let left = &plain(left);
    Some(match (operator, left, right) {
        (Add, Value::DateTime(moment), Value::Delta(by))
        | (Add, Value::Delta(by), Value::DateTime(moment)) => {
            moved(*moment, micros(*by)).map(Value::DateTime)
        }
        (Sub, Value::DateTime(moment), Value::Delta(by)) => moved(*moment, -micros(*by)).map(Value::DateTime),
        (Sub, Value::DateTime(a), Value::DateTime(b)) => Ok(Value::Delta(*a - *b)),
        (Add, Value::Date(date), Value::Delta(by)) | (Add, Value::Delta(by), Value::Date(date)) => {
            moved_date(*date, days(*by)).map(Value::Date)
        }
        // CPython takes the days of the duration and turns those.
        (Sub, Value::Date(date), Value::Delta(by)) => moved_date(*date, -days(*by)).map(Value::Date),
        (Sub, Value::Date(a), Value::Date(b)) => Ok(Value::Delta(*a - *b)),
        (Add, Value::Delta(a), Value::Delta(b)) => delta(micros(*a) + micros(*b)).map(Value::Delta),
        (Sub, Value::Delta(a), Value::Delta(b)) => delta(micros(*a) - micros(*b)).map(Value::Delta),
        (Mul, Value::Delta(a), Value::Int(by)) | (Mul, Value::Int(by), Value::Delta(a)) => {
            micros(*a).checked_mul(i128::from(*by)).ok_or_else(out_of_range).and_then(delta).map(Value::Delta)
        }
        (Mul, Value::Delta(a), Value::Float(by)) | (Mul, Value::Float(by), Value::Delta(a)) => {
            times_float(micros(*a), *by).map(Value::Delta)
        }
        (TrueDiv, Value::Delta(a), Value::Float(by)) => by_float(micros(*a), *by).map(Value::Delta),
        (FloorDiv | Mod | TrueDiv, Value::Delta(a), Value::Delta(b)) => {
            divided(operator, micros(*a), micros(*b))
        }
        (FloorDiv, Value::Delta(a), Value::Int(by)) => match by {
            0 => Err(value_error("integer division or modulo by zero")),
            by => delta(floor_div(micros(*a), i128::from(*by))).map(Value::Delta),
        },
        (TrueDiv, Value::Delta(a), Value::Int(by)) => match by {
            0 => Err(value_error("division by zero")),
            by => delta(divided_half_even(micros(*a), i128::from(*by))).map(Value::Delta),
        },
        _ => return None,
    })
}

/// A truth is the number that it is.
fn plain(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => Value::Int(i64::from(*truth)),
        value => value.clone(),
    }
}

fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

fn divided_half_even(a: i128, b: i128) -> i128 {
    let quotient = floor_div(a, b);
    let twice = 2 * (a - quotient * b).abs();
    let up = twice > b.abs() || (twice == b.abs() && quotient % 2 != 0);
    if up { quotient + 1 } else { quotient }
}

fn divided(operator: Binary, a: i128, b: i128) -> Result<Value, Error> {
    match operator {
        Binary::TrueDiv if b == 0 => Err(value_error("division by zero")),
        _ if b == 0 => Err(value_error("integer division or modulo by zero")),
        Binary::FloorDiv => i64::try_from(floor_div(a, b))
            .map(Value::Int)
            .map_err(|_| Error::Limit("the result does not fit into 64 bits".to_owned())),
        Binary::Mod => delta(a - floor_div(a, b) * b).map(Value::Delta),
        _ => Ok(Value::Float(quotient(a, b))),
    }
}

pub fn unary(operator: Unary, operand: &Value) -> Option<Result<Value, Error>> {
    match (operator, operand) {
        (Unary::Neg, Value::Delta(by)) => Some(delta(-micros(*by)).map(Value::Delta)),
        (Unary::Pos, Value::Delta(_)) => Some(Ok(operand.clone())),
        _ => None,
    }
}
