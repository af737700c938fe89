//! Flags within a pattern: `(?i)` and `(?s-i:…)`.

use super::syntax::flag;
use super::tokens::Tokens;
use crate::language::Error;

/// What they are for.
pub enum Inline {
    /// All of the pattern.
    Whole(u32),
    /// The part that follows.
    Part {
        /// Turned on.
        add: u32,
        /// Turned off.
        remove: u32,
    },
}

/// What may stand for flags within a pattern.
pub fn flag_of(character: char) -> Option<u32> {
    Some(match character {
        'i' => flag::IGNORECASE,
        'L' => flag::LOCALE,
        'm' => flag::MULTILINE,
        's' => flag::DOTALL,
        'x' => flag::VERBOSE,
        'a' => flag::ASCII,
        'u' => flag::UNICODE,
        _ => return None,
    })
}

/// Reads them, the first character taken.
///
/// # Errors
/// `value` as Python's `re.error`.
pub fn inline(tokens: &mut Tokens<'_>, first: char) -> Result<Inline, Error> {
    let (mut add, mut remove) = (0, 0);
    let mut character = first;
    while character != '-' {
        let found = flag_of(character).unwrap_or_default();
        if character == 'L' {
            return Err(tokens.fault("bad inline flags: cannot use 'L' flag with a str pattern", 0));
        }
        add |= found;
        if found & flag::TYPES != 0 && add & flag::TYPES != found {
            return Err(tokens.fault("bad inline flags: flags 'a', 'u' and 'L' are incompatible", 0));
        }
        character = flag_or(tokens, "missing -, : or )")?;
        match character {
            ')' => return Ok(Inline::Whole(add)),
            ':' => return Ok(Inline::Part { add, remove: 0 }),
            '-' => {}
            _ if flag_of(character).is_some() => {}
            _ => return Err(no_flag(tokens, character, "missing -, : or )")),
        }
    }
    character = flag_or(tokens, "missing flag")?;
    if flag_of(character).is_none() {
        return Err(no_flag(tokens, character, "missing flag"));
    }
    while character != ':' {
        let found = flag_of(character).unwrap_or_default();
        if found & flag::TYPES != 0 {
            return Err(tokens.fault("bad inline flags: cannot turn off flags 'a', 'u' and 'L'", 0));
        }
        remove |= found;
        character = flag_or(tokens, "missing :")?;
        if character != ':' && flag_of(character).is_none() {
            return Err(no_flag(tokens, character, "missing :"));
        }
    }
    if add & remove != 0 {
        return Err(tokens.fault("bad inline flags: flag turned on and off", 1));
    }
    Ok(Inline::Part { add, remove })
}

fn flag_or(tokens: &mut Tokens<'_>, missing: &str) -> Result<char, Error> {
    match tokens.get()? {
        Some((character, _)) => Ok(character),
        None => Err(tokens.fault(missing, 0)),
    }
}

fn no_flag(tokens: &Tokens<'_>, character: char, missing: &str) -> Error {
    tokens.fault(if character.is_alphabetic() { "unknown flag" } else { missing }, 1)
}
