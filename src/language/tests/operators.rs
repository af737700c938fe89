//! The operators of scripts in Rhai: each means what it means in Python, because it is the same function.

use super::*;

/// An operation as Python writes it, and as Rhai does where that differs.
const BOTH: [(&str, &str); 84] = [
    ("1 + 2", ""),
    ("1 + 2.5", ""),
    ("True + 1", "true + 1"),
    ("\"a\" + \"b\"", ""),
    ("\"a\" + 1", ""),
    ("1 + \"a\"", ""),
    ("[1] + [2]", ""),
    ("[1] + 2", ""),
    ("None + 1", "() + 1"),
    ("9223372036854775807 + 1", ""),
    ("5 - 7", ""),
    ("5 - 0.5", ""),
    ("\"a\" - \"b\"", ""),
    ("-9223372036854775807 - 2", ""),
    ("3 * 4", ""),
    ("\"ab\" * 3", ""),
    ("3 * \"ab\"", ""),
    ("[0] * 3", ""),
    ("\"a\" * 2.0", ""),
    ("9223372036854775807 * 2", ""),
    ("1 / 2", ""),
    ("4 / 2", ""),
    ("7 / -2", ""),
    ("1 / 0", ""),
    ("1.0 / 0", ""),
    ("\"a\" / 2", ""),
    ("7 // 2", "floordiv(7, 2)"),
    ("-7 // 2", "floordiv(-7, 2)"),
    ("7 // 0", "floordiv(7, 0)"),
    ("7 % 3", ""),
    ("-7 % 3", ""),
    ("7 % -3", ""),
    ("7.5 % -2", ""),
    ("7 % 0", ""),
    ("\"%d of %s\" % (3, \"x\")", "\"%d of %s\" % tuple([3, \"x\"])"),
    ("2 ** 10", ""),
    ("2 ** -1", ""),
    ("2 ** 0.5", ""),
    ("2 ** 64", ""),
    ("0 ** -1", ""),
    ("6 & 3", ""),
    ("6 | 3", ""),
    ("6 ^ 3", ""),
    ("True & False", "true & false"),
    ("1.5 & 1", ""),
    ("1 << 4", ""),
    ("1 << 63", ""),
    ("1 << -1", ""),
    ("-9 >> 1", ""),
    ("1 == 1.0", ""),
    ("1 == \"1\"", ""),
    ("True == 1", "true == 1"),
    ("None == 0", "() == 0"),
    ("[1, 2] == [1, 2.0]", ""),
    ("1 != 2", ""),
    ("[1] != [1]", ""),
    ("1 < 2.5", ""),
    ("\"a\" < \"b\"", ""),
    ("[1, 2] < [1, 3]", ""),
    ("1 < \"a\"", ""),
    ("None < 1", "() < 1"),
    ("2 <= 2", ""),
    ("3 > 2", ""),
    ("9007199254740993 > 9007199254740992.0", ""),
    ("2 >= 3", ""),
    ("1 in [1, 2]", ""),
    ("\"b\" in \"abc\"", ""),
    ("1 in \"abc\"", ""),
    ("1.0 in [1]", ""),
    ("-5", ""),
    ("-True", "-true"),
    ("-\"a\"", ""),
    ("+5", ""),
    ("not 0", "!0"),
    ("not \"a\"", "!\"a\""),
    ("0.1 + 0.2", ""),
    ("1e16 * 10", ""),
    ("round(2.5)", ""),
    ("round(2.675, 2)", ""),
    ("int(\"x\")", ""),
    ("len(\"äö\")", ""),
    ("sorted([3, 1, 2])", ""),
    ("str([1, \"a\"])", ""),
    ("[1, 2, 3][-1]", ""),
];

#[test]
fn an_operator_of_a_script_is_pythons() {
    on_script_thread(|| {
        let bench = Bench::patient();
        for (python, rhai) in BOTH {
            let rhai = if rhai.is_empty() { python } else { rhai };
            let expected = bench.say(python);
            let said = bench.say(&format!("let nothing = 0; {rhai}"));
            assert_eq!(said, expected, "{rhai}");
            let said = bench.say(&format!("let result = {rhai}; result"));
            assert_eq!(said, expected, "{rhai} in a variable");
        }
    });
}

#[test]
fn an_operator_that_assigns_is_the_operator() {
    on_script_thread(|| {
        let bench = Bench::patient();
        for (operator, values) in [
            ("+", [("1", "2.5"), ("\"a\"", "\"b\""), ("\"a\"", "1"), ("[1]", "[2]")]),
            ("-", [("1", "2"), ("1.5", "1"), ("\"a\"", "1"), ("-9223372036854775807", "2")]),
            ("*", [("3", "4"), ("\"ab\"", "2"), ("[0]", "2"), ("9223372036854775807", "2")]),
            ("/", [("1", "2"), ("4", "2"), ("1", "0"), ("\"a\"", "2")]),
            ("%", [("-7", "3"), ("7", "-3"), ("7", "0"), ("\"%d\"", "5")]),
            ("**", [("2", "3"), ("2", "-1"), ("2", "64"), ("\"a\"", "2")]),
            ("&", [("6", "3"), ("true", "false"), ("1.5", "1"), ("6", "0")]),
            ("|", [("6", "3"), ("true", "false"), ("1.5", "1"), ("6", "0")]),
            ("^", [("6", "3"), ("true", "false"), ("1.5", "1"), ("6", "0")]),
            ("<<", [("1", "4"), ("1", "63"), ("1", "-1"), ("1.5", "1")]),
            (">>", [("-9", "1"), ("9", "70"), ("1", "-1"), ("1.5", "1")]),
        ] {
            for (left, right) in values {
                let expected = bench.say(&format!("let a = {left}; a {operator} {right}"));
                let said = bench.say(&format!("let a = {left}; a {operator}= {right}; a"));
                assert_eq!(said, expected, "{left} {operator}= {right}");
            }
        }
    });
}

#[test]
fn scripts_have_pythons_builtins_and_methods() {
    on_script_thread(|| {
        let bench = Bench::patient();
        let mut wrong = Vec::new();
        for (text, expected) in [
            ("let s = \"a,b\"; s.split(\",\")", "['a', 'b']"),
            ("let s = \" x \"; s.strip() + \"|\"", "x|"),
            ("let d = dict([[\"a\", 1]]); d.get(\"b\", 5)", "5"),
            ("let d = #{a: 1}; d.a += 1; d.a / 4", "0.5"),
            ("let d = #{b: 1, a: 2}; sorted(d.keys())", "['a', 'b']"),
            ("let l = [3, 1]; l.sort(); l", "[1, 3]"),
            ("let l = [1, 2, 3]; sum(l) / len(l)", "2.0"),
            ("let t = 0; for x in range(4) { t += x / 2; } t", "3.0"),
            ("let t = []; for x in 0..3 { t.push(x / 2); } t", "[0.0, 0.5, 1.0]"),
            ("let t = []; for x in 1..=3 { t.push(x); } t", "[1, 2, 3]"),
            ("let t = []; for x in [1, [2]] { t.push(x); } t", "[1, [2]]"),
            ("let t = []; let m = #{b: 1, a: 2}; for x in m { t.push(x); } sorted(t)", "['a', 'b']"),
            ("let t = []; for x in dict([[\"b\", 1], [\"a\", 2]]) { t.push(x); } t", "['b', 'a']"),
            ("let t = []; for x in dict([[\"b\", 1]]).items() { t.push(x); } t", "[('b', 1)]"),
            ("let t = []; for x in set([3, 1, 3]) { t.push(x); } sorted(t)", "[1, 3]"),
            ("let t = []; for x in tuple([3, 1]) { t.push(x); } t", "[3, 1]"),
            ("let t = []; for x in bytes([3, 1]) { t.push(x); } t", "[3, 1]"),
            ("let t = []; for x in zip([1, 2], \"ab\") { t.push(x); } t", "[(1, 'a'), (2, 'b')]"),
            ("let t = []; for x in enumerate(\"ab\") { t.push(x); } t", "[(0, 'a'), (1, 'b')]"),
            ("let t = []; for x in reversed([1, 2]) { t.push(x); } t", "[2, 1]"),
            ("let t = []; for x in \"äß\" { t.push(x); } t", "['ä', 'ß']"),
            ("MyData[\"k\"] = 1; let t = []; for x in MyData { t.push(x); } t", "['k']"),
            ("let t = []; for (x, i) in \"ab\" { t.push([i, x]); } t", "[[0, 'a'], [1, 'b']]"),
            ("let t = 0; for x in range(1000000000000) { t += 1; } t", "Error: limit: …"),
            ("let t = 0; let n = 5; for x in n { t += 1; } t", "Error: type: …"),
            ("let t = []; for x in \"abc\".upper() { t.push(x); } t", "['A', 'B', 'C']"),
            ("let t = 0; while t < 3 { t += 1; if t == 2 { continue; } } t", "3"),
            ("let x = if 1 < 2 { \"a\" } else { \"b\" }; x", "a"),
            ("fn half(x) { x / 2 } half(3)", "1.5"),
            ("let a = 3; `${a / 2} and ${[1, \"x\"]} and ${true}`", "1.5 and [1, 'x'] and True"),
            ("let a = true; a", "True"),
            ("let a = (); a", "None"),
            ("let a = 1.0; a", "1.0"),
            ("let a = 'x'; a + \"y\"", "xy"),
            ("let r = \"\"; try { r = int(\"x\"); } catch (e) { r = \"bad\"; } r", "bad"),
            ("let x = math::sqrt(2); round(x, 3)", "1.414"),
            ("let x = format(3.14159, \".2f\"); x", "3.14"),
        ] {
            let said = bench.say(text);
            let same = match expected.strip_suffix('…') {
                Some(start) => said.starts_with(start),
                None => said == expected,
            };
            if !same {
                wrong.push(format!("{text}\n  said {said}\n  not  {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
