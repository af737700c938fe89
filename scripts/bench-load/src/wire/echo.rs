//! The echo server: what was sent comes back. What the kernel's loopback allows.

use anyhow::{Result, ensure};

use super::share::Share;
use super::{Ask, Buffers, Kind, Step, Wire, line};

/// sharesrv's requests, each of which comes back as it was.
#[derive(Default)]
pub struct Echo {
    /// What is on its way, and how much of it has come back.
    sent: Vec<u8>,
    back: usize,
}

impl Wire for Echo {
    fn hello(&mut self, _: &str, _: &mut Vec<u8>) -> usize {
        0
    }

    fn ask(&mut self, ask: Ask<'_>, output: &mut Vec<u8>) -> Result<usize> {
        if self.back == self.sent.len() {
            self.sent.clear();
            self.back = 0;
        }
        let start = output.len();
        let answers = Share::default().ask(ask, output)?;
        self.sent.extend_from_slice(output.get(start..).unwrap_or_default());
        Ok(answers)
    }

    fn parse(&mut self, input: &[u8], _: &mut Buffers) -> Result<Step> {
        let Some((_, length)) = line(input) else { return Ok(Step::Incomplete) };
        let end = self.back + length;
        ensure!(self.sent.get(self.back..end) == input.get(..length), "the echo is another");
        self.back = end;
        Ok(Step::Reply(length, Kind::Echo))
    }
}
