//! Every storable value comes back exactly, and no bytes do harm.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

/// Equal to the last bit: `==` would let 1 pass for True, and no NaN for itself.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Value::Dict(a), Value::Dict(b)) => {
            a.len() == b.len()
                && a.iter().zip(b.iter()).all(|((a, x), (b, y))| same(a.value(), b.value()) && same(x, y))
        }
        (Value::Set(a), Value::Set(b)) | (Value::FrozenSet(a), Value::FrozenSet(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a.value(), b.value()))
        }
        _ => std::mem::discriminant(a) == std::mem::discriminant(b) && a == b,
    }
}

fn check(value: &Value) {
    let bytes = encode(value);
    let back = decode(&bytes).unwrap();
    assert!(same(value, &back), "{value:?} came back as {back:?}");
    assert_eq!(bytes, encode(&back));
}

fn scalars() -> Vec<Value> {
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let mut scalars = vec![Value::None, Value::Bool(true), Value::Bool(false)];
    for number in [0, 1, -1, 63, 64, -64, -65, 127, 128, 1 << 62, i64::MAX, i64::MIN] {
        scalars.push(Value::Int(number));
    }
    let nans =
        [f64::NAN, -f64::NAN, f64::from_bits(0x7ff0_0000_0000_0001), f64::from_bits(0xfff8_dead_beef_0001)];
    for number in [0.0, -0.0, 1.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY] {
        scalars.push(Value::Float(number));
    }
    scalars.extend(nans.map(Value::Float));
    for text in ["", "x", "È\0\u{10ffff}\r\n'\""] {
        scalars.push(Value::from(text));
        scalars.push(Value::Bytes(Arc::from(text.as_bytes())));
    }
    scalars.push(Value::from("long ".repeat(20_000)));
    scalars.push(Value::Bytes(Arc::from([0xff, 0x00, 0x80].as_slice())));
    for date in [date, NaiveDate::from_ymd_opt(1, 1, 1).unwrap(), NaiveDate::MIN, NaiveDate::MAX] {
        scalars.push(Value::Date(date));
        for micros in [0, 1, 999_999] {
            let time = NaiveTime::from_hms_micro_opt(23, 59, 59, micros).unwrap();
            scalars.push(Value::Time(time));
            scalars.push(Value::DateTime(date.and_time(time)));
        }
    }
    scalars.push(Value::Time(NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap()));
    let micro = TimeDelta::microseconds(1);
    for delta in
        [TimeDelta::zero(), micro, -micro, TimeDelta::MAX, TimeDelta::MIN, TimeDelta::days(999_999_999)]
    {
        scalars.push(Value::Delta(delta));
        scalars.push(Value::Delta(TimeDelta::seconds(-3) + micro));
    }
    scalars
}

#[test]
fn every_kind_of_value_comes_back_exactly() {
    let scalars = scalars();
    scalars.iter().for_each(check);
    check(&Value::list(scalars.clone()));
    check(&Value::tuple(scalars.clone()));
    check(&Value::list(vec![Value::list(vec![]), Value::tuple(vec![]), Value::dict([])]));
    let keys = || scalars.iter().map(|value| Key::new(value.clone()).unwrap());
    let backwards: Dict =
        keys().rev().map(|key| (key.clone(), Value::list(vec![key.into_value()]))).collect();
    check(&Value::Dict(Arc::new(backwards)));
    check(&Value::Set(Arc::new(keys().collect())));
    let frozen = Value::FrozenSet(Arc::new(keys().rev().collect()));
    check(&frozen);
    check(&Value::Set(Arc::new([Key::new(frozen).unwrap()].into_iter().collect())));
}

#[test]
fn small_values_are_small() {
    assert_eq!(encode(&Value::None), [NONE]);
    assert_eq!(encode(&Value::Int(-1)), [INT, 1]);
    assert_eq!(encode(&Value::from("ab")), [STR, 2, b'a', b'b']);
    assert_eq!(encode(&Value::list(vec![Value::Bool(true), Value::Int(2)])), [LIST, 2, TRUE, INT, 4]);
}

/// Values that were stored by earlier versions must stay readable: these bytes never change.
#[test]
fn the_form_on_the_disk_stays() {
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let moment = date.and_hms_micro_opt(23, 5, 12, 123).unwrap();
    let set: Set = [Key::from("s")].into_iter().collect();
    let value = Value::list(vec![
        Value::dict([("k", Value::Float(1.5))]),
        Value::tuple(vec![Value::Int(300), Value::None]),
        Value::Bytes(Arc::from([7, 8].as_slice())),
        Value::Set(Arc::new(set.clone())),
        Value::FrozenSet(Arc::new(set)),
        Value::DateTime(moment),
        Value::Date(date),
        Value::Time(moment.time()),
        Value::Delta(TimeDelta::microseconds(-1)),
    ]);
    let hex: String = encode(&value).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hex,
        "0709090105016b04000000000000f83f080203d80400060207080a010501730b01050173\
         0cc8a95aa88905f8c0070dc8a95a0ea88905f8c0070f01988cebdc03"
    );
    check(&value);
}

#[test]
fn containers_nest_to_the_limit_and_no_deeper() {
    let nested = |depth| (0..depth).fold(Value::Int(1), |inner, _| Value::list(vec![inner]));
    check(&nested(DEPTH_MAX));
    assert!(decode(&encode(&nested(DEPTH_MAX + 1))).is_err());
    for tag in [LIST, TUPLE, DICT, SET, FROZEN_SET] {
        assert!(decode(&[tag, 1].repeat(1_000_000)).is_err());
    }
}

#[test]
fn what_encode_never_wrote_is_refused() {
    let refused: [&[u8]; 15] = [
        &[],
        &[16],
        &[255],
        &[NONE, NONE],
        &[INT],
        &[INT, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
        &[INT, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[FLOAT, 1, 2, 3],
        &[STR, 3, b'a', b'b'],
        &[STR, 1, 0xff],
        &[LIST, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[DICT, 2, INT, 2, NONE, TRUE, NONE],
        &[SET, 1, LIST, 0],
        &[TIME, 0x80, 0xa3, 0x05, 0],
        &[DATE, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    ];
    for bytes in refused {
        assert!(decode(bytes).is_err(), "{bytes:?}");
    }
}

fn random_value(random: &mut StdRng, scalars: &[Value], depth: usize) -> Value {
    let kind = if depth == 0 { 0 } else { random.random_range(0..8) };
    let count = random.random_range(0..6);
    let mut items =
        || -> Vec<Value> { (0..count).map(|_| random_value(random, scalars, depth - 1)).collect() };
    match kind {
        1 => Value::list(items()),
        2 => Value::tuple(items()),
        3 => Value::Dict(Arc::new(
            items().into_iter().filter_map(|item| Some((Key::new(item.clone()).ok()?, item))).collect(),
        )),
        4 => Value::Set(Arc::new(items().into_iter().filter_map(|item| Key::new(item).ok()).collect())),
        5 => Value::FrozenSet(Arc::new(items().into_iter().filter_map(|item| Key::new(item).ok()).collect())),
        6 => Value::Int(random.random()),
        7 => Value::Float(f64::from_bits(random.random())),
        _ => scalars[random.random_range(0..scalars.len())].clone(),
    }
}

#[test]
fn random_values_come_back_and_damaged_bytes_do_no_harm() {
    let mut random = StdRng::seed_from_u64(2020);
    let scalars: Vec<Value> = scalars().into_iter().filter(|value| value.measure().bytes < 100).collect();
    for _ in 0..2_000 {
        let value = random_value(&mut random, &scalars, 4);
        check(&value);
        let bytes = encode(&value);
        for length in (0..bytes.len()).rev().take(40) {
            assert!(decode(&bytes[..length]).is_err(), "a part of {value:?} is a value");
        }
        let mut damaged = bytes;
        for _ in 0..20 {
            let place = random.random_range(0..damaged.len());
            damaged[place] = random.random();
            if let Ok(other) = decode(&damaged) {
                assert!(decode(&encode(&other)).is_ok());
                assert!(other.measure().depth <= DEPTH_MAX);
            }
        }
    }
    for _ in 0..20_000 {
        let length = random.random_range(0..64);
        let bytes: Vec<u8> = (0..length).map(|_| random.random_range(0..20)).collect();
        if let Ok(value) = decode(&bytes) {
            check(&value);
        }
    }
}
