//! The atoms of Python's text: floats, quoted strings and bytes as CPython 3.11's `repr()` writes them.
//!
//! Owns what both the daemon's values and the client's are written with. Pure; may use `printable`. Writers
//! append to a `String`, so that a long value is written once.

use std::fmt::Write;

use super::printable::is_printable;

/// A float as Python's `repr()` writes it: `0.1`, `1e+16`, `1e-05`, `-0.0`, `inf`, `nan`.
#[must_use]
pub fn float(number: f64) -> String {
    let mut out = String::new();
    write_float(&mut out, number);
    out
}

/// A string in quotes, as Python's `repr()` writes it.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(&mut out, text);
    out
}

/// Bytes as Python's `repr()` writes them: `b'..'`.
#[must_use]
pub fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 3);
    write_quoted_bytes(&mut out, bytes);
    out
}

/// Appends what [`float`] gives.
pub fn write_float(out: &mut String, number: f64) {
    if !number.is_finite() {
        out.push_str(if number.is_nan() {
            "nan"
        } else if number > 0.0 {
            "inf"
        } else {
            "-inf"
        });
        return;
    }
    if number.is_sign_negative() {
        out.push('-');
    }
    if !write_millionths(out, number.abs()) {
        write_digits(out, number.abs());
    }
}

/// Appends a number, not negative, that has up to six decimals, as most that are measured have; else does nothing, and
/// says so.
///
/// What is written is what the digits would be. It reads back as the number, since the division is rounded to the
/// nearest. Below 2^32 two neighbouring floats lie less than a millionth apart, so that no other number of up to six
/// decimals reads back as the same one; and all that have fewer digits than this have no more decimals.
fn write_millionths(out: &mut String, number: f64) -> bool {
    const MILLION: u32 = 1_000_000;
    if !(1e-4..4_294_967_296.0).contains(&number) {
        return false;
    }
    let millionths = (number * f64::from(MILLION)).round();
    #[expect(clippy::float_cmp, reason = "that it is the same is what is asked")]
    if millionths / f64::from(MILLION) != number {
        return false;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 100 to 2^32 million, and whole"
    )]
    let millionths = millionths as u64;
    let (whole, mut decimals) = (millionths / u64::from(MILLION), millionths % u64::from(MILLION));
    let mut places = 6;
    while places > 1 && decimals % 10 == 0 {
        decimals /= 10;
        places -= 1;
    }
    // Writing to a String cannot fail.
    let _ = write!(out, "{whole}.{decimals:0places$}");
    true
}

fn write_digits(out: &mut String, number: f64) {
    let shortest = Digits::of(number);
    let (digits, exponent) = shortest.digits_and_exponent();
    let (head, tail) = digits.split_at(digits.len().min(1));
    match exponent {
        -4..=-1 => {
            out.push_str("0.");
            push_zeros(out, exponent.unsigned_abs() - 1);
            out.push_str(digits);
        }
        0..=15 => {
            let whole = usize::from(exponent.unsigned_abs()) + 1;
            let (before, after) = digits.split_at(digits.len().min(whole));
            out.push_str(before);
            push_zeros(out, u16::try_from(whole - before.len()).unwrap_or(0));
            out.push('.');
            out.push_str(if after.is_empty() { "0" } else { after });
        }
        _ => {
            out.push_str(head);
            if !tail.is_empty() {
                out.push('.');
                out.push_str(tail);
            }
            let sign = if exponent < 0 { '-' } else { '+' };
            let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
        }
    }
}

/// Appends what [`quote`] gives.
pub fn write_quoted(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    let mut plain_from = 0;
    for (at, character) in text.char_indices() {
        let plain = match character {
            '\\' => false,
            ' '..='~' => character != quote,
            _ => is_printable(character),
        };
        if !plain {
            out.push_str(text.get(plain_from..at).unwrap_or_default());
            write_escaped(out, character);
            plain_from = at + character.len_utf8();
        }
    }
    out.push_str(text.get(plain_from..).unwrap_or_default());
    out.push(quote);
}

/// Appends what [`quote_bytes`] gives.
pub fn write_quoted_bytes(out: &mut String, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.push('b');
    out.push(quote);
    for byte in bytes {
        let character = char::from(*byte);
        if character != quote && character != '\\' && matches!(character, ' '..='~') {
            out.push(character);
        } else {
            write_escaped(out, character);
        }
    }
    out.push(quote);
}

fn write_escaped(out: &mut String, character: char) {
    let code = u32::from(character);
    // Writing to a String cannot fail.
    let _ = match character {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\\' | '\'' | '"' => write!(out, "\\{character}"),
        _ if code < 0x100 => write!(out, "\\x{code:02x}"),
        _ if code < 0x1_0000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

fn push_zeros(out: &mut String, count: u16) {
    out.extend((0..count).map(|_| '0'));
}

/// The digits of a float without its point, kept off the heap: 17 digits at most, then the exponent.
#[derive(Default)]
struct Digits {
    text: [u8; 24],
    length: usize,
}

impl Digits {
    /// The fewest digits that read back as the same number, the nearest of those where there are several, and the
    /// even one where two are as near. Rust's own shortest form has all that but the last.
    fn of(number: f64) -> Digits {
        /// With fewer digits, two neighbours never both read back as the number between them.
        const TIE_DIGITS: usize = 16;
        let mut shortest = Digits::default();
        let _ = write!(shortest, "{number:e}");
        let count = shortest.digits_and_exponent().0.len();
        if count < TIE_DIGITS {
            return shortest;
        }
        let mut nearest = Digits::default();
        let mut readable = String::with_capacity(24);
        let _ = write!(readable, "{number:.*e}", count - 1);
        let _ = nearest.write_str(&readable);
        if readable.parse() == Ok(number) { nearest } else { shortest }
    }

    fn digits_and_exponent(&self) -> (&str, i16) {
        let text = self.text.get(..self.length).and_then(|text| std::str::from_utf8(text).ok());
        let (digits, exponent) = text.and_then(|text| text.split_once('e')).unwrap_or(("0", "0"));
        (digits, exponent.parse().unwrap_or(0))
    }
}

impl Write for Digits {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes().filter(|byte| *byte != b'.') {
            *self.text.get_mut(self.length).ok_or(std::fmt::Error)? = byte;
            self.length += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
