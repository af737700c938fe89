//! Changes in place, and the aliases that are refused.

use super::*;

const SHARED: &str = "Error: value: in Python this would change…";

#[test]
fn names_are_shared_and_changed_in_place() {
    talk(&[
        ("x = 1", "OK"),
        ("x", "1"),
        ("x += 2; x", "3"),
        ("x = [1, [2]]", "OK"),
        ("x.append(3)", "None"),
        ("x[0] = 5", "OK"),
        ("x[1].append(4)", "None"),
        ("x", "[5, [2, 4], 3]"),
        ("del x[0]", "OK"),
        ("x += [9]; x", "[[2, 4], 3, 9]"),
        ("x[0][0] += 1; x", "[[3, 4], 3, 9]"),
        ("x.pop()", "9"),
        ("a, b = 1, 2", "OK"),
        ("a, b = b, a; [a, b]", "[2, 1]"),
        ("a = b = 7; a + b", "14"),
        ("x.sort(key=lambda v: 0 if v == 3 else 1); x", "[3, [3, 4]]"),
        ("del a", "OK"),
        ("a", "Error: name: name 'a' is not defined"),
        ("nix += 1", "Error: name: name 'nix' is not defined"),
        ("nix.append(1)", "Error: name: name 'nix' is not defined"),
        ("t = ([1], 2); t[0].append(5); t", "([1, 5], 2)"),
    ]);
}

#[test]
fn what_python_would_show_elsewhere_is_refused() {
    talk(&[
        ("a = [1]; b = a; b.append(2)", SHARED),
        ("a = [1]; b = a; a.append(2)", SHARED),
        ("a = [1]; b = [a]; a.append(2)", SHARED),
        ("a = [1]; b = [a]; b[0].append(2)", SHARED),
        ("a = [1]; b = [a]; b.append(2); [a, b]", "[[1], [[1], 2]]"),
        ("a = b = []; a.append(1)", SHARED),
        ("a = b = []; a += [1]", SHARED),
        ("a = [1]; c = [2]; b = a if 1 else c; b.append(2)", SHARED),
        ("a = [1]; c = [2]; b = a if 1 else c; c.append(2); c", "[2, 2]"),
        ("m = [[0] * 2] * 2; m[0][0] = 1", SHARED),
        ("a = [1]; a.append(a)", "Error: value: a container cannot be put into itself here"),
        ("a = [1]; a[0] = a", "Error: value: a container cannot be put into itself here"),
        ("a = [1]; a += a; a", "[1, 1]"),
        ("a = [1]; b = list(a); b.append(2); [a, b]", "[[1], [1, 2]]"),
        ("a = [1]; b = a.copy(); b.append(2); [a, b]", "[[1], [1, 2]]"),
        ("a = [1]; b = a + []; b.append(2); [a, b]", "[[1], [1, 2]]"),
        ("a = [[1]]; b = list(a); b[0].append(2)", SHARED),
        ("a = 5; b = a; b += 1; [a, b]", "[5, 6]"),
        ("a = 'x'; b = a; b += 'y'; [a, b]", "['x', 'xy']"),
        ("a = [1]; b = a; a = [2]; b.append(3); [a, b]", "[[2], [1, 3]]"),
        ("a = [1]; [a, a.append(2)]", SHARED),
        ("a = [1]; d = {}; b = [0]; d['m'], b[0] = a, d", SHARED),
        ("a = [1, [2]]; a[0], a[1] = a[1], a[0]; a", "[[2], 1]"),
        ("a, a[0] = [1, 2], 5; a", "[5, 2]"),
        ("a = [1, 2, 3]; a[1:] = a; a", "[1, 1, 2, 3]"),
        ("a = [1, 2, 3]; del a[::2]; a[1:] += [7]; a", "[2, 7]"),
        ("a = [1]; [a.append(2), a]", "[None, [1, 2]]"),
        ("a = [1]; [a.append(b) for b in a]", SHARED),
        ("a = [[1]]; [b.append(2) for b in a]", "Error: value: append() would change…"),
        ("[1, 2].append(3)", "None"),
        ("a = [1]; a += [a.append(2)]", "Error: syntax: a change cannot stand…"),
        ("a = [[1]]; a[0].append(a.pop())", "Error: syntax: the arguments of append()…"),
        ("a = [[1]]; (a or []).append(2)", "Error: value: append() would change…"),
    ]);
}
