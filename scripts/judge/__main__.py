#!/usr/bin/env python3
"""Random expressions over all that the language has, each with CPython 3.11's answer.

usage: python3.11 scripts/judge SEED COUNT [FAMILY] > tests/corpus/expressions.tsv

A row is the expression, a tab, and CPython's answer: `=` and what `str()` gives, or `!` and the kind of error. Sets are
compared by value: they are written sorted; behind `≈` stands a value with a set whose members cannot be sorted, which
are written in the order of their texts, and behind `~` an answer whose order is a set's, which CPython does not promise
(another hash seed gives another): any other order of it is as good. In the expression a newline is written as ␤, a tab
as ␉, a return as ␍. What is no promise at all (an address) is left out, and so is a row on which CPython takes more
than two seconds or two gigabytes.

A hundred thousand fresh ones are judged by

    python3.11 scripts/judge $RANDOM 100000 | cargo run --example expression_judge
"""

import os
import sys

if sys.version_info[:2] != (3, 11):
    sys.exit("the answers must come from CPython 3.11, this is %d.%d" % sys.version_info[:2])

if os.environ.get("PYTHONHASHSEED") != "0":
    # So that a seed gives the same rows.
    os.execve(sys.executable, [sys.executable, *sys.argv], dict(os.environ, PYTHONHASHSEED="0"))

from choice import R
from cpython import Others, judged
from families import FAMILIES
from grammar import TYPED
from statements import STATEMENTS
from texts import TEXTS
from wild import WILD

BATCH = 500


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    R.seed(seed)
    families = [*FAMILIES, *TYPED, *STATEMENTS, *TEXTS, *WILD]
    if len(sys.argv) > 3:
        families = [family for family in families if family[0].__name__ == sys.argv[3]]
    makers, weights = [family for family, _ in families], [weight for _, weight in families]
    seen, written, others = set(), 0, Others()
    while written < count:
        batch = []
        while len(batch) < BATCH:
            source = R.choices(makers, weights)[0]()
            if source not in seen and len(source) < 2_000:
                seen.add(source)
                batch.append(source)
        for source, text in zip(batch, judged(batch, others)):
            if text is not None and written < count:
                line = source.replace("\n", "␤").replace("\t", "␉").replace("\r", "␍")
                print(f"{line}\t{text}")
                written += 1


main()
