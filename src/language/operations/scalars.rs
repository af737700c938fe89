//! The methods and attributes of int, bool and float.

use std::sync::Arc;

use super::arguments::integer;
use super::errors::{no_attribute, overflow, type_error, value_error};
use super::{Budget, Call, iterate};
use crate::language::Error;
use crate::value::Value;

/// `number.real` and so on.
pub(super) fn attribute(value: &Value, name: &str) -> Option<Value> {
    match (value, name) {
        (Value::Int(number), "real" | "numerator") => Some(Value::Int(*number)),
        (Value::Bool(truth), "real" | "numerator") => Some(Value::Int(i64::from(*truth))),
        (Value::Int(_) | Value::Bool(_), "imag") => Some(Value::Int(0)),
        (Value::Int(_) | Value::Bool(_), "denominator") => Some(Value::Int(1)),
        (Value::Float(number), "real") => Some(Value::Float(*number)),
        (Value::Float(_), "imag") => Some(Value::Float(0.0)),
        _ => None,
    }
}

/// `int.name(…)`
pub(super) fn int_method(own: &Value, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    let number = integer(own)?;
    match name {
        "bit_length" => {
            call.none(name)?;
            Ok(Value::Int(i64::from(64 - number.unsigned_abs().leading_zeros())))
        }
        "bit_count" => {
            call.none(name)?;
            Ok(Value::Int(i64::from(number.unsigned_abs().count_ones())))
        }
        "conjugate" => {
            call.none(name)?;
            Ok(Value::Int(number))
        }
        "as_integer_ratio" => {
            call.none(name)?;
            Ok(Value::tuple(vec![Value::Int(number), Value::Int(1)]))
        }
        "to_bytes" => to_bytes(number, call, budget),
        "from_bytes" => from_bytes(call, budget),
        _ => Err(no_attribute(own, name)),
    }
}

fn big_endian(order: Option<&Value>) -> Result<bool, Error> {
    match order {
        None => Ok(true),
        Some(Value::Str(order)) if &**order == "big" => Ok(true),
        Some(Value::Str(order)) if &**order == "little" => Ok(false),
        Some(Value::Str(_)) => Err(value_error("byteorder must be either 'little' or 'big'")),
        Some(other) => Err(type_error(format!("byteorder must be str, not {}", other.type_name()))),
    }
}

fn to_bytes(number: i64, call: Call, budget: &Budget) -> Result<Value, Error> {
    let [length, order, signed] = call.bind("to_bytes", ["length", "byteorder", "*signed"], 0)?;
    let length = super::arguments::integer_or(length.as_ref(), 1)?;
    let big = big_endian(order.as_ref())?;
    let length = usize::try_from(length).map_err(|_| value_error("length argument must be non-negative"))?;
    let signed = signed.is_some_and(|signed| signed.truth());
    if number < 0 && !signed {
        return Err(value_error("can't convert negative int to unsigned"));
    }
    let bits = 64 - (if number < 0 { !number } else { number }).leading_zeros() + u32::from(signed);
    // Zero needs no byte at all, as -1 does not.
    let fits =
        number == 0 || (bits as usize).div_ceil(8) <= length || (number == -1 && length == 0 && signed);
    if !fits {
        return Err(value_error("int too big to convert"));
    }
    budget.reserve(length.saturating_mul(2))?;
    let fill = if number < 0 { 0xff } else { 0 };
    let mut bytes: Vec<u8> =
        number.to_le_bytes().into_iter().chain(std::iter::repeat(fill)).take(length).collect();
    if big {
        bytes.reverse();
    }
    Ok(Value::Bytes(Arc::from(bytes)))
}

/// `int.from_bytes(…)`
pub(super) fn from_bytes(call: Call, budget: &Budget) -> Result<Value, Error> {
    let [bytes, order, signed] = call.bind("from_bytes", ["bytes", "byteorder", "*signed"], 1)?;
    let big = big_endian(order.as_ref())?;
    let signed = signed.is_some_and(|signed| signed.truth());
    let bytes = bytes.unwrap_or(Value::None);
    if matches!(bytes, Value::Str(_)) {
        return Err(type_error("cannot convert 'str' object to bytes"));
    }
    let mut digits = Vec::new();
    for item in iterate(&bytes, budget)? {
        let number = integer(&item)?;
        digits.push(u8::try_from(number).map_err(|_| value_error("bytes must be in range(0, 256)"))?);
    }
    if !big {
        digits.reverse();
    }
    let negative = signed && digits.first().is_some_and(|first| *first >= 0x80);
    let mut number: i64 = if negative { -1 } else { 0 };
    for byte in digits {
        number = number.checked_mul(256).ok_or_else(overflow)? | i64::from(byte);
    }
    Ok(Value::Int(number))
}

/// `float.name(…)`
pub(super) fn float_method(number: f64, name: &str, call: Call) -> Result<Value, Error> {
    match name {
        "is_integer" => {
            call.none(name)?;
            Ok(Value::Bool(number.is_finite() && number == number.trunc()))
        }
        "conjugate" => {
            call.none(name)?;
            Ok(Value::Float(number))
        }
        "hex" => {
            call.none(name)?;
            Ok(Value::from(hex(number)))
        }
        "as_integer_ratio" => {
            call.none(name)?;
            let (top, bottom) = ratio(number)?;
            Ok(Value::tuple(vec![Value::Int(top), Value::Int(bottom)]))
        }
        "fromhex" => from_hex(&call.one(name)?),
        _ => Err(no_attribute(&Value::Float(number), name)),
    }
}

/// `float.fromhex(text)`
pub(super) fn from_hex(text: &Value) -> Result<Value, Error> {
    match text {
        Value::Str(text) => super::convert::from_hex(text).map(Value::Float),
        other => Err(type_error(format!("bad argument type for built-in operation: {}", other.type_name()))),
    }
}

fn hex(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_infinite() {
        return format!("{sign}inf");
    }
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = i64::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
    match (exponent, fraction) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, _) => format!("{sign}0x0.{fraction:013x}p-1022"),
        _ => format!("{sign}0x1.{fraction:013x}p{:+}", exponent - 1023),
    }
}

fn ratio(number: f64) -> Result<(i64, i64), Error> {
    if number.is_nan() {
        return Err(value_error("cannot convert NaN to integer ratio"));
    }
    if number.is_infinite() {
        return Err(value_error("cannot convert Infinity to integer ratio"));
    }
    let (mut top, mut bottom) = (number, 1_i64);
    while top != top.trunc() {
        top *= 2.0;
        bottom = bottom.checked_mul(2).ok_or_else(overflow)?;
    }
    let whole = super::convert::truncated(top)?;
    Ok((whole, bottom))
}
