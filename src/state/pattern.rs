//! Patterns: Python's `fnmatch.fnmatchcase`, to the letter, on characters.
//!
//! Pure. A pattern is cut at its stars: what stands before the first begins the text, what stands after the last
//! ends it, and what is between is looked for from left to right. Each part has its length in characters, so the
//! leftmost place is always good enough, and matching takes at most characters of the pattern times characters of
//! the text, whatever they are. Ordinary text, which most parts are, is compared as bytes.

use super::{Result, check};

/// The most characters a pattern may have, without the blanks around it.
pub const PATTERN_CHARACTERS_MAX: usize = 256;

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Box<str>,
    /// How much of the pattern's beginning is ordinary text, in bytes.
    prefix: usize,
    /// What stands between the stars; without a star there is one part.
    parts: Box<[Part]>,
}

/// What stands before, between or after stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Ordinary text, or nothing.
    Text(Box<str>),
    /// Characters, one of them at least no ordinary one.
    Pieces(Box<[Piece]>),
}

/// What one character of a text is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Any character.
    Any,
    /// This character.
    Literal(char),
    /// One character of a set, or one that is not in it.
    Class { negated: bool, ranges: Box<[(char, char)]> },
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
        let parts = parse(&text.chars().collect::<Vec<char>>());
        let prefix = match parts.first() {
            Some(Part::Text(text)) => text.len(),
            Some(Part::Pieces(pieces)) => literals(pieces).map(char::len_utf8).sum(),
            None => 0,
        };
        Ok(Pattern { text: text.into(), prefix, parts: parts.into() })
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &*self.parts {
            [] => text.is_empty(),
            [whole] => whole.strip_start(text).is_some_and(str::is_empty),
            [first, middle @ .., last] => {
                let rest = first.strip_start(text).and_then(|rest| last.strip_end(rest));
                let Some(mut rest) = rest else { return false };
                for part in middle {
                    let Some(after) = part.find(rest) else { return false };
                    rest = after;
                }
                true
            }
        }
    }

    /// What every matching text begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        // No ordinary character is written in another way in a pattern.
        self.text.get(..self.prefix).unwrap_or_default()
    }

    /// Whether it matches its own text and nothing else.
    pub(super) fn is_plain(&self) -> bool {
        self.prefix == self.text.len()
    }

    /// The pattern without the blanks around it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl Part {
    /// What is left of a text that begins so.
    fn strip_start<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Part::Text(part) => text.strip_prefix(&**part),
            Part::Pieces(pieces) => {
                let mut rest = text.chars();
                pieces.iter().all(|piece| rest.next().is_some_and(|char| piece.takes(char))).then_some(())?;
                Some(rest.as_str())
            }
        }
    }

    /// What is left of a text that ends so.
    fn strip_end<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Part::Text(part) => text.strip_suffix(&**part),
            Part::Pieces(pieces) => {
                let mut rest = text.chars();
                pieces
                    .iter()
                    .rev()
                    .all(|piece| rest.next_back().is_some_and(|char| piece.takes(char)))
                    .then_some(())?;
                Some(rest.as_str())
            }
        }
    }

    /// What is left of a text after the first place where it goes so.
    fn find<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Part::Text(part) => {
                let Some(first) = part.as_bytes().first() else { return Some(text) };
                let place = text
                    .as_bytes()
                    .windows(part.len())
                    .position(|window| window.first() == Some(first) && window == part.as_bytes())?;
                text.get(place + part.len()..)
            }
            Part::Pieces(pieces) => {
                let mut rest = text.chars();
                for _ in pieces.len()..=text.len() {
                    if let Some(after) = self.strip_start(rest.as_str()) {
                        return Some(after);
                    }
                    rest.next()?;
                }
                None
            }
        }
    }
}

impl Piece {
    fn takes(&self, character: char) -> bool {
        match self {
            Piece::Any => true,
            Piece::Literal(literal) => *literal == character,
            Piece::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

/// The ordinary characters that stand first.
fn literals(pieces: &[Piece]) -> impl Iterator<Item = char> {
    pieces
        .iter()
        .map_while(|piece| if let Piece::Literal(character) = piece { Some(*character) } else { None })
}

fn part(pieces: &mut Vec<Piece>) -> Part {
    let text: String = literals(pieces).collect();
    let pieces = std::mem::take(pieces);
    if pieces.iter().all(|piece| matches!(piece, Piece::Literal(_))) {
        Part::Text(text.into())
    } else {
        Part::Pieces(pieces.into())
    }
}

fn parse(pattern: &[char]) -> Vec<Part> {
    let (mut parts, mut pieces) = (Vec::new(), Vec::new());
    let mut rest = pattern;
    let mut after_star = false;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == '*' {
            if !after_star {
                parts.push(part(&mut pieces));
            }
            after_star = true;
            continue;
        }
        after_star = false;
        pieces.push(match first {
            '?' => Piece::Any,
            '[' => match class_end(after) {
                Some(end) => {
                    let (class, after) = after.split_at(end);
                    rest = after.get(1..).unwrap_or_default();
                    parse_class(class)
                }
                None => Piece::Literal('['),
            },
            other => Piece::Literal(*other),
        });
    }
    parts.push(part(&mut pieces));
    parts
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
    Piece::Class { negated, ranges: class_ranges(&chunks).into() }
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
