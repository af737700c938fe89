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

#[cfg(test)]
mod tests {
    use super::write_base64;

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
        }
    }
}
