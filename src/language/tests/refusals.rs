//! What Python has and the server does not, and which grammar an error speaks for: kind, words, line and column.

use super::*;

fn refused(rows: &[(&str, &str, &str, (usize, usize))]) {
    let bench = Bench::patient();
    let mut wrong = Vec::new();
    for (text, kind, words, (line, column)) in rows {
        let said = bench.say(text);
        let place = format!(" (line {line}, column {column})");
        if !said.starts_with(&format!("Error: {kind}: ")) || !said.contains(words) || !said.ends_with(&place)
        {
            wrong.push(format!("{text}\n  said {said}\n  not  {kind}: {words}{place}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const HAS_NOT: &str = "the server does not have ";

#[test]
fn what_the_server_does_not_have_is_said_with_its_place() {
    refused(&[
        ("5j", "syntax", "complex numbers", (1, 1)),
        ("1 + 2.5J", "syntax", "complex numbers", (1, 5)),
        ("class A: pass", "syntax", "'class'", (1, 1)),
        (
            "def f(x):\n  return x",
            "syntax",
            "'def'; a function of your own belongs into the functions folder",
            (1, 1),
        ),
        ("async def f(): pass", "syntax", "'async'", (1, 1)),
        ("with open('x') as f: f", "syntax", "'with'", (1, 1)),
        ("try:\n  1\nexcept: 2", "syntax", "'try'", (1, 1)),
        ("raise ValueError('x')", "syntax", "'raise'", (1, 1)),
        ("return 5", "syntax", "'return'", (1, 1)),
        ("yield 5", "syntax", "'yield'", (1, 1)),
        ("(yield)", "syntax", "'yield'", (1, 2)),
        ("await x", "syntax", "'await'", (1, 1)),
        ("global x", "syntax", "'global'", (1, 1)),
        ("nonlocal x", "syntax", "'nonlocal'", (1, 1)),
        ("assert 1", "syntax", "'assert'", (1, 1)),
        ("break", "syntax", "'break'", (1, 1)),
        ("for x in [1]: x", "syntax", "'for' statements; a comprehension may do", (1, 1)),
        ("while True: 1", "syntax", "'while' statements", (1, 1)),
        ("if 1: 2", "syntax", "'if' statements; 'x if condition else y' may do", (1, 1)),
        ("x = 1\nif x: 2", "syntax", "'if' statements", (2, 1)),
        ("(x := 5)", "syntax", "':=' (walrus)", (1, 4)),
        ("[y for x in [1] if (y := x)]", "syntax", "':=' (walrus)", (1, 23)),
        ("x: int = 5", "syntax", "annotations", (1, 2)),
        ("a @ b", "syntax", "'@'", (1, 3)),
        ("@f\nx", "syntax", "'@'", (1, 1)),
        ("...", "syntax", "'...' (Ellipsis)", (1, 1)),
        ("x[1:2, 3]", "syntax", "several slices in one index", (1, 6)),
        ("x[1, 2:3]", "syntax", "several slices in one index", (1, 7)),
        ("x.y = 5", "syntax", "assignment to attributes", (1, 1)),
        ("max(*[1, 2])", "syntax", "'*' and '**' in calls", (1, 5)),
        ("dict(**{'a': 1})", "syntax", "'*' and '**' in calls", (1, 6)),
        ("sorted([1], key=lambda x, y=1: x)", "syntax", "default values in a lambda", (1, 28)),
        ("list(map(lambda *a: a, [1]))", "syntax", "'*' and '/' in the parameters of a lambda", (1, 17)),
        ("'\\N{DASH}'", "syntax", "'\\N{…}' in strings", (1, 2)),
        ("'ab\\ud800'", "syntax", "surrogates", (1, 4)),
        ("import math as m", "syntax", "'import … as'", (1, 13)),
        ("import os", "name", "a module 'os'", (1, 8)),
        ("import math, os.path", "name", "a module 'os.path'", (1, 14)),
        ("from math import sqrt", "name", "'from … import'", (1, 1)),
        ("eval('1')", "name", "eval()", (1, 1)),
        ("1 + exec('1')", "name", "exec()", (1, 5)),
        ("open('/etc/passwd').read()", "name", "open()", (1, 1)),
        ("compile('1', 'x', 'eval')", "name", "compile()", (1, 1)),
        ("__import__('os')", "name", "__import__()", (1, 1)),
        ("globals()['x']", "name", "globals()", (1, 1)),
        ("locals()", "name", "locals()", (1, 1)),
        ("vars()", "name", "vars()", (1, 1)),
        ("getattr('a', 'upper')()", "name", "getattr()", (1, 1)),
        ("setattr(x, 'y', 1)", "name", "setattr()", (1, 1)),
        ("print(1)", "name", "print()", (1, 1)),
        ("input()", "name", "input()", (1, 1)),
        ("x = 1\ndir(x)", "name", "dir()", (2, 1)),
        ("complex(1, 2)", "name", "complex()", (1, 1)),
        ("bytearray(3)", "name", "bytearray()", (1, 1)),
        ("memoryview(b'a')", "name", "memoryview()", (1, 1)),
        ("super()", "name", "super()", (1, 1)),
        ("hash('a')", "name", "hash()", (1, 1)),
        ("id(1)", "name", "id()", (1, 1)),
        ("().__class__", "syntax", "'__class__'", (1, 4)),
        ("''.__class__.__mro__", "syntax", "'__class__'", (1, 4)),
        ("[].__len__()", "syntax", "'__len__'", (1, 4)),
        ("'{0}'.format(x.__dict__)", "syntax", "'__dict__'", (1, 16)),
        ("f'{x.__class__}'", "syntax", "'__class__'", (1, 6)),
        ("x.__class__ = 5", "syntax", "'__class__'", (1, 3)),
        ("str.__subclasses__()", "syntax", "'__subclasses__'", (1, 5)),
    ]);
    let bench = Bench::patient();
    for text in ["5j", "class A: pass", "eval('1')", "(x := 5)", "x.__class__", "import os", "max(*[1])"] {
        assert!(bench.say(text).contains(HAS_NOT), "{text}: {}", bench.say(text));
    }
}

#[test]
fn what_stands_only_in_some_places_is_said_where_it_stands_elsewhere() {
    refused(&[
        ("lambda x: x", "syntax", "a lambda may stand only as key=", (1, 1)),
        ("f = lambda x: x", "syntax", "a lambda may stand only as key=", (1, 5)),
        ("[lambda: 1]", "syntax", "a lambda may stand only as key=", (1, 2)),
        ("(x for x in [1])", "syntax", "a generator expression may stand only", (1, 1)),
        ("len(x for x in [1])", "syntax", "a generator expression may stand only", (1, 5)),
        (
            "x = [1 for y in [2]], (z for z in 'a')",
            "syntax",
            "a generator expression may stand only",
            (1, 23),
        ),
        ("len", "name", "'len' is a function and no value here", (1, 1)),
        ("[math]", "name", "'math' is a function or a module and no value here", (1, 2)),
        ("math.sqrt", "name", "'math.sqrt' is a function and no value here", (1, 1)),
        ("math.nope", "name", "module 'math' has no attribute 'nope'", (1, 1)),
        ("math.nope(1)", "name", "module 'math' has no function 'nope'", (1, 1)),
        ("[w for x in [1] if w for w in [2]]", "name", "'w' is used before the 'for'", (1, 20)),
        ("x = [2, 1]; x.sort(key=lambda v: x[0])", "syntax", "'x' cannot be looked at here", (1, 34)),
        (
            "MyData['x'].sort(key=lambda v: MyData['x'][0])",
            "syntax",
            "'MyData' cannot be looked at here",
            (1, 32),
        ),
        ("x = [1]; x.extend(len(x) for v in 'ab')", "syntax", "'x' cannot be looked at here", (1, 23)),
        ("x = [1]; x += map(lambda v: len(x), 'ab')", "syntax", "'x' cannot be looked at here", (1, 33)),
        (
            "x = [1]; x.extend(zip('ab', (len(x) for v in 'ab')))",
            "syntax",
            "'x' cannot be looked at here",
            (1, 34),
        ),
        ("[1, 2][0] = 5", "syntax", "only items of a name or of MyData can be assigned", (1, 1)),
    ]);
}

/// What Python raises is an error of the kind that says what is wrong, in one line.
#[test]
fn pythons_errors_keep_their_meaning() {
    talk(&[
        ("1/0", "Error: value: division by zero"),
        ("1//0", "Error: value: integer division or modulo by zero"),
        ("1.5 % 0", "Error: value: float modulo"),
        ("0 ** -1", "Error: value: 0.0 cannot be raised to a negative power"),
        ("int('x')", "Error: value: invalid literal for int() with base 10: 'x'"),
        ("float('x')", "Error: value: could not convert string to float: 'x'"),
        ("{'a': 1}['b']", "Error: value: no key 'b' in the dict"),
        ("{}.popitem()", "Error: value: popitem(): dictionary is empty"),
        ("[1][5]", "Error: value: list index out of range"),
        ("(1,)[5]", "Error: value: tuple index out of range"),
        ("'a'[5]", "Error: value: string index out of range"),
        ("[].pop()", "Error: value: pop from empty list"),
        ("[1].index(2)", "Error: value: 2 is not in list"),
        ("'a'.index('b')", "Error: value: substring not found"),
        ("max([])", "Error: value: max() arg is an empty sequence"),
        ("chr(-1)", "Error: value: chr() arg not in range(0x110000)"),
        ("a, b = [1]", "Error: value: not enough values to unpack (expected 2, got 1)"),
        ("a, b = [1, 2, 3]", "Error: value: too many values to unpack (expected 2)"),
        ("next(iter([]))", "Error: value: the iterator has no more items"),
        ("math.sqrt(-1)", "Error: value: math domain error"),
        ("'é'.encode('ascii')", "Error: value: 'ascii' codec can't encode…"),
        ("format(1, 'q')", "Error: value: Unknown format code 'q' for object of type 'int'"),
        ("'a' + 1", "Error: type: can only concatenate str (not \"int\") to str"),
        ("1 + 'a'", "Error: type: unsupported operand type(s) for +: 'int' and 'str'"),
        ("None + 1", "Error: type: unsupported operand type(s) for +: 'NoneType' and 'int'"),
        ("1 < 'a'", "Error: type: '<' not supported between instances of 'int' and 'str'"),
        ("sorted([1, 'a'])", "Error: type: '<' not supported between instances of 'str' and 'int'"),
        ("-'a'", "Error: type: bad operand type for unary -: 'str'"),
        ("len(5)", "Error: type: object of type 'int' has no len()"),
        ("5[0]", "Error: type: 'int' object is not subscriptable"),
        ("[1]['a']", "Error: type: list indices must be integers or slices, not 'str'"),
        ("{[1]: 2}", "Error: type: unhashable type: 'list'"),
        ("for_each = 5; for_each()", "Error: type: 'int' object is not callable"),
        ("[x for x in 5]", "Error: type: 'int' object is not iterable"),
        ("len()", "Error: type: len() missing required argument: 'argument'"),
        ("len(1, 2)", "Error: type: len() takes at most 1 argument (2 given)"),
        ("round(1.5, ndigit=1)", "Error: type: 'ndigit' is an invalid keyword argument for round()"),
        ("[1, 2]['x':]", "Error: type: slice indices must be integers or None"),
        ("format([1], '>5')", "Error: type: 'list' takes no format specification"),
        ("nix", "Error: name: name 'nix' is not defined"),
        ("'a'.nix()", "Error: name: 'str' object has no attribute 'nix'"),
        ("(5).nix", "Error: name: 'int' object has no attribute 'nix'"),
    ]);
}

/// A name of a thousand characters does not make an error of a thousand; nothing in it is a line end.
#[test]
fn an_error_is_one_line_that_can_be_read() {
    on_script_thread(|| {
        let bench = Bench::patient();
        let long = "x".repeat(5_000);
        for text in [
            long.clone(),
            format!("{long}()"),
            format!("'a'.{long}"),
            format!("1 {long}"),
            format!("import {long}"),
            format!("math.{long}"),
            format!("len({long}=1)"),
            format!("int('{long}')"),
            format!("{{}}['{long}']"),
            format!("('{{0.' + '{long}' + '}}').format(1)"),
            format!("let y = 1; {long}"),
            format!("let y = 1; {long}()"),
            format!("let y = 1; let {long} 5"),
            String::from("let y = 1; throw \"a\" * 60000"),
            String::from("let y = 1; throw \"a\\nb\\r\\u001bc\""),
            String::from("let y = 1; throw 42"),
            String::from("let y = 1; throw #{a: 1}"),
            String::from("let y = 1; throw [1]"),
        ] {
            let said = bench.say(&text);
            assert!(said.starts_with("Error: "), "{said}");
            assert!(said.chars().count() < 400 && !said.contains(char::is_control), "{said}");
        }
        assert_eq!(bench.say("let y = 1; throw \"a\\nb\""), "Error: value: a b");
        assert_eq!(bench.say("let y = 1; throw 42"), "Error: value: 42");
    });
}

/// `limit`, and never a wrap or a float in its place.
#[test]
fn integers_end_at_64_bits() {
    let limit = "Error: limit: the result does not fit into 64 bits";
    talk(&[
        ("9223372036854775807 + 1", limit),
        ("-9223372036854775808 - 1", limit),
        ("9223372036854775807 * 2", limit),
        ("2 ** 63", limit),
        ("2 ** 62 * 2 - 1", limit),
        ("-2 ** 63", limit),
        ("(-2) ** 63", "-9223372036854775808"),
        ("1 << 63", limit),
        ("-(-9223372036854775808)", limit),
        ("abs(-9223372036854775808)", limit),
        ("-9223372036854775808 // -1", limit),
        ("99999999999999999999", limit),
        ("0xFFFFFFFFFFFFFFFFFF", limit),
        ("int('9223372036854775808')", limit),
        ("int(1e300)", limit),
        ("round(1e19)", limit),
        ("sum([9223372036854775807, 1])", limit),
        ("pow(3, 100)", limit),
        ("x = 9223372036854775807; x += 1", limit),
        ("9223372036854775807 / 1", "9.223372036854776e+18"),
        ("pow(3, 100, 7)", "4"),
        ("1e308 * 10", "inf"),
    ]);
}

/// What Python refuses is refused, though Rhai would read it: no sign of Rhai's stands in it.
#[test]
fn pythons_syntax_errors_are_errors() {
    refused(&[
        ("017", "syntax", "leading zeros", (1, 1)),
        ("1__0", "syntax", "invalid decimal literal", (1, 1)),
        ("1_", "syntax", "invalid decimal literal", (1, 1)),
        ("0x", "syntax", "invalid hexadecimal literal", (1, 1)),
        ("0b12", "syntax", "invalid binary literal", (1, 1)),
        ("5x", "syntax", "invalid decimal literal", (1, 1)),
        ("1 2", "syntax", "", (1, 3)),
        ("x y", "syntax", "", (1, 3)),
        ("(1", "syntax", "'(' was never closed", (1, 1)),
        ("1)", "syntax", "unmatched ')'", (1, 2)),
        ("(1]", "syntax", "does not match", (1, 3)),
        ("'a", "syntax", "unterminated string literal", (1, 1)),
        ("'''a", "syntax", "unterminated triple-quoted string literal", (1, 1)),
        ("'\\x4'", "syntax", "truncated", (1, 2)),
        ("b'é'", "syntax", "ASCII", (1, 3)),
        ("'a' b'b'", "syntax", "cannot mix", (1, 1)),
        ("x = ", "syntax", "ends too early", (1, 5)),
        ("1 = x", "syntax", "cannot assign to literal", (1, 1)),
        ("f() = 1", "syntax", "cannot assign to function call", (1, 1)),
        ("x + 1 = 2", "syntax", "cannot assign to expression", (1, 1)),
        ("a, *b, *c = x", "syntax", "multiple starred", (1, 1)),
        ("*a = x", "syntax", "starred", (1, 1)),
        ("x =+ ", "syntax", "ends too early", (1, 6)),
        ("x += y = 1", "syntax", "", (1, 8)),
        ("if", "syntax", "", (1, 1)),
        ("1 if 2", "syntax", "'else'", (1, 7)),
        ("not", "syntax", "ends too early", (1, 4)),
        ("a not b", "syntax", "expected 'in' after 'not'", (1, 7)),
        ("x is", "syntax", "ends too early", (1, 5)),
        ("f(a=1, 2)", "syntax", "positional argument follows keyword argument", (1, 8)),
        ("f(a=1, a=2)", "syntax", "keyword argument repeated", (1, 8)),
        ("f(x for x in y, 1)", "syntax", "parenthesized", (1, 3)),
        ("[x for]", "syntax", "", (1, 7)),
        ("[x for 5 in y]", "syntax", "", (1, 8)),
        ("{1: 2, 3}", "syntax", "expected ':'", (1, 9)),
        ("{1, 2: 3}", "syntax", "", (1, 6)),
        ("x[]", "syntax", "expected an index", (1, 3)),
        ("x[1:2:3:4]", "syntax", "", (1, 9)),
        ("x.5", "syntax", "", (1, 2)),
        ("x?", "syntax", "'?' means nothing here", (1, 2)),
        ("$x", "syntax", "'$' means nothing here", (1, 1)),
        ("f'{'", "syntax", "f-string", (1, 4)),
        ("f'{}'", "syntax", "empty expression", (1, 4)),
        ("f'}'", "syntax", "single '}'", (1, 3)),
        ("x = 1\n  y = 2", "syntax", "unexpected indent", (2, 3)),
        ("1;;2", "syntax", "", (1, 3)),
        ("x = 1\ny = (2,\nz = 3", "syntax", "", (3, 3)),
        ("'È' + 'é' +", "syntax", "ends too early", (1, 12)),
        ("0..3", "syntax", "", (1, 3)),
        ("a ++ ", "syntax", "ends too early", (1, 6)),
        ("x++", "syntax", "ends too early", (1, 4)),
        ("a <> b", "syntax", "", (1, 4)),
        ("None = 1", "syntax", "cannot assign to None", (1, 1)),
        ("True += 1", "syntax", "cannot assign to True", (1, 1)),
        ("lambda x, x: 1", "syntax", "duplicate argument", (1, 1)),
        ("del 5", "syntax", "cannot assign to literal", (1, 5)),
    ]);
}

/// The text's own signs decide for whom an error speaks.
#[test]
fn an_error_speaks_for_the_grammar_that_the_text_looks_like() {
    let bench = Bench::patient();
    let mut wrong = Vec::new();
    for (text, start, at) in [
        // Python: `while` with a colon, a dict, a slice with two colons, a comment that looks like Rhai.
        ("while x: y", "Error: syntax: the server does not have 'while'", (1, 1)),
        ("for x in range(3): x", "Error: syntax: the server does not have 'for'", (1, 1)),
        ("x[1::2] = 5 5", "Error: syntax: ", (1, 13)),
        ("# let x = 1;\n1 +", "Error: syntax: expected an expression", (2, 4)),
        ("'a && b' c", "Error: syntax: ", (1, 10)),
        ("{'if': 1} else", "Error: syntax: ", (1, 11)),
        // Rhai: `let`, braces, `&&`, back ticks, `#{`.
        ("let x = 5 5", "Error: syntax: expecting ';' to terminate this statement", (1, 11)),
        ("let x = 1;\nlet y = ;", "Error: syntax: ", (2, 9)),
        ("if true { 1 } else", "Error: syntax: ", (1, 19)),
        ("fn f( { 1 }", "Error: syntax: ", (1, 7)),
        ("x && ", "Error: syntax: ", (1, 6)),
        ("`a${", "Error: syntax: ", (1, 5)),
        ("#{a: 1, b}", "Error: syntax: ", (1, 10)),
        ("while x { y", "Error: syntax: ", (1, 12)),
        ("for x in y { z } }", "Error: syntax: ", (1, 18)),
        ("loop { break 5; ", "Error: syntax: ", (1, 17)),
    ] {
        let said = bench.say(text);
        let (line, column) = at;
        let place = format!(" (line {line}, column {column})");
        if !said.starts_with(start) || !said.ends_with(&place) {
            wrong.push(format!("{text}\n  said {said}\n  not  {start}{place}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
