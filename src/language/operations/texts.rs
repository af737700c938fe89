//! `str()`, `repr()` and `ascii()` under a budget.
//!
//! The text itself is `value`'s; here it is kept from growing past what the expression may use.

use super::Budget;
use crate::language::Error;
use crate::value::{Value, repr_bounded, str_bounded};

/// `str(value)`
pub(super) fn str_text(value: &Value, budget: &Budget) -> Result<String, Error> {
    bounded(str_bounded(value, budget.remaining() / 2), budget)
}

/// `repr(value)`
pub(super) fn repr_text(value: &Value, budget: &Budget) -> Result<String, Error> {
    bounded(repr_bounded(value, budget.remaining() / 2), budget)
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

fn bounded(text: Option<String>, budget: &Budget) -> Result<String, Error> {
    match text {
        Some(text) => {
            budget.reserve(text.len().saturating_mul(2))?;
            Ok(text)
        }
        None => {
            budget.reserve(usize::MAX)?;
            Ok(String::new())
        }
    }
}
