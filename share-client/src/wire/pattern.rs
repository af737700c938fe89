//! Patterns: Python's `fnmatch.fnmatchcase` (3.11), on characters.
//!
//! `*` any text, `?` one character, `[seq]` and `[!seq]`; nothing escapes, and an unclosed `[` is ordinary.

use std::fmt;

/// The longest pattern, in characters.
pub const PATTERN_CHARACTERS_MAX: usize = 256;

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub struct Pattern {
    tokens: Vec<Token>,
    prefix: String,
}

#[derive(Clone, Debug)]
enum Token {
    AnyText,
    AnyCharacter,
    Literal(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// A pattern of more than [`PATTERN_CHARACTERS_MAX`] characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternTooLong;

impl fmt::Display for PatternTooLong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "pattern_characters_max is {PATTERN_CHARACTERS_MAX}")
    }
}

impl std::error::Error for PatternTooLong {}

impl Pattern {
    /// Reads a pattern; blanks around it are ignored.
    ///
    /// # Errors
    /// Where it is longer than 256 characters.
    pub fn new(text: &str) -> Result<Pattern, PatternTooLong> {
        let characters: Vec<char> = text.trim().chars().collect();
        if characters.len() > PATTERN_CHARACTERS_MAX {
            return Err(PatternTooLong);
        }
        let tokens = tokens(&characters);
        let literal =
            |token: &Token| if let Token::Literal(character) = token { Some(*character) } else { None };
        let prefix = tokens.iter().map_while(literal).collect();
        Ok(Pattern { tokens, prefix })
    }

    /// The literal text that everything it matches begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether the pattern is literal text only.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.tokens.iter().all(|token| matches!(token, Token::Literal(_)))
    }

    /// Whether the whole text matches. Takes at most the product of both lengths in steps: of several `*`, only the
    /// last is ever tried again.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut token = 0;
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            if let Some(Token::AnyText) = self.tokens.get(token) {
                token += 1;
                retry = Some((token, rest.clone()));
                continue;
            }
            let mut ahead = rest.clone();
            match (self.tokens.get(token), ahead.next()) {
                (None, None) => return true,
                (Some(expected), Some(character)) if expected.matches(character) => {
                    rest = ahead;
                    token += 1;
                }
                (_, None) => return false,
                _ => match &mut retry {
                    Some((after, from)) => {
                        from.next();
                        rest = from.clone();
                        token = *after;
                    }
                    None => return false,
                },
            }
        }
    }
}

impl Token {
    fn matches(&self, character: char) -> bool {
        match self {
            Token::AnyText => false,
            Token::AnyCharacter => true,
            Token::Literal(literal) => *literal == character,
            Token::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

fn tokens(mut rest: &[char]) -> Vec<Token> {
    let mut tokens = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        tokens.push(match first {
            '*' if matches!(tokens.last(), Some(Token::AnyText)) => continue,
            '*' => Token::AnyText,
            '?' => Token::AnyCharacter,
            '[' => match class_end(after) {
                Some(end) => {
                    rest = after.get(end + 1..).unwrap_or_default();
                    class(after.get(..end).unwrap_or_default())
                }
                None => Token::Literal('['),
            },
            literal => Token::Literal(*literal),
        });
    }
    tokens
}

/// Where the `]` stands that ends a class; one that comes first, or first after `!`, is a member.
fn class_end(after: &[char]) -> Option<usize> {
    let mut start = usize::from(after.first() == Some(&'!'));
    start += usize::from(after.get(start) == Some(&']'));
    (start..after.len()).find(|index| after.get(*index) == Some(&']'))
}

/// A class, by the rules of CPython's `fnmatch.translate`: which hyphens make ranges is decided there from the left,
/// and ranges that run backwards are taken out, with their ends.
fn class(inside: &[char]) -> Token {
    let mut chunks = chunks(inside);
    for index in (1..chunks.len()).rev() {
        let (Some(low), Some(high)) = (
            chunks.get(index - 1).and_then(|chunk| chunk.last().copied()),
            chunks.get(index).and_then(|chunk| chunk.first().copied()),
        ) else {
            continue;
        };
        if low > high {
            let mut removed = chunks.remove(index);
            removed.remove(0);
            if let Some(before) = chunks.get_mut(index - 1) {
                before.pop();
                before.extend(removed);
            }
        }
    }
    // What the regular expression's character class would hold: characters, and `None` for a hyphen between chunks.
    let mut stuff: Vec<Option<char>> = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        if index > 0 {
            stuff.push(None);
        }
        stuff.extend(chunk.iter().copied().map(Some));
    }
    if stuff == [Some('!')] {
        return Token::AnyCharacter;
    }
    let negated = stuff.first() == Some(&Some('!'));
    let members = stuff.get(usize::from(negated)..).unwrap_or_default();
    Token::Class { negated, ranges: ranges(members) }
}

fn chunks(inside: &[char]) -> Vec<Vec<char>> {
    let mut chunks: Vec<Vec<char>> = Vec::new();
    let mut start = 0;
    let mut from = if inside.first() == Some(&'!') { 2 } else { 1 };
    while let Some(hyphen) = (from..inside.len()).find(|index| inside.get(*index) == Some(&'-')) {
        chunks.push(inside.get(start..hyphen).unwrap_or_default().to_vec());
        start = hyphen + 1;
        from = hyphen + 3;
    }
    let last = inside.get(start..).unwrap_or_default();
    match chunks.last_mut() {
        Some(before) if last.is_empty() => before.push('-'),
        _ => chunks.push(last.to_vec()),
    }
    chunks
}

fn ranges(members: &[Option<char>]) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    let mut rest = members;
    while let Some((first, after)) = rest.split_first() {
        let low = first.unwrap_or('-');
        match after {
            [None, high, beyond @ ..] => {
                ranges.push((low, high.unwrap_or('-')));
                rest = beyond;
            }
            _ => {
                ranges.push((low, low));
                rest = after;
            }
        }
    }
    ranges
}

#[cfg(test)]
mod tests;
