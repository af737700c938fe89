//! Arithmetic of ints, bools and floats: exact to CPython, except that an int beyond 64 bits is refused.
//!
//! Pure; uses `errors`. Knows no other type.

use super::errors::{overflow, type_error, unsupported, value_error};
use super::{Binary, Unary};
use crate::language::Error;
use crate::value::Value;

/// A number as arithmetic sees it: a bool is an int.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    pub(super) fn of(value: &Value) -> Option<Number> {
        match value {
            Value::Int(number) => Some(Number::Int(*number)),
            Value::Bool(truth) => Some(Number::Int(i64::from(*truth))),
            Value::Float(number) => Some(Number::Float(*number)),
            _ => None,
        }
    }

    pub(super) fn float(self) -> f64 {
        match self {
            Number::Int(number) => to_float(number),
            Number::Float(number) => number,
        }
    }
}

/// Rounds to the nearest float, as Python does.
#[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked")]
pub(super) fn to_float(number: i64) -> f64 {
    number as f64
}

/// Each NaN that arithmetic makes is an object of its own in Python, and a container finds it by identity: its
/// payload stands for that. Its sign is what the processor made it, as in CPython.
pub fn fresh(number: f64) -> f64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static MADE: AtomicU64 = AtomicU64::new(1);
    if number.is_nan() {
        let payload = MADE.fetch_add(1, Ordering::Relaxed) & ((1 << 50) - 1);
        f64::from_bits(f64::NAN.to_bits() | payload).copysign(number)
    } else {
        number
    }
}

/// Two numbers and an arithmetic operator.
pub(super) fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    let (a, b) = (Number::of(left)?, Number::of(right)?);
    Some(match (a, b) {
        (Number::Int(a), Number::Int(b)) => match (operator, left, right) {
            (Binary::And, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(a & b)),
            (Binary::Or, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(a | b)),
            (Binary::Xor, Value::Bool(a), Value::Bool(b)) => Ok(Value::Bool(a ^ b)),
            _ => ints(operator, a, b),
        },
        _ => match operator {
            Binary::And | Binary::Or | Binary::Xor | Binary::LShift | Binary::RShift => {
                Err(unsupported(operator, left, right))
            }
            _ => floats(operator, a.float(), b.float()).map(|number| Value::Float(fresh(number))),
        },
    })
}

fn ints(operator: Binary, a: i64, b: i64) -> Result<Value, Error> {
    let result = match operator {
        Binary::Add => a.checked_add(b),
        Binary::Sub => a.checked_sub(b),
        Binary::Mul => a.checked_mul(b),
        Binary::TrueDiv => return true_divide(a, b).map(Value::Float),
        Binary::FloorDiv => return floor_divide(a, b).map(Value::Int),
        Binary::Mod => return modulo(a, b).map(Value::Int),
        Binary::Pow if b < 0 => return floats(Binary::Pow, to_float(a), to_float(b)).map(Value::Float),
        Binary::Pow => power(a, b),
        Binary::And => Some(a & b),
        Binary::Or => Some(a | b),
        Binary::Xor => Some(a ^ b),
        Binary::LShift | Binary::RShift if b < 0 => return Err(value_error("negative shift count")),
        Binary::LShift => shift_left(a, b),
        Binary::RShift => Some(a >> b.min(63)),
        _ => return Err(unsupported(operator, &Value::Int(a), &Value::Int(b))),
    };
    result.map(Value::Int).ok_or_else(overflow)
}

/// `a // b`
pub(super) fn floor_divide(a: i64, b: i64) -> Result<i64, Error> {
    if b == 0 {
        return Err(value_error("integer division or modulo by zero"));
    }
    let quotient = a.checked_div(b).ok_or_else(overflow)?;
    Ok(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

/// `a % b`
pub(super) fn modulo(a: i64, b: i64) -> Result<i64, Error> {
    if b == 0 {
        return Err(value_error("integer division or modulo by zero"));
    }
    let rest = a.wrapping_rem(b);
    Ok(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
}

/// `a / b`, rounded once: above 2^53 the quotient of the rounded operands would be off.
#[expect(clippy::cast_precision_loss, reason = "the one rounding that is asked")]
fn true_divide(a: i64, b: i64) -> Result<f64, Error> {
    const EXACT: u64 = 1 << 53;
    if b == 0 {
        return Err(value_error("division by zero"));
    }
    let (top, bottom) = (a.unsigned_abs(), b.unsigned_abs());
    let size = if top == 0 {
        0.0
    } else if top <= EXACT && bottom <= EXACT {
        top as f64 / bottom as f64
    } else {
        let shift = u128::from(top).leading_zeros();
        let scaled = u128::from(top) << shift;
        let bottom = u128::from(bottom);
        // At least 64 bits of quotient; the lowest one says whether anything follows.
        let quotient = (scaled / bottom) | u128::from(scaled % bottom != 0);
        quotient as f64 * 2.0_f64.powi(-i32::try_from(shift).unwrap_or(0))
    };
    Ok(if (a < 0) == (b < 0) { size } else { -size })
}

fn power(base: i64, exponent: i64) -> Option<i64> {
    match (base, exponent) {
        (0 | 1, _) => Some(if exponent == 0 { 1 } else { base }),
        (-1, _) => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        _ => base.checked_pow(u32::try_from(exponent).ok()?),
    }
}

fn shift_left(number: i64, by: i64) -> Option<i64> {
    if number == 0 {
        return Some(0);
    }
    let by = u32::try_from(by).ok().filter(|by| *by < 64)?;
    let shifted = number.checked_shl(by)?;
    (shifted >> by == number).then_some(shifted)
}

fn floats(operator: Binary, a: f64, b: f64) -> Result<f64, Error> {
    match operator {
        Binary::Add => Ok(a + b),
        Binary::Sub => Ok(a - b),
        Binary::Mul => Ok(a * b),
        Binary::TrueDiv if b == 0.0 => Err(value_error("float division by zero")),
        Binary::TrueDiv => Ok(a / b),
        Binary::FloorDiv => float_divmod(a, b).map(|(quotient, _)| quotient),
        Binary::Mod if b == 0.0 => Err(value_error("float modulo")),
        Binary::Mod => float_divmod(a, b).map(|(_, rest)| rest),
        Binary::Pow => float_power(a, b),
        _ => Err(unsupported(operator, &Value::Float(a), &Value::Float(b))),
    }
}

/// `(a // b, a % b)`
pub(super) fn float_divmod(a: f64, b: f64) -> Result<(f64, f64), Error> {
    if b == 0.0 {
        return Err(value_error("float floor division by zero"));
    }
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest == 0.0 {
        rest = 0.0_f64.copysign(b);
    } else if (b < 0.0) != (rest < 0.0) {
        rest += b;
        quotient -= 1.0;
    }
    let floor = if quotient == 0.0 {
        0.0_f64.copysign(a / b)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    };
    Ok((floor, rest))
}

fn float_power(base: f64, exponent: f64) -> Result<f64, Error> {
    if base == 0.0 && exponent < 0.0 {
        return Err(value_error("0.0 cannot be raised to a negative power"));
    }
    if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent != exponent.floor() {
        return Err(value_error("the result is a complex number, which the server does not have"));
    }
    // A NaN keeps its sign.
    match (base.is_nan(), exponent.is_nan()) {
        (true, _) if exponent != 0.0 => return Ok(base),
        (false, true) if base != 1.0 => return Ok(exponent),
        _ => {}
    }
    let result = base.powf(exponent);
    if result.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err(value_error("the result is too large for a float"));
    }
    Ok(result)
}

/// `divmod(a, b)` of numbers.
pub(super) fn divmod(left: &Value, right: &Value) -> Result<Value, Error> {
    let operands = (Number::of(left), Number::of(right));
    match operands {
        (Some(Number::Int(a)), Some(Number::Int(b))) => {
            Ok(Value::tuple(vec![Value::Int(floor_divide(a, b)?), Value::Int(modulo(a, b)?)]))
        }
        (Some(a), Some(b)) => {
            if b.float() == 0.0 {
                return Err(value_error("float divmod()"));
            }
            let (quotient, rest) = float_divmod(a.float(), b.float())?;
            Ok(Value::tuple(vec![Value::Float(fresh(quotient)), Value::Float(fresh(rest))]))
        }
        _ => Err(type_error(format!(
            "unsupported operand type(s) for divmod(): '{}' and '{}'",
            left.type_name(),
            right.type_name()
        ))),
    }
}

/// `pow(base, exponent, modulus)`
pub(super) fn power_modulo(base: i64, exponent: i64, modulus: i64) -> Result<i64, Error> {
    if modulus == 0 {
        return Err(value_error("pow() 3rd argument cannot be 0"));
    }
    let size = i128::from(modulus).abs();
    let mut base = i128::from(base).rem_euclid(size);
    let mut left = exponent.unsigned_abs();
    if exponent < 0 {
        base =
            inverse(base, size).ok_or_else(|| value_error("base is not invertible for the given modulus"))?;
    }
    let mut result = 1 % size;
    while left > 0 {
        if left & 1 == 1 {
            result = result * base % size;
        }
        base = base * base % size;
        left >>= 1;
    }
    if modulus < 0 && result != 0 {
        result += i128::from(modulus);
    }
    i64::try_from(result).map_err(|_| overflow())
}

fn inverse(number: i128, modulus: i128) -> Option<i128> {
    let (mut a, mut b) = (number, modulus);
    let (mut x, mut y) = (1_i128, 0_i128);
    while b != 0 {
        let quotient = a / b;
        (a, b) = (b, a - quotient * b);
        (x, y) = (y, x - quotient * y);
    }
    (a == 1).then(|| x.rem_euclid(modulus))
}

/// `-x`, `+x`, `~x` of a number.
pub(super) fn unary(operator: Unary, operand: &Value) -> Result<Value, Error> {
    let sign = match (operator, Number::of(operand)) {
        (Unary::Neg, Some(Number::Int(number))) => {
            return number.checked_neg().map(Value::Int).ok_or_else(overflow);
        }
        (Unary::Neg, Some(Number::Float(number))) => return Ok(Value::Float(-number)),
        (Unary::Pos, Some(Number::Int(number))) => return Ok(Value::Int(number)),
        (Unary::Pos, Some(Number::Float(number))) => return Ok(Value::Float(number)),
        (Unary::Invert, Some(Number::Int(number))) => return Ok(Value::Int(!number)),
        (Unary::Neg, _) => "-",
        (Unary::Pos, _) => "+",
        (Unary::Invert, _) => "~",
        (Unary::Not, _) => return Ok(Value::Bool(!operand.truth())),
    };
    Err(type_error(format!("bad operand type for unary {sign}: '{}'", operand.type_name())))
}
