//! Scripts in Rhai and the users' own functions.

use super::*;

fn talk_rhai(rows: &[(&'static str, &'static str)]) {
    let rows = rows.to_vec();
    on_script_thread(move || {
        let bench = Bench::patient();
        for (text, expected) in rows {
            let said = bench.say(text);
            match expected.strip_suffix('…') {
                Some(start) => assert!(said.starts_with(start), "{text}\n  said {said}\n  not  {expected}"),
                None => assert_eq!(said, expected, "{text}"),
            }
        }
    });
}

#[test]
fn rhai_scripts_use_the_same_operations() {
    talk_rhai(&[
        ("let x = 1; x / 2", "0.5"),
        ("let x = 7; x /= 2; x", "3.5"),
        ("let s = 0; for i in 0..5 { s += i; } s", "10"),
        ("let a = [1, 2]; a.push(3); a", "[1, 2, 3]"),
        ("let a = [1, 2]; a.append(3); a.len()", "3"),
        ("let m = #{a: 1}; m.b = 2; m", "{'a': 1, 'b': 2}"),
        ("`a${1 + 1}b`", "a2b"),
        ("if true { 1 } else { 2 }", "1"),
        ("fn f(x) { x * 2 } f(21)", "42"),
        ("let x = 5; while x > 2 { x -= 1; } x", "2"),
        ("let l = list([1, 2]); l[0]", "1"),
        ("let l = list([1, 2]); l.append(5); l", "[1, 2, 5]"),
        ("let s = 0; for x in list([1, 2]) { s += x } s", "3"),
        ("let a = 1; a == 1 && !(a > 2)", "True"),
        ("1 in [1, 2] && true", "True"),
        ("math::sqrt(4)", "2.0"),
        ("let x = \"a\"; x.upper()", "A"),
        ("loop { break 5; }", "5"),
    ]);
}

#[test]
fn common_names_are_read_and_never_changed_in_silence() {
    talk_rhai(&[
        ("common = [1]", "OK"),
        ("let x = common; x.append(2); x", "[1, 2]"),
        ("common", "[1]"),
        ("let y = 0; common.append(2)", "Error: value: append() cannot change this…"),
        ("let y = 0; common = 5;", "Error: name: 'common' cannot be assigned here…"),
        ("let y = 0; nix", "Error: name: name 'nix' is not defined (line 1, column 12)"),
    ]);
}

#[test]
fn errors_speak_for_the_grammar_that_the_text_looks_like() {
    talk_rhai(&[
        ("let x = ;", "Error: syntax: …"),
        ("let x = 1;\nx +", "Error: syntax: …"),
        ("let x = eval(\"1\");", "Error: syntax: …"),
        ("let z = 1; import \"x\" as y;", "Error: syntax: 'import' is a reserved…"),
        ("let f = |x| x + 1;", "Error: syntax: …"),
        ("let f = Fn(\"x\");", "Error: syntax: …"),
        ("switch 1 { 1 => 2 }", "Error: syntax: …"),
        ("let x = 5; if x { 1 }", "Error: type: a condition must be true or false…"),
        ("let x = nix(1);", "Error: name: there is no function 'nix'…"),
        ("throw \"bad\"; let x = 1;", "Error: value: bad"),
        ("let x = 1; 1/0", "Error: value: division by zero"),
    ]);
}

/// What a script says when it goes wrong: the kind, and where the script stood if Rhai knows.
#[test]
fn errors_of_scripts_are_told_as_all_others() {
    talk_rhai(&[
        ("let x = 1;\n  x + nix", "Error: name: name 'nix' is not defined (line 2, column 7)"),
        (
            "let x = 1; x.nix()",
            "Error: name: there is no function 'nix' that takes these arguments (line 1, column 14)",
        ),
        (
            "let x = 1; x.nix",
            "Error: name: there is no property 'nix' here; a method is called with ( ) (line 1, column 14)",
        ),
        ("let x = #{a: 1}; x.b", "Error: value: no key 'b' in the dict (line 1, column 20)"),
        ("let x = #{a: 1}; x[\"b\"]", "Error: value: no key 'b' in the dict (line 1, column 20)"),
        ("let x = dict([[\"a\", 1]]); x[\"b\"]", "Error: value: no key 'b' in the dict"),
        ("let x = #{a: 1}; x.b = 5; x.get(\"c\", x.b)", "5"),
        ("let x = [1]; x[5]", "Error: value: index out of range (line 1, column 16)"),
        (
            "let x = 'ab';",
            "Error: syntax: a text stands in double quotes in a script in Rhai (line 1, column 9)",
        ),
        ("const X = 1; X = 2;", "Error: syntax: cannot assign to constant X (line 1, column 14)"),
        (
            "let x = 1; math.sqrt(4)",
            "Error: name: 'math' is a module; in a script in Rhai its functions are math::…",
        ),
        ("let x = nowhere::f();", "Error: name: there is no module 'nowhere' (line 1, column 9)"),
        (
            "let r = 0; try { int(\"x\"); } catch (e) { r = e; } r",
            "value: invalid literal for int() with base 10: 'x'",
        ),
        ("let r = 0; try { throw 5 } catch (e) { r = e; } r", "5"),
        (
            "let x = 1; while true { x = x + 1; if x > 4 { throw `${x} is too much`; } }",
            "Error: value: 5 is too much",
        ),
    ]);
}

/// What would be something else to Rhai, without an error.
#[test]
fn nothing_is_silently_something_else() {
    let limit = "Error: limit: the result does not fit into 64 bits (line 1, column 9)";
    talk_rhai(&[
        ("let x = 9223372036854775808;", limit),
        ("let x = 99999999999999999999999999;", limit),
        ("let x = -9223372036854775809;", limit),
        ("let x = 0xFFFFFFFFFFFFFFFF;", limit),
        ("let x = 0o1777777777777777777777;", limit),
        (
            "let x = `${0x8000000000000000}`;",
            "Error: limit: the result does not fit into 64 bits (line 1, column 12)",
        ),
        ("let x = 0x7FFFFFFFFFFFFFFF; x", "9223372036854775807"),
        ("let x = 0x10 + -9223372036854775808; x", "-9223372036854775792"),
        ("let x = \"0x\"; let y = -5; y", "-5"),
        ("let x = 99999999999999999999.0; x", "1e+20"),
        ("let x = 2; 1 < x < 3", "Error: type: '<' has true or false on its left; comparisons do not chain…"),
        ("let x = 2; 3 >= x > 1", "Error: type: '>' has true or false on its left…"),
        ("let x = 2; 1 < x && x < 3", "True"),
        ("let x = \"a\"; x + 1", "Error: type: can only concatenate str…"),
        ("let x = [1]; x += 2; x", "Error: type: can only concatenate list…"),
        ("let x = 5; x / 2", "2.5"),
        ("let x = 9223372036854775807; x + 1", "Error: limit: the result does not fit into 64 bits"),
    ]);
}

#[test]
fn a_users_function_says_how_many_arguments_it_takes() {
    on_script_thread(|| {
        let folder = tempfile::tempdir().unwrap();
        let text = "fn dbl(x) { x * 2 }\nfn none() { 1 }\nfn some(a, b, c) { a }\nfn some(a) { a }\n\
            fn inner() { dbl() }\nfn absent() { nix(1) }\n";
        std::fs::write(folder.path().join("a.rhai"), text).unwrap();
        let bench = Bench::new();
        assert!(bench.language.reload(folder.path()).is_empty());
        for (text, said) in [
            ("dbl(1, 2)", "Error: type: dbl() takes 1 argument"),
            ("dbl()", "Error: type: dbl() takes 1 argument"),
            ("[dbl(x, x) for x in [1]]", "Error: type: dbl() takes 1 argument"),
            ("list(map(lambda x: dbl(x, x), [1]))", "Error: type: dbl() takes 1 argument"),
            ("none(1)", "Error: type: none() takes no arguments"),
            ("some(1, 2)", "Error: type: some() takes 1 or 3 arguments"),
            ("let x = dbl(1, 2); x", "Error: type: dbl() takes 1 argument"),
            ("inner()", "Error: type: dbl() takes 1 argument"),
            (
                "absent()",
                "Error: name: there is no function 'nix' that takes these arguments (line 6, column 15)",
            ),
            ("nix(1)", "Error: name: there is no function 'nix'; help() lists them all"),
        ] {
            assert_eq!(bench.say(text), said, "{text}");
        }
    });
}

#[test]
fn users_functions_come_and_go() {
    on_script_thread(|| {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let bench = Bench::new();
        write("a.rhai", "fn twice(x) { helper(x) * 2 }\nprivate fn helper(x) { x }\n");
        write("broken.rhai", "fn ok() { 1 }\nfn bad( {\n");
        write("ignored.txt", "fn no() {");
        let complaints = bench.language.reload(folder.path());
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].starts_with("broken.rhai, line 2"), "{complaints:?}");
        assert_eq!(bench.say("twice(21)"), "42");
        assert_eq!(bench.say("twice(21) + 1"), "43");
        assert_eq!(bench.say("[twice(x) for x in [1, 2]]"), "[2, 4]");
        assert_eq!(bench.say("list(map(twice, [1, 2]))"), "[2, 4]");
        assert_eq!(bench.say("let x = twice(4); x"), "8");
        assert_eq!(
            bench.say("helper(1)"),
            "Error: name: there is no function 'helper'; help() lists them all"
        );
        assert_eq!(
            bench.say("twice = 1"),
            "Error: state: the name 'twice' belongs to the server and cannot be assigned"
        );
        assert_eq!(bench.language.reload(folder.path()), complaints);
        write("broken.rhai", "fn ok() { 1 }\nfn len(x) { 2 }\n");
        let complaints = bench.language.reload(folder.path());
        assert!(complaints[0].contains("'len' is a name of the server's"), "{complaints:?}");
        write("broken.rhai", "fn ok() { 'a' }\n\nfn twice(x) { 0 }\n");
        let complaints = bench.language.reload(folder.path());
        assert!(complaints[0].contains("line 3") && complaints[0].contains("a.rhai"), "{complaints:?}");
        std::fs::remove_file(folder.path().join("a.rhai")).unwrap();
        assert!(bench.language.reload(folder.path()).is_empty());
        assert_eq!(bench.say("twice(1)"), "0");
        write("loop.rhai", "fn forever() { loop { } }\nfn deep(n) { deep(n + 1) }\n");
        assert!(bench.language.reload(folder.path()).is_empty());
        assert!(
            bench.say("forever()").starts_with("Error: limit: expression_ms_max"),
            "{}",
            bench.say("forever()")
        );
        assert!(bench.say("deep(0)").starts_with("Error: limit: "), "{}", bench.say("deep(0)"));
    });
}
