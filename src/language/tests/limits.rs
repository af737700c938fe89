//! Limits: time, memory, depth.

use super::*;

#[test]
fn nothing_runs_on_for_ever_or_grows_without_end() {
    on_script_thread(|| {
        let bench = Bench::new();
        for text in [
            "fn f1(x){x} fn f(n){f1(f1(f1(f1(f1(f1(f1(f1(f1(f1(f1(f(n+1))))))))))))} f(0)",
            "let a = []; loop { a = [a]; }",
            "let a = #{}; loop { a = #{a: a}; }",
            "let a = []; loop { let b = []; b.push(a); a = b; }",
            "let a = list([]); loop { a = list([a]); }",
            "let s = \"xxxxxxxx\"; loop { s += s; }",
            "let s = \"xxxxxxxx\"; loop { s = `${s}${s}`; }",
            "let a = [1]; loop { a += a; }",
            "let a = [1]; loop { a = [a, a]; }",
            "loop { }",
            "while true { }",
            "let x = 0; loop { x += 1; }",
            "for i in 0..1000000000 { }",
            "fn f() { f() } f()",
            "fn f(n) { if n > 0 { f(n - 1); f(n - 1); } } f(15); loop {}",
            "try { loop {} } catch { 1 }",
            "loop { try { throw 1; } catch { } }",
            "[1 for a in range(10000) for b in range(10000)]",
            "[[x] * 1000 for x in range(100000)]",
            "sum(1 for a in range(9999) for b in range(9999))",
        ] {
            let (time, said) = timed(&bench, text);
            assert!(said.starts_with("Error: limit: "), "{text}\n  {said}");
            assert!(time < Duration::from_secs(20), "{text}: {time:?}");
        }
    });
}

#[test]
fn strings_held_by_many_variables_are_counted() {
    on_script_thread(|| {
        let bench = Bench::new();
        let mut text = String::from("let s = \"xxxxxxxxxxxxxxxx\"; for i in 0..13 { s += s; }\n");
        for number in 0..200 {
            text.push_str(&format!("let v{number} = `${{s}}{number}`;\n"));
        }
        let (_, said) = timed(&bench, &text);
        assert!(said.starts_with("Error: limit: expression_memory_bytes_max"), "{said}");
    });
}

#[test]
fn sixteen_levels_of_calls_work() {
    on_script_thread(|| {
        let bench = Bench::new();
        assert_eq!(bench.say("fn f(n) { if n > 0 { f(n - 1) + 1 } else { 0 } } f(16)"), "16");
    });
}

#[test]
fn the_deepest_trees_fit_on_small_stacks() {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(|| {
        let bench = Bench::new();
        for (open, close) in [
            ("(", ")"),
            ("-", ""),
            ("[", "]"),
            ("len([", "])"),
            ("1+(", ")"),
            ("f(", ")"),
            ("x[", "]"),
            ("0 or (", ")"),
        ] {
            for levels in 1..200 {
                let text = format!("{}1{}", open.repeat(levels), close.repeat(levels));
                match bench.language.prepare(&text) {
                    Ok(prepared) if prepared.lane() == Lane::Here => drop(bench.say(&text)),
                    _ => {}
                }
            }
        }
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn the_deepest_trees_fit_on_script_threads() {
    on_script_thread(|| {
        let bench = Bench::new();
        for (open, close) in [
            ("0 or (", ")"),
            ("[x for x in ", "]"),
            ("1 if 0 else ", ""),
            ("sum(y for y in [", "])"),
            ("1 if (", ") else 2"),
            ("sorted([1], key=lambda v: ", ")"),
            ("[x.a for x in x if ", "]"),
            ("{1: 0 or ", "}"),
            ("len(0 or ", ")"),
            ("-(0 or ", ")"),
            ("x[0 or ", "]"),
            ("1 < 2 < (", ")"),
            ("any(y for x in ", ")"),
            ("any(0 or y for y in [1] for x in ", ")"),
        ] {
            for levels in [1, 10, 30, 40, 50, 60, 64, 70, 80, 100, 120, 150, 160] {
                let text = format!("{}[]{}", open.repeat(levels), close.repeat(levels));
                let said = bench.say(&text);
                assert!(!said.contains("internal"), "{open} {levels}: {said}");
            }
        }
    });
}

#[test]
fn loops_take_one_item_at_a_time() {
    talk(&[
        ("any(x > 5 for x in range(10**12))", "True"),
        ("all(x < 5 for x in range(10**12))", "False"),
        ("[(a, b) for i in [iter([1, 2, 3])] for a in i for b in i]", "[(1, 2), (1, 3)]"),
        ("[x for x in 5]", "Error: type: 'int' object is not iterable"),
        ("[k + v for k, v in {'a': 'b'}.items()]", "['ab']"),
    ]);
    on_script_thread(|| {
        let bench = Bench::new();
        for (text, expected) in [
            ("let s = 0; for x in range(3, 6) { s += x; } s", "12"),
            ("let s = 0; for c in dict([[1, 2]]) { s += c; } s", "1"),
            ("let s = 0; for x in set([1, 2]) { s += x; } s", "3"),
            ("for x in range(0, 9223372036854775807) { }", "Error: limit: expression_ms_max is 250"),
        ] {
            assert_eq!(bench.say(text), expected, "{text}");
        }
    });
}
