//! What CPython 3.11 prints for the same values.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::{repr, repr_bounded, str, str_bounded, write_str};
use crate::value::{Key, Opaque, Value};

fn set(members: Vec<Value>) -> Value {
    Value::Set(Arc::new(members.into_iter().map(|member| Key::new(member).expect("hashable")).collect()))
}

fn frozen(members: Vec<Value>) -> Value {
    match set(members) {
        Value::Set(members) => Value::FrozenSet(members),
        other => other,
    }
}

fn moment(second: u32, microsecond: u32) -> Value {
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
    Value::DateTime(date.and_hms_micro_opt(23, 5, second, microsecond).expect("a time"))
}

#[derive(Debug)]
struct Range;

impl Opaque for Range {
    fn type_name(&self) -> &'static str {
        "range"
    }
    fn repr(&self) -> String {
        "range(0, 3)".to_owned()
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[test]
fn a_string_stands_bare_alone_and_quoted_inside() {
    assert_eq!(str(&Value::from("it's")), "it's");
    assert_eq!(repr(&Value::from("it's")), "\"it's\"");
    assert_eq!(str(&Value::list(vec![Value::Int(1), Value::from("a"), Value::None])), "[1, 'a', None]");
}

#[test]
fn containers_look_as_python_writes_them() {
    let x = Value::from("x");
    for (value, text) in [
        (Value::None, "None"),
        (Value::Bool(true), "True"),
        (Value::Bool(false), "False"),
        (Value::Int(i64::MIN), "-9223372036854775808"),
        (Value::Float(1e16), "1e+16"),
        (Value::Bytes(Arc::from(b"a\0".as_slice())), "b'a\\x00'"),
        (Value::list(vec![]), "[]"),
        (Value::tuple(vec![]), "()"),
        (Value::tuple(vec![Value::from("only")]), "('only',)"),
        (Value::tuple(vec![Value::Int(1), x.clone()]), "(1, 'x')"),
        (Value::dict([]), "{}"),
        (Value::dict([("k", Value::Float(1.0)), ("l", Value::list(vec![x]))]), "{'k': 1.0, 'l': ['x']}"),
        (set(vec![]), "set()"),
        (set(vec![Value::Int(3), Value::Int(1), Value::Float(2.5)]), "{1, 2.5, 3}"),
        (set(vec![Value::from("b"), Value::from("a")]), "{'a', 'b'}"),
        (frozen(vec![]), "frozenset()"),
        (frozen(vec![Value::Int(2), Value::Int(1)]), "frozenset({1, 2})"),
        (Value::Opaque(Arc::new(Range)), "range(0, 3)"),
    ] {
        assert_eq!(str(&value), text);
        assert_eq!(repr(&value), text);
    }
}

#[test]
fn a_set_that_cannot_be_sorted_stays_as_it_was_inserted() {
    let mixed = vec![Value::Int(3), Value::from("a"), Value::Int(1), Value::None];
    assert_eq!(str(&set(mixed)), "{3, 'a', 1, None}");
    let with_nan = vec![Value::Float(2.0), Value::Float(f64::NAN), Value::Float(1.0)];
    assert_eq!(str(&set(with_nan)), "{2.0, nan, 1.0}");
    let hostile = (0..2_000).map(|n| if n % 3 == 0 { Value::from(format!("{n}")) } else { Value::Int(-n) });
    assert!(str(&set(hostile.collect())).starts_with("{'0', -1, -2, '3'"));
}

#[test]
fn dates_differ_between_str_and_repr() {
    assert_eq!(str(&moment(12, 123)), "2026-11-20 23:05:12.000123");
    assert_eq!(str(&moment(12, 0)), "2026-11-20 23:05:12");
    assert_eq!(str(&Value::list(vec![moment(12, 123)])), "[datetime.datetime(2026, 11, 20, 23, 5, 12, 123)]");
    let date = Value::Date(NaiveDate::from_ymd_opt(1, 2, 3).expect("a date"));
    assert_eq!((str(&date), repr(&date)), ("0001-02-03".to_owned(), "datetime.date(1, 2, 3)".to_owned()));
    let time = Value::Time(NaiveTime::from_hms_micro_opt(9, 0, 0, 5).expect("a time"));
    assert_eq!(
        (str(&time), repr(&time)),
        ("09:00:00.000005".to_owned(), "datetime.time(9, 0, 0, 5)".to_owned())
    );
}

#[test]
fn a_leap_second_is_no_seventh_digit() {
    let time = NaiveTime::from_hms_micro_opt(23, 59, 59, 1_500_000).expect("a leap second");
    assert_eq!(str(&Value::Time(time)), "23:59:59.999999");
}

#[test]
fn a_timedelta_is_normalised_as_in_python() {
    for (delta, text, inside) in [
        (TimeDelta::zero(), "0:00:00", "datetime.timedelta(0)"),
        (TimeDelta::seconds(86_401), "1 day, 0:00:01", "datetime.timedelta(days=1, seconds=1)"),
        (
            TimeDelta::microseconds(-1),
            "-1 day, 23:59:59.999999",
            "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)",
        ),
        (TimeDelta::seconds(-1), "-1 day, 23:59:59", "datetime.timedelta(days=-1, seconds=86399)"),
        (
            TimeDelta::microseconds(-86_400_000_001),
            "-2 days, 23:59:59.999999",
            "datetime.timedelta(days=-2, seconds=86399, microseconds=999999)",
        ),
        (
            TimeDelta::microseconds(1_500_000),
            "0:00:01.500000",
            "datetime.timedelta(seconds=1, microseconds=500000)",
        ),
    ] {
        assert_eq!(str(&Value::Delta(delta)), text);
        assert_eq!(repr(&Value::Delta(delta)), inside);
    }
}

#[test]
fn the_longest_timedelta_overflows_nothing() {
    assert!(str(&Value::Delta(TimeDelta::MAX)).contains(" days, "));
    assert!(str(&Value::Delta(TimeDelta::MIN)).starts_with("-106751991168 days, "));
}

#[test]
fn the_writer_appends() {
    let mut out = String::from("reply: ");
    write_str(&mut out, &Value::from("x"));
    write_str(&mut out, &Value::Int(1));
    assert_eq!(out, "reply: x1");
}

#[test]
fn a_bounded_text_fits_exactly_or_is_refused() {
    let values = [
        Value::from("four"),
        Value::Bytes(Arc::from(b"\0".as_slice())),
        Value::list(vec![Value::from("a\n"), Value::Float(0.1), Value::dict([("k", Value::None)])]),
        frozen(vec![Value::Int(1), Value::Int(2)]),
        moment(1, 2),
    ];
    for value in values {
        for (text, bounded) in
            [(str(&value), str_bounded as fn(&Value, usize) -> Option<String>), (repr(&value), repr_bounded)]
        {
            assert_eq!(bounded(&value, text.len()).as_ref(), Some(&text));
            for shorter in 0..text.len() {
                assert_eq!(bounded(&value, shorter), None, "{shorter} bytes for {text}");
            }
        }
    }
}

#[test]
fn a_text_too_long_is_given_up_early() {
    // A thousand times the same megabyte: written out it would be a gigabyte.
    let megabyte = Value::from("x".repeat(1 << 20));
    let value = Value::list(vec![megabyte; 1_000]);
    assert_eq!(str_bounded(&value, 2 << 20), None);
}

#[test]
fn a_value_too_deep_is_cut_short() {
    let mut value = Value::Int(1);
    for _ in 0..1_000 {
        value = Value::list(vec![value]);
    }
    let text = str(&value);
    assert!(text.starts_with("[[[") && text.contains("[...]"), "{text}");
    assert!(text.len() < 1_000);
}
