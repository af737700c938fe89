//! The length of a vector, as CPython 3.11 computes it: scaled, the squares summed with their rounding errors.

use super::floats::{exponent, scaled};

const SPLIT: f64 = 134_217_729.0;

/// A number as two of half its digits.
fn halves(x: f64) -> (f64, f64) {
    let t = x * SPLIT;
    let high = t - (t - x);
    (high, x - high)
}

/// A sum, and what it lost.
struct Sum {
    sum: f64,
    lost: [f64; 3],
}

impl Sum {
    fn add(&mut self, x: f64, place: usize) {
        let before = self.sum;
        self.sum += x;
        if let Some(lost) = self.lost.get_mut(place) {
            *lost += (before - self.sum) + x;
        }
    }

    fn total(&self) -> f64 {
        let [first, second, third] = self.lost;
        self.sum - 1.0 + (first + second + third)
    }
}

/// The length of the vector with these parts.
pub fn norm(parts: &[f64]) -> f64 {
    let largest = parts.iter().fold(0.0_f64, |largest, part| largest.max(part.abs()));
    if largest.is_infinite() {
        return f64::INFINITY;
    }
    if parts.iter().any(|part| part.is_nan()) {
        return f64::NAN;
    }
    if largest == 0.0 || parts.len() <= 1 {
        return largest;
    }
    let mut sum = Sum { sum: 1.0, lost: [0.0; 3] };
    let exponent = exponent(largest);
    if exponent < -1023 {
        for part in parts {
            let x = part.abs() / largest;
            sum.add(x * x, 0);
        }
        return largest * sum.total().sqrt();
    }
    let scale = scaled(1.0, -exponent);
    for part in parts {
        let (high, low) = halves(part.abs() * scale);
        sum.add(high * high, 0);
        sum.add(2.0 * high * low, 1);
        if let Some(lost) = sum.lost.get_mut(2) {
            *lost += low * low;
        }
    }
    let root = sum.total().sqrt();
    let (high, low) = halves(root);
    sum.add(-high * high, 0);
    sum.add(-2.0 * high * low, 1);
    sum.add(-low * low, 2);
    (root + sum.total() / (2.0 * root)) / scale
}
