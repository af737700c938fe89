//! The error function and the gamma function, bit for bit as CPython has them.
//!
//! The standard library has neither. `erf` follows the one of Sun's fdlibm in the order in which glibc sums it up, as
//! CPython calls that; `gamma` and `lgamma` are CPython's own, by Lanczos. What else CPython asks of the C library and
//! Rust's has otherwise, `acosh`, `asinh` and `atanh`, is here as well.
//!
//! Of fdlibm: Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun
//! Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely granted,
//! provided that this notice is preserved.

use std::f64::consts::{LN_2, PI};

use super::floats::{exponent, scaled};

const ERX: f64 = 0.8450629115104675;
const EFX8: f64 = 1.0270333367641007;
const PP: [f64; 5] = [
    0.12837916709551256,
    -0.3250421072470015,
    -0.02848174957559851,
    -0.005770270296489442,
    -2.3763016656650163e-05,
];
const QQ: [f64; 6] = [
    1.0,
    0.39791722395915535,
    0.0650222499887673,
    0.005081306281875766,
    0.00013249473800432164,
    -3.960228278775368e-06,
];
const PA: [f64; 7] = [
    -0.0023621185607526594,
    0.41485611868374833,
    -0.3722078760357013,
    0.31834661990116175,
    -0.11089469428239668,
    0.035478304325618236,
    -0.002166375594868791,
];
const QA: [f64; 7] = [
    1.0,
    0.10642088040084423,
    0.540397917702171,
    0.07182865441419627,
    0.12617121980876164,
    0.01363708391202905,
    0.011984499846799107,
];
const RA: [f64; 8] = [
    -0.009864944034847148,
    -0.6938585727071818,
    -10.558626225323291,
    -62.375332450326006,
    -162.39666946257347,
    -184.60509290671104,
    -81.2874355063066,
    -9.814329344169145,
];
const SA: [f64; 9] = [
    1.0,
    19.651271667439257,
    137.65775414351904,
    434.56587747522923,
    645.3872717332679,
    429.00814002756783,
    108.63500554177944,
    6.570249770319282,
    -0.0604244152148581,
];
const RB: [f64; 7] = [
    -0.0098649429247001,
    -0.799283237680523,
    -17.757954917754752,
    -160.63638485582192,
    -637.5664433683896,
    -1025.0951316110772,
    -483.5191916086514,
];
const SB: [f64; 8] = [
    1.0,
    30.33806074348246,
    325.7925129965739,
    1536.729586084437,
    3199.8582195085955,
    2553.0504064331644,
    474.52854120695537,
    -22.44095244658582,
];

/// The polynomial, its coefficients from the lowest: by pairs.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let powers = [1.0, square, fourth, fourth * square, fourth * fourth];
    let mut sum = 0.0;
    for (place, (pair, power)) in coefficients.chunks(2).zip(powers).enumerate() {
        let pair = match pair {
            [low, high] => low + x * high,
            [low] => *low,
            _ => 0.0,
        };
        sum = if place == 0 { pair } else { sum + power * pair };
    }
    sum
}

/// Beyond 1.25: what `erf` lacks to 1, of a positive number.
fn tail(x: f64) -> f64 {
    let s = 1.0 / (x * x);
    let (r, q) = if x.to_bits() >> 32 < 0x4006_DB6E {
        (polynomial(s, &RA), polynomial(s, &SA))
    } else {
        (polynomial(s, &RB), polynomial(s, &SB))
    };
    let z = f64::from_bits(x.to_bits() & 0xFFFF_FFFF_0000_0000);
    (-z * z - 0.5625).exp() * ((z - x) * (z + x) + r / q).exp() / x
}

/// The error function.
pub fn erf(x: f64) -> f64 {
    let size = x.abs();
    if x.is_nan() {
        return x;
    }
    if size < 2.0_f64.powi(-28) {
        return if size < 2.0_f64.powi(-1000) {
            0.0625 * (16.0 * x + 2.0 * EFX8 * x)
        } else {
            x + EFX8 / 8.0 * x
        };
    }
    if size < 0.84375 {
        let z = x * x;
        return x + x * (polynomial(z, &PP) / polynomial(z, &QQ));
    }
    let result = if size < 1.25 {
        let s = size - 1.0;
        ERX + polynomial(s, &PA) / polynomial(s, &QA)
    } else if size >= 6.0 {
        1.0
    } else {
        1.0 - tail(size)
    };
    result.copysign(x)
}

/// 1 minus the error function.
pub fn erfc(x: f64) -> f64 {
    let size = x.abs();
    if x.is_nan() {
        return x;
    }
    if size < 0.84375 {
        if size < 2.0_f64.powi(-56) {
            return 1.0 - x;
        }
        let z = x * x;
        let y = polynomial(z, &PP) / polynomial(z, &QQ);
        return if x < 0.25 { 1.0 - (x + x * y) } else { 0.5 - (x * y + (x - 0.5)) };
    }
    if size < 1.25 {
        let s = size - 1.0;
        let quotient = polynomial(s, &PA) / polynomial(s, &QA);
        return if x > 0.0 { (1.0 - ERX) - quotient } else { 1.0 + (ERX + quotient) };
    }
    match x {
        x if x < -6.0 => 2.0,
        x if x < 0.0 => 2.0 - tail(size),
        x if x < 28.0 => tail(size),
        _ => 0.0,
    }
}

const LANCZOS_G: f64 = 6.024_680_040_776_73;
const LANCZOS_G_MINUS_HALF: f64 = 5.524_680_040_776_73;
const NUMERATOR: [f64; 13] = [
    23531376880.41076,
    42919803642.6491,
    35711959237.35567,
    17921034426.03721,
    6039542586.352028,
    1439720407.3117216,
    248874557.86205417,
    31426415.585400194,
    2876370.6289353725,
    186056.26539522348,
    8071.672002365816,
    210.82427775157936,
    2.5066282746310002,
];
const DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

fn lanczos(x: f64) -> f64 {
    let pairs = NUMERATOR.iter().zip(&DENOMINATOR);
    let (num, den) = if x < 5.0 {
        pairs.rev().fold((0.0, 0.0), |(num, den), (n, d)| (num * x + n, den * x + d))
    } else {
        pairs.fold((0.0, 0.0), |(num, den), (n, d)| (num / x + n, den / x + d))
    };
    num / den
}

/// The sine of a multiple of pi.
fn sine_of_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let quarter = (2.0 * y).round();
    let result = if quarter == 0.0 {
        (PI * y).sin()
    } else if quarter == 1.0 {
        (PI * (y - 0.5)).cos()
    } else if quarter == 2.0 {
        (PI * (1.0 - y)).sin()
    } else if quarter == 3.0 {
        -(PI * (y - 1.5)).cos()
    } else {
        (PI * (y - 2.0)).sin()
    };
    1.0_f64.copysign(x) * result
}

/// The gamma function; none at its poles, infinite where it is too large.
pub fn gamma(x: f64) -> Option<f64> {
    if x.is_nan() || x == f64::INFINITY {
        return Some(x);
    }
    if x == f64::NEG_INFINITY || x == 0.0 {
        return None;
    }
    if x == x.floor() {
        if x < 0.0 {
            return None;
        }
        if x <= 23.0 {
            let mut factorial = 1.0;
            let mut factor = 2.0;
            while factor < x {
                factorial *= factor;
                factor += 1.0;
            }
            return Some(factorial);
        }
    }
    let size = x.abs();
    if size < 1e-20 {
        return Some(1.0 / x);
    }
    if size > 200.0 {
        return Some(if x < 0.0 { 0.0 / sine_of_pi(x) } else { f64::INFINITY });
    }
    let y = size + LANCZOS_G_MINUS_HALF;
    let z = if size > LANCZOS_G_MINUS_HALF {
        (y - size) - LANCZOS_G_MINUS_HALF
    } else {
        (y - LANCZOS_G_MINUS_HALF) - size
    };
    let z = z * LANCZOS_G / y;
    let powers = match size < 140.0 {
        true => [y.powf(size - 0.5), 1.0],
        false => [y.powf(size / 2.0 - 0.25); 2],
    };
    let mut result = if x < 0.0 {
        -PI / sine_of_pi(size) / size * y.exp() / lanczos(size)
    } else {
        lanczos(size) / y.exp()
    };
    result += if x < 0.0 { -(z * result) } else { z * result };
    for power in powers {
        result = if x < 0.0 { result / power } else { result * power };
    }
    Some(result)
}

/// The logarithm of the gamma function's size; none at its poles.
pub fn lgamma(x: f64) -> Option<f64> {
    if x.is_nan() {
        return Some(x);
    }
    if x.is_infinite() {
        return Some(f64::INFINITY);
    }
    if x == x.floor() && x <= 2.0 {
        return (x > 0.0).then_some(0.0);
    }
    let size = x.abs();
    if size < 1e-20 {
        return Some(-size.ln());
    }
    let mut result = lanczos(size).ln() - LANCZOS_G;
    result += (size - 0.5) * ((size + LANCZOS_G - 0.5).ln() - 1.0);
    if x < 0.0 {
        const LN_PI: f64 = 1.144_729_885_849_400_2;
        result = LN_PI - sine_of_pi(size).abs().ln() - size.ln() - result;
    }
    Some(result)
}

/// The cube root, as glibc up to 2.40 approximates it.
pub fn cbrt(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    const ROOT: f64 = 1.259_921_049_894_873_2;
    const SQUARE: f64 = 1.587_401_051_968_199_6;
    let exponent = exponent(x);
    let m = scaled(x.abs(), -exponent);
    let u = 0.354_895_765_043_919_84
        + ((1.508_191_937_815_849
            - ((2.114_994_941_673_713
                - ((2.446_931_225_635_344_4
                    - ((1.834_692_774_836_130_8
                        - (0.784_932_344_976_639_2 - 0.145_263_899_385_486_38 * m) * m)
                        * m))
                    * m))
                * m))
            * m);
    let cube = u * u * u;
    let factor = match exponent % 3 {
        -2 => 1.0 / SQUARE,
        -1 => 1.0 / ROOT,
        1 => ROOT,
        2 => SQUARE,
        _ => 1.0,
    };
    let root = u * (cube + 2.0 * m) / (2.0 * cube + m) * factor;
    scaled(root, exponent / 3).copysign(x)
}

/// The inverse of `cosh`, of a number from 1 on.
pub fn acosh(x: f64) -> f64 {
    if x > 2.0_f64.powi(28) {
        x.ln() + LN_2
    } else if x > 2.0 {
        (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln()
    } else {
        let t = x - 1.0;
        (t + (2.0 * t + t * t).sqrt()).ln_1p()
    }
}

/// The inverse of `sinh`.
pub fn asinh(x: f64) -> f64 {
    let size = x.abs();
    if size < 2.0_f64.powi(-28) || !x.is_finite() {
        return x;
    }
    let result = if size > 2.0_f64.powi(28) {
        size.ln() + LN_2
    } else if size > 2.0 {
        (2.0 * size + 1.0 / ((size * size + 1.0).sqrt() + size)).ln()
    } else {
        let t = size * size;
        (size + t / (1.0 + (1.0 + t).sqrt())).ln_1p()
    };
    result.copysign(x)
}

/// The inverse of `tanh`, of a number between -1 and 1.
pub fn atanh(x: f64) -> f64 {
    let size = x.abs();
    let result = if size < 2.0_f64.powi(-28) {
        return x;
    } else if size < 0.5 {
        let t = size + size;
        0.5 * (t + t * size / (1.0 - size)).ln_1p()
    } else {
        0.5 * ((size + size) / (1.0 - size)).ln_1p()
    };
    result.copysign(x)
}
