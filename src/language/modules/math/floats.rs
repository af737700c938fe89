//! What takes floats apart and puts them together exactly.

use super::{domain, float, range};
use crate::language::operations::fresh;
use crate::language::{Budget, Error};
use crate::value::Value;

/// IEEE 754's remainder: to the nearest multiple, half to even.
pub(super) fn remainder(x: f64, y: f64) -> Result<f64, Error> {
    if x.is_nan() || y.is_nan() {
        return Ok(x + y);
    }
    if x.is_infinite() || y == 0.0 {
        return Err(domain());
    }
    if y.is_infinite() {
        return Ok(x);
    }
    let (size, step) = (x.abs(), y.abs());
    let below = size % step;
    let above = step - below;
    let nearest = if below < above {
        below
    } else if below > above {
        -above
    } else {
        // Half-way: the even multiple, told by what twice the step leaves.
        below - 2.0 * ((0.5 * (size - below)) % step)
    };
    Ok(nearest * 1.0_f64.copysign(x))
}

pub(super) fn ldexp(x: f64, exponent: i64) -> Result<f64, Error> {
    if x == 0.0 || !x.is_finite() {
        return Ok(x);
    }
    let result = scaled(x, exponent);
    if result.is_infinite() { Err(range()) } else { Ok(result) }
}

/// `x` times 2 to that power, rounded once. `x` is finite and not zero.
pub(super) fn scaled(x: f64, power: i64) -> f64 {
    let (fraction, own) = taken_apart(x);
    let power = i32::try_from(power.clamp(-5000, 5000) + own).unwrap_or(0).clamp(-1200, 1200);
    // The first half leaves a normal number; only the second can round.
    fraction * 2.0_f64.powi(power / 2) * 2.0_f64.powi(power - power / 2)
}

/// The power of two that `x` is below and its half is not.
pub(super) fn exponent(x: f64) -> i64 {
    taken_apart(x).1
}

fn taken_apart(x: f64) -> (f64, i64) {
    // A subnormal number is scaled up first, so that its exponent is in its bits.
    let (scaled, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2.0_f64.powi(54), 54) } else { (x, 0) };
    let bits = scaled.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7FF).unwrap_or(0) - 1022 - shift;
    (f64::from_bits((bits & !(0x7FF << 52)) | (1022 << 52)), exponent)
}

pub(super) fn frexp(x: f64) -> Value {
    let x = fresh(x);
    if x == 0.0 || !x.is_finite() {
        return Value::tuple(vec![Value::Float(x), Value::Int(0)]);
    }
    let (fraction, exponent) = taken_apart(x);
    Value::tuple(vec![Value::Float(fraction), Value::Int(exponent)])
}

/// The next float on the way to `y`.
pub(super) fn nextafter(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    match x.partial_cmp(&y) {
        Some(std::cmp::Ordering::Less) => x.next_up(),
        Some(std::cmp::Ordering::Greater) => x.next_down(),
        _ => y,
    }
}

/// What its last bit is worth.
pub(super) fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let next = x.next_up();
    if next.is_infinite() { x - x.next_down() } else { next - x }
}

pub(super) fn modf(x: f64) -> Value {
    let whole = fresh(x.trunc());
    let fraction = if x.is_infinite() { 0.0_f64.copysign(x) } else { (x - whole).copysign(x) };
    Value::tuple(vec![Value::Float(fresh(fraction)), Value::Float(whole)])
}

/// Shewchuk's algorithm: partial sums that do not overlap hold the exact sum.
pub(in super::super) fn fsum(values: &[Value], budget: &Budget) -> Result<f64, Error> {
    let mut partials: Vec<f64> = Vec::new();
    let (mut special, mut infinite) = (0.0, 0.0);
    for value in values {
        budget.tick()?;
        let given = float(value)?;
        let mut x = given;
        let mut kept = Vec::with_capacity(partials.len() + 1);
        for partial in &partials {
            let (large, small) = if x.abs() < partial.abs() { (*partial, x) } else { (x, *partial) };
            let high = large + small;
            let low = small - (high - large);
            if low != 0.0 {
                kept.push(low);
            }
            x = high;
        }
        if !x.is_finite() {
            if given.is_finite() {
                return Err(Error::Value("intermediate overflow in fsum".to_owned()));
            }
            infinite += if given.is_infinite() { given } else { 0.0 };
            special += given;
            partials.clear();
            continue;
        }
        // Nothing is left of zeros, nor of their signs.
        if x != 0.0 {
            kept.push(x);
        }
        partials = kept;
    }
    if infinite.is_nan() {
        return Err(Error::Value("-inf + inf in fsum".to_owned()));
    }
    if special != 0.0 {
        return Ok(special);
    }
    Ok(rounded_sum(partials))
}

/// The partials, the largest last, as one float, rounded once: half to even also across several partials.
fn rounded_sum(mut partials: Vec<f64>) -> f64 {
    let Some(mut high) = partials.pop() else { return 0.0 };
    let mut low = 0.0;
    while let Some(next) = partials.pop() {
        let before = high;
        high = before + next;
        low = next - (high - before);
        if low != 0.0 {
            break;
        }
    }
    if let Some(beyond) = partials.last()
        && ((low < 0.0 && *beyond < 0.0) || (low > 0.0 && *beyond > 0.0))
    {
        let twice = low * 2.0;
        let moved = high + twice;
        if twice == moved - high {
            high = moved;
        }
    }
    high
}
