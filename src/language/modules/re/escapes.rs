//! What a backslash means in a pattern.

use super::syntax::{At, Category, Item};
use super::tokens::Tokens;
use crate::language::Error;

/// What an escape stands for.
pub enum Escape {
    Code(u32),
    Category(Category, bool),
    At(At),
}

pub fn is_octal(character: char) -> bool {
    matches!(character, '0'..='7')
}

/// The escapes that are one character.
pub fn simple(character: char) -> Option<char> {
    Some(match character {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        _ => return None,
    })
}

fn category(character: char) -> Option<(Category, bool)> {
    let category = match character.to_ascii_lowercase() {
        'd' => Category::Digit,
        's' => Category::Space,
        'w' => Category::Word,
        _ => return None,
    };
    Some((category, character.is_ascii_uppercase()))
}

/// The escape of this character, its backslash taken already. `in_set`: within brackets.
pub fn escape(tokens: &mut Tokens<'_>, character: char, in_set: bool) -> Result<Escape, Error> {
    if let Some((category, negated)) = category(character) {
        return Ok(Escape::Category(category, negated));
    }
    if !in_set {
        let at = match character {
            'A' => Some(At::BeginningOfText),
            'Z' => Some(At::EndOfText),
            'b' => Some(At::Boundary),
            'B' => Some(At::NoBoundary),
            _ => None,
        };
        if let Some(at) = at {
            return Ok(Escape::At(at));
        }
    }
    if let Some(code) = simple(character) {
        return Ok(Escape::Code(u32::from(code)));
    }
    match character {
        'x' => hexadecimal(tokens, 'x', 2),
        'u' => hexadecimal(tokens, 'u', 4),
        'U' => hexadecimal(tokens, 'U', 8),
        'N' => Err(tokens.fault("the server does not have \\N escapes", 2)),
        '0'..='7' if in_set || character == '0' => octal(tokens, character),
        '0'..='9' if !in_set => three_digits_or_group(tokens, character),
        _ if character.is_ascii_alphanumeric() => Err(tokens.fault(&format!("bad escape \\{character}"), 2)),
        _ => Ok(Escape::Code(u32::from(character))),
    }
}

fn hexadecimal(tokens: &mut Tokens<'_>, letter: char, digits: usize) -> Result<Escape, Error> {
    let text = tokens.take_while(digits, |c| c.is_ascii_hexdigit())?;
    let code = u32::from_str_radix(&text, 16).ok().filter(|_| text.len() == digits);
    match code {
        None => Err(tokens.fault(&format!("incomplete escape \\{letter}{text}"), text.len() + 2)),
        Some(code) if code > 0x10_FFFF => {
            Err(tokens.fault(&format!("bad escape \\{letter}{text}"), text.len() + 2))
        }
        Some(code) => Ok(Escape::Code(code)),
    }
}

fn octal(tokens: &mut Tokens<'_>, first: char) -> Result<Escape, Error> {
    let mut digits = String::from(first);
    digits.push_str(&tokens.take_while(2, is_octal)?);
    let code = u32::from_str_radix(&digits, 8).unwrap_or(0);
    if code > 0o377 {
        let message = format!("octal escape value \\{digits} outside of range 0-0o377");
        return Err(tokens.fault(&message, digits.len() + 1));
    }
    Ok(Escape::Code(code))
}

/// Three octal digits are a character; anything else refers to a group, which needs more than linear time.
fn three_digits_or_group(tokens: &mut Tokens<'_>, first: char) -> Result<Escape, Error> {
    let mut digits = String::from(first);
    let second = tokens.take_while(1, |c| c.is_ascii_digit())?;
    digits.push_str(&second);
    if second.chars().all(is_octal) && !second.is_empty() && is_octal(first) && tokens.next_is(is_octal) {
        digits.push_str(&tokens.take_while(1, is_octal)?);
        let code = u32::from_str_radix(&digits, 8).unwrap_or(0);
        if code > 0o377 {
            let message = format!("octal escape value \\{digits} outside of range 0-0o377");
            return Err(tokens.fault(&message, digits.len() + 1));
        }
        return Ok(Escape::Code(code));
    }
    Err(tokens.fault(
        &format!("the server does not have references to groups such as \\{digits}"),
        digits.len() + 1,
    ))
}

/// What an escape adds to a set.
pub fn item(escape: Escape) -> Option<Item> {
    match escape {
        Escape::Code(code) => Some(Item::Range(code, code)),
        Escape::Category(category, negated) => Some(Item::Category(category, negated)),
        Escape::At(_) => None,
    }
}
