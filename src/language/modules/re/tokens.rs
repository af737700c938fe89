//! The characters of a pattern or a template as Python's tokenizer gives them out: a backslash comes with what
//! follows it.

use super::syntax::fault;
use crate::language::Error;

/// A character, or a backslash and the one behind it.
pub type Token = (char, Option<char>);

/// The text, and the token that comes next.
pub struct Tokens<'t> {
    text: &'t [char],
    index: usize,
    pub next: Option<Token>,
}

fn length(token: Option<Token>) -> usize {
    match token {
        None => 0,
        Some((_, None)) => 1,
        Some((_, Some(_))) => 2,
    }
}

impl<'t> Tokens<'t> {
    pub fn new(text: &'t [char]) -> Result<Tokens<'t>, Error> {
        let mut tokens = Tokens { text, index: 0, next: None };
        tokens.advance()?;
        Ok(tokens)
    }

    fn advance(&mut self) -> Result<(), Error> {
        let Some(first) = self.text.get(self.index).copied() else {
            self.next = None;
            return Ok(());
        };
        let second = if first == '\\' {
            let second = self.text.get(self.index + 1).copied();
            Some(second.ok_or_else(|| {
                fault(self.text, "bad escape (end of pattern)", self.text.len().saturating_sub(1))
            })?)
        } else {
            None
        };
        self.next = Some((first, second));
        self.index += length(self.next);
        Ok(())
    }

    /// The next token, taken.
    pub fn get(&mut self) -> Result<Option<Token>, Error> {
        let token = self.next;
        self.advance()?;
        Ok(token)
    }

    /// Takes the character if it comes next.
    pub fn take(&mut self, character: char) -> Result<bool, Error> {
        let found = self.next == Some((character, None));
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Whether a character that fits comes next.
    pub fn next_is(&self, fits: impl Fn(char) -> bool) -> bool {
        matches!(self.next, Some((character, None)) if fits(character))
    }

    /// As many characters as fit, up to `most`.
    pub fn take_while(&mut self, most: usize, fits: fn(char) -> bool) -> Result<String, Error> {
        let mut taken = String::new();
        while taken.len() < most
            && let Some((character, None)) = self.next
            && fits(character)
        {
            taken.push(character);
            self.advance()?;
        }
        Ok(taken)
    }

    /// Everything up to the end character, which is taken too.
    pub fn until(&mut self, end: char, what: &str) -> Result<String, Error> {
        let mut name = String::new();
        loop {
            let token = self.get()?;
            match token {
                None if name.is_empty() => return Err(self.fault(&format!("missing {what}"), 0)),
                None => {
                    let length = name.chars().count();
                    return Err(self.fault(&format!("missing {end}, unterminated name"), length));
                }
                Some((character, None)) if character == end => {
                    return if name.is_empty() {
                        Err(self.fault(&format!("missing {what}"), 1))
                    } else {
                        Ok(name)
                    };
                }
                Some((first, second)) => {
                    name.push(first);
                    name.extend(second);
                }
            }
        }
    }

    /// Where the next token begins.
    pub fn place(&self) -> usize {
        self.index - length(self.next)
    }

    /// Goes back or on to that place.
    pub fn seek(&mut self, place: usize) -> Result<(), Error> {
        self.index = place;
        self.advance()
    }

    /// A fault that many characters before here.
    pub fn fault(&self, message: &str, before: usize) -> Error {
        fault(self.text, message, self.place().saturating_sub(before))
    }
}
