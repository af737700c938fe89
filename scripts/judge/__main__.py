#!/usr/bin/env python3
"""Random expressions over all that the language has, each with CPython 3.11's answer.

usage: python3.11 scripts/judge SEED COUNT [FAMILY] > tests/corpus/expressions.tsv

A row is the expression, a tab, and `=` with what `str()` gives, or `!` and the kind of error. In the expression a
newline is written as ␤, a tab as ␉, a return as ␍. What is no promise (the order of a set whose members cannot be
sorted, an address) is left out, and so is a row on which CPython takes more than two seconds or two gigabytes.

A hundred thousand fresh ones are judged by

    python3.11 scripts/judge $RANDOM 100000 | cargo run --profile judge --example expression_judge
"""

import sys

if sys.version_info[:2] != (3, 11):
    sys.exit("the answers must come from CPython 3.11, this is %d.%d" % sys.version_info[:2])

from choice import R
from cpython import answers
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
    seen, written = set(), 0
    while written < count:
        batch = []
        while len(batch) < BATCH:
            source = R.choices(makers, weights)[0]()
            if source not in seen and len(source) < 2_000:
                seen.add(source)
                batch.append(source)
        for source, text in zip(batch, answers(batch)):
            if text is not None and written < count:
                line = source.replace("\n", "␤").replace("\t", "␉").replace("\r", "␍")
                print(f"{line}\t{text}")
                written += 1


main()
