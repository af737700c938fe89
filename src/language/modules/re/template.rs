//! Replacements: text with references to groups, as Python reads them.

use super::escapes::{is_octal, simple};
use super::objects::{Match, Pattern};
use super::tokens::Tokens;
use crate::language::{Budget, Error};
use crate::value::{Value, repr};

enum Part {
    Text(String),
    Group(usize),
}

/// A replacement that was read.
pub struct Template(Vec<Part>);

impl Template {
    /// Reads the replacement.
    ///
    /// # Errors
    /// `value` as Python's `re.error`.
    pub fn parse(text: &str, pattern: &Pattern) -> Result<Template, Error> {
        let characters: Vec<char> = text.chars().collect();
        let mut tokens = Tokens::new(&characters)?;
        let mut parts = Vec::new();
        let mut literal = String::new();
        while let Some(token) = tokens.get()? {
            let Some(escaped) = token.1 else {
                literal.push(token.0);
                continue;
            };
            let group = match escaped {
                'g' => Some(named(&mut tokens, pattern)?),
                '0' => {
                    let digits = tokens.take_while(2, is_octal)?;
                    let code = u32::from_str_radix(&digits, 8).unwrap_or(0) & 0xFF;
                    literal.extend(char::from_u32(code));
                    None
                }
                '1'..='9' => numbered(&mut tokens, escaped, pattern, &mut literal)?,
                _ => {
                    match simple(escaped) {
                        Some(code) => literal.push(code),
                        None if escaped.is_ascii_alphabetic() => {
                            return Err(tokens.fault(&format!("bad escape \\{escaped}"), 2));
                        }
                        None => literal.extend(['\\', escaped]),
                    }
                    None
                }
            };
            if let Some(group) = group {
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Group(group));
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Template(parts))
    }

    /// Appends the replacement of this match.
    ///
    /// # Errors
    /// `limit` where it would be too large.
    pub fn expand(&self, found: &Match, out: &mut String, budget: &Budget) -> Result<(), Error> {
        for part in &self.0 {
            match part {
                Part::Text(text) => {
                    budget.reserve(text.len())?;
                    out.push_str(text);
                }
                Part::Group(group) => out.push_str(&found.text(*group, budget)?.unwrap_or_default()),
            }
        }
        Ok(())
    }
}

fn known(tokens: &Tokens<'_>, number: usize, before: usize, pattern: &Pattern) -> Result<usize, Error> {
    if number > pattern.program.groups {
        return Err(tokens.fault(&format!("invalid group reference {number}"), before));
    }
    Ok(number)
}

/// `\g<name>`, its first two characters taken.
fn named(tokens: &mut Tokens<'_>, pattern: &Pattern) -> Result<usize, Error> {
    if !tokens.take('<')? {
        return Err(tokens.fault("missing <", 0));
    }
    let name = tokens.until('>', "group name")?;
    let length = name.chars().count() + 1;
    if super::is_identifier(&name) {
        let number = pattern.group(&Value::from(name.as_str()));
        return number.ok_or_else(|| {
            Error::Value(format!("unknown group name {}", repr(&Value::from(name.as_str()))))
        });
    }
    let number = name.parse::<usize>().ok().filter(|_| name.bytes().all(|byte| byte.is_ascii_digit()));
    match number {
        Some(number) => known(tokens, number, length, pattern),
        None => {
            let quoted = repr(&Value::from(name.as_str()));
            Err(tokens.fault(&format!("bad character in group name {quoted}"), length))
        }
    }
}

/// `\1`, `\12`, or three octal digits, which are a character.
fn numbered(
    tokens: &mut Tokens<'_>,
    first: char,
    pattern: &Pattern,
    literal: &mut String,
) -> Result<Option<usize>, Error> {
    let mut digits = String::from(first);
    let second = tokens.take_while(1, |c| c.is_ascii_digit())?;
    digits.push_str(&second);
    if !second.is_empty() && digits.chars().all(is_octal) && tokens.next_is(is_octal) {
        digits.push_str(&tokens.take_while(1, is_octal)?);
        let code = u32::from_str_radix(&digits, 8).unwrap_or(0);
        if code > 0o377 {
            let message = format!("octal escape value \\{digits} outside of range 0-0o377");
            return Err(tokens.fault(&message, digits.len() + 1));
        }
        literal.extend(char::from_u32(code));
        return Ok(None);
    }
    let number = digits.parse().unwrap_or(usize::MAX);
    known(tokens, number, digits.len(), pattern).map(Some)
}
