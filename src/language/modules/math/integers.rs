//! What counts: factorials, combinations, divisors; exact, or refused beyond 64 bits.

use super::too_big;
use crate::language::Error;
use crate::value::Value;

pub(super) fn factorial(number: i64) -> Result<Value, Error> {
    let product = (1..=number.min(30)).try_fold(1_i64, |product, factor| product.checked_mul(factor));
    product.map(Value::Int).ok_or_else(too_big)
}

pub(super) fn comb(n: i64, k: i64) -> Result<Value, Error> {
    if k > n {
        return Ok(Value::Int(0));
    }
    let mut result: i128 = 1;
    for step in 0..k.min(n - k) {
        result = result * i128::from(n - step) / i128::from(step + 1);
        // Growing until the middle: what is too big now stays too big.
        if result > i128::from(i64::MAX) {
            return Err(too_big());
        }
    }
    i64::try_from(result).map(Value::Int).map_err(|_| too_big())
}

pub(super) fn perm(n: i64, k: i64) -> Result<Value, Error> {
    if k > n {
        return Ok(Value::Int(0));
    }
    let mut result = 1_i64;
    for step in 0..k {
        result = result.checked_mul(n - step).ok_or_else(too_big)?;
    }
    Ok(Value::Int(result))
}

pub(super) fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
