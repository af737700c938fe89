//! Where texts end.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::Scanner;

fn scan(text: &str) -> Scanner {
    let mut whole = Scanner::default();
    whole.feed(text);
    // However the text is split, the answer is the same.
    let mut pieces = Scanner::default();
    for character in text.chars() {
        pieces.feed(character.encode_utf8(&mut [0; 4]));
    }
    assert_eq!(
        (whole.is_complete(), whole.is_one_call(), whole.ends_in_newline()),
        (pieces.is_complete(), pieces.is_one_call(), pieces.ends_in_newline()),
        "{text:?}"
    );
    whole
}

#[test]
fn closed_texts_are_complete() {
    for text in [
        "1",
        "getClientID()",
        "'a'",
        "''",
        "\"\"",
        "''''''",
        "'''a'b''c'''",
        r"'it\'s'",
        r"r'\\'",
        "[1, {'a': (2)}]",
        "'(' # a comment with ( and '",
        "'a\\\nb'",
        "'unclosed\n",
        "1)",
        "let x = `a ' b ( ${1}`; x",
        "if true { 1 } // ( '",
        "if true { /* ( /* [ */ ' */ 1 }",
        "f'{x}'",
        "letter('`')",
        "# only a comment",
        " ",
        "\r",
        "  \n",
        "`a(`",
        "`it's`",
        "`a(`\n",
        "`:(`;\n",
        "`x (`.len()\n",
        "setReg(\"k\", `:(`)\n",
        "setReg(`k`, `it's`)",
        "/* it's */ 1",
        "/* ( */ 1\n",
        "1 /* ( /* ' */ [ */",
        "`a ${`b ( ${\"`\"}`} '`",
        "`$$ ${#{a: 1}.a} {`",
        "7//2",
        "7 //* it's\n",
        "x['a'] // (3)",
        "\"`\" + '/*'",
        "1 # ` /* '",
    ] {
        assert!(scan(text).is_complete(), "{text:?}");
    }
}

#[test]
fn open_texts_are_not() {
    for text in [
        "",
        "(",
        "'",
        "'a",
        "'''a''",
        "'''a\n",
        "send('a', 'b'",
        "[1, (2]",
        "'a\\\n",
        "if true { 1 ",
        "let s = `a",
        "if a { /* 1 }",
        "1 + \\",
        "`a",
        "setReg(\"k\", `:) ",
        "`${",
        "`${`}`",
        "`${1}",
        "1 /* )",
        "/*/",
        "f(1 /",
    ] {
        assert!(!scan(text).is_complete(), "{text:?}");
    }
}

#[test]
fn what_lacks_is_said() {
    for (text, lacks) in [
        ("'it", "the end of a string"),
        ("f('(", "the end of a string"),
        ("'''a''", "the end of a string"),
        ("`a", "the end of a string"),
        ("f(1 /* '", "the end of a comment"),
        ("f([1], '('", "a closing bracket"),
        ("f(''", "a closing bracket"),
        ("ping()\\", "the line behind a backslash"),
    ] {
        assert_eq!(scan(text).lacks(), Some(lacks), "{text:?}");
    }
    for text in ["", "1", "f(x))("] {
        assert_eq!(scan(text).lacks(), None, "{text:?}");
    }
}

#[test]
fn one_call_is_seen_and_nothing_more() {
    for text in [
        "ping()",
        " ping( ) \r\n",
        "send('a', 'b(', \"c)\")",
        "MyData.get('k')",
        "a.b.c(1)",
        "setReg('n', (1 + 2))",
        "ping ()",
        "e\u{301}(1)",
        "ｐｉｎｇ()",
        "f(\n1,\n2)",
        "setReg(`k`, `it's :)`)",
        "f(`${g(1)}`)",
        "f(6//2, 6/2)",
    ] {
        assert!(scan(text).is_one_call(), "{text:?}");
    }
    for text in [
        "ping",
        "ping(",
        "ping() + 1",
        "ping().x",
        "(1)",
        "1(2)",
        "a.(1)",
        "[ping()]",
        "ping()()",
        "ping(); ping()",
        "x = ping()",
        "if (true)",
        "'a'.upper()",
        "a b()",
        "setReg(\"k\", `:) ",
        "f(`${g(1)",
        "f(/* :) ",
    ] {
        assert!(!scan(text).is_one_call(), "{text:?}");
    }
}

#[test]
fn a_newline_at_the_end_is_seen() {
    assert!(scan("1\n").ends_in_newline());
    assert!(scan("1\r\n").ends_in_newline());
    assert!(!scan("1").ends_in_newline());
}
