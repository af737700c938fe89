//! Every type, and what must not break a line or a reader.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};

use super::{json, json_bounded};
use crate::value::{Dict, Key, Value};

fn sample() -> Value {
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
    let mut entries = Dict::new();
    let mut enter = |key: Value, value: Value| {
        entries.insert(Key::new(key).expect("hashable"), value);
    };
    enter(Value::from("list"), Value::list(vec![Value::None, Value::Bool(true), Value::Int(-5)]));
    enter(Value::from("tuple"), Value::tuple(vec![Value::Float(1e16), Value::Float(0.1)]));
    enter(Value::Int(7), Value::Bytes(Arc::from(b"foob".as_slice())));
    enter(Value::tuple(vec![Value::from("a"), Value::Int(1)]), Value::from("q\"\\\n\r\t\0\u{2028}\u{85}È😀"));
    enter(Value::None, Value::DateTime(date.and_hms_micro_opt(23, 5, 12, 123).expect("a time")));
    enter(Value::Bool(true), Value::Date(date));
    enter(Value::Float(2.5), Value::Delta(TimeDelta::seconds(86_401)));
    enter(
        Value::from("inf"),
        Value::list(vec![f64::INFINITY.into(), f64::NEG_INFINITY.into(), f64::NAN.into()]),
    );
    let members = [Value::Int(2), Value::Int(1)].map(|member| Key::new(member).expect("hashable"));
    enter(Value::from("set"), Value::Set(Arc::new(members.into_iter().collect())));
    Value::Dict(Arc::new(entries))
}

#[test]
fn every_type_has_its_json() {
    let expected = concat!(
        r#"{"list":[null,true,-5],"tuple":[1e+16,0.1],"7":{"bytes":"Zm9vYg=="},"#,
        r#""('a', 1)":"q\"\\\n\r\t\u0000\u2028\u0085È😀","None":"2026-11-20T23:05:12.000123","#,
        r#""True":"2026-11-20","2.5":"1 day, 0:00:01","inf":["inf","-inf","nan"],"set":[1,2]}"#
    );
    assert_eq!(json(&sample()), expected);
}

#[test]
fn another_reader_of_json_understands_it() {
    let read: serde_json::Value = serde_json::from_str(&json(&sample())).expect("valid JSON");
    assert_eq!(read["('a', 1)"], "q\"\\\n\r\t\0\u{2028}\u{85}È😀");
    assert_eq!(read["tuple"][0], 1e16);
    let all: String = (0..=char::MAX.into()).filter_map(char::from_u32).collect();
    let written = json(&Value::from(all.as_str()));
    assert_eq!(serde_json::from_str::<String>(&written).expect("valid JSON"), all);
    assert!(!written.contains(|character: char| character.is_control()));
}

#[test]
fn bounded_json_fits_exactly_or_is_refused() {
    let text = json(&sample());
    assert_eq!(json_bounded(&sample(), text.len()).as_ref(), Some(&text));
    for shorter in 0..text.len() {
        assert_eq!(json_bounded(&sample(), shorter), None);
    }
}

#[test]
fn what_is_too_long_is_given_up_early() {
    let megabyte = Value::from("x".repeat(1 << 20));
    assert_eq!(json_bounded(&Value::list(vec![megabyte; 1_000]), 2 << 20), None);
}

#[test]
fn what_is_too_deep_is_cut_short() {
    let nested = (0..1_000).fold(Value::Int(1), |value, _| Value::list(vec![value]));
    let text = json(&nested);
    assert!(text.contains("[\"...\"]") && text.len() < 1_000, "{text}");
}
