//! The hostile expressions of `tests/hostile/expressions.txt`, each over a real socket to the built daemon: a value or
//! one clear line, no memory kept, the daemon up. How long each takes is for `scripts/hostile`, which measures the
//! release build.

use std::collections::BTreeSet;

use tempfile::TempDir;

use crate::support::hostile::Hostile;
use crate::support::{Daemon, Peer};

/// How much larger the process may have become after any of them, in bytes.
const GROWTH_MAX: i64 = 32 << 20;
/// The kinds are shared out over that many tests, which run beside each other.
const PARTS: usize = 4;

fn memory(daemon: &Daemon) -> Option<i64> {
    daemon.ok("getReg('server.memory')").parse().ok()
}

fn check(hostile: &Hostile, reply: &str) {
    let place = format!("line {}, {}: {}", hostile.line, hostile.kind, brief(&hostile.text));
    assert!(hostile.accepts(reply), "{place}\n  was answered {}\n  not {:?}", brief(reply), hostile.answers);
    if reply.starts_with("Error") {
        assert!(!reply.contains('\n') && reply.chars().count() < 500, "{place}: {}", brief(reply));
        for word in ["panicked", "internal", "src/", ".rs:", "Dynamic", "rhai", "Some(", "Err(", "/tmp"] {
            assert!(!reply.contains(word), "{place}: the reply names {word}: {reply}");
        }
    }
}

fn brief(text: &str) -> String {
    text.chars().take(120).collect()
}

fn part(number: usize) {
    let all = Hostile::all();
    let kinds: BTreeSet<&str> = all.iter().map(|hostile| hostile.kind.as_str()).collect();
    let mine: BTreeSet<&str> = kinds.iter().copied().skip(number).step_by(PARTS).collect();
    let folder = TempDir::new().unwrap();
    let daemon = Daemon::start(folder.path(), &["--durability", "memory"]);
    daemon.ok("ping()");
    let before = memory(&daemon);
    for hostile in all.iter().filter(|hostile| mine.contains(hostile.kind.as_str())) {
        for _ in 0..hostile.times {
            let reply = daemon.connect().send(&hostile.text).half_close().reply();
            check(hostile, &reply);
        }
        let grown = before.zip(memory(&daemon)).map_or(0, |(before, after)| after - before);
        assert!(grown <= GROWTH_MAX, "line {}: {grown} bytes more: {}", hostile.line, brief(&hostile.text));
    }
    assert_eq!(daemon.ask("ping()"), "pong");
}

#[test]
fn hostile_expressions_of_the_first_quarter_of_kinds() {
    part(0);
}

#[test]
fn hostile_expressions_of_the_second_quarter_of_kinds() {
    part(1);
}

#[test]
fn hostile_expressions_of_the_third_quarter_of_kinds() {
    part(2);
}

#[test]
fn hostile_expressions_of_the_fourth_quarter_of_kinds() {
    part(3);
}

#[test]
fn there_are_as_many_of_as_many_kinds_as_were_asked_for() {
    let all = Hostile::all();
    let kinds: BTreeSet<&str> = all.iter().map(|hostile| hostile.kind.as_str()).collect();
    assert!(all.len() >= 200 && kinds.len() >= 40, "{} of {} kinds", all.len(), kinds.len());
    assert!(all.iter().all(|hostile| !hostile.answers.is_empty()));
}
