//! The jail, the limits, and that nothing is left open behind a statement.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use share_client::wire::Kind;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn memory(change: impl FnOnce(&mut Limits)) -> Database {
    let mut limits = Limits::default();
    change(&mut limits);
    Database::open(None, false, &limits).unwrap()
}

fn run(database: &Database, sql: &str) -> Result<Vec<Value>, Error> {
    database.run(sql, Parameters::None, SECOND, "statement_ms_max")
}

fn kind(database: &Database, sql: &str) -> Kind {
    run(database, sql).expect_err(sql).kind()
}

#[test]
fn rows_are_tuples_of_pythons_types() {
    let database = memory(|_| ());
    run(&database, "CREATE TABLE t (a, b)").unwrap();
    let values = Parameters::Positional(vec![Value::Float(1.5), Value::Bytes([0, 255][..].into())]);
    assert!(database.run("INSERT INTO t VALUES (?, ?)", values, SECOND, "x").unwrap().is_empty());
    let rows = run(&database, "SELECT 1, 'x', NULL, a, b FROM t").unwrap();
    assert_eq!(crate::value::repr(&Value::list(rows)), "[(1, 'x', None, 1.5, b'\\x00\\xff')]");
}

#[test]
fn what_leaves_the_file_or_changes_its_settings_is_denied() {
    let database = memory(|_| ());
    run(&database, "CREATE TABLE t (a INTEGER)").unwrap();
    for sql in [
        "ATTACH 'x.db' AS x",
        "ATTACH '' AS x",
        "ATTACH ':memory:' AS x",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO 'x.db'",
        "SELECT load_extension('x')",
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA max_page_count = 1000000000",
        "PRAGMA writable_schema = ON",
        "PRAGMA database_list",
        "SELECT * FROM pragma_database_list",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT s",
        "CREATE TEMP TABLE u (a)",
        "CREATE VIRTUAL TABLE v USING dbstat",
    ] {
        assert_eq!(kind(&database, sql), Kind::Denied, "{sql}: {:?}", run(&database, sql));
    }
    for sql in ["UPDATE sqlite_schema SET name = 'x'", "SELECT readfile('/etc/passwd')"] {
        assert!(matches!(kind(&database, sql), Kind::Sql | Kind::Denied), "{sql}");
    }
    assert_eq!(run(&database, "PRAGMA table_info(t)").unwrap().len(), 1);
    assert_eq!(run(&database, "SELECT count(*) FROM t").unwrap().len(), 1);
}

#[test]
fn one_statement_at_a_time_and_all_of_it_or_nothing() {
    let database = memory(|limits| limits.rows_max = 2);
    run(&database, "CREATE TABLE t (a INTEGER PRIMARY KEY);").unwrap();
    for sql in [
        "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)",
        "INSERT INTO t VALUES (1); nonsense",
        "INSERT INTO t VALUES (1), (2), (1)",
        "INSERT INTO t VALUES (1), (2), (3) RETURNING a",
        "",
        " -- only a comment",
    ] {
        assert!(run(&database, sql).is_err(), "{sql}");
        assert_eq!(run(&database, "SELECT * FROM t").unwrap().len(), 0, "{sql}");
    }
    assert!(run(&database, &format!("SELECT 1{}", "; ".repeat(1000))).is_ok());
}

#[test]
fn limits_are_kept_and_the_database_goes_on() {
    let database = memory(|limits| {
        limits.rows_max = 10;
        limits.reply_bytes_max = 10_000;
        limits.database_bytes_max = 100_000;
    });
    run(&database, "CREATE TABLE t (a)").unwrap();
    let name = |sql: &str, time: Duration| match database.run(sql, Parameters::None, time, "statement_ms_max")
    {
        Err(Error::Limit { name, .. }) => name,
        other => panic!("{sql}: {other:?}"),
    };
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT";
    assert_eq!(name(&format!("{endless} count(*) FROM c"), Duration::from_millis(20)), "statement_ms_max");
    assert_eq!(name(&format!("{endless} x FROM c"), SECOND), "rows_max");
    assert_eq!(name("SELECT zeroblob(20000)", SECOND), "reply_bytes_max");
    let insert =
        "INSERT INTO t VALUES (zeroblob(9000)), (zeroblob(9000)), (zeroblob(9000)), (zeroblob(9000))";
    let full = (0..10).find_map(|_| run(&database, insert).err()).unwrap();
    assert!(matches!(full, Error::Limit { name: "database_bytes_max", value: 100_000 }), "{full:?}");
    assert_eq!(run(&database, "SELECT 1").unwrap().len(), 1);
    run(&database, "DELETE FROM t").unwrap();
    run(&database, insert).unwrap();
}

#[test]
fn who_waits_behind_a_long_statement_gives_up_in_time() {
    let database = memory(|_| ());
    let long = database.clone();
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    let running = std::thread::spawn(move || run(&long, endless));
    std::thread::sleep(Duration::from_millis(50));
    let started = Instant::now();
    let behind = database.run("SELECT 1", Parameters::None, Duration::from_millis(5), "state_ms_max");
    assert!(matches!(behind, Err(Error::Limit { name: "state_ms_max", value: 5 })), "{behind:?}");
    assert!(started.elapsed() < Duration::from_millis(500));
    assert!(running.join().unwrap().is_err());
    assert_eq!(run(&database, "SELECT 1").unwrap().len(), 1);
}

#[test]
fn parameters_are_bound_by_place_and_by_name() {
    let database = memory(|_| ());
    let with = |sql: &str, parameters| database.run(sql, parameters, SECOND, "x");
    let named = |name: &str, value: i64| (name.to_owned(), Value::Int(value));
    let positional = Parameters::Positional(vec![Value::Int(1), Value::from("a' OR 1")]);
    assert_eq!(crate::value::repr(&with("SELECT ?, ?", positional).unwrap()[0]), "(1, \"a' OR 1\")");
    let both = Parameters::Named(vec![named("a", 1), named("b", 2), named("unused", 3)]);
    assert_eq!(crate::value::repr(&with("SELECT :a, @b, $a", both).unwrap()[0]), "(1, 2, 1)");
    for wrong in [
        Parameters::None,
        Parameters::Positional(vec![]),
        Parameters::Positional(vec![Value::None, Value::None]),
        Parameters::Named(vec![named("b", 1)]),
    ] {
        assert_eq!(with("SELECT :a", wrong).unwrap_err().kind(), Kind::Sql);
    }
    let list = Parameters::Positional(vec![Value::list(vec![])]);
    assert_eq!(with("SELECT ?", list).unwrap_err().kind(), Kind::Type);
}
