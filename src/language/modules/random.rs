//! Python's `random`: numbers from the chance that is handed in.
//!
//! Bounded: what is drawn lazily from a range is never laid out. There is no seed, so nothing can be repeated.

use std::collections::HashMap;
use std::f64::consts::TAU;

use super::Surroundings;
use crate::language::operations::{self, Call, integer};
use crate::language::{Budget, Error};
use crate::value::Value;

pub(super) const CONSTANTS: [&str; 0] = [];
pub(super) const FUNCTIONS: [&str; 14] = [
    "choice",
    "choices",
    "expovariate",
    "gauss",
    "getrandbits",
    "normalvariate",
    "randbytes",
    "randint",
    "random",
    "randrange",
    "sample",
    "shuffle",
    "triangular",
    "uniform",
];

pub(super) fn constant(_name: &str) -> Option<Value> {
    None
}

fn value_error(message: &str) -> Error {
    Error::Value(message.to_owned())
}

/// Chance, as Python's functions ask for it.
struct Chance<'w>(&'w Surroundings<'w>);

impl Chance<'_> {
    /// From 0 up to 1, which it never is: 53 bits.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit into a float")]
    fn unit(&self) -> f64 {
        ((self.0.random)() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Each of the numbers below `count`, with the same chance. `count` is not 0.
    fn below(&self, count: u64) -> u64 {
        // What is beyond the last whole multiple would favour the small numbers.
        let beyond = u64::MAX - u64::MAX % count;
        loop {
            let bits = (self.0.random)();
            if bits < beyond {
                return bits % count;
            }
        }
    }

    /// Normally distributed, by Box and Muller.
    fn normal(&self) -> f64 {
        let angle = self.unit() * TAU;
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        angle.cos() * radius
    }
}

pub(super) fn call(name: &'static str, call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    let chance = Chance(around);
    let budget = around.budget;
    match name {
        "random" => call.none(name).map(|()| Value::Float(chance.unit())),
        "randint" => {
            let [first, last] = call.bind(name, ["a", "b"], 2)?;
            let (first, last) = (whole(first.as_ref())?, whole(last.as_ref())?);
            if last < first {
                return Err(Error::Value(format!(
                    "empty range for randrange() ({first}, {}, {})",
                    i128::from(last) + 1,
                    i128::from(last) + 1 - i128::from(first)
                )));
            }
            placed(first, offset(&chance, i128::from(last) - i128::from(first) + 1))
        }
        "randrange" => randrange(&chance, call),
        "uniform" | "gauss" | "normalvariate" | "triangular" | "expovariate" => {
            distributed(name, &chance, call, budget)
        }
        "getrandbits" => {
            let bits = integer(&call.one(name)?)?;
            match bits {
                ..0 => Err(value_error("number of bits must be non-negative")),
                0 => Ok(Value::Int(0)),
                1..=63 => Ok(Value::Int(i64::try_from((around.random)() >> (64 - bits)).unwrap_or(0))),
                _ => Err(Error::Limit(String::from("the result does not fit into 64 bits"))),
            }
        }
        "randbytes" => {
            let count = integer(&call.one(name)?)?;
            let count =
                usize::try_from(count).map_err(|_| value_error("number of bits must be non-negative"))?;
            budget.reserve(count.saturating_add(64))?;
            let bytes: Vec<u8> =
                (0..count.div_ceil(8)).flat_map(|_| (around.random)().to_le_bytes()).take(count).collect();
            Ok(Value::Bytes(bytes.into()))
        }
        "choice" => {
            let [population] = call.bind(name, ["seq"], 1)?;
            let population = Population::of(population.unwrap_or(Value::None), budget)?;
            if population.count == 0 {
                return Err(value_error("Cannot choose from an empty sequence"));
            }
            population.item(chance.below(population.count))
        }
        "choices" => choices(&chance, call, budget),
        "shuffle" => {
            let [items] = call.bind(name, ["x"], 1)?;
            let mut items = match items {
                Some(Value::List(items)) => operations::iterate(&Value::List(items), budget)?,
                other => {
                    return Err(Error::Type(format!(
                        "shuffle() needs a list, not {}",
                        other.unwrap_or(Value::None).type_name()
                    )));
                }
            };
            for last in (1..items.len()).rev() {
                budget.tick()?;
                items.swap(last, usize::try_from(chance.below(last as u64 + 1)).unwrap_or(last));
            }
            Ok(Value::list(items))
        }
        _ => sample(&chance, call, budget),
    }
}

fn whole(value: Option<&Value>) -> Result<i64, Error> {
    match value {
        Some(Value::Float(number)) if number.fract() == 0.0 => {
            Err(Error::Type(format!("'float' object cannot be interpreted as an integer: {number}")))
        }
        Some(value) => integer(value),
        None => Ok(0),
    }
}

/// Below `count`, which is above 0 and at most 2 to the power of 64.
fn offset(chance: &Chance<'_>, count: i128) -> i128 {
    i128::from(u64::try_from(count).map_or_else(|_| (chance.0.random)(), |count| chance.below(count)))
}

fn placed(first: i64, offset: i128) -> Result<Value, Error> {
    let number = i64::try_from(i128::from(first) + offset);
    number.map(Value::Int).map_err(|_| Error::Limit(String::from("the result does not fit into 64 bits")))
}

fn randrange(chance: &Chance<'_>, call: Call) -> Result<Value, Error> {
    let [start, stop, step] = call.bind("randrange", ["start", "stop", "step"], 1)?;
    let start = whole(start.as_ref())?;
    let (start, stop) = match stop {
        None | Some(Value::None) => (0, start),
        Some(stop) => (start, whole(Some(&stop))?),
    };
    let step = step.map_or(Ok(1), |step| whole(Some(&step)))?;
    if step == 0 {
        return Err(value_error("zero step for randrange()"));
    }
    let (span, stride) = (i128::from(stop) - i128::from(start), i128::from(step));
    let count = (span + stride - stride.signum()) / stride;
    if count <= 0 {
        return Err(Error::Value(format!("empty range for randrange() ({start}, {stop}, {step})")));
    }
    placed(start, stride * offset(chance, count))
}

fn number(value: &Value) -> Result<f64, Error> {
    #[expect(clippy::cast_precision_loss, reason = "Python's float(int) rounds as well")]
    match value {
        Value::Float(number) => Ok(*number),
        other => integer(other)
            .map(|number| number as f64)
            .map_err(|_| Error::Type(format!("must be real number, not {}", other.type_name()))),
    }
}

fn distributed(name: &'static str, chance: &Chance<'_>, call: Call, budget: &Budget) -> Result<Value, Error> {
    let or = |value: Option<Value>, default: f64| value.map_or(Ok(default), |value| number(&value));
    let drawn = match name {
        "uniform" => {
            let [low, high] = call.bind(name, ["a", "b"], 2)?;
            let (low, high) = (or(low, 0.0)?, or(high, 1.0)?);
            low + (high - low) * chance.unit()
        }
        "triangular" => {
            let [low, high, mode] = call.bind(name, ["low", "high", "mode"], 0)?;
            let (low, high) = (or(low, 0.0)?, or(high, 1.0)?);
            let mode = match mode {
                None | Some(Value::None) => 0.5,
                Some(_) if high == low => return Ok(Value::Float(low)),
                Some(mode) => (number(&mode)? - low) / (high - low),
            };
            let unit = chance.unit();
            if unit > mode {
                high + (low - high) * ((1.0 - unit) * (1.0 - mode)).sqrt()
            } else {
                low + (high - low) * (unit * mode).sqrt()
            }
        }
        "expovariate" => {
            let [rate] = call.bind(name, ["lambd"], 1)?;
            let rate = or(rate, 1.0)?;
            if rate == 0.0 {
                return Err(value_error("division by zero"));
            }
            -(1.0 - chance.unit()).ln() / rate
        }
        _ => {
            let [mean, deviation] = call.bind(name, ["mu", "sigma"], 0)?;
            or(mean, 0.0)? + chance.normal() * or(deviation, 1.0)?
        }
    };
    budget.tick()?;
    Ok(Value::Float(drawn))
}

/// A sequence that is drawn from: items, or a range that is never laid out.
struct Population {
    source: Value,
    count: u64,
}

impl Population {
    fn of(source: Value, budget: &Budget) -> Result<Population, Error> {
        let (source, count) = match &source {
            Value::List(items) | Value::Tuple(items) => (source.clone(), items.len()),
            Value::Bytes(bytes) => (source.clone(), bytes.len()),
            // Finding the n-th character goes through all before it: they are laid out once.
            Value::Str(_) => {
                let items = operations::iterate(&source, budget)?;
                let count = items.len();
                (Value::list(items), count)
            }
            Value::Opaque(_) if source.type_name() == "range" => {
                let call = Call { positional: vec![source.clone()], keyword: Vec::new() };
                let length = operations::builtin("len", call, budget)?;
                (source, integer(&length)?.try_into().unwrap_or(0))
            }
            other => {
                return Err(Error::Type(format!(
                    "Population must be a sequence.  For dicts or sets, use sorted(d). This is '{}'.",
                    other.type_name()
                )));
            }
        };
        Ok(Population { source, count: count as u64 })
    }

    fn item(&self, place: u64) -> Result<Value, Error> {
        operations::index(&self.source, &Value::Int(i64::try_from(place).unwrap_or(i64::MAX)))
    }
}

fn choices(chance: &Chance<'_>, call: Call, budget: &Budget) -> Result<Value, Error> {
    let [population, weights, cumulative, count] =
        call.bind("choices", ["population", "weights", "*cum_weights", "*k"], 1)?;
    let population = Population::of(population.unwrap_or(Value::None), budget)?;
    let count = usize::try_from(operations::integer_or(count.as_ref(), 1)?).unwrap_or(0);
    budget.reserve(count.saturating_mul(32))?;
    let given = |value: Option<Value>| value.filter(|value| !matches!(value, Value::None));
    let weights = match (given(weights), given(cumulative)) {
        (None, None) => None,
        (Some(weights), None) => {
            let mut sum = 0.0;
            let weights = operations::iterate(&weights, budget)?;
            Some(
                weights
                    .iter()
                    .map(|weight| {
                        number(weight).map(|weight| {
                            sum += weight;
                            sum
                        })
                    })
                    .collect::<Result<Vec<f64>, Error>>()?,
            )
        }
        (None, Some(weights)) => Some(
            operations::iterate(&weights, budget)?.iter().map(number).collect::<Result<Vec<f64>, Error>>()?,
        ),
        (Some(_), Some(_)) => {
            return Err(Error::Type(String::from("Cannot specify both weights and cumulative weights")));
        }
    };
    let mut drawn = Vec::with_capacity(count);
    for _ in 0..count {
        budget.tick()?;
        let place = match &weights {
            None if population.count == 0 => return Err(value_error("Cannot choose from an empty sequence")),
            None => chance.below(population.count),
            Some(weights) => weighted(chance, weights, population.count)?,
        };
        drawn.push(population.item(place)?);
    }
    Ok(Value::list(drawn))
}

fn weighted(chance: &Chance<'_>, weights: &[f64], count: u64) -> Result<u64, Error> {
    if weights.len() as u64 != count {
        return Err(value_error("The number of weights does not match the population"));
    }
    let total = weights.last().copied().unwrap_or(0.0);
    if total <= 0.0 {
        return Err(value_error("Total of weights must be greater than zero"));
    }
    if !total.is_finite() {
        return Err(value_error("Total of weights must be finite"));
    }
    let drawn = chance.unit() * total;
    Ok(weights.partition_point(|weight| *weight <= drawn).min(weights.len() - 1) as u64)
}

/// Drawn without putting back: as if the population were shuffled, but only what is drawn is moved.
fn sample(chance: &Chance<'_>, call: Call, budget: &Budget) -> Result<Value, Error> {
    let [population, count, counts] = call.bind("sample", ["population", "k", "*counts"], 2)?;
    if counts.is_some_and(|counts| !matches!(counts, Value::None)) {
        return Err(Error::Type(String::from("the server's sample() takes no counts")));
    }
    let population = Population::of(population.unwrap_or(Value::None), budget)?;
    let count = operations::integer_or(count.as_ref(), 0)?;
    let count = u64::try_from(count).ok().filter(|count| *count <= population.count);
    let count = count.ok_or_else(|| value_error("Sample larger than population or is negative"))?;
    budget.reserve(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(96))?;
    let mut moved: HashMap<u64, u64> = HashMap::new();
    let mut drawn = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
    for place in 0..count {
        budget.tick()?;
        let other = place + chance.below(population.count - place);
        let here = moved.get(&place).copied().unwrap_or(place);
        let there = moved.insert(other, here).unwrap_or(other);
        drawn.push(population.item(if other == place { here } else { there })?);
    }
    Ok(Value::list(drawn))
}
