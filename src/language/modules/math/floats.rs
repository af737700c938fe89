//! What takes floats apart and puts them together exactly.

use super::{domain, float, range};
use crate::language::Error;
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
    let mut result = x;
    let mut left = exponent.clamp(-4000, 4000);
    // In steps whose factors are floats themselves; only the last one can round.
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        result *= 2.0_f64.powi(i32::try_from(step).unwrap_or(0));
        left -= step;
    }
    if result.is_infinite() { Err(range()) } else { Ok(result) }
}

pub(super) fn frexp(x: f64) -> Value {
    if x == 0.0 || !x.is_finite() {
        return Value::tuple(vec![Value::Float(x), Value::Int(0)]);
    }
    // A subnormal number is scaled up first, so that its exponent is in its bits.
    let (scaled, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2.0_f64.powi(54), 54) } else { (x, 0) };
    let bits = scaled.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7FF).unwrap_or(0) - 1022 - shift;
    let fraction = f64::from_bits((bits & !(0x7FF << 52)) | (1022 << 52));
    Value::tuple(vec![Value::Float(fraction), Value::Int(exponent)])
}

pub(super) fn modf(x: f64) -> Value {
    let whole = x.trunc();
    let fraction = if x.is_infinite() { 0.0_f64.copysign(x) } else { (x - whole).copysign(x) };
    Value::tuple(vec![Value::Float(fraction), Value::Float(whole)])
}

/// Shewchuk's algorithm: partial sums that do not overlap hold the exact sum.
pub(super) fn fsum(values: &[Value]) -> Result<Value, Error> {
    let mut partials: Vec<f64> = Vec::new();
    let mut special = 0.0;
    for value in values {
        let mut x = float(value)?;
        if !x.is_finite() {
            special += x;
            continue;
        }
        let mut kept = Vec::with_capacity(partials.len() + 1);
        for partial in partials {
            let (large, small) = if x.abs() < partial.abs() { (partial, x) } else { (x, partial) };
            let high = large + small;
            let low = small - (high - large);
            if low != 0.0 {
                kept.push(low);
            }
            x = high;
        }
        if x.is_infinite() {
            return Err(Error::Value("intermediate overflow in fsum".to_owned()));
        }
        kept.push(x);
        partials = kept;
    }
    if special.is_nan() || special != 0.0 {
        return Ok(Value::Float(special));
    }
    Ok(Value::Float(rounded_sum(partials)))
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
