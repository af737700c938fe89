//! What is refused, each thing by name, and what must not be.

use super::*;

#[test]
fn nothing_leaves_the_users_file_or_changes_its_settings() {
    let database = database();
    ok(&database, "CREATE TABLE t (a)");
    for sql in [
        "ATTACH '/tmp/x.db' AS x",
        "ATTACH '' AS x",
        "ATTACH ':memory:' AS x",
        "ATTACH 'file:x?mode=memory' AS x",
        "DETACH main",
        "VACUUM",
        "VACUUM main",
        "VACUUM INTO '/tmp/copy.db'",
        "SELECT load_extension('x')",
        "SELECT load_extension('x', 'y')",
        "SELECT Load_Extension('x')",
        "SELECT sqlite_log(1, 'x')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT json_pretty('[]')",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA journal_mode",
        "PRAGMA synchronous = OFF",
        "PRAGMA max_page_count = 1000000000",
        "PRAGMA database_list",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA temp_store = FILE",
        "PRAGMA hard_heap_limit = 1",
        "PRAGMA soft_heap_limit = 1",
        "PRAGMA cache_size = 1000000",
        "PRAGMA mmap_size = 1000000000",
        "PRAGMA writable_schema = ON",
        "PRAGMA trusted_schema = ON",
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA busy_timeout = 1000000",
        "PRAGMA threads = 8",
        "PRAGMA user_version = 5",
        "PRAGMA encoding = 'UTF-16'",
        "PRAGMA page_size = 512",
        "PRAGMA foreign_keys = ON",
        "PRAGMA recursive_triggers = ON",
        "PRAGMA integrity_check",
        "PRAGMA analysis_limit = 1",
        "PRAGMA optimize",
        "PRAGMA nonsense",
        "SELECT * FROM pragma_database_list",
        "EXPLAIN PRAGMA journal_mode = DELETE",
        "BEGIN",
        "BEGIN EXCLUSIVE",
        "COMMIT",
        "END",
        "ROLLBACK",
        "SAVEPOINT a",
        "RELEASE a",
        "ROLLBACK TO a",
        "CREATE TEMP TABLE x (a)",
        "CREATE TABLE temp.x (a)",
        "CREATE TABLE temp.x AS SELECT 1",
        "CREATE VIEW temp.x AS SELECT 1",
        "CREATE TRIGGER temp.x AFTER INSERT ON main.t BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE temp.x USING fts5(a)",
        "CREATE TEMP VIEW x AS SELECT 1",
        "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE x USING fts4(a)",
        "CREATE VIRTUAL TABLE x USING csv(filename='/etc/passwd')",
        "CREATE VIRTUAL TABLE x USING dbstat",
    ] {
        let error = refused(&database, sql);
        assert_eq!(error.kind(), Kind::Denied, "{sql}: {error}");
        assert!(
            error.to_string().ends_with("here") || error.to_string().contains("here: "),
            "{sql}: {error}"
        );
    }
    assert_eq!(one(&database, "SELECT 1"), Value::Int(1));
    for sql in [
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT edit('x')",
        "UPDATE sqlite_master SET sql = 'x'",
        "DELETE FROM sqlite_master",
        "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'x')",
        "DROP TABLE sqlite_master",
        "CREATE TABLE sqlite_x (a)",
        "SELECT * FROM sqlite_dbpage",
        "SELECT * FROM pragma_journal_mode('x')",
    ] {
        let error = refused(&database, sql);
        assert!(matches!(error.kind(), Kind::Sql | Kind::Denied), "{sql}: {error}");
    }
}

#[test]
fn a_view_or_trigger_does_not_carry_anything_past_the_jail() {
    let database = database();
    ok(&database, "CREATE TABLE t (a)");
    assert_eq!(refused(&database, "CREATE TABLE u (a DEFAULT (load_extension('x')))").kind(), Kind::Denied);
    assert_eq!(refused(&database, "CREATE INDEX i ON t (load_extension(a))").kind(), Kind::Denied);
    // Views and triggers are looked at when they are used.
    let _ = run(&database, "CREATE VIEW v AS SELECT load_extension('x')");
    let _ = run(&database, "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT load_extension('x'); END");
    assert!(matches!(refused(&database, "SELECT * FROM v").kind(), Kind::Denied | Kind::Sql));
    assert!(matches!(refused(&database, "INSERT INTO t VALUES (1)").kind(), Kind::Denied | Kind::Sql));
    assert_eq!(one(&database, "SELECT count(*) FROM t"), Value::Int(0));
}

#[test]
fn ordinary_sql_is_let_through() {
    let database = database();
    for sql in [
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT DEFAULT 'none', y REAL CHECK (y > 0))",
        "CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT, a REFERENCES a(id) ON DELETE CASCADE)",
        "CREATE UNIQUE INDEX a_x ON a (x)",
        "CREATE INDEX a_trim ON a (trim(x, ' .'))",
        "INSERT INTO a (x, y) VALUES ('one', 1.5), ('two', 2.5)",
        "INSERT INTO a (x) VALUES ('one') ON CONFLICT (x) DO UPDATE SET y = 9",
        "INSERT INTO b (a) SELECT id FROM a",
        "CREATE VIEW v AS SELECT a.x, b.id FROM a JOIN b ON b.a = a.id",
        "CREATE TRIGGER g AFTER DELETE ON a BEGIN DELETE FROM b WHERE a = old.id; END",
        "SELECT x, count(*) OVER (ORDER BY x) FROM v GROUP BY x HAVING count(*) > 0 ORDER BY 1 DESC LIMIT 5",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT sum(i) FROM n",
        "UPDATE a SET y = y * 2 WHERE x LIKE 'o%' RETURNING y",
        "DELETE FROM a WHERE x GLOB 't*'",
        "ALTER TABLE a ADD COLUMN z",
        "ALTER TABLE a RENAME COLUMN z TO w",
        "ALTER TABLE a DROP COLUMN w",
        "ALTER TABLE a RENAME TO c",
        "EXPLAIN QUERY PLAN SELECT * FROM c",
        "ANALYZE",
        "REINDEX",
        "SELECT name, sql FROM sqlite_master",
        "SELECT datetime('now'), random(), json_extract('{\"k\": 1}', '$.k'), sqlite_version()",
        "PRAGMA table_info(c)",
        "PRAGMA table_xinfo('c')",
        "PRAGMA index_list(c)",
        "PRAGMA index_info(a_x)",
        "PRAGMA foreign_key_list(b)",
        "PRAGMA table_list",
        "PRAGMA user_version",
        "PRAGMA foreign_keys",
        "SELECT name FROM pragma_table_info('c')",
        "CREATE VIRTUAL TABLE f USING fts5(body)",
        "INSERT INTO f VALUES ('the quick brown fox'), ('a lazy dog')",
        "SELECT * FROM f WHERE f MATCH 'quick'",
        "INSERT INTO f(f) VALUES ('optimize')",
        "CREATE VIRTUAL TABLE r USING rtree(id, minx, maxx)",
        "INSERT INTO r VALUES (1, 0, 1)",
        "SELECT * FROM r WHERE minx < 1",
        "DROP TABLE r",
        "DROP TABLE f",
        "DROP TRIGGER g",
        "DROP VIEW v",
        "DROP INDEX a_x",
        "DROP TABLE b",
    ] {
        ok(&database, sql);
    }
}

#[test]
fn classic_sqlite_habits_work_as_in_python() {
    let database = database();
    ok(&database, "CREATE TABLE t (a DEFAULT \"text\", b REFERENCES nowhere (x))");
    assert_eq!(one(&database, "SELECT \"no such column\""), Value::from("no such column"));
    ok(&database, "INSERT INTO t (b) VALUES (5)");
    assert_eq!(one(&database, "SELECT a FROM t"), Value::from("text"));
    assert_eq!(one(&database, "PRAGMA foreign_keys"), Value::Int(0));
    ok(&database, "CREATE TABLE g (g)");
    ok(&database, "CREATE TRIGGER r AFTER INSERT ON g BEGIN INSERT INTO g VALUES (1); END");
    ok(&database, "INSERT INTO g VALUES (0)");
    assert_eq!(one(&database, "SELECT count(*) FROM g"), Value::Int(2), "triggers do not trigger themselves");
}

/// Their output grows with every match, unbounded, within one step.
#[test]
fn functions_of_the_full_text_index_that_nothing_bounds_are_refused() {
    let database = database();
    ok(&database, "CREATE VIRTUAL TABLE f USING fts5(body)");
    for function in ["highlight(f, 0, 'a', 'b')", "snippet(f, 0, 'a', 'b', 'c', 64)"] {
        let error = refused(&database, &format!("SELECT {function} FROM f WHERE f MATCH 'ab'"));
        assert_eq!(error.kind(), Kind::Denied, "{error}");
    }
}

#[test]
fn tables_of_the_full_text_index_are_not_written_by_hand() {
    let database = database();
    ok(&database, "CREATE VIRTUAL TABLE f USING fts5(body)");
    assert_eq!(refused(&database, "DELETE FROM f_data").to_string(), "table f_data may not be modified");
}
