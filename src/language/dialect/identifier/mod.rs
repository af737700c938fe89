//! Names: where one ends, and the one form that all its spellings have.
//!
//! Owns CPython 3.11's rules (PEP 3131, Unicode 14): which characters a name is made of, and NFKC, by which `ﬁ` is the
//! name `fi`. Uses `tables` and the operations' classes of characters; ASCII goes a short way.

mod tables;

use super::Fault;
use super::tree::Offset;
use super::words::is_keyword;
use crate::language::operations::characters::{continues_identifier, starts_identifier};

/// Whether a name begins with the character.
pub fn begins(character: char) -> bool {
    starts_identifier(character)
}

/// How long the name is that the text begins with. Most are ASCII, which needs no tables.
pub fn length(text: &str) -> usize {
    let ascii = text.bytes().position(|byte| byte != b'_' && !byte.is_ascii_alphanumeric());
    match ascii {
        None => text.len(),
        Some(length) if text.as_bytes().get(length).is_none_or(u8::is_ascii) => length,
        Some(length) => {
            let rest = text.get(length..).unwrap_or_default();
            length + rest.find(|c: char| !continues_identifier(c)).unwrap_or(rest.len())
        }
    }
}

/// The name that the spelling is.
///
/// # Errors
/// Where another spelling of a keyword stands as a name. To CPython it is a name that nothing else can reach.
pub fn name(spelled: &str, at: Offset) -> Result<Box<str>, Fault> {
    if spelled.is_ascii() {
        return Ok(spelled.into());
    }
    let name = normalised(spelled);
    if is_keyword(&name) {
        let message = format!("the server does not have names that are another spelling of '{name}'");
        return Err(Fault::refused(message, at));
    }
    Ok(name.into())
}

/// The text in the form NFKC.
fn normalised(text: &str) -> String {
    let mut parts = Vec::with_capacity(text.len());
    for character in text.chars() {
        take_apart(character, &mut parts);
    }
    // Marks in order of their classes; what is no mark stays where it is.
    for marks in parts.chunk_by_mut(|(class, _), (next, _)| *class != 0 && *next != 0) {
        marks.sort_by_key(|(class, _)| *class);
    }
    compose(&parts)
}

/// Adds what the character is made of, each part with its combining class.
fn take_apart(character: char, parts: &mut Vec<(u8, char)>) {
    let code = u32::from(character);
    if let Some(syllable) = code.checked_sub(hangul::SYLLABLES).filter(|place| *place < hangul::COUNT) {
        return parts.extend(hangul::parts(syllable).map(|part| (0, part)));
    }
    if let Some((_, first, second)) = at(code, tables::PAIRS, |(whole, ..)| *whole) {
        char::from_u32(*first).into_iter().for_each(|first| take_apart(first, parts));
        return parts.extend(char::from_u32(*second).map(|second| (class(second), second)));
    }
    if let Some((_, start, length)) = at(code, tables::SEVERAL, |(whole, ..)| *whole) {
        let start = usize::from(*start);
        let text = tables::TEXT.get(start..start + usize::from(*length)).unwrap_or_default();
        return parts.extend(text.chars().map(|part| (class(part), part)));
    }
    let single = within(code, tables::SINGLE, |(first, last, _)| (*first, *last));
    let part = single.and_then(|(first, _, part)| char::from_u32(part + code - first)).unwrap_or(character);
    parts.push((class(part), part));
}

/// Puts together again what has a character of its own.
fn compose(parts: &[(u8, char)]) -> String {
    let mut done = String::new();
    // The last character that is no mark, and the marks behind it that could not be put into it.
    let mut base: Option<char> = None;
    let mut marks = String::new();
    let mut last_class = 0;
    for (class, part) in parts {
        let reaches = marks.is_empty() || last_class < *class;
        if let Some(whole) = base.filter(|_| reaches).and_then(|base| together(base, *part)) {
            base = Some(whole);
        } else if *class == 0 {
            done.extend(base);
            done.push_str(&marks);
            marks.clear();
            base = Some(*part);
        } else {
            marks.push(*part);
            last_class = *class;
        }
    }
    done.extend(base);
    done.push_str(&marks);
    done
}

/// The one character that the two are.
fn together(first: char, second: char) -> Option<char> {
    let wanted = (u32::from(first), u32::from(second));
    let pair = |place: &u16| tables::PAIRS.get(usize::from(*place));
    let parts = |place: &u16| pair(place).map(|(_, first, second)| (*first, *second));
    match tables::COMPOSED.binary_search_by_key(&Some(wanted), parts) {
        Ok(found) => {
            tables::COMPOSED.get(found).and_then(pair).and_then(|(whole, ..)| char::from_u32(*whole))
        }
        Err(_) => hangul::together(wanted.0, wanted.1),
    }
}

/// The class that tells in which order marks stand; 0 for what is no mark.
fn class(character: char) -> u8 {
    let found = within(u32::from(character), tables::CLASSES, |(first, last, _)| (*first, *last));
    found.map_or(0, |(_, _, class)| *class)
}

fn at<T>(code: u32, table: &'static [T], key: impl Fn(&T) -> u32) -> Option<&'static T> {
    table.binary_search_by_key(&code, key).ok().and_then(|place| table.get(place))
}

fn within<T>(code: u32, table: &'static [T], ends: impl Fn(&T) -> (u32, u32)) -> Option<&'static T> {
    let place = table.partition_point(|row| ends(row).1 < code);
    table.get(place).filter(|row| ends(row).0 <= code)
}

/// Syllables of Hangul, which are numbered by their parts (Unicode, 3.12).
mod hangul {
    pub(super) const SYLLABLES: u32 = 0xAC00;
    pub(super) const COUNT: u32 = LEADS * VOWELS * TAILS;
    const LEAD: u32 = 0x1100;
    const VOWEL: u32 = 0x1161;
    /// One before the first: a syllable may have no tail.
    const TAIL: u32 = 0x11A7;
    const LEADS: u32 = 19;
    const VOWELS: u32 = 21;
    const TAILS: u32 = 28;

    pub(super) fn parts(syllable: u32) -> impl Iterator<Item = char> {
        let tail = syllable % TAILS;
        let parts = [
            Some(LEAD + syllable / (VOWELS * TAILS)),
            Some(VOWEL + syllable / TAILS % VOWELS),
            (tail > 0).then_some(TAIL + tail),
        ];
        parts.into_iter().flatten().filter_map(char::from_u32)
    }

    pub(super) fn together(first: u32, second: u32) -> Option<char> {
        let place =
            |code: u32, start: u32, count: u32| code.checked_sub(start).filter(|place| *place < count);
        let whole = match (place(first, LEAD, LEADS), place(first, SYLLABLES, COUNT)) {
            (Some(lead), _) => (lead * VOWELS + place(second, VOWEL, VOWELS)?) * TAILS,
            (_, Some(syllable)) if syllable % TAILS == 0 => {
                syllable + place(second, TAIL, TAILS).filter(|tail| *tail > 0)?
            }
            _ => return None,
        };
        char::from_u32(SYLLABLES + whole)
    }
}

#[cfg(test)]
mod tests;
