//! String literals: prefixes, escapes, and adjacent strings that join.
//!
//! Owns the meaning of an escape. F-strings are read beside it.

use super::Fault;
use super::parser::Parser;
use super::token::{Text, Token};
use super::tree::{Expr, Kind, Offset, Piece};
use crate::value::Value;

impl<'a> Parser<'a> {
    /// One string literal or several that stand side by side.
    pub(super) fn strings(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        let mut texts = Vec::with_capacity(1);
        while let Token::Text(text) = self.token {
            self.advance()?;
            texts.push(text);
        }
        if texts.iter().any(|text| text.bytes != texts.first().is_some_and(|first| first.bytes)) {
            return Err(Fault::syntax("cannot mix bytes and nonbytes literals", at));
        }
        if texts.first().is_some_and(|first| first.bytes) {
            let mut bytes = Vec::new();
            for text in &texts {
                read_bytes(text, &mut bytes)?;
            }
            return self.node(Kind::Literal(Value::Bytes(bytes.into())), at, 0);
        }
        if texts.iter().any(|text| text.format) {
            return self.format_strings(&texts, at);
        }
        let value = match texts.as_slice() {
            [text] if text.is_plain() => Value::from(text.body),
            _ => {
                let mut joined = String::new();
                for text in &texts {
                    joined.push_str(&read(text.body, text, text.body_at)?);
                }
                Value::from(joined)
            }
        };
        self.node(Kind::Literal(value), at, 0)
    }

    fn format_strings(&mut self, texts: &[Text<'a>], at: Offset) -> Result<Expr, Fault> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut below = 0;
        for text in texts {
            if text.format {
                below = below.max(self.format_string(text, &mut pieces)?);
            } else {
                push_text(&mut pieces, &read(text.body, text, text.body_at)?);
            }
        }
        self.node(Kind::Format(pieces), at, below)
    }
}

/// Adds text to the pieces, joined with text that ends them.
pub fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(Piece::Text(last)) = pieces.last_mut() {
        let mut joined = std::mem::take(last).into_string();
        joined.push_str(text);
        *last = joined.into();
    } else {
        pieces.push(Piece::Text(text.into()));
    }
}

/// The text of a literal's body, or of a part of it, that begins at `at`.
pub fn read(body: &str, literal: &Text, at: Offset) -> Result<String, Fault> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(position) = rest.find(['\\', '\r']) {
        out.push_str(rest.get(..position).unwrap_or_default());
        let escape_at = at + offset(body.len() - rest.len() + position);
        rest = rest.get(position..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix('\r') {
            // Python reads every line end as one newline.
            out.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
        } else if literal.raw {
            out.push('\\');
            rest = rest.get(1..).unwrap_or_default();
        } else {
            let (length, character) = escape(rest, escape_at)?;
            match character {
                Escape::Character(character) => out.push(character),
                Escape::Nothing => {}
                Escape::Unknown => out.push('\\'),
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn offset(length: usize) -> Offset {
    Offset::try_from(length).unwrap_or(Offset::MAX)
}

enum Escape {
    Character(char),
    Nothing,
    /// Python leaves the backslash where it is.
    Unknown,
}

/// The escape that the text begins with: its length and what it means.
fn escape(text: &str, at: Offset) -> Result<(usize, Escape), Fault> {
    let mut characters = text.chars();
    characters.next();
    let Some(letter) = characters.next() else { return Ok((1, Escape::Unknown)) };
    let simple = |character| Ok((2, Escape::Character(character)));
    match letter {
        '\n' => Ok((2, Escape::Nothing)),
        '\r' if text.as_bytes().get(2) == Some(&b'\n') => Ok((3, Escape::Nothing)),
        '\r' => Ok((2, Escape::Nothing)),
        '\\' | '\'' | '"' => simple(letter),
        'a' => simple('\u{7}'),
        'b' => simple('\u{8}'),
        'f' => simple('\u{c}'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\u{b}'),
        '0'..='7' => {
            let digits: String =
                text.chars().skip(1).take(3).take_while(|c| matches!(c, '0'..='7')).collect();
            let code = u32::from_str_radix(&digits, 8).unwrap_or(0);
            Ok((1 + digits.len(), Escape::Character(char::from_u32(code).unwrap_or('\0'))))
        }
        'x' => hex(text, 2, 'x', at),
        'u' => hex(text, 4, 'u', at),
        'U' => hex(text, 8, 'U', at),
        'N' => Err(Fault::refused("the server does not have '\\N{…}' in strings; '\\u' may do", at)),
        _ => Ok((1, Escape::Unknown)),
    }
}

fn hex(text: &str, count: usize, letter: char, at: Offset) -> Result<(usize, Escape), Fault> {
    let digits: String = text.chars().skip(2).take(count).take_while(char::is_ascii_hexdigit).collect();
    if digits.len() < count {
        let pattern = "X".repeat(count);
        return Err(Fault::syntax(format!("truncated \\{letter}{pattern} escape in a string"), at));
    }
    let code = u32::from_str_radix(&digits, 16).unwrap_or(u32::MAX);
    match char::from_u32(code) {
        Some(character) => Ok((2 + count, Escape::Character(character))),
        None if (0xD800..0xE000).contains(&code) => {
            Err(Fault::refused("the server does not have surrogates in strings", at))
        }
        None => Err(Fault::syntax("illegal Unicode character in a string", at)),
    }
}

fn read_bytes(text: &Text, out: &mut Vec<u8>) -> Result<(), Fault> {
    if !text.body.is_ascii() {
        return Err(Fault::syntax("bytes can only contain ASCII literal characters", text.body_at));
    }
    let mut rest = text.body;
    while let Some(first) = rest.chars().next() {
        let at = text.body_at + offset(text.body.len() - rest.len());
        let (length, byte) = match first {
            '\r' => (if rest.starts_with("\r\n") { 2 } else { 1 }, Some(b'\n')),
            '\\' if !text.raw => byte_escape(rest, at)?,
            _ => (1, u8::try_from(first).ok()),
        };
        out.extend(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(())
}

fn byte_escape(text: &str, at: Offset) -> Result<(usize, Option<u8>), Fault> {
    // In bytes, the escapes for characters are no escapes.
    if matches!(text.as_bytes().get(1), Some(b'u' | b'U' | b'N')) {
        return Ok((1, Some(b'\\')));
    }
    let (length, escape) = escape(text, at)?;
    Ok((
        length,
        match escape {
            Escape::Character(character) => u8::try_from(u32::from(character) & 0xff).ok(),
            Escape::Nothing => None,
            Escape::Unknown => Some(b'\\'),
        },
    ))
}
