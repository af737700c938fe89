//! JSON as the daemon writes it, as others may, and as nobody should.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::{Value, parse_json};

fn repr(text: &str) -> String {
    parse_json(text).unwrap_or_else(|error| panic!("{text}: {error}")).repr()
}

#[test]
fn each_type_is_read() {
    for (text, expected) in [
        ("null", "None"),
        (" true ", "True"),
        ("false", "False"),
        ("0", "0"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        ("17", "17"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("1.0", "1.0"),
        ("1e+16", "1e+16"),
        ("1E2", "100.0"),
        ("5.127933703747114", "5.127933703747114"),
        ("\"inf\"", "'inf'"),
        ("[]", "[]"),
        ("[1, [2],\t\"x\"]", "[1, [2], 'x']"),
        ("{}", "{}"),
        ("{\"a\": {\"b\": null}, \"a\": 1}", "{'a': {'b': None}, 'a': 1}"),
        (r#""\"\\\/\b\f\n\r\t""#, r#"'"\\/\x08\x0c\n\r\t'"#),
        (r#""\u00c8È\ud83d\ude00😀""#, "'ÈÈ😀😀'"),
    ] {
        assert_eq!(repr(text), expected, "{text}");
    }
}

#[test]
fn a_number_of_any_size_is_read_or_refused() {
    assert_eq!(parse_json("1e400"), Ok(Value::Float(f64::INFINITY)));
    for text in ["9223372036854775808", "1".repeat(100).as_str()] {
        assert_eq!(parse_json(text).unwrap_err().message, "not a whole number of 64 bits");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "nul",
        "None",
        "True",
        "'x'",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "1e+",
        "0x1",
        "--1",
        "1 2",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,]",
        "[1 2]",
        "]",
        "{",
        "{1: 2}",
        "{\"a\"}",
        "{\"a\": }",
        "{\"a\": 1,}",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\n\"",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\\È\"",
        "\u{feff}1",
        "nulll",
        "[1]]",
    ] {
        assert!(parse_json(text).is_err(), "{text}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(parse_json(&deep(150)).is_ok());
    assert_eq!(parse_json(&deep(100_000)).unwrap_err().message, "brackets nested too deeply");
    assert!(parse_json(&"{\"a\":".repeat(100_000)).is_err());
}

#[test]
fn every_cut_of_a_text_is_refused_and_none_is_fatal() {
    let text = r#"{"message":{"n":17,"at":1700000000.25,"body":["È\u00c8\ud83d\ude00",-1.5e-7,{"k":null}]}}"#;
    assert!(parse_json(text).is_ok());
    for (at, _) in text.char_indices() {
        assert!(parse_json(&text[..at]).is_err(), "{}", &text[..at]);
    }
}
