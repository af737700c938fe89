//! The codec's text against CPython's own, as `scripts/python_text.py` wrote it down.
#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use share_client::Value;
use share_client::wire::text::{float, quote, quote_bytes};

const TABLE: &str = include_str!("data/python_text.txt");

fn rows(name: &str) -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
}

fn digest(lines: impl Iterator<Item = String>) -> String {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for line in lines {
        for byte in line.bytes().chain([b'\n']) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    format!("{state:016x}")
}

/// splitmix64 from 0, as the script has it.
fn random_bits() -> impl Iterator<Item = u64> {
    let mut state = 0_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

fn characters() -> impl Iterator<Item = char> {
    '\0'..=char::MAX
}

#[test]
fn floats_are_written_as_python_writes_them() {
    let mut count = 0;
    for row in rows("float") {
        let (bits, repr) = row.split_once(' ').expect("two columns");
        let number = f64::from_bits(u64::from_str_radix(bits, 16).expect("bits"));
        assert_eq!(float(number), repr, "{bits}");
        count += 1;
    }
    assert!(count > 1_500, "the table has {count} rows");
}

#[test]
fn a_hundred_thousand_floats_are_written_as_python_writes_them() {
    let ours = digest(random_bits().take(100_000).map(|bits| float(f64::from_bits(bits))));
    assert_eq!(rows("floats").collect::<Vec<_>>(), [ours]);
}

#[test]
fn every_character_is_quoted_as_python_quotes_it() {
    let ours = digest(characters().map(|character| quote(character.encode_utf8(&mut [0; 4]))));
    assert_eq!(rows("characters").collect::<Vec<_>>(), [ours]);
}

#[test]
fn every_pair_of_bytes_is_quoted_as_python_quotes_it() {
    let ours = digest((0..=u16::MAX).map(|pair| quote_bytes(&pair.to_be_bytes())));
    assert_eq!(rows("bytes").collect::<Vec<_>>(), [ours]);
}

#[test]
fn what_is_written_is_read_back() {
    let read = |text: String| text.parse::<Value>().unwrap_or_else(|error| panic!("{text}: {error}"));
    for number in random_bits().take(20_000).map(f64::from_bits).filter(|number| !number.is_nan()) {
        assert_eq!(read(float(number)), Value::Float(number));
    }
    let all: String = characters().collect();
    assert_eq!(read(quote(&all)), Value::Str(all));
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    assert_eq!(read(quote_bytes(&bytes)), Value::Bytes(bytes));
}
