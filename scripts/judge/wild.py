"""Every method and every builtin with arguments of every kind, most of them wrong: the kinds of errors."""

from choice import R, c, maybe, one
from families import dct, f, i, lst, num, s, scal, small, st, tup, val
from families import BYTES

METHODS = {
    kind: [name for name in dir(kind) if not name.startswith("_") and name not in ("maketrans", "translate", "from_bytes", "fromhex", "fromkeys")]
    for kind in (str, bytes, list, dict, set, frozenset, tuple, int, float)
}
CHANGING = ["append", "extend", "insert", "remove", "pop", "clear", "reverse", "sort", "update", "setdefault", "popitem", "add", "discard", "intersection_update", "difference_update", "symmetric_difference_update"]
BUILTINS = "abs all any ascii bin bool bytes chr dict divmod enumerate filter float format frozenset hex int isinstance len list map max min oct ord pow range repr reversed round set sorted str sum tuple type zip iter next".split()
KEYWORDS = ["key", "default", "reverse", "start", "sep", "maxsplit", "base", "ndigits", "encoding", "errors", "keepends", "strict", "tabsize", "exp", "mod", "object", "signed", "byteorder", "length", "a"]
MATH = [name for name in dir(__import__("math")) if not name.startswith("_") and name not in ("pi", "e", "tau", "inf", "nan")]
# What the platform's own library rounds as it likes is left to a tolerance elsewhere.
INEXACT = {"acosh", "asinh", "atanh", "cosh", "sinh", "tanh", "erf", "erfc", "gamma", "lgamma", "expm1", "log1p", "cbrt", "exp2"}


def receiver(kind):
    return {
        str: s,
        bytes: lambda: c(BYTES),
        list: lst,
        dict: dct,
        set: st,
        frozenset: lambda: f"frozenset({st()})",
        tuple: tup,
        int: i,
        float: f,
    }[kind]()


def argument():
    return one(val, small, s, scal, lst, lambda: c(["None", "True", "-1", "0", "'a'", "b'a'", "1.5", "[]", "()", "{}"]))


def arguments():
    items = [argument() for _ in range(c([0, 1, 1, 1, 2, 2, 3, 4]))]
    if maybe(0.12):
        items.append(f"{c(KEYWORDS)}={argument()}")
    return ", ".join(items)


def w_method():
    kind = c(list(METHODS))
    name = c(METHODS[kind])
    if name in CHANGING:
        last = "sorted(map(repr, x))" if kind is set else "x"
        return f"x = {receiver(kind)}; x.{name}({arguments()}); {last}"
    return f"({receiver(kind)}).{name}({arguments()})"


def w_builtin():
    return f"{c(BUILTINS)}({arguments()})"


def w_math():
    name = c([name for name in MATH if name not in INEXACT])
    items = [one(num, num, num, lambda: str(R.randint(-9, 30)), val) for _ in range(c([1, 1, 1, 2, 2, 3]))]
    if name in ("fsum", "prod") or (name in ("dist", "sumprod") and maybe(0.8)):
        items = [lst(num) for _ in items]
    return f"math.{name}({', '.join(items)})"


def w_class():
    kind = c(["str", "bytes", "int", "float", "list", "dict", "tuple", "set", "frozenset", "bool"])
    name = c([name for name in METHODS.get({"bool": int}.get(kind, eval(kind)), ["x"]) if name not in CHANGING])
    return f"{kind}.{name}({arguments()})"


def w_attribute():
    return f"({val()}).{c(['real', 'imag', 'numerator', 'denominator', 'start', 'stop', 'step', 'nope', 'upper', 'keys', 'x', 'args'])}{c(['', '', '()'])}"


def w_unpack():
    return f"a, b = {val()}; (a, b)"


def w_index():
    return one(
        lambda: f"({val()})[{argument()}]",
        lambda: f"({val()})[{argument()}:{argument()}]",
        lambda: f"x = {val()}; x[{argument()}] = {scal()}; x",
        lambda: f"x = {val()}; del x[{argument()}]; x",
        lambda: f"x = {val()}; x {c(['+', '-', '*', '/', '//', '%', '**', '&', '|', '^', '<<', '>>'])}= {argument()}; x",
        lambda: f"{argument()} {c(['in', 'not in'])} {val()}",
        lambda: f"[{val()}] {c(['<', '==', '>='])} [{val()}]",
        lambda: f"{c(['-', '+', '~', 'not '])}({val()})",
        lambda: f"{val()} < {val()} < {val()}",
    )


def w_iterate():
    return one(
        lambda: f"[*{val()}]",
        lambda: f"{{*{val()}}}",
        lambda: f"(*{val()}, 1)",
        lambda: f"{{**{val()}}}",
        lambda: f"[x for x in {val()}]",
        lambda: f"[x for x, y in {val()}]",
        lambda: f"{{x: 1 for x in {val()}}}",
        lambda: f"{{x for x in {val()}}} == 1",
        lambda: f"list(map(lambda v: v, {val()}))",
        lambda: f"sorted({val()}, key=lambda v: {c(['v', '-v', 'str(v)', 'v[0]', 'len(v)', '(v, 1)'])})",
        lambda: f"max({val()}, key=lambda v: {c(['v', '-v', 'str(v)', 'v[0]'])}, default=None)",
        lambda: f"sum(x for x in {val()})",
        lambda: f"list(filter(lambda v: {c(['v', 'not v', 'v > 1', 'v == 2'])}, {val()}))",
        lambda: f"list(zip({val()}, {val()}))",
        lambda: f"'-'.join({val()})",
        lambda: f"f'{{{c(['1', '2.5', 'None', 'True', '[1]', '(1,)', '{1}'])}:{c(['5', 'd', 's', '>4', 'x', '', '.1f', 'Q'])}}}'",
    )


WILD = [
    (w_method, 30),
    (w_builtin, 30),
    (w_math, 24),
    (w_class, 6),
    (w_attribute, 4),
    (w_unpack, 4),
    (w_index, 20),
    (w_iterate, 20),
]
