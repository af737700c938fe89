//! The lines of a session, cut out of what comes.
//!
//! Pure. A line that is longer than a request may be, or no text, is refused once and skipped; the next one counts
//! again.

use memchr::memchr;
use share_client::wire::Kind;

use super::sniff::is_control;
use crate::pipeline::Failure;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// An expression.
    Text(&'l str),
    /// To be answered with this.
    Refused(Failure),
}

/// What has come and was not yet taken.
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// Up to where no newline was found.
    searched: usize,
    /// The rest of a line that was refused is thrown away.
    skipping: bool,
    bytes_max: usize,
}

impl Lines {
    /// Of at most `bytes_max` bytes each, after what has come already.
    pub(super) fn new(bytes: Vec<u8>, bytes_max: usize) -> Lines {
        Lines { bytes, start: 0, searched: 0, skipping: false, bytes_max }
    }

    /// Takes a piece.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        if self.start == self.bytes.len() {
            self.forget();
            self.bytes = piece.to_vec();
            return;
        }
        if self.start > self.bytes.len() / 2 {
            self.bytes.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        self.bytes.extend_from_slice(piece);
    }

    /// How many bytes were not taken yet.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Where everything was taken: keeps no room for more.
    pub(super) fn let_go(&mut self) {
        if self.len() == 0 {
            self.forget();
        }
    }

    /// Throws everything away, and what it was kept in.
    fn forget(&mut self) {
        if self.bytes.capacity() > 0 {
            self.bytes = Vec::new();
        }
        (self.start, self.searched) = (0, 0);
    }

    /// The next line; with `ended`, what has come without a newline is one too. Empty ones are passed over.
    pub(super) fn next(&mut self, ended: bool) -> Option<Line<'_>> {
        loop {
            let (begin, end) = match self.newline() {
                Some(end) => (std::mem::replace(&mut self.start, end + 1), end),
                None if self.too_long(self.bytes.len()) => {
                    let skipped = self.skipping;
                    self.skipping = true;
                    self.start = self.bytes.len();
                    if skipped {
                        return None;
                    }
                    return Some(Line::Refused(self.failure()));
                }
                None if ended && self.start < self.bytes.len() => {
                    (std::mem::replace(&mut self.start, self.bytes.len()), self.bytes.len())
                }
                None => return None,
            };
            self.searched = self.start;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if end - begin > self.bytes_max {
                return Some(Line::Refused(self.failure()));
            }
            let line = self.bytes.get(begin..end).unwrap_or_default();
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            // Borrowed anew, for the borrow of a loop would last to its end.
            return Some(checked(self.bytes.get(begin..end).unwrap_or_default()));
        }
    }

    fn newline(&mut self) -> Option<usize> {
        match memchr(b'\n', self.bytes.get(self.searched..)?) {
            Some(place) => Some(self.searched + place),
            None => {
                self.searched = self.bytes.len();
                None
            }
        }
    }

    fn too_long(&self, end: usize) -> bool {
        end - self.start > self.bytes_max || (self.skipping && end > self.start)
    }

    fn failure(&self) -> Failure {
        Failure::new(Kind::Limit, &format!("request_bytes_max is {}", self.bytes_max))
    }
}

fn checked(line: &[u8]) -> Line<'_> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // Asked of all bytes at once, which is quick: most lines hold not even a tab.
    let any_control = line.iter().fold(false, |found, byte| found | byte.is_ascii_control());
    if any_control && let Some(byte) = line.iter().find(|byte| is_control(**byte)) {
        let message = format!("a control byte (0x{byte:02x}) is no part of an expression");
        return Line::Refused(Failure::new(Kind::Syntax, &message));
    }
    match std::str::from_utf8(line) {
        Ok(text) => Line::Text(text),
        Err(error) => {
            let message = format!("the text is not UTF-8: byte {} of the line", error.valid_up_to() + 1);
            Line::Refused(Failure::new(Kind::Syntax, &message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(lines: &mut Lines, ended: bool) -> Vec<String> {
        std::iter::from_fn(|| {
            lines.next(ended).map(|line| match line {
                Line::Text(text) => text.to_owned(),
                Line::Refused(failure) => failure.to_string(),
            })
        })
        .collect()
    }

    #[test]
    fn lines_come_whole_however_they_are_split() {
        let text = "1 + 1\r\n\n  \n'è'\n2";
        for size in 1..text.len() {
            let mut lines = Lines::new(Vec::new(), 100);
            let mut got = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                lines.feed(piece);
                got.extend(all(&mut lines, false));
            }
            got.extend(all(&mut lines, true));
            assert_eq!(got, ["1 + 1", "'è'", "2"], "{size}");
            assert_eq!(lines.len(), 0);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_once_and_the_next_one_counts() {
        let text = format!("{}\n1\n", "x".repeat(40));
        for size in 1..text.len() {
            let mut lines = Lines::new(Vec::new(), 10);
            let mut got = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                lines.feed(piece);
                got.extend(all(&mut lines, false));
                assert!(lines.len() <= 10 + size);
            }
            assert_eq!(got, ["Error: limit: request_bytes_max is 10", "1"], "{size}");
        }
        let mut lines = Lines::new(b"0123456789\n01234567890\n".to_vec(), 10);
        assert_eq!(all(&mut lines, false), ["0123456789", "Error: limit: request_bytes_max is 10"]);
    }

    #[test]
    fn what_is_no_text_is_refused_and_the_next_line_counts() {
        let mut lines = Lines::new(b"'\xff'\n'\x01'\n3\n".to_vec(), 100);
        let got = all(&mut lines, false);
        assert!(got.first().is_some_and(|first| first.contains("byte 2")), "{got:?}");
        assert!(got.get(1).is_some_and(|second| second.contains("0x01")), "{got:?}");
        assert_eq!(got.last().map(String::as_str), Some("3"));
    }
}
