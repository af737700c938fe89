//! MQTT 3.1.1 with QoS 1: publish and its acknowledgement, subscribe, retained messages.

use anyhow::{Result, bail};

use super::{Ask, Buffers, Kind, Step, Wire};

/// A connection to Mosquitto.
#[derive(Default)]
pub struct Mqtt {
    packet: u16,
}

impl Wire for Mqtt {
    fn hello(&mut self, name: &str, output: &mut Vec<u8>) -> usize {
        // Protocol level 4, a clean session, no keepalive.
        let mut rest = text("MQTT");
        rest.extend_from_slice(&[4, 2, 0, 0]);
        rest.extend(text(name));
        packet(output, 0x10, &rest);
        1
    }

    fn ask(&mut self, ask: Ask<'_>, output: &mut Vec<u8>) -> Result<usize> {
        self.packet = self.packet.checked_add(1).unwrap_or(1);
        match ask {
            // A retained message is what MQTT has for a key's value.
            Ask::Set(key, value) => self.publish(output, 0x33, key, value),
            Ask::Publish(group, body) => self.publish(output, 0x32, group, body),
            Ask::Listen(group) => {
                let mut rest = self.packet.to_be_bytes().to_vec();
                rest.extend(text(group));
                rest.push(1);
                packet(output, 0x82, &rest);
            }
            _ => bail!("MQTT has no {ask:?}"),
        }
        Ok(1)
    }

    fn parse(&mut self, input: &[u8], buffers: &mut Buffers) -> Result<Step> {
        let Some((first, rest, length)) = frame(input)? else { return Ok(Step::Incomplete) };
        match first & 0xf0 {
            // CONNACK and SUBACK carry a code; PUBACK does not.
            0x20 | 0x90 => match rest.last() {
                Some(0 | 1) => Ok(Step::Reply(length, Kind::Done)),
                code => bail!("MQTT: refused, {code:?}"),
            },
            0x40 => Ok(Step::Reply(length, Kind::Done)),
            0x30 => {
                let topic = match rest {
                    [high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])),
                    _ => bail!("MQTT: a message without a topic"),
                };
                let Some((id, body)) = rest.get(2 + topic..).and_then(|rest| rest.split_at_checked(2)) else {
                    bail!("MQTT: a message without a number");
                };
                if first & 0x06 != 0x02 {
                    bail!("MQTT: a message that is not of QoS 1");
                }
                packet(&mut buffers.output, 0x40, id);
                buffers.body.clear();
                buffers.body.extend_from_slice(body);
                Ok(Step::Reply(length, Kind::Pushed))
            }
            _ => bail!("MQTT: a packet of type {first:#x}"),
        }
    }
}

impl Mqtt {
    fn publish(&self, output: &mut Vec<u8>, first: u8, topic: &str, body: &str) {
        let mut rest = text(topic);
        rest.extend_from_slice(&self.packet.to_be_bytes());
        rest.extend_from_slice(body.as_bytes());
        packet(output, first, &rest);
    }
}

fn text(text: &str) -> Vec<u8> {
    // Names and topics of the bench are short.
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

fn packet(output: &mut Vec<u8>, first: u8, rest: &[u8]) {
    output.push(first);
    let mut length = rest.len();
    while length > 0x7f {
        output.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    output.push(length as u8);
    output.extend_from_slice(rest);
}

/// The first byte of the packet at the start of the input, the rest of it, and its whole length.
fn frame(input: &[u8]) -> Result<Option<(u8, &[u8], usize)>> {
    let Some((first, sized)) = input.split_first() else { return Ok(None) };
    let mut length = 0_usize;
    for (index, byte) in sized.iter().enumerate() {
        if index == 4 {
            bail!("MQTT: a length of more than four bytes");
        }
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let rest = sized.get(index + 1..index + 1 + length);
            return Ok(rest.map(|rest| (*first, rest, index + 2 + length)));
        }
    }
    Ok(None)
}
