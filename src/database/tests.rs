//! The users' SQL, told by behaviour.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod bombs;
mod jail;
mod limits;
mod values;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// The memory of the whole process is measured, in which other tests run: the limit on it is set aside here.
fn database() -> Database {
    let limits = Limits { expression_memory_bytes_max: 1 << 30, ..Limits::default() };
    Database::open(None, false, &limits).unwrap()
}

fn run(database: &Database, sql: &str) -> Result<Vec<Value>, Error> {
    database.run(sql, Parameters::None, SECOND, "statement_ms_max")
}

fn ok(database: &Database, sql: &str) -> Vec<Value> {
    let rows = database.run(sql, Parameters::None, 30 * SECOND, "statement_ms_max");
    rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The only value of the only row.
fn one(database: &Database, sql: &str) -> Value {
    match ok(database, sql).as_slice() {
        [Value::Tuple(row)] if row.len() == 1 => row[0].clone(),
        rows => panic!("{sql}: {rows:?}"),
    }
}

fn refused(database: &Database, sql: &str) -> Error {
    match run(database, sql) {
        Err(error) => {
            let text = error.to_string();
            assert!(
                !text.contains('\n') && !text.contains("rusqlite") && text.len() < 1_000,
                "{sql}: {text}"
            );
            error
        }
        Ok(rows) => panic!("{sql} was not refused: {rows:?}"),
    }
}

fn limit(database: &Database, sql: &str) -> &'static str {
    match refused(database, sql) {
        Error::Limit { name, .. } => name,
        error => panic!("{sql}: {error}"),
    }
}

#[test]
fn a_statement_makes_a_table_fills_it_and_reads_it() {
    let database = database();
    assert!(
        ok(&database, "CREATE TABLE IF NOT EXISTS testing (id integer PRIMARY KEY, field1 TEXT);").is_empty()
    );
    assert!(ok(&database, "INSERT INTO testing (field1) VALUES ('This is record 0')").is_empty());
    let rows = ok(&database, "SELECT * FROM testing;");
    assert_eq!(rows, [Value::tuple(vec![Value::Int(1), Value::from("This is record 0")])]);
    let rows = ok(&database, "INSERT INTO testing (field1) VALUES ('x') RETURNING id, field1");
    assert_eq!(rows, [Value::tuple(vec![Value::Int(2), Value::from("x")])]);
    assert_eq!(ok(&database, "SELECT 1 WHERE 0"), []);
}

#[test]
fn exactly_one_statement_is_run() {
    let database = database();
    ok(&database, "CREATE TABLE t (a)");
    for sql in [
        "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)",
        "INSERT INTO t VALUES (1); nonsense",
        "INSERT INTO t VALUES (1); ATTACH 'x' AS y",
        &"INSERT INTO t VALUES(1);".repeat(2_000),
    ] {
        assert_eq!(refused(&database, sql), Error::Sql("only one statement at a time can be run".to_owned()));
    }
    for sql in ["", " \n\t", ";", ";;;;", "-- nothing", "/* nothing */ ;", "/* open"] {
        assert_eq!(refused(&database, sql), Error::Sql("there is no statement".to_owned()), "{sql:?}");
    }
    for sql in [
        "SELECT 7;",
        ";;SELECT 7;;;",
        "/* a */ SELECT 7; -- done",
        "SELECT 7 /* open",
        "SELECT 7 ; /* x */ ;",
    ] {
        assert_eq!(one(&database, sql), Value::Int(7), "{sql:?}");
    }
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(0));
    assert!(matches!(refused(&database, "SELECT 1\0; DROP TABLE t"), Error::Sql(_)));
}

#[test]
fn errors_are_what_sqlite_says() {
    let database = database();
    ok(&database, "CREATE TABLE t (a UNIQUE NOT NULL)");
    ok(&database, "INSERT INTO t VALUES (1)");
    for (sql, message) in [
        ("SELECT * FROM x", "no such table: x"),
        ("SELEC 1", "near \"SELEC\": syntax error"),
        ("SELECT nope FROM t", "no such column: nope"),
        ("SELECT nope()", "no such function: nope"),
        ("INSERT INTO t VALUES (1)", "UNIQUE constraint failed: t.a"),
        ("INSERT INTO t VALUES (NULL)", "NOT NULL constraint failed: t.a"),
        ("SELECT 'open", "unrecognized token: \"'open\""),
        ("SELECT", "incomplete input"),
        ("SELECT * FROM \"a\nb\"", "no such table: a b"),
    ] {
        assert_eq!(refused(&database, sql), Error::Sql(message.to_owned()), "{sql}");
        assert_eq!(refused(&database, sql).kind(), Kind::Sql);
    }
    let long = format!("SELECT * FROM {}", "x".repeat(60_000));
    assert!(refused(&database, &long).to_string().ends_with('…'));
}

#[test]
fn a_file_keeps_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.sqlite");
    for full in [true, false] {
        let database = Database::open(Some(&path), full, &Limits::default()).unwrap();
        ok(&database, "CREATE TABLE IF NOT EXISTS t (a)");
        ok(&database, "INSERT INTO t VALUES (1)");
    }
    let database = Database::open(Some(&path), true, &Limits::default()).unwrap();
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(2));
    drop(database);
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["users.sqlite"], "a closed database leaves its file alone");
}

#[test]
fn a_file_that_is_no_database_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.sqlite");
    std::fs::write(&path, "my diary ".repeat(1_000)).unwrap();
    let error = Database::open(Some(&path), true, &Limits::default()).err().unwrap();
    assert_eq!(error, Error::Storage("the database file is not a database; it is left as it is".to_owned()));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "my diary ".repeat(1_000));
    let nowhere = folder.path().join("no/such/folder/users.sqlite");
    let error = Database::open(Some(&nowhere), true, &Limits::default()).err().unwrap();
    assert_eq!(error, Error::Storage("the database file cannot be opened for writing".to_owned()));
}

#[test]
fn many_threads_share_the_database() {
    let database = database();
    ok(&database, "CREATE TABLE n (n)");
    ok(&database, "INSERT INTO n VALUES (0)");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let database = database.clone();
            scope.spawn(move || {
                for _ in 0..50 {
                    database
                        .run("UPDATE n SET n = n + 1", Parameters::None, 30 * SECOND, "statement_ms_max")
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(one(&database, "SELECT n FROM n"), Value::Int(400));
}
