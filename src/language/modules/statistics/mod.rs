//! Python's `statistics`: means and deviations without rounding on the way, as Python has them.

mod exact;

use exact::{Ratio, Sums};

use super::Surroundings;
use super::math::fsum;
use crate::language::operations::{self, Binary, Call, integer};
use crate::language::{Budget, Error};
use crate::value::{Dict, Key, Value};

pub(super) const CONSTANTS: [&str; 0] = [];
pub(super) const FUNCTIONS: [&str; 13] = [
    "fmean",
    "geometric_mean",
    "mean",
    "median",
    "median_high",
    "median_low",
    "mode",
    "multimode",
    "pstdev",
    "pvariance",
    "quantiles",
    "stdev",
    "variance",
];

pub(super) fn constant(_name: &str) -> Option<Value> {
    None
}

fn value_error(message: impl Into<String>) -> Error {
    Error::Value(message.into())
}

fn too_big() -> Error {
    Error::Limit(String::from("the result does not fit into 64 bits"))
}

pub(super) fn call(name: &'static str, call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    let budget = around.budget;
    match name {
        "mean" => {
            let data = data(name, call, budget)?;
            let needed = || value_error("mean requires at least one data point");
            match data.as_slice() {
                [] => Err(needed()),
                data => match gathered(data, budget)? {
                    #[expect(clippy::cast_precision_loss, reason = "Python divides by a float as well")]
                    Gathered::Special(sum) => Ok(Value::Float(sum / data.len() as f64)),
                    Gathered::Exact(sums, kind) => answered(&sums.mean(sums.count), kind),
                },
            }
        }
        "fmean" => fmean(call, budget),
        "geometric_mean" => geometric_mean(&data(name, call, budget)?, budget),
        "median" | "median_low" | "median_high" => median(name, data(name, call, budget)?, budget),
        "mode" => {
            let data = data(name, call, budget)?;
            let modes = counted(data, budget)?;
            modes.into_iter().next().ok_or_else(|| value_error("no mode for empty data"))
        }
        "multimode" => {
            let data = data(name, call, budget)?;
            counted(data, budget).map(Value::list)
        }
        "quantiles" => quantiles(call, budget),
        _ => spread(name, call, budget),
    }
}

fn data(name: &str, call: Call, budget: &Budget) -> Result<Vec<Value>, Error> {
    let [data] = call.bind(name, ["data"], 1)?;
    operations::iterate(&data.unwrap_or(Value::None), budget)
}

/// What the numbers' type makes of a result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Float,
}

enum Gathered {
    Exact(Sums, Kind),
    /// One of the numbers is no finite one.
    Special(f64),
}

fn gathered(data: &[Value], budget: &Budget) -> Result<Gathered, Error> {
    let mut sums = Sums::default();
    let mut kind = Kind::Int;
    let mut special: Option<f64> = None;
    for value in data {
        budget.tick()?;
        match value {
            Value::Int(number) => sums.add_int(*number),
            Value::Bool(truth) => sums.add_int(i64::from(*truth)),
            Value::Float(number) => {
                kind = Kind::Float;
                if number.is_finite() {
                    sums.add_float(*number);
                } else {
                    special = Some(special.map_or(*number, |special| special + number));
                }
            }
            other => {
                return Err(Error::Type(format!(
                    "can't convert type '{}' to numerator/denominator",
                    other.type_name()
                )));
            }
        }
    }
    Ok(special.map_or(Gathered::Exact(sums, kind), Gathered::Special))
}

fn answered(ratio: &Ratio, kind: Kind) -> Result<Value, Error> {
    if kind == Kind::Int
        && let Some(whole) = ratio.whole()
    {
        return whole.map(Value::Int).map_err(|()| too_big());
    }
    ratio
        .float()
        .map(Value::Float)
        .ok_or_else(|| value_error("integer division result too large for a float"))
}

/// `variance`, `stdev` and the two of a whole population.
fn spread(name: &'static str, call: Call, budget: &Budget) -> Result<Value, Error> {
    let is_population = name.starts_with('p');
    let [data, center] = call.bind(name, ["data", if is_population { "mu" } else { "xbar" }], 1)?;
    let data = operations::iterate(&data.unwrap_or(Value::None), budget)?;
    let count = data.len() as u64;
    let lost = u64::from(!is_population);
    let center = center.filter(|center| !matches!(center, Value::None));
    let found = match &center {
        None => gathered(&data, budget)?,
        Some(center) => {
            let squared = |value: &Value| {
                let apart = operations::binary(Binary::Sub, value, center, budget)?;
                operations::binary(Binary::Mul, &apart, &apart, budget)
            };
            gathered(&data.iter().map(squared).collect::<Result<Vec<_>, _>>()?, budget)?
        }
    };
    if count <= lost {
        let points = if is_population { "one data point" } else { "two data points" };
        return Err(value_error(format!("{name} requires at least {points}")));
    }
    match found {
        Gathered::Exact(sums, kind) => {
            let divisor = count - lost;
            let ratio = if center.is_some() { sums.mean(divisor) } else { sums.deviation(divisor) };
            if name.ends_with("stdev") {
                return ratio
                    .root()
                    .map(Value::Float)
                    .ok_or_else(|| value_error("the deviation is too large"));
            }
            answered(&ratio, kind)
        }
        Gathered::Special(_) if name.ends_with("stdev") => {
            Err(value_error(format!("{name}() of numbers that are not finite")))
        }
        #[expect(clippy::cast_precision_loss, reason = "Python divides by a float as well")]
        Gathered::Special(sum) => Ok(Value::Float(sum / (count - lost) as f64)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "Python's float(int) rounds as well")]
fn float(value: &Value) -> Result<f64, Error> {
    match value {
        Value::Float(number) => Ok(*number),
        other => integer(other)
            .map(|number| number as f64)
            .map_err(|_| Error::Type(format!("must be real number, not {}", other.type_name()))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "Python divides by a float as well")]
fn fmean(call: Call, budget: &Budget) -> Result<Value, Error> {
    let [data, weights] = call.bind("fmean", ["data", "weights"], 1)?;
    let data = operations::iterate(&data.unwrap_or(Value::None), budget)?;
    let Some(weights) = weights.filter(|weights| !matches!(weights, Value::None)) else {
        let total = fsum(&data, budget)?;
        if data.is_empty() {
            return Err(value_error("fmean requires at least one data point"));
        }
        return Ok(Value::Float(total / data.len() as f64));
    };
    let weights = operations::iterate(&weights, budget)?;
    let mut products = Vec::new();
    for (value, weight) in data.iter().zip(&weights) {
        products.push(operations::binary(Binary::Mul, value, weight, budget)?);
    }
    let sum = fsum(&products, budget)?;
    if data.len() != weights.len() {
        return Err(value_error("data and weights must be the same length"));
    }
    let total = fsum(&weights, budget)?;
    if total == 0.0 {
        return Err(value_error("sum of weights must be non-zero"));
    }
    Ok(Value::Float(sum / total))
}

#[expect(clippy::cast_precision_loss, reason = "Python divides by a float as well")]
fn geometric_mean(data: &[Value], budget: &Budget) -> Result<Value, Error> {
    let none = || value_error("geometric mean requires a non-empty dataset containing positive numbers");
    let mut logarithms = Vec::with_capacity(data.len());
    for value in data {
        let number = float(value)?;
        if number <= 0.0 {
            return Err(none());
        }
        logarithms.push(Value::Float(number.ln()));
    }
    if data.is_empty() {
        return Err(none());
    }
    Ok(Value::Float((fsum(&logarithms, budget)? / data.len() as f64).exp()))
}

fn ordered(data: Vec<Value>, budget: &Budget) -> Result<Vec<Value>, Error> {
    let call = Call { positional: vec![Value::list(data)], keyword: Vec::new() };
    operations::iterate(&operations::builtin("sorted", call, budget)?, budget)
}

fn median(name: &'static str, data: Vec<Value>, budget: &Budget) -> Result<Value, Error> {
    let data = ordered(data, budget)?;
    let middle = data.len() / 2;
    let Some(upper) = data.get(middle) else { return Err(value_error("no median for empty data")) };
    let lower = match middle.checked_sub(1).and_then(|place| data.get(place)) {
        Some(lower) if data.len().is_multiple_of(2) => lower,
        _ => return Ok(upper.clone()),
    };
    match name {
        "median_low" => Ok(lower.clone()),
        "median_high" => Ok(upper.clone()),
        _ => {
            let sum = operations::binary(Binary::Add, lower, upper, budget)?;
            operations::binary(Binary::TrueDiv, &sum, &Value::Int(2), budget)
        }
    }
}

/// What occurs most often, in the order in which it first occurs.
fn counted(data: Vec<Value>, budget: &Budget) -> Result<Vec<Value>, Error> {
    budget.reserve(data.len().saturating_mul(96))?;
    let mut counts = Dict::new();
    for value in data {
        budget.tick()?;
        let key = Key::new(value)
            .map_err(|value| Error::Type(format!("unhashable type: '{}'", value.type_name())))?;
        if let Value::Int(count) = counts.entry(key).or_insert(Value::Int(0)) {
            *count += 1;
        }
    }
    let of = |count: &Value| if let Value::Int(count) = count { *count } else { 0 };
    let most = counts.values().map(of).max();
    Ok(counts
        .into_iter()
        .filter(|(_, count)| Some(of(count)) == most)
        .map(|(key, _)| key.into_value())
        .collect())
}

fn quantiles(call: Call, budget: &Budget) -> Result<Value, Error> {
    let [data, parts, method] = call.bind("quantiles", ["data", "*n", "*method"], 1)?;
    let parts = operations::integer_or(parts.as_ref(), 4)?;
    if parts < 1 {
        return Err(value_error("n must be at least 1"));
    }
    let data = ordered(operations::iterate(&data.unwrap_or(Value::None), budget)?, budget)?;
    let count = i64::try_from(data.len()).map_err(|_| too_big())?;
    if count < 2 {
        return Err(value_error("must have at least two data points"));
    }
    let exclusive = match &method {
        None => true,
        Some(Value::Str(method)) if **method == *"exclusive" => true,
        Some(Value::Str(method)) if **method == *"inclusive" => false,
        Some(other) => return Err(value_error(format!("Unknown method: {}", crate::value::repr(other)))),
    };
    budget.reserve(usize::try_from(parts).unwrap_or(usize::MAX).saturating_mul(32))?;
    let steps = if exclusive { count + 1 } else { count - 1 };
    let at = |place: i64| {
        usize::try_from(place).ok().and_then(|place| data.get(place)).cloned().unwrap_or(Value::None)
    };
    let mut cuts = Vec::new();
    for part in 1..parts {
        let across = part.checked_mul(steps).ok_or_else(too_big)?;
        let (before, delta) = if exclusive {
            let place = (across / parts).clamp(1, count - 1);
            (place - 1, across - place * parts)
        } else {
            (across / parts, across % parts)
        };
        let weighted = |place: i64, weight: i64| {
            operations::binary(Binary::Mul, &at(place), &Value::Int(weight), budget)
        };
        let sum = operations::binary(
            Binary::Add,
            &weighted(before, parts - delta)?,
            &weighted(before + 1, delta)?,
            budget,
        )?;
        cuts.push(operations::binary(Binary::TrueDiv, &sum, &Value::Int(parts), budget)?);
    }
    Ok(Value::list(cuts))
}
