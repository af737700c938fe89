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

    /// Appends a line. What holds nothing yet takes it as it is.
    pub(super) fn push(&mut self, line: String) {
        if self.bytes.capacity() == 0 {
            self.bytes = line.into_bytes();
        } else {
            self.bytes.extend_from_slice(line.as_bytes());
        }
    }

    /// Where lines are appended, the place where it begins, and how long it may become for `bytes_max` bytes to be
    /// written.
    pub(super) fn end(&mut self, bytes_max: usize) -> (&mut Vec<u8>, u64, usize) {
        if self.start > self.bytes.len() / 2 {
            self.bytes.drain(..self.start);
            self.before += self.start as u64;
            self.start = 0;
        }
        (&mut self.bytes, self.before, self.start.saturating_add(bytes_max))
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
        let written = self.written();
        let mut kept = Vec::new();
        let mut from = self.start;
        for place in places.iter().filter(|place| place.start >= written) {
            kept.extend_from_slice(self.bytes.get(from..index(place.start)).unwrap_or_default());
            from = index(place.end);
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
    fn what_is_written_is_not_kept_for_ever() {
        let mut output = output(7, 0);
        for round in 0..1000 {
            let (written, length) = (output.written(), output.len());
            let (bytes, place, bytes_max) = output.end(100);
            assert_eq!(place + bytes.len() as u64, written + length as u64, "{round}");
            assert_eq!(bytes_max - (bytes.len() - length), 100);
            bytes.extend_from_slice(b"more\n");
            output.start += 5;
        }
        assert_eq!(output.written(), 7 + 5000);
        assert!(output.bytes.len() < 100, "{}", output.bytes.len());
    }

    #[test]
    fn lines_are_taken_out_but_one_that_was_begun_is_ended() {
        for before in [0, 1000] {
            for (start, rest) in
                [(0, "one\nthree\n"), (4, "three\n"), (5, "wo\nthree\n"), (8, "three\n"), (16, "ur\n")]
            {
                let mut output = output(before, start);
                // What is wholly written is not asked for.
                let places: Vec<_> = [4..8, 14..19]
                    .into_iter()
                    .filter(|place| place.end > start as u64)
                    .map(|place| before + place.start..before + place.end)
                    .collect();
                let written = output.written();
                if start > 5 {
                    // What is written may be forgotten by then.
                    output.end(0);
                }
                output.take_out(&places);
                assert_eq!(output.rest(), rest.as_bytes(), "{start}");
                assert_eq!(output.written(), written);
                output.take_out(&[]);
                assert_eq!(output.rest(), rest.as_bytes(), "{start}");
            }
        }
    }
}
