//! Expressions that touch nothing shared, by both ways.

use super::*;

#[test]
fn sums_and_branches() {
    talk(&[
        (" ( 1 + 1 ) * 2", "4"),
        ("1 < 2 < 3", "True"),
        ("1 < 3 < 2", "False"),
        ("3 < 1 < 1/0", "False"),
        ("1 and 2", "2"),
        ("0 and 1/0", "0"),
        ("0 or '' or 'x' or 1/0", "x"),
        ("1 if 0 else 2", "2"),
        ("1 if 1 else 1/0", "1"),
        ("not 1", "False"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "Error: limit: the result does not fit into 64 bits"),
        ("1/0", "Error: value: division by zero"),
        ("f'{1+1}{2!r:3}x'", "22  x"),
    ]);
}

#[test]
fn comprehensions_are_loops() {
    talk(&[
        ("[x*2 for x in [1,2,3] if x > 1]", "[4, 6]"),
        ("[(x, y) for x in [1,2] for y in [3,4] if x + y > 4]", "[(1, 4), (2, 3), (2, 4)]"),
        ("{k: v for k, v in [(1, 2), (3, 4)]}", "{1: 2, 3: 4}"),
        ("[[y for y in [x, x]] for x in [1, 2]]", "[[1, 1], [2, 2]]"),
        ("sum(x for x in [1, 2])", "3"),
        ("any(x > 1 or 1/0 for x in [2, 0])", "True"),
        ("all(x < 2 for x in [1, 5] for y in [1])", "False"),
        ("all(x < 9 for x in [1, 5])", "True"),
        ("[x for x in [1, 2] if x > 1 and x < 3]", "[2]"),
        ("[a if a else 7 for a in [0, 1]]", "[7, 1]"),
        ("(x for x in [1])", "Error: syntax: a generator expression…"),
        ("next(x for x in [0, 3, 1/1] if x)", "3"),
        ("next((x for x in []), 7)", "7"),
        ("next(x for x in [])", "Error: value: the iterator has no more items"),
        ("2 in (x for x in [1, 2, 3])", "True"),
        ("[y for y in (x + 1 for x in [1, 2])]", "[2, 3]"),
        ("[w for x in [1] if w for w in [2]]", "Error: name: 'w' is used before the 'for'…"),
        ("[x for x in 5]", "Error: type: 'int' object is not iterable"),
        ("[x for x in [1]] + [x]", "Error: name: name 'x' is not defined"),
    ]);
}

#[test]
fn lambdas_are_inlined() {
    talk(&[
        ("sorted([3, 1, 2], key=lambda v: -v)", "[3, 2, 1]"),
        ("sorted(['bb', 'a'], key=len)", "['a', 'bb']"),
        ("max('a', 'bbb', 'cc', key=len)", "bbb"),
        ("list(map(lambda x: x + 1, [1, 2]))", "[2, 3]"),
        ("list(map(lambda x, y: x + y, [1, 2], [10, 20]))", "[11, 22]"),
        ("list(map(str.upper, ['a']))", "['A']"),
        ("list(map(str, [1]))", "['1']"),
        ("list(filter(lambda x: x > 1, [1, 2]))", "[2]"),
        ("list(filter(None, [0, 2]))", "[2]"),
        ("sorted([1], key=None)", "[1]"),
        ("lambda x: x", "Error: syntax: a lambda…"),
        ("sorted([1], key=5)", "Error: type: 'int' object is not callable"),
        ("sorted([1], key=lambda: 1)", "Error: type: this lambda gets 1 arguments and takes 0"),
        ("sorted([3, 1], [2], key=lambda v: v)", "Error: type: …"),
        ("sorted(key=lambda v: v)", "Error: type: …"),
        ("sorted(['b', 'a'], key={'a': 2, 'b': 1}.get)", "['b', 'a']"),
        ("list(map(', '.join, [['a', 'b']]))", "['a, b']"),
        ("[sorted([x, 1], key=lambda v: v * x) for x in [-1, 2]]", "[[1, -1], [1, 2]]"),
    ]);
}

#[test]
fn what_is_not_there_is_named() {
    talk(&[
        ("eval('1')", "Error: name: the server does not have eval() (line 1, column 1)"),
        ("__import__('os')", "Error: name: the server does not have __import__() (line 1, column 1)"),
        ("foo(1)", "Error: name: there is no function 'foo'; help() lists them all"),
        ("len = 5", "Error: state: the name 'len' belongs to the server and cannot be assigned"),
        ("math = 5", "Error: state: the name 'math'…"),
        ("MyData = 5", "Error: state: the name 'MyData'…"),
        ("[1 for len in [1]]", "[1]"),
        ("me", "Error: name: 'me' is a session's own ID, and this is no session"),
        ("math.sqrt(4)", "2.0"),
        ("math.pi", "3.141592653589793"),
        ("math.nix(4)", "Error: name: module 'math' has no function 'nix' (line 1, column 1)"),
        ("math.sqrt", "Error: name: 'math.sqrt' is a function and no value here; call it (line 1, column 1)"),
        ("math", "Error: name: 'math' is a function or a module…"),
        ("import math", "OK"),
        ("import os", "Error: name: the server does not have a module 'os' (line 1, column 8)"),
        ("", "Error: syntax: there is no expression (line 1, column 1)"),
        ("1 +", "Error: syntax: expected an expression; the expression ends too early (line 1, column 4)"),
        ("while True: 1", "Error: syntax: the server does not have 'while' statements…"),
    ]);
}

#[test]
fn order_of_evaluation_is_pythons() {
    // Each operand is spilled or inline; the order of effects stays.
    talk(&[
        ("x = [0]", "OK"),
        ("[x.append(len(x)), (1 if x else 2), x.append(len(x)), len(x)]", "[None, 1, None, 3]"),
        ("x", "[0, 1, 2]"),
        ("[x.pop(), 1 and x.pop(), x.pop()]", "[2, 1, 0]"),
    ]);
}

#[test]
fn long_texts_are_flat() {
    let sum = vec!["1"; 250].join("+");
    let branchy = format!("({sum}) if 1 else 2");
    let deep = format!("{}1{}", "(".repeat(64), ")".repeat(64));
    let deep_branch = format!("{}1{}", "(0 or ".repeat(64), ")".repeat(64));
    let else_chain = format!("{}7", "1 if 0 else ".repeat(64));
    let conjunction = vec!["1"; 2_000].join(" and ");
    let chain = vec!["1"; 300].join(" <= ");
    let list = format!("[{}] if 1 else 2", vec!["1"; 10_000].join(","));
    let listed = format!("[{}]", vec!["1"; 10_000].join(", "));
    talk(&[
        (&sum, "250"),
        (&branchy, "250"),
        (&deep, "1"),
        (&deep_branch, "1"),
        (&else_chain, "7"),
        (&conjunction, "1"),
        (&chain, "True"),
        (&list, &listed),
    ]);
}
