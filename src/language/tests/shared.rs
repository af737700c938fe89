//! MyData, the catalogue and waits, end to end.

use super::*;

#[test]
fn my_data_is_a_dictionary() {
    talk(&[
        ("MyData['k'] = [1, 2]", "OK"),
        ("MyData['k']", "[1, 2]"),
        ("MyData['k'][0] = 5", "OK"),
        ("MyData['k'].append(9)", "None"),
        ("MyData.get('k')", "[5, 2, 9]"),
        ("MyData['k'] += [7]; MyData['k'][-1]", "7"),
        ("'k' in MyData", "True"),
        ("'x' not in MyData", "True"),
        ("len(MyData)", "1"),
        ("MyData['n'] = 1; MyData['n'] += 1; MyData['n']", "2"),
        ("[k for k in MyData]", "['k', 'n']"),
        ("sorted(MyData.keys())", "['k', 'n']"),
        ("{k: v for k, v in MyData.items() if k == 'n'}", "{'n': 2}"),
        ("MyData.setdefault('s', 5) + MyData.setdefault('s', 6)", "10"),
        ("MyData.update({'u': 1}); MyData['u']", "1"),
        ("MyData.pop('n')", "2"),
        ("del MyData['k'][0]; MyData['k']", "[2, 9, 7]"),
        ("del MyData['k']", "OK"),
        ("MyData.get('k', 'none') if 1 else 0", "none"),
        ("MyData['k']", "Error: state: …"),
        ("MyData['a'] = [1]; x = MyData['a']; x.append(2)", "Error: value: in Python this would change…"),
        ("x = [1]; MyData['a'] = x; x.append(2)", "Error: value: in Python this would change…"),
        ("MyData.get('u').append(1)", "Error: …"),
        ("MyData[5] = 1", "Error: type: …"),
    ]);
}

#[test]
fn functions_of_the_catalogue_are_called_both_ways() {
    talk(&[
        ("setReg( 'garden.soil.temp' , 56 )", "OK"),
        ("setReg(key='a', value=1)", "OK"),
        ("getReg('garden.soil.temp') + 1", "57"),
        ("[getReg(k) for k in keys('*') if k != 'a']", "[56]"),
        ("incr('n') if getReg('a') else 0", "1"),
        ("ping()", "pong"),
        ("setReg('n', getReg('n', 0) + 1); getReg('n')", "2"),
        ("get('empty', 1)", "(waits)"),
        ("get('empty', 1) if 1 else 0", "(waits)"),
        ("get('empty', 1) == 1", "Error: state: a call with a time to wait…"),
        ("get('empty', 1); 1", "Error: state: a call with a time to wait…"),
        ("[get('empty', 1)]", "Error: state: a call with a time to wait…"),
        ("x = get('empty', 1)", "Error: state: a call with a time to wait…"),
        ("[get('empty', 1) for i in [1]]", "Error: state: a call with a time to wait…"),
        ("setReg('lost', 1); 1/0", "Error: value: division by zero"),
        ("getReg('lost')", "None"),
    ]);
}

#[test]
fn scripts_reach_the_same_functions() {
    on_script_thread(|| {
        let bench = Bench::patient();
        for (text, expected) in [
            ("let x = setReg(\"a\", [1, 2]); x", "OK"),
            ("let x = getReg(\"a\"); x[0] + 1", "2"),
            ("let d = MyData; MyData[\"b\"] = 5; MyData[\"b\"]", "5"),
            ("let s = 0; for k in keys(\"*\") { s += 1; } s", "2"),
            ("let y = get(\"empty\", 1); y", "(waits)"),
            ("let y = get(\"empty\", 1); 5", "Error: state: a call with a time to wait…"),
            ("let y = try { 1 / 0 } catch { 7 }; y", "Error: …"),
            ("try { setReg(\"c\", 1); 1 / 0; } catch { } getReg(\"c\")", "1"),
            ("let p = math::log10(100); p", "2.0"),
        ] {
            let said = bench.say(text);
            match expected.strip_suffix('…') {
                Some(start) => assert!(said.starts_with(start), "{text}\n  said {said}"),
                None => assert_eq!(said, expected, "{text}"),
            }
        }
    });
}
