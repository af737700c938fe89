//! Calls that are read without a tree, and the same texts with one.

use super::super::{parse, plain_call, words::is_keyword};
use super::{Statement, Value, literal, show};

/// The call as `plain_call` reads it, and as the parser does, each shown the same way.
fn both_ways(text: &str) -> (Option<String>, Option<String>) {
    let shown = |values: &[Value]| values.iter().map(literal).collect::<Vec<_>>().join(",");
    let plain = plain_call(text, |name| (!is_keyword(name)).then(|| name.to_owned()));
    let plain = plain.map(|(name, arguments)| format!("{name}({})", shown(&arguments)));
    let parsed = parse(text).ok().and_then(|statements| match statements.as_slice() {
        [Statement::Expression(expr)] => Some(show(expr)),
        _ => None,
    });
    (plain, parsed)
}

#[test]
fn a_call_of_literals_needs_no_tree() {
    for text in [
        "recv()",
        "recv( )",
        "recv(\n)",
        "getReg('garden.soil.temp')",
        "setReg('a', \"it's 21 °C\", 0, 5_000, 1.5e3, True, False, None)",
        "send('a' ,'b',\t'\"')",
        "join(r'C:\\temp', '', \"\", '''long 'one' ''')",
        "len(0x1f, 9223372036854775807, 00) # and a remark",
    ] {
        let (plain, parsed) = both_ways(text);
        assert!(plain.is_some(), "{text}");
        assert_eq!(plain, parsed, "{text}");
    }
    let (plain, parsed) = both_ways("setReg('t', -5, -2.5, - 1)");
    assert_eq!(plain.as_deref(), Some("setReg('t',-5,-2.5,-1)"));
    assert_eq!(plain, parsed.map(|tree| signed(&tree)));
    assert!(plain_call("getReg('k')", |_| None::<()>).is_none(), "a function that is not known");
}

#[test]
fn what_may_be_more_than_a_call_of_literals_is_left_to_the_parser() {
    let texts = [
        "",
        "f",
        "f(",
        "f('a'",
        "f('a)",
        "f)",
        " f()",
        "\tf()",
        "f();",
        "f()\n",
        "f(); g()",
        "f()()",
        "f().x",
        "f() + 1",
        "f()[0]",
        "f(x)",
        "f('a' 'b')",
        "f('a' + 'b')",
        "f('a',)",
        "f(,)",
        "f(*'a')",
        "f(k='a')",
        "f(b'a')",
        "f(f'a')",
        "f('a\\n')",
        "f('''a\rb''')",
        "f(r'''a\rb''')",
        "f(1 2)",
        "f(1.real)",
        "f(1if 2 else 3)",
        "f(--1)",
        "f(-'a')",
        "f(-True)",
        "f(+1)",
        "f(9223372036854775808)",
        "f(-9223372036854775808)",
        "f(007)",
        "f([1])",
        "f((1))",
        "f(not True)",
        "f(None is None)",
        "a.f()",
        "f(g())",
        "f := 1",
        "f = 1",
        "f('a' if 1 else 2)",
        "f(...)",
        "\u{e9}f()",
        "f(\0)",
        "(f)()",
        "f(1)) ",
        "f('a'\u{a0})",
        "f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)",
    ];
    for text in texts {
        assert_eq!(both_ways(text).0, None, "{text:?}");
    }
}

/// The shown tree with `(-1)`, an operator and its number, as the number that it makes.
fn signed(tree: &str) -> String {
    let mut parts = tree.split("(-");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| {
        let (number, rest) = part.split_once(')').unwrap();
        let sign = if number == "0" { "" } else { "-" };
        format!("{shown}{sign}{number}{rest}")
    })
}

#[test]
fn whatever_is_read_without_a_tree_means_what_its_tree_means() {
    const PIECES: [&str; 32] = [
        "f",
        "getReg",
        "r",
        "True",
        "None",
        "not",
        "(",
        "(",
        "(",
        ")",
        ")",
        ")",
        ",",
        ",",
        "'a'",
        "\"b\"",
        "''",
        "r'\\'",
        "'''c'''",
        "'\\n'",
        "-",
        "1",
        "2.5",
        "00",
        "1_0",
        "9223372036854775808",
        " ",
        "\n",
        "\\\n",
        "# x",
        ";",
        ".",
    ];
    // Steele's split-mix.
    let mut state = 20_261_121_u64;
    let mut below = |bound: u64| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    };
    let mut calls = 0;
    for _ in 0..300_000 {
        let mut text = String::from(if below(2) == 0 { "f(" } else { "" });
        for _ in 0..=below(7) {
            text.push_str(PIECES[below(32) as usize]);
        }
        if below(2) == 0 {
            text.push(')');
        }
        let (plain, parsed) = both_ways(&text);
        if let Some(plain) = plain {
            assert_eq!(Some(plain), parsed.map(|tree| signed(&tree)), "{text:?}");
            calls += 1;
        }
    }
    assert!(calls > 5_000, "{calls}");
}

#[test]
fn no_function_has_a_keywords_name() {
    let named = crate::functions::all().find(|function| is_keyword(function.name));
    assert!(named.is_none(), "{named:?}");
}
