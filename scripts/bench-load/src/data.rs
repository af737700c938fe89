//! The keys, values and bodies of the bench, the same for every server.

use std::fmt::Write as _;

/// The key of that number: `k.GROUP.NUMBER`, a thousand to a group, so that of a million keys `k.123.*` and
/// `k.*.123` are a thousand each.
pub fn key(text: &mut String, number: usize) {
    text.clear();
    // Writing to a string cannot fail.
    let _ = write!(text, "k.{:03}.{:03}", number / 1_000, number % 1_000);
}

/// A value that is told from others.
pub fn value(text: &mut String, number: usize) {
    text.clear();
    let _ = write!(text, "v{number:07}");
}

/// A body of 60 bytes: two numbers, and what fills it up.
pub fn body(text: &mut String, first: u64, second: u64) {
    text.clear();
    let _ = write!(text, "{first:016x} {second:016x} garden soil moisture 41 %.");
}

/// The two numbers of a body.
pub fn numbers(body: &[u8]) -> Option<(u64, u64)> {
    let text = std::str::from_utf8(body).ok()?;
    let number = |range| u64::from_str_radix(text.get(range)?, 16).ok();
    (text.len() == 60).then_some(())?;
    Some((number(0..16)?, number(17..33)?))
}

/// Numbers without order, the same for the same seed (xorshift).
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of that seed.
    pub fn new(seed: usize) -> Random {
        Random((seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_sixty_bytes_and_says_its_numbers() {
        let mut text = String::new();
        body(&mut text, 7, u64::MAX);
        assert_eq!(text.len(), 60);
        assert_eq!(numbers(text.as_bytes()), Some((7, u64::MAX)));
        assert_eq!(numbers(b"60 bytes"), None);
    }

    #[test]
    fn keys_come_a_thousand_to_a_group() {
        let mut text = String::new();
        key(&mut text, 123_456);
        assert_eq!(text, "k.123.456");
    }
}
