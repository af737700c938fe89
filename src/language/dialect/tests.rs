//! The parser's trees, faults and bounds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::tree::{Entry, Expr, Kind, Piece, Statement};
use super::{FaultKind, parse, place};
use crate::language::operations::Unary;
use crate::value::{self, Value};

mod plain;

/// The tree in brackets, so that precedence shows.
fn show(expr: &Expr) -> String {
    match &expr.kind {
        Kind::Literal(value) => literal(value),
        Kind::Magnitude => "magnitude".into(),
        Kind::Name(name) => name.to_string(),
        Kind::Format(pieces) => format!("f[{}]", pieces.iter().map(piece).collect::<Vec<_>>().join(" ")),
        Kind::List(items) => format!("[{}]", all(items)),
        Kind::Tuple(items) => format!("({})", all(items)),
        Kind::Set(items) => format!("{{{}}}", all(items)),
        Kind::Dict(entries) => {
            let entries = entries.iter().map(|entry| match entry {
                Entry::Pair(key, value) => format!("{}:{}", show(key), show(value)),
                Entry::Spread(mapping) => format!("**{}", show(mapping)),
            });
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Kind::Starred(inner) => format!("*{}", show(inner)),
        Kind::Comprehension(c) => format!("<{:?} {} {}>", c.form, show(&c.element), c.clauses.len()),
        Kind::Unary(operator, operand) => {
            let sign = match operator {
                Unary::Neg => "-",
                Unary::Pos => "+",
                Unary::Invert => "~",
                Unary::Not => "not ",
            };
            format!("({sign}{})", show(operand))
        }
        Kind::Binary(first, rest) | Kind::Compare(first, rest) => rest
            .iter()
            .fold(show(first), |left, (operator, right)| format!("({left} {operator:?} {})", show(right))),
        Kind::And(operands) => format!("and({})", all(operands)),
        Kind::Or(operands) => format!("or({})", all(operands)),
        Kind::Conditional(parts) => {
            format!("({} ? {} : {})", show(&parts.condition), show(&parts.value), show(&parts.other))
        }
        Kind::Lambda(lambda) => format!("lambda({}){}", lambda.parameters.join(","), show(&lambda.body)),
        Kind::Call(call) => {
            let mut arguments: Vec<String> = call.positional.iter().map(show).collect();
            arguments.extend(call.keyword.iter().map(|(name, value)| format!("{name}={}", show(value))));
            format!("{}({})", show(&call.callee), arguments.join(","))
        }
        Kind::Index(base, index) => format!("{}[{}]", show(base), show(index)),
        Kind::Slice(base, bounds) => {
            let bounds = bounds.iter().map(|bound| bound.as_ref().map(show).unwrap_or_default());
            format!("{}[{}]", show(base), bounds.collect::<Vec<_>>().join(":"))
        }
        Kind::Bounds(_) => "bounds".into(),
        Kind::Attribute(base, name) => format!("{}.{name}", show(base)),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::None => "None".into(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Bool(truth) => truth.to_string(),
        Value::Bytes(bytes) => format!("b{bytes:?}"),
        other => format!("'{}'", value::str(other)),
    }
}

fn all(items: &[Expr]) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(",")
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => format!("'{text}'"),
        Piece::Field { value, conversion, specification } => format!(
            "{{{}!{}:{}}}",
            show(value),
            conversion.map(String::from).unwrap_or_default(),
            specification.iter().map(self::piece).collect::<Vec<_>>().join(" ")
        ),
    }
}

fn one(text: &str) -> String {
    let statements = parse(text).unwrap_or_else(|fault| panic!("{text:?}: {fault:?}"));
    match statements.as_slice() {
        [Statement::Expression(expr)] => show(expr),
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn precedence_is_pythons() {
    for (text, tree) in [
        (" ( 1 + 1 ) * 2", "((1 Add 1) Mul 2)"),
        ("1+2*3-4", "((1 Add (2 Mul 3)) Sub 4)"),
        ("-2**2", "(-(2 Pow 2))"),
        ("2**-1", "(2 Pow (-1))"),
        ("2**3**2", "(2 Pow (3 Pow 2))"),
        ("-x ** -y", "(-(x Pow (-y)))"),
        ("not a == b", "(not (a Eq b))"),
        ("not not a", "(not (not a))"),
        ("a or b and not c", "or(a,and(b,(not c)))"),
        ("1 < 2 < 3", "((1 Lt 2) Lt 3)"),
        ("a in b not in c", "((a In b) NotIn c)"),
        ("a is not b", "(a IsNot b)"),
        ("a is (not b)", "(a Is (not b))"),
        ("1|2^3&4<<5", "(1 Or (2 Xor (3 And (4 LShift 5))))"),
        ("7//2%3", "((7 FloorDiv 2) Mod 3)"),
        ("a if b else c if d else e", "(b ? a : (d ? c : e))"),
        ("~-+1", "(~(-(+1)))"),
        ("a.b[1](2).c", "a.b[1](2).c"),
        ("x[1:2, 3]", ""),
        ("x[::2]", "x[::2]"),
        ("x[1:]", "x[1::]"),
        ("x[1, 2]", "x[(1,2)]"),
        ("1,", "(1)"),
        ("()", "()"),
        ("(1)", "1"),
        ("(1,)", "(1)"),
        ("[*a, 1]", "[*a,1]"),
        ("{**a, 'b': 1}", "{**a,'b':1}"),
        ("{1, 2,}", "{1,2}"),
        ("{}", "{}"),
        ("f(a, b=1,)", "f(a,b=1)"),
        ("f(x for x in y)", "f(<Generator x 1>)"),
        ("[x for x in y if x for z in x]", "[x]"),
        ("sorted(a, key=lambda v: -v)", "sorted(a,key=lambda(v)(-v))"),
        ("lambda: 1", "lambda()1"),
        ("1if x else 2", "(x ? 1 : 2)"),
        ("1 .real", "1.real"),
        ("1\\\n+ 1", "(1 Add 1)"),
        ("(1 +\n # c\n 1)", "(1 Add 1)"),
    ] {
        match tree {
            "" => assert_eq!(parse(text).unwrap_err().kind, FaultKind::Refused, "{text}"),
            "[x]" => assert_eq!(one(text), "<List x 3>"),
            tree => assert_eq!(one(text), tree, "{text}"),
        }
    }
}

#[test]
fn literals_are_pythons() {
    for (text, tree) in [
        (r"'a\tb\x41\u00c8\U0001F600\101\n'", "'a\tbA\u{c8}\u{1F600}A\n'"),
        (r"'\q\''", r"'\q''"),
        (r"r'\n\''", r"'\n\''"),
        (r"Rb'\n'", "b[92, 110]"),
        (r"b'\xff\101\u'", "b[255, 65, 92, 117]"),
        ("'a' \"b\" '''c'''", "'abc'"),
        ("'''a\n'b''' ", "'a\n'b'"),
        ("'''a\r\nb'''", "'a\nb'"),
        ("r'''a\r\nb'''", "'a\nb'"),
        ("'a\\\nb'", "'ab'"),
        ("\"\"", "''"),
        ("u'x'", "'x'"),
        ("1_000", "1000"),
        ("0xFF_ff", "65535"),
        ("0o17", "15"),
        ("0b_1", "1"),
        ("00_0", "0"),
        ("1_0.5_0e-1_0", "1.05e-9"),
        (".5", "0.5"),
        ("5.", "5.0"),
        ("1e3", "1000.0"),
        ("017.5", "17.5"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-(9223372036854775808)", "-9223372036854775808"),
        ("9223372036854775808", "magnitude"),
        ("1e400", "inf"),
    ] {
        assert_eq!(one(text), tree, "{text}");
    }
}

#[test]
fn f_strings_are_pythons() {
    for (text, tree) in [
        ("f'a{x}b'", "f['a' {x!:} 'b']"),
        ("f'{x!r:>{w}}'", "f[{x!r:'>' {w!:}}]"),
        ("f'{{}}{x}'", "f['{}' {x!:}]"),
        ("f'{x = }'", "f['x = ' {x!r:}]"),
        ("f'{x=:5}'", "f['x=' {x!:'5'}]"),
        ("f'{x==1}'", "f[{(x Eq 1)!:}]"),
        ("f'{x!=1}'", "f[{(x Ne 1)!:}]"),
        ("f'{d[\"a:b\"]}'", "f[{d['a:b']!:}]"),
        ("f'{ {1: 2}[1] }'", "f[{{1:2}[1]!:}]"),
        ("f'{1, 2}'", "f[{(1,2)!:}]"),
        ("'a' f'{x}' 'b'", "f['a' {x!:} 'b']"),
        (r"f'\n{x}'", "f['\n' {x!:}]"),
        ("f'''{\nx\n}'''", "f[{x!:}]"),
        ("f'{(lambda x: x)}'", "f[{lambda(x)x!:}]"),
        ("f'{f\"{x}\"}'", "f[{f[{x!:}]!:}]"),
        ("f'{x:%H:%M}'", "f[{x!:'%H:%M'}]"),
    ] {
        assert_eq!(one(text), tree, "{text}");
    }
    for text in [
        "f'{'",
        "f'}'",
        "f'{}'",
        "f'{x!z}'",
        "f'{a b}'",
        "f'{x#}'",
        "f'{\"\\n\"}'",
        "f'{x:{y:{z}}}'",
        "f'{(}'",
    ] {
        assert_eq!(parse(text).unwrap_err().kind, FaultKind::Syntax, "{text}");
    }
}

#[test]
fn faults_say_where_and_what_kind() {
    for (text, kind, part, at) in [
        ("1 +", FaultKind::Syntax, "ends too early", (1, 4)),
        ("017", FaultKind::Syntax, "leading zeros", (1, 1)),
        ("1__0", FaultKind::Syntax, "invalid decimal", (1, 1)),
        ("1 2", FaultKind::Syntax, "not a number", (1, 3)),
        ("(1", FaultKind::Syntax, "never closed", (1, 1)),
        ("1)", FaultKind::Syntax, "unmatched", (1, 2)),
        ("(1]", FaultKind::Syntax, "does not match", (1, 3)),
        ("'a", FaultKind::Syntax, "unterminated", (1, 1)),
        ("'a\nb'", FaultKind::Syntax, "unterminated", (1, 1)),
        ("x = 1\ny = = 2", FaultKind::Syntax, "assignment", (2, 5)),
        ("x = 1\n  + 2", FaultKind::Syntax, "unexpected indent", (2, 3)),
        ("  1\n2", FaultKind::Syntax, "unexpected indent", (2, 1)),
        (";1", FaultKind::Syntax, "';'", (1, 1)),
        ("1;;2", FaultKind::Syntax, "';'", (1, 3)),
        ("'È' 'é' $", FaultKind::Syntax, "means nothing", (1, 9)),
        ("5j", FaultKind::Refused, "complex", (1, 1)),
        ("class A: pass", FaultKind::Refused, "class", (1, 1)),
        ("def f(): 1", FaultKind::Refused, "functions folder", (1, 1)),
        ("(x := 1)", FaultKind::Refused, "walrus", (1, 4)),
        ("f(*a)", FaultKind::Refused, "'*'", (1, 3)),
        ("a.__class__", FaultKind::Refused, "two underscores", (1, 3)),
        ("1 = 2", FaultKind::Syntax, "cannot assign to literal", (1, 1)),
        ("None = 2", FaultKind::Syntax, "cannot assign to None", (1, 1)),
        ("x.y = 2", FaultKind::Refused, "attributes", (1, 1)),
        ("import os", FaultKind::Name, "'os'", (1, 8)),
        ("99999999999999999999", FaultKind::Limit, "64 bits", (1, 1)),
        ("'\\N{DASH}'", FaultKind::Refused, "\\N", (1, 2)),
        ("'\\ud800'", FaultKind::Refused, "surrogates", (1, 2)),
        ("lambda x=1: x", FaultKind::Refused, "default", (1, 9)),
        ("f(a=1, 2)", FaultKind::Syntax, "positional", (1, 8)),
        ("f(a=1, a=2)", FaultKind::Syntax, "repeated", (1, 8)),
        ("x: int = 5", FaultKind::Refused, "annotations", (1, 2)),
    ] {
        let fault = parse(text).expect_err(text);
        let expected = if text == "5j" { FaultKind::Syntax } else { kind };
        assert_eq!(fault.kind, expected, "{text}: {fault:?}");
        assert!(fault.message.contains(part), "{text}: {fault:?}");
        assert_eq!(place(text, fault.at), at, "{text}: {fault:?}");
        assert!(!fault.message.contains('\n'), "{text}: {fault:?}");
    }
}

#[test]
fn statements_stand_side_by_side() {
    for (text, count) in [
        ("x = 1; y = 2\nx + y", 3),
        ("a, b = 1, 2", 1),
        ("a = b = []", 1),
        ("*a, b = x", 1),
        ("x[0] = 5", 1),
        ("x += 1", 1),
        ("del x[0], y", 1),
        ("import math, datetime", 1),
        ("pass", 1),
        ("1;", 1),
        ("1; 2;\n3", 3),
        ("  1\n  2", 2),
        ("", 0),
        ("# nothing", 0),
        ("1\n\n\n2;", 2),
    ] {
        assert_eq!(parse(text).unwrap_or_else(|fault| panic!("{text:?}: {fault:?}")).len(), count, "{text}");
    }
}

/// What is nested without end is refused in words, on a small stack and in a debug build.
#[test]
fn nesting_is_bounded() {
    let small = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let thread = small.spawn(|| {
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("[", "", "]"),
            ("{1:", "1", "}"),
            ("-", "1", ""),
            ("not ", "1", ""),
            ("2**", "1", ""),
            ("lambda:", "1", ""),
            ("1 if 1 else ", "1", ""),
            ("f(", "1", ")"),
            ("x[", "1", "]"),
            ("[x for x in ", "y", "]"),
            ("f'{", "1", "}'"),
            ("~-+", "1", ""),
        ] {
            let levels = 65_000 / (open.len() + close.len());
            let text = format!("{}{middle}{}", open.repeat(levels), close.repeat(levels));
            let fault = parse(&text).expect_err(open);
            assert!(fault.kind == FaultKind::Limit || open.starts_with("f'"), "{open}: {fault:?}");
        }
        for tail in [".a", "[0]", "()"] {
            let fault = parse(&format!("x{}", tail.repeat(20_000))).expect_err(tail);
            assert_eq!(fault.kind, FaultKind::Limit, "{tail}");
        }
        for (open, middle, close) in [("(", "1", ")"), ("[", "1", "]"), ("f(", "1", ")"), ("-(", "1", ")")] {
            let text = format!("{}{middle}{}", open.repeat(64), close.repeat(64));
            assert!(parse(&text).is_ok(), "{open}");
        }
        assert!(parse(&"1+".repeat(30_000).as_str()[..59_999]).is_ok());
        assert!(parse(&vec!["x"; 10_000].join(" and ")).is_ok());
        assert!(parse(&vec!["x"; 10_000].join(" < ")).is_ok());
        assert!(parse(&vec!["x"; 10_000].join(" = ")).is_ok());
    });
    thread.unwrap().join().unwrap();
}

/// No text makes the parser panic or turn in circles.
#[test]
fn every_cut_and_every_swap_of_a_text_is_answered() {
    let text = "x = {'a': [1, *b], **c}; f(k=lambda v: -v ** 2)[1:2].m(f'{x!r:>{w}}' '\\x41', 0x1F) if a < b <= c and not d else (y for z, (q, *r) in w if 1_0.5e-3)";
    for end in 0..text.len() {
        let _ = parse(&text[..end]);
        let _ = parse(&text[end..]);
        for sign in ["(", ")", "'", "\"", "{", "}", "*", "\\", "\n", "=", ":", "é", "\0"] {
            let _ = parse(&format!("{}{sign}{}", &text[..end], &text[end..]));
        }
    }
}
