//! Every character through every test and every case, against CPython 3.11's answers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::super::{Budget, Call};
use super::*;
use crate::config::Limits;

/// A sum over CPython's answers for all characters; written by `scripts/unicode-sums`.
const SUMS: [(&str, u64); 18] = [
    ("isalpha", 0x2b572b3ad562812f),
    ("isalnum", 0x3d928992620586a5),
    ("isdecimal", 0x8496861fa04fe815),
    ("isdigit", 0x7452e4ae29cab1d5),
    ("isnumeric", 0xf24801845cf574ed),
    ("isspace", 0x01518c15d7fd5144),
    ("isascii", 0x29b33985c677e425),
    ("isprintable", 0x60799fb9be774e3f),
    ("islower", 0x66be1b9526e37358),
    ("isupper", 0xf4a88e9c002f9a34),
    ("istitle", 0x6a41afcd0b1ddf55),
    ("isidentifier", 0xdd4f2b31c056cae1),
    ("lower", 0xf0124f043d77d0dd),
    ("upper", 0xd6008425c6ba6341),
    ("title", 0x187f3627c3cb25a4),
    ("capitalize", 0x187f3627c3cb25a4),
    ("swapcase", 0xb361cac0e4b836ff),
    ("casefold", 0x6831df5f96bcb897),
];

fn characters() -> impl Iterator<Item = char> {
    (0..0x1_fc00).filter_map(char::from_u32)
}

struct Sum(u64);

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

fn answer(text: &str, name: &str) -> Vec<u8> {
    let budget = Budget::new(&Limits::default());
    match method(&Arc::from(text), name, Call::default(), &budget).unwrap() {
        Value::Bool(truth) => vec![u8::from(truth)],
        Value::Str(text) => text.as_bytes().to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_character_is_what_it_is_to_cpython() {
    for (name, expected) in SUMS {
        let mut sum = Sum(0xcbf2_9ce4_8422_2325);
        let mut first = true;
        for character in characters() {
            let context = if name.starts_with("is") { "a" } else { "aΣ" };
            let texts = [format!("{character}"), format!("{context}{character}")];
            for text in texts {
                if !first && !name.starts_with("is") {
                    sum.add(&[0]);
                }
                first = false;
                sum.add(&answer(&text, name));
            }
        }
        assert_eq!(sum.0, expected, "{name}");
    }
}
