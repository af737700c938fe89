//! Patterns against CPython's answers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

const CORPUS: &str = include_str!("../../../../tests/corpus/fnmatch.tsv");

fn unescape(text: &str) -> String {
    text.replace("\\\\", "\u{1}")
        .replace("\\t", "\t")
        .replace("\\n", "\n")
        .replace("\\r", "\r")
        .replace('\u{1}', "\\")
}

fn pairs() -> Vec<(String, String, bool)> {
    let pair = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        (unescape(fields[0]), unescape(fields[1]), fields[2] == "1")
    };
    CORPUS.split('\n').filter(|line| !line.is_empty()).map(pair).collect()
}

#[test]
fn patterns_match_what_python_matches() {
    let pairs = pairs();
    assert_eq!(pairs.len(), 20_000);
    for (pattern, text, matches) in pairs {
        assert_eq!(Pattern::new(&pattern).unwrap().matches(&text), matches, "{pattern:?} {text:?}");
    }
}

#[test]
fn what_a_pattern_begins_with_is_in_all_that_it_matches() {
    assert_eq!(Pattern::new(" garden.s*l ").unwrap().prefix(), "garden.s");
    assert_eq!(Pattern::new("garden.[s").unwrap().prefix(), "garden.[s");
    for (pattern, text, _) in pairs().iter().filter(|(_, _, matches)| *matches) {
        assert!(text.starts_with(Pattern::new(pattern).unwrap().prefix()));
    }
}

#[test]
fn a_pattern_has_at_most_256_characters() {
    assert!(Pattern::new(&format!("  {}  ", "ä".repeat(256))).unwrap().matches(&"ä".repeat(256)));
    assert_eq!(Pattern::new(&"ä".repeat(257)).unwrap_err().to_string(), "pattern_characters_max is 256");
}
