"""Several statements: names, unpacking, assignment to items, changes in place."""

from choice import R, c, maybe, one
from grammar import PLAIN, bind, clauses, condition, fresh, g, iterable, key_function, some

PAIRS = "[('z', 1)]"
NAMES = ["a", "b", "data", "total", "x1", "value", "Größe"]


def separator():
    return c(["; ", "\n", ";", " ; ", "\n\n"])


def targets(count):
    """Something to unpack so many items into, and the names in it."""
    names = R.sample(NAMES, min(count, len(NAMES)))
    if maybe(0.3) and count > 1:
        star = R.randrange(count)
        text = ", ".join("*" + name if number == star else name for number, name in enumerate(names))
    else:
        text = ", ".join(names)
    return c([text, f"({text})", f"[{text}]"]) if count > 1 else names[0], names


def s_names():
    env, text = {}, []
    for _ in range(R.randint(1, 3)):
        name, kind = c(NAMES), some()
        text.append(f"{name} = {g(kind, R.randint(0, 2), env)}")
        env = bind(env, name, kind)
        if maybe(0.3) and kind in PLAIN:
            operator = {"int": c(["+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>", "**"]), "float": c("+-*/"), "str": c("+*"), "bool": c("&|^+")}[kind]
            operand = g("int", 1, env) if operator in ("*", "<<", ">>", "**") else g(kind, 1, env)
            text.append(f"{name} {operator}= {operand}")
    if maybe(0.85):
        kinds = [kind for kind in env if env[kind]] or ["int"]
        text.append(c([g(c(kinds), 2, env), g(some(), 2, env), ", ".join(name for names in env.values() for name in names) or "1"]))
    return separator().join(text)


def s_unpack():
    count = R.randint(1, 4)
    text, names = targets(count)
    value = one(
        lambda: ", ".join(g(some(), 1, {}) for _ in range(count)) + ("," if count == 1 else ""),
        lambda: "[" + ", ".join(g(some(), 1, {}) for _ in range(count)) + "]",
        lambda: g(c(["str", "list:int", "tuple:str", "dict:str:int", "bytes"]), 1, {}),
        lambda: f"range({R.randint(0, 5)})",
        lambda: f"zip({g('list:int', 1, {})}, {g('str', 1, {})})",
        lambda: f"divmod({R.randint(1, 99)}, {R.randint(1, 9)})",
        lambda: f"{g('str', 1, {})}.split(',')",
    )
    return f"{text} = {value}{separator()}[{', '.join(names)}]"


def s_nested_unpack():
    return one(
        lambda: f"a, (b, *data) = {g('int', 1, {})}, {g(c(['str', 'list:int']), 1, {})}; (a, b, data)",
        lambda: f"(a, b), [data, total] = {g('str', 1, {})}, {g('list:int', 1, {})}; [a, b, data, total]",
        lambda: f"a = b = {g(c(PLAIN), 2, {})}; (a, b)",
        lambda: f"a, b = {g(c(PLAIN), 1, {})}, {g(c(PLAIN), 1, {})}; a, b = b, a; (a, b)",
        lambda: f"a = {g('list:int', 1, {})}; b, *a = a; (a, b)",
        lambda: f"a = b, data = {g('list:int', 1, {})}; [list(a), b, data]",
        lambda: f"a = {g(some(), 1, {})}; del a; a",
        lambda: f"a, b = 1, 2; del a, b; {c(['a', 'b', '5'])}",
        lambda: f"a = {g('int', 1, {})}; a {c(['+=', '-=', '*=', '//=', '%=', '**=', '/=', '&=', '|=', '^=', '<<=', '>>='])} {R.randint(0, 5)}; a",
        lambda: f"a = 1; import math; a += math.floor({g('float', 1, {})}); a",
        lambda: f"import math{c(['', ', math', '; import math'])}",
        lambda: f"pass; {g('int', 1, {})}",
        lambda: f"[a, b] = {g('tuple:int', 1, {})}; a",
        lambda: f"a, = {g('list:int', 0, {})}; a",
        lambda: f"{g('int', 1, {})}; {g('str', 1, {})}",
        lambda: f"a = 5 # comment\n# another\n\na {c('+-*')} (1 +\n 2)",
        lambda: f"a = {g('int', 1, {})}; {{a: [a for a in {iterable('int', 1, {})}]}}, a",
    )


def list_step(name, kind, env):
    e = lambda kind: g(kind, 1, env)
    at = lambda: c(["0", "1", "-1", "2", "-2", e("int")])
    other = "list:" + kind
    return one(
        lambda: f"{name}.append({e(kind)})",
        lambda: f"{name}.extend({iterable(kind, 1, env)})",
        lambda: f"{name}.insert({at()}, {e(kind)})",
        lambda: f"{name}.pop({c(['', at()])})",
        lambda: f"{name}.remove({e(kind)})",
        lambda: f"{name}.reverse()",
        lambda: f"{name}.sort({c(['', 'reverse=True', 'key=' + key_function(kind, 1, env), 'key=' + key_function(kind, 1, env) + ', reverse=True'])})",
        lambda: f"{name}.clear()",
        lambda: f"{name}[{at()}] = {e(kind)}",
        lambda: f"{name}[{at()}] {c(['+=', '*=', '-=']) if kind in ('int', 'float') else '+='} {e(kind)}",
        lambda: f"del {name}[{at()}]",
        lambda: f"{name} += {iterable(kind, 1, env)}",
        lambda: f"{name} *= {R.randint(0, 2)}",
        lambda: f"{name} = {name} + [{e(kind)}]",
        lambda: f"{name} = {name}[{c(['1:', '::-1', ':2'])}]",
        lambda: f"{name}[{at()}], {name}[{at()}] = {name}[{at()}], {e(kind)}",
    )


def s_list():
    kind = c(["int", "str", "float"])
    env = {"list:" + kind: ["a"]}
    steps = [f"a = [{', '.join(g(kind, 1, {}) for _ in range(R.randint(1, 4)))}]"]
    steps += [list_step("a", kind, env) for _ in range(R.randint(1, 4))]
    last = c(["a", "a", "(len(a), a)", f"{list_step('a', kind, env)}", "[a[0], a[-1]]", "b = a.copy(); b", "sorted(a), a"])
    return separator().join([*steps, last])


def s_dict():
    env = {"dict:str:int": ["d"]}
    e = lambda kind: g(kind, 1, env)
    key = lambda: one(lambda: repr(c("abk")), lambda: e("str"))
    step = lambda: one(
        lambda: f"d[{key()}] = {e('int')}",
        lambda: f"d[{key()}] {c(['+=', '-=', '*='])} {e('int')}",
        lambda: f"del d[{key()}]",
        lambda: f"d.update({c([e('dict:str:int'), 'a=5', PAIRS, '{}', e('dict:str:int') + ', b=2'])})",
        lambda: f"d.pop({key()}{c(['', ', None', ', 0'])})",
        lambda: "d.popitem()",
        lambda: f"d.setdefault({key()}, {e('int')})",
        lambda: "d.clear()",
        lambda: f"d |= {e('dict:str:int')}",
        lambda: f"d = d | {e('dict:str:int')}",
        lambda: f"d = {{k: v for k, v in d.items() if {g('bool', 1, {'str': ['k'], 'int': ['v']})}}}",
    )
    start = f"d = {{{', '.join(key() + ': ' + str(R.randint(0, 9)) for _ in range(R.randint(0, 3)))}}}"
    last = c(["d", "d", "list(d.items())", "(len(d), d)", step(), "sorted(d)", "d.get('a', 'none')", "'a' in d", "d['a']", "list(d.values())", "d == {'a': 1}"])
    return separator().join([start, *(step() for _ in range(R.randint(1, 4))), last]).replace("[d,", "[1,")


def s_set():
    small = lambda: str(R.randint(0, 7))
    other = lambda: one(lambda: g("set", 1, {}), lambda: f"[{small()}, {small()}]")
    step = lambda: one(
        lambda: f"s.add({small()})",
        lambda: f"s.discard({small()})",
        lambda: f"s.remove({small()})",
        lambda: f"s.{c(['update', 'intersection_update', 'difference_update', 'symmetric_difference_update'])}({other()})",
        lambda: f"s {c(['|=', '&=', '-=', '^='])} {g('set', 1, {})}",
        lambda: "s.clear()",
        lambda: f"s = s.{c(['union', 'intersection', 'difference', 'symmetric_difference'])}({other()})",
    )
    last = c(["s", "s", "sorted(s)", "len(s)", step(), "3 in s", "s == {1, 2}", "[v for v in s]", "sum(s)", "frozenset(s)"])
    start = f"s = {{{', '.join(small() for _ in range(R.randint(1, 4)))}}}"
    return separator().join([start, *(step() for _ in range(R.randint(1, 4))), last])


def s_deep():
    """Changes somewhere inside of what a name holds."""
    e = lambda: str(R.randint(-9, 9))
    start, places = c(
        [
            (f"a = [[{e()}, {e()}], [{e()}]]", ["a[0]", "a[1]", "a[-1]"]),
            (f"a = {{'k': [{e()}, {e()}], 'm': []}}", ["a['k']", "a['m']", "a['x']"]),
            (f"a = ([{e()}], {{'k': [{e()}]}})", ["a[0]", "a[1]['k']"]),
            (f"a = [{{'n': [{e()}, {e()}, {e()}]}}, [[{e()}]]]", ["a[0]['n']", "a[1]", "a[1][0]"]),
        ]
    )
    step = lambda place: one(
        lambda: f"{place}.append({e()})",
        lambda: f"{place}[0] = {e()}",
        lambda: f"{place}[0] += {e()}",
        lambda: f"{place} += [{e()}]",
        lambda: f"del {place}[0]",
        lambda: f"{place}.extend([{e()}, {e()}])",
        lambda: f"{place}.pop()",
        lambda: f"{place}.sort()",
        lambda: f"{place}.reverse()",
        lambda: f"{place} *= 2",
        lambda: f"{place}.insert(0, {e()})",
    )
    return separator().join([start, *(step(c(places)) for _ in range(R.randint(1, 3))), "a"])


def s_alias():
    """Two names of one object: changed as in Python, or refused."""
    step = lambda name: c(["{}.append(9)", "{}[0] = 8", "{} += [7]", "{} = [6]", "{} = {} + [5]", "del {}[0]", "{}.clear()", "{}.pop()", "{} = list({})"]).replace("{}", name)
    start = c(["a = [1, 2]; b = a", "a = b = [1, 2]", "a = [1, 2]; b = a[:]", "a = [1, 2]; b = list(a)", "a = [1, 2]; b = a.copy()", "a = [1, 2]; b = a + []", "a = [1, 2]; b = a or []", "a = [1, 2]; b = [x for x in a]", "a = [1, 2]; b = sorted(a)", "a, b = [1, 2], [1, 2]", "a = [1, 2]; b = a * 1", "a = [1, 2]; b = [*a]", "a = [1, 2]; b = a if a else 0", "a = [1, 2]; b, = [a]", "a = [1, 2]; b = max(a, a)", "a = [1, 2]; b = {'k': a}['k']", "a = [1, 2]; b = (a, 1)[0]", "a = [1, 2]; b = next(iter([a]))", "a = [1, 2]; b = {'k': a}.get('k')"])
    return separator().join([start, *(step(c("ab")) for _ in range(R.randint(1, 3))), "(a, b)"])


def s_order():
    """What is evaluated first: the first error is the one that is told."""
    bad = lambda: c(["1/0", "nope", "int('x')", "[][0]", "{}['k']", "1 + 'a'", "''.nope", "-'a'", "len(5)", "'a'.foo(1)", "1"])
    return one(
        lambda: f"[{bad()}, {bad()}]",
        lambda: f"{{{bad()}: {bad()}}}",
        lambda: f"{bad()} + {bad()}",
        lambda: f"{bad()} if {bad()} else {bad()}",
        lambda: f"{bad()} and {bad()} or {bad()}",
        lambda: f"{bad()} < {bad()} < {bad()}",
        lambda: f"({bad()})[{bad()}:{bad()}]",
        lambda: f"({bad()}).upper({bad()})",
        lambda: f"'abc'.replace({bad()}, {bad()})",
        lambda: f"max({bad()}, {bad()}, default={bad()})",
        lambda: f"sorted({bad()}, reverse={bad()}, key=lambda v: {bad()})",
        lambda: f"[{bad()} for v in {bad()} if {bad()}]",
        lambda: f"f'{{{bad()}}}{{{bad()}:{{{bad()}}}}}'".replace("'x'", "5").replace("'k'", "1").replace("'a'", "[]").replace("''", "[]"),
        lambda: f"'%s %d' % ({bad()}, {bad()})",
        lambda: f"x = [1]; x[{bad()}] = {bad()}; x",
        lambda: f"x = [1]; x[{bad()}] += {bad()}; x",
        lambda: f"x = {{}}; x.update({bad()}, k={bad()}); x",
        lambda: f"x = [1]; x.insert({bad()}, {bad()}); x",
        lambda: f"x = {bad()}; y = {bad()}; (x, y)",
        lambda: f"x = y, z = {bad()}, {bad()}",
        lambda: f"x = {bad()}; x.append({bad()}); x",
        lambda: f"x = {bad()}; x {c(['+', '-', '*', '//'])}= {bad()}; x",
        lambda: f"x, y = {bad()}; x",
        lambda: f"{bad()}; {bad()}; {bad()}",
        lambda: f"list(map(lambda v: {bad()}, {bad()}))",
        lambda: f"any({bad()} for v in [1, 2])",
        lambda: f"all(v and {bad()} for v in [0, {bad()}])",
        lambda: f"dict(a={bad()}, b={bad()})",
        lambda: f"[*{bad()}, {bad()}]",
        lambda: f"isinstance({bad()}, {bad()})",
        lambda: f"{bad()} in {bad()}",
        lambda: f"x = {{'a': [1]}}; x['a'].append({bad()}); x[{bad()}]; x",
        lambda: f"x = {{'a': [1]}}; del x[{bad()}]; x",
        lambda: f"next((v for v in {bad()} if {bad()}), {bad()})",
        lambda: f"pow({bad()}, {bad()}, {bad()})",
        lambda: f"range({bad()}, {bad()})",
        lambda: f"str({bad()}, {bad()})",
    )


def s_generator():
    """Generators wherever they are used up at once."""
    generator = lambda: f"{c(['v', 'v * 2', 'str(v)', '(v, 1)', 'v > 1', '10 // v'])} for v in {iterable('int', 1, {})}{c(['', ' if v', ' if v > 1', ' for w in [v]'])}"
    return one(
        lambda: f"next(({generator()}))",
        lambda: f"next(({generator()}), {g('int', 1, {})})",
        lambda: f"{g('int', 1, {})} {c(['in', 'not in'])} ({generator()})",
        lambda: f"[*({generator()})]",
        lambda: f"({g('int', 1, {})}, *({generator()}))",
        lambda: f"[u for u in ({generator()})]",
        lambda: f"{{u: w for u, w in ((v, v + 1) for v in {iterable('int', 1, {})})}}",
        lambda: f"sum(u for u in ({generator()}) if u)",
        lambda: f"any(u for u in ({generator()}))",
        lambda: f"a, *b = ({generator()}); (a, b)",
        lambda: f"a, b = ({generator()}); (a, b)",
        lambda: f"[v for v in (v + 1 for v in {iterable('int', 1, {})})]",
        lambda: f"[(x, y) for x in (x * 2 for x in range(3)) for y in (y + x for y in range(2)) if {condition(1, {'int': ['x', 'y']})}]",
        lambda: f"list(zip(({generator()}), ({generator()})))",
        lambda: f"max(({generator()}), default=0)",
        lambda: f"sorted(({generator()}), reverse=True)",
        lambda: f"list(enumerate(({generator()}), 1))",
        lambda: f"list(map(lambda u: (u, 2), ({generator()})))",
        lambda: f"list(filter(None, ({generator()})))",
        lambda: f"', '.join(str(u) for u in ({generator()}))",
    )


def s_bound():
    """Functions that are methods of a value."""
    return one(
        lambda: f"sorted({g('dict:str:int', 1, {})}, key={g('dict:str:int', 1, {})}.get)",
        lambda: f"d = {g('dict:str:int', 1, {})}; sorted(d, key=d.get)",
        lambda: f"d = {g('dict:str:int', 1, {})}; max(d, key=d.get, default=None)",
        lambda: f"list(map({g('str', 0, {})}.{c(['join', 'count', 'find', 'format', 'split', 'startswith', 'partition'])}, {g('list:str', 1, {})}))",
        lambda: f"list(map({g('list:int', 1, {})}.{c(['count', 'index'])}, {iterable('int', 1, {})}))",
        lambda: f"list(filter({g('set', 1, {})}.{c(['isdisjoint', 'issubset', 'issuperset'])}, [{g('set', 1, {})}, {g('set', 1, {})}]))",
        lambda: f"[sorted(d, key=d.get) for d in [{g('dict:str:int', 1, {})}, {g('dict:str:int', 0, {})}]]",
        lambda: f"list(map({c(['5', 'None', '[]', 'nope'])}, {g('list:int', 0, {})}))",
        lambda: f"sorted({g('list:int', 0, {})}, key={c(['5', '[]', 'nope', '1 if 1 else 2', chr(39) + 'a' + chr(39)])})",
        lambda: f"list(map({c(['str.upper', 'int.bit_length', 'float.is_integer', 'list.copy', 'dict.keys', 'str.nope', 'bool.real', 'len', 'int', 'math.sqrt', 'math.nope', 'str.title'])}, {g('list:' + c(['str', 'int', 'float', 'list:int']), 1, {})}))",
    )


def s_slices():
    """Slices as what is assigned and deleted."""
    bound = lambda: c(["", "", "0", "1", "2", "-1", "-2", "5", "None"])
    place = lambda: f"a[{bound()}:{bound()}{c(['', '', '', ':2', ':-1', ':1', ':-2'])}]"
    value = lambda: one(lambda: g("list:int", 1, {}), lambda: g("str", 0, {}), lambda: c(["[]", "5", "(7, 8)", "range(3)", "a", "a[::-1]", "[a[0]]"]))
    step = lambda: one(lambda: f"{place()} = {value()}", lambda: f"del {place()}", lambda: f"{place()} {c(['+=', '*='])} {c(['[9]', '2', '[]'])}")
    return separator().join([f"a = {c(['[1, 2, 3, 4]', '[]', '[5]', 'list(range(6))', '(1, 2)', chr(39) + 'abc' + chr(39)])}", *(step() for _ in range(R.randint(1, 2))), "a"])


def s_program():
    """Several names that hold the same objects, or parts of each other: what changes, and what is seen of it."""
    names = ["a", "b", "d"]
    e = lambda: str(R.randint(0, 9))
    inner = lambda: c(["a", "b", "d['k']", "b[0]", "a[-1]", "d.get('k')", "d.setdefault('k', [])", "d['m']", "b.pop()", "[5]", "{'k': [6]}", "a[0]"])
    copied = lambda: one(
        lambda: f"list({inner()})",
        lambda: f"{inner()}[:]",
        lambda: f"{inner()}.copy()",
        lambda: f"[*{inner()}]",
        lambda: f"[x for x in {inner()}]",
        lambda: f"sorted({inner()}, key=str)",
        lambda: f"{inner()} + [{inner()}]",
        lambda: f"{inner()} * 2",
        lambda: f"dict({inner()})",
        lambda: f"{{**{inner()}, 'x': {inner()}}}",
        lambda: f"[{inner()}, {inner()}]",
        lambda: f"({inner()}, {e()})",
        lambda: f"{{'k': {inner()}}}",
        lambda: f"list({inner()})[0]",
        lambda: f"({inner()} or {inner()})",
        lambda: f"({inner()} if {e()} else {inner()})",
        lambda: f"max([{inner()}], key=len)",
        lambda: f"next(iter({inner()}))",
        lambda: f"list(d.values())[0]",
        lambda: f"list(map(lambda v: v, {inner()}))",
        lambda: f"list(filter(None, {inner()}))",
        lambda: f"list(reversed({inner()}))",
        lambda: f"list(enumerate({inner()}))[0][1]",
        lambda: f"list(zip({inner()}, {inner()}))",
        lambda: f"dict.fromkeys('km', {inner()})",
        lambda: f"sum([{inner()}, {inner()}], [])",
        lambda: f"tuple({inner()})",
    )
    value = lambda: one(inner, inner, copied, lambda: e(), lambda: f"[{e()}, {e()}]")
    place = lambda: c(["a", "b", "d['k']", "b[0]", "b[-1]", "a[0]", "d['m']", "d"])
    step = lambda: one(
        lambda: f"{c(names)} = {value()}",
        lambda: f"{place()} = {value()}",
        lambda: f"{place()}.append({value()})",
        lambda: f"{place()}.extend({value()})",
        lambda: f"{place()}[0] = {value()}",
        lambda: f"{place()}['k'] = {value()}",
        lambda: f"{place()} += {value()}",
        lambda: f"{place()}[0] += {value()}",
        lambda: f"{place()}.insert(0, {value()})",
        lambda: f"{place()}.pop()",
        lambda: f"{place()}.clear()",
        lambda: f"{place()}.reverse()",
        lambda: f"{place()}.update({value()})",
        lambda: f"del {place()}[0]",
        lambda: f"{place()}[1:] = {value()}",
        lambda: f"{c(names)}, {c(names)} = {value()}, {value()}",
        lambda: f"{c(names)} = {c(names)} = {value()}",
        lambda: f"{place()}, {place()} = {place()}, {place()}",
        lambda: f"{c(names)} = {place()}.append({value()})",
        lambda: f"{c(names)} = [{place()}.append({e()}), {place()}]",
    )
    start = f"a = {c(['[1, 2]', '[[1], 2]', '[[1], [2]]'])}; b = {c(['[[3], [4]]', '[a, 5]', '[[3], a]', '[{}, [7]]'])}; d = {c(['{}', '{chr(107): [8]}', '{chr(107): a}', '{chr(107): b, chr(109): [9]}'])}".replace("chr(107)", "'k'").replace("chr(109)", "'m'")
    end = c(["(a, b, d)", "(a, b, d)", "[a, b, d]", "b", "d"])
    return separator().join([start, *(step() for _ in range(R.randint(1, 4))), end])


def s_registry():
    """The registry as a dictionary."""
    value = lambda: g(c(["int", "str", "list:int", "dict:str:int", "float", "tuple:int"]), 1, {})
    step = lambda: one(
        lambda: f"MyData['k'] = {value()}",
        lambda: f"MyData['n'] {c(['+=', '-=', '*='])} {g('int', 1, {})}",
        lambda: f"MyData['l'].append({value()})",
        lambda: f"MyData['l'][0] = {value()}",
        lambda: f"MyData['l'] += [{g('int', 1, {})}]",
        lambda: f"del MyData['l'][{c(['0', '-1', '5'])}]",
        lambda: f"MyData['l'][1:] = {g('list:int', 1, {})}",
        lambda: f"MyData['d'][{g('str', 1, {})}] = {value()}",
        lambda: f"MyData['d']['a'] += {g('int', 1, {})}",
        lambda: f"MyData['d'].update({g('dict:str:int', 1, {})})",
        lambda: f"MyData['l'].sort({c(['', 'reverse=True', 'key=lambda v: -v'])})",
        lambda: f"MyData.pop('n')",
        lambda: f"a = MyData['l']; a.append(1)",
        lambda: f"MyData['m'] = MyData['l']",
        lambda: f"MyData.update({{'u': {value()}}})",
        lambda: f"MyData.setdefault({c(['chr(107)', 'chr(110)'])}, {value()})",
    )
    start = "MyData['n'] = 5; MyData['l'] = [3, 1, 2]; MyData['d'] = {'a': 1}"
    end = c(["MyData['l']", "MyData['d']", "MyData.get('n')", "MyData.get('k', 'none')", "'k' in MyData", "len(MyData)", "sorted(MyData)", "(MyData['l'], MyData['d'])", "MyData['n'] + 1", "[MyData[k] for k in 'ld']"])
    return separator().join([start, *(step() for _ in range(R.randint(1, 3))), end])


STATEMENTS = [
    (s_program, 4),
    (s_registry, 12),
    (s_order, 30),
    (s_generator, 14),
    (s_bound, 10),
    (s_slices, 6),
    (s_names, 24),
    (s_unpack, 12),
    (s_nested_unpack, 12),
    (s_list, 24),
    (s_dict, 20),
    (s_set, 12),
    (s_deep, 12),
    (s_alias, 3),
]
