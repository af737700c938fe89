//! `timedelta(…)`, and durations times and by numbers.

use chrono::TimeDelta;

use super::{MICROS_PER_DAY, MICROS_PER_SECOND, delta, integer, type_error, value_error};
use crate::language::Error;
use crate::language::operations::Call;
use crate::value::Value;

/// In the order in which CPython adds them up.
const UNITS: [(usize, i128); 7] = [
    (2, 1),
    (3, 1_000),
    (1, MICROS_PER_SECOND),
    (4, 60 * MICROS_PER_SECOND),
    (5, 3_600 * MICROS_PER_SECOND),
    (0, MICROS_PER_DAY),
    (6, 7 * MICROS_PER_DAY),
];

/// `timedelta(…)`
pub(super) fn timedelta(call: Call) -> Result<Value, Error> {
    let names = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
    let slots = call.bind("timedelta", names, 0)?;
    let mut whole = 0_i128;
    let mut left = 0.0_f64;
    for (place, unit) in UNITS {
        match slots.get(place).and_then(Option::as_ref) {
            None => {}
            Some(Value::Float(amount)) => add_part(&mut whole, &mut left, *amount, unit)?,
            Some(amount) => {
                let amount = integer(amount).map_err(|_| {
                    let name = names.get(place).copied().unwrap_or_default();
                    let given = amount.type_name();
                    type_error(format!("unsupported type for timedelta {name} component: {given}"))
                })?;
                whole += i128::from(amount) * unit;
            }
        }
    }
    delta(whole + rounded(left, whole)).map(Value::Delta)
}

/// What is left over, to the nearest; half goes to where the sum is even.
#[expect(clippy::cast_possible_truncation, reason = "a part is less than a few microseconds")]
fn rounded(left: f64, whole: i128) -> i128 {
    let nearest = left.round();
    if (nearest - left).abs() != 0.5 {
        return nearest as i128;
    }
    let odd = if whole & 1 == 1 { 1.0 } else { 0.0 };
    (2.0 * ((left + odd) * 0.5).round() - odd) as i128
}

/// The whole part of a float counts exactly; only what is left of it is a float.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the range is checked first"
)]
fn add_part(whole: &mut i128, left: &mut f64, amount: f64, unit: i128) -> Result<(), Error> {
    if amount.is_nan() {
        return Err(value_error("cannot convert float NaN to integer"));
    }
    if amount.is_infinite() {
        return Err(value_error("cannot convert float infinity to integer"));
    }
    // No sum of seven smaller ones comes near the end of 128 bits.
    if amount.abs() > 1e22 {
        return Err(value_error("days out of range for a timedelta"));
    }
    *whole += amount.trunc() as i128 * unit;
    let rest = (amount - amount.trunc()) * unit as f64;
    *whole += rest.trunc() as i128;
    *left += rest - rest.trunc();
    Ok(())
}

/// A finite float as mantissa times a power of two.
fn taken_apart(number: f64) -> Result<(i128, i32), Error> {
    if number.is_nan() {
        return Err(value_error("cannot convert NaN to integer ratio"));
    }
    if number.is_infinite() {
        return Err(value_error("cannot convert Infinity to integer ratio"));
    }
    let bits = number.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7FF).unwrap_or(0);
    let fraction = i128::from(bits & ((1 << 52) - 1));
    let mantissa = if exponent == 0 { fraction } else { fraction | 1 << 52 };
    let zeros = if mantissa == 0 { 0 } else { mantissa.trailing_zeros() };
    let sign = if number < 0.0 { -1 } else { 1 };
    Ok((sign * (mantissa >> zeros), exponent.max(1) - 1075 + i32::try_from(zeros).unwrap_or(0)))
}

fn half_even(quotient: i128, rest: i128, divisor: i128) -> i128 {
    let up = match (2 * rest).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient & 1 == 1,
    };
    quotient + i128::from(up)
}

/// Times a float, exactly, and rounded once.
pub(super) fn times_float(micros: i128, by: f64) -> Result<TimeDelta, Error> {
    let (mantissa, exponent) = taken_apart(by)?;
    // 67 bits by 53.
    let product = micros * mantissa;
    if exponent >= 0 {
        let moved =
            if exponent > 100 && product != 0 { None } else { product.checked_mul(1 << exponent.min(100)) };
        return delta(moved.ok_or_else(too_long)?);
    }
    let down = exponent.unsigned_abs();
    if down > 125 {
        return delta(0);
    }
    let divisor = 1_i128 << down;
    delta(half_even(product.div_euclid(divisor), product.rem_euclid(divisor), divisor))
}

/// By a float, exactly, and rounded once.
pub(super) fn by_float(micros: i128, by: f64) -> Result<TimeDelta, Error> {
    let (mantissa, exponent) = taken_apart(by)?;
    if mantissa == 0 {
        return Err(value_error("division by zero"));
    }
    let (micros, divisor) = if mantissa < 0 { (-micros, -mantissa) } else { (micros, mantissa) };
    if exponent >= 0 {
        let divisor = if exponent > 70 { i128::MAX / 4 } else { divisor << exponent };
        return delta(half_even(micros.div_euclid(divisor), micros.rem_euclid(divisor), divisor));
    }
    let (mut quotient, mut rest) = (micros.div_euclid(divisor), micros.rem_euclid(divisor));
    for _ in 0..exponent.unsigned_abs() {
        rest *= 2;
        let bit = i128::from(rest >= divisor);
        rest -= bit * divisor;
        quotient = 2 * quotient + bit;
        if quotient.abs() > 1 << 80 {
            return Err(too_long());
        }
    }
    delta(half_even(quotient, rest, divisor))
}

fn too_long() -> Error {
    value_error("the duration is too long")
}

/// The float nearest to `a / b`; both are below 2 to the power of 68, and `b` is not 0.
#[expect(clippy::cast_precision_loss, reason = "that is where it is rounded, once")]
pub(super) fn quotient(a: i128, b: i128) -> f64 {
    let b_negative = b < 0;
    let negative = (a < 0) != b_negative;
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    if a == 0 {
        return if b_negative { -0.0 } else { 0.0 };
    }
    // 58 bits at least, and one that stands for all behind them.
    let up = (60 + b.ilog2()).saturating_sub(a.ilog2()).min(a.leading_zeros());
    let digits = ((a << up) / b) | u128::from((a << up) % b != 0);
    let size = digits as f64 * 2.0_f64.powi(-i32::try_from(up).unwrap_or(0));
    if negative { -size } else { size }
}
