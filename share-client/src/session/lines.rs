//! A connection as lines: connect, write lines, read them one by one, in this thread.
//!
//! Owns a socket and its deadlines; knows nothing of what the lines say.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::line::Buffer;
use crate::connection::connect;
use crate::{Error, Timeouts};

/// The socket. Clones are the same; several threads may use them.
#[derive(Clone, Debug)]
pub(super) struct Wire(Arc<TcpStream>);

/// The lines that come.
#[derive(Debug)]
pub(super) struct Lines {
    wire: Wire,
    buffer: Buffer,
}

/// What reading led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    Line(String),
    /// Nothing, in the time given.
    Nothing,
    /// The server has closed.
    End,
}

impl Wire {
    /// Connects, and gives the lines that come.
    pub(super) fn open(addresses: &[SocketAddr], timeouts: Timeouts) -> Result<(Wire, Lines), Error> {
        let stream = connect(addresses, timeouts.connect)?;
        // Lines are sent whole, and somebody waits for each.
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(timeouts.reply.max(Duration::from_millis(1))))?;
        let wire = Wire(Arc::new(stream));
        let lines = Lines { wire: wire.clone(), buffer: Buffer::default() };
        Ok((wire, lines))
    }

    /// Sends lines, each with its end.
    pub(super) fn send<'a>(&self, lines: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        let mut text = String::new();
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        Ok((&*self.0).write_all(text.as_bytes())?)
    }

    /// Sends no more; what comes can still be read.
    pub(super) fn finish(&self) {
        let _ = self.0.shutdown(Shutdown::Write);
    }

    /// Ends the connection: whoever reads from it notices.
    pub(super) fn close(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Lines {
    /// The next line, waiting for it until the deadline.
    pub(super) fn next(&mut self, deadline: Instant) -> Result<Came, Error> {
        loop {
            if let Some(line) = self.buffer.line()? {
                return Ok(Came::Line(line));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Came::Nothing);
            }
            self.wire.0.set_read_timeout(Some(left))?;
            let mut chunk = [0; 16 << 10];
            match (&*self.wire.0).read(&mut chunk) {
                Ok(0) => return Ok(Came::End),
                Ok(count) => self.buffer.add(chunk.get(..count).unwrap_or_default()),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => {}
                    _ => return Err(error.into()),
                },
            }
        }
    }

    /// Whether the server has not closed, as far as can be told without waiting.
    pub(super) fn is_open(&mut self) -> bool {
        let stream = &*self.wire.0;
        let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
        let is_waiting = matches!(&peeked, Err(error) if error.kind() == ErrorKind::WouldBlock);
        (is_waiting || matches!(peeked, Ok(1))) && stream.set_nonblocking(false).is_ok()
    }

    /// The next line; it must come until the deadline.
    pub(super) fn expect(&mut self, deadline: Instant) -> Result<String, Error> {
        match self.next(deadline)? {
            Came::Line(line) => Ok(line),
            Came::Nothing => Err(io::Error::new(ErrorKind::TimedOut, "no reply in time").into()),
            Came::End => {
                Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed the connection").into())
            }
        }
    }
}
