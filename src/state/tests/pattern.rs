//! Patterns against CPython's answers, and the index of watches against the matcher.

use std::collections::BTreeSet;

use super::super::watch_index::WatchIndex;
use super::*;

const CORPUS: &str = include_str!("../../../tests/corpus/fnmatch.tsv");

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
    assert_eq!(met(Pattern::new(&"ä".repeat(257))), "pattern_characters_max");
    let mut world = World::new();
    let client = world.client();
    let long = "x".repeat(257);
    assert_eq!(met(world.run(|state| state.who(Some(&long)))), "pattern_characters_max");
    assert_eq!(met(world.run(|state| state.scan(Some(&long)).map(drop))), "pattern_characters_max");
    assert_eq!(met(world.run(|state| state.watch(client, &long))), "pattern_characters_max");
    assert_eq!(met(world.run(|state| state.queues(Some(&long)))), "pattern_characters_max");
    assert_eq!(met(world.run(|state| state.recv(client, Some(&long)))), "pattern_characters_max");
}

#[test]
fn no_pattern_takes_long() {
    let pattern = Pattern::new(&"*a".repeat(128)).unwrap();
    let text = format!("{}b", "a".repeat(254));
    // A matcher that tries every way would not end in this life; this one needs a millisecond or so.
    for _ in 0..100 {
        assert!(!pattern.matches(&text));
    }
}

#[test]
fn the_watch_index_finds_exactly_what_the_matcher_does() {
    let pairs = pairs();
    let patterns: BTreeSet<String> =
        pairs.iter().step_by(20).map(|(pattern, ..)| pattern.trim().to_owned()).collect();
    let mut compiled: Vec<Pattern> = patterns.iter().map(|text| Pattern::new(text).unwrap()).collect();
    for hostile in
        ["*{a,b}", "*{{{{", "?\\", "*[", "**/a", "*/", "*.a", "*..", "[!a]*.b", "?", "*", "*a/../b"]
    {
        compiled.push(Pattern::new(hostile).unwrap());
    }
    let mut index = WatchIndex::default();
    let extra =
        ["x.a", "a/..", ".", "..", "/", "a.", "x/.a", "a{b", "ä.a", "a/../b", "\\"].map(str::to_owned);
    let keys: Vec<String> = pairs.iter().step_by(50).map(|(_, text, _)| text.clone()).chain(extra).collect();
    let compare = |index: &mut WatchIndex, gone: &BTreeSet<u64>| {
        let mut found = 0;
        for key in &keys {
            let expected: Vec<u64> = (0..)
                .zip(&compiled)
                .filter(|(client, pattern)| !gone.contains(client) && pattern.matches(key))
                .map(|(client, _)| client)
                .collect();
            found += expected.len();
            assert_eq!(index.watchers(key), expected, "{key:?}");
        }
        found
    };
    let all = 0..compiled.len() as u64;
    let third = |rest: u64| all.clone().filter(|client| client % 3 == rest).collect::<BTreeSet<u64>>();
    let note = |index: &mut WatchIndex, clients: &BTreeSet<u64>, watches: bool| {
        for client in clients {
            index.note(*client, &compiled[usize::try_from(*client).unwrap()], watches);
        }
    };
    // Look-ups in between, so that the sieve is made and must be made anew.
    note(&mut index, &third(0), true);
    assert!(compare(&mut index, &(&third(1) | &third(2))) > 300);
    note(&mut index, &(&third(1) | &third(2)), true);
    assert!(compare(&mut index, &BTreeSet::new()) > 1_000);
    note(&mut index, &third(1), false);
    assert!(compare(&mut index, &third(1)) > 500);
}
