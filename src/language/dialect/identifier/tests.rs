//! Every character, as CPython 3.11 takes and normalises it.

use super::{begins, length, normalised};

/// Sums over CPython's answers for all characters; written by `scripts/unicode-identifiers sums`.
const IDENTIFIERS: u64 = 0x3e8b_c4fc_7ded_b1d7;
const NORMALISED: [(&str, &str, u64); 4] = [
    ("", "", 0xe7d1_ad81_8c0c_7331),
    ("", "\u{301}", 0xdba5_6d26_ab46_daea),
    ("e\u{323}\u{302}", "\u{316}\u{301}", 0xf327_f7f2_7cd8_13ee),
    ("\u{1100}", "\u{1161}\u{11a8}", 0x579f_e6ff_a602_84b4),
];

struct Sum(u64);

impl Sum {
    fn new() -> Sum {
        Sum(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

fn continues(character: char) -> bool {
    length(&format!("a{character}")) > 1
}

#[test]
fn every_character_stands_in_names_where_cpython_has_it() {
    let mut sum = Sum::new();
    for character in '\0'..=char::MAX {
        let answer = [begins(character), continues(character)];
        sum.add(&answer.map(|truth| if truth { '1' } else { '0' }).iter().collect::<String>());
    }
    assert_eq!(sum.0, IDENTIFIERS);
}

#[test]
fn every_character_is_normalised_as_cpython_does() {
    let characters: Vec<char> = ('\0'..=char::MAX).filter(|character| continues(*character)).collect();
    for (before, after, expected) in NORMALISED {
        let mut sum = Sum::new();
        for character in &characters {
            sum.add(&normalised(&format!("{before}{character}{after}")));
        }
        assert_eq!(sum.0, expected, "{before:?}, {after:?}");
    }
}

#[test]
fn many_marks_cost_no_square() {
    let marks = "\u{301}\u{323}".repeat(32_000);
    let name = normalised(&format!("e{marks}"));
    assert!(name.starts_with("\u{1eb9}\u{323}"), "the first of those below goes into the letter");
    assert!(name.ends_with('\u{301}'));
}
