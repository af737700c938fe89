//! What a connection is, told from its first bytes (contract, 1).
//!
//! Pure. Nothing that may still turn out to be HTTP is taken for an expression.

/// What the bytes so far tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sniffed {
    /// An expression, as far as can be seen.
    Text,
    /// So far it is the beginning of an HTTP method's name; an expression might begin so as well.
    MaybeMethod,
    /// So far it is the beginning of an HTTP request line.
    MaybeHttp,
    /// An HTTP request line.
    Http,
    /// A TLS hello, other control bytes, or no text at all: to be closed without a word.
    Foreign,
}

/// The methods that HTTP clients use (RFC 9110 section 9, RFC 5789; PRI is HTTP/2's preface, RFC 9113).
const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI"];

/// Looks at all bytes that have come, less empty lines before them; `ended`: no more will come.
pub(super) fn sniff(bytes: &[u8], ended: bool) -> Sniffed {
    if bytes.first().is_some_and(|byte| is_control(*byte)) || begins_otherwise(bytes, ended) {
        return Sniffed::Foreign;
    }
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => whole_line(bytes.get(..end).unwrap_or_default()),
        None if ended => whole_line(bytes),
        None => part_of_line(bytes),
    }
}

/// Whether the byte is a control byte other than tab, CR and LF.
pub(super) fn is_control(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n')) || byte == 0x7F
}

/// Whether the first bytes are no character of UTF-8, and cannot become one.
fn begins_otherwise(bytes: &[u8], ended: bool) -> bool {
    // No character is longer.
    let first = bytes.get(..4).unwrap_or(bytes);
    std::str::from_utf8(first)
        .is_err_and(|error| error.valid_up_to() == 0 && (ended || error.error_len().is_some()))
}

fn whole_line(line: &[u8]) -> Sniffed {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut words = line.split(|byte| *byte == b' ');
    let (first, last) = (words.next().unwrap_or_default(), words.next_back().unwrap_or_default());
    let between = words.count();
    let is_request =
        is_version(last) && is_token(first) && between >= 1 && (between == 1 || is_method(first));
    if is_request { Sniffed::Http } else { Sniffed::Text }
}

fn part_of_line(part: &[u8]) -> Sniffed {
    match part.iter().position(|byte| *byte == b' ') {
        Some(end) if is_method(part.get(..end).unwrap_or_default()) => Sniffed::MaybeHttp,
        None if !part.is_empty() && METHODS.iter().any(|method| method.as_bytes().starts_with(part)) => {
            Sniffed::MaybeMethod
        }
        _ => Sniffed::Text,
    }
}

fn is_method(word: &[u8]) -> bool {
    METHODS.iter().any(|method| method.as_bytes() == word)
}

/// `HTTP/1.1` and its like.
fn is_version(word: &[u8]) -> bool {
    word.strip_prefix(b"HTTP/").is_some_and(|number| {
        number.first().is_some_and(u8::is_ascii_digit)
            && number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
    })
}

/// A token of RFC 9110 section 5.6.2.
fn is_token(word: &[u8]) -> bool {
    !word.is_empty()
        && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn request_lines_are_http_however_they_are_split() {
        for line in [
            "GET / HTTP/1.1\r\n",
            "POST /x?setReg('a',1) HTTP/1.0\n",
            "OPTIONS * HTTP/1.1\r\n",
            "PRI * HTTP/2.0\r\n",
            "BREW /coffee HTTP/1.1\r\n",
            "GET /a b HTTP/1.1\r\n",
        ] {
            assert_eq!(sniff(line.as_bytes(), false), Sniffed::Http, "{line}");
            assert_eq!(sniff(line.trim_end().as_bytes(), true), Sniffed::Http, "{line}");
        }
        let line = b"DELETE /x HTTP/1.1\r\n";
        for end in 1..line.len() {
            let expected = if end < 7 { Sniffed::MaybeMethod } else { Sniffed::MaybeHttp };
            assert_eq!(sniff(&line[..end], false), expected, "{end}");
        }
    }

    #[test]
    fn expressions_are_text() {
        for text in [
            "GET / 2\n",
            "x = 'GET / HTTP/1.1'\n",
            "setReg('a', 1)",
            " ( 1 + 1 ) * 2",
            "'Hello World'",
            "\t1",
            "GETTER",
            "send('a', 'b', 'HTTP/1.1')\n",
            "",
        ] {
            assert_eq!(sniff(text.as_bytes(), false), Sniffed::Text, "{text}");
        }
        assert_eq!(sniff(b"GET", true), Sniffed::Text);
    }

    #[test]
    fn control_bytes_are_foreign() {
        for bytes in [&b"\x16\x03\x01\x02"[..], b"\x00", b"\x7f"] {
            assert_eq!(sniff(bytes, false), Sniffed::Foreign, "{bytes:?}");
        }
    }

    #[test]
    fn first_bytes_that_are_no_character_are_foreign() {
        for bytes in [&b"\xff"[..], b"\x80", b"\xed\xa0\x80", b"\xc3(1)\n", b"\xc0\x80", b"\xf0\x9f1\n"] {
            assert_eq!(sniff(bytes, false), Sniffed::Foreign, "{bytes:?}");
        }
        // Cut where a segment ends; or not the first.
        for bytes in ["é", "東", "🌱"].map(str::as_bytes) {
            for end in 1..bytes.len() {
                assert_eq!(sniff(&bytes[..end], false), Sniffed::Text, "{bytes:?}");
                assert_eq!(sniff(&bytes[..end], true), Sniffed::Foreign, "{bytes:?}");
            }
            assert_eq!(sniff(bytes, true), Sniffed::Text, "{bytes:?}");
        }
        assert_eq!(sniff(b"1\xff\n", true), Sniffed::Text);
        assert_eq!(sniff(b"aaa\xc3", true), Sniffed::Text);
    }
}
