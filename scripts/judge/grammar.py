"""Typed expressions, grown from the top: most of them have a value, however deep they nest.

A type is `int`, `float`, `bool`, `str`, `bytes`, `none`, or `list:T`, `tuple:T`, `set` (of small ints, whose order
CPython happens to keep sorted), `dict:K:V` with plain K and V. The names in scope are a dict from type to names.
"""

from choice import R, c, maybe, one

PLAIN = ["int", "float", "bool", "str"]
WORDS = ["", "a", "abc", "Hello World", "x,y,,z", "  pad ", "42", "-3.5", "ÄÖü", "straße", "日本", "a\\tb", "it\\'s", "{}", "%"]
# Arguments, each as it is written.
ENDS = ['"big"', '"little"', 'byteorder="big"']
FILLS = ["", ', "*"', ', "é"']
DECODINGS = ["", '"latin-1"', '"utf-8", "replace"', 'errors="ignore"', '"ascii"']
ENCODINGS = ["", '"utf-8"', '"latin-1", "replace"', '"ascii", "ignore"', 'errors="xmlcharrefreplace", encoding="ascii"']
AS_TEXT = ['"latin-1"', 'encoding="utf-8", errors="replace"', '"ascii", "ignore"']
SEPARATORS = ["", "','", "' '", "'a'", "'l'", "None, 1", 'sep=","', '",", maxsplit=1']
MEMBERS = ["[1, 2, 3]", "(4, 5)", "range(6)", 'b"\\x01\\x02"', "()"]
HEX = ["", '":"', '"-", 2']
COMMA = ["", "b','"]
OF_TWO = ["a + b", "(a, b)", "a * b", "a if a < b else b", 'f"{a}{b}"']
KEYWORD_NAMES = ["x", "y", "z", "n", "word", "item", "k", "v", "i", "_", "été", "a1"]


def some(kind=None):
    """A type."""
    if maybe(0.75):
        return c(PLAIN)
    return c(["list:" + c(PLAIN), "tuple:" + c(PLAIN), "dict:str:int", "dict:int:str", "set", "bytes", "none", "list:list:int"])


def fresh(env):
    return c([name for name in KEYWORD_NAMES if all(name not in names for names in env.values())] or ["q"])


def bind(env, name, kind):
    inner = {other: [known for known in names if known != name] for other, names in env.items()}
    inner.setdefault(kind, []).append(name)
    return inner


def wrong(chance):
    return maybe(chance)


def g(kind, d, env):
    """An expression of that type, `d` levels deep at most."""
    if wrong(0.006):
        kind = some()
    names = env.get(kind)
    if names and maybe(0.35 if d > 0 else 0.7):
        return c(names)
    if d > 0 and maybe(0.09):
        return any_kind(kind, d - 1, env)
    base, _, rest = kind.partition(":")
    return {
        "int": g_int,
        "float": g_float,
        "bool": g_bool,
        "str": g_str,
        "bytes": g_bytes,
        "none": lambda d, env: "None",
        "list": lambda d, env: g_list(rest, d, env),
        "tuple": lambda d, env: g_tuple(rest, d, env),
        "set": g_set,
        "dict": lambda d, env: g_dict(rest, d, env),
    }[base](d, env)


def any_kind(kind, d, env):
    """What yields a value of any type."""
    e = lambda kind: g(kind, d, env)
    return one(
        lambda: f"({e(kind)} if {condition(d, env)} else {e(kind)})",
        lambda: f"({e(kind)} or {e(kind)})",
        lambda: f"({e(kind)} and {e(kind)})",
        lambda: f"[{e(kind)}, {e(kind)}][{c(['0', '1', '-1', e('bool')])}]",
        lambda: f"({e(kind)},)[0]",
        lambda: f"{{{e('str')}: {e(kind)}}}.get({e('str')}, {e(kind)})",
        lambda: f"max([{e(kind)}, {e(kind)}], key={key_function(kind, d, env)})",
        lambda: f"min({e(kind)}, {e(kind)}, key={key_function(kind, d, env)})",
        lambda: f"next(iter([{e(kind)}]))",
        lambda: f"sorted([{e(kind)}, {e(kind)}, {e(kind)}], key={key_function(kind, d, env)})[{c(['0', '1', '-1'])}]",
        lambda: f"({e(kind)})",
    )


def starts(e):
    return lambda: f"({e('str')}, 'a')"


def condition(d, env):
    return one(lambda: g("bool", d, env), lambda: g(some(), d, env))


def key_function(kind, d, env):
    name = fresh(env)
    inner = bind(env, name, kind)
    if kind == "str" and maybe(0.3):
        return c(["len", "str.lower", "str.upper", "str", "repr", "ascii"])
    if kind in ("int", "float") and maybe(0.3):
        return c(["abs", "str", "float", "bool", "repr", "math.floor", "round"])
    return f"lambda {name}: {g(c(['int', 'str', 'float', 'tuple:int', 'bool']), d, inner)}"


def g_int(d, env):
    if d <= 0:
        return one(
            lambda: str(R.randint(-9, 20)),
            lambda: str(R.randint(0, 5)),
            lambda: c(["0x1F", "0b101", "0o17", "1_000", "100", "255", "-1", "00", "0XaB", "65535", "2147483648"]),
        )
    d -= 1
    e = lambda kind: g(kind, d, env)
    sequence = lambda: e(c(["str", "list:int", "list:str", "tuple:int", "dict:str:int", "set", "bytes"]))
    return one(
        lambda: f"{e('int')} {c('+-*')} {e('int')}",
        lambda: f"({e('int')} {c(['+', '-', '*'])} {e('int')})",
        lambda: f"({e('int')} {c(['//', '%'])} {c([e('int'), str(R.randint(1, 9)), str(-R.randint(1, 9))])})",
        lambda: f"({e('int')} {c('&|^')} {e('int')})",
        lambda: f"({e('int')} {c(['<<', '>>'])} {R.randint(0, 9)})",
        lambda: f"{e('int')} ** {R.randint(0, 4)}",
        lambda: f"{c(['-', '+', '~', '-+', '- -', '~-'])}{e('int')}",
        lambda: f"-{R.randint(1, 9)} ** {R.randint(0, 4)}",
        lambda: f"len({sequence()})",
        lambda: f"abs({e('int')})",
        lambda: f"int({e(c(['float', 'bool', 'int']))})",
        lambda: f"int({str(R.randint(-999, 999))!r})",
        lambda: f"int('{R.randint(0, 7)}1', {c(['8', 'base=8', '16', '36', '0'])})",
        lambda: f"round({e('float')})",
        lambda: f"sum({e('list:int')}{c(['', '', ', ' + e('int'), ', start=' + e('int')])})",
        lambda: f"sum({generator('int', d, env)})",
        lambda: f"max({e('list:int')}, default={e('int')})",
        lambda: f"min({generator('int', d, env)}, default=0)",
        lambda: f"{c(['max', 'min'])}({e('int')}, {e('int')})",
        lambda: f"{e('str')}.{c(['count', 'find', 'rfind'])}({c([e('str'), repr(c('abclo '))])})",
        lambda: f"{e('list:int')}.count({e('int')})",
        lambda: f"{e('list:int')}[{R.randint(-2, 2)}]",
        lambda: f"{e('tuple:int')}[{R.randint(-2, 2)}]",
        lambda: f"{e('bytes')}[{c(['0', '-1'])}]",
        lambda: f"ord({one(lambda: repr(c('aZ0é日')), lambda: e('str') + '[0]', lambda: 'chr(' + e('int') + ')')})",
        lambda: f"pow({e('int')}, {R.randint(0, 3)})",
        lambda: f"pow({e('int')}, {R.randint(0, 30)}, {c([str(R.randint(1, 99)), e('int')])})",
        lambda: f"divmod({e('int')}, {R.randint(1, 9)})[{c('01')}]",
        lambda: f"({e('int')}).{c(['bit_length()', 'bit_count()', 'real', 'imag', 'numerator', 'denominator', 'conjugate()'])}",
        lambda: f"int.from_bytes({e('bytes')}, {c(ENDS)})",
        lambda: f"range({R.randint(-3, 9)})[{R.randint(-2, 2)}]",
        lambda: f"len(range({e('int')}, {e('int')}, {c(['1', '2', '-1', '3'])}))",
        lambda: f"math.{c(['floor', 'ceil', 'trunc'])}({e('float')})",
        lambda: f"math.{c(['gcd', 'lcm'])}({e('int')}, {e('int')})",
        lambda: f"math.{c(['factorial', 'isqrt'])}({R.randint(0, 15)})",
        lambda: f"math.{c(['comb', 'perm'])}({R.randint(0, 12)}, {R.randint(0, 6)})",
        lambda: f"{e('dict:str:int')}.get({e('str')}, {e('int')})",
        lambda: f"len([{e(some())} for _ in range({R.randint(0, 3)})])",
        lambda: f"({e('bool')} + {e('bool')})",
        lambda: f"[*{e('list:int')}, {e('int')}][-1]",
        lambda: f"{e('tuple:int')}.index({e('int')})",
    )


def g_float(d, env):
    if d <= 0:
        return one(
            lambda: repr(R.randint(-40, 40) / c([1, 2, 4, 8, 10])),
            lambda: c(["0.0", "-0.0", ".5", "5.", "1e3", "1E-7", "1_0.2_5", "3.14159", "2.5", "1e16", "1e-5", "0.1", "1e22"]),
            lambda: repr(round(R.uniform(-1000, 1000), R.randint(0, 6))),
        )
    d -= 1
    e = lambda kind: g(kind, d, env)
    num = lambda: e(c(["int", "float"]))
    return one(
        lambda: f"{e('float')} {c('+-*')} {num()}",
        lambda: f"({num()} {c('+-*')} {e('float')})",
        lambda: f"({num()} / {c([num(), str(R.randint(1, 9))])})",
        lambda: f"({e('float')} {c(['//', '%'])} {c([num(), '0.3', '-7', '2.5'])})",
        lambda: f"{e('float')} ** {c(['2', '0.5', '-1', '3'])}",
        lambda: f"2 ** -{R.randint(1, 5)}",
        lambda: f"{c(['-', '+'])}{e('float')}",
        lambda: f"abs({e('float')})",
        lambda: f"float({e(c(['int', 'bool', 'float']))})",
        lambda: f"float({c(['1.5', ' 2 ', '1e3', 'inf', '-nan', '1_0', '.5'])!r})",
        lambda: f"round({e('float')}, {c(['1', '2', '0', '-1', 'ndigits=3', '5'])})",
        lambda: f"sum({e('list:float')})",
        lambda: f"max({e('list:float')}, default={e('float')})",
        lambda: f"{c(['max', 'min'])}({num()}, {num()})",
        lambda: f"divmod({e('float')}, {c(['2', '0.7', '-3'])})[{c('01')}]",
        lambda: f"math.{c(['sqrt', 'fabs', 'degrees', 'radians'])}({c([num(), 'abs(' + num() + ')'])})",
        lambda: f"math.{c(['fmod', 'copysign', 'hypot', 'remainder', 'ldexp', 'nextafter', 'dist'])}({num()}, {num()})",
        lambda: f"math.{c(['pi', 'e', 'tau', 'inf', 'nan'])}",
        lambda: f"math.modf({num()})[{c('01')}]",
        lambda: f"math.frexp({num()})[0]",
        lambda: f"math.fsum({e('list:float')})",
        lambda: f"math.prod({e('list:float')}{c(['', ', start=2'])})",
        lambda: f"float.fromhex({e('float')}.hex())",
        lambda: f"({e('float')}).{c(['real', 'imag', 'conjugate()'])}",
        lambda: f"{e('list:float')}[{R.randint(-2, 2)}]",
        lambda: f"1 / {e('int')}",
    )


def g_bool(d, env):
    if d <= 0:
        return c(["True", "False"])
    d -= 1
    e = lambda kind: g(kind, d, env)
    kind = some()
    num = lambda: e(c(["int", "float", "bool"]))
    less = lambda: c(["<", "<=", ">", ">=", "==", "!="])
    return one(
        lambda: f"{num()} {less()} {num()}",
        lambda: f"({num()} {less()} {num()} {less()} {num()})",
        lambda: f"({e('str')} {less()} {e('str')})",
        lambda: f"({e('list:int')} {less()} {e('list:int')})",
        lambda: f"({e('tuple:str')} {less()} {e('tuple:str')} {less()} {e('tuple:str')})",
        lambda: f"({e('set')} {less()} {e('set')})",
        lambda: f"({e(kind)} {c(['==', '!='])} {e(some())})",
        lambda: f"(not {e(some())})",
        lambda: f"not {e('bool')} {c(['==', '!='])} {e('bool')}",
        lambda: f"({e('bool')} {c(['and', 'or'])} {e('bool')})",
        lambda: f"({e('bool')} {c('&|^')} {e('bool')})",
        lambda: f"{e('str')} {c(['in', 'not in'])} {e('str')}",
        lambda: f"({e('int')} {c(['in', 'not in'])} {e(c(['list:int', 'tuple:int', 'set', 'dict:int:str']))})",
        lambda: f"({e(some())} in [{e(some())}, {e(some())}])",
        lambda: f"({e('int')} in range({R.randint(-5, 5)}, {R.randint(0, 30)}, {R.randint(1, 4)}))",
        lambda: f"({e(c([some(), 'none']))} {c(['is', 'is not'])} None)",
        lambda: f"bool({e(some())})",
        lambda: f"{c(['any', 'all'])}({e('list:' + c(PLAIN))})",
        lambda: f"{c(['any', 'all'])}({generator('bool', d, env)})",
        lambda: f"isinstance({e(some())}, {c(['int', 'str', 'float', '(int, float)', 'list', 'bool', 'dict', '(str, (list, tuple))', 'set', 'bytes'])})",
        lambda: f"{e('str')}.{c(['startswith', 'endswith'])}({one(lambda: repr(c('aHx')), lambda: e('str'), lambda: starts(e))})",
        lambda: f"{e('str')}.{c(['isdigit', 'isalpha', 'isalnum', 'isspace', 'isupper', 'islower', 'istitle', 'isnumeric', 'isdecimal', 'isidentifier', 'isprintable', 'isascii'])}()",
        lambda: f"{e('set')}.{c(['issubset', 'issuperset', 'isdisjoint'])}({e(c(['set', 'list:int']))})",
        lambda: f"({e('float')}).is_integer()",
        lambda: f"math.{c(['isnan', 'isinf', 'isfinite'])}({e('float')})",
        lambda: f"math.isclose({num()}, {num()}{c(['', ', rel_tol=0.5', ', abs_tol=1'])})",
        lambda: f"(type({e(some())}) == type({e(some())}))",
        lambda: f"({e('dict:str:int')} == {e('dict:str:int')})",
    )


def literal(text):
    """A way to write a text that stands escaped for single quotes."""
    if "\\" in text or "'" in text:
        return "'" + text + "'"
    return c(["'%s'", '"%s"', "'''%s'''", '"""%s"""', "u'%s'", "r'%s'", "f'%s'" if not ("{" in text) else "'%s'"]) % text


def g_str(d, env):
    if d <= 0:
        return one(
            lambda: literal(c(WORDS)),
            lambda: literal(c(WORDS)),
            lambda: c([r"'\x41'", r"'\u00c8\n'", r"'\101'", r"'\U0001F600'", r"r'\n'", r"'\\'", "'a' 'b'", "'a' \"b\" f'{1}'", r"'\''", "'\"'", r"'\q'", r"'\0'", "'''a\nb'''", "'a\\\nb'"]),
        )
    d -= 1
    e = lambda kind: g(kind, d, env)
    index = lambda: c(["0", "1", "-1", "2", e("int")])
    bound = lambda: c(["", "", "1", "2", "-1", "-2", "0", e("int")])
    return one(
        lambda: f"{e('str')} + {e('str')}",
        lambda: f"({e('str')} + {e('str')})",
        lambda: f"({e('str')} * {R.randint(-1, 3)})",
        lambda: f"{R.randint(0, 3)} * {e('str')}",
        lambda: f"{e('str')}[{index()}]",
        lambda: f"{e('str')}[{bound()}:{bound()}]",
        lambda: f"{e('str')}[{bound()}:{bound()}:{c(['2', '-1', '1', '-2', '3', ''])}]",
        lambda: f"{c(['str', 'repr', 'ascii', 'str'])}({e(some())})",
        lambda: f"{c(['hex', 'oct', 'bin'])}({e('int')})",
        lambda: f"chr({one(lambda: str(R.randint(33, 900)), lambda: e('int'))})",
        lambda: f"{e('str')}.{c(['upper', 'lower', 'title', 'capitalize', 'swapcase', 'casefold', 'strip', 'lstrip', 'rstrip', 'expandtabs'])}()",
        lambda: f"{e('str')}.{c(['strip', 'lstrip', 'rstrip', 'removeprefix', 'removesuffix'])}({e('str')})",
        lambda: f"{e('str')}.replace({e('str')}, {e('str')}{c(['', ', 1', ', -1', ', ' + e('int')])})",
        lambda: f"{e('str')}.{c(['center', 'ljust', 'rjust'])}({R.randint(0, 14)}{c(FILLS)})",
        lambda: f"{e('str')}.zfill({R.randint(0, 9)})",
        lambda: f"{e('str')}.join({e(c(['list:str', 'tuple:str']))})",
        lambda: f"{e('str')}.join({generator('str', d, env)})",
        lambda: f"''.join(map({c(['str', 'repr', 'hex', 'chr'])}, {e('list:int')}))",
        lambda: f"''.join(reversed({e('str')}))",
        lambda: f"''.join(sorted({e('str')}{c(['', ', reverse=True', ', key=str.lower'])}))",
        lambda: f"{e('str')}.split({c(['', 'None', repr(c([',', ' ', 'l'])), 'maxsplit=1'])})[{c(['0', '-1'])}]",
        lambda: f"{e('str')}.{c(['partition', 'rpartition'])}({c([repr(c(', lo')), e('str')])})[{R.randint(0, 2)}]",
        lambda: f"{e('bytes')}.decode({c(DECODINGS)})",
        lambda: f"{e('bytes')}.hex({c(HEX)})",
        lambda: f"{e('list:str')}[{R.randint(-2, 2)}]",
        lambda: f"({e('float')}).hex()",
        lambda: f"format({e(c(['int', 'float', 'str', 'bool']))}, {specification()!r})",
        lambda: f"'{{:{specification()}}}'.format({e(c(['int', 'float', 'str']))})",
        lambda: f"'{{}}{{!r}}'.format({e(some())}, {e(some())})",
        lambda: f"'{{1}}-{{0}}{{k}}'.format({e(some())}, {e(some())}, k={e(some())})",
        lambda: f"'{percent()}' % ({e('int')},)",
        lambda: f"'%s{percent()}' % ({e(some())}, {e(c(['int', 'float']))})",
        lambda: f"'%(k)s %(k){percent()[1:]}' % {{'k': {e('int')}}}",
        lambda: f"'%r' % ({e(some())},)",
        lambda: f_string(d, env),
        lambda: f_string(d, env),
        lambda: f"type({e(some())}).__name__",
        lambda: f"max({e('str')}, {e('str')})",
        lambda: f"min({e('list:str')}, key=len, default={e('str')})",
        lambda: f"str({e('bytes')}, {c(AS_TEXT)})",
    )


def specification():
    return (
        c(["", "", "", "*<", ">", "^", "=", "é^", "0>"])
        + c(["", "", "+", " ", "-"])
        + c(["", "", "", "#"])
        + c(["", "", "0"])
        + c(["", "", "5", "12", "1"])
        + c(["", "", "", ",", "_"])
        + c(["", "", "", ".2", ".0", ".5"])
        + c(["", "", "", "d", "f", "g", "e", "x", "s", "%", "b", "o", "X", "E", "G", "n", "c"])
    )


def percent():
    return "%" + c(["", "", "-", "+", " ", "0", "#"]) + c(["", "", "5", "8"]) + c(["", "", ".2", ".0"]) + c("ddsrfgexXoic")


def f_string(d, env):
    quote = c(["'", '"', "'''", '"""'])
    parts = []
    for _ in range(R.randint(1, 3)):
        if maybe(0.3):
            parts.append(c(["text", "{{", "}}", " ", "é", ": ", "=", r"\n", r"\x41"]))
            continue
        value = g(some(), min(d, 1), env)
        if any(sign in value for sign in ("\\", "#", "\n")) or quote[0] in value or "'''" in value or '"""' in value:
            value = str(R.randint(-9, 99))
        if value.startswith("{") or "lambda" in value or "!=" in value:
            value = f"({value})"
        parts.append(
            "{"
            + c(["", "", " "])
            + value
            + c(["", "", "", "=", " = "])
            + c(["", "", "", "!r", "!s", "!a"])
            + c(["", "", "", ":" + specification(), ":{1 + 4}", ":>{3}.{2}", ":" + c([">8", "<8", "^8"])])
            + "}"
        )
    prefix = c(["f", "F", "fr", "rf", "f", "f"])
    if len(quote) == 1:
        parts = [part.replace("\n", " ") for part in parts]
    return prefix + quote + "".join(parts) + quote


def g_bytes(d, env):
    if d <= 0:
        return c(["b''", "b'abc'", "b'\\x00\\xff'", "b\"a,b\"", "rb'\\n'", "b'hello World'", "b' 12 '", "b'a' b'b'", "bytes([65, 66])", "bytes(3)"])
    d -= 1
    e = lambda kind: g(kind, d, env)
    return one(
        lambda: f"({e('bytes')} + {e('bytes')})",
        lambda: f"({e('bytes')} * {R.randint(0, 3)})",
        lambda: f"{e('bytes')}[{c(['1:', ':2', '::-1', '-2:', '::2'])}]",
        lambda: f"{e('str')}.encode({c(ENCODINGS)})",
        lambda: f"bytes([{', '.join(str(R.randint(0, 255)) for _ in range(R.randint(0, 4)))}])",
        lambda: f"bytes({e('str')}, 'utf-8')",
        lambda: f"{e('bytes')}.{c(['upper', 'lower', 'title', 'capitalize', 'swapcase', 'strip', 'lstrip', 'rstrip'])}()",
        lambda: f"{e('bytes')}.replace({e('bytes')}, {e('bytes')})",
        lambda: f"{e('bytes')}.{c(['center', 'ljust', 'rjust'])}({R.randint(0, 9)}, b'-')",
        lambda: f"{e('bytes')}.join([{e('bytes')}, {e('bytes')}])",
        lambda: f"({abs(R.randint(0, 70000))}).to_bytes({c(['4', '3', '8', 'length=4'])}, byteorder={c(ENDS[:2])})",
        lambda: f"bytes.fromhex({c(['00 ff', '4142', '', 'a', '0g'])!r})",
        lambda: f"{e('bytes')}.split({c(COMMA)})[0]",
        lambda: f"bytes({generator('int', d, env)})",
    )


def iterable(kind, d, env):
    """Something whose items are of that type, in an order that is promised."""
    if kind == "int" and maybe(0.5):
        return one(lambda: f"range({R.randint(0, 5)})", lambda: f"range({R.randint(-3, 3)}, {R.randint(0, 7)})", lambda: g("set", d, env), lambda: g("bytes", d, env))
    if kind == "str" and maybe(0.4):
        return one(lambda: g("str", d, env), lambda: g("dict:str:int", d, env), lambda: g("str", d, env) + ".split()", lambda: g("dict:str:int", d, env) + ".keys()")
    return g(c(["list:", "tuple:"]) + kind, d, env)


def clauses(d, env):
    """`for … in … if …`, and the scope inside."""
    text, inner = "", env
    for number in range(c([1, 1, 1, 2, 2, 3])):
        shape = R.random()
        if shape < 0.65:
            kind = c(["int", "str", "float"])
            name = fresh(inner)
            source = iterable(kind, d - 1, inner)
            inner = bind(inner, name, kind)
        elif shape < 0.75:
            name = f"({fresh(inner)}, w)" if maybe(0.5) else f"{fresh(inner)}, w"
            first = name.strip("(").split(",")[0]
            source = one(lambda: f"enumerate({g('list:str', d - 1, inner)}{c(['', ', 1', ', start=5'])})", lambda: f"zip({g('list:int', d - 1, inner)}, {g('list:str', d - 1, inner)})", lambda: f"{g('dict:int:str', d - 1, inner)}.items()")
            inner = bind(bind(inner, first, "int"), "w", "str")
        elif shape < 0.85:
            name = fresh(inner)
            source = g("list:list:int", d - 1, inner)
            inner = bind(inner, name, "list:int")
        elif shape < 0.93:
            first = fresh(inner)
            name = f"{first}, *rest"
            source = c(["[(1, 2, 3), (4, 5)]", "[[7, 8]]", "['ab', 'xyz']", "zip([1, 2], [3, 4], [5, 6])"])
            inner = bind(inner, "rest", "list:int")
        else:
            name = f"[{fresh(inner)}, (u, w)]"
            source = "[(1, ('a', 2)), (3, ('b', 4))]"
            inner = bind(bind(inner, "u", "str"), "w", "int")
        text += f" for {name} in {source}"
        for _ in range(c([0, 0, 1, 1, 2])):
            text += f" if {condition(d - 1, inner)}"
    return text, inner


def generator(kind, d, env):
    text, inner = clauses(d, env)
    return g(kind, d, inner) + text


def function(kind, result, d, env):
    name = fresh(env)
    return f"lambda {name}: {g(result, d, bind(env, name, kind))}"


def g_list(kind, d, env):
    if d <= 0:
        inner = kind if ":" in kind else kind
        return "[" + ", ".join(g(inner, 0, env) for _ in range(R.randint(0, 3))) + "]"
    d -= 1
    e = lambda kind: g(kind, d, env)
    own = "list:" + kind
    other = c(["int", "str", "float"])
    makers = [
        lambda: "[" + ", ".join(e(kind) for _ in range(R.randint(1, 4))) + c(["]", ",]"]),
        lambda: f"[{e(kind)}, *{iterable(kind, d, env)}]",
        lambda: f"({e(own)} + {e(own)})",
        lambda: f"({e(own)} * {R.randint(-1, 2)})",
        lambda: f"{e(own)}[{c(['1:', ':-1', '::-1', '::2', ':2', '-2:', '1:2'])}]",
        lambda: f"[{generator(kind, d, env)}]",
        lambda: f"[{generator(kind, d, env)}]",
        lambda: f"list({generator(kind, d, env)})",
        lambda: f"list({iterable(kind, d, env)})",
        lambda: f"list(map({function(other, kind, d, env)}, {iterable(other, d, env)}))",
        lambda: f"list(filter({c([function(kind, 'bool', d, env), 'None'])}, {iterable(kind, d, env)}))",
        lambda: f"list(reversed({e(own)}))",
        lambda: f"{e(own)}.copy()",
        lambda: f"sorted({iterable(kind, d, env)}, key={key_function(kind, d, env)}{c(['', ', reverse=True'])})",
        lambda: f"[{e(kind)} for _ in range({R.randint(0, 3)})]",
        lambda: f"sum([{e(own)}, {e(own)}], [])",
        lambda: f"list({e('tuple:' + kind)})",
    ]
    if kind == "int":
        makers += [
            lambda: f"sorted({e('set')})",
            lambda: f"list(range({R.randint(-5, 5)}, {R.randint(-5, 9)}, {c(['1', '2', '-1', '-2'])}))",
            lambda: f"list(map({c(['int', 'ord', 'len', 'abs'])}, {e('list:str')}))",
            lambda: f"list({e('dict:str:int')}.values())",
            lambda: f"[*divmod({e('int')}, 7)]",
            lambda: f"list(map(lambda a, b: a {c('+-*')} b, {e('list:int')}, {e('tuple:int')}))",
        ]
    if kind in ("int", "float", "str"):
        makers.append(lambda: f"sorted({e(own)}{c(['', ', reverse=True', ', key=None'])})")
    if kind == "str":
        makers += [
            lambda: f"{e('str')}.split({c(SEPARATORS)})",
            lambda: f"{e('str')}.rsplit({c(['', repr(c(', al')), 'None, 1', 'maxsplit=1'])})",
            lambda: f"{e('str')}.splitlines({c(['', 'True', 'keepends=True'])})",
            lambda: f"list({e('dict:str:int')}{c(['', '.keys()'])})",
            lambda: f"list(map(str.{c(['upper', 'strip', 'title', 'lower'])}, {e('list:str')}))",
            lambda: f"list({e('str')}.partition({e('str')}))",
        ]
    return c(makers)()


def g_tuple(kind, d, env):
    items = lambda d: ", ".join(g(kind, d, env) for _ in range(R.randint(2, 3)))
    if d <= 0:
        return c([f"({items(0)})", f"({g(kind, 0, env)},)", "()", f"({items(0)},)"])
    d -= 1
    e = lambda kind: g(kind, d, env)
    return one(
        lambda: f"({items(d)})",
        lambda: f"({e(kind)},)",
        lambda: f"(*{iterable(kind, d, env)}, {e(kind)})",
        lambda: f"tuple({iterable(kind, d, env)})",
        lambda: f"tuple({generator(kind, d, env)})",
        lambda: f"({e('tuple:' + kind)} + {e('tuple:' + kind)})",
        lambda: f"{e('tuple:' + kind)} * {R.randint(0, 2)}",
        lambda: f"{e('tuple:' + kind)}[{c(['1:', '::-1', ':1'])}]",
        lambda: f"tuple(sorted({iterable(kind, d, env)}, key={key_function(kind, d, env)}))",
    )


def g_set(d, env):
    small = lambda: str(R.randint(0, 7))
    if d <= 0:
        return one(lambda: "{" + ", ".join(small() for _ in range(R.randint(1, 4))) + "}", "set()")
    d -= 1
    e = lambda: g("set", d, env)
    name = fresh(env)
    return one(
        lambda: f"({e()} {c('&|^-')} {e()})",
        lambda: f"{e()}.{c(['union', 'intersection', 'difference', 'symmetric_difference'])}({e()})",
        lambda: f"{{{name} % 8 for {name} in {iterable('int', d, env)}}}",
        lambda: f"{{{name} & 7{clauses_of(name, d, env)}}}",
        lambda: f"set({c(MEMBERS)})",
        lambda: f"{e()}.copy()",
        lambda: f"{{*{e()}, {small()}}}",
        lambda: f"set({e()})",
        lambda: f"{e()}.union([{small()}], ({small()},))",
    )


def clauses_of(name, d, env):
    inner = bind(env, name, "int")
    return f" for {name} in {iterable('int', d, env)} if {condition(d, inner)}"


def g_dict(kinds, d, env):
    key_kind, _, value_kind = kinds.partition(":")
    key = lambda: one(lambda: repr(c(["a", "b", "k", "é"])), lambda: g("str", max(d - 1, 0), env)) if key_kind == "str" else g("int", max(d - 1, 0), env)
    pair = lambda d: f"{key()}: {g(value_kind, d, env)}"
    if d <= 0:
        return "{" + ", ".join(pair(0) for _ in range(R.randint(0, 3))) + "}"
    d -= 1
    own = "dict:" + kinds
    e = lambda kind: g(kind, d, env)
    text, inner = clauses(d, env)
    makers = [
        lambda: "{" + ", ".join(pair(d) for _ in range(R.randint(1, 3))) + c(["}", ",}"]),
        lambda: f"{{**{e(own)}, {pair(d)}}}",
        lambda: f"{{{pair(d)}, **{e(own)}}}",
        lambda: f"({e(own)} | {e(own)})",
        lambda: f"{{{g(key_kind, d, inner)}: {g(value_kind, d, inner)}{text}}}",
        lambda: f"dict(zip({e('list:' + key_kind)}, {e('list:' + value_kind)}))",
        lambda: f"dict([({key()}, {e(value_kind)}), ({key()}, {e(value_kind)})])",
        lambda: f"dict({e(own)})",
        lambda: f"{e(own)}.copy()",
        lambda: f"dict.fromkeys({e('list:' + key_kind)}, {e(value_kind)})",
        lambda: f"dict(({g(key_kind, d, inner)}, {g(value_kind, d, inner)}){text})",
        lambda: f"{{k: v for k, v in {e(own)}.items() if v}}",
        lambda: f"dict(sorted({e(own)}.items(){c(['', ', reverse=True', ', key=lambda p: str(p[1])'])}))",
    ]
    if key_kind == "str":
        makers.append(lambda: f"dict(a={e(value_kind)}, b={e(value_kind)})")
        makers.append(lambda: f"dict({e(own)}, k={e(value_kind)})")
    return c(makers)()


def t_shallow():
    return g(some(), R.randint(1, 2), {})


def t_typed():
    return g(some(), R.randint(2, 3), {})


def t_deep():
    return g(some(), 4, {})


def t_comprehension():
    return one(
        lambda: f"[{generator(some(), 2, {})}]",
        lambda: f"{{{generator('int', 2, {})}}}",
        lambda: f"{c(['sum', 'max', 'min', 'sorted', 'list', 'tuple', 'any', 'all', 'len', 'set', 'dict', 'enumerate'])}({generator(c(['int', 'float', 'str']), 2, {})})",
        lambda: f"[[{generator('int', 1, {})}] for q in {iterable('int', 1, {})}]",
        lambda: g_dict(c(["str:int", "int:str", "int:float"]), 2, {}),
    )


def t_sort():
    kind = c(["int", "str", "float"])
    return one(
        lambda: f"sorted({iterable(kind, 1, {})}, key={key_function(kind, 1, {})}{c(['', ', reverse=True', ', reverse=False'])})",
        lambda: f"{c(['max', 'min'])}({iterable(kind, 1, {})}, key={key_function(kind, 1, {})}{c(['', ', default=None', ', default=0'])})",
        lambda: f"{c(['max', 'min'])}({g(kind, 1, {})}, {g(kind, 1, {})}, {g(kind, 1, {})}{c(['', ', key=' + key_function(kind, 1, {})])})",
        lambda: f"sorted({g('list:tuple:int', 1, {})}, key=lambda p: {c(['p[0]', 'len(p)', '-len(p)', 'p[::-1]', 'sum(p)', '(len(p), p)'])})",
        lambda: f"sorted({g('dict:str:int', 1, {})}.items(), key=lambda kv: (kv[1], kv[0]))",
    )


def t_map():
    kind = c(["int", "str", "float"])
    result = some()
    return one(
        lambda: f"{c(['list', 'tuple', 'sorted', 'set', 'sum', 'any', 'all'])}(map({function(kind, 'int', 2, {})}, {iterable(kind, 1, {})}))",
        lambda: f"list(map({function(kind, result, 2, {})}, {iterable(kind, 1, {})}))",
        lambda: f"list(filter({function(kind, 'bool', 2, {})}, {iterable(kind, 1, {})}))",
        lambda: f"list(map(lambda a, b: {c(OF_TWO)}, {iterable(kind, 1, {})}, {iterable(kind, 1, {})}))",
        lambda: f"list(map(lambda a, b, c: [a, b, c], {iterable(kind, 0, {})}, {iterable('int', 0, {})}, {iterable('str', 0, {})}))",
        lambda: f"list(zip({iterable(kind, 1, {})}, {iterable(kind, 1, {})}))",
        lambda: f"list(map({c(['max', 'min', 'pow', 'divmod'])}, {iterable('int', 1, {})}, {iterable('int', 1, {})}))",
        lambda: f"[*map({c(['len', 'str', 'repr', 'bool', 'list', 'sorted', 'type'])}, {g('list:' + c(['str', 'list:int', 'tuple:int']), 1, {})})]",
        lambda: f"dict(map(lambda v: (v, {g('int', 1, {'int': ['v']})}), {iterable('int', 1, {})}))",
    )


def t_precedence():
    """Operators without brackets, where precedence decides."""
    operand = lambda: one(lambda: str(R.randint(0, 9)), lambda: c(["2.5", "True", "-3", "0"]), lambda: c(["-", "~", "+"]) + str(R.randint(0, 5)))
    operators = ["+", "-", "*", "//", "%", "**", "&", "|", "^", "<<", ">>", "<", "==", ">=", "!=", "and", "or", "in [1, 2] and", "is not None or", "if 1 else", "/"]
    text = c(["", "", "not "]) + operand()
    for _ in range(R.randint(2, 6)):
        operator = c(operators)
        text += f" {operator} " + (c(["not ", ""]) if operator in ("and", "or") else "") + operand()
    return text if len(text.split("**")) < 3 else "2 ** 3 ** 2"


TYPED = [
    (t_shallow, 60),
    (t_typed, 60),
    (t_deep, 20),
    (t_comprehension, 30),
    (t_sort, 14),
    (t_map, 14),
    (t_precedence, 14),
]
