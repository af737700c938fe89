"""Families of expressions by shape: each a template with values of every kind in it, most of them at the edges."""

from choice import R, c

ERRS = ["'strict'", "'ignore'", "'replace'", "'xmlcharrefreplace'", "'backslashreplace'"]
BY = ["3", "[1,2]", "b'x'", "'é', 'utf-8'", "'a'", "-1", "[300]", "1.5"]
HX = [
    "'0x1.8p1'",
    "'1.fffffffffffffffp0'",
    "'0x.1p-1074'",
    "'-0x1p-1075'",
    "'0x1p1024'",
    "'abc'",
    "''",
    "'0x1.00000000000008p0'",
    "'inf'",
]
INTS = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "-3",
    "5",
    "7",
    "10",
    "-7",
    "12",
    "100",
    "255",
    "256",
    "-128",
    "1000",
    "65535",
    "123456789",
    "-987654321",
    "4611686018427387904",
    "9223372036854775807",
    "-9223372036854775807",
    "9007199254740993",
    "1234567890123456789",
]
FLOATS = [
    "0.0",
    "-0.0",
    "1.0",
    "-1.0",
    "0.5",
    "-0.5",
    "1.5",
    "2.5",
    "3.7",
    "-3.7",
    "0.1",
    "0.2",
    "0.3",
    "1e16",
    "1e-5",
    "1e22",
    "123.456",
    "1e300",
    "-1e-300",
    "1e100",
    "2.675",
    "1.005",
    "99999.5",
    "1234567.891",
    "0.00012345",
    'float("inf")',
    'float("-inf")',
    'float("nan")',
    "5e-324",
    "1.7976931348623157e308",
    "9007199254740993.0",
    "0.1+0.2",
    "1e15",
    "123456789012345680.0",
]
BOOLS = ["True", "False"]
STRS = [
    "''",
    "'a'",
    "'abc'",
    "'Hello World'",
    "'  pad  '",
    "'a,b,c'",
    "'a,,b'",
    "'12'",
    "'-7'",
    "'3.5'",
    "'ÄÖü'",
    "'straße'",
    "'日本語テキスト'",
    "'😀x'",
    "'a\\tb\\tc'",
    "'l1\\nl2\\r\\nl3\\r'",
    "'abcabcabc'",
    "'AbC dEf'",
    "'ΑΣ ΟΔΟΣ'",
    "'ǅ'",
    "'x'*3",
    "'hello'",
    "'o'",
    "'l'",
    "' '",
    "'+5'",
    "'0x1f'",
    "'1_000'",
    "'aXbXc'",
    "'ﬁ'",
    "'İ'",
    "'٣'",
    "'²'",
    "'½'",
    "'\\x00\\x1f'",
    "'\\u2028a\\x85b'",
    '"it\'s"',
    "'q\"uo'",
    "'{}'",
    "'%'",
    "'tEST case-with 3x'",
]
BYTES = ["b''", "b'abc'", "b'a,b'", "b' x '", "b'\\xff\\x00'", "b'hello world'", "b'AbC'", "b'12'"]


def i():
    return R.choice(INTS)


def small():
    return R.choice(["0", "1", "2", "3", "-1", "-2", "-3", "4", "5", "10", "-10"])


def f():
    return R.choice(FLOATS)


def num():
    r = R.random()
    return i() if r < 0.45 else f() if r < 0.85 else R.choice(BOOLS)


def s():
    return R.choice(STRS)


def scal():
    r = R.random()
    return num() if r < 0.5 else s() if r < 0.9 else "None" if r < 0.95 else R.choice(BYTES)


def lst(e=None, n=None):
    e = e or scal
    n = R.randint(0, 5) if n is None else n
    return "[" + ", ".join(e() for _ in range(n)) + "]"


def tup(e=None):
    e = e or scal
    n = R.randint(0, 4)
    return "(" + ", ".join(e() for _ in range(n)) + (",)" if n == 1 else ")")


def key():
    return R.choice(["'a'", "'b'", "'k'", "1", "2", "(1, 2)", "None", "True", "1.0", "'x'"])


def dct():
    n = R.randint(0, 4)
    return "{" + ", ".join(key() + ": " + scal() for _ in range(n)) + "}"


def st():
    n = R.randint(1, 4)
    return "{" + ", ".join(R.choice(["1", "2", "3", "4", "5", "7", "True", "2.0"]) for _ in range(n)) + "}"


def rng():
    return R.choice(
        [
            "range(5)",
            "range(0)",
            "range(2, 10, 3)",
            "range(10, 0, -2)",
            "range(-5, 5)",
            "range(10**12)",
            "range(3, 3)",
        ]
    )


def val():
    return R.choice([num, num, s, s, lambda: lst(), tup, dct, st, rng, scal, lambda: R.choice(BYTES)])()


BIN = ["+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">="]


def g_arith():
    return f"({num()}) {R.choice(BIN)} ({num()})"


def g_arith2():
    return f"({num()}) {R.choice(BIN[:6])} ({num()}) {R.choice(BIN[:6])} ({num()})"


def g_bin():
    return f"({val()}) {R.choice(BIN)} ({val()})"


def g_cmp():
    return f"({val()}) {R.choice(BIN[12:])} ({val()})"


def g_list_cmp():
    e = lambda: R.choice(["1", "2", "1.0", "True", "'a'", 'float("nan")', "[1]", "(1,)", "None"])
    a, b = lst(e), lst(e)
    if R.random() < 0.3:
        a, b = tup(e), tup(e)
    return f"{a} {R.choice(BIN[12:])} {b}"


def g_in():
    return R.choice(
        [
            lambda: f"{s()} in {s()}",
            lambda: f"{scal()} in {lst()}",
            lambda: f"{key()} in {dct()}",
            lambda: f'{R.choice(["1","2","3.0","True","(1,2)"])} in {st()}',
            lambda: f"{num()} in {rng()}",
            lambda: f"{val()} not in {val()}",
            lambda: f'{R.choice(["97","300","98"])} in {R.choice(BYTES)}',
        ]
    )()


def g_unary():
    return f'{R.choice(["-","+","~","not "])}({val()})'


def g_is():
    return f'({val()}) {R.choice(["is","is not"])} {R.choice(["None","True","False"])}'


def idx():
    return R.choice(["", "0", "1", "2", "-1", "-2", "3", "5", "-5", "100", "-100", "None", "True"])


def g_index():
    return f"({R.choice([s,lst,tup,rng,lambda:R.choice(BYTES),dct])()})[{R.choice([small(),small(),small(),num(),key(),s()])}]"


def g_slice():
    st_ = R.choice(["", ":" + R.choice(["", "1", "2", "-1", "-2", "3", "-3", "0", "None", "100"])])
    return f"({R.choice([s,s,lst,tup,rng,lambda:R.choice(BYTES)])()})[{idx()}:{idx()}{st_}]"


def strm():
    a = s
    return R.choice(
        [
            lambda: f".upper()",
            lambda: ".lower()",
            lambda: ".title()",
            lambda: ".capitalize()",
            lambda: ".swapcase()",
            lambda: ".casefold()",
            lambda: f".split()",
            lambda: f".split({a()})",
            lambda: f".split({a()}, {small()})",
            lambda: f".split(None, {small()})",
            lambda: f".split(maxsplit={small()})",
            lambda: f".split(sep={a()})",
            lambda: f".rsplit({a()}, {small()})",
            lambda: f".rsplit(None, {small()})",
            lambda: ".splitlines()",
            lambda: ".splitlines(True)",
            lambda: ".splitlines(keepends=True)",
            lambda: f".partition({a()})",
            lambda: f".rpartition({a()})",
            lambda: f".strip()",
            lambda: f".lstrip({a()})",
            lambda: f".rstrip({a()})",
            lambda: f".strip({a()})",
            lambda: ".strip(None)",
            lambda: f".find({a()})",
            lambda: f".find({a()}, {small()})",
            lambda: f".find({a()}, {small()}, {small()})",
            lambda: f".rfind({a()}, {small()})",
            lambda: f".rfind({a()})",
            lambda: f".index({a()})",
            lambda: f".rindex({a()})",
            lambda: f".count({a()})",
            lambda: f".count({a()}, {small()}, {small()})",
            lambda: f".count({a()}, {small()})",
            lambda: f".startswith({a()})",
            lambda: f".startswith(({a()}, {a()}))",
            lambda: f".endswith({a()}, {small()})",
            lambda: f".endswith({a()}, {small()}, {small()})",
            lambda: f".startswith({a()}, {small()}, {small()})",
            lambda: f".replace({a()}, {a()})",
            lambda: f".replace({a()}, {a()}, {small()})",
            lambda: f".removeprefix({a()})",
            lambda: f".removesuffix({a()})",
            lambda: f".center({small()})",
            lambda: f'.center({R.randint(0,20)}, "*")',
            lambda: f".ljust({R.randint(0,20)})",
            lambda: f'.rjust({R.randint(0,20)}, "ä")',
            lambda: f".zfill({R.randint(0,20)})",
            lambda: f".expandtabs()",
            lambda: f".expandtabs({small()})",
            lambda: f".join({lst(s)})",
            lambda: f".join({s()})",
            lambda: f".join({lst()})",
            lambda: f".encode()",
            lambda: f'.encode("latin-1")',
            lambda: f'.encode("ascii", {R.choice(ERRS)})',
            lambda: "."
            + R.choice(
                [
                    "isalpha",
                    "isalnum",
                    "isdigit",
                    "isdecimal",
                    "isnumeric",
                    "isspace",
                    "isupper",
                    "islower",
                    "istitle",
                    "isidentifier",
                    "isprintable",
                    "isascii",
                ]
            )
            + "()",
            lambda: f".nosuch()",
            lambda: f".upper(1)",
            lambda: ".split(1)",
            lambda: ".join(1)",
            lambda: ".find()",
            lambda: ".format(1, 2)",
            lambda: f" % {val()}",
        ]
    )()


def g_str():
    return f"({s()}){strm()}"


def g_str2():
    return f"({s()}){strm()}{strm()}"


def g_bytes():
    b = lambda: R.choice(BYTES)
    return (
        f"({b()})"
        + R.choice(
            [
                lambda: "."
                + R.choice(
                    [
                        "upper",
                        "lower",
                        "title",
                        "capitalize",
                        "swapcase",
                        "split",
                        "splitlines",
                        "strip",
                        "hex",
                        "isalpha",
                        "isdigit",
                        "isspace",
                        "isupper",
                        "istitle",
                        "decode",
                        "isascii",
                        "expandtabs",
                    ]
                )
                + "()",
                lambda: f".split({b()})",
                lambda: f".find({b()})",
                lambda: f".count({b()})",
                lambda: f".replace({b()},{b()})",
                lambda: f".startswith({b()})",
                lambda: f".join([{b()},{b()}])",
                lambda: f".partition({b()})",
                lambda: f".strip({b()})",
                lambda: f".center(12)",
                lambda: f".zfill(8)",
                lambda: '.hex(":")',
                lambda: '.hex("-", 2)',
                lambda: '.decode("latin-1")',
                lambda: '.decode("utf-8", "replace")',
                lambda: f'.find({R.choice(["97","32","300"])})',
                lambda: '.index("a")',
                lambda: '.rjust(9, b"*")',
                lambda: f".endswith(({b()},{b()}))",
            ]
        )()
    )


def spec():
    fill = R.choice(["", "", "", "*", "0", "ä"])
    al = R.choice(["", "", "<", ">", "^", "="])
    if not al:
        fill = ""
    return (
        fill
        + al
        + R.choice(["", "", "", "+", "-", " "])
        + R.choice(["", "", "", "", "z"])
        + R.choice(["", "", "", "#"])
        + R.choice(["", "", "", "0"])
        + R.choice(["", "", "5", "10", "1", "20"])
        + R.choice(["", "", "", "", ",", "_"])
        + R.choice(["", "", "", ".0", ".1", ".2", ".3", ".6", ".10", ".20"])
        + R.choice(["", "", "d", "f", "e", "g", "s", "x", "X", "b", "o", "E", "G", "F", "%", "n", "c", "q"])
    )


def g_format():
    v = R.choice([num, num, num, s, scal, val])()
    return f"format({v}, {spec()!r})"


def g_fstring():
    v = R.choice([num, num, s])()
    if '"' in v or "\\" in v or "'" in v:
        v = R.choice(["3", "2.5", "True", "1e20", "-0.0"])
    return (
        "f'"
        + R.choice(["", "x", "{{"])
        + "{"
        + v
        + R.choice(["", "!r", "!s", "!a"])
        + R.choice(["", ":" + spec().replace("'", "")])
        + "}'"
    )


def g_strformat():
    t = R.choice(
        [
            "'{} {}'",
            "'{0} {1} {0}'",
            "'{a}'",
            "'{0[1]}'",
            "'{0[k]}'",
            "'{:>10}'",
            "'{!r:>8}'",
            "'{:{}}'",
            "'{0:{1}}'",
            "'{0.real}'",
            "'{{}}{}'",
            "'{'",
            "'}'",
            "'{0} {}'",
            "'{} {0}'",
            "'{:" + spec() + "}'",
            "'{!a}'",
            "'{a:{b}}'",
            "'{0[0]}'",
            "'{5}'",
            "'{:d}'",
            "'{!x}'",
            "'{0[0}'",
            "'{0.nope}'",
            "'{:.3f}'",
        ]
    )
    args = [R.choice([scal, val, num])() for _ in range(R.randint(0, 3))]
    kw = R.choice([[], [], ["a=" + scal()], ["a=" + num(), "b=" + str(R.randint(0, 9))]])
    return f'{t}.format({", ".join(args+kw)})'


def g_percent():
    def one():
        return (
            "%"
            + R.choice(["", "", "", "(a)"])
            + "".join(R.sample(["-", "+", " ", "0", "#"], R.choice([0, 0, 0, 1, 1, 2])))
            + R.choice(["", "", "5", "10", "*"])
            + R.choice(["", "", ".0", ".2", ".5", ".*"])
            + R.choice("ddifFeEgGsrcxXoa%u")
        )

    t = " ".join(one() for _ in range(R.choice([1, 1, 1, 2])))
    a = R.choice(
        [
            num,
            scal,
            val,
            lambda: "(" + ", ".join(R.choice([num, scal])() for _ in range(R.randint(1, 3))) + ",)",
            lambda: "{'a': " + scal() + "}",
        ]
    )()
    return f"{t!r} % {a}"


def g_list():
    e = lambda: R.choice(["1", "2", "3", "5", "1.0", "True"]) if R.random() < 0.8 else scal()
    l = lst(e)
    return R.choice(
        [
            lambda: f"{l}.index({e()})",
            lambda: f"{l}.count({e()})",
            lambda: f"{l}.copy()",
            lambda: f"len({l})",
            lambda: f"{tup(e)}.index({e()})",
            lambda: f"{tup(e)}.count({e()})",
            lambda: f"{l}.index({e()},{small()},{small()})",
            lambda: f"{l} * {small()}",
            lambda: f"{small()} * {tup()}",
            lambda: f"{l} + {lst()}",
            lambda: f"x = {l}; x.append({val()}); x",
            lambda: f"x = {l}; x.extend({val()}); x",
            lambda: f"x = {l}; x.insert({small()}, 9); x",
            lambda: f"x = {l}; [x.pop(), x]",
            lambda: f"x = {l}; y = x.pop({small()}); (x, y)",
            lambda: f"x = {l}; x.remove({e()}); x",
            lambda: f"x = {l}; x.reverse(); x",
            lambda: f"x = {l}; x.sort(); x",
            lambda: f"x = {l}; x.sort(reverse=True); x",
            lambda: f"x = {l}; x.sort(key=str); x",
            lambda: f"x = {l}; x.clear(); x",
            lambda: f"x = {l}; x[{small()}] = 7; x",
            lambda: f"x = {l}; del x[{small()}]; x",
            lambda: f"x = {l}; x += {l}; x",
            lambda: f"a, *b = {val()}; (a, b)",
            lambda: f"a, b = {val()}; (a, b)",
        ]
    )()


def g_dict():
    d = dct()
    return R.choice(
        [
            lambda: f"{d}.get({key()})",
            lambda: f"{d}.get({key()}, {scal()})",
            lambda: f"{d}.keys()",
            lambda: f"{d}.values()",
            lambda: f"{d}.items()",
            lambda: f"list({d})",
            lambda: f"{d} | {dct()}",
            lambda: f"{d}[{key()}]",
            lambda: f"len({d})",
            lambda: f"sorted({d}.keys())",
            lambda: f"x = {d}; x.update({dct()}); x",
            lambda: f"x = {d}; x.update(z=1); x",
            lambda: f"x = {d}; y = x.pop({key()}); (x, y)",
            lambda: f"x = {d}; y = x.pop({key()}, 0); (x, y)",
            lambda: f"x = {d}; y = x.popitem(); (x, y)",
            lambda: f"x = {d}; y = x.setdefault({key()}, 5); (x, y)",
            lambda: f"x = {d}; x[{key()}] = {scal()}; x",
            lambda: f"x = {d}; del x[{key()}]; x",
            lambda: f"dict([({key()}, 1), ({key()}, 2)])",
            lambda: f"dict(a={scal()})",
            lambda: f"dict({val()})",
            lambda: f"dict.fromkeys({val()}, 0)",
            lambda: f"dict.fromkeys({lst(key)})",
            lambda: f"{d} == {dct()}",
            lambda: f"{d}.copy()",
            lambda: f"dict(zip({lst(key)}, {lst()}))",
            lambda: f"{{k: v for k, v in {d}.items()}}",
            lambda: f"{d}.keys() & {dct()}.keys()",
            lambda: f"{d}.keys() == {dct()}.keys()",
            lambda: f"list(reversed({d}))",
            lambda: f"sorted({d}.items(), key=str)",
        ]
    )()


def g_set():
    a, b = st(), st()
    m = R.choice(
        [
            "union",
            "intersection",
            "difference",
            "symmetric_difference",
            "issubset",
            "issuperset",
            "isdisjoint",
        ]
    )
    return R.choice(
        [
            lambda: f'{a} {R.choice(["|","&","-","^","==","<","<=",">",">=","!="])} {b}',
            lambda: f"{a}.{m}({R.choice([st,lst,tup,rng])()})",
            lambda: f"sorted({a})",
            lambda: f"len({a})",
            lambda: f"x = {a}; x.add({key()}); len(x)",
            lambda: f"x = {a}; x.discard(1); x",
            lambda: f"x = {a}; x.remove(2); x",
            lambda: f"x = {a}; x.update([7]); x",
            lambda: f"frozenset({a})",
            lambda: f"set({lst()})",
            lambda: f"frozenset({a}) | {b}",
            lambda: f"frozenset({a}) == {b}",
            lambda: f"{{frozenset({a}): 1}}",
            lambda: f"set({s()}) == set({s()})",
            lambda: f"{a} | [1]",
            lambda: f'x = {a}; x.{R.choice(["intersection_update","difference_update","symmetric_difference_update"])}({b}); x',
        ]
    )()


def g_builtin():
    v = val
    return R.choice(
        [
            lambda: f"abs({v()})",
            lambda: f"all({v()})",
            lambda: f"any({v()})",
            lambda: f"ascii({v()})",
            lambda: f"bin({num()})",
            lambda: f"bool({v()})",
            lambda: f"bytes({R.choice(BY)})",
            lambda: f'chr({R.choice(["65","0","8364","128512","-1","1114112","1.0"])})',
            lambda: f"divmod({num()}, {num()})",
            lambda: f"list(enumerate({v()}))",
            lambda: f"list(enumerate({s()}, {small()}))",
            lambda: f"list(filter(None, {v()}))",
            lambda: f"float({v()})",
            lambda: f"frozenset({tup()}) == 1",
            lambda: f"hex({num()})",
            lambda: f"int({v()})",
            lambda: f'int({s()}, {R.choice(["2","8","10","16","36","0","1","37"])})',
            lambda: f'isinstance({v()}, {R.choice(["int","str","(int, float)","list","dict","bool","(str, (list, tuple))","set","bytes","range","1"])})',
            lambda: f"len({v()})",
            lambda: f"list({v() if R.random()<.7 else s()})",
            lambda: f"list(map(str, {v()}))",
            lambda: f"max({lst(num)})",
            lambda: f"min({lst()})",
            lambda: f"max({num()}, {num()}, {num()})",
            lambda: f"min({lst(num)}, default={scal()})",
            lambda: f"max({lst(s)}, key=len)",
            lambda: f"min({num()}, {num()}, key=abs)",
            lambda: f"oct({num()})",
            lambda: f"ord({s()})",
            lambda: f"pow({num()}, {num()})",
            lambda: f"pow({i()}, {small()}, {i()})",
            lambda: f"pow({small()}, {small()}, {small()})",
            lambda: f"range({small()}, {small()}, {small()})",
            lambda: f"list(range({small()}, {small()}, {small()}))",
            lambda: f"repr({v()})",
            lambda: f"list(reversed({v()}))",
            lambda: f"round({num()})",
            lambda: f'round({num()}, {R.choice(["0","1","2","-1","-2","3","5","-5","17","-20","400"])})',
            lambda: f"sorted({v()})",
            lambda: f"sorted({lst(num)})",
            lambda: f"sorted({lst(num)}, reverse=True)",
            lambda: f"sorted({lst()}, key=str)",
            lambda: f"sorted({lst(s)}, key=len, reverse=True)",
            lambda: f"str({v()})",
            lambda: f"sum({lst(num)})",
            lambda: f"sum({lst(num)}, {num()})",
            lambda: f"sum([{lst()}, {lst()}], [])",
            lambda: f"sum({v()})",
            lambda: f"tuple({v()})",
            lambda: f"type({v()})",
            lambda: f"type({v()}).__name__",
            lambda: f"type({v()}) == type({v()})",
            lambda: f"list(zip({v()}, {v()}))",
            lambda: f"list(zip({lst()}, {s()}, {rng()}))",
            lambda: f"list(zip({lst()}, {lst()}, strict=True))",
            lambda: f"({i()}).bit_length()",
            lambda: f"({f()}).is_integer()",
            lambda: f"({f()}).hex()",
            lambda: f"({f()}).as_integer_ratio()",
            lambda: f'({i()}).to_bytes(8, "big", signed=True)',
            lambda: f'({i()}).to_bytes({R.randint(0,9)}, "little")',
            lambda: f'int.from_bytes({R.choice(BYTES)}, "{R.choice(["big","little"])}", signed={R.choice(BOOLS)})',
            lambda: f"float.fromhex(({f()}).hex())",
            lambda: f"float.fromhex({R.choice(HX)})",
            lambda: f"({i()}).bit_count()",
            lambda: f"({num()}).real",
            lambda: f"({num()}).imag",
            lambda: f"({i()}).numerator",
            lambda: f"({rng()}).start",
            lambda: f"({rng()}).index({num()})",
            lambda: f"({rng()}).count({num()})",
            lambda: f"{rng()} == {rng()}",
            lambda: f"sorted({lst(lambda:tup(num))})",
            lambda: f"str({f()})",
            lambda: f"repr({f()})",
        ]
    )()


def g_numtext():
    t = "".join(
        (
            R.choice("0123456789._+-eE xXbaf٣\\u00a0")
            if R.random() < 0.9
            else R.choice(["inf", "nan", "Infinity"])
        )
        for _ in range(R.randint(1, 6))
    )
    return R.choice([f"int('{t}')", f"float('{t}')", f"int('{t}', {R.choice(['0','2','8','16','36'])})"])


def g_rand_float_fmt():
    x = R.choice(
        [
            R.uniform(-1, 1),
            R.uniform(-1000, 1000),
            R.lognormvariate(0, 20),
            R.randint(0, 10**6) / R.choice([2, 4, 8, 16, 32, 64, 1000]),
            R.random() * 10 ** R.randint(-300, 300),
        ]
    )
    return R.choice(
        [
            f"'%.{R.randint(0,20)}{R.choice('efgEG')}' % {x!r}",
            f"round({x!r}, {R.randint(-6,20)})",
            f"format({x!r}, '.{R.randint(0,20)}{R.choice(['','e','f','g','%'])}')",
            f"repr({x!r})",
            f"{x!r} // {R.uniform(-9,9)!r}",
            f"{x!r} % {R.uniform(-9,9)!r}",
            f"int({x!r})",
            f"({x!r}) ** {R.uniform(-5,5)!r}",
            f"({x!r}).hex()",
            f"divmod({x!r}, {R.choice([0.1,-0.3,7.0])})",
        ]
    )


def g_rand_int():
    a = R.randint(-(2**63) + 1, 2**63 - 1) >> R.randint(0, 62)
    b = R.randint(-(2**63) + 1, 2**63 - 1) >> R.randint(0, 62)
    return R.choice(
        [
            f"({a}) {R.choice(['/','//','%','+','-','*','&','|','^'])} ({b})",
            f"divmod({a}, {b})",
            f"({a}) {R.choice(['<<','>>','**'])} {R.randint(0,70)}",
            f"pow({a}, {abs(b)%1000}, {b})",
            f"pow({a}, -{abs(b)%10+1}, {b})",
            f"float({a})",
            f"({a}) == float({a})",
            f"({a}) < float({b})",
            f"round({a}, -{R.randint(0,20)})",
            f"format({a}, ',')",
            f"format({a}, '_x')",
            f"format({a}, '+030,d')",
            f"str({a})",
            f"({a}) in [float({a})]",
        ]
    )


# composed & special semantics
A = [
    "[1, 2, 3]",
    "'abc'",
    "(4, 5)",
    "range(4)",
    "{'a': 1, 'b': 2}",
    "[]",
    "b'ab'",
    "range(10, 0, -3)",
    "['x', 'y']",
]
N = ["float('nan')", "1.0", "2", "0.0", "-0.0", "True", "'a'", "None", "[1]", "(1, 2)", "float('inf')"]


def it():
    return c(
        [
            lambda: f"iter({c(A)})",
            lambda: f"zip({c(A)}, {c(A)})",
            lambda: f"enumerate({c(A)})",
            lambda: f'enumerate({c(A)}, {c(["0","5","-1"])})',
            lambda: f"reversed({c(A)})",
            lambda: f"map(str, {c(A)})",
            lambda: f"filter(None, {c(A)})",
            lambda: f"zip({c(A)})",
            lambda: "zip()",
            lambda: f"map(lambda v: v, {c(A)})",
            lambda: f"map(lambda a, b: (a, b), {c(A)}, {c(A)})",
            lambda: f"filter(lambda v: v != 2, {c(A)})",
        ]
    )()


def use(v):
    return c(
        [
            f"list({v})",
            f"tuple({v})",
            f"next({v})",
            f"next({v}, 9)",
            f"1 in {v}",
            f"max({v}, default=0)",
            f"len({v})",
            f"sorted({v}, key=str)",
            f"any({v})",
            f"list(zip({v}, {v}))",
            f"[q for q in {v}]",
            f"dict({v})",
            f"list(enumerate({v}))",
            f"sum({v})",
            f"bool({v})",
            f"type({v}).__name__",
        ]
    )


def g_iter():
    z = it()
    return c([f"[{use(z)}, {use(z)}]", f'list(zip({z}, "ab"))', f"[*{z}, *{z}]"])


def g_nan():
    l = "[" + ", ".join(c(N[:7]) for _ in range(R.randint(0, 6))) + "]"
    fl = (
        "["
        + ", ".join(c(["float('nan')", "1.0", "2.0", "-1.0", "3.0", "0.0"]) for _ in range(R.randint(0, 8)))
        + "]"
    )
    return c(
        [
            f'n = float("nan"); l = [n, 1.0]; '
            + c(
                [
                    "n in l",
                    "l == [n, 1.0]",
                    "l.index(n)",
                    "l.count(n)",
                    "n == n",
                    "n != n",
                    "{n: 1}[n]",
                    "n in {n}",
                    "(n,) == (n,)",
                    "[n] < [n]",
                    "(n, 1) < (n, 2)",
                    "len({n, n})",
                ]
            ),
            f"{l} == {l}",
            f"sorted({fl})",
            f"max({fl})",
            f"min({fl})",
            f"sorted({fl}, reverse=True)",
            f"{fl} < {fl}",
            f'float("nan") in {fl}',
            f'n = float("nan"); sorted([3.0, n, 1.0, n, 2.0, 0.5])',
            f'len({{float("nan"), float("nan")}})',
            f'n = float("inf") - float("inf"); [n] == [n]',
            f"sorted([{{1, 2}}, {{1}}, {{3}}, set()], key=lambda s: s) == 0",
        ]
    )


def g_sets():
    k = lambda: c(
        ["1", "2", "3", "True", "1.0", '"a"', '"b"', "(1, 2)", "None", "frozenset({1})", "frozenset([1, 2])"]
    )
    s = lambda: "{" + ", ".join(k() for _ in range(R.randint(1, 4))) + "}"
    return c(
        [
            lambda: f'len({s()} {c("|&-^")} {s()})',
            lambda: f'{s()} {c(["==","<=","<",">",">=","!="])} {s()}',
            lambda: f"{k()} in {s()}",
            lambda: f"{s()}.isdisjoint({s()})",
            lambda: f'sorted(map(repr, {s()} {c("|&-^")} {s()}))',
            lambda: f'sorted(map(repr, {s()}.{c(["union","intersection","difference","symmetric_difference"])}([{k()}, {k()}])))',
            lambda: f"frozenset({s()}) == {s()}",
            lambda: f"{{{k()}: 1, {k()}: 2}}",
            lambda: f"dict([({k()}, 1)]) == {{{k()}: 1}}",
            lambda: f'x = {s()}; x.{c(["update","intersection_update","difference_update","symmetric_difference_update"])}({c([s(),"[1, 2]","(3,)"])}); sorted(map(repr, x))',
            lambda: f"[] in {s()}",
            lambda: f"{{1}} in {s()}",
            lambda: f'x = {s()}; x.{c(["add","discard","remove"])}({k()}); sorted(map(repr, x))',
            lambda: f"x = {s()}; x.pop() if len(x) == 1 else 0",
        ]
    )()


def g_set_order():
    """Sets of which neither the order of texts nor of mixed members is promised."""
    k = lambda: c(['"a"', '"b"', '"key"', '"é"', "1", "2.5", "None", "(1, 2)", "True", "b'x'", '"Zz"'])
    t = lambda: c(['"a"', '"b"', '"key"', '"é"', '"Zz"', '"q"'])
    mixed = lambda: "{" + ", ".join(k() for _ in range(R.randint(1, 5))) + "}"
    texts = lambda: "{" + ", ".join(t() for _ in range(R.randint(1, 5))) + "}"
    return c(
        [
            mixed,
            texts,
            lambda: f"[{mixed()}, {texts()}]",
            lambda: f"frozenset({mixed()})",
            lambda: f'{mixed()} {c("|&-^")} {mixed()}',
            lambda: f"{{1: {mixed()}}}",
            lambda: f"list({texts()})",
            lambda: f"tuple({texts()} | {texts()})",
            lambda: f"[x for x in {texts()}]",
            lambda: f"str({texts()})",
            lambda: f"repr([{texts()}])",
            lambda: f"'%s' % ({texts()},)",
            lambda: f"','.join({texts()})",
            lambda: f"{{x: 1 for x in {texts()}}}",
            lambda: f"dict.fromkeys({texts()})",
            lambda: f"list(enumerate({texts()}))",
            lambda: f"list(map(str.upper, {texts()}))",
            lambda: f"sorted({texts()}, key=len)",
            lambda: f"sorted({texts()})",
            lambda: f"x = {mixed()}; x.update({mixed()}); x",
            lambda: f"x = {mixed()}; y = x.pop(); len(x)",
            lambda: f"'{{}}'.format({texts()})",
            lambda: f"sum(len(x) for x in {texts()})",
        ]
    )()


def g_view():
    d = (
        lambda: "{"
        + ", ".join(
            c(['"a"', '"b"', "1", "2", "True"]) + ": " + c(["1", "2", "[1]", '"x"'])
            for _ in range(R.randint(0, 3))
        )
        + "}"
    )
    v = lambda: f'{d()}.{c(["keys","values","items"])}()'
    return c(
        [
            lambda: v(),
            lambda: f"len({v()})",
            lambda: f"{v()} == {v()}",
            lambda: f'{c(["1",chr(34)+"a"+chr(34),"(1, 2)","(1, [1])",""+chr(34)+"x"+chr(34)])} in {v()}',
            lambda: f'sorted({d()}.keys() {c("|&-^")} {c([d()+".keys()","[1, 2]","{1}",chr(39)+"ab"+chr(39)])}, key=str)',
            lambda: f"list(reversed({v()}))",
            lambda: f"bool({v()})",
            lambda: f'{d()}.keys() {c(["<","<=",">",">="])} {c([d()+".keys()","{1}"])}',
            lambda: f"type({v()})",
            lambda: f"{v()}[0]",
            lambda: f"{d()}.keys().isdisjoint([1])",
            lambda: f"[{v()}]",
            lambda: f"str({v()})",
            lambda: f"list({v()})[::-1]",
            lambda: f"{{1}} | {d()}.keys()",
            lambda: f"max({v()}, default=None)",
            lambda: f"{v()} + []",
            lambda: f"{d()} == {d()}",
            lambda: f"{d()} | {d()}",
            lambda: f"{d()} < {d()}",
        ]
    )()


def g_range():
    n = lambda: c(
        [
            "0",
            "1",
            "2",
            "3",
            "5",
            "10",
            "-1",
            "-3",
            "-10",
            "10**12",
            "-10**12",
            "9223372036854775807",
            "-9223372036854775807",
        ]
    )
    r = lambda: c([f"range({n()})", f"range({n()}, {n()})", f"range({n()}, {n()}, {n()})"])
    return c(
        [
            lambda: f"{r()}",
            lambda: f"len({r()})",
            lambda: f"{r()}[{n()}]",
            lambda: f"{r()}[{n()}:{n()}]",
            lambda: f'{r()}[{n()}:{n()}:{c(["1","2","-1","-2"])}]',
            lambda: f"{r()} == {r()}",
            lambda: f"{n()} in {r()}",
            lambda: f"{r()}.index({n()})",
            lambda: f"{r()}.count({n()})",
            lambda: f"bool({r()})",
            lambda: f"next(iter({r()}), None)",
            lambda: f"next(reversed({r()}), None)",
            lambda: f'({r()}).{c(["start","stop","step"])}',
            lambda: f'{c(["1.0","2.5","True",chr(39)+"a"+chr(39),"1e300"])} in {r()}',
            lambda: f"[{r()}] == [{r()}]",
            lambda: f"list({r()}[:5])",
            lambda: f'sum(range({c(["3","10","0","-1"])}))',
            lambda: f'max(range({c(["3","10","0"])}), default=-1)',
            lambda: f"{r()} + [1]",
            lambda: f"{r()} < {r()}",
            lambda: f'list(zip({r()}, "ab"))',
        ]
    )()


def g_fmt():
    t = "".join(
        c(
            [
                "{",
                "}",
                "{{",
                "}}",
                "{0}",
                "{}",
                "{a}",
                "{0!r}",
                "{:>5}",
                "{0:{1}}",
                "{:{}}",
                "x",
                "[",
                "{0[0]}",
                "{a[k]}",
                "{0.real}",
                "!",
                ":",
                "{!s:^7}",
                "{0:<{a}}",
                "{:d}",
                "{a!r:>{b}}",
                "{:%}",
                "{:+.2e}",
                "{:,}",
                "{:_}",
                "{[0]}",
                "{[a]}",
                "{.imag}",
                "{0[1][0]}",
            ]
        )
        for _ in range(R.randint(1, 3))
    )
    args = [
        c(["1", "2.5", "'s'", "[7, [8]]", "{'k': 5, 'a': 6}", "12345678", "-3", "True", "None"])
        for _ in range(R.randint(0, 3))
    ] + c([[], [], ["a=4"], ["a={'k': 1}", "b=6"], ["a=8", "b=9"]])
    return f'{t!r}.format({", ".join(args)})'


def g_fs():
    v = c(["3", "2.5", '"s"', "[1]", "-12345.678", "True", "None", "10**6", "1e20"])
    sp = c(
        [
            "",
            "",
            ">8",
            "*^9",
            "+",
            ".2f",
            "{3}",
            "{2+3}.1f",
            "<{4}",
            "08",
            "x",
            "e",
            ",",
            "_",
            "#x",
            "%",
            "05.1f",
            "^ 9",
            "!",
            "d",
        ]
    )
    return (
        "f'"
        + c(["", "a", "{{", "}}"])
        + "{"
        + v
        + c(["", "", "!r", "!s", "=", "!a"])
        + (":" + sp if sp and R.random() < 0.7 else "")
        + "}"
        + c(["", "{{", "z"])
        + "'"
    )


def nested(d):
    if d == 0:
        return c(
            [
                "1",
                "2",
                "3",
                "0",
                "-1",
                "True",
                "False",
                "1.5",
                "2.0",
                '"a"',
                '"bc"',
                "[1, 2]",
                "(1,)",
                "None",
                "[]",
                "7",
                "10",
            ]
        )
    e = lambda: nested(d - 1)
    return c(
        [
            lambda: f'({e()} {c(["+","-","*","/","//","%","==","<",">","and","or","in","not in","<=","!="])} {e()})',
            lambda: f'({e()} {c(["+","*","and","or","=="])} {e()})',
            lambda: f"(not {e()})",
            lambda: f"(-{e()})",
            lambda: f"({e()} if {e()} else {e()})",
            lambda: f"[{e()}, {e()}]",
            lambda: f"({e()}, {e()})",
            lambda: f"len({e()})",
            lambda: f"str({e()})",
            lambda: f"[{e()} for v in {e()}]",
            lambda: f"{e()}[0]",
            lambda: f"{e()}[::-1]",
            lambda: f"max({e()}, {e()})",
            lambda: f"sorted({e()})",
            lambda: f"repr({e()})",
            lambda: f"{{{e()}: {e()}}}",
            lambda: f"list({e()})",
            lambda: f"sum({e()})",
            lambda: f'"%s" % {e()}',
            lambda: f"int({e()})",
            lambda: f"bool({e()})",
            lambda: f"tuple({e()})",
            lambda: f"({e()} < {e()} <= {e()})",
            lambda: f"abs({e()})",
            lambda: f"round({e()})",
            lambda: f"type({e()}).__name__",
        ]
    )()


def g_nested():
    return nested(R.randint(1, 4))


def g_cls():
    return c(
        [
            "str.upper('a')",
            "str.join(',', ['a', 'b'])",
            "list(map(str.upper, ['a', 'b']))",
            "dict.fromkeys('ab', [])",
            "int.from_bytes(b'ab', 'big')",
            "bytes.fromhex('ff 0a')",
            "sorted(['b', 'A'], key=str.lower)",
            "str.upper(1)",
            "list(map(len, ['a', 'bb']))",
            "type(1) is int",
            "type(1) == float",
            "int in (int, str)",
            "[int, str]",
            "type(int)",
            "str(int)",
            "isinstance(1, (str, int))",
            "isinstance(1, [int])",
            "isinstance(True, int)",
            "type([]) is list",
            "int is int",
            "int.__name__",
            "type(3.0).__name__",
            "float.fromhex('0x1p-2')",
            "(5).real",
            "list(map(int, '123'))",
            "list(filter(str.isdigit, 'a1b2'))",
            "max(['a', 'bbb'], key=len)",
            "min([3, -5, 2], key=lambda v: -v)",
            "str.split('a b')",
            "list(map(float, ['1', '2.5']))",
            "tuple(map(bool, [0, 1, '']))",
            "int.bit_length(5)",
            "int('7')",
        ]
    )


FAMILIES = [
    (g_arith, 8),
    (g_arith2, 4),
    (g_bin, 8),
    (g_cmp, 4),
    (g_list_cmp, 4),
    (g_in, 4),
    (g_unary, 2),
    (g_is, 1),
    (g_index, 5),
    (g_slice, 6),
    (g_str, 20),
    (g_str2, 8),
    (g_bytes, 5),
    (g_format, 15),
    (g_fstring, 4),
    (g_strformat, 6),
    (g_percent, 10),
    (g_list, 8),
    (g_dict, 8),
    (g_set, 6),
    (g_builtin, 24),
    (g_numtext, 4),
    (g_rand_float_fmt, 10),
    (g_rand_int, 8),
    (g_iter, 8),
    (g_nan, 6),
    (g_sets, 8),
    (g_set_order, 4),
    (g_view, 6),
    (g_range, 10),
    (g_fmt, 12),
    (g_fs, 8),
    (g_nested, 24),
    (g_cls, 1),
]
