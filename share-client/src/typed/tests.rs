//! Rust's types as values and back, by both ways of the wire: Python's literals, and JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::wire::{Date, DateTime, Delta, Time, parse_json};
use crate::{Error, Value, from_value, to_value};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Line(i32, i32),
    Box { width: f32, name: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Plant {
    name: String,
    height: f64,
    water: Option<u8>,
    shapes: Vec<Shape>,
    by_number: BTreeMap<i64, (bool, char)>,
    by_truth: BTreeMap<bool, ()>,
    home: IpAddr,
    #[serde(default)]
    extra: Vec<u8>,
}

fn plant() -> Plant {
    Plant {
        name: "È'\n\"".to_owned(),
        height: f64::NEG_INFINITY,
        water: None,
        shapes: vec![
            Shape::Point,
            Shape::Circle(0.1),
            Shape::Line(-1, 2),
            Shape::Box { width: 0.5, name: Some("x".into()) },
        ],
        by_number: BTreeMap::from([(-7, (true, '😀'))]),
        by_truth: BTreeMap::from([(true, ())]),
        home: "::1".parse().unwrap(),
        extra: vec![0, 255],
    }
}

#[test]
fn a_struct_goes_there_and_back() {
    let value = to_value(&plant()).unwrap();
    assert_eq!(
        value.repr(),
        "{'name': 'È\\'\\n\"', 'height': -inf, 'water': None, 'shapes': ['Point', {'Circle': 0.1}, \
         {'Line': (-1, 2)}, {'Box': {'width': 0.5, 'name': 'x'}}], 'by_number': {-7: (True, '😀')}, \
         'by_truth': {True: None}, 'home': '::1', 'extra': [0, 255]}"
    );
    assert_eq!(from_value::<Plant>(value.repr().parse().unwrap()).unwrap(), plant());
}

#[test]
fn what_json_makes_of_a_struct_is_the_same_struct() {
    let json = r#"{"name":"È'\n\"","height":"-inf","water":null,"shapes":["Point",{"Circle":0.1},{"Line":[-1,2]},
        {"Box":{"width":0.5,"name":"x"}}],"by_number":{"-7":[true,"😀"]},"by_truth":{"True":null},"home":"::1",
        "extra":{"bytes":"AP8="}}"#;
    assert_eq!(from_value::<Plant>(parse_json(json).unwrap()).unwrap(), plant());
}

fn special() -> Vec<Value> {
    let date = Date { year: 2026, month: 11, day: 20 };
    let time = Time { hour: 23, minute: 5, second: 0, microsecond: 7 };
    vec![
        Value::DateTime(DateTime { date, time }),
        Value::Date(date),
        Value::Time(time),
        Value::Delta(Delta { days: -1, seconds: 2, microseconds: 3 }),
        Value::Set(vec![1.into(), "x".into()]),
        Value::FrozenSet(vec![]),
        Value::Tuple(vec![1.into()]),
        Value::Bytes(vec![0, 255]),
        Value::Float(f64::INFINITY),
        Value::Dict(vec![(Value::Int(1), Value::None), (Value::from("a"), Value::List(vec![]))]),
        Value::from("datetime.date(2026, 11, 20)"),
    ]
}

#[test]
fn a_value_stays_what_it_is_however_deep() {
    let all = Value::List(special());
    assert_eq!(to_value(&all).unwrap().repr(), all.repr());
    assert_eq!(from_value::<Value>(all.clone()).unwrap().repr(), all.repr());
    let map: HashMap<String, Vec<Value>> = HashMap::from([("k".to_owned(), special())]);
    let value = to_value(&map).unwrap();
    assert_eq!(value.repr(), format!("{{'k': {}}}", all.repr()));
    assert_eq!(from_value::<HashMap<String, Vec<Value>>>(value).unwrap(), map);
    let keyed: Vec<(Value, Value)> = vec![(Value::Int(1), Value::None)];
    let read: BTreeMap<i64, Option<Value>> = from_value(Value::Dict(keyed)).unwrap();
    assert_eq!(read, BTreeMap::from([(1, None)]));
}

#[test]
fn moments_are_iso_text_and_sets_sequences_to_other_types() {
    let texts: Vec<Value> = special().into_iter().take(4).collect();
    let texts: Vec<String> = from_value(Value::List(texts)).unwrap();
    assert_eq!(
        texts,
        ["2026-11-20T23:05:00.000007", "2026-11-20", "23:05:00.000007", "-1 day, 0:00:02.000003"]
    );
    let members: std::collections::BTreeSet<i64> = from_value("{3, 1}".parse().unwrap()).unwrap();
    assert_eq!(members, [1, 3].into());
    assert_eq!(from_value::<Vec<u8>>(Value::Bytes(vec![1, 2])).unwrap(), [1, 2]);
}

#[test]
fn numbers_fit_or_are_refused() {
    assert_eq!(to_value(&(i64::MAX as u64)).unwrap(), Value::Int(i64::MAX));
    assert_eq!(to_value(&-5_i128).unwrap(), Value::Int(-5));
    for refused in [to_value(&u64::MAX), to_value(&i128::MIN), to_value(&vec![u128::MAX])] {
        assert!(refused.unwrap_err().to_string().ends_with("does not fit into 64 bits"));
    }
    assert_eq!(from_value::<u8>(Value::Int(255)).unwrap(), 255);
    assert!(from_value::<u8>(Value::Int(256)).is_err());
    assert!(from_value::<u32>(Value::Int(-1)).is_err());
    assert_eq!(from_value::<f64>(Value::Int(2)).unwrap(), 2.0);
    assert!(from_value::<i64>(Value::Float(2.0)).is_err());
}

#[test]
fn another_type_is_refused_in_words() {
    fn refused<T: serde::de::DeserializeOwned>(value: Value) -> String {
        match from_value::<T>(value) {
            Err(Error::Protocol(message)) => message,
            other => panic!("{:?}", other.map(|_| ()).map_err(|error| error.to_string())),
        }
    }
    assert_eq!(refused::<i64>("5".into()), "invalid type: string \"5\", expected i64");
    assert_eq!(refused::<String>(5.into()), "invalid type: integer `5`, expected a string");
    assert_eq!(refused::<f64>("infinite".into()), "invalid type: string \"infinite\", expected f64");
    assert_eq!(refused::<bool>(Value::None), "invalid type: unit value, expected a boolean");
    assert_eq!(
        refused::<Shape>(5.into()),
        "invalid type: integer `5`, expected a variant's name, or a dict of one entry"
    );
    assert!(refused::<Shape>("Square".into()).starts_with("unknown variant `Square`"));
    assert_eq!(refused::<(i64, i64)>("[1, 2, 3]".parse().unwrap()), "1 items more than expected");
    assert_eq!(refused::<(i64, i64)>("[1]".parse().unwrap()), "invalid length 1, expected a tuple of size 2");
    assert!(
        refused::<Vec<u8>>(Value::from([("bytes", Value::from("no base64"))]))
            .starts_with("invalid type: map")
    );
}

#[test]
fn a_dict_that_only_looks_like_bytes_stays_one_to_who_asks_for_a_dict() {
    let value = Value::from([("bytes", Value::from("Zm9v"))]);
    let map: HashMap<String, String> = from_value(value.clone()).unwrap();
    assert_eq!(map["bytes"], "Zm9v");
    assert_eq!(from_value::<Vec<u8>>(value.clone()).unwrap(), b"foo");
    assert_eq!(from_value::<Value>(value.clone()).unwrap(), value);
}
