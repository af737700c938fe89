//! Each limit crossed, and nothing left behind by what crossed it.

use std::time::Instant;

use super::*;

const ENDLESS: &str =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

fn numbers(count: usize) -> String {
    format!(
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < {count}) SELECT x FROM c"
    )
}

#[test]
fn a_statement_without_end_is_stopped_in_time() {
    let database = database();
    let start = Instant::now();
    let error = database.run(ENDLESS, Parameters::None, Duration::from_millis(100), "expression_ms_max");
    assert_eq!(error, Err(Error::Limit { name: "expression_ms_max", value: 100 }));
    assert!(start.elapsed() < 10 * SECOND);
    assert_eq!(one(&database, "SELECT 1"), Value::Int(1), "the next statement is not met by the interrupt");
}

#[test]
fn waiting_in_line_counts_and_what_was_given_up_does_not_run() {
    let database = database();
    ok(&database, "CREATE TABLE t (a)");
    let mut inserted = 0;
    std::thread::scope(|scope| {
        let busy = database.clone();
        let (started, wait) = std::sync::mpsc::channel();
        let first = scope.spawn(move || {
            started.send(()).unwrap();
            busy.run(ENDLESS, Parameters::None, SECOND, "statement_ms_max")
        });
        wait.recv().unwrap();
        // Tried until the thread is seen to be taken; what came before it was told to be there.
        let mut given_up = false;
        while !given_up && !first.is_finished() {
            let time = Duration::from_millis(10);
            match database.run("INSERT INTO t VALUES (1)", Parameters::None, time, "expression_ms_max") {
                Ok(_) => inserted += 1,
                Err(error) => {
                    assert_eq!(error, Error::Limit { name: "expression_ms_max", value: 10 });
                    given_up = true;
                }
            }
        }
        assert!(given_up);
        assert_eq!(first.join().unwrap(), Err(Error::Limit { name: "statement_ms_max", value: 1_000 }));
    });
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(inserted));
}

#[test]
fn a_write_that_is_stopped_leaves_nothing() {
    let database = database();
    ok(&database, "CREATE TABLE t (a)");
    let endless =
        "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
    let result = database.run(endless, Parameters::None, Duration::from_millis(100), "statement_ms_max");
    assert_eq!(result, Err(Error::Limit { name: "statement_ms_max", value: 100 }));
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(0));
    let none = database.run("INSERT INTO t VALUES (1)", Parameters::None, Duration::ZERO, "statement_ms_max");
    assert_eq!(none, Err(Error::Limit { name: "statement_ms_max", value: 0 }));
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(0));
}

#[test]
fn rows_and_their_bytes_are_counted() {
    let database = database();
    assert_eq!(ok(&database, &numbers(1_000)).len(), 1_000);
    assert_eq!(refused(&database, &numbers(1_001)), Error::Limit { name: "rows_max", value: 1_000 });
    assert_eq!(limit(&database, ENDLESS.replace("count(*)", "x").as_str()), "rows_max");
    let wide = numbers(100).replace("SELECT x FROM", "SELECT hex(zeroblob(10000)) FROM");
    assert_eq!(refused(&database, &wide), Error::Limit { name: "reply_bytes_max", value: 1_048_576 });
    ok(&database, "CREATE TABLE t (a)");
    let returning = format!("INSERT INTO t {} RETURNING a", numbers(1_001));
    assert_eq!(limit(&database, &returning), "rows_max");
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(0), "no rows, no change");
    ok(&database, &returning.replace("1001", "1000"));
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(1_000));
}

#[test]
fn the_database_does_not_outgrow_its_limit() {
    let limits = Limits { database_bytes_max: 1_000_000, ..Limits::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.sqlite");
    for path in [None, Some(path.as_path())] {
        let database = Database::open(path, false, &limits).unwrap();
        ok(&database, "CREATE TABLE t (a)");
        let fill = numbers(500).replace("SELECT x FROM", "INSERT INTO t SELECT zeroblob(10000) FROM");
        assert_eq!(refused(&database, &fill), Error::Limit { name: "database_bytes_max", value: 1_000_000 });
        assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(0));
        while run(&database, "INSERT INTO t VALUES (zeroblob(10000))").is_ok() {}
        let Value::Int(count) = one(&database, "SELECT count(*) FROM t") else {
            panic!("a count is a number")
        };
        assert!((60..100).contains(&count), "{count} rows of 10,000 bytes");
        ok(&database, "DELETE FROM t");
        ok(&database, "INSERT INTO t VALUES (zeroblob(10000))");
    }
}

#[test]
fn a_statement_has_a_length() {
    let database = database();
    let fits = format!("SELECT 1 --{}", " ".repeat(65_536 - 11));
    assert_eq!(one(&database, &fits), Value::Int(1));
    assert_eq!(
        refused(&database, &format!("{fits} ")),
        Error::Limit { name: "request_bytes_max", value: 65_536 }
    );
}

#[test]
fn sqlites_own_limits_are_set() {
    let database = database();
    let many = |part: &str, count: usize| vec![part; count].join(", ");
    for sql in [
        format!("SELECT {}", many("1", 501)),
        format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("SELECT {}1", "-+".repeat(5_000)),
        format!("SELECT {}", ["1"; 300].join("+")),
        format!("SELECT {}", ["1"; 300].join(" UNION ALL SELECT ")),
        format!("SELECT max({})", many("1", 65)),
        "SELECT ?1000".to_owned(),
        format!("SELECT 'a' LIKE '{}'", "%a".repeat(300)),
        format!("SELECT * FROM {}", many("sqlite_master", 65)),
    ] {
        let error = refused(&database, &sql);
        assert!(matches!(error, Error::Sql(_)), "{error}: {}", sql.get(..40).unwrap_or_default());
    }
    ok(&database, "CREATE TABLE t (a)");
    ok(&database, "CREATE TABLE u (a)");
    ok(&database, "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO u VALUES (1); END");
    ok(&database, "INSERT INTO t VALUES (1)");
}

#[test]
fn long_lists_are_ordinary() {
    let database = database();
    ok(&database, "CREATE TABLE t (a)");
    ok(&database, &format!("INSERT INTO t VALUES {}", vec!["(1)"; 15_000].join(",")));
    ok(&database, &format!("SELECT 1 WHERE 1 IN ({})", vec!["1"; 30_000].join(",")));
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(15_000));
}

#[test]
fn there_may_be_so_many_tables() {
    let database = database();
    let made =
        (0..501).take_while(|index| run(&database, &format!("CREATE TABLE t{index} (a)")).is_ok()).count();
    assert!((490..=500).contains(&made), "{made}");
    assert_eq!(
        refused(&database, "CREATE TABLE another (a)"),
        Error::Sql("too many schema objects".to_owned())
    );
    ok(&database, "DROP TABLE t0");
    ok(&database, "CREATE TABLE another (a)");
}
