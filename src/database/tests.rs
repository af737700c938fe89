//! The jail holds, the limits are kept, and values come back as they went in.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Database, Error, Parameters};
use crate::config::Limits;
use crate::value::{Value, repr};

const TIME: Duration = Duration::from_millis(500);

fn open(limits: &Limits) -> Database {
    Database::open(None, false, limits).unwrap()
}

fn run(database: &Database, sql: &str) -> Result<Vec<Value>, Error> {
    database.run(sql, Parameters::None, TIME, "statement_ms_max")
}

fn text(rows: &[Value]) -> String {
    rows.iter().map(repr).collect::<Vec<_>>().join(" ")
}

#[test]
fn values_come_back_as_they_went_in() {
    let database = open(&Limits::default());
    let values = vec![
        Value::None,
        Value::Int(i64::MIN),
        Value::Float(0.5),
        Value::from("è"),
        Value::Bytes(Arc::from(&b"\x00\xff"[..])),
        Value::Bool(true),
    ];
    let rows = database.run("SELECT ?, ?, ?, ?, ?, ?", Parameters::Positional(values), TIME, "x").unwrap();
    assert_eq!(text(&rows), r"(None, -9223372036854775808, 0.5, 'è', b'\x00\xff', 1)");
    let named = vec![("a".to_owned(), Value::Int(1)), ("b".to_owned(), Value::Int(2))];
    let rows = database.run("SELECT :b, @a, $a", Parameters::Named(named), TIME, "x").unwrap();
    assert_eq!(text(&rows), "(2, 1, 1)");
}

#[test]
fn parameters_that_do_not_fit_are_refused() {
    let database = open(&Limits::default());
    let run = |parameters| database.run("SELECT ?", parameters, TIME, "x").unwrap_err();
    assert!(matches!(run(Parameters::None), Error::Sql(_)));
    assert!(matches!(run(Parameters::Positional(vec![Value::None, Value::None])), Error::Sql(_)));
    assert!(matches!(run(Parameters::Positional(vec![Value::list(Vec::new())])), Error::Type(_)));
    assert!(matches!(run(Parameters::Named(Vec::new())), Error::Sql(_)));
}

#[test]
fn nothing_leaves_the_file_or_changes_its_settings() {
    let database = open(&Limits::default());
    run(&database, "CREATE TABLE t (a)").unwrap();
    for sql in [
        "ATTACH DATABASE 'other.sqlite' AS other",
        "DETACH main",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA synchronous = OFF",
        "PRAGMA writable_schema = 1",
        "PRAGMA max_page_count = 1000000000",
        "PRAGMA database_list",
        "SELECT load_extension('x')",
        "SELECT LOAD_EXTENSION('x', 'y')",
        "BEGIN",
        "BEGIN EXCLUSIVE",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT a",
        "CREATE VIRTUAL TABLE v USING dbstat",
        "SELECT * FROM pragma_database_list",
    ] {
        let error = run(&database, sql).unwrap_err();
        assert!(matches!(error, Error::Denied(_) | Error::Sql(_)), "{sql}: {error:?}");
    }
    let file = std::env::temp_dir().join("sharesrv-vacuum-into-must-not-exist");
    for sql in [format!("VACUUM INTO '{}'", file.display()), "VACUUM".to_owned()] {
        assert!(run(&database, &sql).is_err(), "{sql}");
    }
    assert!(!file.exists());
    assert_eq!(text(&run(&database, "PRAGMA table_info(t)").unwrap()), "(0, 'a', '', 0, None, 0)");
    assert!(run(&database, "UPDATE sqlite_schema SET sql = 'x'").is_err());
}

#[test]
fn one_statement_at_a_time_and_errors_are_sentences() {
    let database = open(&Limits::default());
    let error = |sql: &str| run(&database, sql).unwrap_err().to_string();
    assert_eq!(error("SELECT 1; SELECT 2"), "only one statement at a time");
    assert_eq!(error("SELEC 1"), "near \"SELEC\": syntax error");
    assert_eq!(error("SELECT * FROM nowhere"), "no such table: nowhere");
    for empty in ["", "  ", "-- nothing", ";"] {
        assert!(matches!(run(&database, empty), Err(Error::Sql(_))), "{empty:?}");
    }
    assert_eq!(text(&run(&database, "SELECT 1; -- and no more").unwrap()), "(1,)");
}

#[test]
fn endless_and_exploding_statements_end_in_time() {
    let database = open(&Limits::default());
    let long = format!("SELECT '{}' LIKE '{}b'", "a".repeat(50_000), "%a".repeat(49));
    for sql in [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "SELECT length(zeroblob(1000000000))",
        "SELECT length(randomblob(1000000000))",
        "SELECT printf('%1000000000d', 1)",
        "SELECT replace(hex(zeroblob(400000)), '0', 'aaaaaaaaaaaaaaaa')",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT group_concat(i) FROM n",
        &long,
    ] {
        let started = Instant::now();
        let outcome = run(&database, sql);
        assert!(started.elapsed() < Duration::from_millis(1_500), "{sql:.60} took {:?}", started.elapsed());
        assert!(outcome.is_err() || sql == long, "{sql:.60}: {outcome:?}");
    }
    assert_eq!(text(&run(&database, "SELECT 1").unwrap()), "(1,)");
}

#[test]
fn each_limit_is_kept() {
    let limits =
        Limits { rows_max: 3, database_bytes_max: 65_536, reply_bytes_max: 10_000, ..Limits::default() };
    let database = open(&limits);
    let numbers = |count: usize| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {count}) SELECT i FROM n"
        )
    };
    assert_eq!(run(&database, &numbers(3)).unwrap().len(), 3);
    assert_eq!(run(&database, &numbers(4)).unwrap_err(), Error::Limit { name: "rows_max", value: 3 });
    let large = run(&database, "SELECT hex(zeroblob(6000))").unwrap_err();
    assert_eq!(large, Error::Limit { name: "reply_bytes_max", value: 10_000 });
    run(&database, "CREATE TABLE t (a)").unwrap();
    let full = (0..20).find_map(|_| run(&database, "INSERT INTO t VALUES (zeroblob(5000))").err());
    assert_eq!(full.unwrap(), Error::Limit { name: "database_bytes_max", value: 65_536 });
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let error = database.run(endless, Parameters::None, Duration::from_millis(20), "statement_ms_max");
    assert_eq!(error.unwrap_err(), Error::Limit { name: "statement_ms_max", value: 20 });
}

#[test]
fn who_gives_up_in_the_line_is_not_served_later() {
    let database = open(&Limits::default());
    run(&database, "CREATE TABLE t (a)").unwrap();
    let busy = database.clone();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let holder = std::thread::spawn(move || busy.run(endless, Parameters::None, TIME, "statement_ms_max"));
    // The line is in order: whichever of the two comes first, an insert that gave up must not be there.
    std::thread::yield_now();
    let insert =
        database.run("INSERT INTO t VALUES (1)", Parameters::None, Duration::from_millis(1), "state_ms_max");
    assert!(holder.join().unwrap().is_err());
    let expected = if insert.is_ok() { "(1,)" } else { "(0,)" };
    assert_eq!(text(&run(&database, "SELECT count(*) FROM t").unwrap()), expected);
}

#[test]
fn the_file_is_there_again_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("database.sqlite");
    let database = Database::open(Some(&path), true, &Limits::default()).unwrap();
    run(&database, "CREATE TABLE t (a)").unwrap();
    run(&database, "INSERT INTO t VALUES (42)").unwrap();
    drop(database);
    let database = Database::open(Some(&path), true, &Limits::default()).unwrap();
    assert_eq!(text(&run(&database, "SELECT a FROM t").unwrap()), "(42,)");
    std::fs::write(folder.path().join("broken"), "this is no database at all, not even nearly one").unwrap();
    assert!(Database::open(Some(&folder.path().join("broken")), true, &Limits::default()).is_err());
}
