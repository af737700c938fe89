//! Sums, differences and quotients of dates and durations.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};

use super::{MICROS_PER_DAY, delta, micros, out_of_range, value_error};
use crate::language::Error;
use crate::language::operations::{Binary, Unary};
use crate::value::Value;

fn moved(moment: NaiveDateTime, by: TimeDelta) -> Result<NaiveDateTime, Error> {
    let moved = moment.checked_add_signed(by).filter(|moved| (1..=9999).contains(&moved.year()));
    moved.ok_or_else(out_of_range)
}

fn moved_date(date: NaiveDate, by: TimeDelta) -> Result<NaiveDate, Error> {
    let days = i64::try_from(micros(by).div_euclid(MICROS_PER_DAY)).map_err(|_| out_of_range())?;
    let days = TimeDelta::try_days(days).ok_or_else(out_of_range)?;
    let moved = date.checked_add_signed(days).filter(|moved| (1..=9999).contains(&moved.year()));
    moved.ok_or_else(out_of_range)
}

pub fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    use Binary::{Add, FloorDiv, Mod, Mul, Sub, TrueDiv};
    Some(match (operator, left, right) {
        (Add, Value::DateTime(moment), Value::Delta(by))
        | (Add, Value::Delta(by), Value::DateTime(moment)) => moved(*moment, *by).map(Value::DateTime),
        (Sub, Value::DateTime(moment), Value::Delta(by)) => moved(*moment, -*by).map(Value::DateTime),
        (Sub, Value::DateTime(a), Value::DateTime(b)) => Ok(Value::Delta(*a - *b)),
        (Add, Value::Date(date), Value::Delta(by)) | (Add, Value::Delta(by), Value::Date(date)) => {
            moved_date(*date, *by).map(Value::Date)
        }
        (Sub, Value::Date(date), Value::Delta(by)) => moved_date(*date, -*by).map(Value::Date),
        (Sub, Value::Date(a), Value::Date(b)) => Ok(Value::Delta(*a - *b)),
        (Add, Value::Delta(a), Value::Delta(b)) => delta(micros(*a) + micros(*b)).map(Value::Delta),
        (Sub, Value::Delta(a), Value::Delta(b)) => delta(micros(*a) - micros(*b)).map(Value::Delta),
        (Mul, Value::Delta(a), Value::Int(by)) | (Mul, Value::Int(by), Value::Delta(a)) => {
            micros(*a).checked_mul(i128::from(*by)).ok_or_else(out_of_range).and_then(delta).map(Value::Delta)
        }
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

#[expect(clippy::cast_precision_loss, reason = "the quotient of two floats is what is asked")]
fn divided(operator: Binary, a: i128, b: i128) -> Result<Value, Error> {
    if b == 0 {
        return Err(value_error("division by zero"));
    }
    match operator {
        Binary::FloorDiv => i64::try_from(floor_div(a, b))
            .map(Value::Int)
            .map_err(|_| Error::Limit("the result does not fit into 64 bits".to_owned())),
        Binary::Mod => delta(a - floor_div(a, b) * b).map(Value::Delta),
        _ => Ok(Value::Float(a as f64 / b as f64)),
    }
}

pub fn unary(operator: Unary, operand: &Value) -> Option<Result<Value, Error>> {
    match (operator, operand) {
        (Unary::Neg, Value::Delta(by)) => Some(delta(-micros(*by)).map(Value::Delta)),
        (Unary::Pos, Value::Delta(_)) => Some(Ok(operand.clone())),
        _ => None,
    }
}
