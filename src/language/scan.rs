//! Where a request ends: a lexical scanner that is fed as bytes come.
//!
//! Owns the little of both grammars that tells whether every quote and bracket is closed. Uses nothing; costs the
//! same for each character however long the text has become. Must never decide what a text means: the parser does.

/// Follows quotes, brackets and comments through a text that comes in pieces.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    mode: Mode,
    /// Known once the first word has ended; a sign that Python does not have makes it Rhai's later.
    grammar: Grammar,
    word: Word,
    depth: usize,
    /// How deep each `${` of the back-tick texts stands that are open around this place.
    interpolations: Vec<usize>,
    /// Closing brackets came that nothing opened: no further text can mend that.
    broken: bool,
    /// The last character, if one has come.
    last: Option<char>,
    call: CallShape,
}

/// Which lexical rules hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Grammar {
    #[default]
    Unknown,
    Python,
    Rhai,
}

/// The first word of the text, and the word before a quote (a string's prefix): no more than a few letters matter.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    letters: [u8; 8],
    length: usize,
    first_done: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Code,
    /// Right after a quote character: a second may make an empty string, a third opens a long one.
    Opening {
        quote: char,
        count: u8,
    },
    /// In a string; `long` has three quotes, of which `closing` were seen in a row.
    Text {
        quote: char,
        long: bool,
        escaped: bool,
        closing: u8,
    },
    Comment,
    /// After `/`: a `*` begins a comment, and in Rhai a second one.
    Slash,
    /// In `/* … */`, `level` deep, with the last character kept.
    Block {
        level: u32,
        last: char,
    },
}

/// How far the text has the shape of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum CallShape {
    /// Blanks before the name.
    #[default]
    Before,
    /// In a name.
    Name,
    /// After a dot, a name must come.
    Dot,
    /// Blanks after the name: only the bracket may come.
    AfterName,
    /// Inside the brackets.
    Inside,
    /// The bracket is closed: only blanks may come.
    After,
    /// Something else.
    No,
}

/// A text in back-ticks, which Python does not have; it counts as a long one of which two closing quotes have come.
const BACK_TICK: Mode = Mode::Text { quote: '`', long: true, escaped: false, closing: 2 };

const RHAI_WORDS: [&[u8]; 9] = [b"let", b"const", b"fn", b"if", b"for", b"while", b"loop", b"do", b"private"];

impl Scanner {
    /// The next piece of the text.
    pub fn feed(&mut self, piece: &str) {
        for character in piece.chars() {
            self.step(character);
            self.last = Some(character);
        }
    }

    /// Something has come, and every quote and bracket in it is closed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.last.is_some() && self.lacks().is_none()
    }

    /// What must still come before the text can be complete.
    #[must_use]
    pub fn lacks(&self) -> Option<&'static str> {
        match self.mode {
            _ if self.broken => None,
            Mode::Text { .. } | Mode::Opening { count: 0 | 1, .. } => Some("the end of a string"),
            Mode::Block { .. } => Some("the end of a comment"),
            _ if self.depth > 0 => Some("a closing bracket"),
            // Two quotes are an empty string; one is an open one.
            Mode::Code | Mode::Comment | Mode::Slash | Mode::Opening { .. } => {
                (self.last == Some('\\')).then_some("the line behind a backslash")
            }
        }
    }

    /// All that has come is, as a whole, one complete call: `name(…)` or `a.b(…)`, blanks around it allowed.
    #[must_use]
    pub fn is_one_call(&self) -> bool {
        self.call == CallShape::After && self.is_complete()
    }

    /// The last piece ended in a newline.
    #[must_use]
    pub fn ends_in_newline(&self) -> bool {
        self.last == Some('\n')
    }

    fn step(&mut self, character: char) {
        match self.mode {
            Mode::Code => self.code(character),
            Mode::Opening { quote, count } => self.opening(character, quote, count),
            Mode::Text { quote, long, escaped, closing } => {
                self.text(character, quote, long, escaped, closing);
            }
            Mode::Comment => {
                if character == '\n' || character == '\r' {
                    self.mode = Mode::Code;
                }
            }
            Mode::Slash => self.slash(character),
            Mode::Block { level, last } => self.block(character, level, last),
        }
    }

    fn code(&mut self, character: char) {
        self.follow_word(character);
        self.follow_call(character);
        let rhai = self.grammar == Grammar::Rhai;
        match character {
            '\'' | '"' => self.mode = Mode::Opening { quote: character, count: 1 },
            '`' => {
                self.grammar = Grammar::Rhai;
                self.mode = BACK_TICK;
            }
            '#' if !rhai => self.mode = Mode::Comment,
            '/' => self.mode = Mode::Slash,
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => match self.depth.checked_sub(1) {
                Some(depth) => self.closed(character, depth),
                None => self.broken = true,
            },
            _ => {}
        }
    }

    /// A bracket is closed, which may be the end of what stands in a back-tick text.
    fn closed(&mut self, character: char, depth: usize) {
        self.depth = depth;
        if character == '}' && self.interpolations.pop_if(|opened| *opened >= depth).is_some() {
            self.mode = BACK_TICK;
        }
    }

    fn slash(&mut self, character: char) {
        self.mode = Mode::Code;
        match character {
            '*' => {
                self.grammar = Grammar::Rhai;
                self.mode = Mode::Block { level: 1, last: ' ' };
            }
            '/' if self.grammar == Grammar::Rhai => self.mode = Mode::Comment,
            // Python's `//`.
            '/' => {}
            _ => self.code(character),
        }
    }

    fn opening(&mut self, character: char, quote: char, count: u8) {
        let rhai = self.grammar == Grammar::Rhai;
        if character == quote && count == 1 && !rhai {
            self.mode = Mode::Opening { quote, count: 2 };
        } else if character == quote && count == 2 {
            self.mode = Mode::Text { quote, long: true, escaped: false, closing: 0 };
        } else if count == 2 {
            self.mode = Mode::Code;
            self.code(character);
        } else {
            self.mode = Mode::Text { quote, long: false, escaped: false, closing: 0 };
            self.text(character, quote, false, false, 0);
        }
    }

    fn text(&mut self, character: char, quote: char, long: bool, escaped: bool, closing: u8) {
        if quote == '`' && self.last == Some('$') && character == '{' {
            self.interpolations.push(self.depth);
            self.depth += 1;
            self.mode = Mode::Code;
            return;
        }
        let next = if escaped {
            Mode::Text { quote, long, escaped: false, closing: 0 }
        } else if character == '\\' && quote != '`' {
            Mode::Text { quote, long, escaped: true, closing: 0 }
        } else if character == quote {
            match (long, closing) {
                (true, 0 | 1) if quote != '`' => {
                    Mode::Text { quote, long, escaped: false, closing: closing + 1 }
                }
                _ => Mode::Code,
            }
        } else if !long && matches!(character, '\n' | '\r') {
            // It can never become complete: the parser is to say so.
            Mode::Code
        } else {
            Mode::Text { quote, long, escaped: false, closing: 0 }
        };
        self.mode = next;
    }

    fn block(&mut self, character: char, level: u32, last: char) {
        self.mode = match (last, character) {
            ('*', '/') if level == 1 => Mode::Code,
            ('*', '/') => Mode::Block { level: level - 1, last: ' ' },
            ('/', '*') => Mode::Block { level: level.saturating_add(1), last: ' ' },
            _ => Mode::Block { level, last: character },
        };
    }

    /// Finds out by the first word which grammar the text is in.
    fn follow_word(&mut self, character: char) {
        let word = &mut self.word;
        if word.first_done {
            return;
        }
        if character == '_' || character.is_alphanumeric() {
            if let Some(slot) = word.letters.get_mut(word.length) {
                *slot = u8::try_from(character).unwrap_or(0);
            }
            word.length = (word.length + 1).min(word.letters.len() + 1);
        } else if word.length > 0 {
            word.first_done = true;
            let letters = word.letters.get(..word.length).unwrap_or_default();
            self.grammar = if RHAI_WORDS.contains(&letters) { Grammar::Rhai } else { Grammar::Python };
        } else if !character.is_whitespace() {
            word.first_done = true;
            self.grammar = Grammar::Python;
        }
    }

    fn follow_call(&mut self, character: char) {
        let blank = matches!(character, ' ' | '\t' | '\n' | '\r');
        // Which other letters make a name is the parser's business.
        let other = !character.is_ascii() && !character.is_whitespace();
        let name = character == '_' || character.is_ascii_alphanumeric() || other;
        self.call =
            match self.call {
                CallShape::Before if blank => CallShape::Before,
                CallShape::Before | CallShape::Dot if name && !character.is_ascii_digit() => CallShape::Name,
                CallShape::Name if name => CallShape::Name,
                CallShape::Name if character == '.' => CallShape::Dot,
                CallShape::Name if matches!(character, ' ' | '\t') => CallShape::AfterName,
                CallShape::AfterName if matches!(character, ' ' | '\t') => CallShape::AfterName,
                CallShape::Name | CallShape::AfterName if character == '(' => {
                    if self.grammar == Grammar::Rhai { CallShape::No } else { CallShape::Inside }
                }
                CallShape::Inside if self.depth == 1 && matches!(character, ')' | ']' | '}') => {
                    CallShape::After
                }
                CallShape::Inside => CallShape::Inside,
                CallShape::After if blank => CallShape::After,
                _ => CallShape::No,
            };
    }
}

#[cfg(test)]
mod tests;
