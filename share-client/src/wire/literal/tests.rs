//! What CPython writes is read back, and nothing else is.
#![allow(clippy::panic, reason = "tests")]

use super::DEPTH_MAX;
use crate::wire::{Date, DateTime, Delta, Time, Value};

fn read(text: &str) -> Value {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_repr_is_read_back_and_written_the_same() {
    for text in [
        "None",
        "True",
        "False",
        "0",
        "-9223372036854775808",
        "9223372036854775807",
        "1.0",
        "-0.0",
        "1e+16",
        "1.5e-07",
        "inf",
        "-inf",
        "nan",
        "''",
        "'È日本😀'",
        "\"it's\"",
        "'both \\' and \"'",
        "'\\\\ \\n\\r\\t\\x00\\x7f\\xa0\\u200b\\U000e0001'",
        "b''",
        "b\"it's\"",
        "b'\\\\\\n\\x00\\xff~'",
        "[]",
        "()",
        "{}",
        "set()",
        "frozenset()",
        "[1, -inf, nan, 'a', None]",
        "('only',)",
        "(1, 'x', (2,), [])",
        "{'k': 1.0, (1, 'a'): [{}, {'x': None}], None: b'b'}",
        "{1, 'b', None}",
        "frozenset({1, 2})",
        "datetime.datetime(2026, 11, 20, 23, 5, 12, 123)",
        "datetime.datetime(2026, 11, 20, 23, 5)",
        "datetime.date(1, 1, 1)",
        "datetime.time(0, 0)",
        "datetime.time(23, 59, 0, 999999)",
        "[datetime.timedelta(0), datetime.timedelta(days=-1, seconds=86399, microseconds=999999)]",
        "[datetime.date(2026, 11, 20), frozenset({(1,)}), set(), datetime.timedelta(seconds=5)]",
    ] {
        assert_eq!(read(text).repr(), text);
    }
}

#[test]
fn the_parts_land_where_they_belong() {
    let time = Time { hour: 23, minute: 5, second: 12, microsecond: 123 };
    let date = Date { year: 2026, month: 11, day: 20 };
    assert_eq!(
        read("datetime.datetime(2026, 11, 20, 23, 5, 12, 123)"),
        Value::DateTime(DateTime { date, time })
    );
    assert_eq!(
        read("datetime.timedelta(days=2, microseconds=7)"),
        Value::Delta(Delta { days: 2, seconds: 0, microseconds: 7 })
    );
    assert_eq!(read(" [ 1 ,2, ] "), Value::List(vec![Value::Int(1), Value::Int(2)]));
    assert_eq!(read("(5)"), Value::Int(5));
    assert_eq!(read("'\\x41\\u00c8'"), Value::from("AÈ"));
}

#[test]
fn what_is_no_literal_is_refused() {
    for text in [
        "",
        " ",
        "hello",
        "1 2",
        "1-2",
        "-",
        "1e",
        "--1",
        "9223372036854775808",
        "'open",
        "'a' 'b'",
        "'\\q'",
        "'\\x4'",
        "'\\xg0'",
        "'\\x+1'",
        "'\\ud800'",
        "'\\U00110000'",
        "'\\x4È'",
        "b'È'",
        "b'",
        "[1 2]",
        "[,]",
        "[1",
        "(",
        "{1: 2, 3}",
        "{1, 2: 3}",
        "{1:}",
        "set(1)",
        "frozenset([1])",
        "frozenset",
        "datetime.datetime(2026, 13, 1, 0, 0)",
        "datetime.date(2026, 11, 20, 1)",
        "datetime.date(0, 1, 1)",
        "datetime.date('a')",
        "datetime.time(24, 0)",
        "datetime.time(1, 2, 3, 4, 5, 6, 7, 8)",
        "datetime.timedelta(hours=1)",
        "datetime.timedelta(seconds=86400)",
        "datetime.timedelta(days=1",
        "datetime.timedelta(days)",
        "__import__('os')",
        "Error: state: x",
        "È",
    ] {
        assert!(text.parse::<Value>().is_err(), "{text} was read");
    }
}

#[test]
fn hostile_nesting_is_refused() {
    for open in ["[", "(", "{", "{1:", "frozenset(", "datetime.date("] {
        assert!(open.repeat(1_000_000).parse::<Value>().is_err());
    }
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert_eq!(read(&deep(DEPTH_MAX)).repr(), deep(DEPTH_MAX));
    assert!(deep(DEPTH_MAX + 2).parse::<Value>().is_err());
}
