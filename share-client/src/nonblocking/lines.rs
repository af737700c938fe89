//! A connection as lines, in a task.
//!
//! Owns a socket; knows nothing of what the lines say. Reading may be given up and begun again: nothing of a line is
//! lost.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use crate::session::line::Buffer;
use crate::{Error, Timeouts};

/// The lines that come.
#[derive(Debug)]
pub(super) struct Lines {
    stream: OwnedReadHalf,
    buffer: Buffer,
}

/// Connects to the first of the addresses that answers.
pub(super) async fn open(
    addresses: &[SocketAddr],
    timeouts: Timeouts,
) -> Result<(OwnedWriteHalf, Lines), Error> {
    let mut failure = io::Error::new(ErrorKind::AddrNotAvailable, "the name stands for no address");
    for address in addresses {
        match timeout(timeouts.connect, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Lines are sent whole, and somebody waits for each.
                stream.set_nodelay(true)?;
                let (read, write) = stream.into_split();
                return Ok((write, Lines { stream: read, buffer: Buffer::default() }));
            }
            Ok(Err(error)) => failure = error,
            Err(_) => failure = io::Error::new(ErrorKind::TimedOut, "no connection in time"),
        }
    }
    Err(failure.into())
}

/// Sends lines, each with its end.
pub(super) async fn send<'a>(
    wire: &mut OwnedWriteHalf,
    lines: impl IntoIterator<Item = &'a str>,
) -> Result<(), Error> {
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    Ok(wire.write_all(text.as_bytes()).await?)
}

impl Lines {
    /// The next line; nothing where the server has closed.
    pub(super) async fn next(&mut self) -> Result<Option<String>, Error> {
        loop {
            if let Some(line) = self.buffer.line()? {
                return Ok(Some(line));
            }
            let mut chunk = [0; 4 << 10];
            match self.stream.read(&mut chunk).await? {
                0 => return Ok(None),
                count => self.buffer.add(chunk.get(..count).unwrap_or_default()),
            }
        }
    }

    /// Whether the server has not closed, as far as can be told without waiting.
    pub(super) fn is_open(&mut self) -> bool {
        let mut chunk = [0; 4 << 10];
        loop {
            match self.stream.try_read(&mut chunk) {
                Ok(0) => return false,
                Ok(count) => self.buffer.add(chunk.get(..count).unwrap_or_default()),
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
    }

    /// The next line; it must come until the deadline.
    pub(super) async fn expect(&mut self, deadline: Instant) -> Result<String, Error> {
        match tokio::time::timeout_at(deadline.into(), self.next()).await {
            Ok(line) => line?.ok_or_else(end),
            Err(_) => Err(io::Error::new(ErrorKind::TimedOut, "no reply in time").into()),
        }
    }
}

/// The server has closed.
pub(super) fn end() -> Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the server closed the connection").into()
}
