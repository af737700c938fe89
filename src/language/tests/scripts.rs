//! Scripts in Rhai and the users' own functions.

use super::*;

fn talk_rhai(rows: &[(&'static str, &'static str)]) {
    let rows = rows.to_vec();
    on_script_thread(move || {
        let bench = Bench::new();
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
