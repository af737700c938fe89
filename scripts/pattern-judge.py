#!/usr/bin/env python3
"""Asks CPython's fnmatch about generated patterns: the judge of src/state/pattern.rs.

    scripts/pattern-judge.py COUNT [SEED]

writes COUNT lines `pattern TAB text TAB 0|1` on standard output, with \\t, \\n, \\r and \\\\ escaped. The committed
corpus is `scripts/pattern-judge.py 20000 1 > tests/corpus/fnmatch.tsv`; a fresh million is judged by

    scripts/pattern-judge.py 1000000 $RANDOM | cargo run --quiet --example pattern_judge
"""

import fnmatch
import random
import sys
import warnings

# re warns of possible set operations; fnmatch escapes those that it knows, and the rest are ordinary.
warnings.simplefilter("ignore")

LETTERS = "aabbc"
ODD = "-!]^[\\&~|{},.:/*? äß€😀Z0_\n\té~"
WORDS = ["garden", "soil", "temp", "client", "a.b", "project17", "x"]


def text(rng):
    kind = rng.random()
    if kind < 0.25:
        return ".".join(rng.choice(WORDS) for _ in range(rng.randint(0, 4)))
    pool = LETTERS if kind < 0.6 else LETTERS + ODD
    return "".join(rng.choice(pool) for _ in range(rng.randint(0, 8)))


def seq(rng):
    pool = LETTERS + "-!]^[\\&~|-" if rng.random() < 0.6 else LETTERS + ODD + "--"
    body = "".join(rng.choice(pool) for _ in range(rng.randint(0, 7)))
    return "[" + rng.choice(["", "!", "", "^"]) + body + rng.choice(["]", "]", "]", ""])


def pattern(rng, subject):
    kind = rng.random()
    if kind < 0.45:
        # Made from the text, so that about half of all pairs match.
        parts = []
        index = 0
        while index < len(subject):
            choice = rng.random()
            if choice < 0.15:
                parts.append("*")
                index += rng.randint(0, 3)
            elif choice < 0.25:
                parts.append("?")
                index += 1
            elif choice < 0.5:
                low = chr(max(1, ord(subject[index]) - rng.randint(0, 3)))
                high = chr(ord(subject[index]) + rng.randint(0, 3))
                form = rng.choice(["[%s%s]", "[%s-%s]", "[%s-%sx]", "[!%s-%s]", "[]%s-%s]", "[x-%s-%s]"])
                parts.append(form % (low, high) if rng.random() < 0.85 else form % (high, low))
                index += 1
            else:
                parts.append(subject[index])
                index += 1
        made = "".join(parts) + rng.choice(["", "", "*"])
    elif kind < 0.75:
        made = "".join(seq(rng) if rng.random() < 0.4 else rng.choice("ab*?.*") for _ in range(rng.randint(0, 5)))
    else:
        made = "".join(rng.choice(LETTERS + ODD + "**??[[]]") for _ in range(rng.randint(0, 10)))
    return rng.choice(["", "", "", " ", "  "]) + made[:256] + rng.choice(["", "", "", " "])


def escape(string):
    return string.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def main():
    count = int(sys.argv[1])
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    while count:
        subject = text(rng)
        tried = pattern(rng, subject)
        if any("\ud800" <= character <= "\udfff" for character in tried):
            continue
        matches = fnmatch.fnmatchcase(subject, tried.strip())
        # Most pairs of the kinds made by chance do not match; a fifth of those is enough.
        if not matches and rng.random() < 0.5:
            continue
        print(f"{escape(tried)}\t{escape(subject)}\t{int(matches)}")
        count -= 1


main()
