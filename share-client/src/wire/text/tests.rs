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

#[test]
fn what_has_few_decimals_looks_as_its_digits_do() {
    let both = |number: f64| {
        let (mut quick, mut digits) = (String::new(), String::new());
        let is_quick = super::write_millionths(&mut quick, number);
        super::write_digits(&mut digits, number);
        if is_quick {
            assert_eq!(quick, digits, "{:x}", number.to_bits());
        }
        is_quick
    };
    for number in [1e-4, 0.1, 21.5, 0.000_123, 999_999.999_999, 1_700_000_000.25, 4_294_967_295.999_999] {
        assert!(both(number), "{number}");
    }
    for number in [0.0, 1e-5, 0.000_099, 4_294_967_296.0, 0.123_456_7, 1.0 / 3.0, f64::MAX, 5e-324] {
        assert!(!both(number), "{number}");
    }
    // Numbers of each size, with few decimals and their neighbours.
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut quick = 0;
    for _ in 0..60_000 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let millionths = random >> (11 + random % 40);
        let number = millionths as f64 / 1e6;
        for bits in number.to_bits().saturating_sub(2)..=number.to_bits() + 2 {
            quick += u32::from(both(f64::from_bits(bits)));
        }
    }
    assert!(quick > 50_000, "{quick}");
}
