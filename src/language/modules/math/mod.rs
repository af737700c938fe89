//! Python's `math`.
//!
//! Where CPython calls the C library, so do we, through Rust's standard library, and the results are the same to the
//! last bit.

mod floats;
mod integers;
mod special;
mod vectors;

pub(super) use floats::fsum;
use floats::{frexp, ldexp, modf, nextafter, remainder, ulp};
use integers::{comb, factorial, gcd, perm};
use vectors::norm;

use super::Surroundings;
use crate::language::operations::{self, Call};
use crate::language::{Budget, Error};
use crate::value::Value;

pub(super) const CONSTANTS: [&str; 5] = ["e", "inf", "nan", "pi", "tau"];
pub(super) const FUNCTIONS: [&str; 55] = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "comb",
    "copysign",
    "cos",
    "cosh",
    "degrees",
    "dist",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "factorial",
    "floor",
    "fmod",
    "frexp",
    "fsum",
    "gamma",
    "gcd",
    "hypot",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isqrt",
    "lcm",
    "ldexp",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "modf",
    "nextafter",
    "perm",
    "pow",
    "prod",
    "radians",
    "remainder",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "trunc",
    "ulp",
];

pub(super) fn constant(name: &str) -> Option<Value> {
    Some(Value::Float(match name {
        "pi" => std::f64::consts::PI,
        "e" => std::f64::consts::E,
        "tau" => std::f64::consts::TAU,
        "inf" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => return None,
    }))
}

fn domain() -> Error {
    Error::Value("math domain error".to_owned())
}

fn range() -> Error {
    Error::Value("math range error".to_owned())
}

fn too_big() -> Error {
    Error::Limit("the result does not fit into 64 bits".to_owned())
}

fn count(name: &str, wanted: &str, given: usize) -> Error {
    Error::Type(format!("math.{name}() takes {wanted} ({given} given)"))
}

#[expect(clippy::cast_precision_loss, reason = "Python's float(int) rounds as well")]
fn float(value: &Value) -> Result<f64, Error> {
    match value {
        Value::Float(number) => Ok(*number),
        Value::Int(number) => Ok(*number as f64),
        Value::Bool(truth) => Ok(f64::from(u8::from(*truth))),
        other => Err(Error::Type(format!("must be real number, not {}", other.type_name()))),
    }
}

fn int(value: &Value) -> Result<i64, Error> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::Bool(truth) => Ok(i64::from(*truth)),
        other => {
            Err(Error::Type(format!("'{}' object cannot be interpreted as an integer", other.type_name())))
        }
    }
}

fn not_negative(name: &str, value: &Value) -> Result<i64, Error> {
    let number = int(value)?;
    if number < 0 {
        return Err(Error::Value(format!("{name}() not defined for negative values")));
    }
    Ok(number)
}

pub(super) fn call(name: &'static str, call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    let budget = around.budget;
    let arguments = call.positional;
    if name == "isclose" {
        return isclose(&arguments, &call.keyword);
    }
    if name == "prod" {
        return prod(&arguments, call.keyword, budget);
    }
    if let Some((keyword, _)) = call.keyword.first() {
        return Err(Error::Type(format!("math.{name}() takes no keyword argument '{keyword}'")));
    }
    match arguments.as_slice() {
        [one] => unary(name, one, budget),
        [a, b] => binary(name, a, b, budget),
        _ => many(name, &arguments),
    }
}

fn unary(name: &'static str, value: &Value, budget: &Budget) -> Result<Value, Error> {
    match name {
        "ceil" | "floor" | "trunc" => return rounded(name, value),
        "factorial" => return factorial(not_negative(name, value)?),
        "isqrt" => return not_negative(name, value).map(|number| Value::Int(number.isqrt())),
        "perm" => return factorial(not_negative("perm", value)?),
        "gcd" | "lcm" | "hypot" => return many(name, std::slice::from_ref(value)),
        "fsum" => return fsum(&operations::iterate(value, budget)?, budget).map(Value::Float),
        "log" | "log2" | "log10" => return logarithm(name, float(value)?).map(Value::Float),
        "frexp" => return Ok(frexp(float(value)?)),
        "modf" => return Ok(modf(float(value)?)),
        _ => {}
    }
    let x = float(value)?;
    Ok(match name {
        "isfinite" => Value::Bool(x.is_finite()),
        "isinf" => Value::Bool(x.is_infinite()),
        "isnan" => Value::Bool(x.is_nan()),
        _ => Value::Float(function(name, x)?),
    })
}

/// A function of one float: a NaN that the argument does not explain is a domain error, an infinity a range error.
fn function(name: &'static str, x: f64) -> Result<f64, Error> {
    let result = match name {
        "acos" => x.acos(),
        "acosh" => {
            if x < 1.0 {
                return Err(domain());
            }
            special::acosh(x)
        }
        "asin" => x.asin(),
        "asinh" => special::asinh(x),
        "atan" => x.atan(),
        "atanh" => {
            if x.abs() >= 1.0 {
                return Err(domain());
            }
            special::atanh(x)
        }
        "cbrt" => special::cbrt(x),
        "cos" => x.cos(),
        "cosh" => x.cosh(),
        "degrees" => return Ok(x * (180.0 / std::f64::consts::PI)),
        "erf" => special::erf(x),
        "erfc" => special::erfc(x),
        "exp" => x.exp(),
        "exp2" => x.exp2(),
        "expm1" => x.exp_m1(),
        "fabs" => x.abs(),
        "gamma" => special::gamma(x).ok_or_else(domain)?,
        "lgamma" => special::lgamma(x).ok_or_else(domain)?,
        "log1p" => {
            if x <= -1.0 {
                return Err(domain());
            }
            x.ln_1p()
        }
        "radians" => return Ok(x * (std::f64::consts::PI / 180.0)),
        "sin" => x.sin(),
        "sinh" => x.sinh(),
        "sqrt" => x.sqrt(),
        "tan" => x.tan(),
        "tanh" => x.tanh(),
        "ulp" => return Ok(ulp(x)),
        _ => return Err(count(name, "another number of arguments", 1)),
    };
    if result.is_nan() && !x.is_nan() {
        return Err(domain());
    }
    if result.is_infinite() && x.is_finite() {
        return Err(range());
    }
    Ok(result)
}

fn logarithm(name: &str, x: f64) -> Result<f64, Error> {
    if x <= 0.0 {
        return Err(domain());
    }
    Ok(match name {
        "log2" => x.log2(),
        "log10" => x.log10(),
        _ => x.ln(),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn rounded(name: &str, value: &Value) -> Result<Value, Error> {
    let Value::Float(x) = value else {
        return int(value).map(Value::Int).map_err(|_| float(value).err().unwrap_or_else(domain));
    };
    let whole = match name {
        "ceil" => x.ceil(),
        "floor" => x.floor(),
        _ => x.trunc(),
    };
    if whole.is_nan() {
        return Err(Error::Value("cannot convert float NaN to integer".to_owned()));
    }
    if whole.is_infinite() {
        return Err(Error::Value("cannot convert float infinity to integer".to_owned()));
    }
    // 2 to the power of 63, which is a float.
    let limit = 9_223_372_036_854_775_808.0;
    if whole >= limit || whole < -limit { Err(too_big()) } else { Ok(Value::Int(whole as i64)) }
}

fn binary(name: &'static str, a: &Value, b: &Value, budget: &Budget) -> Result<Value, Error> {
    match name {
        "comb" => return comb(not_negative("comb", a)?, not_negative("comb", b)?),
        "perm" if matches!(b, Value::None) => return factorial(not_negative("perm", a)?),
        "perm" => return perm(not_negative("perm", a)?, not_negative("perm", b)?),
        "gcd" | "lcm" | "hypot" => return many(name, &[a.clone(), b.clone()]),
        "dist" => return dist(&operations::iterate(a, budget)?, &operations::iterate(b, budget)?),
        "ldexp" => return ldexp(float(a)?, int(b)?).map(Value::Float),
        "log" => {
            let (numerator, denominator) = (logarithm("log", float(a)?)?, logarithm("log", float(b)?)?);
            if denominator == 0.0 {
                return Err(Error::Value("division by zero".to_owned()));
            }
            return Ok(Value::Float(numerator / denominator));
        }
        _ => {}
    }
    let (x, y) = (float(a)?, float(b)?);
    Ok(Value::Float(match name {
        "atan2" => x.atan2(y),
        "copysign" => x.copysign(y),
        "fmod" => {
            if !x.is_nan() && !y.is_nan() && (x.is_infinite() || y == 0.0) {
                return Err(domain());
            }
            x % y
        }
        "nextafter" => nextafter(x, y),
        "pow" => return power(x, y).map(Value::Float),
        "remainder" => return remainder(x, y).map(Value::Float),
        _ => return Err(count(name, "another number of arguments", 2)),
    }))
}

fn power(x: f64, y: f64) -> Result<f64, Error> {
    let result = x.powf(y);
    if result.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(domain());
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(if x == 0.0 { domain() } else { range() });
    }
    Ok(result)
}

fn many(name: &'static str, arguments: &[Value]) -> Result<Value, Error> {
    match name {
        "gcd" => {
            let numbers = arguments.iter().map(int).collect::<Result<Vec<_>, _>>()?;
            let result = numbers.into_iter().map(i64::unsigned_abs).fold(0, gcd);
            i64::try_from(result).map(Value::Int).map_err(|_| too_big())
        }
        "lcm" => {
            let mut result = 1_u64;
            for number in arguments {
                let number = int(number)?.unsigned_abs();
                if number == 0 {
                    result = 0;
                } else if result != 0 {
                    result = (result / gcd(result, number)).checked_mul(number).ok_or_else(too_big)?;
                }
            }
            i64::try_from(result).map(Value::Int).map_err(|_| too_big())
        }
        "hypot" => {
            let numbers = arguments.iter().map(float).collect::<Result<Vec<_>, _>>()?;
            Ok(Value::Float(norm(&numbers)))
        }
        _ => Err(count(name, "another number of arguments", arguments.len())),
    }
}

fn dist(from: &[Value], to: &[Value]) -> Result<Value, Error> {
    if from.len() != to.len() {
        return Err(Error::Value("both points must have the same number of dimensions".to_owned()));
    }
    let steps =
        from.iter().zip(to).map(|(a, b)| Ok(float(a)? - float(b)?)).collect::<Result<Vec<_>, Error>>()?;
    Ok(Value::Float(norm(&steps)))
}

fn prod(arguments: &[Value], keyword: Vec<(String, Value)>, budget: &Budget) -> Result<Value, Error> {
    let [items] = arguments else {
        return Err(count("prod", "exactly 1 positional argument", arguments.len()));
    };
    let mut product = Value::Int(1);
    for (name, value) in keyword {
        if name != "start" {
            return Err(Error::Type(format!("math.prod() takes no keyword argument '{name}'")));
        }
        product = value;
    }
    for item in operations::iterate(items, budget)? {
        product = operations::binary(operations::Binary::Mul, &product, &item, budget)?;
    }
    Ok(product)
}

fn isclose(arguments: &[Value], keyword: &[(String, Value)]) -> Result<Value, Error> {
    let [a, b] = arguments else {
        return Err(count("isclose", "exactly 2 positional arguments", arguments.len()));
    };
    let (a, b) = (float(a)?, float(b)?);
    let (mut relative, mut absolute) = (1e-9, 0.0);
    for (name, value) in keyword {
        match name.as_str() {
            "rel_tol" => relative = float(value)?,
            "abs_tol" => absolute = float(value)?,
            _ => return Err(Error::Type(format!("math.isclose() takes no keyword argument '{name}'"))),
        }
    }
    if relative < 0.0 || absolute < 0.0 {
        return Err(Error::Value("tolerances must be non-negative".to_owned()));
    }
    let apart = (a - b).abs();
    let near = a.is_finite() && b.is_finite();
    let close = apart <= (relative * b).abs() || apart <= (relative * a).abs() || apart <= absolute;
    Ok(Value::Bool(a == b || (near && close)))
}
