//! Names in other letters than ASCII's: which there are, and that all spellings of one are it (PEP 3131).

use super::*;

#[test]
fn a_name_is_its_normal_form_wherever_it_stands() {
    talk(&[
        ("dict(ﬁ=1)", "{'fi': 1}"),
        ("ﬁ=1;fi=2;ﬁ", "2"),
        ("fi", "2"),
        ("µ=1", "OK"),
        ("μ=2", "OK"),
        ("µ", "2"),
        ("µ += 1; [μ, µ]", "[3, 3]"),
        ("del µ; μ", "Error: name: …"),
        ("[µ for μ in [1]]", "[1]"),
        ("list(map(lambda µ: μ + 1, [1]))", "[2]"),
        ("sorted([2, 1], ｋey=lambda ﬁ: fi)", "[1, 2]"),
        ("f'{ﬁ=} {[µ for μ in [1]]}' if ﬁ else 0", "ﬁ=2 [1]"),
        ("'a'.uppeｒ(), (5).ｒeal", "('A', 5)"),
        ("ｌｅｎ('abc') + mａth.floor(1.5)", "4"),
        ("import ｍath", "OK"),
        ("sｅtReg('k', 1), ｇetReg('k')", "('OK', 1)"),
        ("MｙData['k']", "1"),
        ("e\u{301} = 7; é", "7"),
        ("'{fi}'.format(ﬁ=1)", "1"),
        ("dict(ﬁ=1, fi=2)", "Error: syntax: keyword argument repeated: fi…"),
        ("lambda ﬁ, fi: 1", "Error: syntax: duplicate argument 'fi'…"),
        ("ping = 1", "Error: state: …"),
        ("ｐing = 1", "Error: state: the name 'ping' belongs to the server…"),
        ("(1)._＿class__", "Error: syntax: the server does not have '__class__'…"),
        ("eｖal('1')", "Error: name: the server does not have eval()…"),
    ]);
}

#[test]
fn another_spelling_of_a_keyword_is_refused() {
    for text in ["ｉｆ = 1", "dict(ｉｆ=1)", "Ｔrue", "(1).ｉs", "[ｏr for ｏr in [1]]", "lambda ｉn: 1"]
    {
        let said = Bench::new().say(text);
        assert!(said.contains("another spelling of '"), "{text}: {said}");
    }
    for text in ["1 ｉｆ 1 else 2", "1 ｏr 2", "1if\u{301} else 2"] {
        let said = Bench::new().say(text);
        assert!(said.starts_with("Error: syntax: "), "{text}: {said}");
    }
}

#[test]
fn names_are_made_of_what_cpython_makes_them_of() {
    talk(&[
        ("℘=1", "OK"),
        ("℘", "1"),
        ("e\u{301}=2", "OK"),
        ("a·=3; a·", "3"),
        ("x²=5", "Error: syntax: invalid character '²' (U+00B2) (line 1, column 2)"),
        ("a²b=1", "Error: syntax: invalid character '²' (U+00B2) (line 1, column 2)"),
        ("·a", "Error: syntax: invalid character '·' (U+00B7)…"),
        ("dict(x²=1)", "Error: syntax: invalid character '²' (U+00B2)…"),
        ("f'{x²}'", "Error: syntax: invalid character '²' (U+00B2)…"),
        ("ping²()", "Error: syntax: invalid character '²' (U+00B2)…"),
        ("1²", "Error: syntax: invalid character '²' (U+00B2)…"),
        ("1é", "Error: syntax: …"),
        ("x\u{200b}", "Error: syntax: invalid non-printable character U+200B…"),
        ("x\u{a0}+ 1", "Error: syntax: invalid non-printable character U+00A0…"),
    ]);
}
