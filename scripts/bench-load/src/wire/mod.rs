//! What is asked of a server and what it answers, whatever protocol it speaks: a file a protocol.
//!
//! Pure: bytes in, bytes out. Only what the rows of the bench need is here, and every answer is checked.

mod beanstalk;
mod echo;
mod mqtt;
mod nats;
mod redis;
mod share;

use anyhow::{Result, bail};

/// One thing asked of a server.
#[derive(Clone, Copy, Debug)]
pub enum Ask<'a> {
    /// The value of `(1+1)*2`.
    Eval,
    /// The value of a key.
    Get(&'a str),
    /// A key gets a value.
    Set(&'a str, &'a str),
    /// A message for the inbox of the client of that name.
    Send(&'a str, &'a str),
    /// The oldest message of one's own inbox.
    Receive,
    /// An item for a queue.
    Put(&'a str, &'a str),
    /// The oldest item of a queue, gone for good when the answer has come.
    Take(&'a str),
    /// What is published to a group is pushed from now on; to no group: what comes by itself.
    Listen(&'a str),
    /// A message to all who listen to a group.
    Publish(&'a str, &'a str),
    /// The keys that match a pattern, from a cursor on.
    Scan(&'a str, u64),
}

/// The queues that stand for the making of JetStream's stream and its consumer.
pub const STREAM: &str = "(stream)";
/// See [`STREAM`].
pub const CONSUMER: &str = "(consumer)";

/// What an answer was. A body is in [`Buffers::body`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is done.
    Done,
    /// There is nothing.
    Nothing,
    /// It has a body.
    Body,
    /// Not an answer: a message that was pushed. It has a body.
    Pushed,
    /// What was asked came back as it was: an answer to all that is asked of the echo server.
    Echo,
    /// So many keys, and the cursor to go on from; 0 at the end.
    Page(usize, u64),
}

/// What the next bytes of the input are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Not whole yet.
    Incomplete,
    /// So many bytes that answer nothing.
    Skip(usize),
    /// So many bytes that are an answer or a pushed message.
    Reply(usize, Kind),
}

/// What a parser writes to.
#[derive(Debug, Default)]
pub struct Buffers {
    /// What goes to the server: requests, and what the protocol wants acknowledged.
    pub output: Vec<u8>,
    /// The body of the last answer.
    pub body: Vec<u8>,
}

/// One side of a protocol, for one connection.
pub trait Wire {
    /// Writes what opens a connection for the client of that name; returns how many answers that has.
    fn hello(&mut self, name: &str, output: &mut Vec<u8>) -> usize;

    /// Writes a request; returns how many answers it has: one, nearly always.
    ///
    /// # Errors
    /// Where the protocol knows no such thing.
    fn ask(&mut self, ask: Ask<'_>, output: &mut Vec<u8>) -> Result<usize>;

    /// Reads what stands at the start of the input.
    ///
    /// # Errors
    /// Where the server says that something went wrong, or says what nobody expected.
    fn parse(&mut self, input: &[u8], buffers: &mut Buffers) -> Result<Step>;

    /// Writes what leaves no trace of the client behind; returns how many answers that has.
    fn goodbye(&mut self, output: &mut Vec<u8>) -> usize {
        let _ = output;
        0
    }
}

/// The protocol of that name.
///
/// # Errors
/// Where there is none.
pub fn by_name(name: &str) -> Result<Box<dyn Wire>> {
    Ok(match name {
        "share" => Box::new(share::Share::default()),
        "redis" => Box::new(redis::Redis::default()),
        "mqtt" => Box::new(mqtt::Mqtt::default()),
        "nats" => Box::new(nats::Nats::default()),
        "beanstalk" => Box::new(beanstalk::Beanstalk::default()),
        "echo" => Box::new(echo::Echo::default()),
        _ => bail!("no protocol '{name}'"),
    })
}

/// The first line of the input without its ending, and the length with it.
fn line(input: &[u8]) -> Option<(&[u8], usize)> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let text = input.get(..end)?;
    Some((text.strip_suffix(b"\r").unwrap_or(text), end + 1))
}

/// Bytes for an error message.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).into_owned();
    text.trim_end().to_owned()
}

/// A decimal number.
fn number(digits: &[u8]) -> Result<i64> {
    match std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()) {
        Some(number) => Ok(number),
        None => bail!("no number: {}", shown(digits)),
    }
}

#[cfg(test)]
mod tests;
