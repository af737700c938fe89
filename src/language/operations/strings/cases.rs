//! `lower`, `upper`, `title`, `capitalize`, `swapcase`, `casefold`.
//!
//! The mappings are std's where `tables` has no other; the Greek sigma at a word's end is Python's rule.

use super::classes::{is_cased, is_ignorable, is_lower, is_upper};
use super::tables;

fn looked_up(table: &[(char, &'static str)], character: char) -> Option<&'static str> {
    let place = table.binary_search_by_key(&character, |(from, _)| *from).ok()?;
    table.get(place).map(|(_, to)| *to)
}

fn push_lower(out: &mut String, character: char) {
    match looked_up(tables::LOWER, character) {
        Some(text) => out.push_str(text),
        None => out.extend(character.to_lowercase()),
    }
}

fn push_upper(out: &mut String, character: char) {
    match looked_up(tables::UPPER, character) {
        Some(text) => out.push_str(text),
        None => out.extend(character.to_uppercase()),
    }
}

/// The small letter that patterns compare by: the first character of the mapping.
pub(in crate::language) fn lower(character: char) -> char {
    match looked_up(tables::LOWER, character) {
        Some(text) => text.chars().next(),
        None => character.to_lowercase().next(),
    }
    .unwrap_or(character)
}

/// The capital that patterns compare by.
pub(in crate::language) fn upper(character: char) -> char {
    match looked_up(tables::UPPER, character) {
        Some(text) => text.chars().next(),
        None => character.to_uppercase().next(),
    }
    .unwrap_or(character)
}

fn push_title(out: &mut String, character: char) {
    match looked_up(tables::TITLED, character) {
        Some(text) => out.push_str(text),
        None => push_upper(out, character),
    }
}

/// Lower case at its place in the text: a sigma that ends a word is `ς`.
fn push_lower_at(out: &mut String, text: &str, place: usize, character: char) {
    if character == 'Σ' {
        let (before, from) = text.split_at(place);
        let after = from.chars().skip(1).find(|next| !is_ignorable(*next));
        let before = before.chars().rev().find(|last| !is_ignorable(*last));
        let ends = before.is_some_and(is_cased) && !after.is_some_and(is_cased);
        out.push(if ends { 'ς' } else { 'σ' });
    } else {
        push_lower(out, character);
    }
}

/// The text in the case that the method of that name makes.
pub(super) fn convert(name: &str, text: &str) -> String {
    if text.is_ascii() {
        match name {
            "lower" | "casefold" => return text.to_ascii_lowercase(),
            "upper" => return text.to_ascii_uppercase(),
            _ => {}
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for (place, character) in text.char_indices() {
        match name {
            "lower" => push_lower_at(&mut out, text, place, character),
            "upper" => push_upper(&mut out, character),
            "casefold" => match looked_up(tables::FOLD, character) {
                Some(folded) => out.push_str(folded),
                None => push_lower(&mut out, character),
            },
            "capitalize" if place == 0 => push_title(&mut out, character),
            "capitalize" => push_lower_at(&mut out, text, place, character),
            "swapcase" if is_upper(character) => push_lower_at(&mut out, text, place, character),
            "swapcase" if is_lower(character) => push_upper(&mut out, character),
            "swapcase" => out.push(character),
            _ => {
                if inside {
                    push_lower_at(&mut out, text, place, character);
                } else {
                    push_title(&mut out, character);
                }
                inside = is_cased(character);
            }
        }
    }
    out
}
