//! The digits of a float in Python's notations, correctly rounded: `e`, `f`, `g` and the shortest.
//!
//! Pure. The sign is left to the caller, and so are infinities' and NaNs' letters.

use crate::language::Error;
use crate::language::operations::Budget;

/// How a float is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::language::operations) enum Notation {
    /// `1.500000e+00`
    Exponent,
    /// `1.500000`
    Fixed,
    /// The one or the other, without trailing zeros.
    General,
    /// General, but always recognisable as a float: `1.0`.
    GeneralFloat,
    /// As `repr`, the shortest digits that give the same float back.
    Shortest,
}

/// The parts of a written float, without its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::language::operations) struct Digits {
    /// Before the point; `inf` and `nan` have nothing else.
    pub(in crate::language::operations) whole: String,
    /// The point, what follows it, and the exponent.
    pub(in crate::language::operations) rest: String,
}

/// More digits than any float has behind the point.
const DIGITS_MAX: usize = 1_100;

impl Digits {
    /// The digits of a number that is not negative.
    pub(in crate::language::operations) fn of(
        number: f64,
        notation: Notation,
        precision: usize,
        alternate: bool,
        budget: &Budget,
    ) -> Result<Digits, Error> {
        if !number.is_finite() {
            let whole = if number.is_nan() { "nan" } else { "inf" };
            return Ok(Digits { whole: whole.to_owned(), rest: String::new() });
        }
        budget.reserve(precision.saturating_mul(2).saturating_add(400))?;
        Ok(match notation {
            Notation::Fixed => fixed(number, precision, alternate),
            Notation::Exponent => exponent(number, precision, alternate),
            Notation::General => general(number, precision.max(1), alternate, false),
            Notation::GeneralFloat => general(number, precision.max(1), alternate, true),
            Notation::Shortest => shortest(number, alternate),
        })
    }

    /// Whether every digit is a zero.
    pub(in crate::language::operations) fn is_zero(&self) -> bool {
        let mantissa = self.rest.split('e').next().unwrap_or_default();
        !self.whole.chars().chain(mantissa.chars()).any(|digit| matches!(digit, '1'..='9' | 'a'..='z'))
    }
}

fn fixed(number: f64, precision: usize, alternate: bool) -> Digits {
    let exact = precision.min(DIGITS_MAX);
    let text = format!("{number:.exact$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut rest = String::with_capacity(precision + 1);
    if precision > 0 || alternate {
        rest.push('.');
    }
    rest.push_str(fraction);
    rest.extend(std::iter::repeat_n('0', precision - exact));
    Digits { whole: whole.to_owned(), rest }
}

/// The significant digits, `count` of them, and the exponent of the first.
fn significant(number: f64, count: usize) -> (String, i32) {
    let exact = count.min(DIGITS_MAX).saturating_sub(1);
    let text = format!("{number:.exact$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.extend(std::iter::repeat_n('0', count.saturating_sub(exact + 1)));
    (digits, exponent.parse().unwrap_or(0))
}

fn exponent(number: f64, precision: usize, alternate: bool) -> Digits {
    let (digits, power) = significant(number, precision.saturating_add(1));
    scientific(&digits, power, alternate)
}

fn scientific(digits: &str, power: i32, alternate: bool) -> Digits {
    let (whole, fraction) = digits.split_at(digits.len().min(1));
    let point = if alternate || !fraction.is_empty() { "." } else { "" };
    let sign = if power < 0 { '-' } else { '+' };
    let rest = format!("{point}{fraction}e{sign}{:02}", power.unsigned_abs());
    Digits { whole: whole.to_owned(), rest }
}

fn general(number: f64, precision: usize, alternate: bool, float: bool) -> Digits {
    let (digits, power) = significant(number, precision);
    let kept = if alternate { digits.as_str() } else { digits.trim_end_matches('0') };
    let kept = if kept.is_empty() { "0" } else { kept };
    let limit = i64::try_from(precision).unwrap_or(i64::MAX) - i64::from(float);
    if power < -4 || i64::from(power) >= limit {
        return scientific(kept, power, alternate);
    }
    positional(kept, power, alternate, float)
}

fn shortest(number: f64, alternate: bool) -> Digits {
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&power) {
        positional(&digits, power, alternate, true)
    } else {
        scientific(&digits, power, alternate)
    }
}

/// The digits with the point where the power says; `float` puts a `.0` where there would be none.
fn positional(digits: &str, power: i32, alternate: bool, float: bool) -> Digits {
    let (whole, mut rest) = if power < 0 {
        let zeros = "0".repeat(usize::try_from(-power - 1).unwrap_or(0));
        ("0".to_owned(), format!("{zeros}{digits}"))
    } else {
        let places = usize::try_from(power).unwrap_or(0) + 1;
        let (whole, rest) = digits.split_at(places.min(digits.len()));
        (format!("{whole}{}", "0".repeat(places - whole.len())), rest.to_owned())
    };
    if rest.is_empty() && float {
        rest.push('0');
    }
    if alternate || !rest.is_empty() {
        rest.insert(0, '.');
    }
    Digits { whole, rest }
}
