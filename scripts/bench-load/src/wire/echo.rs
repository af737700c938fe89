//! The echo server: what was sent comes back. What the kernel's loopback allows.

use anyhow::{Result, bail};

use super::{Ask, Buffers, Kind, Step, Wire, line};

/// Lines that come back as they were.
pub struct Echo;

/// The expression whose cost without an evaluation this is.
const LINE: &[u8] = b"(1+1)*2";

impl Wire for Echo {
    fn hello(&mut self, _: &str, _: &mut Vec<u8>) -> usize {
        0
    }

    fn ask(&mut self, ask: Ask<'_>, output: &mut Vec<u8>) -> Result<usize> {
        let Ask::Eval = ask else { bail!("echo has no {ask:?}") };
        output.extend_from_slice(LINE);
        output.push(b'\n');
        Ok(1)
    }

    fn parse(&mut self, input: &[u8], buffers: &mut Buffers) -> Result<Step> {
        let Some((text, length)) = line(input) else { return Ok(Step::Incomplete) };
        if text != LINE {
            bail!("the echo is another");
        }
        buffers.body.clear();
        buffers.body.push(b'4');
        Ok(Step::Reply(length, Kind::Body))
    }
}
