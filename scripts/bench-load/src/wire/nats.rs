//! NATS: core publish and subscribe, and JetStream's put (with its acknowledgement) and pull.

use std::io::Write as _;

use anyhow::{Result, bail};

use super::{Ask, Buffers, Kind, Step, Wire, line, number, shown};

/// A connection to nats-server.
#[derive(Default)]
pub struct Nats {
    /// Where answers to this connection's requests go.
    inbox: String,
    /// A request is on its way; what comes in its inbox answers it.
    taking: bool,
}

/// The stream that `scripts/bench` has the generator make, a work queue on files.
const STREAM: &str =
    r#"{"name":"bench","subjects":["bench.put"],"retention":"workqueue","storage":"file","num_replicas":1}"#;

/// Its consumer: each item to one getter, who acknowledges it.
const CONSUMER: &str = r#"{"stream_name":"bench","config":{"durable_name":"getters","ack_policy":"explicit","max_ack_pending":100000}}"#;

impl Wire for Nats {
    fn hello(&mut self, name: &str, output: &mut Vec<u8>) -> usize {
        self.inbox = format!("_INBOX.{name}");
        let _ = write!(
            output,
            "CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}}\r\nSUB {} 1\r\nPING\r\n",
            self.inbox
        );
        1
    }

    fn ask(&mut self, ask: Ask<'_>, output: &mut Vec<u8>) -> Result<usize> {
        match ask {
            Ask::Put(super::STREAM, _) => self.request(output, "$JS.API.STREAM.CREATE.bench", STREAM),
            Ask::Put(super::CONSUMER, _) => {
                self.request(output, "$JS.API.CONSUMER.DURABLE.CREATE.bench.getters", CONSUMER);
            }
            Ask::Put(_, body) => self.request(output, "bench.put", body),
            Ask::Take(_) => {
                self.request(output, "$JS.API.CONSUMER.MSG.NEXT.bench.getters", "");
                self.taking = true;
            }
            // A PING behind it: its PONG says that the subscription stands.
            Ask::Listen(group) => write!(output, "SUB {group} 2\r\nPING\r\n")?,
            Ask::Publish(group, body) => {
                write!(output, "PUB {group} {}\r\n{body}\r\n", body.len())?;
                return Ok(0);
            }
            _ => bail!("NATS has no {ask:?} in this bench"),
        }
        Ok(1)
    }

    fn parse(&mut self, input: &[u8], buffers: &mut Buffers) -> Result<Step> {
        let Some((head, length)) = line(input) else { return Ok(Step::Incomplete) };
        let words: Vec<&[u8]> = head.split(|byte| *byte == b' ').collect();
        match *words.as_slice() {
            [b"INFO", ..] | [b"+OK"] => Ok(Step::Skip(length)),
            [b"PONG"] => Ok(Step::Reply(length, Kind::Done)),
            [b"PING"] => {
                buffers.output.extend_from_slice(b"PONG\r\n");
                Ok(Step::Skip(length))
            }
            [b"MSG", _, subscription, bytes] => {
                self.message(input, length, subscription, None, bytes, buffers)
            }
            [b"MSG", _, subscription, reply, bytes] => {
                self.message(input, length, subscription, Some(reply), bytes, buffers)
            }
            _ => bail!("NATS: {}", shown(input)),
        }
    }
}

impl Nats {
    fn request(&self, output: &mut Vec<u8>, subject: &str, body: &str) {
        let _ = write!(output, "PUB {subject} {} {}\r\n{body}\r\n", self.inbox, body.len());
    }

    fn message(
        &mut self,
        input: &[u8],
        start: usize,
        subscription: &[u8],
        reply: Option<&[u8]>,
        bytes: &[u8],
        buffers: &mut Buffers,
    ) -> Result<Step> {
        let end = start + usize::try_from(number(bytes)?)?;
        let Some(body) = input.get(start..end) else { return Ok(Step::Incomplete) };
        if input.len() < end + 2 {
            return Ok(Step::Incomplete);
        }
        buffers.body.clear();
        buffers.body.extend_from_slice(body);
        if subscription == b"2" {
            return Ok(Step::Reply(end + 2, Kind::Pushed));
        }
        if std::mem::take(&mut self.taking) {
            let Some(reply) = reply else { bail!("JetStream: {}", shown(body)) };
            buffers.output.extend_from_slice(b"PUB ");
            buffers.output.extend_from_slice(reply);
            buffers.output.extend_from_slice(b" 4\r\n+ACK\r\n");
            return Ok(Step::Reply(end + 2, Kind::Body));
        }
        if body.windows(7).any(|window| window == b"\"error\"") {
            bail!("JetStream: {}", shown(body));
        }
        Ok(Step::Reply(end + 2, Kind::Done))
    }
}
