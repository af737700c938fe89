//! Base64 with padding (RFC 4648), in which bytes travel where the wire is JSON.
//!
//! Pure. Owns the alphabet; a dependency would weigh more than this.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends the bytes as base64.
pub fn write_base64(out: &mut String, bytes: &[u8]) {
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            (0..3).fold(0_usize, |group, at| group << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = ALPHABET.get(group >> (18 - 6 * place) & 63).copied().map_or('=', char::from);
            out.push(if place > chunk.len() { '=' } else { digit });
        }
    }
}

/// The bytes of a base64 text; `None` where it is none, or not written as [`write_base64`] writes it.
#[must_use]
pub fn read_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut bits) = (0_u32, 0);
    for digit in digits.bytes() {
        let place = ALPHABET.iter().position(|known| *known == digit)?;
        group = group << 6 | u32::try_from(place).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(group >> bits & 0xff).ok()?);
        }
    }
    // What is left of the last digit means nothing, so it must be nothing.
    (group & ((1 << bits) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{read_base64, write_base64};

    #[test]
    fn what_is_no_base64_is_none() {
        for text in
            ["=", "A", "AA", "AAA", "AAAAA", "A===", "====", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\n", "Zm9-"]
        {
            assert_eq!(read_base64(text), None, "{text}");
        }
    }

    #[test]
    fn the_vectors_of_the_rfc_and_every_digit() {
        for (bytes, text) in [
            (b"".as_slice(), ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg=="),
            (b"fooba", "Zm9vYmE="),
            (b"foobar", "Zm9vYmFy"),
            (b"\xff\xef\xbe\xfb", "/++++w=="),
            (b"\0\0\0", "AAAA"),
        ] {
            let mut out = String::new();
            write_base64(&mut out, bytes);
            assert_eq!(out, text);
            assert_eq!(read_base64(text).as_deref(), Some(bytes));
        }
    }
}
