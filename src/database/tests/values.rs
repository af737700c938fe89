//! Values in and out.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

fn with(database: &Database, sql: &str, values: Vec<Value>) -> Result<Vec<Value>, Error> {
    database.run(sql, Parameters::Positional(values), SECOND, "statement_ms_max")
}

fn named(database: &Database, sql: &str, values: &[(&str, i64)]) -> Result<Vec<Value>, Error> {
    let values = values.iter().map(|(name, number)| ((*name).to_owned(), Value::Int(*number))).collect();
    database.run(sql, Parameters::Named(values), SECOND, "statement_ms_max")
}

#[test]
fn every_type_of_sql_comes_back() {
    let database = database();
    ok(&database, "CREATE TABLE t (a)");
    for value in [
        Value::None,
        Value::Int(0),
        Value::Int(i64::MAX),
        Value::Int(i64::MIN),
        Value::Float(0.1),
        Value::Float(f64::INFINITY),
        Value::Float(5e-324),
        Value::from(""),
        Value::from("È'\"\0\n"),
        Value::Bytes(Arc::from([0, 255, 128].as_slice())),
        Value::Bytes(Arc::from([].as_slice())),
    ] {
        let rows = with(&database, "INSERT INTO t VALUES (?) RETURNING a", vec![value.clone()]).unwrap();
        let [Value::Tuple(row)] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(row[0].type_name(), value.type_name());
        assert_eq!(row[0], value);
        let rows = with(&database, "SELECT a FROM t WHERE a IS ?", vec![value.clone()]).unwrap();
        assert_eq!(rows, [Value::tuple(vec![value])]);
        ok(&database, "DELETE FROM t");
    }
    assert_eq!(one(&database, "SELECT CAST(x'41ff42' AS TEXT)"), Value::from("A\u{fffd}B"));
    let row = ok(&database, "SELECT 1, 'x', NULL, 1.0, x'00'").remove(0);
    assert_eq!(row.type_name(), "tuple");
}

#[test]
fn python_values_become_sql_values() {
    let database = database();
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    for (value, bound) in [
        (Value::Bool(true), Value::Int(1)),
        (Value::Float(f64::NAN), Value::None),
        (Value::Float(-0.0), Value::Float(0.0)),
        (Value::Date(date), Value::from("2026-11-20")),
        (Value::DateTime(date.and_hms_opt(23, 5, 12).unwrap()), Value::from("2026-11-20 23:05:12")),
        (
            Value::DateTime(date.and_hms_micro_opt(23, 5, 12, 123).unwrap()),
            Value::from("2026-11-20 23:05:12.000123"),
        ),
    ] {
        let rows = with(&database, "SELECT ?", vec![value]).unwrap();
        assert_eq!(rows, [Value::tuple(vec![bound])]);
    }
    for value in [Value::list(vec![]), Value::tuple(vec![]), Value::dict([]), Value::Delta(TimeDelta::zero())]
    {
        let name = value.type_name();
        let error = with(&database, "SELECT ?", vec![value]).unwrap_err();
        assert_eq!(error, Error::Type(format!("parameter 1 is a {name}, which SQL does not have")));
    }
}

#[test]
fn parameters_are_bound_by_place_or_name() {
    let database = database();
    let two = |values: &[i64]| values.iter().copied().map(Value::Int).collect::<Vec<_>>();
    let row = |values: &[i64]| vec![Value::tuple(two(values))];
    assert_eq!(with(&database, "SELECT ?, ?", two(&[1, 2])).unwrap(), row(&[1, 2]));
    assert_eq!(with(&database, "SELECT ?2, ?1", two(&[1, 2])).unwrap(), row(&[2, 1]));
    assert_eq!(with(&database, "SELECT :a, :b", two(&[1, 2])).unwrap(), row(&[1, 2]));
    assert_eq!(with(&database, "SELECT 5", vec![]).unwrap(), row(&[5]));
    assert_eq!(
        named(&database, "SELECT :a, @b, $c, :a", &[("c", 3), ("b", 2), ("a", 1), ("d", 4)]).unwrap(),
        row(&[1, 2, 3, 1])
    );
    for (result, message) in [
        (with(&database, "SELECT ?, ?", two(&[1])), "the statement has 2 parameters, and 1 values are given"),
        (with(&database, "SELECT 1", two(&[1])), "the statement has 0 parameters, and 1 values are given"),
        (run(&database, "SELECT ?"), "the statement has 1 parameters, and 0 values are given"),
        (named(&database, "SELECT :a", &[("b", 1)]), "there is no value for the parameter a"),
        (
            named(&database, "SELECT ?", &[("b", 1)]),
            "parameter 1 has no name, and the values are given by name",
        ),
    ] {
        assert_eq!(result.unwrap_err(), Error::Sql(message.to_owned()));
    }
    ok(&database, "CREATE TABLE t (a)");
    with(&database, "INSERT INTO t VALUES (?)", vec![Value::from("'); DROP TABLE t; --")]).unwrap();
    assert_eq!(one(&database, "SELECT a FROM t"), Value::from("'); DROP TABLE t; --"));
}

#[test]
fn a_value_that_is_too_large_is_refused() {
    let database = database();
    let large = Value::from("x".repeat(70_000));
    let error = with(&database, "SELECT length(?)", vec![large]).unwrap_err();
    assert_eq!(error, Error::Limit { name: "value_bytes_max", value: 65_536 });
}

/// What SQLite's own shell answers.
#[test]
fn trim_is_as_sqlite_has_it() {
    let database = database();
    for (sql, expected) in [
        ("trim('xxabcxx', 'x')", Value::from("abc")),
        ("ltrim('xyabcxy', 'yx')", Value::from("abcxy")),
        ("rtrim('xyabcxy', 'yx')", Value::from("xyabc")),
        ("trim('ÈaÈ', 'È')", Value::from("a")),
        ("trim('abc', '')", Value::from("abc")),
        ("trim('', 'x')", Value::from("")),
        ("trim('xxx', 'x')", Value::from("")),
        ("trim(NULL, 'x')", Value::None),
        ("trim('x', NULL)", Value::None),
        ("trim(1001, 1)", Value::from("00")),
        ("trim(1.5, 5)", Value::from("1.")),
        ("trim(x'414241', 'A')", Value::from("B")),
        ("trim('  a  ')", Value::from("a")),
    ] {
        assert_eq!(one(&database, &format!("SELECT {sql}")), expected, "{sql}");
    }
}

#[test]
fn trim_writes_plain_numbers_as_sqlite_does() {
    let database = database();
    let mut random = StdRng::seed_from_u64(1);
    let mut numbers = vec![0.0, 0.1, 1.5, 100.0, 1e15, 1e16, 1e17, 1e18, 1e-4, 1e-5, 1e300, f64::INFINITY];
    numbers.extend((0..1_000).map(|_| f64::from(random.random::<u16>()) / 100.0));
    for number in numbers.iter().flat_map(|number| [*number, -*number]) {
        let rows =
            with(&database, "SELECT trim(?1, 'x'), CAST(?1 AS TEXT)", vec![Value::Float(number)]).unwrap();
        let [Value::Tuple(row)] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(row[0], row[1], "{number:?}");
    }
}
