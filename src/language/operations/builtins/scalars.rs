//! `abs`, `bin`, `chr`, `divmod`, `hex`, `oct`, `ord`, `pow`, `round`.

use crate::language::Error;
use crate::language::modules;
use crate::language::operations::arguments::{integer, whole};
use crate::language::operations::errors::{overflow, type_error, value_error};
use crate::language::operations::{Binary, Call, convert, numbers};
use crate::value::Value;

pub(super) fn builtin(name: &str, call: Call) -> Result<Value, Error> {
    match name {
        "abs" => absolute(&call.one(name)?),
        "bin" | "hex" | "oct" => based(name, integer(&call.one(name)?)?),
        "chr" => {
            let number = integer(&call.one(name)?)?;
            match u32::try_from(number).ok().filter(|number| *number < 0x11_0000) {
                None => Err(value_error("chr() arg not in range(0x110000)")),
                Some(code) => match char::from_u32(code) {
                    Some(character) => Ok(Value::from(String::from(character))),
                    None => Err(value_error("the server has no text with half a surrogate pair")),
                },
            }
        }
        "ord" => ordinal(&call.one(name)?),
        "divmod" => {
            let [left, right] = call.bind(name, ["/x", "/y"], 2)?;
            let (left, right) = (left.unwrap_or(Value::None), right.unwrap_or(Value::None));
            match numbers::divmod(&left, &right) {
                Err(Error::Type(message)) => {
                    foreign_divmod(&left, &right).unwrap_or(Err(Error::Type(message)))
                }
                result => result,
            }
        }
        "pow" => {
            let [base, exponent, modulus] = call.bind(name, ["base", "exp", "mod"], 2)?;
            power(&base.unwrap_or(Value::None), &exponent.unwrap_or(Value::None), modulus.as_ref())
        }
        _ => {
            let [number, digits] = call.bind(name, ["number", "ndigits"], 1)?;
            convert::round(&number.unwrap_or(Value::None), digits.as_ref())
        }
    }
}

/// `divmod` of timedeltas.
fn foreign_divmod(left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    let quotient = modules::binary(Binary::FloorDiv, left, right)?;
    let rest = modules::binary(Binary::Mod, left, right)?;
    Some(quotient.and_then(|quotient| rest.map(|rest| Value::tuple(vec![quotient, rest]))))
}

fn absolute(value: &Value) -> Result<Value, Error> {
    match value {
        Value::Float(number) => Ok(Value::Float(number.abs())),
        Value::Delta(delta) => Ok(Value::Delta(delta.abs())),
        _ => match whole(value) {
            Some(number) => number.checked_abs().map(Value::Int).ok_or_else(overflow),
            None => Err(type_error(format!("bad operand type for abs(): '{}'", value.type_name()))),
        },
    }
}

fn based(name: &str, number: i64) -> Result<Value, Error> {
    let sign = if number < 0 { "-" } else { "" };
    let size = number.unsigned_abs();
    Ok(Value::from(match name {
        "bin" => format!("{sign}{size:#b}"),
        "hex" => format!("{sign}{size:#x}"),
        _ => format!("{sign}{size:#o}"),
    }))
}

fn ordinal(value: &Value) -> Result<Value, Error> {
    let counted = match value {
        Value::Str(text) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => return Ok(Value::Int(i64::from(u32::from(character)))),
                _ => text.chars().count(),
            }
        }
        Value::Bytes(bytes) => match &**bytes {
            [byte] => return Ok(Value::Int(i64::from(*byte))),
            _ => bytes.len(),
        },
        _ => {
            return Err(type_error(format!(
                "ord() expected string of length 1, but {} found",
                value.type_name()
            )));
        }
    };
    Err(type_error(format!("ord() expected a character, but string of length {counted} found")))
}

fn power(base: &Value, exponent: &Value, modulus: Option<&Value>) -> Result<Value, Error> {
    match modulus {
        None | Some(Value::None) => numbers::binary(Binary::Pow, base, exponent).unwrap_or_else(|| {
            Err(crate::language::operations::errors::unsupported(Binary::Pow, base, exponent))
        }),
        Some(modulus) => match (whole(base), whole(exponent), whole(modulus)) {
            (Some(base), Some(exponent), Some(modulus)) => {
                numbers::power_modulo(base, exponent, modulus).map(Value::Int)
            }
            _ => Err(type_error("pow() 3rd argument not allowed unless all arguments are integers")),
        },
    }
}
