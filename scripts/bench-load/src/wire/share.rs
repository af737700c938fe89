//! sharesrv's session, JSON form: an expression a line, a JSON object a line.

use std::io::Write as _;

use anyhow::{Result, bail};

use super::{Ask, Buffers, Kind, Step, Wire, line, shown};

/// A session of sharesrv.
#[derive(Default)]
pub struct Share {
    open: bool,
}

impl Wire for Share {
    fn hello(&mut self, name: &str, output: &mut Vec<u8>) -> usize {
        output.extend_from_slice(b"session()\n");
        if name.is_empty() {
            return 1;
        }
        let _ = writeln!(output, "setName(me, '{name}')");
        2
    }

    fn ask(&mut self, ask: Ask<'_>, output: &mut Vec<u8>) -> Result<usize> {
        match ask {
            Ask::Eval => output.extend_from_slice(b"(1+1)*2\n"),
            Ask::Get(key) => writeln!(output, "getReg('{key}')")?,
            Ask::Set(key, value) => writeln!(output, "setReg('{key}','{value}')")?,
            Ask::Send(to, body) | Ask::Publish(to, body) => writeln!(output, "send('{to}','{body}')")?,
            Ask::Receive => output.extend_from_slice(b"recv()\n"),
            Ask::Put(queue, body) => writeln!(output, "put('{queue}','{body}')")?,
            Ask::Take(queue) => writeln!(output, "get('{queue}')")?,
            Ask::Listen("") => output.extend_from_slice(b"listen()\n"),
            Ask::Listen(group) => {
                write!(output, "join('{group}')\nlisten()\n")?;
                return Ok(2);
            }
            Ask::Scan(pattern, _) => writeln!(output, "fetch('{pattern}')")?,
        }
        Ok(1)
    }

    fn parse(&mut self, input: &[u8], buffers: &mut Buffers) -> Result<Step> {
        let Some((text, length)) = line(input) else { return Ok(Step::Incomplete) };
        buffers.body.clear();
        if let Some(message) = text.strip_prefix(b"{\"message\":") {
            buffers.body.extend_from_slice(body(message)?);
            return Ok(Step::Reply(length, Kind::Pushed));
        }
        let Some(value) = text.strip_prefix(b"{\"ok\":").and_then(|value| value.strip_suffix(b"}")) else {
            bail!("sharesrv: {}", shown(text));
        };
        let kind = match value {
            b"null" => Kind::Nothing,
            b"\"OK\"" => Kind::Done,
            // The answer to `session()`.
            [b'{', ..] if !self.open => {
                self.open = true;
                Kind::Done
            }
            [b'{', ..] => {
                buffers.body.extend_from_slice(body(value)?);
                Kind::Body
            }
            [b'"', inner @ .., b'"'] => {
                buffers.body.extend_from_slice(inner);
                Kind::Body
            }
            other => {
                buffers.body.extend_from_slice(other);
                Kind::Body
            }
        };
        Ok(Step::Reply(length, kind))
    }

    fn goodbye(&mut self, output: &mut Vec<u8>) -> usize {
        output.extend_from_slice(b"exit()\n");
        1
    }
}

/// The body of a message, which is a text without a quote in it wherever the bench sent it.
fn body(message: &[u8]) -> Result<&[u8]> {
    const MARK: &[u8] = b"\"body\":\"";
    let start = message.windows(MARK.len()).position(|window| window == MARK);
    let rest = start.and_then(|start| message.get(start + MARK.len()..));
    let end = rest.and_then(|rest| rest.iter().position(|byte| *byte == b'"'));
    match (rest, end) {
        (Some(rest), Some(end)) => Ok(rest.get(..end).unwrap_or_default()),
        _ => bail!("sharesrv: a message without a text: {}", shown(message)),
    }
}
