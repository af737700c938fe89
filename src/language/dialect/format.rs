//! F-strings: fields, conversions, nested format specifications and `=`, as CPython 3.11 reads them.
//!
//! Uses the parser beside it for what stands in a field.

use super::Fault;
use super::lexer::Lexer;
use super::parser::Parser;
use super::text::{push_text, read};
use super::token::{Text, Token};
use super::tree::{Offset, Piece};

/// Reads one literal's body.
struct Reader<'t> {
    text: Text<'t>,
    position: usize,
}

impl<'a> Parser<'a> {
    /// Adds an f-string's pieces; how deep the deepest field is.
    pub(super) fn format_string(&mut self, text: &Text<'a>, pieces: &mut Vec<Piece>) -> Result<u16, Fault> {
        if self.formats >= 4 {
            return Err(Fault::refused("f-strings are nested too deeply", text.body_at));
        }
        let mut reader = Reader { text: *text, position: 0 };
        let below = self.format_pieces(&mut reader, pieces, 0)?;
        if reader.position < text.body.len() {
            return Err(Fault::syntax("f-string: single '}' is not allowed", reader.at()));
        }
        Ok(below)
    }

    /// Reads pieces up to the end of the text or, in a specification, up to its `}`.
    fn format_pieces(
        &mut self,
        reader: &mut Reader<'a>,
        pieces: &mut Vec<Piece>,
        level: u8,
    ) -> Result<u16, Fault> {
        let mut below = 0;
        loop {
            let start = reader.position;
            let at = reader.at();
            let length = reader.rest().find(['{', '}']).unwrap_or(reader.rest().len());
            let literal = reader.rest().get(..length).unwrap_or_default();
            reader.position += length;
            push_text(pieces, &read(literal, &reader.text, at)?);
            let rest = reader.rest();
            if level == 0 && (rest.starts_with("{{") || rest.starts_with("}}")) {
                push_text(pieces, rest.get(..1).unwrap_or_default());
                reader.position += 2;
            } else if rest.starts_with('{') {
                below = below.max(self.field(reader, pieces, level)?);
            } else {
                debug_assert!(reader.position >= start, "the reader only goes on");
                return Ok(below);
            }
        }
    }

    /// One `{…}`.
    fn field(&mut self, reader: &mut Reader<'a>, pieces: &mut Vec<Piece>, level: u8) -> Result<u16, Fault> {
        if level >= 2 {
            return Err(Fault::syntax("f-string: expressions nested too deeply", reader.at()));
        }
        reader.position += 1;
        let start = reader.position;
        let at = reader.at();
        let length = expression_length(reader.rest(), at)?;
        let source = reader.text.body.get(start..start + length).unwrap_or_default();
        if source.contains('\\') {
            return Err(Fault::syntax("f-string expression part cannot include a backslash", at));
        }
        if source.trim().is_empty() {
            return Err(Fault::syntax("f-string: empty expression not allowed", at));
        }
        let base = usize::try_from(at).unwrap_or(0);
        let mut inner = Parser::new(Lexer::field(source, base), self.depth(), self.formats + 1)?;
        let value = inner.expressions()?;
        if !matches!(inner.token, Token::End) {
            return Err(inner.unexpected("f-string: invalid syntax: expected the end of the field"));
        }
        reader.position += length;
        let shown = reader.rest().starts_with('=');
        if shown {
            reader.position += 1;
            let blanks = reader.rest().len() - reader.rest().trim_start().len();
            reader.position += blanks;
            push_text(pieces, reader.text.body.get(start..reader.position).unwrap_or_default());
        }
        let mut conversion = reader.conversion()?;
        let mut specification = Vec::new();
        let mut below = value.depth;
        let has_specification = reader.rest().starts_with(':');
        if has_specification {
            reader.position += 1;
            below = below.max(self.format_pieces(reader, &mut specification, level + 1)?);
        }
        if !reader.rest().starts_with('}') {
            return Err(Fault::syntax("f-string: expecting '}'", reader.at()));
        }
        reader.position += 1;
        if shown && conversion.is_none() && !has_specification {
            conversion = Some('r');
        }
        let field = Piece::Field { value, conversion, specification };
        pieces.push(field);
        // A specification's fields are one level further down.
        Ok(below.saturating_add(1))
    }
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.body.get(self.position..).unwrap_or_default()
    }

    fn at(&self) -> Offset {
        self.text.body_at + Offset::try_from(self.position).unwrap_or(0)
    }

    fn conversion(&mut self) -> Result<Option<char>, Fault> {
        let Some(after) = self.rest().strip_prefix('!') else { return Ok(None) };
        match after.chars().next() {
            Some(letter @ ('r' | 's' | 'a')) => {
                self.position += 2;
                Ok(Some(letter))
            }
            _ => {
                let message = "f-string: invalid conversion character: expected 's', 'r', or 'a'";
                Err(Fault::syntax(message, self.at()))
            }
        }
    }
}

/// How far a field's expression goes: up to `!`, `:`, `=` or `}` outside of its own brackets and quotes.
fn expression_length(text: &str, at: Offset) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    let mut open: Vec<u8> = Vec::new();
    let mut quote: Option<(u8, usize)> = None;
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        let here = at + Offset::try_from(position).unwrap_or(0);
        let run = bytes.iter().skip(position).take(3).take_while(|other| **other == byte).count();
        if let Some((mark, length)) = quote {
            if byte == mark && run >= length {
                quote = None;
                position += length;
            } else {
                position += 1;
            }
            continue;
        }
        let next = bytes.get(position + 1);
        match byte {
            b'\'' | b'"' => {
                let length = if run == 3 { 3 } else { 1 };
                quote = Some((byte, length));
                position += length;
                continue;
            }
            b'(' | b'[' | b'{' => open.push(byte),
            b'!' | b'=' | b'<' | b'>' if next == Some(&b'=') && open.is_empty() => {
                position += 2;
                continue;
            }
            b'!' | b':' | b'=' | b'}' if open.is_empty() => return Ok(position),
            b')' | b']' | b'}' => match (open.pop(), byte) {
                (Some(b'('), b')') | (Some(b'['), b']') | (Some(b'{'), b'}') => {}
                _ => {
                    let bracket = char::from(byte);
                    return Err(Fault::syntax(format!("f-string: unmatched '{bracket}'"), here));
                }
            },
            _ => {}
        }
        position += 1;
    }
    if quote.is_some() {
        return Err(Fault::syntax("f-string: unterminated string", at));
    }
    Err(Fault::syntax("f-string: expecting '}'", at))
}
