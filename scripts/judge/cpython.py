"""What CPython answers: `=` and the text, or `!` and the kind of the error; None where there is no promise.

Run as a program it answers lines of JSON, so that the same can be asked of a CPython with another hash seed.
"""

import ast
import json
import os
import re
import resource
import signal
import subprocess
import sys
import warnings

KINDS = {
    "TypeError": "type",
    "ValueError": "value",
    "ZeroDivisionError": "value",
    "IndexError": "value",
    "KeyError": "value",
    "OverflowError": "overflow",
    "AttributeError": "name",
    "SyntaxError": "syntax",
    "IndentationError": "syntax",
    "NameError": "name",
    "UnboundLocalError": "name",
    "UnicodeEncodeError": "value",
    "UnicodeDecodeError": "value",
    "StopIteration": "value",
    "LookupError": "name",
    "StatisticsError": "value",
    "JSONDecodeError": "value",
    "error": "value",
    "Missing": "state",
}
TEXT_MAX = 4_000
NAN = re.compile(r"\bnan\b", re.IGNORECASE)
# What the modules' names stand for: they are there without import.
MODULES = ["math", "datetime", "time", "random", "json", "statistics", "re"]
SCOPE = {name: __import__(name) for name in MODULES}

warnings.simplefilter("ignore")
sys.set_int_max_str_digits(0)


class Registry(dict):
    """MyData: a missing key is an error of the server's own kind."""

    def __missing__(self, key):
        raise Missing(key)

    def pop(self, key, *default):
        return super().pop(key, *default) if default or key in self else self.__missing__(key)

    def __delitem__(self, key):
        return super().__delitem__(key) if key in self else self.__missing__(key)


class Missing(Exception):
    pass


class NoPromise(Exception):
    """An address, a text of endless length."""


class Unsorted(Exception):
    """A set whose members cannot be sorted: its value is promised, its text is not."""


def shown(value, depth=0, by_text=False):
    """`repr`, but sets stand sorted, as they do in the server's replies; `by_text` sorts all members by their text."""
    if depth > 60:
        raise NoPromise
    kind = type(value)
    if kind in (set, frozenset) and value:
        if by_text:
            inner = ", ".join(sorted(shown(member, depth + 1, by_text) for member in value))
        else:
            try:
                members = sorted(value)
            except TypeError:
                if len(value) > 1:
                    raise Unsorted from None
                members = list(value)
            inner = ", ".join(shown(member, depth + 1) for member in members)
        return f"{{{inner}}}" if kind is set else f"frozenset({{{inner}}})"
    if kind is list:
        return "[" + ", ".join(shown(item, depth + 1, by_text) for item in value) + "]"
    if kind is tuple:
        return "(" + ", ".join(shown(item, depth + 1, by_text) for item in value) + (",)" if len(value) == 1 else ")")
    if kind is dict:
        return "{" + ", ".join(f"{shown(k, depth + 1, by_text)}: {shown(v, depth + 1, by_text)}" for k, v in value.items()) + "}"
    return repr(value)


def reply(source):
    if source.lstrip("\n")[:1] in (" ", "\t", "\f") and "\n" in source:
        # The server takes lines that are all indented alike.
        raise NoPromise
    tree = ast.parse(source.lstrip(" \t"))
    if not tree.body:
        raise SyntaxError
    scope = dict(SCOPE, MyData=Registry())
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "x", "exec"), scope)
    if last is None:
        return "=", "OK"
    value = eval(compile(ast.Expression(last.value), "x", "eval"), scope)
    try:
        return "=", shown(value) if type(value) in (list, tuple, dict, set, frozenset) else str(value)
    except Unsorted:
        return "≈", shown(value, by_text=True)


def escape(text):
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return "".join(f"\\x{ord(sign):02x}" if ord(sign) < 32 or 127 <= ord(sign) < 160 else sign for sign in text)


def answer(source):
    try:
        sign, text = reply(source)
        text.encode("utf-8")
    except MemoryError:
        return None
    except (NoPromise, RecursionError, UnicodeEncodeError) as error:
        if isinstance(error, UnicodeEncodeError) and error.object is not None and "surrogates" not in error.reason:
            return "!value"
        return None
    except Exception as error:
        return "!" + KINDS.get(type(error).__name__, "value")
    if len(text) > TEXT_MAX or " at 0x" in text:
        return None
    return sign + escape(text)


def child(sources, writer):
    """Answers one after the other; whatever ends this process, the rows before are written."""
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    with os.fdopen(writer, "w", encoding="utf-8") as out:
        for source in sources:
            signal.alarm(2)
            text = answer(source)
            signal.alarm(0)
            out.write((text or "") + "\n")
            out.flush()


def answers(sources):
    """An answer for each source, or None where it took too long or has no promise."""
    done = []
    while len(done) < len(sources):
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reader)
            sys.stderr.close()
            try:
                child(sources[len(done) :], writer)
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8", newline="\n") as lines:
            text = lines.read()
        os.waitpid(process, 0)
        whole = text.split("\n")[:-1]
        done += [line or None for line in whole]
        if len(done) < len(sources):
            # The one that ended the child.
            done.append(None)
    return done


class Others:
    """CPythons with other hash seeds, in which sets of texts have other orders."""

    def __init__(self, count=15):
        self.processes = [
            subprocess.Popen(
                [sys.executable, __file__],
                env=dict(os.environ, PYTHONHASHSEED=str(seed)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for seed in range(1, count + 1)
        ]

    def answers(self, sources):
        """For each source the answers of all."""
        for process in self.processes:
            process.stdin.write(json.dumps(sources).encode() + b"\n")
            process.stdin.flush()
        return list(zip(*[json.loads(process.stdout.readline()) for process in self.processes]))


def has_set(source):
    try:
        nodes = list(ast.walk(ast.parse(source.lstrip(" \t"))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    names = {"set", "frozenset", "keys", "items"}
    return any(
        isinstance(node, (ast.Set, ast.SetComp))
        or (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.Attribute) and node.attr in names)
        for node in nodes
    )


def loses_members(source):
    """Whether a set may have lost members: where others stand then goes by where those stood."""
    try:
        nodes = list(ast.walk(ast.parse(source.lstrip(" \t"))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    methods = {"remove", "discard", "pop", "clear", "difference_update", "symmetric_difference_update", "intersection_update"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in methods)
        or (isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Sub, ast.BitXor, ast.BitAnd)))
        for node in nodes
    )


def judged(sources, others):
    """The answers; `~` stands before one whose order is a set's, and nothing where its value hangs on that order."""
    done = answers(sources)
    with_sets = [place for place, source in enumerate(sources) if has_set(source)]
    for place, again in zip(with_sets, others.answers([sources[place] for place in with_sets])):
        text = done[place]
        if any(text != other for other in again):
            same = all(text and other and text[0] + other[0] == "==" and sorted(text) == sorted(other) for other in again)
            done[place] = "~" + text[1:] if same else None
        elif text and text[0] == "=" and (NAN.search(f"{text} {sources[place]}") or loses_members(sources[place])):
            # Orders that no hash seed shows: by where a NaN lies in memory, which two runs may share by chance, and by
            # what a set has lost.
            done[place] = "~" + text[1:]
    return done


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answers(json.loads(line))), flush=True)
