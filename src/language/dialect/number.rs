//! Numbers of the dialect: Python's literals, within 64 bits.
//!
//! Owns the spelling of numbers. Must not wrap, round or guess.

use super::Fault;
use super::token::Token;
use super::tree::Offset;
use crate::value::Value;

/// Reads the number that the text begins with: the token and its length.
///
/// # Errors
/// `syntax` where Python refuses the spelling, `limit` where 64 bits do not hold the number.
pub fn read<'a>(text: &str, at: Offset) -> Result<(Token<'a>, usize), Fault> {
    let bytes = text.as_bytes();
    let (base, name) = match bytes.get(1).map(u8::to_ascii_lowercase) {
        Some(b'x') if bytes.first() == Some(&b'0') => (16, "hexadecimal"),
        Some(b'o') if bytes.first() == Some(&b'0') => (8, "octal"),
        Some(b'b') if bytes.first() == Some(&b'0') => (2, "binary"),
        _ => return decimal(text, at),
    };
    let digits_at = if bytes.get(2) == Some(&b'_') { 3 } else { 2 };
    let length = digits(text, digits_at, base)
        .filter(|length| *length > 0)
        .ok_or_else(|| Fault::syntax(format!("invalid {name} literal"), at))?;
    let end = digits_at + length;
    check_end(text, end, name, at)?;
    let token = whole(text.get(digits_at..end).unwrap_or_default(), base)?;
    Ok((token, end))
}

fn decimal<'a>(text: &str, at: Offset) -> Result<(Token<'a>, usize), Fault> {
    let invalid = || Fault::syntax("invalid decimal literal", at);
    let bytes = text.as_bytes();
    let mut end = digits(text, 0, 10).ok_or_else(invalid)?;
    let whole_end = end;
    let mut float = false;
    if bytes.get(end) == Some(&b'.') {
        float = true;
        end += 1;
        end += digits(text, end, 10).ok_or_else(invalid)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let length = digits(text, end + 1 + sign, 10).ok_or_else(invalid)?;
        if length > 0 {
            float = true;
            end += 1 + sign + length;
        }
    }
    if matches!(bytes.get(end), Some(b'j' | b'J')) {
        return Err(Fault::syntax("the server does not have complex numbers", at));
    }
    check_end(text, end, "decimal", at)?;
    let spelled = text.get(..end).unwrap_or_default();
    if float {
        let number = spelled.replace('_', "").parse::<f64>().map_err(|_| invalid())?;
        return Ok((Token::Number(Value::Float(number)), end));
    }
    let whole_part = text.get(..whole_end).unwrap_or_default();
    if whole_part.starts_with('0') && whole_part.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        let message = "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
        return Err(Fault::syntax(message, at));
    }
    Ok((whole(whole_part, 10)?, end))
}

/// How many bytes from `start` on are digits with single underscores between them; nothing where an underscore
/// stands wrong.
fn digits(text: &str, start: usize, base: u32) -> Option<usize> {
    let bytes = text.as_bytes();
    let digit = |position: usize| bytes.get(position).is_some_and(|byte| char::from(*byte).is_digit(base));
    let mut end = start;
    loop {
        if digit(end) {
            end += 1;
        } else if bytes.get(end) == Some(&b'_') && end > start {
            if !digit(end + 1) {
                return None;
            }
            end += 1;
        } else {
            return Some(end - start);
        }
    }
}

fn whole<'a>(digits: &str, base: u32) -> Result<Token<'a>, Fault> {
    let mut number: u64 = 0;
    for digit in digits.chars().filter_map(|c| c.to_digit(base)) {
        number = number
            .checked_mul(u64::from(base))
            .and_then(|number| number.checked_add(u64::from(digit)))
            .ok_or_else(Fault::too_big)?;
    }
    match i64::try_from(number) {
        Ok(number) => Ok(Token::Number(Value::Int(number))),
        Err(_) if number == i64::MIN.unsigned_abs() => Ok(Token::Magnitude),
        Err(_) => Err(Fault::too_big()),
    }
}

/// A number ends where no letter follows, but for the keywords that CPython still lets touch it (`1if x else 2`).
fn check_end(text: &str, end: usize, name: &str, at: Offset) -> Result<(), Fault> {
    let rest = text.get(end..).unwrap_or_default();
    let Some(next) = rest.chars().next() else { return Ok(()) };
    if next != '_' && !next.is_ascii_alphanumeric() {
        return Ok(());
    }
    let word = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    if matches!(
        rest.get(..word).unwrap_or_default(),
        "and" | "else" | "for" | "if" | "in" | "is" | "not" | "or"
    ) {
        return Ok(());
    }
    Err(Fault::syntax(format!("invalid {name} literal"), at))
}
