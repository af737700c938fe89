//! Statements that would take all memory or time elsewhere. Each caller has its answer within 1.5 s, and so has the
//! next one; the tests allow for a busy machine.

use std::time::Instant;

use super::*;

const LIMIT: Duration = Duration::from_secs(20);

fn forms(name: &str, count: usize, form: impl Fn(usize) -> String) -> String {
    (0..count).map(|index| format!("{name}{index}{}", form(index))).collect::<Vec<_>>().join(", ")
}

#[test]
fn memory_bombs_are_limited() {
    let database = Database::open(None, false, &Limits::default()).unwrap();
    for sql in [
        "SELECT zeroblob(1000000000)",
        "SELECT length(randomblob(1000000000))",
        "SELECT printf('%1000000000d', 1)",
        "SELECT format('%.*c', 1000000000, 'x')",
        "SELECT replace(replace(replace(hex(zeroblob(15000)), '0', '0000'), '0', '0000'), '0', '0000')",
        "SELECT hex(hex(hex(hex(hex(zeroblob(10000))))))",
        "SELECT quote(zeroblob(60000))",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 20000) SELECT group_concat(x) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 'xx' UNION ALL SELECT x || x FROM c) SELECT max(length(x)) FROM c",
    ] {
        assert_eq!(limit(&database, sql), "value_bytes_max", "{sql}");
    }
    for sql in [
        "WITH RECURSIVE c(x) AS (SELECT randomblob(60000) UNION ALL SELECT randomblob(60000) FROM c) SELECT * FROM c ORDER BY 1",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT json_group_array(x) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x + 1 FROM c) SELECT sum(x) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT DISTINCT randomblob(60000) FROM c LIMIT 1000000 OFFSET 999999",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT sum(x) OVER (ORDER BY x), zeroblob(60000) FROM c",
    ] {
        let name = limit(&database, sql);
        assert!(
            matches!(name, "expression_memory_bytes_max" | "statement_ms_max" | "value_bytes_max"),
            "{sql}: {name}"
        );
    }
}

#[test]
fn a_statement_that_gathers_too_much_to_sort_is_stopped_by_its_memory() {
    let database = Database::open(None, false, &Limits::default()).unwrap();
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) \
                   SELECT zeroblob(60000) FROM c ORDER BY random()";
    let result = database.run(endless, Parameters::None, 60 * SECOND, "statement_ms_max");
    assert_eq!(result, Err(Error::Limit { name: "expression_memory_bytes_max", value: 16_777_216 }));
}

#[test]
fn time_bombs_are_stopped() {
    let database = database();
    let a = "hex(zeroblob(32000))";
    let nested = |count: usize| {
        let forms = forms("v", count, |index| match index {
            0 => " AS (SELECT 1 AS x)".to_owned(),
            _ => format!(" AS (SELECT l.x FROM v{0} l, v{0} r)", index - 1),
        });
        format!("WITH {forms} SELECT count(*) FROM v{}", count - 1)
    };
    for sql in [
        format!("SELECT {a} LIKE '{}1'", "%0".repeat(240)),
        format!("SELECT {a} LIKE '%{}1'", "0".repeat(490)),
        format!("SELECT {a} GLOB '{}1'", "*0".repeat(240)),
        format!("SELECT {a} GLOB '*{}1'", "[0-9]".repeat(95)),
        format!("SELECT instr({a}, hex(zeroblob(16000)) || '1')"),
        format!("SELECT replace({a}, hex(zeroblob(16000)) || '1', 'x')"),
        format!("SELECT trim({a}, {})", "replace(hex(zeroblob(32000)), '00', '12')"),
        format!("SELECT ltrim({a}, {a}), rtrim({a}, {a}), trim({a})"),
        format!("SELECT length(json_quote({a})), json_valid({a})"),
        "SELECT json_valid(replace(hex(zeroblob(16000)), '00', '[[')), 1".to_owned(),
        nested(8),
        nested(40),
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 3000) \
         SELECT count(*) FROM c a, c b, c d"
            .to_owned(),
        format!("SELECT {}", vec!["abs(random())"; 400].join(", ")),
        format!(
            "SELECT * FROM {}",
            (0..60).map(|i| format!("sqlite_master t{i}")).collect::<Vec<_>>().join(", ")
        ),
    ] {
        let start = Instant::now();
        let _ = run(&database, &sql);
        assert_eq!(one(&database, "SELECT 1"), Value::Int(1));
        assert!(start.elapsed() < LIMIT, "{:?}: {}", start.elapsed(), sql.get(..80).unwrap_or(&sql));
    }
}

#[test]
fn json_documents_are_patched_in_time() {
    let database = database();
    let list = |letter: char| {
        format!(
            "(WITH RECURSIVE c(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM c LIMIT 5000) \
             SELECT json_group_object('{letter}' || i, 1) FROM c)"
        )
    };
    let start = Instant::now();
    let _ = run(&database, &format!("SELECT length(json_patch({}, {}))", list('a'), list('b')));
    ok(&database, "SELECT 1");
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}

#[test]
fn views_that_laugh_are_stopped() {
    let database = database();
    ok(&database, "CREATE VIEW v0 AS SELECT 1 AS x");
    for index in 1..30 {
        let before = index - 1;
        ok(&database, &format!("CREATE VIEW v{index} AS SELECT l.x FROM v{before} l, v{before} r"));
    }
    let start = Instant::now();
    let _ = refused(&database, "SELECT count(*) FROM v29");
    assert_eq!(one(&database, "SELECT 1"), Value::Int(1));
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}

#[test]
fn a_long_count_in_one_step_is_interrupted() {
    let database = database();
    ok(&database, "CREATE TABLE t (a)");
    let fill = "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100000) SELECT x FROM c";
    ok(&database, fill);
    let start = Instant::now();
    let _ = run(&database, "SELECT count(*) FROM t a, t b");
    let _ = run(&database, "SELECT a.a FROM t a, t b ORDER BY random()");
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(100_000));
    assert!(start.elapsed() < 20 * SECOND, "{:?}", start.elapsed());
}

#[test]
fn a_full_text_index_is_no_bomb() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.sqlite");
    let roomy = Limits { expression_memory_bytes_max: 1 << 30, ..Limits::default() };
    let database = Database::open(Some(&path), false, &roomy).unwrap();
    ok(&database, "CREATE VIRTUAL TABLE f USING fts5(body)");
    let fill = |text: &str| {
        format!(
            "INSERT INTO f WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 200) \
             SELECT replace(hex({text}), '00', 'ab ') FROM c"
        )
    };
    ok(&database, &fill("zeroblob(15000)"));
    ok(&database, &fill("randomblob(5000)"));
    drop(database);
    let database = Database::open(Some(&path), false, &Limits::default()).unwrap();
    for sql in [
        format!("SELECT count(*) FROM f WHERE f MATCH 'NEAR({}, 100000)'", vec!["ab"; 30].join(" ")),
        format!("SELECT count(*) FROM f WHERE f MATCH '\"{}\"'", vec!["ab"; 3_000].join(" ")),
        format!("SELECT count(*) FROM f WHERE f MATCH '{}'", vec!["a* OR b*"; 100].join(" OR ")),
        "SELECT bm25(f) FROM f WHERE f MATCH 'ab' ORDER BY rank".to_owned(),
        "INSERT INTO f(f) VALUES ('optimize')".to_owned(),
        "INSERT INTO f(f) VALUES ('rebuild')".to_owned(),
    ] {
        let start = Instant::now();
        let _ = run(&database, &sql);
        ok(&database, "SELECT 1");
        assert!(start.elapsed() < LIMIT, "{:?}: {}", start.elapsed(), sql.get(..80).unwrap_or(&sql));
    }
}
