//! Patterns: Python's `fnmatch.fnmatchcase`, to the letter, on characters.
//!
//! Pure. Matching takes at most characters of the pattern times characters of the text, whatever they are.

use super::{Result, check};

/// The most characters a pattern may have, without the blanks around it.
pub const PATTERN_CHARACTERS_MAX: usize = 256;

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub struct Pattern {
    pieces: Vec<Piece>,
    prefix: String,
    prefix_pieces: usize,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Any characters, or none.
    Star,
    /// One character.
    Any,
    /// This character.
    Literal(char),
    /// One character of a set, or one that is not in it.
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    /// Reads a pattern; blanks around it are ignored.
    ///
    /// # Errors
    /// [`super::Error::Limit`] where it has more than [`PATTERN_CHARACTERS_MAX`] characters.
    pub fn new(text: &str) -> Result<Pattern> {
        let text = text.trim();
        if text.chars().nth(PATTERN_CHARACTERS_MAX).is_some() {
            return Err(check::limit("pattern_characters_max", PATTERN_CHARACTERS_MAX, ""));
        }
        let pieces = parse(&text.chars().collect::<Vec<char>>());
        let prefix: String = pieces
            .iter()
            .map_while(|piece| if let Piece::Literal(character) = piece { Some(*character) } else { None })
            .collect();
        let prefix_pieces = prefix.chars().count();
        Ok(Pattern { pieces, prefix, prefix_pieces, text: text.to_owned() })
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(self.prefix.as_str()) else { return false };
        let pieces = self.pieces.get(self.prefix_pieces..).unwrap_or_default();
        matches(pieces, rest)
    }

    /// What every matching text begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The pattern without the blanks around it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

/// Only the last star can ever need another try: what stood before it has matched in the shortest way.
fn matches(pieces: &[Piece], text: &str) -> bool {
    let mut rest = text;
    let mut index = 0;
    let mut last_star: Option<(usize, &str)> = None;
    loop {
        match pieces.get(index) {
            Some(Piece::Star) => {
                index += 1;
                last_star = Some((index, rest));
                continue;
            }
            Some(piece) => {
                let mut characters = rest.chars();
                if characters.next().is_some_and(|character| piece.takes(character)) {
                    rest = characters.as_str();
                    index += 1;
                    continue;
                }
            }
            None if rest.is_empty() => return true,
            None => {}
        }
        let Some((after, from)) = last_star else { return false };
        let mut characters = from.chars();
        if characters.next().is_none() {
            return false;
        }
        if after >= pieces.len() {
            return true;
        }
        rest = characters.as_str();
        last_star = Some((after, rest));
        index = after;
    }
}

impl Piece {
    fn takes(&self, character: char) -> bool {
        match self {
            Piece::Star | Piece::Any => true,
            Piece::Literal(literal) => *literal == character,
            Piece::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

fn parse(pattern: &[char]) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            '*' if pieces.last() == Some(&Piece::Star) => {}
            '*' => pieces.push(Piece::Star),
            '?' => pieces.push(Piece::Any),
            '[' => match class_end(after) {
                Some(end) => {
                    let (class, after) = after.split_at(end);
                    pieces.push(parse_class(class));
                    rest = after.get(1..).unwrap_or_default();
                }
                None => pieces.push(Piece::Literal('[')),
            },
            other => pieces.push(Piece::Literal(*other)),
        }
    }
    pieces
}

/// Where the class that starts here ends: a `]` that is not its first member.
fn class_end(text: &[char]) -> Option<usize> {
    let mut start = usize::from(text.first() == Some(&'!'));
    if text.get(start) == Some(&']') {
        start += 1;
    }
    let end = text.get(start..)?.iter().position(|character| *character == ']')?;
    Some(start + end)
}

/// What stands between `[` and `]`, as CPython 3.11's `fnmatch.translate` and `re` read it together: empty ranges
/// go with both their ends, and only what is left then decides about a leading `!`.
fn parse_class(class: &[char]) -> Piece {
    let mut chunks = class_chunks(class);
    for index in (1..chunks.len()).rev() {
        let (Some(low), Some(high)) = (
            chunks.get(index - 1).and_then(|chunk| chunk.last()).copied(),
            chunks.get(index).and_then(|chunk| chunk.first()).copied(),
        ) else {
            continue;
        };
        if low > high {
            let right = chunks.remove(index);
            if let Some(left) = chunks.get_mut(index - 1) {
                left.pop();
                left.extend(right.into_iter().skip(1));
            }
        }
    }
    let negated = chunks.first().and_then(|chunk| chunk.first()) == Some(&'!');
    if negated && let Some(first) = chunks.first_mut() {
        first.remove(0);
    }
    Piece::Class { negated, ranges: class_ranges(&chunks) }
}

/// The class cut at every hyphen that may stand for a range.
fn class_chunks(class: &[char]) -> Vec<Vec<char>> {
    let mut chunks: Vec<Vec<char>> = Vec::new();
    let mut start = 0;
    let mut search = if class.first() == Some(&'!') { 2 } else { 1 };
    while let Some(found) =
        class.get(search..).and_then(|rest| rest.iter().position(|character| *character == '-'))
    {
        let hyphen = search + found;
        chunks.push(class.get(start..hyphen).unwrap_or_default().to_vec());
        start = hyphen + 1;
        search = hyphen + 3;
    }
    match class.get(start..) {
        Some(rest) if !rest.is_empty() => chunks.push(rest.to_vec()),
        _ => {
            if let Some(last) = chunks.last_mut() {
                last.push('-');
            }
        }
    }
    chunks
}

/// Between two chunks stands a range, from the last of the one to the first of the other; all else is itself.
fn class_ranges(chunks: &[Vec<char>]) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        let next = chunks.get(index + 1).and_then(|next| next.first()).copied();
        // The first character of a later chunk was the end of the range before.
        let skip = usize::from(index > 0);
        for (place, character) in chunk.iter().enumerate().skip(skip) {
            match next {
                Some(high) if place + 1 == chunk.len() => ranges.push((*character, high)),
                _ => ranges.push((*character, *character)),
            }
        }
        if let (true, Some(high)) = (chunk.is_empty(), next) {
            // Nothing is left before the hyphen but the `!` that negates: `re` takes the hyphen for itself.
            ranges.push(('-', '-'));
            ranges.push((high, high));
        }
    }
    ranges
}
