#!/usr/bin/env python3
"""Writes share-client/tests/data/python_text.txt: what CPython 3.11 prints, for share-client/tests/python_text.rs.

Run by CPython 3.11, from anywhere: python3.11 scripts/python_text.py

Lines: `float BITS REPR`, and three digests (FNV-1a, 64 bits, of UTF-8) of texts too long to keep: `floats`, a hundred
thousand floats of random bits, a line each; `characters`, the repr of every character but the surrogates, a line each;
`bytes`, the repr of every pair of bytes, a line each.
"""

import pathlib
import struct
import sys

if sys.version_info[:2] != (3, 11):
    sys.exit("the table must come from CPython 3.11, this is %d.%d" % sys.version_info[:2])

MASK = (1 << 64) - 1


def random_bits():
    """splitmix64 from 0, as the test has it."""
    state = 0
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        yield mixed ^ (mixed >> 31)


def as_float(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def as_bits(number):
    return struct.unpack("<Q", struct.pack("<d", number))[0]


def digest(lines):
    state = 0xCBF29CE484222325
    for line in lines:
        for byte in (line + "\n").encode("utf-8"):
            state = ((state ^ byte) * 0x100000001B3) & MASK
    return f"{state:016x}"


def chosen():
    """Where the form changes, where shortest digits are hard, and ordinary numbers."""
    yield from (0, as_bits(-0.0), as_bits(float("inf")), as_bits(float("-inf")), as_bits(float("nan")))
    yield from (1, 2, 0x000FFFFFFFFFFFFF, 0x0010000000000000, 0x7FEFFFFFFFFFFFFF)
    for exponent in range(-330, 310, 4):
        yield as_bits(float(f"1e{exponent}"))
        yield as_bits(float(f"-9.5e{exponent}"))
    for exponent in range(-8, 20):
        edge = as_bits(float(f"1e{exponent}"))
        yield from (edge - 1, edge, edge + 1, as_bits(1.25 * 10.0**exponent))
    for power in range(0, 64):
        yield as_bits(2.0**power)
        yield as_bits(2.0**-power)
    for tenth in range(0, 300):
        yield as_bits(tenth / 10)
        yield as_bits(tenth * 0.7)
    source = random_bits()
    for _ in range(500):
        yield next(source)
    for _ in range(300):  # between 0.001 and 1,000,000, where measurements are
        yield as_bits((next(source) >> 11) * 2.0**-53 * 10.0 ** (next(source) % 9 - 3))


def main():
    source = random_bits()
    rows = [f"float {bits:016x} {as_float(bits)!r}" for bits in dict.fromkeys(chosen())]
    characters = (code for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    rows.append("floats " + digest(repr(as_float(next(source))) for _ in range(100_000)))
    rows.append("characters " + digest(repr(chr(code)) for code in characters))
    rows.append("bytes " + digest(repr(bytes((a, b))) for a in range(256) for b in range(256)))
    root = pathlib.Path(__file__).resolve().parent.parent
    target = root / "share-client/tests/data/python_text.txt"
    target.write_text("\n".join(rows) + "\n", encoding="utf-8")


main()
