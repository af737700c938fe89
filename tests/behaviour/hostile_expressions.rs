//! The hostile expressions of `tests/hostile/expressions.txt`, each over a real socket to the built daemon: a value or
//! one clear line, no memory kept, the daemon up. How long each takes is for `scripts/hostile`, which measures the
//! release build.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::hostile::Hostile;
use crate::support::{self, Daemon, Peer};

/// What the daemon of these tests allows an expression: most of them use all that they get.
const LIMIT: Duration = Duration::from_millis(20);
/// How much longer the daemon may work on any: for parsing, for what is done in one go, for the answer. The contract
/// has 25 ms, and `scripts/hostile` holds the release build to it.
const BEYOND: Duration = Duration::from_millis(25);
/// What the daemon works on the expression of `slower` in a release build on the machine of the contract.
const CALIBRATED: Duration = Duration::from_micros(80);

/// How much larger the process may have become after any of them, in bytes.
const GROWTH_MAX: i64 = 32 << 20;
/// The kinds are shared out over that many tests, which run beside each other.
const PARTS: usize = 4;

fn memory(daemon: &Daemon) -> Option<i64> {
    daemon.ok("getReg('server.memory')").parse().ok()
}

/// Whether it is answered as it is to be; what it was answered instead.
fn check(hostile: &Hostile, reply: &str) -> Option<String> {
    let place = format!("line {}, {}: {}", hostile.line, hostile.kind, brief(&hostile.text));
    if reply.starts_with("Error") {
        assert!(!reply.contains('\n') && reply.chars().count() < 500, "{place}: {}", brief(reply));
        for word in ["panicked", "internal", "src/", ".rs:", "Dynamic", "rhai", "Some(", "Err(", "/tmp"] {
            assert!(!reply.contains(word), "{place}: the reply names {word}: {reply}");
        }
    }
    let wrong = !hostile.accepts(reply);
    wrong.then(|| format!("{place}\n  was answered {}\n  not {:?}", brief(reply), hostile.answers))
}

fn brief(text: &str) -> String {
    text.chars().take(120).collect()
}

/// How many times slower this build on this machine is than what the contract is about: by the time that the daemon
/// works on an expression of the honest kind, which no limit stops.
fn slower(daemon: &Daemon) -> f64 {
    const EXPRESSION: &str = "sum(x * x for x in range(200))";
    // On a busy machine even that one may be held up beyond its limit; such a try tells nothing.
    let tries = (0..1_000).filter_map(|_| {
        let before = daemon.worked()?;
        let answered = daemon.ask(EXPRESSION) == "2646700";
        answered.then_some(daemon.worked()?.saturating_sub(before))
    });
    let took = tries.take(5).min().unwrap_or_default();
    (took.as_secs_f64() / CALIBRATED.as_secs_f64()).max(1.0)
}

fn part(number: usize) {
    let all = Hostile::all();
    let kinds: BTreeSet<&str> = all.iter().map(|hostile| hostile.kind.as_str()).collect();
    let mine: BTreeSet<&str> = kinds.iter().copied().skip(number).step_by(PARTS).collect();
    let folder = TempDir::new().unwrap();
    let daemon = start(folder.path());
    daemon.ok("ping()");
    let before = memory(&daemon);
    let work_max = LIMIT + BEYOND.mul_f64(slower(&daemon));
    let mut wrong = Vec::new();
    for hostile in all.iter().filter(|hostile| mine.contains(hostile.kind.as_str())) {
        for _ in 0..hostile.times {
            let begun = daemon.worked();
            let reply = daemon.connect().send(&hostile.text).half_close().reply();
            let took =
                daemon.worked().zip(begun).map_or(Duration::ZERO, |(end, begun)| end.saturating_sub(begun));
            wrong.extend(check(hostile, &reply));
            assert!(took <= work_max, "line {}: {took:?} of work: {}", hostile.line, brief(&hostile.text));
        }
        let grown = before.zip(memory(&daemon)).map_or(0, |(before, after)| after - before);
        assert!(grown <= GROWTH_MAX, "line {}: {grown} bytes more: {}", hostile.line, brief(&hostile.text));
    }
    assert_eq!(daemon.ask("ping()"), "pong");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn start(data: &Path) -> Daemon {
    let mut command = support::daemon::command();
    command.env("SHARESRV_EXPRESSION_MS_MAX", LIMIT.as_millis().to_string());
    command.args(["--bind", "127.0.0.1", "--port", "0", "--durability", "memory", "--data"]).arg(data);
    Daemon::launch(command).unwrap_or_else(|ended| panic!("the daemon did not start: {ended:?}"))
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
