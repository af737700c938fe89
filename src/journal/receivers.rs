//! The receivers of a pushed message as bytes: pairs of numbers, each in groups of seven bits, the lowest first,
//! the high bit set in all but the last (LEB128).
//!
//! Pure.

use std::sync::Arc;

/// The pairs as bytes.
pub(super) fn encode(receivers: &[(u64, u64)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(receivers.len() * 6);
    // Numbers rise from one receiver to the next by little: their differences are short.
    let mut before = 0;
    for (delivery, client) in receivers {
        write(&mut bytes, delivery.wrapping_sub(before));
        write(&mut bytes, *client);
        before = *delivery;
    }
    bytes
}

/// The bytes as pairs; `None` where they are none.
pub(super) fn decode(mut bytes: &[u8]) -> Option<Arc<[(u64, u64)]>> {
    let mut receivers = Vec::new();
    let mut before = 0u64;
    while !bytes.is_empty() {
        let delivery = before.wrapping_add(read(&mut bytes)?);
        receivers.push((delivery, read(&mut bytes)?));
        before = delivery;
    }
    Some(receivers.into())
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_come_back_as_they_were() {
        for pairs in [&[][..], &[(1, 2)], &[(300, 1), (301, 0), (5, u64::MAX), (u64::MAX, 128)]] {
            assert_eq!(decode(&encode(pairs)).as_deref(), Some(pairs));
        }
    }

    #[test]
    fn what_is_cut_short_is_none() {
        let bytes = encode(&[(300, 129)]);
        for end in 1..bytes.len() {
            assert_eq!(decode(bytes.get(..end).unwrap_or_default()), None, "{end}");
        }
        assert_eq!(decode(&[0xFF; 30]), None);
    }
}
