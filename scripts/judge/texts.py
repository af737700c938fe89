"""Literals and texts as they are written: escapes, numbers, f-strings, brackets, broken ones too."""

from choice import R, c, maybe, one

ESCAPES = ["\\n", "\\t", "\\\\", "\\'", '\\"', "\\x41", "\\xe9", "\\u00c8", "\\u20ac", "\\U0001F600", "\\0", "\\7", "\\101", "\\377", "\\a", "\\b", "\\f", "\\v", "\\r", "\\q", "\\%", "\\x4", "\\u12", "\\8"]
PIECES = ["a", "B", " ", "é", "日", "😀", "{", "}", "%", "#", "'", '"', "\n", ";", "$", "{{", "}}"]


def l_string():
    prefix = c(["", "", "", "r", "R", "u", "b", "rb", "Br", "f", "fr", "U", "bu", "rr"])
    quote = c(["'", '"', "'''", '"""'])
    body = "".join(c(ESCAPES) if maybe(0.5) else c(PIECES) for _ in range(R.randint(0, 5)))
    more = c(["", "", "", " 'x'", " b'x'", "'y'", ' f"{1}"'])
    return prefix + quote + body + quote + more


def l_number():
    digits = "0123456789"
    kind = R.random()
    if kind < 0.3:
        return c(["0x", "0X", "0o", "0O", "0b", "0B"]) + "".join(c("0123456789abcdefABCDEF_") for _ in range(R.randint(0, 6)))
    if kind < 0.5:
        return "".join(c(digits + "_._eE+-") for _ in range(R.randint(1, 8)))
    whole = c(["", "0", "00", "1", "12", "1_0", "9" * R.randint(1, 19), str(R.randint(0, 2**64))])
    fraction = c(["", "", ".", ".5", ".0", ".1_2", "._1"])
    exponent = c(["", "", "", "e5", "E-3", "e+2", "e", "e1_0", "e400"])
    return whole + fraction + exponent + c(["", "", "", "", "j", "x", "_", "if 1 else 2", " .real", ".real", "or 2"])


def l_brackets():
    """Displays with commas and stars wherever they may stand or not."""
    piece = lambda: c(["1", "2", "'a'", "*[1, 2]", "**{'k': 1}", "1: 2", "'k': 3", "x for x in [1]", "()", "[]", "{}", "", "*'ab'", "None", "1 if 1 else 2", "lambda: 1", "not 1"])
    inner = c([", ", ",", " ,", ",\n"]).join(piece() for _ in range(R.randint(0, 4))) + c(["", "", ","])
    return c(["(%s)", "[%s]", "{%s}", "%s", "len([%s])", "sum([%s])", "(%s)[0]", "dict(a=[%s])"]) % inner


def l_tokens():
    """Tokens one after the other: mostly no expression."""
    tokens = ["1", "2", "'a'", "x", "+", "-", "*", "**", "/", "//", "%", "(", ")", "[", "]", "{", "}", ",", ":", ".", "=", "==", "<", "<=", "!=", "and", "or", "not", "in", "is", "if", "else", "for", "lambda", "None", "True", "~", "|", "&", "^", "<<", ";", "\n", "1.5", "len", "f'{1}'"]
    return " ".join(c(tokens) for _ in range(R.randint(1, 6)))


def l_cut():
    """An expression with a piece taken out, put in twice, or another sign put in."""
    text = c(
        [
            "x = {'a': [1, *[2]], **{}}; x['a'][0:1]",
            "sorted([3, 1, 2], key=lambda v: -v ** 2)[1:2]",
            "f'{5!r:>{4}}' '\\x41' + str(0x1F)",
            "[y for z, (q, *r) in [(1, (2, 3))] for y in r if 1_0.5e-3]",
            "1 < 2 <= 3 != 4 and not 5 or -6 if 7 else ~8",
            "a, *b = 'xyz'; a += 'q'; [a, b]",
            "{k: v for k, v in zip('ab', range(2))}.items()",
            "'%s-%5.2f' % ('x', 2.5) * 2",
            "max((1, 2), default=3) // 2 % 5",
            "b'ab'[0] + len(\"\"\"a\nb\"\"\")",
        ]
    )
    at = R.randrange(len(text))
    to = min(len(text), at + R.randint(1, 3))
    return one(
        lambda: text[:at] + text[to:],
        lambda: text[:to] + text[at:],
        lambda: text[:at] + c(["(", ")", "[", "]", "{", "}", "'", '"', ",", ":", "=", "*", " ", "\n", "1", "a", ".", "#", "\\", "not ", "!"]) + text[at:],
        lambda: text[:at],
        lambda: text[at:],
    )


def l_fstring():
    quote = c(["'", '"', "'''", '"""'])
    other = '"' if quote[0] == "'" else "'"
    value = lambda: c(["1", "2.5", "-3", "None", "True", "[1, 2]", "(1,)", f"{other}s{other}", f"{other}it{other}", "10 ** 6", "1e20", "{1: 2}[1]", " {1} ", "1 if 0 else 2", "1 == 2", "1 != 2", "1 <= 2", "1, 2", "(lambda: 1)", "len([1])", "x", "", " ", "1 + 1", "not 1", f"{other}a:b{other}", "[1, 2][0:1]", "f'{1}'" if quote[0] == '"' else 'f"{1}"', "3 .real"])
    conversion = lambda: c(["", "", "", "!r", "!s", "!a", "!x", "!", "!r "])
    spec = lambda: c(["", "", "", ":5", ":>5", ":^{5}", ":{3 + 4}.{1}", ":.2f", ":d", ":x", ":,", ":%", ":", ":{{}}", ":}}", ":{1}{2}", ":é^7", ":!r", ":{1!r}", ":{2:{3}}", ":=+7"])
    field = lambda: "{" + c(["", "", " "]) + value() + c(["", "", "", "=", " = ", "= "]) + conversion() + spec() + "}"
    parts = [field() if maybe(0.6) else c(["a", "{{", "}}", " ", "{", "}", "é", "\\n", "\\x41", "\\{", "%"]) for _ in range(R.randint(1, 3))]
    return c(["f", "F", "rf", "fR"]) + quote + "".join(parts) + quote


def l_call():
    """Calls with arguments in every order."""
    piece = lambda: c(["1", "'a'", "[3, 1]", "key=abs", "reverse=True", "default=0", "key=None", "start=1", "x for x in [2]", "a=1", "a=2", "1 if 1 else 0", "key=lambda v: v"])
    return f"{c(['sorted', 'max', 'sum', 'dict', 'len', 'list', 'min', 'enumerate', 'zip', 'nope', 'round', 'str'])}({', '.join(piece() for _ in range(R.randint(0, 3)))})"


TEXTS = [
    (l_string, 24),
    (l_number, 20),
    (l_brackets, 16),
    (l_tokens, 16),
    (l_cut, 30),
    (l_fstring, 24),
    (l_call, 8),
]
