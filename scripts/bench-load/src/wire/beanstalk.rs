//! beanstalkd: lines. Taking an item is a reserve and a delete; it is done when the delete is.

use std::io::Write as _;

use anyhow::{Result, bail};

use super::{Ask, Buffers, Kind, Step, Wire, line, number, shown};

/// A connection to beanstalkd.
#[derive(Default)]
pub struct Beanstalk {}

impl Wire for Beanstalk {
    fn hello(&mut self, _: &str, output: &mut Vec<u8>) -> usize {
        output.extend_from_slice(b"use bench\r\nwatch bench\r\n");
        2
    }

    fn ask(&mut self, ask: Ask<'_>, output: &mut Vec<u8>) -> Result<usize> {
        match ask {
            Ask::Put(_, body) => write!(output, "put 0 0 60 {}\r\n{body}\r\n", body.len())?,
            Ask::Take(_) => output.extend_from_slice(b"reserve-with-timeout 1\r\n"),
            _ => bail!("beanstalkd has no {ask:?}"),
        }
        Ok(1)
    }

    fn parse(&mut self, input: &[u8], buffers: &mut Buffers) -> Result<Step> {
        let Some((head, length)) = line(input) else { return Ok(Step::Incomplete) };
        let mut words = head.split(|byte| *byte == b' ');
        match words.next().unwrap_or_default() {
            b"INSERTED" | b"USING" | b"WATCHING" => Ok(Step::Reply(length, Kind::Done)),
            b"TIMED_OUT" => Ok(Step::Reply(length, Kind::Nothing)),
            b"DELETED" => Ok(Step::Reply(length, Kind::Body)),
            b"RESERVED" => {
                let job = number(words.next().unwrap_or_default())?;
                let bytes = usize::try_from(number(words.next().unwrap_or_default())?)?;
                let Some(body) = input.get(length..length + bytes) else { return Ok(Step::Incomplete) };
                if input.len() < length + bytes + 2 {
                    return Ok(Step::Incomplete);
                }
                buffers.body.clear();
                buffers.body.extend_from_slice(body);
                write!(buffers.output, "delete {job}\r\n")?;
                Ok(Step::Skip(length + bytes + 2))
            }
            _ => bail!("beanstalkd: {}", shown(head)),
        }
    }
}
