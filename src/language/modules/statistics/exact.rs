//! Sums of numbers and of their squares without any rounding, and the float nearest to what is made of them.
//!
//! A float is a whole number of 2^-1074ths; so the sums are whole numbers of a few thousand bits at most, whose size
//! does not depend on how many numbers there are.

/// Everything is counted in 2^-SCALE.
const SCALE: u32 = 1074;

/// A whole number, the low 64 bits first, without zeros at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Natural(Vec<u64>);

impl Natural {
    fn limb(&self, place: usize) -> u64 {
        self.0.get(place).copied().unwrap_or(0)
    }

    fn trimmed(mut limbs: Vec<u64>) -> Natural {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Natural(limbs)
    }

    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn bits(&self) -> u32 {
        let last = self.0.last().map_or(0, |last| 64 - last.leading_zeros());
        u32::try_from(self.0.len().saturating_sub(1)).unwrap_or(0) * 64 + last
    }

    /// Adds `value` times 2^shift.
    fn add(&mut self, value: u128, shift: u32) {
        let (mut place, by) = ((shift / 64) as usize, shift % 64);
        // 128 bits moved by less than 64 stand in three limbs.
        let low = value << by;
        let high = if by == 0 { 0 } else { value >> (128 - by) };
        let mut carry = 0_u128;
        for part in [low & u128::from(u64::MAX), low >> 64, high] {
            carry = self.add_limb(place, part + carry);
            place += 1;
        }
        while carry > 0 {
            carry = self.add_limb(place, carry);
            place += 1;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is what stays")]
    fn add_limb(&mut self, place: usize, part: u128) -> u128 {
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        let sum = u128::from(self.limb(place)) + part;
        if let Some(limb) = self.0.get_mut(place) {
            *limb = sum as u64;
        }
        sum >> 64
    }

    fn times(&self, other: &Natural) -> Natural {
        let mut product = Natural::default();
        for (i, a) in self.0.iter().enumerate() {
            for (j, b) in other.0.iter().enumerate() {
                product.add(u128::from(*a) * u128::from(*b), u32::try_from(64 * (i + j)).unwrap_or(0));
            }
        }
        Natural::trimmed(product.0)
    }

    /// `self - other`, which is not negative.
    fn minus(&self, other: &Natural) -> Natural {
        let mut borrow = 0_i128;
        let mut limbs = Vec::with_capacity(self.0.len());
        for (place, limb) in self.0.iter().enumerate() {
            let difference = i128::from(*limb) - i128::from(other.limb(place)) - borrow;
            borrow = i128::from(difference < 0);
            limbs.push(u64::try_from(difference + (borrow << 64)).unwrap_or(0));
        }
        Natural::trimmed(limbs)
    }

    fn is_below(&self, other: &Natural) -> bool {
        if self.0.len() != other.0.len() {
            return self.0.len() < other.0.len();
        }
        self.0.iter().rev().lt(other.0.iter().rev())
    }

    fn left(&self, by: u32) -> Natural {
        let mut moved = Natural::default();
        for (place, limb) in self.0.iter().enumerate() {
            moved.add(u128::from(*limb), u32::try_from(64 * place).unwrap_or(0) + by);
        }
        Natural::trimmed(moved.0)
    }

    /// Without the low bits, and whether one of them was set.
    fn right(&self, by: u32) -> (Natural, bool) {
        let (whole, rest) = ((by / 64) as usize, by % 64);
        let limbs = (whole..self.0.len()).map(|place| {
            let above = if rest == 0 { 0 } else { self.limb(place + 1) << (64 - rest) };
            self.limb(place) >> rest | above
        });
        let mask = (1_u64 << rest) - 1;
        let lost = self.0.iter().take(whole).any(|limb| *limb != 0) || self.limb(whole) & mask != 0;
        (Natural::trimmed(limbs.collect()), lost)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a digit of a quotient is below 2^64")]
    fn divided(&self, by: u64) -> (Natural, u64) {
        let by = u128::from(by.max(1));
        let mut rest = 0_u128;
        let mut limbs = vec![0; self.0.len()];
        for (limb, slot) in self.0.iter().zip(limbs.iter_mut()).rev() {
            let part = rest << 64 | u128::from(*limb);
            *slot = (part / by) as u64;
            rest = part % by;
        }
        (Natural::trimmed(limbs), rest as u64)
    }

    fn low(&self) -> u128 {
        u128::from(self.limb(1)) << 64 | u128::from(self.limb(0))
    }
}

/// The sum of numbers and the sum of their squares.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    positive: Natural,
    negative: Natural,
    squares: Natural,
    pub count: u64,
}

/// A number divided by another, times 2^-scale: exact.
#[derive(Clone, Debug)]
pub struct Ratio {
    negative: bool,
    numerator: Natural,
    denominator: u64,
    scale: u32,
}

impl Sums {
    /// Counts a whole number.
    pub fn add_int(&mut self, number: i64) {
        self.add(number < 0, number.unsigned_abs(), SCALE);
    }

    /// Counts a finite float.
    pub fn add_float(&mut self, number: f64) {
        let bits = number.to_bits();
        let exponent = u32::try_from(bits >> 52 & 0x7FF).unwrap_or(0);
        let fraction = bits & ((1 << 52) - 1);
        let mantissa = if exponent == 0 { fraction } else { fraction | 1 << 52 };
        self.add(number < 0.0, mantissa, exponent.saturating_sub(1));
    }

    fn add(&mut self, negative: bool, size: u64, shift: u32) {
        let side = if negative { &mut self.negative } else { &mut self.positive };
        side.add(u128::from(size), shift);
        self.squares.add(u128::from(size) * u128::from(size), 2 * shift);
        self.count += 1;
    }

    fn total(&self) -> (bool, Natural) {
        let (positive, negative) =
            (Natural::trimmed(self.positive.0.clone()), Natural::trimmed(self.negative.0.clone()));
        match positive.is_below(&negative) {
            true => (true, negative.minus(&positive)),
            false => (false, positive.minus(&negative)),
        }
    }

    /// The sum divided by `by`.
    pub fn mean(&self, by: u64) -> Ratio {
        let (negative, numerator) = self.total();
        Ratio { negative, numerator, denominator: by, scale: SCALE }
    }

    /// The sum of the squares of what lies between the numbers and their mean, divided by `by`.
    pub fn deviation(&self, by: u64) -> Ratio {
        let count = Natural(vec![self.count]);
        let (_, total) = self.total();
        let squares = Natural::trimmed(self.squares.0.clone());
        let numerator = squares.times(&count).minus(&total.times(&total));
        Ratio { negative: false, numerator, denominator: self.count.saturating_mul(by), scale: 2 * SCALE }
    }
}

impl Ratio {
    /// The whole number that it is, if it is one; the other side is one that does not fit into 64 bits.
    pub fn whole(&self) -> Option<Result<i64, ()>> {
        let (quotient, rest) = self.numerator.divided(self.denominator);
        let (quotient, lost) = quotient.right(self.scale);
        if rest != 0 || lost {
            return None;
        }
        if quotient.bits() > 64 {
            return Some(Err(()));
        }
        let size = i128::from(quotient.limb(0));
        Some(i64::try_from(if self.negative { -size } else { size }).map_err(|_| ()))
    }

    /// The float nearest to it; none where it is too large.
    pub fn float(&self) -> Option<f64> {
        if self.numerator.is_zero() {
            return Some(0.0);
        }
        let up = (64 + 70_u32).saturating_sub(self.numerator.bits());
        let (quotient, rest) = self.numerator.left(up).divided(self.denominator);
        let size = rounded(&quotient, rest != 0, -i64::from(self.scale) - i64::from(up))?;
        Some(if self.negative { -size } else { size })
    }

    /// The float nearest to its square root.
    pub fn root(&self) -> Option<f64> {
        if self.numerator.is_zero() {
            return Some(0.0);
        }
        let bits = i64::from(self.numerator.bits()) - i64::from(64 - self.denominator.leading_zeros());
        // The quotient gets 120 to 124 bits, its root 60 to 62, and the shift must be even.
        let shift = (122 - bits) & !1;
        let (moved, lost) = match u32::try_from(shift) {
            Ok(up) => (self.numerator.left(up), false),
            Err(_) => self.numerator.right(u32::try_from(-shift).unwrap_or(0)),
        };
        let (quotient, rest) = moved.divided(self.denominator);
        let square = quotient.low();
        let root = square.isqrt();
        let inexact = lost || rest != 0 || root * root != square;
        let root = Natural(vec![u64::try_from(root).unwrap_or(u64::MAX)]);
        rounded(&root, inexact, -(i64::from(self.scale) + shift) / 2)
    }
}

/// `number` (of at least 55 bits) times 2^exponent as a float, half to even; `more` tells of bits behind its last.
fn rounded(number: &Natural, more: bool, exponent: i64) -> Option<f64> {
    let top = i64::from(number.bits()) - 1 + exponent;
    if top > 1023 {
        return None;
    }
    let kept = 53 - (-1022 - top).max(0);
    let dropped = u32::try_from(i64::from(number.bits()) - kept).unwrap_or(0);
    let (mantissa, _) = number.right(dropped);
    let (with_half, below) = number.right(dropped.saturating_sub(1));
    let half = dropped > 0 && with_half.limb(0) & 1 == 1;
    let mut mantissa = mantissa.limb(0);
    if half && (below || more || mantissa & 1 == 1) {
        mantissa += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "it has 53 bits")]
    let mantissa = mantissa as f64;
    let exponent = i32::try_from(exponent + i64::from(dropped)).unwrap_or(0);
    // In two steps, since 2^-1074 is a float and 2^-1075 is none; neither rounds.
    let value = mantissa * 2.0_f64.powi(exponent / 2) * 2.0_f64.powi(exponent - exponent / 2);
    value.is_finite().then_some(value)
}
