//! Thousands of expressions against CPython's answers, which `scripts/expressions` wrote into `tests/data`.

use super::*;

const ROWS: &str = include_str!("../../../tests/data/expressions.txt");

/// What the server refuses where CPython answers: larger numbers, complex ones, and what iterators would keep.
fn may_be_refused(reply: &str) -> bool {
    reply.starts_with("Error: limit: ")
        || reply.contains("complex number")
        || reply.contains("cannot be stored")
        || reply.contains("unhashable type: 'range'")
        || reply.contains("unsupported operand type(s) for %: 'bytes'")
        || reply.contains("'type' object is not subscriptable")
        || reply.contains("unhashable type: 'type'")
}

fn escaped(reply: &str) -> String {
    reply.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
}

#[test]
fn expressions_mean_what_they_mean_in_cpython() {
    on_script_thread(|| {
        let mut bench = Bench::new();
        let (mut rows, mut refused, mut wrong) = (0, 0, Vec::new());
        for (number, line) in ROWS.lines().enumerate() {
            // Names are shared: a fresh server now and then keeps the rows apart.
            if number % 200 == 0 {
                bench = Bench::new();
            }
            rows += 1;
            let (text, expected) = line.split_once('\t').unwrap();
            // Every third goes through Rhai, though it could go the short way.
            let reply = if number % 3 == 0 { bench.say_lowered(text) } else { bench.say(text) };
            let same = match expected.strip_prefix('=') {
                Some(value) if escaped(&reply) == value => true,
                Some(_) if may_be_refused(&reply) => {
                    refused += 1;
                    true
                }
                Some(_) => false,
                None => {
                    let kind = expected.trim_start_matches('!');
                    reply.starts_with(&format!("Error: {kind}: "))
                        || reply.starts_with("Error: ") && may_be_refused(&reply)
                }
            };
            if !same {
                wrong.push(format!("{text}\n  CPython {expected}\n  here    {reply}"));
            }
        }
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
        assert!(rows > 4_000, "{rows} rows");
        assert!(refused * 20 < rows, "{refused} of {rows} refused");
    });
}
