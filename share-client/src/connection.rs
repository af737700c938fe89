//! One request over one connection: connect, send, read to the end.
//!
//! Owns the socket and its deadlines; knows no values. The end of the request is the half-close, so that the
//! server need not guess; the end of the reply is the server's close.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Error;

/// The longest reply taken: many times what a server sends by default, and an end to what a wrong one may send.
const REPLY_BYTES_MAX: usize = 64 << 20;

/// How long a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect, to each address that the server's name stands for. 5 s by default.
    pub connect: Duration,
    /// From the connection to the end of the reply, beside the time that a call itself asks to wait. 20 s by
    /// default.
    pub reply: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts { connect: Duration::from_secs(5), reply: Duration::from_secs(20) }
    }
}

/// Sends the text and gives the whole reply. `wait`: what the call itself may wait for on the server.
pub(crate) fn request(
    addresses: &[SocketAddr],
    timeouts: Timeouts,
    text: &str,
    wait: Duration,
) -> Result<String, Error> {
    let mut stream = connect(addresses, timeouts.connect)?;
    let deadline = Instant::now() + timeouts.reply + wait;
    // A server that refuses what is too long may answer before it has read it all: its answer says more than
    // the broken pipe.
    let sent = send(&mut stream, text.as_bytes(), deadline);
    let mut reply = Vec::new();
    match (read_to_end(&mut stream, &mut reply, deadline), sent) {
        (Ok(()), Ok(())) => {}
        (_, Err(_)) if !reply.is_empty() => {}
        (Err(error), _) | (_, Err(error)) => return Err(error),
    }
    String::from_utf8(reply).map_err(|_| Error::Protocol("the reply is not UTF-8".to_owned()))
}

/// A connection to the first of the addresses that answers.
pub(crate) fn connect(addresses: &[SocketAddr], timeout: Duration) -> Result<TcpStream, Error> {
    let mut failure = io::Error::new(ErrorKind::AddrNotAvailable, "the name stands for no address");
    for address in addresses {
        match TcpStream::connect_timeout(address, timeout) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure.into())
}

fn send(stream: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> Result<(), Error> {
    // The request goes out whole; there is nothing to gather it with.
    stream.set_nodelay(true)?;
    while !bytes.is_empty() {
        stream.set_write_timeout(Some(remaining(deadline)?))?;
        match stream.write(bytes) {
            Ok(0) => return Err(io::Error::from(ErrorKind::WriteZero).into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(timed_out(error)),
        }
    }
    Ok(stream.shutdown(Shutdown::Write)?)
}

fn read_to_end(stream: &mut TcpStream, reply: &mut Vec<u8>, deadline: Instant) -> Result<(), Error> {
    let mut buffer = [0; 8192];
    loop {
        stream.set_read_timeout(Some(remaining(deadline)?))?;
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => reply.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(timed_out(error)),
        }
        if reply.len() > REPLY_BYTES_MAX {
            return Err(Error::Protocol(format!("the reply is longer than {REPLY_BYTES_MAX} bytes")));
        }
    }
}

/// The time left, never 0: that would mean no timeout at all to a socket.
fn remaining(deadline: Instant) -> Result<Duration, Error> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(no_reply()) } else { Ok(left) }
}

/// A socket's timeout is `WouldBlock` on Unix.
fn timed_out(error: io::Error) -> Error {
    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {
        no_reply()
    } else {
        error.into()
    }
}

fn no_reply() -> Error {
    io::Error::new(ErrorKind::TimedOut, "no reply in time").into()
}
