//! The modules against CPython's answers, which `scripts/module-expressions` wrote into `tests/data/modules`.

use super::*;

const MODULES: [(&str, &str); 7] = [
    ("math", include_str!("../../../tests/data/modules/math.txt")),
    ("datetime", include_str!("../../../tests/data/modules/datetime.txt")),
    ("strptime", include_str!("../../../tests/data/modules/strptime.txt")),
    ("time", include_str!("../../../tests/data/modules/time.txt")),
    ("json", include_str!("../../../tests/data/modules/json.txt")),
    ("statistics", include_str!("../../../tests/data/modules/statistics.txt")),
    ("re", include_str!("../../../tests/data/modules/re.txt")),
];

fn escaped(reply: &str) -> String {
    reply.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
}

/// What the server refuses where CPython answers.
fn may_be_refused(reply: &str) -> bool {
    ["Error: limit: ", "does not have", "numbers that are not finite"].iter().any(|part| reply.contains(part))
}

/// How many rows there are and how many are refused.
fn judge(rows: &str) -> (usize, usize) {
    let bench = Bench::new();
    let (mut count, mut refused, mut wrong) = (0, 0, Vec::new());
    for line in rows.lines() {
        count += 1;
        let (text, expected) = line.split_once('\t').unwrap();
        let reply = if count % 3 == 0 { bench.say_lowered(text) } else { bench.say(text) };
        let same = match expected.strip_prefix('=') {
            Some(value) => escaped(&reply) == value,
            None => reply.starts_with(&format!("Error: {}: ", expected.trim_start_matches('!'))),
        };
        if !same && reply.starts_with("Error: ") && may_be_refused(&reply) {
            refused += 1;
        } else if !same {
            wrong.push(format!("{text}\n  CPython {expected}\n  here    {reply}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    (count, refused)
}

#[test]
fn modules_mean_what_they_mean_in_cpython() {
    on_script_thread(|| {
        for (name, rows) in MODULES {
            let (count, refused) = judge(rows);
            assert!(count >= 400, "{name}: {count} rows");
            assert!(refused * 10 < count, "{name}: {refused} of {count} refused");
        }
    });
}

#[test]
fn fresh_rows_are_judged_where_a_file_of_them_is_named() {
    on_script_thread(|| {
        let fresh = std::env::var_os("SHARESRV_ROWS").map(|file| std::fs::read_to_string(file).unwrap());
        let (count, refused) = judge(fresh.as_deref().unwrap_or("math.gcd(12, 18)\t=6"));
        println!("{count} rows, {refused} refused");
        assert!(count > 0);
    });
}
