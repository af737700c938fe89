//! Redis: RESP 2, requests as arrays of bulk strings.

use std::io::Write as _;

use anyhow::{Result, bail};

use super::{Ask, Buffers, Kind, Step, Wire, line, number, shown};

/// A connection to Redis.
#[derive(Default)]
pub struct Redis {
    name: String,
}

impl Wire for Redis {
    fn hello(&mut self, name: &str, output: &mut Vec<u8>) -> usize {
        name.clone_into(&mut self.name);
        command(output, &["PING"]);
        1
    }

    fn ask(&mut self, ask: Ask<'_>, output: &mut Vec<u8>) -> Result<usize> {
        match ask {
            Ask::Eval => command(output, &["EVAL", "return (1+1)*2", "0"]),
            Ask::Get(key) => command(output, &["GET", key]),
            Ask::Set(key, value) => command(output, &["SET", key, value]),
            Ask::Send(to, body) | Ask::Put(to, body) => command(output, &["LPUSH", to, body]),
            Ask::Receive => command(output, &["RPOP", &self.name]),
            Ask::Take(queue) => command(output, &["RPOP", queue]),
            // The cursor's steps are large enough that round trips do not count.
            Ask::Scan(pattern, cursor) => {
                command(output, &["SCAN", &cursor.to_string(), "MATCH", pattern, "COUNT", "1000"]);
            }
            Ask::Listen(_) | Ask::Publish(..) => bail!("Redis has no {ask:?} in this bench"),
        }
        Ok(1)
    }

    fn parse(&mut self, input: &[u8], buffers: &mut Buffers) -> Result<Step> {
        let Some((head, length)) = line(input) else { return Ok(Step::Incomplete) };
        let Some((kind, rest)) = head.split_first() else { bail!("Redis: an empty line") };
        buffers.body.clear();
        match kind {
            b'+' => Ok(Step::Reply(length, Kind::Done)),
            b':' => {
                buffers.body.extend_from_slice(rest);
                Ok(Step::Reply(length, Kind::Body))
            }
            b'$' => match bulk(input)? {
                Bulk::Incomplete => Ok(Step::Incomplete),
                Bulk::Nothing(length) => Ok(Step::Reply(length, Kind::Nothing)),
                Bulk::Text(text, length) => {
                    buffers.body.extend_from_slice(text);
                    Ok(Step::Reply(length, Kind::Body))
                }
            },
            b'*' => page(input),
            _ => bail!("Redis: {}", shown(head)),
        }
    }
}

fn command(output: &mut Vec<u8>, words: &[&str]) {
    // Writing to a vector cannot fail.
    let _ = write!(output, "*{}\r\n", words.len());
    for word in words {
        let _ = write!(output, "${}\r\n{word}\r\n", word.len());
    }
}

enum Bulk<'a> {
    Incomplete,
    Nothing(usize),
    Text(&'a [u8], usize),
}

/// The bulk string at the start of the input, and its length with all that belongs to it.
fn bulk(input: &[u8]) -> Result<Bulk<'_>> {
    let Some((head, start)) = line(input) else { return Ok(Bulk::Incomplete) };
    let Some(digits) = head.strip_prefix(b"$") else { bail!("Redis: no text: {}", shown(head)) };
    let Ok(length) = usize::try_from(number(digits)?) else { return Ok(Bulk::Nothing(start)) };
    Ok(match (input.get(start..start + length), input.get(start + length..start + length + 2)) {
        (Some(text), Some(b"\r\n")) => Bulk::Text(text, start + length + 2),
        (Some(_), Some(_)) => bail!("Redis: a text that does not end"),
        _ => Bulk::Incomplete,
    })
}

/// SCAN's answer: a cursor, and an array of keys.
fn page(input: &[u8]) -> Result<Step> {
    let Some((head, mut at)) = line(input) else { return Ok(Step::Incomplete) };
    if head != b"*2" {
        bail!("Redis: no answer to SCAN: {}", shown(head));
    }
    let Bulk::Text(cursor, length) = bulk(input.get(at..).unwrap_or_default())? else {
        return Ok(Step::Incomplete);
    };
    at += length;
    let Some((head, length)) = line(input.get(at..).unwrap_or_default()) else {
        return Ok(Step::Incomplete);
    };
    at += length;
    let Some(count) = head.strip_prefix(b"*") else { bail!("Redis: no keys: {}", shown(head)) };
    let count = usize::try_from(number(count)?)?;
    for _ in 0..count {
        let Bulk::Text(_, length) = bulk(input.get(at..).unwrap_or_default())? else {
            return Ok(Step::Incomplete);
        };
        at += length;
    }
    Ok(Step::Reply(at, Kind::Page(count, u64::try_from(number(cursor)?)?)))
}
