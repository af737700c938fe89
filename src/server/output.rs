//! What is to be written over a session's connection, and how much of it was.
//!
//! Pure, but for `flush`, which writes what the system takes. Places count from the connection's first byte.

use std::io;
use std::ops::Range;

use tokio::net::TcpStream;

/// Whole lines, of which the first may be written in part.
#[derive(Debug, Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    /// So many of `bytes` are written.
    start: usize,
    /// So many were written before `bytes`.
    before: u64,
}

impl Output {
    /// How many bytes are to be written.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Whether everything is written.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes are written.
    pub(super) fn written(&self) -> u64 {
        self.before + self.start as u64
    }

    /// What is to be written.
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Appends a line.
    pub(super) fn push(&mut self, line: &str) {
        self.bytes.extend_from_slice(line.as_bytes());
    }

    /// Where lines are appended, and the place where it begins.
    pub(super) fn end(&mut self) -> (&mut Vec<u8>, u64) {
        (&mut self.bytes, self.before)
    }

    /// Writes as much as the system takes.
    pub(super) fn flush(&mut self, stream: &TcpStream) -> io::Result<()> {
        while !self.is_empty() {
            match stream.try_write(self.rest()) {
                Ok(count) => self.start += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        if self.bytes.capacity() > 0 {
            // An idle session is to hold nothing; a busy one gets its buffer back from the allocator at once.
            *self = Output { before: self.written(), ..Output::default() };
        }
        Ok(())
    }

    /// Takes the lines at these places out. Of one that was begun the rest stays, for the lines' sake.
    pub(super) fn take_out(&mut self, places: &[Range<u64>]) {
        let index = |place: u64| usize::try_from(place.saturating_sub(self.before)).unwrap_or(usize::MAX);
        let mut kept = Vec::new();
        let mut from = self.start;
        for place in places {
            let (start, end) = (index(place.start), index(place.end));
            if start >= from {
                kept.extend_from_slice(self.bytes.get(from..start).unwrap_or_default());
                from = end;
            }
        }
        kept.extend_from_slice(self.bytes.get(from..).unwrap_or_default());
        *self = Output { before: self.written(), bytes: kept, start: 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(before: u64, start: usize) -> Output {
        Output { bytes: b"one\ntwo\nthree\nfour\n".to_vec(), start, before }
    }

    #[test]
    fn lines_are_taken_out_but_one_that_was_begun_is_ended() {
        for before in [0, 1000] {
            for (start, rest) in [(0, "one\nthree\n"), (4, "three\n"), (5, "wo\nthree\n"), (8, "three\n")] {
                let mut output = output(before, start);
                // What is wholly written is not asked for.
                let places: Vec<_> = [4..8, 14..19]
                    .into_iter()
                    .filter(|place| place.end > start as u64)
                    .map(|place| before + place.start..before + place.end)
                    .collect();
                let written = output.written();
                output.take_out(&places);
                assert_eq!(output.rest(), rest.as_bytes(), "{start}");
                assert_eq!(output.written(), written);
                output.take_out(&[]);
                assert_eq!(output.rest(), rest.as_bytes(), "{start}");
            }
        }
    }
}
