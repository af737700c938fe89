//! From text and floats to numbers, and rounding: `int()`, `float()`, `round()`, `float.fromhex()`.
//!
//! Pure; what Python's grammar of numbers takes, and nothing else.

use super::arguments::{integer, whole};
use super::errors::{overflow, type_error, value_error};
use super::numbers::{Number, fresh};
use super::strings::{decimal_digit, is_space};
use crate::language::Error;
use crate::value::{Value, repr_bounded};

/// CPython refuses to read longer decimal numbers.
const DIGITS_MAX: usize = 4_300;
/// Longer texts of numbers are not read: it would take long, and exponents that undo more zeros than this are not read
/// right any more.
const TEXT_BYTES_MAX: usize = 100_000;

fn shown(value: &Value) -> String {
    repr_bounded(value, 200).unwrap_or_else(|| "a long text".to_owned())
}

/// `int(float)`
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
pub(super) fn truncated(number: f64) -> Result<i64, Error> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        Err(value_error("cannot convert float NaN to integer"))
    } else if number.is_infinite() {
        Err(value_error("cannot convert float infinity to integer"))
    } else if (-TWO_63..TWO_63).contains(&number.trunc()) {
        Ok(number.trunc() as i64)
    } else {
        Err(overflow())
    }
}

/// Text without blanks around it, its digits (of whatever script) as ASCII.
fn plain(text: &str) -> String {
    let digit = |character: char| match decimal_digit(character) {
        Some(digit) => char::from(b'0' + digit),
        None => character,
    };
    text.trim_matches(is_space).chars().map(digit).collect()
}

fn decoded(value: &Value) -> Result<Option<String>, Error> {
    let bytes = match value {
        Value::Str(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    if bytes > TEXT_BYTES_MAX {
        return Err(Error::Limit(format!("the text of a number may be {TEXT_BYTES_MAX} bytes")));
    }
    Ok(match value {
        Value::Str(text) => Some(plain(text)),
        Value::Bytes(bytes) => Some(
            bytes
                .trim_ascii()
                .iter()
                .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' })
                .collect(),
        ),
        _ => None,
    })
}

/// `int(value)`, `int(text, base)`
pub(super) fn int(value: &Value, base: Option<&Value>) -> Result<i64, Error> {
    let Some(base) = base else {
        return match value {
            Value::Float(number) => truncated(*number),
            _ => match (whole(value), decoded(value)?) {
                (Some(number), _) => Ok(number),
                (None, Some(text)) => parse_int(&text, 10, value),
                (None, None) => Err(type_error(format!(
                    "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                    value.type_name()
                ))),
            },
        };
    };
    let base = integer(base)?;
    if base != 0 && !(2..=36).contains(&base) {
        return Err(value_error("int() base must be >= 2 and <= 36, or 0"));
    }
    let text =
        decoded(value)?.ok_or_else(|| type_error("int() can't convert non-string with explicit base"))?;
    parse_int(&text, u32::try_from(base).unwrap_or(0), value)
}

fn parse_int(text: &str, base: u32, value: &Value) -> Result<i64, Error> {
    let invalid = || value_error(format!("invalid literal for int() with base {base}: {}", shown(value)));
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefixed = |letter: char| {
        let tail = digits.strip_prefix('0')?;
        tail.strip_prefix(letter).or_else(|| tail.strip_prefix(letter.to_ascii_uppercase()))
    };
    let (radix, tail) = match base {
        0 | 2 if prefixed('b').is_some() => (2, prefixed('b')),
        0 | 8 if prefixed('o').is_some() => (8, prefixed('o')),
        0 | 16 if prefixed('x').is_some() => (16, prefixed('x')),
        0 => (10, None),
        _ => (base, None),
    };
    // One underscore may follow the prefix.
    let body = tail.map_or(digits, |tail| tail.strip_prefix('_').unwrap_or(tail));
    let well_spaced =
        !body.is_empty() && !body.starts_with('_') && !body.ends_with('_') && !body.contains("__");
    let figures: String = body.chars().filter(|character| *character != '_').collect();
    if !well_spaced || !figures.chars().all(|character| character.is_digit(radix)) {
        return Err(invalid());
    }
    if base == 0 && tail.is_none() && figures.starts_with('0') && figures.contains(|digit| digit != '0') {
        return Err(invalid());
    }
    if figures.len() > DIGITS_MAX && !radix.is_power_of_two() {
        return Err(value_error(format!(
            "Exceeds the limit ({DIGITS_MAX} digits) for integer string conversion"
        )));
    }
    let signed = if negative { format!("-{figures}") } else { figures };
    i64::from_str_radix(&signed, radix).map_err(|_| overflow())
}

/// `float(value)`
pub(super) fn float(value: &Value) -> Result<f64, Error> {
    if let Some(number) = Number::of(value) {
        return Ok(number.float());
    }
    let text = decoded(value)?.ok_or_else(|| {
        type_error(format!("float() argument must be a string or a real number, not '{}'", value.type_name()))
    })?;
    let invalid = || value_error(format!("could not convert string to float: {}", shown(value)));
    let bytes = text.as_bytes();
    let digit_at =
        |place: Option<usize>| place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_digit);
    // An underscore stands between two digits.
    let spaced = bytes
        .iter()
        .enumerate()
        .all(|(place, byte)| *byte != b'_' || digit_at(place.checked_sub(1)) && digit_at(Some(place + 1)));
    if !spaced {
        return Err(invalid());
    }
    let text = text.replace('_', "");
    text.parse::<f64>().map(fresh).map_err(|_| invalid())
}

/// `float.fromhex(text)`
pub(super) fn from_hex(text: &str) -> Result<f64, Error> {
    let invalid = || value_error("invalid hexadecimal floating-point string");
    let text =
        text.trim_matches(|character: char| character.is_ascii() && is_space(character)).to_ascii_lowercase();
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let signed = |number: f64| if negative { -number } else { number };
    match body {
        "inf" | "infinity" => return Ok(signed(f64::INFINITY)),
        "nan" => return Ok(fresh(signed(f64::NAN))),
        _ => {}
    }
    let body = body.strip_prefix("0x").unwrap_or(body);
    let (mantissa, exponent) = match body.split_once('p') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().map_err(|_| invalid())?),
        None => (body, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(invalid());
    }
    let places = i64::try_from(fraction.len()).map_err(|_| overflow())?;
    let exponent = exponent.checked_sub(places * 4).ok_or_else(overflow)?;
    scaled(&digits, exponent).map(signed)
}

/// Hexadecimal digits times a power of two, rounded once, half to even.
#[expect(clippy::cast_precision_loss, reason = "no more bits are kept than a float has")]
fn scaled(digits: &str, exponent: i64) -> Result<f64, Error> {
    let digits = digits.trim_start_matches('0');
    let (mut bits, mut exponent, mut sticky) = (0_u128, exponent, false);
    for digit in digits.chars() {
        if bits >> 120 == 0 {
            bits = bits << 4 | u128::from(digit.to_digit(16).unwrap_or(0));
        } else {
            exponent = exponent.saturating_add(4);
            sticky |= digit != '0';
        }
    }
    if bits == 0 {
        return Ok(0.0);
    }
    // The value of the lowest bit that the float will keep.
    let top = exponent.saturating_add(i64::from(128 - bits.leading_zeros()));
    let lowest = (top - 53).max(-1_074);
    if top > 1_024 {
        return Err(value_error("hexadecimal value too large to represent as a float"));
    }
    let drop = lowest - exponent;
    let kept = if drop <= 0 {
        bits << (-drop).min(64)
    } else if drop > 127 {
        0
    } else {
        let half = 1_u128 << (drop - 1);
        let rest = bits & ((half << 1) - 1);
        let kept = bits >> drop;
        kept + u128::from(rest > half || rest == half && (sticky || kept & 1 == 1))
    };
    let number = kept as f64 * 2.0_f64.powi(i32::try_from(lowest.clamp(-1_000, 1_023)).unwrap_or(0));
    let number = number * 2.0_f64.powi(i32::try_from(lowest.min(-1_000) + 1_000).unwrap_or(0));
    if number.is_infinite() {
        return Err(value_error("hexadecimal value too large to represent as a float"));
    }
    Ok(number)
}

/// `round(value[, digits])`: half to even, on the exact decimal value.
pub(super) fn round(value: &Value, digits: Option<&Value>) -> Result<Value, Error> {
    let digits = match digits {
        None | Some(Value::None) => None,
        Some(digits) => Some(integer(digits)?),
    };
    match (Number::of(value), digits) {
        (Some(Number::Int(number)), None) => Ok(Value::Int(number)),
        (Some(Number::Int(number)), Some(digits)) => round_int(number, digits).map(Value::Int),
        (Some(Number::Float(number)), None) => truncated(number.round_ties_even()).map(Value::Int),
        (Some(Number::Float(number)), Some(digits)) => round_float(number, digits).map(Value::Float),
        (None, _) => Err(type_error(format!("type {} doesn't define __round__ method", value.type_name()))),
    }
}

fn round_int(number: i64, digits: i64) -> Result<i64, Error> {
    if digits >= 0 {
        return Ok(number);
    }
    let Some(unit) = u32::try_from(digits.unsigned_abs()).ok().and_then(|digits| 10_i128.checked_pow(digits))
    else {
        return Ok(0);
    };
    let number = i128::from(number);
    let (mut quotient, rest) = (number.div_euclid(unit), number.rem_euclid(unit));
    if rest * 2 > unit || rest * 2 == unit && quotient % 2 != 0 {
        quotient += 1;
    }
    i64::try_from(quotient * unit).map_err(|_| overflow())
}

fn round_float(number: f64, digits: i64) -> Result<f64, Error> {
    if !number.is_finite() || digits > 323 {
        return Ok(number);
    }
    if digits < -308 {
        return Ok(0.0 * number);
    }
    if let Ok(digits) = usize::try_from(digits) {
        return Ok(format!("{number:.digits$}").parse().unwrap_or(number));
    }
    let drop = usize::try_from(digits.unsigned_abs()).unwrap_or(0);
    let whole = format!("{:.0}", number.abs().trunc());
    // One zero before the digits takes what is carried.
    let padded = format!("{whole:0>width$}", width = drop + 1);
    let (kept, dropped) = padded.split_at(padded.len() - drop);
    let half = format!("{:0<drop$}", "5");
    let above = match dropped.cmp(half.as_str()) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => number.fract() != 0.0 || kept.ends_with(['1', '3', '5', '7', '9']),
    };
    let kept = if above { incremented(kept) } else { kept.to_owned() };
    let rounded: f64 = format!("{kept}e{drop}").parse().unwrap_or(f64::INFINITY);
    if rounded.is_infinite() {
        return Err(value_error("rounded value too large to represent"));
    }
    Ok(rounded.copysign(number))
}

/// A decimal number plus one.
fn incremented(digits: &str) -> String {
    let nines = digits.len() - digits.trim_end_matches('9').len();
    let (front, _) = digits.split_at(digits.len() - nines);
    let front = match front.split_at_checked(front.len().wrapping_sub(1)) {
        Some((front, last)) => {
            let last = last.parse::<u8>().unwrap_or(0) + 1;
            format!("{front}{last}")
        }
        None => "1".to_owned(),
    };
    front + "0".repeat(nines).as_str()
}
