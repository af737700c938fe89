//! What kind of character it is, as CPython 3.11 (Unicode 14) says: `isalpha`, `isdigit` and their kin.
//!
//! Uses `tables`; ASCII goes a short way.

use super::tables;

fn within(table: &[(u32, u32)], character: char) -> bool {
    let code = u32::from(character);
    let place = table.partition_point(|(_, last)| *last < code);
    table.get(place).is_some_and(|(first, _)| *first <= code)
}

/// The value of a decimal digit of any script.
pub(in crate::language::operations) fn decimal_digit(character: char) -> Option<u8> {
    if character.is_ascii() {
        return u8::try_from(character.to_digit(10)?).ok();
    }
    let code = u32::from(character);
    let place = tables::DECIMAL.partition_point(|(_, last)| *last < code);
    let (first, _) = tables::DECIMAL.get(place).filter(|(first, _)| *first <= code)?;
    u8::try_from((code - first) % 10).ok()
}

/// `isdecimal` of a character.
pub(in crate::language) fn is_decimal(character: char) -> bool {
    decimal_digit(character).is_some()
}

/// `isspace` of a character.
pub(in crate::language) fn is_space(character: char) -> bool {
    match character {
        ' ' | '\t'..='\r' | '\x1c'..='\x1f' => true,
        '\0'..='\x7f' => false,
        _ => within(tables::SPACE, character),
    }
}

pub(super) fn is_alpha(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphabetic() } else { within(tables::ALPHA, character) }
}

fn is_digit(character: char) -> bool {
    decimal_digit(character).is_some() || within(tables::DIGIT, character)
}

fn is_numeric(character: char) -> bool {
    is_digit(character) || within(tables::NUMERIC, character)
}

/// `isalnum` of a character.
pub(in crate::language) fn is_alphanumeric(character: char) -> bool {
    is_alpha(character) || is_numeric(character)
}

pub(super) fn is_lower(character: char) -> bool {
    character.is_lowercase() != (!character.is_ascii() && within(tables::LOWER_DIFFERS, character))
}

pub(super) fn is_upper(character: char) -> bool {
    character.is_uppercase() != (!character.is_ascii() && within(tables::UPPER_DIFFERS, character))
}

fn is_title(character: char) -> bool {
    !character.is_ascii() && within(tables::TITLE, character)
}

/// Letters that have a case.
pub(super) fn is_cased(character: char) -> bool {
    is_lower(character) || is_upper(character) || is_title(character)
}

/// What stands inside a word without being of it.
pub(super) fn is_ignorable(character: char) -> bool {
    within(tables::IGNORABLE, character)
}

/// The `is…` method of that name.
pub(super) fn test(name: &str) -> Option<fn(&str) -> bool> {
    Some(match name {
        "isalpha" => |text| all(text, is_alpha),
        "isalnum" => |text| all(text, is_alphanumeric),
        "isdecimal" => |text| all(text, |character| decimal_digit(character).is_some()),
        "isdigit" => |text| all(text, is_digit),
        "isnumeric" => |text| all(text, is_numeric),
        "isspace" => |text| all(text, is_space),
        "isascii" => |text| text.is_ascii(),
        "isprintable" => |text| text.chars().all(share_client::wire::is_printable),
        "islower" => |text| {
            text.chars().any(is_lower)
                && !text.chars().any(|character| is_upper(character) || is_title(character))
        },
        "isupper" => |text| {
            text.chars().any(is_upper)
                && !text.chars().any(|character| is_lower(character) || is_title(character))
        },
        "istitle" => titled,
        "isidentifier" => identifier,
        _ => return None,
    })
}

fn all(text: &str, is: fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(is)
}

/// Upper or title case begins a word, lower case goes on with it.
fn titled(text: &str) -> bool {
    let (mut cased, mut inside) = (false, false);
    for character in text.chars() {
        if is_upper(character) || is_title(character) {
            if inside {
                return false;
            }
            (cased, inside) = (true, true);
        } else if is_lower(character) {
            if !inside {
                return false;
            }
            cased = true;
        } else {
            inside = false;
        }
    }
    cased
}

/// `isidentifier`.
pub(in crate::language) fn identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_identifier) && characters.all(continues_identifier)
}

/// Whether an identifier may begin with the character.
pub(in crate::language) fn starts_identifier(character: char) -> bool {
    is_alpha(character) != within(tables::START_DIFFERS, character)
}

/// Whether the character may stand in an identifier behind its first.
pub(in crate::language) fn continues_identifier(character: char) -> bool {
    is_alphanumeric(character) != within(tables::CONTINUE_DIFFERS, character)
}
