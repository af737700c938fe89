//! What CPython 3.11 prints for the same atoms.

use super::{float, quote, quote_bytes};

#[test]
fn floats_look_as_python_writes_them() {
    for (number, text) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (-1.5, "-1.5"),
        (100.0, "100.0"),
        (5.127933703747114, "5.127933703747114"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (12345678901234567.0, "1.2345678901234568e+16"),
        (1234567890123456.7, "1234567890123456.8"),
        (0.0001, "0.0001"),
        (0.00012345, "0.00012345"),
        (1e-5, "1e-05"),
        (1.5e-7, "1.5e-07"),
        (1e100, "1e+100"),
        (f64::from_bits(0x3e60_0000_0000_0000), "2.9802322387695312e-08"),
        (f64::MAX, "1.7976931348623157e+308"),
        (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        (5e-324, "5e-324"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "nan"),
        (-f64::NAN, "nan"),
    ] {
        assert_eq!(float(number), text);
    }
}

#[test]
fn strings_choose_their_quotes_and_escapes() {
    for (text, quoted) in [
        ("", "''"),
        ("plain", "'plain'"),
        ("it's", "\"it's\""),
        ("say \"hi\"", "'say \"hi\"'"),
        ("both ' and \"", "'both \\' and \"'"),
        ("a\\b\n\r\t\0\x7f", "'a\\\\b\\n\\r\\t\\x00\\x7f'"),
        ("È ü 日本 😀", "'È ü 日本 😀'"),
        ("\u{a0}\u{ad}\u{85}", "'\\xa0\\xad\\x85'"),
        ("\u{200b}\u{2028}\u{e000}\u{ffff}", "'\\u200b\\u2028\\ue000\\uffff'"),
        ("\u{e0001}\u{10ffff}", "'\\U000e0001\\U0010ffff'"),
    ] {
        assert_eq!(quote(text), quoted);
    }
}

#[test]
fn bytes_are_escaped_beyond_ascii() {
    for (bytes, quoted) in [
        (b"".as_slice(), "b''"),
        (b"abc ~", "b'abc ~'"),
        (b"it's", "b\"it's\""),
        (b"'\"", "b'\\'\"'"),
        (b"\\\n\r\t\0\x0b\x7f\x80\xff", "b'\\\\\\n\\r\\t\\x00\\x0b\\x7f\\x80\\xff'"),
    ] {
        assert_eq!(quote_bytes(bytes), quoted);
    }
}
