//! `str()`, `repr()` and `ascii()` under a budget.
//!
//! The text itself is `value`'s; here it is kept from growing past what the expression may use.

use super::Budget;
use crate::language::Error;
use crate::value::{Value, repr_bounded, str_bounded};

/// How long a text is written before anyone looks at the clock.
const FIRST_ROOM_BYTES: usize = 65_536;

/// `str(value)`
pub(super) fn str_text(value: &Value, budget: &Budget) -> Result<String, Error> {
    bounded(value, str_bounded, budget)
}

/// `repr(value)`
pub(super) fn repr_text(value: &Value, budget: &Budget) -> Result<String, Error> {
    bounded(value, repr_bounded, budget)
}

/// `ascii(value)`
pub(super) fn ascii_text(value: &Value, budget: &Budget) -> Result<String, Error> {
    let text = repr_text(value, budget)?;
    if text.is_ascii() {
        return Ok(text);
    }
    budget.reserve(text.len().saturating_mul(6))?;
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    for character in text.chars() {
        let code = u32::from(character);
        match code {
            0..0x80 => out.push(character),
            0x80..0x100 => out.push_str(&format!("\\x{code:02x}")),
            0x100..0x1_0000 => out.push_str(&format!("\\u{code:04x}")),
            _ => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    Ok(out)
}

/// The text, if the expression may use that much: nobody knows how long it is before it is written, so it is tried
/// with more and more room, while there is time.
fn bounded(
    value: &Value,
    write: fn(&Value, usize) -> Option<String>,
    budget: &Budget,
) -> Result<String, Error> {
    let most = budget.remaining() / 2;
    let mut room = FIRST_ROOM_BYTES;
    loop {
        if let Some(text) = write(value, room.min(most)) {
            budget.reserve(text.len().saturating_mul(2))?;
            return Ok(text);
        }
        if room >= most {
            budget.reserve(usize::MAX)?;
        }
        room = room.saturating_mul(8);
        budget.afford(room.min(most))?;
    }
}
