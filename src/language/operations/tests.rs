//! What growing and nesting values may cost: every limit is crossed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use crate::config::Limits;
use crate::language::Error;
use crate::value::DEPTH_MAX;

fn budget() -> Budget {
    Budget::new(&Limits::default())
}

fn call(positional: Vec<Value>) -> Call {
    Call { positional, keyword: Vec::new() }
}

fn refused(result: Result<Value, Error>) -> bool {
    matches!(result, Err(Error::Limit(_)))
}

/// A list of a thousand lists of a thousand lists of a thousand zeros, which costs a few kilobytes.
fn shared(make: fn(Vec<Value>) -> Value) -> Value {
    (0..3).fold(Value::Int(0), |inner, _| make(vec![inner; 1_000]))
}

#[test]
fn what_would_outgrow_the_budget_is_refused_before_it_is_made() {
    let huge = Value::Int(1_000_000_000);
    for receiver in ["zfill", "ljust", "rjust", "center"] {
        assert!(
            refused(method(&mut Value::from("a"), receiver, call(vec![huge.clone()]), &budget())),
            "{receiver}"
        );
    }
    for text in [Value::from("a"), Value::list(vec![Value::None]), Value::tuple(vec![Value::None])] {
        assert!(refused(binary(Binary::Mul, &text, &huge, &budget())));
    }
    for template in ["%1000000000d", "%.1000000000f", "%-999999999x"] {
        assert!(
            refused(binary(Binary::Mod, &Value::from(template), &Value::Int(5), &budget())),
            "{template}"
        );
    }
    assert!(refused(format_field(&Value::Float(1.0), None, ".1000000000f", &budget())));
    assert!(refused(format_field(&Value::Int(1), None, "01000000000,", &budget())));
    let long = Value::from("a".repeat(1_000_000));
    let exploding = call(vec![Value::from("a"), Value::from("b".repeat(1_000))]);
    assert!(refused(method(&mut long.clone(), "replace", exploding, &budget())));
    assert!(refused(method(&mut long.clone(), "split", call(vec![Value::from("a")]), &budget())));
    assert!(refused(builtin("list", call(vec![long]), &budget())));
    assert!(refused(builtin("bytes", call(vec![huge]), &budget())));
}

#[test]
fn a_range_costs_nothing_until_it_is_gone_through() {
    let range = builtin("range", call(vec![Value::Int(1_000_000_000_000)]), &budget()).unwrap();
    assert_eq!(builtin("len", call(vec![range.clone()]), &budget()).unwrap(), Value::Int(1_000_000_000_000));
    assert_eq!(index(&range, &Value::Int(-1)).unwrap(), Value::Int(999_999_999_999));
    let found = binary(Binary::In, &Value::Float(5e11), &range, &budget()).unwrap();
    assert_eq!(found, Value::Bool(true));
    assert!(refused(builtin("list", call(vec![range.clone()]), &budget())));
    assert!(refused(builtin("sum", call(vec![range]), &budget())));
}

#[test]
fn what_is_shared_a_thousand_times_is_not_gone_through_a_thousand_times() {
    let (one, other) = (shared(Value::tuple), shared(Value::tuple));
    assert!(refused(make_set(vec![one.clone()], &budget())));
    assert!(refused(index(&make_dict(Vec::new(), &budget()).unwrap(), &one)));
    assert!(refused(builtin("str", call(vec![one.clone()]), &budget())));
    assert!(refused(binary(Binary::Eq, &one, &other, &budget())));
    assert!(refused(binary(Binary::Lt, &one, &other, &budget())));
    assert_eq!(depth(&one), 3);
}

#[test]
fn containers_stand_only_so_deep_in_each_other() {
    let mut nested = Value::Int(0);
    for _ in 0..DEPTH_MAX {
        nested = make_list(vec![nested]).unwrap();
    }
    assert!(refused(make_list(vec![nested.clone()])));
    assert!(refused(make_tuple(vec![nested.clone()])));
    assert!(refused(make_dict(vec![(Value::Int(1), nested.clone())], &budget())));
    for adding in [
        method(&mut Value::list(Vec::new()), "append", call(vec![nested.clone()]), &budget()),
        method(
            &mut make_dict(Vec::new(), &budget()).unwrap(),
            "setdefault",
            call(vec![Value::Int(1), nested.clone()]),
            &budget(),
        ),
        builtin("zip", call(vec![nested.clone()]), &budget()),
        builtin("enumerate", call(vec![nested.clone()]), &budget()),
    ] {
        assert!(refused(adding));
    }
    let mut list = Value::list(vec![Value::None]);
    assert!(set_index(&mut list, &Value::Int(0), nested, &budget()).is_err());
}

#[test]
fn what_changes_is_copied_only_where_others_hold_it() {
    let mut list = Value::list(vec![Value::Int(1)]);
    let before = list.clone();
    method(&mut list, "append", call(vec![Value::Int(2)]), &budget()).unwrap();
    assert_eq!(before, Value::list(vec![Value::Int(1)]));
    assert_eq!(list, Value::list(vec![Value::Int(1), Value::Int(2)]));
}
